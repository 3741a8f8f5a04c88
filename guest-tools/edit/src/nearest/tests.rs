use super::*;

const TEXT: &str = "\
use std::io;

fn first(input: &str) -> usize {
    let count = input.lines().count();
    println!(\"{count} lines\");
    count
}

fn second(input: &str) -> usize {
    let count = input.bytes().count();
    println!(\"{count} bytes\");
    count
}
";

fn found(old: &str) -> (String, String) {
    let near = nearest(TEXT, old, Of::Old).expect("something is like it");
    (near.place(), near.text())
}

#[test]
fn the_nearest_lines_are_found_and_the_difference_named() {
    let table = [
        // (old, place, how the text begins, how it ends)
        (
            "\tlet count = input.bytes().count();\n",
            "line 10",
            "line 10: the indentation differs: the file has 4 spaces, old has 1 tab; the file has:\n",
            "    let count = input.bytes().count();",
        ),
        (
            "println!(\"{count} chars\");",
            "line 5",
            "line 5: the file has `lines`, old has `chars`",
            "lines\");",
        ),
        (
            "fn second(input: &str) -> u64 {\n    let count = input.bytes().count();",
            "lines 9 to 10",
            "line 9: the file has `usize`, old has `u64`",
            ".count();",
        ),
        (
            "{count}  bytes",
            "line 11",
            "line 11: whitespace differs; the file has:\n",
            "bytes\");",
        ),
    ];
    for (old, place, begins, ends) in table {
        let (found_at, text) = found(old);
        assert_eq!(found_at, place, "{old:?}");
        assert!(text.starts_with(begins), "{old:?}: {text}");
        assert!(text.ends_with(ends), "{old:?}: {text}");
    }
}

#[test]
fn of_two_places_the_liker_one_is_shown() {
    let (place, _) =
        found("    count\n}\n\nfn second(input: &str) -> usize {\n    let count = input.bytes();");
    assert_eq!(place, "lines 6 to 10");
}

#[test]
fn nothing_is_like_something_else() {
    for old in ["SELECT wheat FROM barn", "\n\n", "  ", "zzz"] {
        assert!(nearest(TEXT, old, Of::Old).is_none(), "{old:?}");
    }
    assert!(nearest("", "abc", Of::Old).is_none());
    assert!(nearest("\n\n\n", "abc", Of::Old).is_none());
}

#[test]
fn the_end_of_the_file_is_named() {
    let text = nearest("one line\ntwo lines\n", "two lines\nthree lines", Of::Old)
        .expect("a line is the same")
        .text();
    assert!(text.starts_with("the file ends after line 2"), "{text}");
    let text = nearest("one line\ntwo lines", "two lines\n", Of::Old)
        .expect("it is there")
        .text();
    assert!(
        text.starts_with("old ends with a newline, and the file does not"),
        "{text}"
    );
}

#[test]
fn line_endings_are_named() {
    let text = nearest(
        "one line\ntwo lines\n",
        "one line\r\ntwo lines\r\n",
        Of::Old,
    )
    .expect("like")
    .text();
    assert!(
        text.starts_with("line 1: the line ending differs: the file has \\n, old has \\r\\n"),
        "{text}"
    );
    let text = nearest(
        "one line\r\n  two lines\r\n",
        "one line\ntwo lines\n",
        Of::Old,
    )
    .expect("like")
    .text();
    assert!(
        text.starts_with("line 2: the indentation differs"),
        "{text}"
    );
}

#[test]
fn many_differences_are_counted() {
    let text: String = (0..30).map(|i| format!("    value number {i}\n")).collect();
    let near = nearest(&text, &text.replace("    ", "  "), Of::Old).expect("like");
    assert_eq!(near.place(), "lines 1 to 30");
    assert!(
        near.text().contains("; 26 more lines differ; "),
        "{}",
        near.text()
    );
}

#[test]
fn a_long_window_is_shown_in_part_around_the_difference() {
    let text: String = (0..1_000).map(|i| format!("value number {i}\n")).collect();
    let near = nearest(
        &text,
        &text.replace("number 300\n", "numbre 300\n"),
        Of::Old,
    )
    .expect("like");
    let shown = near.text();
    assert!(
        shown.starts_with("line 301: the file has `number`, old has `numbre`; lines 298 to 337 of the file are:\nvalue number 297\n"),
        "{shown}"
    );
    assert!(shown.len() < SHOWN_BYTES + 200);
}

#[test]
fn one_long_line_is_cut() {
    let body = format!("{}needle one{}", "x".repeat(300), "é".repeat(10_000));
    if let Some(near) = nearest(&body, "needle two", Of::Old) {
        assert!(near.text().len() < SHOWN_BYTES + 400);
    }
}

#[test]
fn a_large_file_of_equal_lines_takes_no_longer_than_reading_it() {
    let body = "    let value = 1;\n".repeat(50_000);
    let old = "let value = 1;\nlet value = 2;\n".repeat(5_000);
    assert!(nearest(&body, &old, Of::Old).is_some());
}

#[test]
fn a_hunk_is_of_whole_lines() {
    let text = nearest(TEXT, "  let count = input.bytes().count();", Of::Hunk)
        .expect("like")
        .text();
    let begins = "line 10: the indentation differs: the file has 4 spaces, the hunk has 2 spaces";
    assert!(text.starts_with(begins), "{text}");
}
