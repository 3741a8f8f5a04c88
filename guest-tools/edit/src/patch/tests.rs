use super::*;
use crate::testing::Tree;

fn tree() -> Tree {
    Tree::new("/w")
        .file("a", "one\ntwo\nthree\n")
        .file("src/b", "b\n")
        .file("bin", b"\0\xFF")
}

/// The error, which changes nothing.
fn refused(patch: &str) -> ToolError {
    let tree = tree();
    let before = tree.paths();
    let error = apply(&tree, patch).expect_err("it is refused");
    assert_eq!(tree.writes(), 0, "{patch}");
    assert_eq!(tree.paths(), before);
    error
}

const CHANGE: &str = "--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n";

#[test]
fn several_files_are_created_changed_renamed_and_deleted() {
    let tree = tree();
    let patch = format!(
        "{CHANGE}diff --git a/src/b b/lib/b\nrename from src/b\nrename to lib/b\n--- a/src/b\n+++ b/lib/b\n@@ -1 +1,2 @@\n b\n+c\n\
         diff --git a/bin b/other\nsimilarity index 100%\nrename from bin\nrename to other\n\
         diff --git a/empty b/empty\nnew file mode 100644\n\
         --- /dev/null\n+++ b/new/deep/n\n@@ -0,0 +1 @@\n+n\n"
    );
    let reply = apply(&tree, &patch).expect("it is applied");
    assert_eq!(
        tree.paths(),
        [
            "a",
            "empty",
            "lib/",
            "lib/b",
            "new/",
            "new/deep/",
            "new/deep/n",
            "other",
            "src/"
        ]
    );
    assert_eq!(tree.text("a"), "one\n2\nthree\n");
    assert_eq!(tree.text("lib/b"), "b\nc\n");
    assert_eq!(
        (tree.bytes("other"), tree.text("empty")),
        (b"\0\xFF".to_vec(), String::new())
    );
    let shown: Vec<_> = reply
        .files
        .iter()
        .map(|file| {
            (
                file.path.as_str(),
                file.kind,
                file.from.as_deref(),
                file.added,
                file.removed,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("/w/a", PatchedKind::Changed, None, 1, 1),
            ("/w/lib/b", PatchedKind::Renamed, Some("/w/src/b"), 1, 0),
            ("/w/other", PatchedKind::Renamed, Some("/w/bin"), 0, 0),
            ("/w/empty", PatchedKind::Created, None, 0, 0),
            ("/w/new/deep/n", PatchedKind::Created, None, 1, 0),
        ]
    );
    assert_eq!((reply.hunks, reply.note), (3, None));
    assert!(reply.files.iter().all(|file| file.note.is_none()));
}

#[test]
fn a_file_is_deleted_when_it_is_as_the_patch_says() {
    let delete = "--- a/src/b\n+++ /dev/null\n@@ -1 +0,0 @@\n-b\n";
    let tree = tree();
    let reply = apply(&tree, delete).expect("it is applied");
    assert!(!tree.has("src/b") && tree.has("src"));
    assert_eq!(reply.files[0].kind, PatchedKind::Deleted);
    let error = refused("--- a/a\n+++ /dev/null\n@@ -1 +0,0 @@\n-one\n");
    assert_eq!(error.code, "patch-failed");
    assert!(
        error
            .message
            .starts_with("/w/a: does not apply: it would be deleted")
    );
    let error = refused("diff --git a/a b/a\ndeleted file mode 100644\n");
    assert_eq!(error.code, "patch-failed");
}

#[test]
fn paths_may_be_whole_or_without_prefix() {
    for name in ["a", "./a", "/w/a"] {
        let tree = tree();
        let patch = format!("--- {name}\n+++ {name}\n@@ -2 +2 @@\n-two\n+2\n");
        apply(&tree, &patch).expect("it is applied");
        assert_eq!(tree.text("a"), "one\n2\nthree\n", "{name}");
    }
    // Without a word about renaming, the name that exists.
    let tree = tree();
    apply(&tree, "--- a.orig\n+++ a\n@@ -2 +2 @@\n-two\n+2\n").expect("it is applied");
    assert_eq!(tree.text("a"), "one\n2\nthree\n");
}

#[test]
fn one_hunk_that_fails_stops_everything() {
    let error = refused(&format!(
        "{CHANGE}--- a/src/b\n+++ b/src/b\n@@ -1 +1 @@\n-c\n+d\n"
    ));
    assert_eq!(error.code, "patch-failed");
    assert_eq!(
        error.message,
        "/w/src/b: hunk 1 (line 1): does not apply, and nothing in the file is like it"
    );
    assert!(
        error
            .hint
            .expect("a hint")
            .starts_with("nothing was written; ")
    );
}

#[test]
fn what_failed_is_named_and_the_nearest_text_shown() {
    let error = refused(
        "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n one\n-  three\n+x\n@@ -9 +9 @@\n-nine\n+9\n--- a/no\n+++ b/no\n@@ -1 +1 @@\n-a\n+b\n",
    );
    assert!(
        error
            .message
            .starts_with("/w/a: hunk 1 (line 1): does not apply; the nearest is "),
        "{}",
        error.message
    );
    assert!(
        error
            .message
            .ends_with("; nor do /w/a: hunk 2 (line 9), /w/no"),
        "{}",
        error.message
    );
    let hint = error.hint.expect("a hint");
    assert!(hint.contains("; the file has"), "{hint}");
}

#[test]
fn a_patch_that_was_applied_is_recognised() {
    let tree = tree();
    apply(&tree, CHANGE).expect("it is applied");
    let error = apply(&tree, CHANGE).expect_err("once is enough");
    let hint = "nothing was written; the new text is there already: leave this hunk out";
    assert_eq!(error.hint.as_deref(), Some(hint));
}

#[test]
fn hunks_in_the_wrong_order_are_recognised() {
    let error = refused("--- a/a\n+++ b/a\n@@ -3 +3 @@\n-three\n+3\n@@ -1 +1 @@\n-one\n+1\n");
    assert!(
        error
            .hint
            .expect("a hint")
            .contains("in the order of the file")
    );
}

#[test]
fn files_that_are_there_or_missing_are_named() {
    let table = [
        (
            "--- /dev/null\n+++ b/a\n@@ -0,0 +1 @@\n+x\n",
            "patch-failed",
            "/w/a: does not apply: it would be created",
        ),
        (
            "--- a/no\n+++ b/no\n@@ -1 +1 @@\n-x\n+y\n",
            "patch-failed",
            "/w/no: does not apply: there is no such file",
        ),
        (
            "--- a/a/x\n+++ b/a/x\n@@ -1 +1 @@\n-x\n+y\n",
            "patch-failed",
            "/w/a/x: does not apply: there is no such file",
        ),
        (
            "--- a/no\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n",
            "patch-failed",
            "/w/no: does not apply: there is no such file",
        ),
        (
            "diff --git a/a b/src/b\nrename from a\nrename to src/b\n",
            "patch-failed",
            "/w/src/b: does not apply: another file",
        ),
        (
            "diff --git a/no b/x\nrename from no\nrename to x\n",
            "patch-failed",
            "/w/no: does not apply: there is no such file",
        ),
        (
            "--- a/bin\n+++ b/bin\n@@ -1 +1 @@\n-x\n+y\n",
            "binary-file",
            "/w/bin: a binary file",
        ),
        (
            "--- a/src\n+++ b/src\n@@ -1 +1 @@\n-x\n+y\n",
            "is-directory",
            "/w/src: it is a directory",
        ),
        (
            "--- ../a\n+++ ../a\n@@ -1 +1 @@\n-x\n+y\n",
            "bad-patch",
            "patch: there is `..`",
        ),
        (
            "--- /x/a\n+++ /x/a\n@@ -1 +1 @@\n-x\n+y\n",
            "not-permitted",
            "patch: /x/a is not in /w",
        ),
    ];
    for (patch, code, message) in table {
        let error = refused(patch);
        assert_eq!(error.code, code, "{patch}");
        assert!(
            error.message.starts_with(message),
            "{patch}: {}",
            error.message
        );
    }
}

#[test]
fn a_file_may_be_in_a_patch_more_than_once() {
    let tree = tree();
    let again = "--- a/./a\n+++ b/./a\n@@ -1,2 +1,2 @@\n one\n-2\n+zwei\n";
    apply(&tree, &format!("{CHANGE}{again}")).expect("it is applied");
    assert_eq!(tree.text("a"), "one\nzwei\nthree\n");
    // Renamed unread, then changed; then another is made in its place.
    let tree = self::tree();
    let patch = "diff --git a/a b/z\nrename from a\nrename to z\n--- a/z\n+++ b/z\n@@ -2 +2 @@\n-two\n+2\n\
        --- /dev/null\n+++ b/a\n@@ -0,0 +1 @@\n+new\n";
    apply(&tree, patch).expect("it is applied");
    assert_eq!(
        (tree.text("z").as_str(), tree.text("a").as_str()),
        ("one\n2\nthree\n", "new\n")
    );
    let tree = self::tree();
    let patch = "--- a/a\n+++ /dev/null\n@@ -1,3 +0,0 @@\n-one\n-two\n-three\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n+y\n";
    let error = apply(&tree, patch).expect_err("it is gone by then");
    assert!(
        error
            .message
            .starts_with("/w/a: does not apply: there is no such file")
    );
}

#[test]
fn permissions_are_left_as_they_are() {
    let tree = tree();
    let reply = apply(
        &tree,
        "diff --git a/a b/a\nold mode 100644\nnew mode 100755\n",
    )
    .expect("there is nothing to do");
    assert_eq!((reply.files.len(), tree.writes()), (0, 0));
    let note = "permissions stay as they are; the patch would change those of 1 file";
    assert_eq!(reply.note.as_deref(), Some(note));
}

#[test]
fn a_mark_and_line_endings_stay() {
    let tree = Tree::new("/w").file("a", "\u{FEFF}one\r\ntwo\r\n");
    let reply = apply(
        &tree,
        "--- a/a\n+++ b/a\n@@ -1,2 +1,3 @@\n-one\n+1\n+1.5\n two\n",
    );
    assert_eq!(tree.text("a"), "\u{FEFF}1\r\n1.5\r\ntwo\r\n");
    assert_eq!(reply.expect("it is applied").files[0].note, None);
    // All of it can be deleted.
    let delete = "--- a/a\n+++ /dev/null\n@@ -1,3 +0,0 @@\n-1\n-1.5\n-two\n";
    apply(&tree, delete).expect("it is applied");
    assert!(!tree.has("a"));
}

#[test]
fn the_reply_says_where_hunks_went() {
    let tree = Tree::new("/w").file("a", "0\n0\none\ntwo\nthree\n");
    let reply = apply(&tree, CHANGE).expect("it is applied");
    let note = "hunk 1: at line 3, 2 lines further down than it says";
    assert_eq!(reply.files[0].note.as_deref(), Some(note));
}

#[test]
fn an_error_of_the_host_names_the_file() {
    let tree = tree().refuse(bailiwick_guest::fs::read::ErrorCode::Quota);
    let error = apply(&tree, CHANGE).expect_err("it is refused");
    assert_eq!(
        (error.code.as_str(), error.message.starts_with("/w/a: ")),
        ("quota", true)
    );
}

#[test]
fn more_than_can_be_held_is_refused() {
    let most = "x".repeat((4 << 20) - 2) + "\n";
    let mut tree = Tree::new("/w");
    let mut patch = String::new();
    for i in 0..5 {
        tree = tree.file(&format!("{i}"), &most);
        patch.push_str(&format!("--- a/{i}\n+++ b/{i}\n@@ -1,0 +2 @@\n+\n"));
    }
    let error = apply(&tree, &patch).expect_err("20 MiB");
    assert_eq!((error.code.as_str(), tree.writes()), ("too-large", 0));
}

/// As git writes it, word for word.
const BY_GIT: &str = r#"diff --git a/a b/a
index 01e79c3..85fd90d 100644
--- a/a
+++ b/a
@@ -1,3 +1,3 @@
 1
-2
-3
+zwei
+3
\ No newline at end of file
diff --git a/empty b/empty
new file mode 100644
index 0000000..e69de29
diff --git a/sp ace b/moved
similarity index 100%
rename from sp ace
rename to moved
diff --git "a/\303\251" "b/\303\251"
deleted file mode 100644
index 4b04fff..0000000
--- "a/\303\251"
+++ /dev/null
@@ -1 +0,0 @@
-é
\ No newline at end of file
"#;

#[test]
fn what_git_writes_is_applied() {
    let tree = Tree::new("/w")
        .file("a", "1\n2\n3\n")
        .file("sp ace", "x")
        .file("é", "é");
    let reply = apply(&tree, BY_GIT).expect("it is applied");
    assert_eq!(tree.paths(), ["a", "empty", "moved"]);
    assert_eq!(tree.text("a"), "1\nzwei\n3");
    assert_eq!((reply.files.len(), reply.hunks), (4, 2));
    assert!(reply.files.iter().all(|file| file.note.is_none()));
}
