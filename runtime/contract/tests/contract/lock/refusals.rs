//! Texts that are no lock.

use std::time::{Duration, Instant};

use bailiwick_contract::Digest;
use bailiwick_contract::lock::{Entry, Lock, LockError, MOST};

use super::audit;

fn error(text: &str) -> String {
    Lock::parse(text).unwrap_err().to_string()
}

/// A lock with one tool, `x`, with these lines in it besides.
fn with(lines: &str) -> String {
    let digest = Digest::of(b"x");
    format!("version = 1\n\n[tools.x]\ndigest = \"{digest}\"\ntier = \"pure\"\n{lines}\n")
}

#[test]
fn errors_name_line_and_key() {
    assert!(Lock::parse(&with("")).is_ok());
    for (lines, expected) in [
        (
            "teir = \"pure\"",
            "line 6, column 1: unknown field `teir`, expected one of `digest`, `tier`, `docs`, `imports`, `findings`, \
             `approval`, `functions` (in `tools.x`)",
        ),
        (
            "docs = 1",
            "line 6, column 8: invalid type: integer `1`, expected a string or an array of strings (in \
             `tools.x.docs`)",
        ),
        (
            "docs = ['a', 1]",
            "line 6, column 14: invalid type: integer `1`, expected a string (in `tools.x.docs`)",
        ),
        (
            "[tools.x.approval]\nby = \"kim\\nmax-tier = 'net'\"",
            "line 7, column 6: `kim\\u{a}max-tier = 'net'` is more than one line: write it in one \
             (in `tools.x.approval.by`)",
        ),
        (
            "[tools.x.approval]\nby = 'kim'\nnote = \"\"\"\na\n[tools.y]\"\"\"",
            "line 8, column 8: `a\\u{a}[tools.y]` is more than one line: write it in one \
             (in `tools.x.approval.note`)",
        ),
        ("tier = \"reads\"", "line 6, column 1: duplicate key"),
        (
            "docs = \"",
            "line 6, column 9: invalid basic string, expected `\"`",
        ),
        (
            "[tools.x.approval]\nby = \"kim\"\nuntil = \"soon\"",
            "line 8, column 9: `soon` is not a day: expected one like \"2027-01-31\" (in `tools.x.approval.until`)",
        ),
        (
            "[tools.x.approval]\nby = \"kim\"\nuntil = 2027-01-31T00:00:00Z",
            "line 8, column 9: `2027-01-31T00:00:00Z` is not a day: expected one like \"2027-01-31\" \
             (in `tools.x.approval.until`)",
        ),
        (
            "[tools.x.approval]\nby = \"kim\"\nmax-tier = \"write\"",
            "line 8, column 12: unknown variant `write`, expected one of `pure`, `reads`, `edits`, `net`, `unbounded` \
             (in `tools.x.approval.max-tier`)",
        ),
        (
            "[tools.x.approval]\nuntil = \"2027-01-31\"",
            "line 6, column 1: missing field `by` (in `tools.x.approval`)",
        ),
        (
            "[tools.x.functions.f]\nsignature = \"f: func()\"\nschema = \"sha256:0\"",
            "line 8, column 10: `sha256:0` is not a digest: expected `sha256:` and 64 lower-case hex digits \
             (in `tools.x.functions.f.schema`)",
        ),
        (
            "[other]",
            "line 6, column 2: unknown field `other`, expected `version` or `tools`",
        ),
    ] {
        assert_eq!(error(&with(lines)), expected, "{lines}");
    }
}

#[test]
fn another_version_is_told_before_its_keys() {
    for (text, expected) in [
        (
            "version = 2\nother = 1",
            "line 1: `version = 2`: this program reads version 1 of the format; use a newer one, or lock again",
        ),
        (
            "\nversion = -1",
            "line 2: `version = -1`: this program reads version 1 of the format; use a newer one, or lock again",
        ),
        (
            "version = \"1\"",
            "line 1: `version = a string`: this program reads version 1 of the format; use a newer one, or lock again",
        ),
        (
            "other = 1",
            "there is no `version`: a lock says `version = 1` before its tools; lock again",
        ),
        (
            "",
            "there is no `version`: a lock says `version = 1` before its tools; lock again",
        ),
    ] {
        assert_eq!(error(text), expected);
    }
}

#[test]
fn nothing_stands_in_it_that_nobody_sees() {
    for (text, line, character) in [
        (with("docs = \"a\u{202e}b\""), 6, "U+202E"),
        (with("# approved \u{200b}"), 6, "U+200B"),
        (format!("\u{feff}{}", with("")), 1, "U+FEFF"),
        (with("docs = \"a\rb\""), 6, "U+000D"),
        (with("docs = '\u{e0041}'"), 6, "U+E0041"),
        (with("[tools.\"x\u{ad}\"]"), 6, "U+00AD"),
    ] {
        let expected = LockError::Hidden {
            line,
            character: character.into(),
        };
        assert_eq!(Lock::parse(&text), Err(expected), "{text:?}");
    }
}

#[test]
fn tools_that_look_alike_are_refused() {
    let entry = format!("{{ digest = '{}', tier = 'pure' }}", Digest::of(b""));
    let text = format!("version = 1\n[tools]\nmy-tool = {entry}\nmy_tool = {entry}");
    assert_eq!(
        error(&text),
        "the tools `my-tool` and `my_tool` look alike: give one of them another name"
    );
    let text = format!("version = 1\n[tools]\nmy-tool = {entry}\n\"my-tool\" = {entry}");
    assert_eq!(error(&text), "line 4, column 1: duplicate key");
}

#[test]
fn what_is_hostile_is_refused_at_once() {
    let large = "#".repeat(MOST + 1);
    let begin = "version = 1\n";
    let room = MOST - begin.len() - 100;
    let texts = [
        large,
        format!("{begin}x = {}", "[".repeat(room)),
        format!("{begin}x = {}", "{a=".repeat(room / 3)),
        format!("{begin}{}", "a.".repeat(room / 2)),
        format!("{begin}[{}x]", "a.".repeat(room / 2)),
        format!("{begin}{}", "[[x]]\n".repeat(room / 6)),
        format!("{begin}{}", "[x]\n".repeat(room / 4)),
        format!("{begin}{}", "=\n".repeat(room / 2)),
        format!("{begin}x = \"{}", "\\".repeat(room)),
        format!("{begin}x = \"\"\"{}", "\"\"\n".repeat(room / 3)),
        format!("{begin}x = [{}]", "1,".repeat(room / 2)),
        format!("{begin}x = {}", "9".repeat(room)),
        format!("version = {}", "1".repeat(room)),
        format!(
            "{begin}{}",
            (0..room / 16)
                .map(|n| format!("a{n}.b{n} = 1\n"))
                .collect::<String>()
        ),
        format!(
            "{begin}[tools]\n{}",
            (0..room / 16)
                .map(|n| format!("a{n:b} = 1\n"))
                .collect::<String>()
        ),
        "\u{202e}".repeat(room / 3),
    ];
    for text in texts {
        let start = Instant::now();
        let error = error(&text);
        let front: String = text.chars().take(40).collect();
        assert!(error.len() < 1_000, "{front}: {}", error.len());
        assert!(!error.contains('\n'), "{front}: {error}");
        // A bound for a loaded machine; most take a few milliseconds.
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{front}: {:?}",
            start.elapsed()
        );
    }
}

#[test]
fn a_large_lock_is_read_at_once() {
    let entry = Entry::of(&audit());
    let mut lock = Lock::default();
    for n in 0..1_000 {
        lock.tools.insert(format!("x{n:010b}"), entry.clone());
    }
    let text = lock.to_text().unwrap();
    assert!(text.len() > MOST / 4);
    let start = Instant::now();
    assert_eq!(Lock::parse(&text), Ok(lock));
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
}
