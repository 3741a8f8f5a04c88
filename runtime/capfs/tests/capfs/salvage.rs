//! What a failed call had written is kept as far as there is room, and exactly what is kept is charged.

use crate::session::{Session, layer, lines};
use crate::tree::Tree;
use crate::work::write;
use bailiwick_capfs::{
    Amount, Folder, Ledger, Salvage, WriteDir, Writes, ambient_authority, discard,
};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Files with so many bytes, and none for directories, below a folder.
fn found(folder: &Path) -> BTreeMap<String, Option<u64>> {
    let mut found = BTreeMap::new();
    let mut ahead = vec![folder.to_owned()];
    while let Some(here) = ahead.pop() {
        for entry in fs::read_dir(here).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
            let facts = fs::symlink_metadata(&path).unwrap();
            let bytes = facts.is_file().then_some(facts.len());
            found.insert(name.to_owned(), bytes);
            if facts.is_dir() {
                ahead.push(path);
            }
        }
    }
    found
}

/// What is in the folder, and what was left out, when there is so much room for what a call had written.
fn kept(room: Amount, act: impl FnOnce(&WriteDir)) -> (BTreeMap<String, Option<u64>>, u64, usize) {
    let tree = Tree::new();
    tree.file("there/old", "old");
    let session = Session::new(tree, Writes::Apply);
    let layer = layer(&session.volume, "", act);
    let into = tempfile::tempdir().unwrap();
    let folder = Folder::open_ambient_dir(into.path(), ambient_authority()).unwrap();
    let ledger = Ledger::new(room);
    let mut salvage = Salvage::new(&folder, &ledger);
    let changes = discard(vec![layer], Some(&mut salvage));
    let left_out = salvage.left_out();
    let found = found(into.path());
    let there = Amount {
        bytes: found.values().flatten().sum(),
        entries: found.len() as u64,
    };
    assert_eq!(ledger.used(), there, "{found:?}");
    (found, left_out, lines(&changes).len())
}

fn writes(dir: &WriteDir) {
    dir.create_dir("a/b").unwrap();
    write(dir, "a/b/ten", "0123456789");
    write(dir, "a.txt", "a");
    write(dir, "a/two", "22");
    write(dir, "there/old", "new");
    dir.create_dir("empty").unwrap();
}

#[test]
fn exactly_what_is_kept_is_charged() {
    let room = Amount {
        bytes: 1 << 20,
        entries: 100,
    };
    let (found, left_out, changes) = kept(room, writes);
    assert_eq!((found.len(), left_out, changes), (8, 0, 7));
}

#[test]
fn what_does_not_fit_is_left_out_and_still_listed() {
    for bytes in 0..=16 {
        for entries in 0..=8 {
            let (found, left_out, changes) = kept(Amount { bytes, entries }, writes);
            let files = found.values().flatten().count() as u64;
            assert_eq!((files + left_out, changes), (4, 7), "{bytes} {entries}");
            assert!(found.len() as u64 <= entries);
            let whole = [0, 1, 2, 3, 10];
            assert!(found.values().flatten().all(|size| whole.contains(size)));
        }
    }
}

/// A file with a hole in it is as large as it says: nothing else would be charged when it is read and written again.
#[test]
fn a_hole_is_charged_as_if_it_had_been_written() {
    let room = Amount {
        bytes: 1 << 16,
        entries: 100,
    };
    for (size, fits) in [(1 << 16, true), ((1 << 16) + 1, false)] {
        let (found, left_out, _) = kept(room, |dir| {
            let file = dir.open_file("hole", bailiwick_capfs::Expect::New).unwrap();
            file.set_size(size).unwrap();
        });
        assert_eq!(found.contains_key("workspace/hole"), fits);
        assert_eq!(left_out, u64::from(!fits));
    }
}

/// Each level is held open while its files are written.
#[test]
fn what_lies_too_deep_is_left_out() {
    let room = Amount {
        bytes: 1 << 16,
        entries: 1000,
    };
    let (_, left_out, changes) = kept(room, |dir| {
        let deep = vec!["d"; 100].join("/");
        dir.create_dir(&deep).unwrap();
        write(dir, &format!("{deep}/file"), "deep");
    });
    assert_eq!((left_out, changes), (1, 101));
}
