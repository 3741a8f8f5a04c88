//! Calls that end well, alone and side by side: what is on the disk then, what is told, what stays charged.

use crate::session::{Session, conflicts, layer, lines, volume};
use crate::tree::{Tree, path};
use crate::view::QUOTA;
use crate::work::{read, write};
use bailiwick_capfs::state::Fault;
use bailiwick_capfs::{
    Amount, CommitError, ErrorCode, Expect, Grant, GuestPath, Handles, Ledger, Rights, Salvage,
    Volume, VolumeOptions, Writes, ambient_authority, commit, discard,
};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Condvar;
use std::sync::Mutex;

fn session() -> Session {
    let tree = Tree::new();
    tree.file("f", "one\ntwo\n")
        .file("d/x", "x\n")
        .file("d/y", "y\n");
    Session::new(tree, Writes::Apply)
}

#[test]
fn what_a_call_changed_is_there_and_is_told() {
    let session = session();
    let done = session.call(|dir| {
        write(dir, "f", "one\n2\n3\n");
        dir.create_dir("new/deep").unwrap();
        write(dir, "new/deep/made", "a\nb\n");
        dir.rename("d", dir, "e", false).unwrap();
        write(dir, "e/x", "X\n");
        dir.remove_file("e/y").unwrap();
    });
    let done = done.unwrap();
    assert_eq!(
        lines(&done.changes),
        [
            "R /workspace/d/ -> /workspace/e/",
            "M /workspace/e/x +1 -1",
            "D /workspace/e/y +0 -1",
            "M /workspace/f +2 -1",
            "A /workspace/new/",
            "A /workspace/new/deep/",
            "A /workspace/new/deep/made +2 -0",
        ]
    );
    assert!(!done.pending && done.record.is_some());
    assert_eq!(session.base("f").as_deref(), Some("one\n2\n3\n"));
    assert_eq!(session.base("e/x").as_deref(), Some("X\n"));
    assert_eq!((session.base("d/x"), session.base("e/y")), (None, None));
    assert_eq!(session.base("new/deep/made").as_deref(), Some("a\nb\n"));
}

#[test]
fn a_call_that_changes_nothing_leaves_no_record() {
    let session = session();
    let done = session.call(|dir| {
        read(dir, "f");
        // Opened to write, and never written.
        dir.open_file("f", Expect::Existing).unwrap();
        write(dir, "t", "made");
        dir.remove_file("t").unwrap();
    });
    let done = done.unwrap();
    assert_eq!(done.changes, []);
    assert!(done.record.is_none());
    assert_eq!(session.state.history().unwrap().len(), 0);
}

#[test]
fn undone_and_forgotten() {
    let session = session();
    let first = session.writes(&[("f", "mine\n"), ("new", "n\n")]).unwrap();
    let second = session.call(|dir| dir.remove("d", true).unwrap()).unwrap();
    let records: Vec<u64> = [first, second]
        .iter()
        .map(|done| done.record.as_ref().unwrap().id)
        .collect();
    session.state.undo(&records, "a whole turn").unwrap();
    session.volume.forget_paths(&[session.tree.inside()]);
    assert_eq!(session.base("f").as_deref(), Some("one\ntwo\n"));
    assert_eq!(
        (session.base("new"), session.base("d/y").as_deref()),
        (None, Some("y\n"))
    );
    session
        .writes(&[("f", "again\n"), ("new", "again\n")])
        .unwrap();
    assert_eq!(session.base("f").as_deref(), Some("again\n"));
}

#[test]
fn permissions_stay() {
    let session = session();
    let at = session.tree.at("f");
    fs::set_permissions(&at, fs::Permissions::from_mode(0o751)).unwrap();
    session.writes(&[("f", "mine")]).unwrap();
    session
        .call(|dir| {
            dir.rename("f", dir, "g", false).unwrap();
            write(dir, "g", "moved and changed");
        })
        .unwrap();
    let mode = fs::metadata(session.tree.at("g"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o751);
}

#[test]
fn several_grants_are_one_transaction() {
    let (first, second) = (session(), Tree::new());
    second.file("s", "s\n");
    let other = volume(&second, "other", Writes::Apply, QUOTA, &first.state);
    first.reads(&["f"]);
    first.tree.file("f", "theirs\n");
    let both = |text: &str| {
        vec![
            layer(&other, "", |dir| write(dir, "s", text)),
            layer(&first.volume, "", |dir| write(dir, "f", text)),
        ]
    };
    conflicts(commit(both("mine\n"), "a call"));
    assert_eq!(fs::read_to_string(second.at("s")).unwrap(), "s\n");
    first.reads(&["f"]);
    let done = commit(both("mine\n"), "a call").unwrap();
    assert_eq!(
        lines(&done.changes),
        ["M /other/s +1 -1", "M /workspace/f +1 -1"]
    );
    assert_eq!(fs::read_to_string(second.at("s")).unwrap(), "mine\n");
    first
        .state
        .undo(&[done.record.unwrap().id], "undo")
        .unwrap();
    assert_eq!(fs::read_to_string(second.at("s")).unwrap(), "s\n");
    assert_eq!(first.base("f").as_deref(), Some("theirs\n"));
}

#[test]
fn what_is_applied_and_what_is_pending_fail_as_one() {
    let (first, second) = (session(), Tree::new());
    second.file("s", "s\n");
    let review = volume(&second, "review", Writes::Review, QUOTA, &first.state);
    // What another call left pending stays, whatever comes of this one.
    commit(
        vec![layer(&review, "", |dir| write(dir, "r", "r\n"))],
        "before",
    )
    .unwrap();
    for steps in 0.. {
        let layers = vec![
            layer(&review, "", |dir| write(dir, "s", "mine\n")),
            layer(&first.volume, "", |dir| write(dir, "f", "mine\n")),
        ];
        first.state.fault(Fault::Fail(steps, ErrorCode::Io));
        let ended = commit(layers, "a call").is_ok();
        first.state.fault(Fault::None);
        let text = if ended { "mine\n" } else { "one\ntwo\n" };
        assert_eq!(first.base("f").as_deref(), Some(text), "at {steps}");
        let mut pending = vec!["A /review/r +1 -0"];
        pending.extend(ended.then_some("M /review/s +1 -1"));
        assert_eq!(lines(&review.pending()), pending, "at {steps}");
        let later = volume(&second, "review", Writes::Review, QUOTA, &first.state);
        assert_eq!(lines(&later.pending()), pending, "at {steps}");
        assert_eq!(fs::read_to_string(second.at("s")).unwrap(), "s\n");
        if ended {
            assert!(steps > 5, "every step has a place to fail: {steps}");
            return;
        }
    }
}

#[test]
fn what_was_applied_with_what_is_pending_is_undone_without_it() {
    let (first, second) = (session(), Tree::new());
    let review = volume(&second, "review", Writes::Review, QUOTA, &first.state);
    let layers = vec![
        layer(&review, "", |dir| write(dir, "r", "mine\n")),
        layer(&first.volume, "", |dir| write(dir, "f", "mine\n")),
    ];
    let done = commit(layers, "a call").unwrap();
    assert!(done.pending);
    assert_eq!(
        lines(&done.changes),
        ["A /review/r +1 -0", "M /workspace/f +1 -2"]
    );
    drop((review, second));
    let record = done.record.unwrap();
    assert_eq!(record.paths, [(0, "f".to_owned())]);
    first.state.undo(&[record.id], "undo").unwrap();
    assert_eq!(first.base("f").as_deref(), Some("one\ntwo\n"));
}

#[test]
fn a_handle_that_was_taken_back() {
    let session = session();
    let handles = Handles::default();
    let id = handles.grant("workspace", session.volume.clone());
    let call = |write: bool| {
        let locked = session.volume.try_lock(&[GuestPath::default()]).unwrap();
        let layer = session.volume.begin(Some(locked));
        let capability = handles.get(id).unwrap();
        let dir = layer.write_dir(&capability, &GuestPath::default()).unwrap();
        if write {
            self::write(&dir, "f", "mine\n");
        }
        layer
    };
    drop(call(false));
    let wrote = call(true);
    handles.revoke(id).unwrap();
    assert!(matches!(
        commit(vec![wrote], "late"),
        Err(CommitError::Revoked)
    ));
    assert_eq!(session.base("f").as_deref(), Some("one\ntwo\n"));
}

#[test]
fn five_at_once_edit_one_file() {
    let session = session();
    let (ended, wake) = (Mutex::new(0), Condvar::new());
    let edit = |n: usize| {
        let mut ends = ended.lock().unwrap();
        let locked = loop {
            match session.volume.try_lock(&[path("f")]) {
                Some(locked) => break locked,
                None => ends = wake.wait(ends).unwrap(),
            }
        };
        drop(ends);
        let layer = session.volume.begin(Some(locked));
        let handles = Handles::default();
        let capability = handles
            .get(handles.grant("workspace", session.volume.clone()))
            .unwrap();
        let dir = layer.write_dir(&capability, &GuestPath::default()).unwrap();
        let text = read(&dir, "f");
        write(&dir, "f", &format!("{text}line {n}\n"));
        drop(dir);
        commit(vec![layer], "edit").unwrap();
        *ended.lock().unwrap() += 1;
        wake.notify_all();
    };
    std::thread::scope(|scope| {
        let edit = &edit;
        for n in 0..5 {
            scope.spawn(move || edit(n));
        }
    });
    let text = session.base("f").unwrap();
    assert_eq!(text.lines().count(), 7, "{text}");
    for n in 0..5 {
        assert!(text.contains(&format!("line {n}\n")), "{text}");
    }
}

#[test]
fn what_stays_charged_is_what_the_base_grew() {
    let quota = Amount {
        bytes: 100,
        entries: 5,
    };
    let tree = Tree::new();
    tree.file("f", &"f".repeat(40));
    let session = Session::with(tree, Writes::Apply, quota);
    let used = |bytes, entries| {
        let wanted = Amount { bytes, entries };
        assert_eq!(session.volume.ledger().used(), wanted);
    };
    session.writes(&[("f", &"g".repeat(50))]).unwrap();
    used(10, 0);
    session.writes(&[("new", &"n".repeat(30))]).unwrap();
    used(40, 1);
    session.call(|dir| dir.create_dir("d").unwrap()).unwrap();
    used(40, 2);
    // It does not fit while it is a copy; what failed leaves nothing.
    let layer = layer(&session.volume, "", |dir| {
        let file = dir.create_file("more", Expect::New, false).unwrap();
        file.replace(&[0; 60]).unwrap();
        used(100, 3);
        assert_eq!(file.append(b"x"), Err(bailiwick_capfs::ErrorCode::Quota));
    });
    discard(vec![layer], None);
    used(40, 2);
    session.call(|dir| dir.remove_file("new").unwrap()).unwrap();
    used(10, 1);
    // Below nothing it never goes.
    session.call(|dir| dir.remove_file("f").unwrap()).unwrap();
    used(0, 0);
    session.call(|dir| dir.remove_dir("d").unwrap()).unwrap();
    used(0, 0);
}

#[test]
fn what_a_call_wrote_that_failed_can_be_looked_at() {
    let session = session();
    let layer = layer(&session.volume, "", |dir| {
        write(dir, "f", "half done\n");
        dir.create_dir("new").unwrap();
        write(dir, "new/made", "made\n");
        dir.remove("d", true).unwrap();
    });
    let into = tempfile::tempdir().unwrap();
    let folder = cap_std::fs::Dir::open_ambient_dir(into.path(), ambient_authority()).unwrap();
    let ledger = Ledger::new(QUOTA);
    let mut salvage = Salvage::new(&folder, &ledger);
    let changes = discard(vec![layer], Some(&mut salvage));
    assert_eq!(salvage.left_out(), 0);
    assert_eq!(
        lines(&changes),
        [
            "D /workspace/d/",
            "M /workspace/f +1 -2",
            "A /workspace/new/",
            "A /workspace/new/made +1 -0",
        ]
    );
    let kept = |path: &str| fs::read_to_string(into.path().join("workspace").join(path)).unwrap();
    assert_eq!(
        (kept("f").as_str(), kept("new/made").as_str()),
        ("half done\n", "made\n")
    );
    assert_eq!(session.base("f").as_deref(), Some("one\ntwo\n"));
    assert_eq!(session.volume.ledger().used(), Amount::default());
    let _again: Volume = session.again();
    session.volume.try_lock(&[path("")]).unwrap();
}

#[test]
fn direct_writes_are_told_as_well() {
    let tree = Tree::new();
    tree.file("f", "f");
    let session = Session::new(tree, Writes::Direct);
    let done = session.call(|dir| {
        write(dir, "f", "g");
        write(dir, "new", "n");
        dir.create_dir("d").unwrap();
    });
    let done = done.unwrap();
    assert_eq!(
        lines(&done.changes),
        ["A /workspace/d/", "M /workspace/f", "A /workspace/new"]
    );
    assert!(done.record.is_none() && !done.pending);
}

#[test]
fn what_is_written_needs_a_state_folder() {
    let tree = Tree::new();
    let grant = |rights| Grant::open_ambient(&tree.inside(), rights, ambient_authority()).unwrap();
    let new = |rights, writes| {
        let quota = QUOTA;
        Volume::new(
            "workspace",
            grant(rights),
            VolumeOptions { writes, quota },
            None,
        )
    };
    for writes in [Writes::Apply, Writes::Review] {
        assert!(new(Rights::READ_WRITE, writes).is_err());
        assert!(new(Rights::READ, writes).is_ok());
    }
    assert!(new(Rights::READ_WRITE, Writes::Direct).is_ok());
}
