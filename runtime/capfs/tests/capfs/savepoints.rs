//! Going back to what a layer was.

use crate::tree::Tree;
use crate::work::{Work, write};
use bailiwick_capfs::{Amount, ErrorCode, Expect, Writes};

fn work() -> Work {
    let tree = Tree::new();
    tree.file("old", "old").dir("d").file("d/x", "x");
    Work::new(tree, Writes::Apply)
}

#[test]
fn everything_comes_back() {
    let work = work();
    let root = &work.root;
    write(root, "a", "one");
    write(root, "old", "changed");
    root.rename("d", root, "e", false).unwrap();
    let before = work.shown();
    let used = work.volume.ledger().used();
    let savepoint = work.view.layer.savepoint();

    write(root, "a", "two");
    root.open_file("old", Expect::Existing)
        .unwrap()
        .append(b"!")
        .unwrap();
    root.open_file("e/x", Expect::Existing)
        .unwrap()
        .write(0, b"y")
        .unwrap();
    root.rename("e", root, "f", false).unwrap();
    root.make_dir("e").unwrap();
    root.remove("f", true).unwrap();
    root.remove_file("a").unwrap();
    assert_eq!(work.shown(), ["e/", "old: changed!"]);

    work.view.layer.restore(savepoint.clone());
    assert_eq!(work.shown(), before);
    assert_eq!(work.volume.ledger().used(), used);
    // And once more to the same.
    write(root, "a", "three");
    root.open_file("old", Expect::Existing)
        .unwrap()
        .write(0, b"C")
        .unwrap();
    work.view.layer.restore(savepoint);
    assert_eq!(work.shown(), before);
    assert_eq!(work.volume.ledger().used(), used);
}

#[test]
fn what_is_open_goes_back_too() {
    let work = work();
    let root = &work.root;
    let file = root.open_file("old", Expect::Existing).unwrap();
    let reader = root.as_read().open_file("d/x").unwrap();
    let savepoint = work.view.layer.savepoint();
    file.replace(b"new").unwrap();
    write(root, "d/x", "y");
    let made = root.create_file("made", Expect::New, true).unwrap();
    made.append(b"m").unwrap();
    assert_eq!(reader.read(0, 9).unwrap().bytes, b"y");
    work.view.layer.restore(savepoint);
    assert_eq!(file.as_read().read(0, 9).unwrap().bytes, b"old");
    assert_eq!(reader.read(0, 9).unwrap().bytes, b"x");
    assert_eq!(made.append(b"m"), Err(ErrorCode::BadDescriptor));
    assert_eq!(made.as_read().read(0, 9), Err(ErrorCode::BadDescriptor));
    file.append(b"er").unwrap();
    assert_eq!(work.read("old"), "older");
    assert_eq!(root.as_read().stat("made"), Err(ErrorCode::NoEntry));
    drop(made);
    drop(file);
}

#[test]
fn a_savepoint_keeps_what_it_needs_charged() {
    let tree = Tree::new();
    let quota = Amount {
        bytes: 10,
        entries: 2,
    };
    let work = Work::with(tree, Writes::Apply, quota);
    write(&work.root, "f", "01234567");
    let savepoint = work.view.layer.savepoint();
    work.root.remove_file("f").unwrap();
    let full = work.root.create_file("g", Expect::New, true).unwrap();
    assert_eq!(full.append(b"012"), Err(ErrorCode::Quota));
    full.append(b"01").unwrap();
    work.view.layer.restore(savepoint);
    assert_eq!(work.shown(), ["f: 01234567"]);
    assert_eq!(work.volume.ledger().used().bytes, 8);
    drop(full);
    work.root.remove_file("f").unwrap();
    assert_eq!(work.volume.ledger().used(), Amount::default());
}
