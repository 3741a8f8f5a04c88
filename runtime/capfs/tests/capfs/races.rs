//! Somebody else exchanges names for links while we look, many times. What is outside must never come out.
//!
//! Each test counts its rounds and checks that it saw both states, so it cannot pass by having missed the race.

use crate::tree::{CANARY, Tree, path};
use crate::view::View;
use bailiwick_capfs::{ErrorCode, GuestPath, ReadDir, Resolved, Scope};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Rounds of the first test. The others are variations, and take a part of them.
const ROUNDS: usize = 100_000;

/// What the looking saw.
#[derive(Debug, Default)]
struct Seen {
    inside: usize,
    refused: usize,
}

impl Seen {
    /// Count what a look-up gave. Anything but the contents inside and an error that fits is the end.
    fn count(&mut self, got: Result<Vec<u8>, ErrorCode>) {
        match got {
            Ok(bytes) => {
                assert_eq!(bytes, b"inside");
                self.inside += 1;
            }
            Err(
                ErrorCode::NotPermitted
                | ErrorCode::NotDirectory
                | ErrorCode::IsDirectory
                | ErrorCode::NoEntry
                | ErrorCode::Busy,
            ) => self.refused += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// Exchange the two names in a loop, while `look` runs `rounds` times.
fn while_exchanged(tree: &Tree, a: &str, b: &str, rounds: usize, mut look: impl FnMut(&mut Seen)) {
    let stop = AtomicBool::new(false);
    let mut seen = Seen::default();
    thread::scope(|scope| {
        let swapper = scope.spawn(|| {
            let (a, b) = (tree.at(a), tree.at(b));
            let mut swaps = 0usize;
            while !stop.load(Ordering::Relaxed) {
                renameat_with(CWD, &a, CWD, &b, RenameFlags::EXCHANGE).unwrap();
                swaps += 1;
            }
            swaps
        });
        // The swapper must end, also when a look panics.
        let looked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for _ in 0..rounds {
                look(&mut seen);
            }
        }));
        stop.store(true, Ordering::Relaxed);
        let swaps = swapper.join().unwrap();
        if let Err(panic) = looked {
            std::panic::resume_unwind(panic);
        }
        assert!(
            swaps > 0 && seen.inside > 0 && seen.refused > 0,
            "{swaps} swaps, {seen:?}"
        );
    });
}

fn list(dir: &ReadDir, path: &str) -> Result<Vec<u8>, ErrorCode> {
    dir.read_files(&[path.to_owned()], 99)
        .remove(0)
        .map(|chunk| chunk.bytes)
}

fn open(dir: &ReadDir, path: &str) -> Result<Vec<u8>, ErrorCode> {
    dir.open_file(path)?.read(0, 99).map(|chunk| chunk.bytes)
}

/// The file inside is known by its size.
fn facts(dir: &ReadDir, path: &str) -> Result<Vec<u8>, ErrorCode> {
    assert_ne!(CANARY.len(), b"inside".len());
    dir.stat(path).map(|stat| {
        if stat.size == 6 {
            b"inside".to_vec()
        } else {
            CANARY.into()
        }
    })
}

#[test]
fn a_directory_exchanged_for_a_link() {
    let tree = Tree::new();
    std::fs::create_dir(tree.outside().join("deep")).unwrap();
    std::fs::write(tree.outside().join("deep/secret"), CANARY).unwrap();
    tree.file("d/secret", "inside")
        .file("d/deep/secret", "inside")
        .link("l", "../outside");
    let (dir, view) = (tree.handle(), View::of("g", tree.grant()));
    let deep: GuestPath = path("d/deep/secret");
    let several = ["d/secret", "d/deep/secret", "d/secret"].map(str::to_owned);
    while_exchanged(&tree, "d", "l", ROUNDS, |seen| {
        for result in dir.read_files(&several, 99) {
            seen.count(result.map(|chunk| chunk.bytes));
        }
        seen.count(open(&dir, "d/deep/secret"));
        seen.count(
            dir.open_dir("d/deep")
                .and_then(|deep| open(&deep, "secret")),
        );
        seen.count(match view.resolve_read(&deep) {
            Ok(Resolved::File(file)) => file.read(0, 99).map(|chunk| chunk.bytes),
            Ok(Resolved::Dir(_)) => panic!("a directory"),
            Err(error) => Err(error),
        });
        seen.count(facts(&dir, "d/secret"));
    });
}

#[test]
fn a_file_exchanged_for_a_link() {
    let tree = Tree::new();
    tree.file("d/f", "inside")
        .link("d/l", "../../outside/secret");
    let dir = tree.handle();
    while_exchanged(&tree, "d/f", "d/l", ROUNDS / 4, |seen| {
        seen.count(list(&dir, "d/f"));
        seen.count(open(&dir, "d/f"));
        seen.count(facts(&dir, "d/f"));
    });
}

/// `..` in a link walks down again from the root: what is exchanged on that way must not lead out either.
#[test]
fn the_way_back_exchanged_for_a_link() {
    let tree = Tree::new();
    std::fs::create_dir_all(tree.outside().join("q")).unwrap();
    std::fs::write(tree.outside().join("q/secret"), CANARY).unwrap();
    tree.file("p/q/secret", "inside")
        .dir("p/q/r/s")
        .link("p/q/r/s/up", "../../secret")
        .link("out", "../outside");
    let dir = tree.handle();
    while_exchanged(&tree, "p", "out", ROUNDS / 4, |seen| {
        seen.count(open(&dir, "p/q/r/s/up"));
        seen.count(list(&dir, "p/q/r/s/up"));
    });
}

/// A directory that moves up and down, so that the number of `..` in a link is once too many.
#[test]
fn a_directory_that_moves_while_a_link_in_it_is_followed() {
    let tree = Tree::new();
    std::fs::write(tree.inside().parent().unwrap().join("secret"), CANARY).unwrap();
    tree.file("secret", "inside")
        .dir("a/b/low")
        .dir("high")
        .link("a/b/low/l", "../../../secret")
        .link("high/l", "../secret");
    let dir = tree.handle();
    while_exchanged(&tree, "a/b/low", "high", ROUNDS / 4, |seen| {
        seen.count(open(&dir, "a/b/low/l"));
        seen.count(open(&dir, "high/l"));
    });
}

#[test]
fn a_directory_exchanged_for_a_link_under_a_walk() {
    let tree = Tree::new();
    tree.file("d/name", "inside")
        .link("l", "../outside")
        .file(".gitignore", "nothing\n");
    let dir = tree.handle();
    let scope = Scope {
        ignore: true,
        ..Scope::default()
    };
    while_exchanged(&tree, "d", "l", ROUNDS / 4, |seen| {
        let mut inside = false;
        let page = dir.walk("", &scope).unwrap().next(99).unwrap();
        assert!(!page.more);
        for entry in page.entries {
            assert!(!entry.path.ends_with("secret"), "{entry:?}");
            assert_ne!(entry.stat.size, CANARY.len() as u64, "{entry:?}");
            inside |= entry.path == "d/name";
        }
        match dir.walk("d", &scope) {
            Ok(mut walker) => {
                let page = walker.next(99).unwrap();
                assert_eq!(page.entries.len(), 1);
                assert_eq!(page.entries[0].path, "d/name");
            }
            Err(ErrorCode::NotPermitted | ErrorCode::NotDirectory) => {}
            Err(error) => panic!("{error:?}"),
        }
        seen.count(if inside {
            Ok(b"inside".to_vec())
        } else {
            Err(ErrorCode::NotPermitted)
        });
    });
}

/// An ignore file is read by name too.
#[test]
fn an_ignore_file_exchanged_for_a_link() {
    let tree = Tree::new();
    std::fs::write(tree.outside().join("rules"), "shown\n").unwrap();
    tree.file(".gitignore", "left-out\n")
        .link("rules", "../outside/rules")
        .file("shown", "")
        .file("left-out", "");
    let dir = tree.handle();
    let scope = Scope {
        ignore: true,
        depth: Some(1),
        ..Scope::default()
    };
    while_exchanged(&tree, ".gitignore", "rules", ROUNDS / 4, |seen| {
        let page = dir.walk("", &scope).unwrap().next(99).unwrap();
        let paths: Vec<_> = page
            .entries
            .iter()
            .map(|entry| entry.path.as_str())
            .collect();
        assert!(paths.contains(&"shown"), "{paths:?}");
        let applied = !paths.contains(&"left-out");
        seen.count(if applied {
            Ok(b"inside".to_vec())
        } else {
            Err(ErrorCode::NotPermitted)
        });
    });
}
