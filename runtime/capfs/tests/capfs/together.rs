//! Many threads of one call at once, and trees that are deep or large.

use crate::session::{Session, layer};
use crate::tree::{Tree, path};
use crate::work::{Work, write};
use bailiwick_capfs::{Amount, ErrorCode, Expect, Writes, bounds};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

#[test]
fn exactly_one_makes_a_name() {
    for writes in [Writes::Apply, Writes::Review, Writes::Direct] {
        let tree = Tree::new();
        tree.dir("d");
        let work = Work::new(tree, writes);
        let barrier = Barrier::new(8);
        let made: usize = thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|i| {
                    let (work, barrier) = (&work, &barrier);
                    scope.spawn(move || {
                        barrier.wait();
                        let root = &work.root;
                        let own = format!("own-{i}");
                        root.make_dir(&own).unwrap();
                        (0..20)
                            .filter(|round| {
                                let name = format!("d/{round}");
                                match round % 3 {
                                    0 => root.make_dir(&name).is_ok(),
                                    1 => root.create_file(&name, Expect::New, true).is_ok(),
                                    _ => root.rename(&own, root, &name, false).is_ok_and(|()| {
                                        root.make_dir(&own).unwrap();
                                        true
                                    }),
                                }
                            })
                            .count()
                    })
                })
                .collect();
            threads.into_iter().map(|it| it.join().unwrap()).sum()
        });
        assert_eq!(made, 20);
        assert_eq!(work.root.as_read().entries("d").unwrap().len(), 20);
        assert_eq!(work.volume.ledger().used().entries, 28);
    }
}

#[test]
fn a_file_that_goes_back_and_forth_is_always_somewhere() {
    let tree = Tree::new();
    tree.dir("a/d").file("a/d/f", "text").dir("b");
    let work = Work::new(tree, Writes::Apply);
    let barrier = Barrier::new(3);
    thread::scope(|scope| {
        let mover = scope.spawn(|| {
            barrier.wait();
            for _ in 0..50 {
                work.root.rename("a/d", &work.root, "b/d", false).unwrap();
                work.root.rename("b/d", &work.root, "a/d", false).unwrap();
            }
        });
        for from in ["a/d/f", "b/d/f"] {
            let (work, barrier) = (&work, &barrier);
            scope.spawn(move || {
                barrier.wait();
                for _ in 0..200 {
                    match work.root.open_file(from, Expect::Existing) {
                        Ok(file) => file.append(b"!").unwrap(),
                        Err(error) => assert_eq!(error, ErrorCode::NoEntry),
                    }
                }
            });
        }
        mover.join().unwrap();
    });
    let text = work.read("a/d/f");
    assert_eq!(text.trim_end_matches('!'), "text");
}

#[test]
fn deep_trees_are_made_and_too_deep_ones_stay() {
    for writes in [Writes::Apply, Writes::Direct] {
        let quota = Amount {
            bytes: 1 << 20,
            entries: 10_000,
        };
        let work = Work::with(Tree::new(), writes, quota);
        let root = &work.root;
        let most = usize::try_from(bounds::SUBTREE_DEPTH).unwrap();
        let deep = vec!["d"; most].join("/");
        root.create_dir(&deep).unwrap();
        write(root, &format!("{deep}/f"), "f");
        root.rename("d", root, "e", false).unwrap();
        root.create_dir(&format!("e{}/d", &deep[1..])).unwrap();
        assert_eq!(root.rename("e", root, "d", false), Err(ErrorCode::Overflow));
        assert_eq!(root.remove("e", true), Err(ErrorCode::Overflow));
        root.remove_dir(&format!("e{}/d", &deep[1..])).unwrap();
        root.remove("e", true).unwrap();
        assert!(work.shown().is_empty());
        assert_eq!(work.volume.ledger().used(), Amount::default());
    }
}

#[test]
fn names_that_are_not_utf8_are_left_alone() {
    for writes in [Writes::Apply, Writes::Direct] {
        let tree = Tree::new();
        let odd = OsStr::from_bytes(b"odd\xff");
        fs::create_dir_all(tree.at("d").join(odd).join(".git/hooks")).unwrap();
        fs::create_dir_all(tree.at("e").join(odd)).unwrap();
        let work = Work::new(tree, writes);
        let root = &work.root;
        assert_eq!(root.remove_dir("e"), Err(ErrorCode::NotEmpty));
        // Not seen by anybody, and asked for all the same.
        assert_eq!(root.remove("d", true), Err(ErrorCode::NotPermitted));
        assert_eq!(
            root.rename("d", root, "f", false),
            Err(ErrorCode::NotPermitted)
        );
        root.rename("e", root, "f", false).unwrap();
        root.remove("f", true).unwrap();
        assert_eq!(work.shown(), ["d/"]);
    }
}

#[test]
fn long_names() {
    for writes in [Writes::Apply, Writes::Direct] {
        let work = Work::new(Tree::new(), writes);
        let name = "n".repeat(255);
        write(&work.root, &name, "long");
        assert_eq!(work.read(&name), "long");
        let longer = "n".repeat(256);
        assert_eq!(work.root.make_dir(&longer), Err(ErrorCode::NameTooLong));
        let moved = work.root.rename(&name, &work.root, &longer, false);
        assert_eq!(moved, Err(ErrorCode::NameTooLong));
    }
}

#[test]
fn a_place_is_free_when_nothing_of_the_call_is_left() {
    let session = Session::new(Tree::new(), Writes::Apply);
    let call = layer(&session.volume, "", |dir| {
        for name in 0..200 {
            write(dir, &name.to_string(), "text");
        }
    });
    let vaults = session.state.path().join("vaults");
    assert!(files(&vaults) >= 200, "contents wait there");
    thread::scope(|scope| {
        scope.spawn(move || drop(call));
        while session.volume.try_lock(&[path("")]).is_none() {
            thread::yield_now();
        }
        let left = files(&vaults);
        assert!(left < 10, "{left}: no more than what describes the vault");
    });
}

/// How many are below a directory. What is removed meanwhile counts or not.
fn files(dir: &Path) -> usize {
    let Ok(entries) = fs::read_dir(dir) else {
        return 0;
    };
    let count = |entry: fs::DirEntry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => files(&entry.path()),
        _ => 1,
    };
    entries.flatten().map(count).sum()
}
