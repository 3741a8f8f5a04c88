//! What a session's calls changed: pending, accepted, dropped, taken back.

use bailiwick_host::{
    ChangesError, Code, Grant, GrantOptions, Limits, Rights, Session, State, Writes,
    ambient_authority,
};
use serde_json::json;

use crate::desk::{Desk, tree};

fn append(desk: &Desk, file: &str, line: &str) {
    let outcome = desk.call("writer_append_line", json!({ "file": file, "line": line }));
    assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
}

#[test]
fn in_review_later_calls_see_what_is_pending_and_the_disk_does_not() {
    let desk = Desk::new(Writes::Review, &["writer", "files"]);
    desk.put("a.txt", "one\n");
    let outcome = desk.call(
        "writer_append_line",
        json!({ "file": "a.txt", "line": "two" }),
    );
    assert!(outcome.pending);
    assert!(
        outcome.text().contains("pending, not on disk"),
        "{}",
        outcome.text()
    );
    assert_eq!(desk.read("a.txt"), "one\n");
    let read = desk.call("files_read", json!({ "file": "a.txt" }));
    assert!(read.text().contains("two"), "{}", read.text());
    append(&desk, "b.txt", "new");
    let listed = desk.call("files_list", json!({ "dir": "." }));
    assert!(listed.text().contains("b.txt"), "{}", listed.text());
    let pending: Vec<_> = desk
        .session
        .pending()
        .into_iter()
        .map(|change| change.path)
        .collect();
    assert_eq!(pending, ["/workspace/a.txt", "/workspace/b.txt"]);
    let diff = desk.session.pending_diff(&["/workspace/a.txt"]).unwrap();
    assert!(diff.contains("+two") && !diff.contains("b.txt"), "{diff}");
}

#[test]
fn what_is_pending_is_applied_or_dropped_by_file() {
    let desk = Desk::new(Writes::Review, &["writer"]);
    for name in ["a.txt", "b.txt", "c/d.txt"] {
        desk.put(name, "one\n");
        append(&desk, name, "two");
    }
    let applied = desk.session.apply(&["/workspace/a.txt"]).unwrap();
    assert_eq!(applied.len(), 1);
    assert_eq!(desk.read("a.txt"), "one\ntwo\n");
    assert_eq!(desk.read("b.txt"), "one\n");
    let dropped = desk.session.drop_pending(&["b.txt"]).unwrap();
    assert_eq!(dropped.len(), 1);
    let pending: Vec<_> = desk
        .session
        .pending()
        .into_iter()
        .map(|change| change.path)
        .collect();
    assert_eq!(pending, ["/workspace/c/d.txt"]);
    desk.session.apply(&[]).unwrap();
    assert_eq!(desk.read("c/d.txt"), "one\ntwo\n");
    assert_eq!(desk.read("b.txt"), "one\n");
    let unknown = desk.session.apply(&["/nowhere/x"]);
    assert!(
        matches!(unknown, Err(ChangesError::Unknown(_))),
        "{unknown:?}"
    );
}

#[test]
fn what_is_pending_can_be_accepted_by_another_process() {
    let desk = Desk::new(Writes::Review, &["writer"]);
    desk.put("a.txt", "one\n");
    append(&desk, "a.txt", "two");
    append(&desk, "b.txt", "new");
    let (path, folder) = (desk.state.path().to_owned(), desk.path(""));
    let (state, _) = State::open_ambient(&path, ambient_authority()).unwrap();
    let other = Session::with_state(Limits::default(), &state).unwrap();
    let grant = Grant::open_ambient(&folder, Rights::READ_WRITE, ambient_authority()).unwrap();
    let review = GrantOptions::default().writes(Writes::Review);
    other.grant_with("files", grant, &review).unwrap();
    assert_eq!(other.pending().len(), 2);
    other.apply(&[]).unwrap();
    assert_eq!(desk.read("a.txt"), "one\ntwo\n");
    assert_eq!(desk.read("b.txt"), "new\n");
    // The first session goes on with what there is now.
    append(&desk, "b.txt", "more");
    let pending: Vec<_> = desk
        .session
        .pending()
        .into_iter()
        .map(|change| change.path)
        .collect();
    assert_eq!(pending, ["/workspace/b.txt"]);
    desk.session.apply(&[]).unwrap();
    assert_eq!(desk.read("b.txt"), "new\nmore\n");
}

#[test]
fn a_pending_change_over_a_file_that_changed_is_a_conflict() {
    let desk = Desk::new(Writes::Review, &["writer"]);
    desk.put("a.txt", "one\n");
    append(&desk, "a.txt", "two");
    desk.put("a.txt", "somebody else's\n");
    let refused = desk.session.apply(&[]);
    assert!(
        matches!(refused, Err(ChangesError::Commit(_))),
        "{refused:?}"
    );
    assert_eq!(desk.read("a.txt"), "somebody else's\n");
    assert_eq!(desk.session.pending().len(), 1);
    desk.session.drop_pending(&[]).unwrap();
    assert!(desk.session.pending().is_empty());
}

#[test]
fn a_call_is_undone_and_not_what_changed_since() {
    let desk = Desk::new(Writes::Apply, &["writer"]);
    desk.put("a.txt", "one\n");
    let before = tree(&desk.path(""));
    let outcome = desk.call(
        "writer_append_line",
        json!({ "file": "a.txt", "line": "two" }),
    );
    let names = desk.session.undo(Some(&outcome.call)).unwrap();
    assert_eq!(names, ["/workspace/a.txt"]);
    assert_eq!(tree(&desk.path("")), before);
    let again = desk.session.undo(Some(&outcome.call));
    assert!(
        matches!(again, Err(ChangesError::NothingToUndo(_))),
        "{again:?}"
    );

    append(&desk, "a.txt", "two");
    desk.put("a.txt", "somebody else's\n");
    let refused = desk.session.undo(None);
    let Err(ChangesError::Changed(names)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(names, ["/workspace/a.txt"]);
    assert_eq!(desk.read("a.txt"), "somebody else's\n");
}

#[test]
fn a_turn_is_taken_back_whole() {
    let desk = Desk::new(Writes::Apply, &["writer", "filesystem"]);
    for name in ["a.txt", "b.txt", "c.txt"] {
        desk.put(name, "as it was\n");
    }
    desk.session.mount("workspace").unwrap();
    append(&desk, "a.txt", "before the turn");
    let before = tree(&desk.path(""));
    let checkpoint = desk.session.checkpoint();
    append(&desk, "a.txt", "one");
    append(&desk, "a.txt", "two");
    let edit = desk.call("writer_edit", json!({ "root": "/workspace" }));
    assert_eq!(edit.code, Code::Ok, "{}", edit.text());
    let script = desk.call("filesystem_check", json!({ "root": "/workspace" }));
    assert_eq!(script.code, Code::Ok, "{}", script.text());
    append(&desk, "c.txt", "five");
    assert_ne!(tree(&desk.path("")), before);
    desk.session.restore(&checkpoint).unwrap();
    assert_eq!(tree(&desk.path("")), before);
    // What was taken back is no conflict for who writes next.
    append(&desk, "a.txt", "again");
}

#[test]
fn in_review_a_checkpoint_takes_back_what_is_pending() {
    let desk = Desk::new(Writes::Review, &["writer"]);
    desk.put("a.txt", "one\n");
    append(&desk, "a.txt", "two");
    let checkpoint = desk.session.checkpoint();
    append(&desk, "a.txt", "three");
    append(&desk, "b.txt", "new");
    desk.session.restore(&checkpoint).unwrap();
    let pending: Vec<_> = desk
        .session
        .pending()
        .into_iter()
        .map(|change| change.path)
        .collect();
    assert_eq!(pending, ["/workspace/a.txt"]);
    assert!(!desk.session.pending_diff(&[]).unwrap().contains("three"));
}
