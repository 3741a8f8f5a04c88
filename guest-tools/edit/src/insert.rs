//! `insert`: lines between lines.

use bailiwick_guest::note::{Note, count, grouped};
use bailiwick_guest::{EditFile, File, ToolError};

use crate::argument::{self, bad};
use crate::bindings::exports::bailiwick::edit::edit::Edited;
use crate::edited::edited;
use crate::lines::{ending, with_ending};
use crate::text;

/// Puts the lines of `new` before line `line` of `file`; at the end when there is none.
pub(crate) fn insert(
    file: &impl EditFile,
    new: &str,
    line: Option<u32>,
) -> Result<Edited, ToolError> {
    if new.is_empty() {
        return Err(bad("text", "it is empty").hint("`\\n` inserts an empty line"));
    }
    argument::text("text", new)?;
    let reader = file.as_read();
    let name = reader.name();
    let text = text::load(&reader, &name)?;
    let body = text.body.as_str();
    let at = match line {
        Some(line) => place(&name, body, line)?,
        None => body.len(),
    };
    let changed = inserted(body, at, text.unmarked(new));
    text::save(file, &name, &text, &changed)?;
    Ok(edited(&name, body, &changed, Note::default()))
}

/// Where line `line` begins.
fn place(name: &str, body: &str, line: u32) -> Result<usize, ToolError> {
    let before = line.saturating_sub(1) as usize;
    let starts = body.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some(start)
    });
    let mut count_of = 0;
    for start in starts {
        if count_of == before {
            return Ok(start);
        }
        count_of += 1;
    }
    if count_of == before {
        return Ok(body.len());
    }
    let message = format!(
        "line: {name} has {}, and {} was asked for",
        count(count_of as u64, "line", "lines"),
        grouped(u64::from(line)),
    );
    let hint = format!(
        "give line {} or less, or leave it out for the end",
        count_of + 1
    );
    Err(ToolError::new("past-end", message).hint(hint))
}

/// The body with lines at `at`, which is the beginning of a line or the end.
fn inserted(body: &str, at: usize, new: &str) -> String {
    let end = match body[at..].find('\n') {
        Some(next) if body[..at + next].ends_with('\r') => "\r\n",
        Some(_) => "\n",
        None => ending(body),
    };
    // Lines that say what ends them are taken by their word.
    let lines = match new.contains('\r') {
        true => new.to_owned(),
        false => with_ending(new, end),
    };
    let (before, after) = body.split_at(at);
    let mut changed = String::with_capacity(body.len() + lines.len() + 4);
    changed.push_str(before);
    // A last line without an end gets one, and the new last line has none if it was given so.
    let open = !before.is_empty() && !before.ends_with('\n');
    if open {
        changed.push_str(end);
    }
    changed.push_str(&lines);
    if !lines.ends_with('\n') && !open {
        changed.push_str(end);
    }
    changed.push_str(after);
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;

    fn run(text: &str, new: &str, line: Option<u32>) -> Result<String, ToolError> {
        let tree = Tree::new("/w").file("a", text);
        let reply = insert(&tree.write("a"), new, line);
        reply.map(|reply| {
            assert!(reply.added > 0 && reply.diff.is_some());
            tree.text("a")
        })
    }

    #[test]
    fn lines_go_before_a_line() {
        let table = [
            ("a\nb\n", "x", Some(0), "x\na\nb\n"),
            ("a\nb\n", "x", Some(1), "x\na\nb\n"),
            ("a\nb\n", "x\n", Some(2), "a\nx\nb\n"),
            ("a\nb\n", "x\ny", Some(2), "a\nx\ny\nb\n"),
            ("a\nb\n", "x", Some(3), "a\nb\nx\n"),
            ("a\nb\n", "x", None, "a\nb\nx\n"),
            ("a\nb", "x", None, "a\nb\nx"),
            ("a\nb", "x\n", Some(3), "a\nb\nx\n"),
            ("a\nb", "x", Some(2), "a\nx\nb"),
            ("", "x", None, "x\n"),
            ("", "x\n", Some(1), "x\n"),
            ("", "x", Some(0), "x\n"),
            ("a\n", "\n", Some(1), "\na\n"),
            ("a\r\nb\r\n", "x\ny", Some(2), "a\r\nx\r\ny\r\nb\r\n"),
            ("a\r\nb", "x", None, "a\r\nb\r\nx"),
            ("a\r\nb\n", "x", Some(2), "a\r\nx\nb\n"),
            ("a\r\n", "x\n", None, "a\r\nx\r\n"),
            ("a\n", "x\r\n", None, "a\nx\r\n"),
            ("\u{FEFF}a\n", "x", Some(1), "\u{FEFF}x\na\n"),
            ("\u{FEFF}", "\u{FEFF}x", Some(1), "\u{FEFF}x\n"),
        ];
        for (text, new, line, expected) in table {
            let changed = run(text, new, line);
            assert_eq!(changed.as_deref(), Ok(expected), "{line:?} of {text:?}");
        }
    }

    #[test]
    fn past_the_end_says_how_many_lines_there_are() {
        let error = run("a\nb\n", "x", Some(4)).expect_err("there are two");
        assert_eq!(error.code, "past-end");
        assert_eq!(error.message, "line: /w/a has 2 lines, and 4 was asked for");
        let hint = "give line 3 or less, or leave it out for the end";
        assert_eq!(error.hint.as_deref(), Some(hint));
        assert_eq!(run("", "x", Some(2)).expect_err("none").code, "past-end");
    }

    #[test]
    fn nothing_and_a_nul_are_refused() {
        for text in ["", "\0"] {
            assert_eq!(run("a", text, None).expect_err("no").code, "bad-argument");
        }
    }

    #[test]
    fn a_missing_file_is_not_created() {
        let tree = Tree::new("/w");
        let error = insert(&tree.write("a"), "x", None).expect_err("it is missing");
        assert_eq!(error.code, "no-entry");
        assert!(!tree.has("a"));
    }
}
