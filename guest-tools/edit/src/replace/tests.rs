use super::*;
use crate::testing::Tree;

fn run(text: &str, old: &str, new: &str, all: bool) -> Result<(String, Edited), ToolError> {
    let tree = Tree::new("/w").file("a", text);
    let reply = replace(&tree.write("a"), old, new, all);
    match reply {
        Ok(reply) => Ok((tree.text("a"), reply)),
        Err(error) => {
            assert_eq!(tree.text("a"), text, "an error changes nothing");
            assert_eq!(tree.writes(), 0);
            Err(error)
        }
    }
}

#[test]
fn one_place_is_replaced() {
    let table = [
        ("abc", "b", "x", "axc"),
        ("abc", "abc", "", ""),
        ("one\ntwo\n", "one\ntwo", "1\n2", "1\n2\n"),
        ("aé€", "é", "e", "ae€"),
        ("a\n\nb\n", "\n\n", "\n", "a\nb\n"),
        ("a\tb", "\t", "    ", "a    b"),
        ("\u{FEFF}abc", "abc", "x", "\u{FEFF}x"),
        ("\u{FEFF}abc", "\u{FEFF}abc", "\u{FEFF}x", "\u{FEFF}x"),
        ("\u{FEFF}abc", "\u{FEFF}a", "x", "\u{FEFF}xbc"),
    ];
    for (text, old, new, expected) in table {
        let (changed, reply) = run(text, old, new, false).expect("it is there once");
        assert_eq!(changed, expected, "{old:?} in {text:?}");
        assert_eq!(reply.count, Some(1));
        assert!(reply.diff.is_some());
    }
}

#[test]
fn line_endings_stay() {
    let table = [
        ("a\r\nb\r\nc\r\n", "a\nb", "1\n2\n3", "1\r\n2\r\n3\r\nc\r\n"),
        ("a\r\nb\r\n", "b", "x\ny", "a\r\nx\r\ny\r\n"),
        ("a\r\nb\r\n", "a\n", "", "b\r\n"),
        ("a\r\nb", "b", "x\ny", "a\r\nx\r\ny"),
        ("a\r\nb", "\nb", "\nc\nd", "a\r\nc\r\nd"),
        // Mixed: as the place has it.
        ("a\r\nb\nc\r\n", "b", "x\ny", "a\r\nx\ny\nc\r\n"),
        ("a\nb\nc\r\n", "c", "x\ny", "a\nb\nx\r\ny\r\n"),
        ("a\r\nb\nc\nd", "a\nb\n", "1\n2\n", "1\r\n2\r\nc\nd"),
        // A caller that says what ends lines is taken by its word.
        ("a\r\nb\r\n", "a\r\nb", "a\nb", "a\nb\r\n"),
        ("a\nb\n", "a", "a\r", "a\r\nb\n"),
        // No \r\n in the file: nothing to adapt.
        ("a\rb\n", "b", "x\ny", "a\rx\ny\n"),
    ];
    for (text, old, new, expected) in table {
        let (changed, _) = run(text, old, new, false).expect("it is there once");
        assert_eq!(changed, expected, "{old:?} in {text:?}");
    }
}

#[test]
fn all_places_are_replaced_and_counted() {
    let table = [
        ("a-a-a", "a", "bb", "bb-bb-bb", 3),
        ("aaaa", "aa", "b", "bb", 2),
        (
            "x\r\ny\r\nx\r\n",
            "x\n",
            "z\nz\n",
            "z\r\nz\r\ny\r\nz\r\nz\r\n",
            2,
        ),
        ("x\r\nx\nx", "x", "a\nb", "a\r\nb\r\na\nb\na\nb", 3),
        ("one", "one", "two", "two", 1),
    ];
    for (text, old, new, expected, count) in table {
        let (changed, reply) = run(text, old, new, true).expect("it is there");
        assert_eq!((changed.as_str(), reply.count), (expected, Some(count)));
    }
}

#[test]
fn many_matches_name_the_lines() {
    let error = run("x\na\nx x\n", "x", "y", false).expect_err("three");
    assert_eq!(error.code, "many-matches");
    assert_eq!(error.message, "old: it is in /w/a 3 times, on lines 1, 3");
    assert!(error.hint.expect("a hint").contains("`all`: true"));
    let error = run(&"x\n".repeat(1_234), "x", "y", false).expect_err("many");
    let message =
        "old: it is in /w/a 1,234 times, on lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 1,224 more";
    assert_eq!(error.message, message);
    let error = run("a aaa", "aa", "b", false).expect_err("two that overlap");
    let message = "old: it is in /w/a more than once, overlapping, on line 1";
    assert_eq!(error.message, message);
    let error = run("a\r\nb\r\na\r\n", "a\n", "", false).expect_err("two");
    assert_eq!(error.message, "old: it is in /w/a 2 times, on lines 1, 3");
}

#[test]
fn no_match_shows_the_nearest_text() {
    let text = "fn main() {\n    let x = 1;\n    print(x);\n}\n";
    let error = run(text, "  let x = 1;\n  print(x);", "", false).expect_err("other indentation");
    assert_eq!(error.code, "no-match");
    assert_eq!(
        error.message,
        "old: it is not in /w/a; the nearest is lines 2 to 3"
    );
    let hint = error.hint.expect("a hint");
    assert!(
        hint.starts_with(
            "line 3: the indentation differs: the file has 4 spaces, old has 2 spaces"
        ),
        "{hint}"
    );
    assert!(hint.ends_with("\n    let x = 1;\n    print(x);"), "{hint}");
}

#[test]
fn no_match_in_text_that_is_quite_other() {
    let error = run("fn main() {}\n", "SELECT * FROM wheat", "", false).expect_err("no");
    assert_eq!(
        error.message,
        "old: it is not in /w/a, nor anything like it"
    );
    let error = run("", "a", "b", false).expect_err("no");
    assert_eq!(error.message, "old: it is not in /w/a, which is empty");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let table = [
        ("a", "", "b", "old: it is empty"),
        ("a", "a", "a", "new: it is the same as old"),
        ("a", "a", "\0", "new: there is a NUL at byte 0"),
        ("\u{FEFF}a", "\u{FEFF}", "b", "new: it is the same as old"),
    ];
    for (text, old, new, message) in table {
        let error = run(text, old, new, false).expect_err("it is refused");
        assert_eq!(
            (error.code.as_str(), error.message.as_str()),
            ("bad-argument", message)
        );
    }
}

#[test]
fn a_file_that_would_be_too_large_is_refused() {
    let text = "a".repeat(1 << 20);
    let error = run(&text, "a", "aaaab", true).expect_err("5 MiB");
    assert_eq!(error.code, "too-large");
    assert!(run(&text, "a", "aaab", true).is_ok(), "exactly 4 MiB");
}

#[test]
fn the_file_must_be_there_and_be_text() {
    let tree = Tree::new("/w").file("b", b"a\0");
    let code = |path| {
        replace(&tree.write(path), "a", "b", false)
            .expect_err("it is refused")
            .code
    };
    assert_eq!(code("a"), "no-entry");
    assert_eq!(code("b"), "binary-file");
}
