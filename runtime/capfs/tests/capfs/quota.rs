//! The quota: exactly the limit fits, one more does not, and what is gone is given back.

use crate::tree::Tree;
use crate::work::{Work, write};
use bailiwick_capfs::{Amount, Attenuation, ErrorCode, Expect, Writes};
use std::sync::Barrier;
use std::thread;

const MODES: [Writes; 3] = [Writes::Apply, Writes::Review, Writes::Direct];

fn amount(bytes: u64, entries: u64) -> Amount {
    Amount { bytes, entries }
}

fn with(quota: Amount, writes: Writes) -> Work {
    let tree = Tree::new();
    tree.file("old", "0123456789");
    Work::with(tree, writes, quota)
}

#[test]
fn bytes_are_exact() {
    for writes in MODES {
        let work = with(amount(100, 10), writes);
        let used = || work.volume.ledger().used();
        let file = work.root.open_file("f", Expect::New).unwrap();
        file.write(0, &[1; 60]).unwrap();
        assert_eq!(used(), amount(60, 1));
        // Over what is there costs nothing.
        file.write(10, &[2; 50]).unwrap();
        assert_eq!(used(), amount(60, 1));
        assert_eq!(file.write(60, &[3; 41]), Err(ErrorCode::Quota));
        assert_eq!(file.append(&[3; 41]), Err(ErrorCode::Quota));
        assert_eq!(file.write(100, &[3]), Err(ErrorCode::Quota));
        assert_eq!(file.set_size(101), Err(ErrorCode::Quota));
        assert_eq!(file.replace(&[3; 101]), Err(ErrorCode::Quota));
        assert_eq!(
            file.as_read().stat().unwrap().size,
            60,
            "nothing was written"
        );
        assert_eq!(used(), amount(60, 1));
        file.set_size(100).unwrap();
        assert_eq!(used(), amount(100, 1));
        file.set_size(5).unwrap();
        assert_eq!(used(), amount(5, 1));
        file.replace(&[4; 100]).unwrap();
        assert_eq!(file.append(&[5]), Err(ErrorCode::Quota));
        file.replace(&[4; 7]).unwrap();
        assert_eq!(used(), amount(7, 1));
        drop(file);
        work.root.remove_file("f").unwrap();
        assert_eq!(used(), amount(0, 0));
    }
}

#[test]
fn names_are_exact() {
    for writes in MODES {
        let work = with(amount(100, 3), writes);
        let root = &work.root;
        root.make_dir("d").unwrap();
        root.make_link("old", "l").unwrap();
        drop(root.create_file("d/f", Expect::New, true).unwrap());
        assert_eq!(work.volume.ledger().used(), amount(0, 3));
        assert_eq!(root.make_dir("e"), Err(ErrorCode::Quota));
        assert_eq!(root.make_link("old", "m"), Err(ErrorCode::Quota));
        assert_eq!(
            root.create_file("f", Expect::New, true).unwrap_err(),
            ErrorCode::Quota
        );
        assert_eq!(root.create_dir("e/f/g"), Err(ErrorCode::Quota));
        assert_eq!(
            root.as_read().entries("").unwrap().len(),
            3,
            "nothing was made"
        );
        root.rename("d", root, "e", false).unwrap();
        assert_eq!(root.make_dir("d"), Err(ErrorCode::Quota));
        root.remove_file("l").unwrap();
        root.make_dir("d").unwrap();
        root.remove("e", true).unwrap();
        assert_eq!(work.volume.ledger().used(), amount(0, 1));
    }
}

#[test]
fn a_changed_file_counts_as_a_whole_in_a_layer_and_by_its_growth_in_direct() {
    for writes in MODES {
        let work = with(amount(12, 10), writes);
        let used = || work.volume.ledger().used();
        let file = work.root.open_file("old", Expect::Existing).unwrap();
        assert_eq!(used(), amount(0, 0), "opening is no change");
        file.write(0, b"x").unwrap();
        let layered = writes != Writes::Direct;
        assert_eq!(used(), amount(if layered { 10 } else { 0 }, 0));
        file.append(b"yy").unwrap();
        assert_eq!(used(), amount(if layered { 12 } else { 2 }, 0));
        if layered {
            assert_eq!(file.append(b"z"), Err(ErrorCode::Quota));
        }
        file.set_size(0).unwrap();
        assert_eq!(used(), amount(0, 0));
    }
    // What does not fit as a copy is not changed at all.
    let work = with(amount(9, 10), Writes::Apply);
    let file = work.root.open_file("old", Expect::Existing).unwrap();
    assert_eq!(file.write(0, b"x"), Err(ErrorCode::Quota));
    assert_eq!(work.read("old"), "0123456789");
    assert_eq!(work.volume.ledger().used(), amount(0, 0));
    file.replace(b"123456789").unwrap();
    assert_eq!(work.read("old"), "123456789");
    assert_eq!(work.volume.ledger().used(), amount(9, 0));
}

#[test]
fn what_a_rename_replaces_is_given_back() {
    for writes in MODES {
        let work = with(amount(100, 10), writes);
        write(&work.root, "a", "aaaa");
        write(&work.root, "b", "bbbbbb");
        work.root.rename("a", &work.root, "b", true).unwrap();
        assert_eq!(work.volume.ledger().used(), amount(4, 1));
    }
}

#[test]
fn a_removed_file_counts_as_long_as_it_is_open() {
    let work = with(amount(10, 2), Writes::Apply);
    let file = work.root.create_file("f", Expect::New, true).unwrap();
    file.replace(&[1; 10]).unwrap();
    let reader = work.root.as_read().open_file("f").unwrap();
    work.root.remove_file("f").unwrap();
    assert_eq!(work.volume.ledger().used(), amount(10, 1));
    drop(file);
    assert_eq!(reader.read(0, 99).unwrap().bytes, [1; 10]);
    assert_eq!(work.volume.ledger().used(), amount(10, 1));
    drop(reader);
    assert_eq!(work.volume.ledger().used(), amount(0, 0));
}

#[test]
fn a_share_is_a_limit_of_its_own() {
    for writes in MODES {
        let work = with(amount(100, 10), writes);
        let share = work.attenuated(&Attenuation {
            quota: Some(amount(20, 1)),
            ..Attenuation::default()
        });
        write(&share, "f", "0123456789");
        assert_eq!(share.make_dir("d"), Err(ErrorCode::Quota));
        work.root.make_dir("d").unwrap();
        // Whoever makes a file longer pays for that.
        let whole = work.root.open_file("f", Expect::Existing).unwrap();
        whole.append(&[1; 50]).unwrap();
        let part = share.open_file("f", Expect::Existing).unwrap();
        part.append(&[1; 10]).unwrap();
        assert_eq!(part.append(&[1]), Err(ErrorCode::Quota));
        assert_eq!(work.volume.ledger().used(), amount(70, 2));
        assert_eq!(whole.append(&[1; 31]), Err(ErrorCode::Quota));
        whole.append(&[1; 30]).unwrap();
        drop((whole, part));
        work.root.remove_file("f").unwrap();
        if writes != Writes::Direct {
            assert_eq!(work.volume.ledger().used(), amount(0, 1));
        }
    }
}

#[test]
fn eight_threads_share_one_count() {
    for writes in MODES {
        let work = with(amount(1000, 8), writes);
        let barrier = Barrier::new(8);
        let written: usize = thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|i| {
                    let (work, barrier) = (&work, &barrier);
                    scope.spawn(move || {
                        barrier.wait();
                        let path = format!("f{i}");
                        let file = work.root.create_file(&path, Expect::New, true).unwrap();
                        (0..100).filter(|_| file.append(&[7; 3]).is_ok()).count()
                    })
                })
                .collect();
            threads.into_iter().map(|it| it.join().unwrap()).sum()
        });
        assert_eq!(written, 333, "as many as fit, and not one more");
        assert_eq!(work.volume.ledger().used(), amount(999, 8));
        let sizes = (0..8).map(|i| work.root.as_read().stat(&format!("f{i}")).unwrap().size);
        assert_eq!(sizes.sum::<u64>(), 999);
        assert_eq!(work.root.make_dir("ninth"), Err(ErrorCode::Quota));
    }
}

#[test]
fn eight_threads_append_to_one_file() {
    for writes in MODES {
        let work = with(amount(1000, 8), writes);
        let barrier = Barrier::new(8);
        thread::scope(|scope| {
            for _ in 0..8 {
                let (work, barrier) = (&work, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let file = work.root.open_file("all", Expect::Either).unwrap();
                    for _ in 0..10 {
                        file.append(b"line\n").unwrap();
                    }
                });
            }
        });
        assert_eq!(work.read("all"), "line\n".repeat(80));
        assert_eq!(work.volume.ledger().used(), amount(400, 1));
    }
}

#[test]
fn what_is_dropped_is_given_back() {
    let work = with(amount(100, 8), Writes::Apply);
    write(&work.root, "f", "0123456789");
    work.root.make_dir("d").unwrap();
    assert_eq!(work.volume.ledger().used(), amount(10, 2));
    drop((work.root, work.view));
    assert_eq!(work.volume.ledger().used(), amount(0, 0));
}
