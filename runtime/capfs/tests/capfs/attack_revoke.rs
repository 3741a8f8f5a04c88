//! Revocation under load: once it has returned nothing succeeds, and what is in the base stays as it is.

use crate::attack::Attack;
use crate::tree::Tree;
use bailiwick_capfs::{Attenuation, ErrorCode, Expect, WriteDir, Writes, discard};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

const THREADS: usize = 64;
/// For each kind of writes: a thousand in all.
const ROUNDS: usize = 500;

#[test]
fn direct_writes() {
    rounds(Writes::Direct, ROUNDS);
}

#[test]
fn layered_writes() {
    rounds(Writes::Apply, ROUNDS);
}

fn rounds(writes: Writes, rounds: usize) {
    let tree = Tree::new();
    for thread in 0..THREADS {
        tree.file(&format!("{thread}"), "");
    }
    let attack = Attack::on(tree, writes);
    let mut written = 0;
    for _ in 0..rounds {
        written += round(&attack);
    }
    assert!(
        written > 0,
        "it was revoked before anybody wrote, each time"
    );
}

/// One revocation, of a handle in the middle or of one above it. Returns how many writes came before.
fn round(attack: &Attack) -> usize {
    let handle = attack
        .handles
        .attenuate(attack.id, &Attenuation::default())
        .unwrap();
    let call = attack.call();
    let revoked = AtomicBool::new(false);
    let (running, before, after) = (
        AtomicUsize::new(0),
        AtomicUsize::new(0),
        AtomicUsize::new(0),
    );
    let dirs: Vec<WriteDir> = (0..THREADS)
        .map(|_| {
            let derived = attack
                .handles
                .attenuate(handle, &Attenuation::default())
                .unwrap();
            let capability = attack.handles.get(derived).unwrap();
            call.layer
                .write_dir(&capability, &crate::tree::path(""))
                .unwrap()
        })
        .collect();
    let base = thread::scope(|scope| {
        for (number, dir) in dirs.iter().enumerate() {
            let (revoked, running, before, after) = (&revoked, &running, &before, &after);
            scope.spawn(move || {
                let name = number.to_string();
                let file = dir.open_file(&name, Expect::Either).unwrap();
                let mut first = true;
                loop {
                    let late = revoked.load(Ordering::SeqCst);
                    let done = match number % 3 {
                        0 => file.write(0, &[b'0' + (number % 10) as u8; 16]),
                        1 => dir.set_times(&name, true, bailiwick_capfs::Times::default()),
                        _ => file.replace(b"whole"),
                    };
                    if std::mem::take(&mut first) {
                        running.fetch_add(1, Ordering::SeqCst);
                    }
                    match done {
                        Ok(()) if late => after.fetch_add(1, Ordering::SeqCst),
                        Ok(()) => before.fetch_add(1, Ordering::SeqCst),
                        Err(ErrorCode::BadDescriptor) => break,
                        Err(error) => panic!("{error:?}"),
                    };
                    // So that all get a turn.
                    thread::yield_now();
                }
            });
        }
        while running.load(Ordering::SeqCst) < THREADS {
            thread::yield_now();
        }
        let count = attack.handles.revoke(handle).unwrap();
        revoked.store(true, Ordering::SeqCst);
        assert_eq!(count, THREADS + 1);
        crate::attack::snapshot(&attack.tree.inside())
    });
    assert_eq!(
        after.load(Ordering::SeqCst),
        0,
        "operations that succeeded afterwards"
    );
    assert_eq!(
        crate::attack::snapshot(&attack.tree.inside()),
        base,
        "the base changed afterwards"
    );
    drop(dirs);
    discard(vec![call.layer], None);
    before.load(Ordering::SeqCst)
}
