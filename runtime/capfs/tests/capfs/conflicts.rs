//! What others change between two calls of a session, and what a write over it does.

use crate::session::{Session, conflict, conflicts, layer};
use crate::tree::{Tree, path};
use crate::work::{read, write};
use bailiwick_capfs::{Handles, WriteDir, Writes, commit};
use std::fs::{self, File, FileTimes};
use std::os::unix::fs::MetadataExt;

fn session() -> Session {
    let tree = Tree::new();
    tree.file("f", "one\ntwo\n")
        .file("g", "g\n")
        .file("d/x", "x\n");
    Session::new(tree, Writes::Apply)
}

#[test]
fn a_write_over_what_changed_since_it_was_read_is_refused_with_the_diff() {
    let session = session();
    session.reads(&["f"]);
    session.tree.file("f", "one\nTWO\n");
    let diff = conflict(
        session.writes(&[("f", "mine\n"), ("new", "n")]),
        "/workspace/f",
    );
    assert_eq!(
        diff,
        "--- a/workspace/f\n+++ b/workspace/f\n@@ -1,2 +1,2 @@\n one\n-two\n+TWO\n"
    );
    assert_eq!(session.base("f").as_deref(), Some("one\nTWO\n"));
    assert_eq!(session.base("new"), None, "nothing of the call is written");
    // As long as it was not read again, it stays so.
    conflict(session.writes(&[("f", "mine\n")]), "/workspace/f");
    session.reads(&["f"]);
    session.writes(&[("f", "mine\n")]).unwrap();
    assert_eq!(session.base("f").as_deref(), Some("mine\n"));
}

#[test]
fn another_time_is_no_change() {
    let session = session();
    session.reads(&["f"]);
    let file = File::options()
        .write(true)
        .open(session.tree.at("f"))
        .unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    session.writes(&[("f", "mine")]).unwrap();
    session.tree.file("g", "other").file("g", "g\n");
    session.writes(&[("g", "mine")]).unwrap();
}

#[test]
fn the_same_time_and_size_do_not_hide_a_change() {
    let session = session();
    session.reads(&["f"]);
    let at = session.tree.at("f");
    let before = fs::metadata(&at).unwrap();
    let times = FileTimes::new().set_modified(before.modified().unwrap());
    session.tree.file("f", "two\none\n");
    File::options()
        .write(true)
        .open(&at)
        .unwrap()
        .set_times(times)
        .unwrap();
    let after = fs::metadata(&at).unwrap();
    assert_eq!(
        (
            before.len(),
            before.mtime(),
            before.mtime_nsec(),
            before.ino()
        ),
        (after.len(), after.mtime(), after.mtime_nsec(), after.ino())
    );
    conflict(session.writes(&[("f", "mine")]), "/workspace/f");
}

#[test]
fn what_the_session_wrote_it_knows() {
    let session = session();
    session
        .writes(&[("f", "mine\n"), ("made", "made\n")])
        .unwrap();
    session
        .writes(&[("f", "again\n"), ("made", "again\n")])
        .unwrap();
    session.tree.file("f", "theirs\n").file("made", "theirs\n");
    let found = conflicts(session.writes(&[("f", "x"), ("g", "x"), ("made", "x")]));
    let paths: Vec<_> = found.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(paths, ["/workspace/f", "/workspace/made"]);
    assert!(
        found[0].diff.contains("-again\n+theirs\n"),
        "{}",
        found[0].diff
    );
    assert_eq!(session.base("g").as_deref(), Some("g\n"));
}

#[test]
fn a_file_that_was_never_looked_at_can_be_written() {
    let session = session();
    session.tree.file("f", "theirs\n");
    session.writes(&[("f", "mine\n")]).unwrap();
    assert_eq!(session.base("f").as_deref(), Some("mine\n"));
}

#[test]
fn a_call_that_reads_again_what_it_writes_is_told_of_what_changed_before_it() {
    let session = session();
    session.reads(&["f"]);
    session.tree.file("f", "theirs\n");
    let edit = session.call(|dir| {
        assert_eq!(read(dir, "f"), "theirs\n");
        write(dir, "f", "edited\n");
    });
    conflict(edit, "/workspace/f");
}

#[test]
fn a_change_in_the_middle_of_a_call() {
    let session = session();
    let edit = session.call(|dir| {
        assert_eq!(read(dir, "f"), "one\ntwo\n");
        session.tree.file("f", "theirs\n");
        write(dir, "f", "edited\n");
    });
    let diff = conflict(edit, "/workspace/f");
    assert!(diff.contains("-one\n-two\n+theirs\n"), "{diff}");
    // And between the copy and the end.
    let edit = session.call(|dir| {
        write(dir, "g", "edited\n");
        session.tree.file("g", "theirs\n");
    });
    let diff = conflict(edit, "/workspace/g");
    assert!(
        diff.contains("would have been written") && diff.contains("-theirs\n+edited\n"),
        "{diff}"
    );
    assert_eq!(session.base("g").as_deref(), Some("theirs\n"));
}

#[test]
fn removed_or_replaced_by_another_program() {
    let session = session();
    session.reads(&["f", "g"]);
    let lost = session.call(|dir| {
        write(dir, "f", "mine\n");
        fs::remove_file(session.tree.at("f")).unwrap();
    });
    let diff = conflict(lost, "/workspace/f");
    assert!(diff.contains("-one\n-two\n"), "{diff}");
    assert_eq!(session.base("f"), None);

    // Gone before the call: it is told once, and then known.
    let diff = conflict(session.writes(&[("f", "mine\n")]), "/workspace/f");
    assert!(diff.contains("removed"), "{diff}");
    session.writes(&[("f", "mine\n")]).unwrap();

    session.tree.file("other", "g\n");
    fs::rename(session.tree.at("other"), session.tree.at("g")).unwrap();
    session.writes(&[("g", "mine\n")]).unwrap();
    session.tree.file("other", "theirs\n");
    fs::rename(session.tree.at("other"), session.tree.at("g")).unwrap();
    conflict(session.writes(&[("g", "x")]), "/workspace/g");
}

#[test]
fn removing_and_renaming_are_writes() {
    let session = session();
    session.reads(&["f", "g", "d/x"]);
    session
        .tree
        .file("f", "theirs\n")
        .file("g", "theirs\n")
        .file("d/x", "theirs\n");
    conflict(
        session.call(|dir| dir.remove_file("f").unwrap()),
        "/workspace/f",
    );
    conflict(
        session.call(|dir| dir.rename("g", dir, "h", false).unwrap()),
        "/workspace/g",
    );
    conflict(
        session.call(|dir| dir.remove("d", true).unwrap()),
        "/workspace/d/x",
    );
    assert!(
        session.base("f").is_some() && session.base("g").is_some() && session.base("d/x").is_some()
    );
}

#[test]
fn a_file_that_is_renamed_is_known_by_its_new_name() {
    let session = session();
    session.reads(&["f", "d/x"]);
    session
        .call(|dir| {
            dir.rename("f", dir, "h", false).unwrap();
            dir.rename("d", dir, "e", false).unwrap();
        })
        .unwrap();
    session.tree.file("h", "theirs\n").file("e/x", "theirs\n");
    let found = conflicts(session.writes(&[("h", "x"), ("e/x", "x")]));
    let paths: Vec<_> = found.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(paths, ["/workspace/e/x", "/workspace/h"]);
}

#[test]
fn what_a_call_that_failed_saw_is_not_taken_over() {
    let session = session();
    session.reads(&["f"]);
    session.tree.file("f", "theirs\n");
    drop(layer(&session.volume, "", |dir| drop(read(dir, "f"))));
    conflict(session.writes(&[("f", "mine\n")]), "/workspace/f");
    session.volume.forget_paths(&[session.tree.inside()]);
    session.writes(&[("f", "mine\n")]).unwrap();
}

#[test]
fn what_was_not_read_of_a_large_file_may_change() {
    let tree = Tree::new();
    let old: String = "0123456789abcdef".repeat(16 << 10);
    tree.file("large", &old);
    let session = Session::new(tree, Writes::Apply);
    let part = |dir: &bailiwick_capfs::WriteDir| {
        let file = dir.as_read().open_file("large").unwrap();
        file.read(1000, 100).unwrap();
    };
    session.call(part).unwrap();
    let mut other = old.clone();
    other.replace_range(0..1, "X");
    session.tree.file("large", &other);
    session.writes(&[("large", &other)]).unwrap();
    session.tree.file("large", &old);
    session.volume.forget_paths(&[session.tree.inside()]);
    session.call(part).unwrap();
    other.replace_range(1050..1051, "X");
    session.tree.file("large", &other);
    conflict(session.writes(&[("large", "x")]), "/workspace/large");
}

#[test]
fn a_reader_needs_no_lock_and_what_it_saw_counts() {
    let session = session();
    let reader = session.volume.begin(None);
    let _writer = session.volume.try_lock(&[path("")]).unwrap();
    let handles = Handles::default();
    let capability = handles
        .get(handles.grant("workspace", session.volume.clone()))
        .unwrap();
    let file = match reader.resolve_read(&capability, &path("f")).unwrap() {
        bailiwick_capfs::Resolved::File(file) => file,
        bailiwick_capfs::Resolved::Dir(dir) => panic!("{dir:?}"),
    };
    file.read(0, 100).unwrap();
    commit(vec![reader], "a look").unwrap();
    drop(_writer);
    session.tree.file("f", "theirs\n");
    conflict(session.writes(&[("f", "mine")]), "/workspace/f");
}

#[test]
fn what_vanished_below_a_directory_is_told_once() {
    for replaced in [false, true] {
        let session = session();
        session.reads(&["d/x"]);
        fs::remove_file(session.tree.at("d/x")).unwrap();
        if replaced {
            session.tree.dir("d/x");
        }
        let remove = |dir: &WriteDir| dir.remove("d", true).unwrap();
        conflict(session.call(remove), "/workspace/d/x");
        session.call(remove).unwrap();
        assert!(!session.tree.at("d").exists());
    }
}

#[test]
fn some_can_be_forgotten() {
    let session = session();
    session.reads(&["f", "d/x"]);
    session
        .volume
        .forget_paths(&[session.tree.at("d"), "/elsewhere/f".into()]);
    for file in ["f", "d/x"] {
        session.tree.file(file, "theirs\n");
    }
    session.writes(&[("d/x", "mine\n")]).unwrap();
    conflict(session.writes(&[("f", "mine\n")]), "/workspace/f");
    session.volume.forget_paths(&[session.tree.inside()]);
    session.writes(&[("f", "mine\n")]).unwrap();
}
