use super::*;
use crate::testing::Tree;

const ALL: Request<'_> = Request {
    pattern: "x",
    glob: None,
    ignore_case: false,
    context: 0,
    max_matches: 100,
};

fn search(tree: &Tree, request: &Request<'_>) -> Matches {
    grep(tree, request, |_| {}).expect("it can be searched")
}

/// `PATH:NUMBER:TEXT` for each line.
fn lines(matches: &Matches) -> Vec<String> {
    let mut lines = Vec::new();
    for file in &matches.files {
        for line in &file.lines {
            lines.push(format!("{}:{}:{}", file.path, line.number, line.text));
        }
    }
    lines
}

fn note(matches: &Matches) -> &str {
    matches.note.as_deref().unwrap_or_default()
}

#[test]
fn finds_lines_in_the_order_of_the_walk() {
    let tree = Tree::new("/w")
        .file("b.txt", "x1\nno\nx3\r\n")
        .file("a.txt", "no\nno x\n")
        .file("c/d.txt", "x")
        .file("none", "nothing\n")
        .file("empty", "")
        .file(".hidden", "x");
    let matches = search(&tree, &ALL);
    let expected = [
        "/w/a.txt:2:no x",
        "/w/b.txt:1:x1",
        "/w/b.txt:3:x3",
        "/w/c/d.txt:1:x",
    ];
    assert_eq!(lines(&matches), expected);
    assert_eq!((matches.shown, matches.total, matches.searched), (4, 4, 5));
    assert_eq!(matches.note, None);
}

#[test]
fn all_are_counted_though_few_are_shown() {
    let tree = Tree::new("/w")
        .file("a", "x\nx\nx\n")
        .file("b", "x\n")
        .file("c", "x\nx\n");
    for max_matches in 0..8 {
        let matches = search(&tree, &Request { max_matches, ..ALL });
        assert_eq!((matches.shown, matches.total), (max_matches.min(6), 6));
        assert_eq!(lines(&matches).len() as u32, matches.shown);
    }
    let matches = search(
        &tree,
        &Request {
            max_matches: 4,
            ..ALL
        },
    );
    assert!(
        note(&matches)
            .starts_with("4 of 6 matching lines are shown, from 2 of 3 files: give a larger")
    );
}

#[test]
fn a_glob_and_case_are_obeyed() {
    let tree = Tree::new("/w").file("a.rs", "Foo\n").file("b.txt", "foo\n");
    let found = |glob, ignore_case| {
        let pattern = "foo";
        lines(&search(
            &tree,
            &Request {
                pattern,
                glob,
                ignore_case,
                ..ALL
            },
        ))
        .len()
    };
    assert_eq!(found(None, false), 1);
    assert_eq!(found(None, true), 2);
    assert_eq!(found(Some("*.rs"), true), 1);
    assert_eq!(found(Some("/w/a.rs"), true), 1);
    assert_eq!(found(Some(""), true), 2);
}

#[test]
fn a_large_file_is_streamed_in_its_place() {
    let mut large = "no\n".repeat(700_000);
    large.push_str("x at the end\n");
    let tree = Tree::new("/w")
        .file("a", "x\n")
        .file("large", &large)
        .file("z", "x\n");
    let matches = search(&tree, &ALL);
    assert_eq!(
        lines(&matches),
        ["/w/a:1:x", "/w/large:700001:x at the end", "/w/z:1:x"]
    );
    assert_eq!(matches.searched, 3);
}

#[test]
fn files_are_read_in_groups() {
    let mut tree = Tree::new("/w");
    for i in 0..200 {
        tree = tree.file(&format!("{i:03}"), "x\n");
    }
    assert_eq!(search(&tree, &ALL).total, 200);
    assert_eq!(tree.reads.get(), 4);
}

#[test]
fn what_does_not_fit_a_crossing_is_asked_for_again() {
    let text = format!("{}x\n", "no\n".repeat(10_000));
    let mut tree = Tree::new("/w");
    for i in 0..20 {
        tree = tree.file(&format!("{i:03}"), &text);
    }
    let matches = search(&tree, &ALL);
    assert_eq!((matches.total, matches.searched), (20, 20));
}

#[test]
fn binary_files_are_left_out_and_counted() {
    let tree = Tree::new("/w").file("a", b"x\n\0").file("b", "x\n");
    let matches = search(&tree, &ALL);
    assert_eq!((lines(&matches).len(), matches.searched), (1, 1));
    assert_eq!(note(&matches), "1 binary file was left out");
}

#[test]
fn text_that_is_not_utf8_is_found_and_noted() {
    let tree = Tree::new("/w").file("a", b"caf\xE9 x\n");
    let matches = search(&tree, &ALL);
    assert_eq!(lines(&matches), ["/w/a:1:caf\u{FFFD} x"]);
    assert_eq!(
        note(&matches),
        "bytes that are not UTF-8 are shown as U+FFFD"
    );
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let tree = Tree::new("/w")
        .broken("a", ErrorCode::Access)
        .broken("b", ErrorCode::NoEntry)
        .file("c", "x\n")
        .skipped(1);
    let matches = search(&tree, &ALL);
    assert_eq!((matches.total, matches.searched), (1, 1));
    assert!(note(&matches).starts_with(
        "2 files could not be read, the first /w/a: permission denied; 1 name is left out"
    ));
}

#[test]
fn a_bound_that_is_used_up_ends_the_search() {
    let tree = Tree::new("/w")
        .file("a", "x\n")
        .broken("b", ErrorCode::Quota);
    let error = grep(&tree, &ALL, |_| {}).expect_err("no more can be read");
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        ("quota", "/w/b: a bound of this call is used up")
    );
}

#[test]
fn finding_nothing_says_what_was_searched() {
    let tree = Tree::new("/w").file("a", "y\n").file("b", "y\n");
    let matches = search(&tree, &ALL);
    assert_eq!((matches.total, matches.searched), (0, 2));
    assert_eq!(
        note(&matches),
        "no line in 2 files matches; try a shorter pattern or ignore_case"
    );
    let matches = search(
        &tree,
        &Request {
            glob: Some("*.rs"),
            ..ALL
        },
    );
    assert!(note(&matches).starts_with("no text file matches the glob *.rs: one with `/` in it"));
    let matches = search(&Tree::new("/w"), &ALL);
    assert!(note(&matches).starts_with("there is no text file in /w"));
}

#[test]
fn too_much_context_is_cut_and_noted() {
    let text = format!("{0}x\n{0}", "no\n".repeat(100));
    let tree = Tree::new("/w").file("a", text);
    let matches = search(
        &tree,
        &Request {
            context: 1_000,
            ..ALL
        },
    );
    assert_eq!(lines(&matches).len(), 101);
    assert_eq!(note(&matches), "context is 50 lines at most");
}

#[test]
fn what_is_searched_for_is_checked_first() {
    let tree = Tree::new("/w").file("a", "x\n");
    let error = |request: &Request<'_>| grep(&tree, request, |_| {}).expect_err("bad input").code;
    assert_eq!(
        error(&Request {
            pattern: "(",
            ..ALL
        }),
        "bad-pattern"
    );
    assert_eq!(
        error(&Request {
            glob: Some("["),
            ..ALL
        }),
        "bad-glob"
    );
}

#[test]
fn progress_is_told_after_each_page() {
    let tree = Tree::new("/w")
        .file("a", "")
        .file("b", "")
        .file("c", "")
        .file("d", "");
    let mut told = Vec::new();
    grep(&tree, &ALL, |searched| told.push(searched)).expect("it can be searched");
    assert_eq!(told, [3, 4]);
}
