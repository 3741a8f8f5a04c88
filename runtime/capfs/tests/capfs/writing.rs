//! Contents of files: written, cut, lengthened, replaced, and seen at once through every handle.

use crate::tree::Tree;
use crate::work::{Work, read, write};
use bailiwick_capfs::{ErrorCode, Expect, SetTime, Times, Writes};
use std::fs;
use std::os::unix::fs::PermissionsExt;

fn tree() -> Tree {
    let tree = Tree::new();
    tree.file("old", "old text").dir("d").file("d/x", "x");
    tree
}

#[test]
fn a_layer_leaves_the_base_alone_and_direct_does_not() {
    Work::each(tree, |work| {
        write(&work.root, "old", "new");
        write(&work.root, "d/y", "y");
        assert_eq!(work.shown(), ["d/", "d/x: x", "d/y: y", "old: new"]);
        let direct = work.writes == Writes::Direct;
        let on_disk = fs::read_to_string(work.tree.at("old")).unwrap();
        assert_eq!(on_disk, if direct { "new" } else { "old text" });
        assert_eq!(work.tree.at("d/y").exists(), direct);
    });
}

#[test]
fn writes_at_offsets() {
    Work::each(tree, |work| {
        let file = work.root.open_file("old", Expect::Existing).unwrap();
        file.write(4, b"TEXT").unwrap();
        assert_eq!(work.read("old"), "old TEXT");
        file.append(b"!").unwrap();
        assert_eq!(work.read("old"), "old TEXT!");
        file.write(11, b"gap").unwrap();
        assert_eq!(work.read("old"), "old TEXT!\0\0gap");
        file.set_size(3).unwrap();
        assert_eq!(work.read("old"), "old");
        file.set_size(5).unwrap();
        assert_eq!(work.read("old"), "old\0\0");
        file.set_size(0).unwrap();
        assert_eq!(work.read("old"), "");
        file.write(9, b"").unwrap();
        assert_eq!(work.read("old"), "");
        file.replace(b"all").unwrap();
        assert_eq!(work.read("old"), "all");
        assert_eq!(file.as_read().stat().unwrap().size, 3);
        file.sync().unwrap();
        for (offset, bytes) in [(u64::MAX, &b"x"[..]), (i64::MAX as u64, b"x")] {
            assert_eq!(file.write(offset, bytes), Err(ErrorCode::FileTooLarge));
        }
        assert_eq!(file.set_size(1 << 63), Err(ErrorCode::FileTooLarge));
        assert_eq!(work.read("old"), "all");
    });
}

#[test]
fn what_one_handle_writes_others_see() {
    Work::each(tree, |work| {
        let before = work.root.as_read().open_file("old").unwrap();
        let writer = work.root.open_file("old", Expect::Existing).unwrap();
        let other = work.root.open_file("old", Expect::Either).unwrap();
        let after = work.root.as_read().open_file("old").unwrap();
        writer.write(0, b"NEW").unwrap();
        other.append(b"!").unwrap();
        for reader in [&before, &after, &writer.as_read(), &other.as_read()] {
            assert_eq!(reader.read(0, 99).unwrap().bytes, b"NEW text!");
            assert_eq!(reader.stat().unwrap().size, 9);
        }
        let identity = |reader: &bailiwick_capfs::ReadFile| reader.facts().unwrap().identity;
        assert_eq!(identity(&before), identity(&writer.as_read()));
    });
}

#[test]
fn a_file_that_is_not_there_is_made_by_its_first_change() {
    Work::each(tree, |work| {
        let root = &work.root;
        assert_eq!(
            root.open_file("no", Expect::Existing).unwrap_err(),
            ErrorCode::NoEntry
        );
        assert_eq!(
            root.open_file("old", Expect::New).unwrap_err(),
            ErrorCode::Exist
        );
        assert_eq!(
            root.open_file("no/file", Expect::New).unwrap_err(),
            ErrorCode::NoEntry
        );
        let file = root.open_file("new", Expect::Either).unwrap();
        let same = root.open_file("new", Expect::Either).unwrap();
        let exclusive = root.open_file("new", Expect::New).unwrap();
        assert_eq!(file.as_read().read(0, 1), Err(ErrorCode::NoEntry));
        assert_eq!(root.as_read().stat("new"), Err(ErrorCode::NoEntry));
        file.append(b"a").unwrap();
        same.append(b"b").unwrap();
        assert_eq!(exclusive.append(b"c"), Err(ErrorCode::Exist));
        assert_eq!(work.read("new"), "ab");
        assert_eq!(file.as_read().read(0, 9).unwrap().bytes, b"ab");
        // Made, with nothing in it.
        let made = root.create_file("made", Expect::New, true).unwrap();
        assert_eq!(work.read("made"), "");
        assert_eq!(
            root.create_file("made", Expect::New, true).unwrap_err(),
            ErrorCode::Exist
        );
        assert_eq!(made.name(), "/workspace/made");
    });
}

#[test]
fn what_is_no_file_is_not_opened_as_one() {
    Work::each(tree, |work| {
        let open = |path: &str, expect| work.root.open_file(path, expect).unwrap_err();
        for expect in [Expect::Existing, Expect::Either] {
            assert_eq!(open("d", expect), ErrorCode::IsDirectory);
            assert_eq!(open("", expect), ErrorCode::IsDirectory);
            assert_eq!(open("d/", expect), ErrorCode::IsDirectory);
            assert_eq!(open("old/", expect), ErrorCode::NotDirectory);
            assert_eq!(open("old/x", expect), ErrorCode::NotDirectory);
        }
        assert_eq!(open("d", Expect::New), ErrorCode::Exist);
        assert_eq!(open("new/", Expect::Either), ErrorCode::IsDirectory);
        assert_eq!(open("new/", Expect::Existing), ErrorCode::NoEntry);
        assert_eq!(open("../x", Expect::Either), ErrorCode::NotPermitted);
        assert_eq!(open("/x", Expect::New), ErrorCode::NotPermitted);
    });
}

#[test]
fn open_files_outlive_their_names() {
    Work::each(tree, |work| {
        let root = &work.root;
        let reader = root.as_read().open_file("old").unwrap();
        let writer = root.open_file("old", Expect::Existing).unwrap();
        writer.write(0, b"one").unwrap();
        root.rename("old", root, "renamed", false).unwrap();
        writer.write(0, b"two").unwrap();
        assert_eq!(work.read("renamed"), "two text");
        assert_eq!(reader.read(0, 3).unwrap().bytes, b"two");
        root.remove_file("renamed").unwrap();
        writer.append(b"!").unwrap();
        assert_eq!(reader.read(0, 99).unwrap().bytes, b"two text!");
        assert_eq!(writer.as_read().read(0, 99).unwrap().bytes, b"two text!");
        assert_eq!(work.shown(), ["d/", "d/x: x"]);
        // Its name is free for another one.
        write(root, "old", "another");
        writer.set_size(3).unwrap();
        assert_eq!(work.read("old"), "another");
        assert_eq!(reader.read(0, 99).unwrap().bytes, b"two");
    });
}

#[test]
fn a_reader_sees_what_was_written_before_the_file_was_removed() {
    Work::each(tree, |work| {
        let reader = work.root.as_read().open_file("old").unwrap();
        let writer = work.root.open_file("old", Expect::Existing).unwrap();
        writer.append(b"!").unwrap();
        drop(writer);
        work.root.remove_file("old").unwrap();
        assert_eq!(reader.read(0, 99).unwrap().bytes, b"old text!");
    });
}

#[test]
fn permissions_stay() {
    Work::each(tree, |work| {
        let script = work.tree.at("old");
        fs::set_permissions(&script, fs::Permissions::from_mode(0o750)).unwrap();
        let file = work.root.open_file("old", Expect::Existing).unwrap();
        let mode = || file.as_read().facts().unwrap().mode;
        file.append(b"x").unwrap();
        assert_eq!(mode(), 0o750);
        file.replace(b"y").unwrap();
        assert_eq!(mode(), 0o750);
    });
}

#[test]
fn times_are_set_and_move_on() {
    Work::each(tree, |work| {
        let at = |seconds| Times {
            accessed: SetTime::Keep,
            modified: SetTime::At((seconds, 5)),
        };
        let root = &work.root;
        let modified = |path: &str| root.as_read().facts(path, true).unwrap().modified;
        root.set_times("old", true, at(1000)).unwrap();
        assert_eq!(modified("old"), (1000, 5));
        root.set_times("d", true, at(2000)).unwrap();
        assert_eq!(modified("d"), (2000, 5));
        root.set_times("", true, at(3000)).unwrap();
        assert_eq!(modified(""), (3000, 5));
        assert_eq!(root.set_times("no", true, at(1)), Err(ErrorCode::NoEntry));
        let file = root.open_file("old", Expect::Existing).unwrap();
        file.append(b"x").unwrap();
        assert!(modified("old") > (2000, 0), "writing is a change of now");
        file.set_times(at(4000)).unwrap();
        assert_eq!(modified("old"), (4000, 5));
        file.set_times(Times {
            accessed: SetTime::Now,
            modified: SetTime::Now,
        })
        .unwrap();
        assert!(modified("old") > (1_700_000_000, 0));
        assert_eq!(read(root, "old"), "old textx");
    });
}

#[test]
fn a_file_with_other_names_is_not_written_in_place() {
    let work = Work::new(tree(), Writes::Direct);
    fs::hard_link(work.tree.at("old"), work.tree.outside().join("link")).unwrap();
    let opened = work.root.open_file("old", Expect::Existing);
    assert_eq!(opened.unwrap_err(), ErrorCode::NotPermitted);
    // A layer has a file of its own in its place, so the other name is not reached.
    let work = Work::new(tree(), Writes::Apply);
    let other = work.tree.outside().join("link");
    fs::hard_link(work.tree.at("old"), &other).unwrap();
    write(&work.root, "old", "new");
    assert_eq!(fs::read_to_string(other).unwrap(), "old text");
}
