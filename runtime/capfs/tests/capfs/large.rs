//! Files of the base that are too large to be read whole, replaced.

use crate::session::{Session, conflict};
use crate::tree::Tree;
use crate::work::write;
use bailiwick_capfs::{ErrorCode, Expect, Writes, bounds};
use std::fs::{self, File, FileTimes};
use std::time::{Duration, Instant};

/// Nobody reads so much in a test.
const SIZE: u64 = 1 << 40;

/// Longer than what is looked at takes, and far shorter than reading it would.
const SOON: Duration = Duration::from_secs(120);

fn session(writes: Writes) -> Session {
    let tree = Tree::large();
    for name in ["f", "g"] {
        let file = File::create(tree.at(name)).unwrap();
        file.set_len(SIZE).unwrap();
        let times = FileTimes::new().set_modified(std::time::UNIX_EPOCH);
        file.set_times(times).unwrap();
    }
    Session::new(tree, writes)
}

#[test]
fn they_are_not_read() {
    for writes in [Writes::Apply, Writes::Review, Writes::Direct] {
        let session = session(writes);
        let begun = Instant::now();
        let done = session.call(|dir| {
            write(dir, "f", "mine\n");
            let g = dir.open_file("g", Expect::Existing).unwrap();
            if writes != Writes::Direct {
                assert_eq!(g.set_size(1), Err(ErrorCode::Quota), "that copies it");
            }
            g.set_size(0).unwrap();
        });
        let done = done.unwrap();
        assert_eq!(done.changes.len(), 2, "{:?}", done.changes);
        if writes == Writes::Review {
            session.again().apply_pending(&[], "accepted").unwrap();
        }
        assert_eq!(session.base("f").as_deref(), Some("mine\n"));
        assert_eq!(session.base("g").as_deref(), Some(""));
        if let Some(record) = done.record {
            session.state.undo(&[record.id], "undo").unwrap();
            let size = |name| fs::metadata(session.tree.at(name)).unwrap().len();
            assert_eq!((size("f"), size("g")), (SIZE, SIZE));
        }
        assert!(begun.elapsed() < SOON, "{writes:?}: {:?}", begun.elapsed());
    }
}

/// The size stays, and the time is set back: the stamp tells it all the same.
fn change(session: &Session) {
    let file = File::options()
        .write(true)
        .open(session.tree.at("f"))
        .unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, b"theirs", SIZE / 2).unwrap();
    let times = FileTimes::new().set_modified(std::time::UNIX_EPOCH);
    file.set_times(times).unwrap();
}

#[test]
fn what_others_made_of_them_is_a_conflict() {
    let begun = Instant::now();
    for writes in [Writes::Apply, Writes::Review] {
        let session = session(writes);
        let edit = session.call(|dir| {
            write(dir, "f", "mine\n");
            change(&session);
        });
        conflict(edit, "/workspace/f");
        assert_eq!(fs::metadata(session.tree.at("f")).unwrap().len(), SIZE);
    }
    let session = session(Writes::Review);
    session.writes(&[("f", "mine\n")]).unwrap();
    change(&session);
    conflict(
        session.volume.apply_pending(&[], "accepted"),
        "/workspace/f",
    );
    assert_eq!(fs::metadata(session.tree.at("f")).unwrap().len(), SIZE);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
}

#[test]
fn up_to_there_the_contents_decide() {
    for (size, told) in [(bounds::DIGESTED, false), (bounds::DIGESTED + 1, true)] {
        let session = Session::new(Tree::large(), Writes::Apply);
        let path = session.tree.at("f");
        File::create(&path).unwrap().set_len(size).unwrap();
        let edit = session.call(|dir| {
            write(dir, "f", "mine\n");
            // Another time, and the same in it.
            let file = File::options().write(true).open(&path).unwrap();
            file.set_modified(std::time::UNIX_EPOCH).unwrap();
        });
        assert_eq!(edit.is_err(), told, "{size}");
    }
}
