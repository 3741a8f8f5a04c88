//! What is pending when another process changes it, and coming back to a moment.

use crate::session::{Session, layer, lines, volume};
use crate::tree::{Tree, path};
use crate::view::QUOTA;
use crate::work::{read, write};
use bailiwick_capfs::state::{ApplyError, Fault, StateError};
use bailiwick_capfs::{CommitError, ErrorCode, Volume, Writes, bounds, commit};
use std::fmt::Debug;

fn session() -> Session {
    let tree = Tree::new();
    tree.file("f", "one\n").file("g", "g\n").file("d/x", "x\n");
    Session::new(tree, Writes::Review)
}

fn pending(volume: &Volume) -> Vec<String> {
    lines(&volume.pending())
}

/// It failed for what another process has done, and for nothing else.
fn outdated<T: Debug>(result: Result<T, CommitError>) {
    match result {
        Err(CommitError::Apply(ApplyError::State(StateError::Pending { .. }))) => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_dropped_meanwhile_is_not_applied() {
    let session = session();
    session.writes(&[("f", "two\n")]).unwrap();
    let shown = pending(&session.volume);
    assert_eq!(shown, ["M /workspace/f +1 -1"]);
    session.again().drop_pending(&[]).unwrap();
    outdated(session.volume.apply_pending(&[], "accepted"));
    assert_eq!(session.base("f").as_deref(), Some("one\n"));
    assert_eq!(pending(&session.volume), [""; 0]);
    session.volume.apply_pending(&[], "nothing").unwrap();
    assert_eq!(session.base("f").as_deref(), Some("one\n"));
}

#[test]
fn what_was_added_meanwhile_is_not_applied_unseen() {
    let session = session();
    session.writes(&[("f", "two\n")]).unwrap();
    let other = session.again();
    commit(
        vec![layer(&other, "", |dir| write(dir, "g", "theirs\n"))],
        "x",
    )
    .unwrap();
    outdated(session.volume.apply_pending(&[], "accepted"));
    assert_eq!(session.base("f").as_deref(), Some("one\n"));
    let both = ["M /workspace/f +1 -1", "M /workspace/g +1 -1"];
    assert_eq!(pending(&session.volume), both);
    session.volume.apply_pending(&[], "both were seen").unwrap();
    assert_eq!(session.base("g").as_deref(), Some("theirs\n"));
    assert_eq!(pending(&other), [""; 0]);
}

#[test]
fn what_is_applied_is_pending_no_more_for_anybody() {
    let session = session();
    session.writes(&[("f", "two\n"), ("g", "two\n")]).unwrap();
    let done = session.volume.apply_pending(&[path("f")], "some").unwrap();
    assert!(done.record.is_some());
    assert_eq!(pending(&session.volume), ["M /workspace/g +1 -1"]);
    assert_eq!(pending(&session.again()), ["M /workspace/g +1 -1"]);
    // And nothing is out of date.
    session.writes(&[("f", "three\n")]).unwrap();
    session.volume.apply_pending(&[], "all").unwrap();
    assert_eq!(session.base("f").as_deref(), Some("three\n"));
    assert_eq!(pending(&session.again()), [""; 0]);
}

#[test]
fn calls_go_on_after_another_process_dropped_or_applied() {
    let session = session();
    session.writes(&[("f", "two\n"), ("g", "two\n")]).unwrap();
    let running = layer(&session.volume, "d", |dir| write(dir, "d/x", "y\n"));
    let other = session.again();
    other.apply_pending(&[path("g")], "x").unwrap();
    other.drop_pending(&[]).unwrap();
    assert_eq!(session.next_sees_at("f", "f").as_deref(), Some("one\n"));
    outdated(commit(vec![running], "a call that began before"));
    session.writes(&[("d/x", "z\n")]).unwrap();
    assert_eq!(pending(&session.volume), ["M /workspace/d/x +1 -1"]);
    assert_eq!(pending(&session.again()), ["M /workspace/d/x +1 -1"]);
    assert_eq!(session.base("g").as_deref(), Some("two\n"));
}

#[test]
fn a_call_has_what_it_began_with_to_its_end() {
    let session = session();
    // More than are open at a time.
    let files: Vec<String> = (0..2 * bounds::CONTENTS_OPEN)
        .map(|n| format!("d/{n}"))
        .collect();
    let texts: Vec<(&str, &str)> = files.iter().map(|file| (&file[..], &file[..])).collect();
    session.writes(&texts).unwrap();
    let other = session.again();
    let running = layer(&other, "f", |dir| {
        session.volume.drop_pending(&[]).unwrap();
        for file in &files {
            assert_eq!(read(dir, file), *file);
        }
    });
    drop(running);
    assert_eq!(pending(&other), [""; 0]);
}

#[test]
fn one_directory_twice_in_a_session() {
    let session = session();
    let twin = session.again();
    session.writes(&[("f", "two\n")]).unwrap();
    commit(
        vec![layer(&twin, "", |dir| write(dir, "g", "two\n"))],
        "a call",
    )
    .unwrap();
    session.writes(&[("d/x", "y\n")]).unwrap();
    let all = [
        "M /workspace/d/x +1 -1",
        "M /workspace/f +1 -1",
        "M /workspace/g +1 -1",
    ];
    assert_eq!(pending(&session.volume), all);
    assert_eq!(pending(&twin), all);
    assert_eq!(twin.ledger().used(), session.volume.ledger().used());
}

#[test]
fn a_moment_is_come_back_to_while_nobody_writes() {
    let session = session();
    session.writes(&[("f", "two\n")]).unwrap();
    let point = session.volume.point();
    session.writes(&[("f", "three\n")]).unwrap();
    let held = session.volume.hold_all().unwrap();
    assert!(session.volume.try_lock(&[path("d")]).is_none());
    assert!(session.volume.hold_all().is_err(), "it is held");
    let elsewhere = session.again().hold_all().unwrap();
    let busy = session.volume.restore(&point, &elsewhere);
    assert!(matches!(
        busy,
        Err(CommitError::Apply(ApplyError::Failed(ErrorCode::Busy)))
    ));
    session.volume.restore(&point, &held).unwrap();
    drop(held);
    assert_eq!(session.next_sees("f").as_deref(), Some("two\n"));
    assert_eq!(
        pending(&session.again()),
        ["M /workspace/f +1 -1"],
        "for others as well"
    );
}

#[test]
fn one_directory_twice_is_restored_twice() {
    let session = session();
    let twin = session.again();
    session.writes(&[("f", "two\n")]).unwrap();
    let points = [&session.volume, &twin].map(|volume| (volume, volume.point()));
    session.writes(&[("f", "three\n")]).unwrap();
    twin.pending();
    let held = [&session.volume, &twin].map(|volume| volume.hold_all().unwrap());
    for ((volume, point), held) in points.iter().zip(&held) {
        volume.restore(point, held).unwrap();
    }
    drop(held);
    assert_eq!(session.next_sees("f").as_deref(), Some("two\n"));
    assert_eq!(pending(&twin), ["M /workspace/f +1 -1"]);
}

#[test]
fn what_cannot_be_restored_is_not_held() {
    let session = session();
    session.writes(&[("f", "two\n")]).unwrap();
    session.again().drop_pending(&[]).unwrap();
    outdated(session.volume.hold_all());
    session.volume.hold_all().unwrap();
    let locked = session.volume.try_lock(&[path("d")]).unwrap();
    assert!(session.volume.hold_all().is_err(), "a call writes");
    drop(locked);
}

#[test]
fn a_call_that_fails_leaves_nothing_pending() {
    let session = session();
    session.writes(&[("f", "two\n")]).unwrap();
    let tree = Tree::new();
    tree.file("h", "h\n");
    let applied = volume(&tree, "applied", Writes::Apply, QUOTA, &session.state);
    let refused = layer(&applied, "", |dir| write(dir, "h", "mine\n"));
    let reviewed = layer(&session.volume, "d/x", |dir| write(dir, "d/x", "y\n"));
    session.state.fault(Fault::Fail(0, ErrorCode::Io));
    commit(vec![reviewed, refused], "a call").unwrap_err();
    session.state.fault(Fault::None);
    assert_eq!(pending(&session.volume), ["M /workspace/f +1 -1"]);
    assert_eq!(pending(&session.again()), ["M /workspace/f +1 -1"]);
}
