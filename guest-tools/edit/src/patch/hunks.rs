//! A text with hunks applied.

use bailiwick_guest::note::{count, grouped};

use super::fit::{self, Fit, bare};
use super::parse::{Hunk, Sign};
use crate::lines::{Line, ending, lines};

/// A text with all hunks applied.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Patched {
    pub(super) body: String,
    pub(super) added: u32,
    pub(super) removed: u32,
    /// What is to say about hunks that did not fit as they were written.
    pub(super) notes: Vec<String>,
}

/// Applies the hunks to `body`, in order.
///
/// # Errors
///
/// The places in `hunks` of those that fit nowhere, when there are any.
pub(super) fn apply(body: &str, hunks: &[Hunk<'_>]) -> Result<Patched, Vec<usize>> {
    let file = lines(body);
    let default = ending(body);
    let mut work = Work {
        file: &file,
        lines: Vec::with_capacity(file.len()),
        done: 0,
        default,
        stays_open: false,
    };
    let (mut added, mut removed, mut notes, mut failed) = (0, 0, Vec::new(), Vec::new());
    // How many lines further down than they say the hunks are.
    let mut offset = 0_isize;
    for (i, hunk) in hunks.iter().enumerate() {
        let start = start(hunk);
        let guess = start.saturating_add_signed(offset);
        let Some(fit) = fit::fit(&file, work.done, guess, hunk) else {
            failed.push(i);
            continue;
        };
        let at = fit.at as isize - fit.ignored.0 as isize;
        offset = at - start as isize;
        notes.extend(note(i + 1, hunk, &fit, offset, at != guess as isize));
        work.apply(hunk, &fit);
        let many = |sign| hunk.lines.iter().filter(|line| line.sign == sign).count() as u32;
        added += many(Sign::New);
        removed += many(Sign::Old);
    }
    if !failed.is_empty() {
        return Err(failed);
    }
    Ok(Patched {
        body: work.finish(),
        added,
        removed,
        notes,
    })
}

/// Where the hunk says that its first line is, from 0.
fn start(hunk: &Hunk<'_>) -> usize {
    match fit::old(hunk).next() {
        Some(_) => hunk.start.saturating_sub(1),
        // Without old lines, it goes after the one that it names.
        None => hunk.start,
    }
}

/// `hunk 2: at line 15, 3 lines further down, with fuzz 1`.
fn note(number: usize, hunk: &Hunk<'_>, fit: &Fit, offset: isize, moved: bool) -> Option<String> {
    let mut parts = Vec::new();
    if offset != 0 {
        let way = if offset > 0 { "down" } else { "up" };
        let lines = count(offset.unsigned_abs() as u64, "line", "lines");
        let line = grouped((fit.at - fit.ignored.0.min(fit.at) + 1) as u64);
        parts.push(format!(
            "at line {line}, {lines} further {way} than it says"
        ));
    }
    if fit.fuzz > 0 {
        let ignored = fit.ignored.0 + fit.ignored.1;
        let lines = count(ignored as u64, "line", "lines");
        parts.push(format!(
            "with fuzz {}: {lines} of context ignored",
            fit.fuzz
        ));
    }
    if moved && fit.others > 0 {
        let places = count(fit.others as u64, "other place", "other places");
        parts.push(format!("it also fits in {places}"));
    }
    if hunk.miscounts {
        parts.push("its header counts other lines than it has".to_owned());
    }
    (!parts.is_empty()).then(|| format!("hunk {number}: {}", parts.join("; ")))
}

/// The new lines, as far as they are known.
struct Work<'f, 'a> {
    file: &'f [Line<'a>],
    lines: Vec<Line<'a>>,
    /// How many lines of the file are done.
    done: usize,
    /// What ends a line that has nothing near it.
    default: &'static str,
    /// Whether the last line stays without a newline although the patch does not say so: it did not say that the old one has none.
    stays_open: bool,
}

impl<'a> Work<'_, 'a> {
    fn apply(&mut self, hunk: &Hunk<'a>, fit: &Fit) {
        self.lines.extend(&self.file[self.done..fit.at]);
        // Whether the hunk knows of `\r`; if not, new lines get what ends lines there.
        let knows = fit::old(hunk).any(|line| line.text.ends_with('\r'));
        let near = self.file.get(fit.at).or(self.file.last());
        let near = match near.map(|line| line.end) {
            Some("") | None => self.default,
            Some(end) => end,
        };
        let end = if knows { "\n" } else { near };
        let mut at = fit.at;
        let shown = fit.ignored.0..hunk.lines.len() - fit.ignored.1;
        let mut says_open = false;
        for line in &hunk.lines[shown] {
            match line.sign {
                Sign::Both => {
                    self.lines.extend(self.file.get(at));
                    at += 1;
                }
                Sign::Old => {
                    says_open |= line.open;
                    at += 1;
                }
                Sign::New => self.lines.push(Line {
                    text: bare(line.text),
                    end: match (line.open, line.text.ends_with('\r')) {
                        (true, _) => "",
                        (false, true) => "\r\n",
                        (false, false) => end,
                    },
                }),
            }
        }
        self.done = at;
        let was_open = self.file.last().is_some_and(|line| line.end.is_empty());
        let ends_new = hunk.lines.last().is_some_and(|line| line.sign == Sign::New);
        let removes = hunk.lines.iter().any(|line| line.sign == Sign::Old);
        self.stays_open = was_open && at == self.file.len() && ends_new && removes && !says_open;
    }

    fn finish(mut self) -> String {
        self.lines.extend(&self.file[self.done..]);
        let mut body = String::new();
        let last = self.lines.len().saturating_sub(1);
        for (i, line) in self.lines.iter().enumerate() {
            body.push_str(line.text);
            body.push_str(match line.end {
                "" if i < last => self.default,
                _ if i == last && self.stays_open => "",
                end => end,
            });
        }
        body
    }
}

#[cfg(test)]
mod tests;
