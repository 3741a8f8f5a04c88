//! `write`: all of a file.

use bailiwick_guest::fs::read::{ErrorCode, Stat};
use bailiwick_guest::fs::write::Expect;
use bailiwick_guest::note::{Note, count};
use bailiwick_guest::{At, EditFile, File, ToolError};

use crate::argument;
use crate::bindings::exports::bailiwick::edit::edit::Edited;
use crate::edited::edited;
use crate::lines;
use crate::text::{self, BINARY, TOO_LARGE, Text};

/// Gives `file` the text `content`, if what is there is as expected.
pub(crate) fn write(
    file: &impl EditFile,
    content: &str,
    expect: Expect,
) -> Result<Edited, ToolError> {
    argument::text("content", content)?;
    let reader = file.as_read();
    let name = reader.name();
    let before = match reader.stat() {
        Ok(stat) => Some(stat),
        Err(ErrorCode::NoEntry) => None,
        Err(code) => return Err(code.at(&name)),
    };
    let Some(before) = before else {
        if expect == Expect::Existing {
            return Err(ErrorCode::NoEntry
                .at(&name)
                .hint("leave expect out to create the file"));
        }
        file.replace(content.as_bytes()).at(|| &name)?;
        return Ok(created(&name, content));
    };
    if expect == Expect::New {
        return Err(ErrorCode::Exist
            .at(&name)
            .hint("leave expect out to overwrite the file, or change it with replace"));
    }
    overwrite(file, &reader, &name, content, &before)
}

/// The reply about a file that is new. A diff would only say its text again.
fn created(name: &str, content: &str) -> Edited {
    let added = content.split_inclusive('\n').count();
    Edited {
        path: name.to_owned(),
        created: Some(true),
        count: None,
        added: u32::try_from(added).unwrap_or(u32::MAX),
        removed: 0,
        diff: None,
        note: content.is_empty().then(|| "the file is empty".to_owned()),
    }
}

fn overwrite<F: EditFile>(
    file: &F,
    reader: &F::Reader,
    name: &str,
    content: &str,
    before: &Stat,
) -> Result<Edited, ToolError> {
    let old = match text::load(reader, name) {
        Ok(old) => old,
        // What cannot be shown can be overwritten all the same.
        Err(error) if [BINARY, TOO_LARGE].contains(&error.code.as_str()) => {
            file.replace(content.as_bytes()).at(|| name)?;
            let what = if error.code == BINARY {
                "binary"
            } else {
                "large"
            };
            let size = count(before.size, "byte", "bytes");
            let mut reply = created(name, content);
            reply.created = None;
            reply.note = Some(format!("the old file was a {what} one of {size}"));
            return Ok(reply);
        }
        Err(error) => return Err(error),
    };
    let mut note = Note::default();
    let new = match old.mark.then(|| content.strip_prefix('\u{FEFF}')) {
        None | Some(Some(_)) => old.unmarked(content),
        Some(None) => {
            note.say("the byte order mark is gone");
            content
        }
    };
    if is_same(&old, content) {
        note.say("the file had this text already");
        return Ok(edited(name, "", "", note));
    }
    if lines::ending(&old.body) == "\r\n" && content.contains('\n') && !content.contains('\r') {
        note.say("its lines ended with \\r\\n and end with \\n now");
    }
    file.replace(content.as_bytes()).at(|| name)?;
    Ok(edited(name, &old.body, new, note))
}

/// Whether a file with this text has exactly these bytes.
fn is_same(old: &Text, content: &str) -> bool {
    match old.mark {
        true => content.strip_prefix('\u{FEFF}') == Some(old.body.as_str()),
        false => content == old.body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;

    fn run(tree: &Tree, path: &str, content: &str, expect: Expect) -> Result<Edited, ToolError> {
        write(&tree.write(path), content, expect)
    }

    #[test]
    fn a_new_file_is_created_and_says_so() {
        for expect in [Expect::New, Expect::Either] {
            let tree = Tree::new("/w");
            let reply = run(&tree, "a.txt", "one\ntwo", expect).expect("it is written");
            assert_eq!(tree.text("a.txt"), "one\ntwo");
            assert_eq!(
                (reply.path.as_str(), reply.created),
                ("/w/a.txt", Some(true))
            );
            assert_eq!((reply.added, reply.removed, reply.diff), (2, 0, None));
        }
    }

    #[test]
    fn an_existing_file_is_overwritten_and_the_diff_shown() {
        for expect in [Expect::Existing, Expect::Either] {
            let tree = Tree::new("/w").file("a.txt", "one\ntwo\n");
            let reply = run(&tree, "a.txt", "one\n2\n", expect).expect("it is written");
            assert_eq!(tree.text("a.txt"), "one\n2\n");
            assert_eq!((reply.created, reply.added, reply.removed), (None, 1, 1));
            assert!(reply.diff.expect("a diff").ends_with(" one\n-two\n+2\n"));
        }
    }

    #[test]
    fn what_is_expected_is_held_to() {
        let tree = Tree::new("/w").file("a.txt", "a");
        let error = run(&tree, "a.txt", "b", Expect::New).expect_err("it exists");
        assert_eq!(
            (error.code.as_str(), error.message.as_str()),
            ("exist", "/w/a.txt: it exists already")
        );
        assert_eq!(tree.text("a.txt"), "a");
        let error = run(&tree, "b.txt", "b", Expect::Existing).expect_err("it does not exist");
        assert_eq!(error.code, "no-entry");
        assert!(!tree.has("b.txt"));
    }

    #[test]
    fn a_binary_file_can_be_overwritten_but_not_shown() {
        let tree = Tree::new("/w").file("a.bin", b"\0\xFF");
        let reply = run(&tree, "a.bin", "text\n", Expect::Either).expect("it is written");
        assert_eq!((reply.created, reply.diff), (None, None));
        let note = "the old file was a binary one of 2 bytes";
        assert_eq!(reply.note.as_deref(), Some(note));
        assert_eq!(tree.text("a.bin"), "text\n");
    }

    #[test]
    fn what_is_there_already_is_not_written() {
        for content in ["a\n", "\u{FEFF}a\n", ""] {
            let tree = Tree::new("/w").file("a.txt", content);
            let reply = run(&tree, "a.txt", content, Expect::Either).expect("nothing to do");
            assert_eq!((reply.added, reply.removed, reply.diff), (0, 0, None));
            let note = "the file had this text already";
            assert_eq!(reply.note.as_deref(), Some(note));
            assert_eq!(tree.writes(), 0);
        }
    }

    #[test]
    fn a_change_of_encoding_is_said() {
        let tree = Tree::new("/w").file("a.txt", "\u{FEFF}a\r\nb\r\n");
        let reply = run(&tree, "a.txt", "a\nb\n", Expect::Either).expect("it is written");
        let note = "the byte order mark is gone; its lines ended with \\r\\n and end with \\n now";
        assert_eq!(reply.note.as_deref(), Some(note));
        assert_eq!(tree.text("a.txt"), "a\nb\n");
    }

    #[test]
    fn a_nul_is_refused() {
        let tree = Tree::new("/w");
        let error = run(&tree, "a", "a\0", Expect::Either).expect_err("a NUL");
        assert_eq!(error.code, "bad-argument");
        assert!(!tree.has("a"));
    }

    #[test]
    fn an_error_of_the_host_names_the_file() {
        let tree = Tree::new("/w").refuse(ErrorCode::NotPermitted);
        let error = run(&tree, "a", "a", Expect::Either).expect_err("it is refused");
        assert_eq!(error.code, "not-permitted");
        assert!(error.message.starts_with("/w/a: "));
    }
}
