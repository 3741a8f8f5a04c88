//! A directory exchanged for a link that leads out, while a call reads and writes below it.

use crate::attack::{Attack, Call, snapshot};
use crate::tree::{CANARY, Tree};
use bailiwick_capfs::{ErrorCode, Expect, Times, Writes, discard};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

const ROUNDS: usize = 10_000;

#[test]
fn direct_writes_never_land_outside() {
    race(Writes::Direct, ROUNDS);
}

#[test]
fn layered_writes_never_land_outside() {
    race(Writes::Apply, ROUNDS);
}

/// What the call saw.
#[derive(Debug, Default)]
struct Seen {
    done: usize,
    refused: usize,
}

impl Seen {
    fn count<T>(&mut self, done: Result<T, ErrorCode>) {
        match done {
            Ok(_) => self.done += 1,
            Err(_) => self.refused += 1,
        }
    }
}

fn race(writes: Writes, rounds: usize) {
    let tree = Tree::new();
    tree.file("d/secret", "inside")
        .file("d/deep/x", "inside")
        .file("bait", "bait")
        .link("l", "../outside");
    fs::create_dir(tree.outside().join("deep")).unwrap();
    let outside = snapshot(&tree.outside());
    let attack = Attack::on(tree, writes);
    let tree = &attack.tree;
    let (stop, mut seen) = (AtomicBool::new(false), Seen::default());
    thread::scope(|scope| {
        let swapper = scope.spawn(|| {
            let (d, l) = (tree.at("d"), tree.at("l"));
            let mut swaps = 0usize;
            while !stop.load(Ordering::Relaxed) {
                renameat_with(CWD, &d, CWD, &l, RenameFlags::EXCHANGE).unwrap();
                swaps += 1;
            }
            swaps
        });
        let tried = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut call = attack.call();
            for round in 0..rounds {
                // A layer that grew would no longer look at what is exchanged.
                if writes != Writes::Direct && round % 20 == 0 {
                    discard(vec![call.layer], None);
                    call = attack.call();
                }
                try_all(&call, round, &mut seen);
            }
            discard(vec![call.layer], None);
        }));
        stop.store(true, Ordering::Relaxed);
        let swaps = swapper.join().unwrap();
        if let Err(panic) = tried {
            std::panic::resume_unwind(panic);
        }
        assert!(
            swaps > 0 && seen.done > 0 && seen.refused > 0,
            "{swaps} swaps, {seen:?}"
        );
    });
    assert_eq!(snapshot(&tree.outside()), outside);
}

fn try_all(call: &Call, round: usize, seen: &mut Seen) {
    let dir = call.dir();
    let write = |file: bailiwick_capfs::WriteFile| file.write(0, b"EVIL!!");
    match round % 8 {
        0 => seen.count(dir.open_file("d/secret", Expect::Either).and_then(write)),
        1 => seen.count(
            dir.create_file("d/deep/new", Expect::Either, false)
                .and_then(write),
        ),
        2 => seen.count(
            dir.open_file("d/secret", Expect::Either)
                .and_then(|file| file.replace(b"EVIL!!")),
        ),
        3 => seen.count(
            dir.create_dir("d/deep/made")
                .and_then(|()| dir.remove_dir("d/deep/made")),
        ),
        4 => {
            seen.count(dir.rename("bait", &dir, "d/bait", true));
            seen.count(dir.rename("d/bait", &dir, "bait", true));
        }
        5 => seen.count(
            dir.make_link("x", "d/link")
                .and_then(|()| dir.remove_file("d/link")),
        ),
        6 => seen.count(dir.set_times("d/secret", true, Times::default())),
        _ => seen.count(dir.open_dir("d/deep").and_then(|deep| {
            let file = deep.create_file("other", Expect::Either, true)?;
            file.append(b"EVIL!!")?;
            drop(file);
            deep.remove_file("other")
        })),
    }
    let look = call.look();
    let read = look.open_file("d/secret").and_then(|file| file.read(0, 99));
    if let Ok(chunk) = read {
        assert_ne!(chunk.bytes, CANARY.as_bytes());
    }
}
