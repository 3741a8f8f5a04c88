//! `replace`: text that must be there exactly as given, and once.

use bailiwick_guest::note::{Note, count, grouped};
use bailiwick_guest::{EditFile, File, ToolError};

use crate::argument::{self, bad};
use crate::bindings::exports::bailiwick::edit::edit::Edited;
use crate::edited::edited;
use crate::lines::{number, with_ending};
use crate::nearest::{Of, nearest};
use crate::text::{self, MAX, Text};

/// How many places are named when there are too many.
const NAMED: usize = 10;

/// Puts `new` where `old` is in `file`: in the one place, or in `all`.
pub(crate) fn replace(
    file: &impl EditFile,
    old: &str,
    new: &str,
    all: bool,
) -> Result<Edited, ToolError> {
    if old.is_empty() {
        return Err(bad("old", "it is empty")
            .hint("give the text to replace; insert adds lines, and write writes a whole file"));
    }
    argument::text("new", new)?;
    let reader = file.as_read();
    let name = reader.name();
    let text = text::load(&reader, &name)?;
    let (old, new) = (text.unmarked(old), text.unmarked(new));
    if old == new || old.is_empty() {
        return Err(bad("new", "it is the same as old").hint("nothing would change"));
    }
    let body = text.body.as_str();
    let pattern = Pattern::new(body, old);
    let found = pattern.count();
    if found == 0 {
        return Err(no_match(&name, body, old));
    }
    if !all && (found > 1 || pattern.overlaps()) {
        return Err(many_matches(&name, body, &pattern, found));
    }
    let changed = exchanged(&name, &text, &pattern, new)?;
    if changed == *body {
        return Err(
            bad("new", "it is the same as old, but for its line endings")
                .hint("the file keeps its own; give old with its `\\r\\n` to change them"),
        );
    }
    text::save(file, &name, &text, &changed)?;
    let mut reply = edited(&name, body, &changed, Note::default());
    reply.count = Some(u32::try_from(found).unwrap_or(u32::MAX));
    Ok(reply)
}

/// The text that is looked for, in a text.
struct Pattern<'a> {
    body: &'a str,
    old: &'a str,
    /// The body with `\n` for each `\r\n`, and where a `\r` was left out: before these bytes of it. None when the two are compared
    /// as they are.
    plain: Option<(String, Vec<usize>)>,
}

impl<'a> Pattern<'a> {
    fn new(body: &'a str, old: &'a str) -> Self {
        let folds = !old.contains('\r') && body.contains("\r\n");
        Self {
            body,
            old,
            plain: folds.then(|| folded(body)),
        }
    }

    fn haystack(&self) -> &str {
        self.plain.as_ref().map_or(self.body, |(plain, _)| plain)
    }

    fn count(&self) -> usize {
        self.haystack().matches(self.old).count()
    }

    /// Whether the first match shares text with another, `aa` in `aaa`: then it is as little clear which is meant.
    fn overlaps(&self) -> bool {
        let haystack = self.haystack();
        let Some(first) = haystack.find(self.old) else {
            return false;
        };
        let step = self.old.chars().next().map_or(1, char::len_utf8);
        haystack[first + step..].contains(self.old)
    }

    /// Where the text is in the body, from the first on, without overlaps.
    fn places(&self) -> impl Iterator<Item = (usize, usize)> {
        let cuts: &[usize] = self.plain.as_ref().map_or(&[], |(_, cuts)| cuts);
        let mut before = 0;
        self.haystack().match_indices(self.old).map(move |(at, _)| {
            let end = at + self.old.len();
            before += cuts[before..].partition_point(|&cut| cut < at);
            let within = cuts[before..].partition_point(|&cut| cut < end);
            (at + before, end + before + within)
        })
    }
}

/// The body with `\n` for each `\r\n`, and where those `\n` are in it.
fn folded(body: &str) -> (String, Vec<usize>) {
    let mut plain = String::with_capacity(body.len());
    let mut cuts = Vec::new();
    let mut rest = body;
    while let Some(at) = rest.find("\r\n") {
        plain.push_str(&rest[..at]);
        cuts.push(plain.len());
        plain.push('\n');
        rest = &rest[at + 2..];
    }
    plain.push_str(rest);
    (plain, cuts)
}

/// The body with `new` in all places of the pattern. A new line gets what ends lines there, unless `new` says what ends them.
fn exchanged(
    name: &str,
    text: &Text,
    pattern: &Pattern<'_>,
    new: &str,
) -> Result<String, ToolError> {
    let body = pattern.body;
    let adapts = pattern.plain.is_some() && new.contains('\n') && !new.contains('\r');
    let other = adapts.then(|| with_ending(new, "\r\n"));
    let mut changed = String::with_capacity(body.len());
    let mut done = 0;
    let mut nearby = Nearby::default();
    for (start, end) in pattern.places() {
        changed.push_str(&body[done..start]);
        changed.push_str(match &other {
            Some(other) if nearby.is_crlf(body, start) => other,
            _ => new,
        });
        done = end;
        if changed.len() as u64 > MAX {
            // It says how large it would be only as far as is known.
            return text.bytes(changed, name).map(|_| String::new());
        }
    }
    changed.push_str(&body[done..]);
    Ok(changed)
}

/// What ends the line at a place: that of the line itself, or of the one before where the last has none. Places come in order.
#[derive(Default)]
struct Nearby {
    /// Up to where the answer holds.
    until: usize,
    is_crlf: bool,
}

impl Nearby {
    fn is_crlf(&mut self, body: &str, at: usize) -> bool {
        if at < self.until {
            return self.is_crlf;
        }
        if let Some(end) = body[at..].find('\n').map(|end| at + end) {
            self.until = end + 1;
            self.is_crlf = end > 0 && body.as_bytes()[end - 1] == b'\r';
        } else {
            self.until = usize::MAX;
            self.is_crlf = body
                .rfind('\n')
                .is_some_and(|end| body[..end].ends_with('\r'));
        }
        self.is_crlf
    }
}

fn no_match(name: &str, body: &str, old: &str) -> ToolError {
    let error =
        |what: String| ToolError::new("no-match", format!("old: it is not in {name}{what}"));
    if body.is_empty() {
        return error(", which is empty".into()).hint("write or insert gives it text");
    }
    let Some(near) = nearest(body, old, Of::Old) else {
        return error(", nor anything like it".into())
            .hint("read the file, and give old as it is there, with its whitespace");
    };
    error(format!("; the nearest is {}", near.place())).hint(near.text())
}

fn many_matches(name: &str, body: &str, pattern: &Pattern<'_>, found: usize) -> ToolError {
    let mut numbers: Vec<usize> = pattern
        .places()
        .take(NAMED)
        .map(|(start, _)| number(body, start))
        .collect();
    let times = match found {
        1 => "more than once, overlapping".to_owned(),
        found => count(found as u64, "time", "times"),
    };
    numbers.dedup();
    let on = match &numbers[..] {
        [one] => format!("line {one}"),
        many => format!(
            "lines {}",
            many.iter()
                .map(|&line| grouped(line as u64))
                .collect::<Vec<_>>()
                .join(", ")
        ),
    };
    let more = match found.saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {} more", grouped(more as u64)),
    };
    ToolError::new(
        "many-matches",
        format!("old: it is in {name} {times}, on {on}{more}"),
    )
    .hint("give more of the text around the one that is meant, or `all`: true for every one")
}

#[cfg(test)]
mod tests;
