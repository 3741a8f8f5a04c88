//! `read`: some lines of a file. The file is read in order, in chunks, and only the page is kept.

use std::io::{self, BufRead};

use bailiwick_guest::note::{Note, count, grouped};
use bailiwick_guest::{At, FileReader, ReadAt, ToolError};
use memchr::{memchr, memchr_iter};

use crate::bindings::exports::bailiwick::files::files::Lines;
use crate::text;

/// How many lines a page has when the caller does not say.
const PAGE_LINES: u32 = 400;
/// How many bytes of text a page has at most.
const PAGE_BYTES: usize = 20_000;
/// How many bytes of one line are shown at most.
const LINE_BYTES: usize = 2_000;
/// A NUL in so many bytes from the beginning says that the file is binary.
const PROBE_BYTES: usize = 8 * 1024;
/// How many cut lines a note names.
const NAMED: usize = 5;

/// The lines of `file`, which is called `name`, from `from_line` on.
pub(crate) fn read(
    file: impl ReadAt,
    name: &str,
    from_line: Option<u32>,
    max_lines: Option<u32>,
) -> Result<Lines, ToolError> {
    let first = positive("from_line", from_line.unwrap_or(1))?;
    let max = positive("max_lines", max_lines.unwrap_or(PAGE_LINES))?;
    let mut reader = FileReader::new(file);
    let start = reader.fill_buf().at(|| name)?;
    let empty = start.is_empty();
    let is_binary = memchr(0, &start[..start.len().min(PROBE_BYTES)]).is_some();
    let size = reader.size();
    if is_binary {
        return Err(binary(name, size));
    }
    let before = skip(&mut reader, u64::from(first) - 1).at(|| name)?;
    let page = page(&mut reader, u64::from(first), max).at(|| name)?;
    if page.count == 0 && !(empty && first == 1) {
        return Err(past_end(name, first, before));
    }

    let mut note = Note::default();
    if empty {
        note.say("the file is empty");
    }
    if let Some(next) = page.next {
        let full = match page.full {
            true => format!("the page ends after {} bytes; ", grouped(PAGE_BYTES as u64)),
            false => String::new(),
        };
        note.say(format!("{full}the file goes on: from_line {next}"));
    }
    if !page.cut.is_empty() {
        note.say(cut_lines(&page.cut));
    }
    if page.lossy {
        note.say("bytes that are not UTF-8 are shown as U+FFFD");
    }
    Ok(Lines {
        path: name.to_owned(),
        from_line: first,
        count: page.count,
        text: page.text,
        size,
        next_line: page.next,
        note: note.finish(),
    })
}

/// `value`, which must not be 0.
fn positive(argument: &str, value: u32) -> Result<u32, ToolError> {
    if value > 0 {
        return Ok(value);
    }
    Err(
        ToolError::new("bad-argument", format!("{argument}: 0 is out of range"))
            .hint(format!("give {argument} 1 or more, or leave it out")),
    )
}

fn binary(name: &str, size: u64) -> ToolError {
    let size = count(size, "byte", "bytes");
    ToolError::new("binary-file", format!("{name}: a binary file of {size}"))
        .hint("only text can be read here; take a tool that is made for this kind of file")
}

fn past_end(name: &str, first: u32, lines: u64) -> ToolError {
    let message = format!(
        "from_line: {name} has {}, and {} was asked for",
        count(lines, "line", "lines"),
        grouped(u64::from(first)),
    );
    let hint = match lines {
        0 => "the file is empty".to_owned(),
        _ => format!("give from_line {lines} or less"),
    };
    ToolError::new("past-end", message).hint(hint)
}

/// `line 7 is longer than 2,000 bytes and is cut`.
fn cut_lines(lines: &[u64]) -> String {
    let named = lines.iter().take(NAMED).map(u64::to_string);
    let named = named.collect::<Vec<_>>().join(", ");
    let more = match lines.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let max = grouped(LINE_BYTES as u64);
    match lines.len() {
        1 => format!("line {named} is longer than {max} bytes and is cut"),
        _ => format!("lines {named}{more} are longer than {max} bytes and are cut"),
    }
}

/// Skip `lines` lines, or all there are. Says how many there were to skip.
fn skip(reader: &mut impl BufRead, lines: u64) -> io::Result<u64> {
    let mut skipped = 0;
    // Whether what was skipped ends within a line.
    let mut inside = false;
    while skipped < lines {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            return Ok(skipped + u64::from(inside));
        }
        // Counting alone is several times as fast as visiting each line.
        let found = memchr_iter(b'\n', bytes).count() as u64;
        let taken = if skipped + found < lines {
            skipped += found;
            inside = !bytes.ends_with(b"\n");
            bytes.len()
        } else {
            let last = (lines - skipped - 1) as usize;
            skipped = lines;
            memchr_iter(b'\n', bytes)
                .nth(last)
                .map_or(bytes.len(), |at| at + 1)
        };
        reader.consume(taken);
    }
    Ok(skipped)
}

/// Some lines, as they are shown.
#[derive(Default)]
struct Page {
    count: u32,
    text: String,
    /// The line after the page, when there is one.
    next: Option<u32>,
    /// Whether the page ends because no more text fits.
    full: bool,
    /// The numbers of the lines that were cut.
    cut: Vec<u64>,
    lossy: bool,
}

/// The next lines of `reader`, of which the first has the number `first`.
fn page(reader: &mut impl BufRead, first: u64, max: u32) -> io::Result<Page> {
    let mut page = Page::default();
    let mut line = Vec::new();
    let next = |count: u32| u32::try_from(first + u64::from(count)).ok();
    while page.count < max {
        line.clear();
        let Some(length) = next_line(reader, &mut line)? else {
            return Ok(page);
        };
        let start = page.text.len();
        let lossy = text::push(&mut page.text, &line);
        if page.text.len() > PAGE_BYTES && page.count > 0 {
            page.text.truncate(start);
            page.full = true;
            page.next = next(page.count);
            return Ok(page);
        }
        page.lossy |= lossy;
        if length > line.len() as u64 {
            page.cut.push(first + u64::from(page.count));
        }
        page.count += 1;
    }
    if !reader.fill_buf()?.is_empty() {
        page.next = next(page.count);
    }
    Ok(page)
}

/// Append the next line to `line`, with what ends it, cut after [`LINE_BYTES`]. Says how long the whole line is; none
/// at the end.
fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<u64>> {
    let mut length = 0;
    let mut last = 0;
    loop {
        let bytes = reader.fill_buf()?;
        let Some(&end) = bytes.last() else { break };
        let found = memchr(b'\n', bytes);
        let taken = found.map_or(bytes.len(), |at| at + 1);
        // One byte too many is kept, so that the cut below sees whether it splits a character.
        let room = (LINE_BYTES + 1).saturating_sub(line.len()).min(taken);
        line.extend_from_slice(&bytes[..room]);
        length += taken as u64;
        last = found.map_or(end, |_| b'\n');
        reader.consume(taken);
        if found.is_some() {
            break;
        }
    }
    if length == 0 {
        return Ok(None);
    }
    // What ends a line does not count towards its length.
    let whole = length - u64::from(last == b'\n');
    if whole > LINE_BYTES as u64 {
        line.truncate(text::cut(line, LINE_BYTES).len());
        if last == b'\n' {
            line.push(b'\n');
        }
    }
    Ok(Some(length))
}

#[cfg(test)]
mod tests;
