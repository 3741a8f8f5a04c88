use super::*;

fn one(patch: &str) -> FilePatch<'_> {
    let mut files = parse(patch).expect("a patch");
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

fn signs(hunk: &Hunk<'_>) -> String {
    hunk.lines
        .iter()
        .map(|line| match line.sign {
            Sign::Both => ' ',
            Sign::Old => '-',
            Sign::New => '+',
        })
        .collect()
}

fn error(patch: &str) -> String {
    let error = parse(patch).expect_err("it is refused");
    assert_eq!(error.code, "bad-patch");
    error.message
}

#[test]
fn a_plain_diff_is_read() {
    let file =
        one("--- a/x.rs\t2026-01-01\n+++ b/x.rs\n@@ -3,2 +3,3 @@ fn main()\n one\n-two\n+2\n+3\n");
    assert_eq!(
        (file.old.as_deref(), file.new.as_deref()),
        (Some("x.rs"), Some("x.rs"))
    );
    let hunk = &file.hunks[0];
    assert_eq!(
        (hunk.start, signs(hunk).as_str(), hunk.miscounts),
        (3, " -++", false)
    );
    assert_eq!(hunk.lines[3].text, "3");
}

#[test]
fn gits_headers_are_read() {
    let table = [
        (
            "diff --git a/x b/x\nnew file mode 100644\nindex 0..1\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n",
            None,
            Some("x"),
            false,
            1,
        ),
        (
            "diff --git a/x b/x\nnew file mode 100644\nindex 0..0\n",
            None,
            Some("x"),
            false,
            0,
        ),
        (
            "diff --git a/x b/x\ndeleted file mode 100755\nindex 0..0\n",
            Some("x"),
            None,
            false,
            0,
        ),
        (
            "diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n",
            Some("x"),
            Some("y"),
            true,
            0,
        ),
        (
            "diff --git a/x b/y\nsimilarity index 90%\nrename from x\nrename to y\nindex 1..2 100644\n--- a/x\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n",
            Some("x"),
            Some("y"),
            true,
            1,
        ),
        (
            "diff --git a/x b/x\nold mode 100644\nnew mode 100755\n",
            Some("x"),
            Some("x"),
            false,
            0,
        ),
        (
            "diff --git a/sp ace b/sp ace\ndeleted file mode 100644\n",
            Some("sp ace"),
            None,
            false,
            0,
        ),
    ];
    for (patch, old, new, renames, hunks) in table {
        let file = one(patch);
        assert_eq!(
            (file.old.as_deref(), file.new.as_deref()),
            (old, new),
            "{patch}"
        );
        assert_eq!(
            (file.renames, file.hunks.len()),
            (renames, hunks),
            "{patch}"
        );
    }
}

#[test]
fn several_files_and_text_between_are_read() {
    let patch = "From 123 Mon\nSubject: x\n---\n a | 2 +-\n\ndiff --git a/a b/a\nindex 1..2 100644\n--- a/a\n+++ b/a\n\
        @@ -1 +1 @@\n-a\n+b\n@@ -9 +9 @@\n-i\n+j\ndiff --git a/c b/c\n--- a/c\n+++ b/c\n@@ -1,0 +2 @@\n+n\n-- \n2.39.2\n";
    let files = parse(patch).expect("a patch");
    let shape: Vec<_> = files
        .iter()
        .map(|file| (file.new.clone().expect("a name"), file.hunks.len()))
        .collect();
    assert_eq!(shape, [("a".to_owned(), 2), ("c".to_owned(), 1)]);
    assert_eq!(signs(&files[1].hunks[0]), "+");
    assert!(
        files
            .iter()
            .flat_map(|file| &file.hunks)
            .all(|hunk| !hunk.miscounts)
    );
}

#[test]
fn a_fence_around_it_is_left_out() {
    let file = one("```diff\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n```\n");
    assert_eq!(signs(&file.hunks[0]), "-+");
}

#[test]
fn lines_that_look_like_a_header_are_counted() {
    let file = one("--- a/q.sql\n+++ b/q.sql\n@@ -1,2 +1,2 @@\n x\n--- old\n+++ new\n");
    assert_eq!(file.hunks[0].lines[1].text, "-- old");
    assert_eq!(file.hunks[0].lines[2].text, "++ new");
    let file = one("--- a/q.sql\n+++ b/q.sql\n@@ -1,3 +1,3 @@\n--- old\n+++ new\n x\n y\n");
    assert_eq!(signs(&file.hunks[0]), "-+  ");
}

#[test]
fn wrong_counts_are_forgiven() {
    let headers = [
        "@@ -1,9 +1,9 @@",
        "@@ -1,1 +1,1 @@",
        "@@ -1,3 +1,2 @@",
        "@@ -1 +1,30 @@",
    ];
    for header in headers {
        let patch = format!(
            "--- a/x\n+++ b/x\n{header}\n a\n-b\n+c\n d\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-e\n+f\n"
        );
        let files = parse(&patch).expect("a patch");
        assert_eq!(files.len(), 2, "{header}");
        assert_eq!(signs(&files[0].hunks[0]), " -+ ", "{header}");
        assert!(files[0].hunks[0].miscounts, "{header}");
        assert!(!files[1].hunks[0].miscounts, "{header}");
    }
}

#[test]
fn empty_lines_of_context_may_have_lost_their_space() {
    let file = one("--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n\n");
    assert_eq!(signs(&file.hunks[0]), "  -+");
    assert!(!file.hunks[0].miscounts);
    // Too many are counted: what is empty at the end is no context.
    let file = one("--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n a\n\n-b\n+c\n\n\n");
    assert_eq!(signs(&file.hunks[0]), "  -+");
}

#[test]
fn missing_newlines_belong_to_the_line_before() {
    let file = one(
        "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n",
    );
    assert_eq!(signs(&file.hunks[0]), "-+");
    assert!(file.hunks[0].lines.iter().all(|line| line.open));
}

#[test]
fn carriage_returns_of_the_way_are_left_out() {
    let file = one("--- a/x\r\n+++ b/x\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n");
    assert_eq!(file.new.as_deref(), Some("x"));
    assert_eq!(file.hunks[0].lines[1].text, "b");
    let file = one("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\r\n+b\r\n");
    assert_eq!(file.hunks[0].lines[1].text, "b\r");
}

#[test]
fn what_cannot_be_applied_is_refused_by_line() {
    let table = [
        ("", "patch: there is no file in it"),
        ("hello\n", "patch: there is no file in it"),
        (
            "*** Begin Patch\n*** Update File: x\n",
            "patch: there is no file in it",
        ),
        (
            "@@ -1 +1 @@\n-a\n+b\n",
            "patch: line 3: a hunk before any file",
        ),
        (
            "--- a/x\n+++ b/x\n@@ here @@\n-a\n",
            "patch: line 3: `@@ here @@` is no header of a hunk",
        ),
        (
            "--- a/x\n+++ b/x\n@@ -1,2 @@\n-a\n",
            "patch: line 3: `@@ -1,2 @@` is no header of a hunk",
        ),
        (
            "--- a/x\n+++ b/x\n@@ -1 +1 @@\n a\n",
            "patch: line 3: the hunk changes nothing",
        ),
        (
            "--- a/x\n+++ b/x\n@@ -1 +1 @@\n",
            "patch: line 3: the hunk changes nothing",
        ),
        (
            "--- /dev/null\n+++ /dev/null\n",
            "patch: line 1: both files are /dev/null",
        ),
        (
            "--- \"a/x\n+++ b/x\n",
            "patch: line 1: a name in quotes does not end",
        ),
        (
            "diff --git a/x b/y\ncopy from x\ncopy to y\n",
            "patch: line 2: it copies a file",
        ),
        (
            "diff --git a/x b/x\nindex 1..2\nBinary files a/x and b/x differ\n",
            "patch: line 3: a binary file",
        ),
        (
            "diff --git a/x b/x\nGIT binary patch\n",
            "patch: line 2: a binary file",
        ),
        (
            "diff --git a/x b/x\nnew file mode 120000\n",
            "patch: line 2: mode 120000 is that of a link or another repository",
        ),
    ];
    for (patch, message) in table {
        assert!(
            error(patch).starts_with(message),
            "{patch:?}: {}",
            error(patch)
        );
    }
}

#[test]
fn another_format_is_named() {
    let error = parse("*** Begin Patch\n").expect_err("it is refused");
    assert!(
        error
            .hint
            .expect("a hint")
            .starts_with("this is another format")
    );
}
