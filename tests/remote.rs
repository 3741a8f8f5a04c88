//! Grants for whose files a server or another program may have to answer: their calls run apart, and are calls like others.

use std::fs;
use std::time::Duration;

use bailiwick_host::{Code, Grant, GrantTerms, Limits, Rights, Session, State, ambient_authority};
use serde_json::json;

use crate::guests::{probe, runtime, wait};

/// A session with a grant of a folder as one that is not local, and the state folder that it keeps changes in.
fn session(folder: &std::path::Path, state: &std::path::Path) -> Session {
    let (state, _) = State::open_ambient(state, ambient_authority()).unwrap();
    let session = Session::with_state(Limits::default(), &state).unwrap();
    for tool in ["files", "edit", "spin", "sleep"] {
        session.add(probe(tool)).unwrap();
    }
    let mut terms = GrantTerms::new(Rights::READ_WRITE);
    terms.remote = true;
    let grant = Grant::open_with(folder, &terms, ambient_authority()).unwrap();
    assert!(grant.is_remote());
    session.grant("w", grant).unwrap();
    session
}

#[test]
fn files_that_are_not_local_are_read_and_changed_like_others() {
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(folder.path().join("a"), "one\n").unwrap();
    let session = session(folder.path(), &state.path().join("s"));
    let read = wait(session.call("files_read", json!({ "file": "/w/a" })));
    assert_eq!(read.code, Code::Ok, "{}", read.text());
    assert!(
        read.usage.fuel > 0 && read.usage.read >= 4,
        "{:?}",
        read.usage
    );
    let edit = json!({ "file": "/w/a", "old": "one", "new": "two" });
    let edited = wait(session.call("edit_replace", edit));
    assert_eq!(edited.code, Code::Ok, "{}", edited.text());
    assert_eq!(
        fs::read_to_string(folder.path().join("a")).unwrap(),
        "two\n"
    );
    assert_eq!(session.spent().calls, 2);
    assert!(session.spent().fuel >= read.usage.fuel + edited.usage.fuel);
}

#[test]
fn calls_that_run_apart_end_at_their_bounds_and_are_cancelled() {
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let session = session(folder.path(), &state.path().join("s"));
    let mut limits = Limits::max();
    limits.fuel = 1_000_000;
    let spent = wait(session.call_within("spin_forever", json!({}), limits));
    assert_eq!(spent.code, Code::FuelExhausted, "{}", spent.text());
    assert_eq!(spent.usage.fuel, 1_000_000);
    limits.deadline = Duration::from_millis(50);
    let late = wait(session.call_within("sleep_forever", json!({}), limits));
    assert_eq!(late.code, Code::DeadlineExceeded, "{}", late.text());
    runtime().block_on(async {
        let call = session.call("sleep_forever", json!({}));
        let (cancel, mut events) = (call.cancel(), call.events());
        let call = tokio::spawn(call);
        assert!(events.next().await.is_some());
        cancel.cancel();
        assert_eq!(call.await.unwrap().code, Code::Cancelled);
    });
    // The place of each is free again, and what it had is settled.
    let after = wait(session.call("spin_burn", json!({ "rounds": 1 })));
    assert_eq!(after.code, Code::Ok, "{}", after.text());
}
