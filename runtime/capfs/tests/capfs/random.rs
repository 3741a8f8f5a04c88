//! Random operations: however a call's changes come to the disk, they come to what the call itself saw.

use crate::session::{Session, layer};
use crate::tree::{Tree, path};
use crate::work::write;
use bailiwick_capfs::{CommitError, Kind, ReadDir, Volume, WriteDir, Writes, commit};
use proptest::prelude::*;
use std::collections::BTreeMap;

const PATHS: [&str; 14] = [
    "a", "b", "f", "l", "n", "a/x", "a/in", "a/in/z", "a/n", "b/x", "b/n", "n/m", "n/m/o", "b/in/z",
];

/// What to do, with one or two of the paths.
type Act = (u8, prop::sample::Index, prop::sample::Index);

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = (
        0..7_u8,
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
    );
    prop::collection::vec(act, 1..14)
}

fn tree() -> Tree {
    let tree = Tree::new();
    for file in ["a/x", "a/y", "a/in/z", "b/x", "b/y", "f", "g"] {
        tree.file(file, &format!("{file}\n"));
    }
    tree.link("l", "f");
    tree
}

/// Most of these fail, for one reason or another.
fn act(dir: &WriteDir, step: usize, (what, one, two): &Act) {
    let (one, two) = (PATHS[one.index(PATHS.len())], PATHS[two.index(PATHS.len())]);
    let text = format!("step {step}\n");
    let _ = match what {
        0 => dir
            .create_file(one, bailiwick_capfs::Expect::Either, true)
            .and_then(|file| file.replace(text.as_bytes())),
        1 => dir.make_dir(one),
        2 => dir.remove(one, true),
        3 => dir.remove_file(one),
        4 => dir.make_link("x", one),
        _ => dir.rename(one, dir, two, true),
    };
}

/// Everything below, by path: what a file says, where a link leads.
fn shown(dir: &ReadDir) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut ahead = vec![String::new()];
    while let Some(at) = ahead.pop() {
        for entry in dir.entries(&at).unwrap() {
            let path = format!("{at}{}", entry.name);
            let says = match entry.kind {
                Kind::Directory => {
                    ahead.push(format!("{path}/"));
                    String::new()
                }
                Kind::Symlink => dir.read_link(&path).unwrap(),
                _ => {
                    let file = dir.open_file(&path).unwrap();
                    String::from_utf8(file.read(0, 100).unwrap().bytes).unwrap()
                }
            };
            found.insert(format!("{path} {:?}", entry.kind), says);
        }
    }
    found
}

/// What a new call sees.
fn now(volume: &Volume) -> BTreeMap<String, String> {
    let mut seen = BTreeMap::new();
    drop(layer(volume, "", |dir| seen = shown(&dir.as_read())));
    seen
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_ways_to_the_disk_are_the_same(first in acts(), second in acts(), part in any::<prop::sample::Index>()) {
        let direct = Session::new(tree(), Writes::Direct);
        let at_once = Session::new(tree(), Writes::Apply);
        let reviewed = Session::new(tree(), Writes::Review);
        let mut records = Vec::new();
        let before = now(&at_once.volume);
        for acts in [&first, &second] {
            let mut seen = Vec::new();
            for session in [&direct, &at_once, &reviewed] {
                let mut saw = BTreeMap::new();
                let layer = layer(&session.volume, "", |dir| {
                    acts.iter().enumerate().for_each(|(step, it)| act(dir, step, it));
                    saw = shown(&dir.as_read());
                });
                let done = commit(vec![layer], "random").unwrap();
                records.extend(done.record);
                prop_assert_eq!(&now(&session.volume), &saw, "{:?}", session.volume.writes());
                seen.push(saw);
            }
            prop_assert_eq!(&seen[0], &seen[1]);
            prop_assert_eq!(&seen[0], &seen[2]);
        }
        let wanted = now(&direct.volume);

        // Another process shows the same, lists the same, and applies a part and then the rest.
        let other = reviewed.again();
        prop_assert_eq!(&now(&other), &wanted);
        let paths: Vec<_> = other.pending().iter().map(|it| it.path["/workspace/".len()..].to_owned()).collect();
        if !paths.is_empty() {
            let some = path(&paths[part.index(paths.len())]);
            match other.apply_pending(&[some], "a part") {
                Ok(_) | Err(CommitError::Tied { .. }) => {}
                Err(error) => return Err(TestCaseError::fail(format!("{error:?}"))),
            }
            prop_assert_eq!(&now(&other), &wanted, "after a part");
            prop_assert_eq!(&now(&reviewed.again()), &wanted, "after a part, in another process");
        }
        other.apply_pending(&[], "the rest").unwrap();
        prop_assert_eq!(other.pending(), vec![]);
        prop_assert_eq!(&now(&reviewed.again()), &wanted);

        let records: Vec<u64> = records.iter().map(|record| record.id).collect();
        if !records.is_empty() {
            at_once.state.undo(&records, "undo").unwrap();
        }
        prop_assert_eq!(&now(&at_once.volume), &before);
    }

    /// Dropping a part and then the rest leaves the base as it was, and what is left in between can be applied.
    #[test]
    fn dropped_in_parts(acts in acts(), parts in prop::collection::vec(any::<prop::sample::Index>(), 1..4)) {
        let session = Session::new(tree(), Writes::Review);
        let before = now(&session.volume);
        let layer = layer(&session.volume, "", |dir| {
            acts.iter().enumerate().for_each(|(step, it)| act(dir, step, it));
        });
        commit(vec![layer], "random").unwrap();
        for part in parts {
            let paths: Vec<_> =
                session.volume.pending().iter().map(|it| it.path["/workspace/".len()..].to_owned()).collect();
            if paths.is_empty() {
                break;
            }
            match session.volume.drop_pending(&[path(&paths[part.index(paths.len())])]) {
                Ok(_) | Err(CommitError::Tied { .. }) => {}
                Err(error) => return Err(TestCaseError::fail(format!("{error:?}"))),
            }
            prop_assert_eq!(now(&session.volume), now(&session.again()));
        }
        let wanted = now(&session.volume);
        let other = session.again();
        other.apply_pending(&[], "what is left").unwrap();
        prop_assert_eq!(&now(&other), &wanted);
        let record = session.state.history().unwrap().into_iter().next();
        if let Some(record) = record {
            session.state.undo(&[record.id], "undo").unwrap();
        }
        prop_assert_eq!(&now(&session.again()), &before);
    }
}

#[test]
fn a_point_to_come_back_to() {
    let session = Session::new(tree(), Writes::Review);
    session.writes(&[("f", "one\n")]).unwrap();
    let (point, then) = (session.volume.point(), now(&session.volume));
    session
        .call(|dir| {
            write(dir, "f", "two\n");
            dir.remove("a", true).unwrap();
        })
        .unwrap();
    let held = session.volume.hold_all().unwrap();
    session.volume.restore(&point, &held).unwrap();
    drop(held);
    assert_eq!(now(&session.volume), then);
    assert_eq!(now(&session.again()), then);
}
