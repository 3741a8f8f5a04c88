//! What is pending: seen by later calls and by other processes, shown, applied and dropped, whole and by path.

use crate::session::{Session, conflicts, layer, lines};
use crate::tree::{Tree, path};
use crate::work::{read, write};
use bailiwick_capfs::state::ApplyError;
use bailiwick_capfs::{Amount, CommitError, ErrorCode, Volume, Writes, commit};

fn session() -> Session {
    let tree = Tree::new();
    tree.file("f", "one\n")
        .file("g", "g\n")
        .file("d/x", "x\n")
        .file("d/y", "y\n");
    Session::new(tree, Writes::Review)
}

fn pending(volume: &Volume) -> Vec<String> {
    lines(&volume.pending())
}

/// The path that was asked for, and the one that it goes with.
fn tied<T: std::fmt::Debug>(result: Result<T, CommitError>) -> (String, String) {
    match result {
        Err(CommitError::Tied { path, with }) => (path, with),
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_adds_up_over_calls() {
    let session = session();
    let done = session
        .call(|dir| {
            write(dir, "f", "two\n");
            dir.create_dir("new").unwrap();
            write(dir, "new/n", "n\n");
        })
        .unwrap();
    assert!(done.pending && done.record.is_none());
    assert_eq!(session.base("f").as_deref(), Some("one\n"));
    assert_eq!(session.next_sees("f").as_deref(), Some("two\n"));
    let done = session
        .call(|dir| {
            write(dir, "f", "two\nthree\n");
            dir.rename("new", dir, "d/new", false).unwrap();
        })
        .unwrap();
    assert_eq!(
        lines(&done.changes),
        [
            "A /workspace/d/new/",
            "A /workspace/d/new/n +1 -0",
            "M /workspace/f +1 -0",
            "D /workspace/new/",
            "D /workspace/new/n +0 -1"
        ],
        "what this call did"
    );
    let all = [
        "A /workspace/d/new/",
        "A /workspace/d/new/n +1 -0",
        "M /workspace/f +2 -1",
    ];
    assert_eq!(pending(&session.volume), all);
    assert_eq!(
        pending(&session.again()),
        all,
        "for another process as well"
    );
    assert_eq!(
        session.volume.pending_diff(&[path("f")]),
        "--- a/workspace/f\n+++ b/workspace/f\n@@ -1 +1,2 @@\n-one\n+two\n+three\n"
    );
    let diff = session.volume.pending_diff(&[]);
    assert!(
        diff.starts_with(
            "new directory /workspace/d/new/\n--- /dev/null\n+++ b/workspace/d/new/n\n"
        ),
        "{diff}"
    );
    session.volume.apply_pending(&[], "accepted").unwrap();
    assert_eq!(session.base("d/new/n").as_deref(), Some("n\n"));
    assert_eq!(session.base("f").as_deref(), Some("two\nthree\n"));
    assert_eq!(pending(&session.volume), [""; 0]);
    assert_eq!(pending(&session.again()), [""; 0]);
    assert_eq!(session.next_sees("f").as_deref(), Some("two\nthree\n"));
}

#[test]
fn dropped_it_is_gone_and_the_quota_is_back() {
    let session = session();
    session
        .writes(&[("f", "two\n"), ("new", "12345678\n")])
        .unwrap();
    let used = session.volume.ledger().used();
    assert_eq!(
        used,
        Amount {
            bytes: 13,
            entries: 1
        }
    );
    let dropped = session.volume.drop_pending(&[path("new")]).unwrap();
    assert_eq!(lines(&dropped), ["A /workspace/new +1 -0"]);
    assert_eq!(
        session.volume.ledger().used(),
        Amount {
            bytes: 4,
            entries: 0
        }
    );
    session.volume.drop_pending(&[]).unwrap();
    assert_eq!(session.volume.ledger().used(), Amount::default());
    assert_eq!(session.next_sees("f").as_deref(), Some("one\n"));
    assert_eq!(session.next_sees("new"), None);
    assert_eq!(pending(&session.again()), [""; 0]);
}

#[test]
fn in_disjoint_places_at_the_same_time() {
    let session = session();
    let locks = [path("d/x"), path("d/new"), path("f")];
    let layers: Vec<_> = locks
        .iter()
        .map(|place| {
            layer(&session.volume, place.as_str(), |dir| {
                write(dir, place.as_str(), "mine\n")
            })
        })
        .collect();
    assert!(session.volume.try_lock(&[path("d")]).is_none());
    for layer in layers.into_iter().rev() {
        commit(vec![layer], "a call").unwrap();
    }
    let all = [
        "A /workspace/d/new +1 -0",
        "M /workspace/d/x +1 -1",
        "M /workspace/f +1 -1",
    ];
    assert_eq!(pending(&session.volume), all);
    assert_eq!(pending(&session.again()), all);
    session.volume.apply_pending(&[], "accepted").unwrap();
    for path in ["d/x", "d/new", "f"] {
        assert_eq!(session.base(path).as_deref(), Some("mine\n"));
    }
    assert_eq!(session.base("d/y").as_deref(), Some("y\n"));
}

#[test]
fn while_a_call_writes_it_is_not_applied() {
    let session = session();
    session.writes(&[("f", "two\n")]).unwrap();
    let locked = session.volume.try_lock(&[path("d")]).unwrap();
    let busy = |error| {
        matches!(
            error,
            CommitError::Apply(ApplyError::Failed(ErrorCode::Busy))
        )
    };
    assert!(busy(session.volume.apply_pending(&[], "x").unwrap_err()));
    assert!(busy(session.volume.drop_pending(&[]).unwrap_err()));
    drop(locked);
    session.volume.apply_pending(&[], "x").unwrap();
}

#[test]
fn by_path_with_the_directories_that_it_is_in() {
    let session = session();
    session
        .call(|dir| {
            dir.create_dir("new/deep").unwrap();
            write(dir, "new/deep/a", "a\n");
            write(dir, "new/b", "b\n");
            write(dir, "f", "two\n");
        })
        .unwrap();
    let done = session
        .volume
        .apply_pending(&[path("new/deep/a")], "some")
        .unwrap();
    assert_eq!(
        lines(&done.changes),
        [
            "A /workspace/new/",
            "A /workspace/new/deep/",
            "A /workspace/new/deep/a +1 -0"
        ]
    );
    let left = ["M /workspace/f +1 -1", "A /workspace/new/b +1 -0"];
    assert_eq!(pending(&session.volume), left);
    assert_eq!(pending(&session.again()), left);
    assert_eq!(
        (session.base("new/deep/a").as_deref(), session.base("new/b")),
        (Some("a\n"), None)
    );
    session
        .volume
        .apply_pending(&[path("new")], "the rest of it")
        .unwrap();
    assert_eq!(session.base("new/b").as_deref(), Some("b\n"));
    assert_eq!(session.base("f").as_deref(), Some("one\n"));
    session
        .volume
        .apply_pending(&[path("nothing/of/the/kind")], "nothing")
        .unwrap();
    assert_eq!(pending(&session.volume), ["M /workspace/f +1 -1"]);
}

#[test]
fn what_is_in_a_directory_that_was_renamed_goes_with_it() {
    let session = session();
    session
        .call(|dir| {
            dir.rename("d", dir, "e", false).unwrap();
            write(dir, "e/x", "X\n");
            write(dir, "f", "two\n");
        })
        .unwrap();
    let wanted = ("/workspace/e/x".to_owned(), "/workspace/e/".to_owned());
    assert_eq!(
        tied(session.volume.apply_pending(&[path("e/x")], "x")),
        wanted
    );
    assert_eq!(pending(&session.volume).len(), 3);
    // It can be dropped alone; and the old name stands for the new one.
    session.volume.drop_pending(&[path("e/x")]).unwrap();
    assert_eq!(session.next_sees("e/x").as_deref(), Some("x\n"));
    session
        .volume
        .apply_pending(&[path("d")], "the rename")
        .unwrap();
    assert_eq!(session.base("e/x").as_deref(), Some("x\n"));
    assert_eq!(pending(&session.again()), ["M /workspace/f +1 -1"]);
}

#[test]
fn a_rename_and_what_took_its_place() {
    let session = session();
    session
        .call(|dir| {
            dir.rename("f", dir, "h", false).unwrap();
            write(dir, "f", "new\n");
        })
        .unwrap();
    let other = session.again();
    other.apply_pending(&[path("h")], "the rename").unwrap();
    assert_eq!(
        (session.base("h").as_deref(), session.base("f")),
        (Some("one\n"), None)
    );
    assert_eq!(pending(&other), ["A /workspace/f +1 -0"]);
    other.apply_pending(&[path("f")], "the new one").unwrap();
    assert_eq!(session.base("f").as_deref(), Some("new\n"));
}

#[test]
fn a_rename_dropped_is_back_where_it_was() {
    let session = session();
    session
        .call(|dir| {
            dir.rename("d/x", dir, "x", false).unwrap();
            write(dir, "x", "changed\n");
            write(dir, "f", "two\n");
        })
        .unwrap();
    session.volume.drop_pending(&[path("x")]).unwrap();
    assert_eq!(session.next_sees("d/x").as_deref(), Some("x\n"));
    assert_eq!(session.next_sees("x"), None);
    assert_eq!(pending(&session.again()), ["M /workspace/f +1 -1"]);
}

#[test]
fn out_of_a_directory_that_was_removed() {
    let session = session();
    session
        .call(|dir| {
            dir.rename("d/x", dir, "x", false).unwrap();
            dir.remove("d", true).unwrap();
        })
        .unwrap();
    let (x, d) = ("/workspace/x".to_owned(), "/workspace/d".to_owned());
    assert_eq!(
        tied(session.volume.apply_pending(&[path("x")], "x")),
        (x.clone(), d.clone())
    );
    session
        .volume
        .drop_pending(&[path("x"), path("d")])
        .unwrap();
    assert_eq!(session.next_sees("d/x").as_deref(), Some("x\n"));
    assert_eq!(pending(&session.volume), [""; 0]);
}

#[test]
fn what_changed_meanwhile_is_not_overwritten() {
    let session = session();
    session.writes(&[("f", "mine\n"), ("g", "mine\n")]).unwrap();
    session.tree.file("f", "theirs\n");
    let found = conflicts(session.volume.apply_pending(&[], "accepted"));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path, "/workspace/f");
    assert!(
        found[0].diff.contains("-theirs\n+mine\n"),
        "{}",
        found[0].diff
    );
    assert_eq!(session.base("g").as_deref(), Some("g\n"));
    session
        .volume
        .apply_pending(&[path("g")], "what can be")
        .unwrap();
    assert_eq!(session.base("g").as_deref(), Some("mine\n"));
    assert_eq!(pending(&session.volume), ["M /workspace/f +1 -1"]);
    session.volume.drop_pending(&[path("f")]).unwrap();
    assert_eq!(session.base("f").as_deref(), Some("theirs\n"));
}

#[test]
fn what_is_pending_counts_in_the_next_process() {
    let session = session();
    session
        .writes(&[("f", "mine\n"), ("new", "12345\n")])
        .unwrap();
    let used = session.volume.ledger().used();
    assert_eq!(
        used,
        Amount {
            bytes: 11,
            entries: 1
        }
    );
    assert_eq!(session.again().ledger().used(), used);
}

#[test]
fn a_call_that_does_not_end_well_leaves_what_was_pending() {
    let session = session();
    session.writes(&[("f", "mine\n")]).unwrap();
    let failed = layer(&session.volume, "", |dir| {
        assert_eq!(read(dir, "f"), "mine\n");
        write(dir, "f", "half\n");
        dir.remove_file("g").unwrap();
    });
    let changes = bailiwick_capfs::discard(vec![failed], None);
    assert_eq!(
        lines(&changes),
        ["M /workspace/f +1 -1", "D /workspace/g +0 -1"]
    );
    assert_eq!(session.next_sees("f").as_deref(), Some("mine\n"));
    assert_eq!(session.next_sees("g").as_deref(), Some("g\n"));
    assert_eq!(
        session.volume.ledger().used(),
        Amount {
            bytes: 5,
            entries: 0
        }
    );
}
