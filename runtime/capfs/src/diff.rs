//! Changed texts as unified diffs, under the session's names.

mod lines;

use cap_std::fs::File;
use rustix::io::{pread, retry_on_intr};
use similar::{DiffOp, group_diff_ops};
use std::fmt::Write as _;

/// Bytes of a text that is compared line by line. A larger one is only said to differ.
pub(crate) const TEXT: u64 = 1 << 20;

/// Bytes of all diffs that are given at a time.
pub(crate) const TOTAL: usize = 256 << 10;

/// Lines around a change that are shown with it.
const AROUND: usize = 3;

/// What is in a file, as far as a diff can show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// There is no file.
    Missing,
    /// A text of at most [`TEXT`] bytes.
    Text(String),
    /// Something else, or too large, of so many bytes.
    Opaque(u64),
}

impl Body {
    /// These bytes, which are all that the file has. Bytes that are not UTF-8, or with a NUL, are no text.
    pub(crate) fn of(bytes: Vec<u8>) -> Self {
        let size = bytes.len() as u64;
        match String::from_utf8(bytes) {
            Ok(text) if size <= TEXT && !text.contains('\0') => Self::Text(text),
            _ => Self::Opaque(size),
        }
    }

    /// The text. Nothing at all is an empty one.
    fn text(&self) -> Option<&str> {
        match self {
            Self::Missing => Some(""),
            Self::Text(text) => Some(text),
            Self::Opaque(_) => None,
        }
    }

    /// Bytes.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::Missing => 0,
            Self::Text(text) => text.len() as u64,
            Self::Opaque(size) => *size,
        }
    }
}

/// What is in a file that is open.
pub(crate) fn body_of(file: &File) -> Body {
    let size = || file.metadata().map_or(0, |metadata| metadata.len());
    bytes_of(file, TEXT).map_or_else(|| Body::Opaque(size()), Body::of)
}

/// All bytes of a file that is open. None when they are more than `most`, or cannot be read.
pub(crate) fn bytes_of(file: &File, most: u64) -> Option<Vec<u8>> {
    let size = file.metadata().ok()?.len();
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(most)).ok()?);
    let mut buffer = [0; 16 << 10];
    loop {
        // Others may write to it: what was its size a moment ago is not what ends this.
        let offset = bytes.len() as u64;
        if size > most || offset > most {
            return None;
        }
        match retry_on_intr(|| pread(file, &mut buffer[..], offset)).ok()? {
            0 => return Some(bytes),
            read => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

/// How many lines are new and how many are gone. None when one of them is no text.
pub(crate) fn count(old: &Body, new: &Body) -> Option<(u64, u64)> {
    let (old, new) = (lines::split(old.text()?), lines::split(new.text()?));
    let mut counts = (0, 0);
    for op in lines::compare(&old, &new) {
        if !matches!(op, DiffOp::Equal { .. }) {
            counts.0 += op.new_range().len() as u64;
            counts.1 += op.old_range().len() as u64;
        }
    }
    Some(counts)
}

/// The diff of a file that was called `from` and is called `to` (`/workspace/src/x`). Empty when both are the same in name and
/// contents.
pub(crate) fn file(from: &str, old: &Body, to: &str, new: &Body) -> String {
    let mut out = String::new();
    if from != to {
        out += &format!("rename from {}\nrename to {}\n", shown(from), shown(to));
    }
    if old == new && !matches!(old, Body::Opaque(_)) {
        return out;
    }
    let name = |side: &str, name: &str, body: &Body| match body {
        Body::Missing => "/dev/null".to_owned(),
        _ => format!("{side}{}", shown(name)),
    };
    let (from, to) = (name("a", from, old), name("b", to, new));
    let (Some(before), Some(after)) = (old.text(), new.text()) else {
        out += &format!(
            "{from} and {to} differ: no text, or too large to compare ({} and {} bytes)\n",
            old.size(),
            new.size()
        );
        return out;
    };
    out += &format!("--- {from}\n+++ {to}\n");
    hunks(&mut out, before, after);
    out
}

/// A sentence about a name that is no file, in a form that no diff program takes for something else.
pub(crate) fn note(what: &str, path: &str) -> String {
    format!("{what} {}\n", shown(path))
}

fn hunks(out: &mut String, old: &str, new: &str) {
    let (old, new) = (lines::split(old), lines::split(new));
    for group in group_diff_ops(lines::compare(&old, &new), AROUND) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
            continue;
        };
        let span = |start: usize, end: usize| match end - start {
            // Nothing: after which line.
            0 => format!("{start},0"),
            1 => format!("{}", start + 1),
            count => format!("{},{count}", start + 1),
        };
        let _ = writeln!(
            out,
            "@@ -{} +{} @@",
            span(first.old_range().start, last.old_range().end),
            span(first.new_range().start, last.new_range().end),
        );
        for op in &group {
            if let DiffOp::Equal { .. } = op {
                put(out, ' ', &old[op.old_range()]);
            } else {
                put(out, '-', &old[op.old_range()]);
                put(out, '+', &new[op.new_range()]);
            }
        }
    }
}

fn put(out: &mut String, sign: char, lines: &[&str]) {
    for line in lines {
        out.push(sign);
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// A name on one line: what would end the line, or move about on it, is written out.
fn shown(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for character in name.chars() {
        if character.is_control() {
            out.extend(character.escape_default());
        } else {
            out.push(character);
        }
    }
    out
}

/// Diffs, one after the other, up to [`TOTAL`].
#[derive(Debug, Default)]
pub(crate) struct Diffs {
    text: String,
    left_out: usize,
}

impl Diffs {
    /// Whether no more is shown, so that what is not asked for need not be read.
    pub(crate) fn is_full(&self) -> bool {
        self.left_out > 0
    }

    /// One more. What does not fit is cut at a line.
    pub(crate) fn push(&mut self, diff: &str) {
        let room = TOTAL - self.text.len();
        if self.is_full() || diff.len() > room {
            self.left_out += 1;
        }
        if self.left_out <= 1 {
            let cut = if diff.len() <= room {
                diff.len()
            } else {
                diff.as_bytes()[..room]
                    .iter()
                    .rposition(|byte| *byte == b'\n')
                    .map_or(0, |end| end + 1)
            };
            self.text.push_str(&diff[..cut]);
        }
    }

    /// One that is not even looked at.
    pub(crate) fn skip(&mut self) {
        self.left_out += 1;
    }

    /// All of them, with a last line that says what is not there.
    pub(crate) fn finish(mut self) -> String {
        if self.left_out > 0 {
            let _ = writeln!(
                self.text,
                "(cut at {} KiB: {} more changes are not shown, or not whole)",
                TOTAL >> 10,
                self.left_out
            );
        }
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Body {
        Body::of(text.into())
    }

    #[test]
    fn unified() {
        let old = text("1\n2\n3\n4\n5\n6\n7\n8\n9\n");
        let new = text("1\n2\n3\n4\nfive\n6\n7\n8\n9");
        assert_eq!(
            file("/w/x", &old, "/w/x", &new),
            "--- a/w/x\n+++ b/w/x\n@@ -2,8 +2,8 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n-9\n+9\n\\ No newline at end of file\n"
        );
        assert_eq!(count(&old, &new), Some((2, 2)));
    }

    #[test]
    fn made_and_gone() {
        let new = text("a\nb\n");
        assert_eq!(
            file("/w/x", &Body::Missing, "/w/x", &new),
            "--- /dev/null\n+++ b/w/x\n@@ -0,0 +1,2 @@\n+a\n+b\n"
        );
        assert_eq!(
            file("/w/x", &new, "/w/x", &Body::Missing),
            "--- a/w/x\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n"
        );
        assert_eq!(count(&Body::Missing, &new), Some((2, 0)));
        assert_eq!(
            file("/w/x", &Body::Missing, "/w/x", &text("")),
            "--- /dev/null\n+++ b/w/x\n"
        );
    }

    #[test]
    fn renamed() {
        let same = text("a\n");
        assert_eq!(
            file("/w/x", &same, "/w/y", &same),
            "rename from /w/x\nrename to /w/y\n"
        );
        assert_eq!(
            file("/w/x", &same, "/w/y", &text("b\n")),
            "rename from /w/x\nrename to /w/y\n--- a/w/x\n+++ b/w/y\n@@ -1 +1 @@\n-a\n+b\n"
        );
        assert_eq!(file("/w/x", &same, "/w/x", &same), "");
    }

    #[test]
    fn no_text_is_one_line() {
        let large = Body::of(vec![b'a'; (TEXT + 1) as usize]);
        for opaque in [Body::of(vec![0]), Body::of(vec![0xff]), large] {
            let diff = file("/w/x", &opaque, "/w/x", &text("a\n"));
            assert!(diff.starts_with("a/w/x and b/w/x differ"), "{diff}");
            assert_eq!(diff.lines().count(), 1);
            assert_eq!(count(&opaque, &text("a")), None);
        }
    }

    #[test]
    fn a_name_cannot_make_lines() {
        let diff = file("/w/x\n+++ b/y", &Body::Missing, "/w/x\n+++ b/y", &text("a"));
        assert!(diff.contains("+++ b/w/x\\n+++ b/y\n"), "{diff}");
    }

    #[test]
    fn all_together_are_bounded() {
        let line = format!("{}\n", "x".repeat(1023));
        let mut diffs = Diffs::default();
        for _ in 0..256 {
            diffs.push(&line);
        }
        assert!(!diffs.is_full(), "exactly the limit fits");
        diffs.push("ä\nmore");
        assert!(diffs.is_full());
        diffs.push("small");
        diffs.skip();
        let text = diffs.finish();
        assert!(!text.contains("small") && !text.contains('ä'));
        assert!(text.ends_with("(cut at 256 KiB: 3 more changes are not shown, or not whole)\n"));
    }
}
