use super::*;
use crate::patch::parse::parse;

fn run(body: &str, hunks: &str) -> Result<Patched, Vec<usize>> {
    let patch = format!("--- a/x\n+++ b/x\n{hunks}");
    let files = parse(&patch).expect("a patch");
    apply(body, &files[0].hunks)
}

/// The text and the notes.
fn fits(body: &str, hunks: &str) -> (String, Vec<String>) {
    let patched = run(body, hunks).unwrap_or_else(|failed| panic!("{failed:?} of {hunks}"));
    (patched.body, patched.notes)
}

fn numbers(count: usize) -> String {
    (1..=count).map(|i| format!("{i}\n")).collect()
}

#[test]
fn hunks_that_fit_are_applied_without_a_word() {
    let table = [
        (
            "a\nb\nc\n",
            "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n",
            "a\nx\nc\n",
        ),
        ("", "@@ -0,0 +1,2 @@\n+a\n+b\n", "a\nb\n"),
        ("a\n", "@@ -1 +0,0 @@\n-a\n", ""),
        ("a\nb\n", "@@ -1,0 +2 @@\n+x\n", "a\nx\nb\n"),
        ("a\nb\n", "@@ -0,0 +1 @@\n+x\n", "x\na\nb\n"),
        ("a\nb\n", "@@ -2,0 +3 @@\n+x\n", "a\nb\nx\n"),
        (
            "1\n2\n3\n4\n5\n6\n7\n",
            "@@ -1,2 +1 @@\n-1\n 2\n@@ -6,2 +5,3 @@\n 6\n+x\n 7\n",
            "2\n3\n4\n5\n6\nx\n7\n",
        ),
    ];
    for (body, hunks, expected) in table {
        assert_eq!(
            fits(body, hunks),
            (expected.to_owned(), Vec::new()),
            "{hunks}"
        );
    }
}

#[test]
fn newlines_at_the_end_are_as_the_patch_says() {
    let none = "\\ No newline at end of file\n";
    let table = [
        (
            "a\nb",
            format!("@@ -1,2 +1,2 @@\n a\n-b\n{none}+c\n{none}"),
            "a\nc",
        ),
        (
            "a\nb",
            format!("@@ -1,2 +1,2 @@\n a\n-b\n{none}+c\n"),
            "a\nc\n",
        ),
        (
            "a\nb\n",
            format!("@@ -1,2 +1,2 @@\n a\n-b\n+c\n{none}"),
            "a\nc",
        ),
        (
            "a\nb",
            format!("@@ -1,2 +1,2 @@\n-a\n+x\n b\n{none}"),
            "x\nb",
        ),
        // A patch that does not know that there is none leaves it so.
        ("a\nb", "@@ -1,2 +1,2 @@\n a\n-b\n+c\n".into(), "a\nc"),
        ("a\nb", "@@ -1,2 +1,2 @@\n-a\n+x\n b\n".into(), "x\nb"),
        // A line that is not the last any more gets one.
        ("a", format!("@@ -1 +1,2 @@\n a\n+b\n{none}"), "a\nb"),
        ("a", "@@ -1 +1,2 @@\n a\n+b\n".into(), "a\nb\n"),
        ("a\nb", format!("@@ -1,2 +1 @@\n-a\n-b\n{none}+c\n"), "c\n"),
        ("", format!("@@ -0,0 +1 @@\n+a\n{none}"), "a"),
    ];
    for (body, hunks, expected) in table {
        assert_eq!(fits(body, &hunks).0, expected, "{body:?} {hunks}");
    }
}

#[test]
fn line_endings_stay() {
    let table = [
        (
            "a\r\nb\r\n",
            "@@ -1,2 +1,3 @@\n a\n-b\n+x\n+y\n",
            "a\r\nx\r\ny\r\n",
        ),
        (
            "a\r\nb\r\n",
            "@@ -1,2 +1,3 @@\n a\r\n-b\r\n+x\r\n+y\r\n",
            "a\r\nx\r\ny\r\n",
        ),
        ("a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n+x\n", "a\nx\n"),
        // A patch that changes them.
        (
            "a\r\nb\r\n",
            "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+b\n",
            "a\r\nb\n",
        ),
        ("a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n+b\r\n", "a\nb\r\n"),
    ];
    for (body, hunks, expected) in table {
        assert_eq!(fits(body, hunks).0, expected, "{hunks}");
    }
}

#[test]
fn offsets_are_found_and_said() {
    let (body, notes) = fits(
        &numbers(50),
        "@@ -10,3 +10,3 @@\n 29\n-30\n+x\n 31\n@@ -20,2 +20,1 @@\n 40\n-41\n",
    );
    assert_eq!(
        body,
        numbers(50)
            .replace("\n30\n", "\nx\n")
            .replace("\n41\n", "\n")
    );
    assert_eq!(
        notes,
        [
            "hunk 1: at line 29, 19 lines further down than it says",
            "hunk 2: at line 40, 20 lines further down than it says",
        ]
    );
    let (_, notes) = fits(&numbers(50), "@@ -900,2 +900,1 @@\n 7\n-8\n");
    assert_eq!(
        notes,
        ["hunk 1: at line 7, 893 lines further up than it says"]
    );
}

#[test]
fn an_offset_is_carried_to_the_next_hunk() {
    // `x` is in two places; the second hunk goes where the first one says that it has moved.
    let body = "head\na\nx\nb\nx\n";
    let (changed, notes) = fits(body, "@@ -1,2 +1,2 @@\n-a\n+A\n x\n@@ -4 +4 @@\n-x\n+X\n");
    assert_eq!(changed, "head\nA\nx\nb\nX\n");
    assert_eq!(notes.len(), 2);
}

#[test]
fn of_several_places_the_nearest_is_taken_and_the_others_said() {
    let body = "x\na\nb\nc\nd\nx\n";
    let (changed, notes) = fits(body, "@@ -5 +5 @@\n-x\n+y\n");
    assert_eq!(changed, "x\na\nb\nc\nd\ny\n");
    assert_eq!(
        notes,
        ["hunk 1: at line 6, 1 line further down than it says; it also fits in 1 other place"]
    );
    // Of two as near, the later one.
    assert_eq!(fits("x\na\nx\n", "@@ -2 +2 @@\n-x\n+y\n").0, "x\na\ny\n");
}

#[test]
fn fuzz_ignores_outer_context_and_says_so() {
    let body = "1\n2\n3\nold\n5\n6\n7\n";
    let hunk = |before: &str, after: &str| format!("@@ -1,7 +1,7 @@\n{before}-old\n+new\n{after}");
    let table = [
        (
            hunk(" x\n 2\n 3\n", " 5\n 6\n 7\n"),
            "with fuzz 1: 2 lines of context ignored",
        ),
        (
            hunk(" 1\n 2\n 3\n", " 5\n 6\n x\n"),
            "with fuzz 1: 2 lines of context ignored",
        ),
        (
            hunk(" x\n y\n 3\n", " 5\n y\n x\n"),
            "with fuzz 2: 4 lines of context ignored",
        ),
        (
            hunk(" 3\n", " 5\n x\n y\n"),
            "with fuzz 2: 2 lines of context ignored",
        ),
    ];
    for (hunk, said) in table {
        let (changed, notes) = fits(body, &hunk);
        assert_eq!(changed, "1\n2\n3\nnew\n5\n6\n7\n", "{hunk}");
        assert!(notes[0].contains(said), "{hunk}: {notes:?}");
    }
}

#[test]
fn more_fuzz_than_two_fails() {
    let body = "1\n2\n3\nold\n5\n6\n7\n";
    let hunk = "@@ -1,7 +1,7 @@\n x\n y\n z\n-old\n+new\n 5\n 6\n 7\n";
    assert_eq!(run(body, hunk), Err(vec![0]));
}

#[test]
fn fuzz_never_leaves_nothing_to_go_by() {
    // Without its context the hunk would fit anywhere.
    assert_eq!(
        run("a\nb\n", "@@ -1,2 +1,3 @@\n x\n+new\n y\n"),
        Err(vec![0])
    );
    assert_eq!(
        run("\n\n\n\n", "@@ -1,3 +1,4 @@\n x\n \n+new\n \n y\n"),
        Err(vec![0])
    );
}

#[test]
fn all_that_fail_are_named() {
    let hunks = "@@ -1 +1 @@\n-x\n+y\n@@ -2 +2 @@\n-2\n+two\n@@ -3 +3 @@\n-z\n+y\n";
    assert_eq!(run(&numbers(3), hunks), Err(vec![0, 2]));
    assert_eq!(run("a\n", "@@ -5,0 +6 @@\n+x\n"), Err(vec![0]));
    // Not before the hunk before.
    assert_eq!(
        run("a\nb\n", "@@ -2 +2 @@\n-b\n+B\n@@ -1 +1 @@\n-a\n+A\n"),
        Err(vec![1])
    );
}

#[test]
fn a_wrong_count_is_said() {
    let (changed, notes) = fits("a\nb\n", "@@ -1,9 +1,9 @@\n a\n-b\n+c\n");
    assert_eq!(changed, "a\nc\n");
    assert_eq!(notes, ["hunk 1: its header counts other lines than it has"]);
}

#[test]
fn what_diff_makes_is_what_apply_takes() {
    // A small generator: texts of few different lines, so that hunks have every shape.
    let mut seed = 7_u32;
    let mut next = |below: u32| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 16) % below
    };
    for round in 0..2_000 {
        let mut old: Vec<String> = (0..next(30)).map(|_| next(5).to_string()).collect();
        let text = |lines: &[String], crlf: bool, open: bool| {
            let end = if crlf { "\r\n" } else { "\n" };
            let mut text = lines
                .iter()
                .map(|line| format!("{line}{end}"))
                .collect::<String>();
            if open {
                text.truncate(text.trim_end_matches(['\r', '\n']).len());
            }
            text
        };
        let (crlf, open) = (round % 3 == 0, round % 4 == 0);
        let before = text(&old, crlf, open);
        for _ in 0..=next(4) {
            let at = next(old.len() as u32 + 1) as usize;
            match next(3) {
                0 if at < old.len() => drop(old.remove(at)),
                1 if at < old.len() => old[at] = "changed".into(),
                _ => old.insert(at, "new".into()),
            }
        }
        let after = text(&old, crlf, round % 5 == 0);
        let Some(diff) = crate::unified::diff("/w/x", &before, &after).text else {
            continue;
        };
        let files = parse(&diff).unwrap_or_else(|error| panic!("{error:?}\n{diff}"));
        let patched = apply(&before, &files[0].hunks);
        let patched = patched.unwrap_or_else(|failed| panic!("{failed:?}\n{diff}"));
        assert_eq!(patched.body, after, "{before:?}\n{diff}");
        assert_eq!(patched.notes, Vec::<String>::new(), "{diff}");
    }
}
