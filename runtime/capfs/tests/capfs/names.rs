//! Names: made, removed, renamed, as POSIX has it.

use crate::tree::Tree;
use crate::work::{Work, read, write};
use bailiwick_capfs::{ErrorCode, Expect};
use rustix::fs::{CWD, FileType, Mode, mknodat};

fn tree() -> Tree {
    let tree = Tree::new();
    tree.file("a", "a")
        .file("b", "b")
        .dir("d/e")
        .file("d/e/x", "x")
        .dir("empty");
    tree.link("l", "d/e");
    tree
}

#[test]
fn directories_are_made() {
    Work::each(tree, |work| {
        let root = &work.root;
        root.make_dir("new").unwrap();
        root.make_dir("new/sub/").unwrap();
        write(root, "new/sub/f", "f");
        assert_eq!(read(root, "new/sub/f"), "f");
        for taken in ["new", "d", "a", "l", "", "new/sub"] {
            assert_eq!(root.make_dir(taken), Err(ErrorCode::Exist), "{taken:?}");
        }
        assert_eq!(root.make_dir("no/sub"), Err(ErrorCode::NoEntry));
        assert_eq!(root.make_dir("a/sub"), Err(ErrorCode::NotDirectory));
        root.create_dir("p/q/r").unwrap();
        root.create_dir("p/q/r").unwrap();
        root.create_dir("l/s").unwrap();
        root.create_dir("").unwrap();
        assert_eq!(root.create_dir("a"), Err(ErrorCode::Exist));
        assert_eq!(root.create_dir("a/b"), Err(ErrorCode::NotDirectory));
        let shown = work.shown();
        for made in ["p/q/r/", "d/e/s/", "new/sub/f: f"] {
            assert!(shown.contains(&made.to_owned()), "{made} in {shown:?}");
        }
        let sub = root.open_dir("new/sub").unwrap();
        assert_eq!(sub.name(), "/workspace/new/sub");
        write(&sub, "g", "g");
        assert_eq!(read(root, "new/sub/g"), "g");
        assert_eq!(sub.make_dir("../x"), Err(ErrorCode::NotPermitted));
    });
}

#[test]
fn links_are_made_that_stay_inside() {
    Work::each(tree, |work| {
        let root = &work.root;
        root.make_link("a", "to-a").unwrap();
        root.make_link("../a", "d/up").unwrap();
        root.make_link("../../a", "d/e/up").unwrap();
        assert_eq!(read(root, "to-a"), "a");
        assert_eq!(read(root, "d/up"), "a");
        assert_eq!(root.as_read().read_link("d/e/up").unwrap(), "../../a");
        for leaves in [
            "/etc/passwd",
            "..",
            "../a",
            "a/../../b",
            "d/..",
            "l/../../../../x",
        ] {
            let made = root.make_link(leaves, "bad");
            assert_eq!(made, Err(ErrorCode::NotPermitted), "{leaves}");
        }
        let sub = root.open_dir("d/e").unwrap();
        assert_eq!(sub.make_link("../x", "bad"), Err(ErrorCode::NotPermitted));
        // Neither made where it stays and moved to where it does not.
        assert_eq!(
            root.rename("d/up", root, "up", false),
            Err(ErrorCode::NotPermitted)
        );
        assert_eq!(
            root.rename("d/e", root, "e", false),
            Err(ErrorCode::NotPermitted)
        );
        assert_eq!(root.make_link("", "bad"), Err(ErrorCode::NoEntry));
        assert_eq!(root.make_link("a\0", "bad"), Err(ErrorCode::Invalid));
        assert_eq!(root.make_link("a", "b"), Err(ErrorCode::Exist));
        assert_eq!(root.make_link("a", "x/"), Err(ErrorCode::NoEntry));
        root.remove_file("to-a").unwrap();
        assert_eq!(read(root, "a"), "a");
    });
}

#[test]
fn links_that_are_moved_stay_in_the_handle() {
    let tree = || {
        let tree = Tree::new();
        tree.dir("h/s/t")
            .dir("h/u")
            .link("h/s/base", "../x")
            .link("h/s/t/base", "../../x")
            .link("h/s/odd", "t/../../x")
            .link("h/out", "../x")
            .link("h/abs", "/x");
        tree
    };
    let no = Err(ErrorCode::NotPermitted);
    Work::each(tree, |work| {
        let open = |path: &str| work.root.open_dir(path).unwrap();
        let (h, s, t, u) = (open("h"), open("h/s"), open("h/s/t"), open("h/u"));
        h.make_link("../x", "s/made").unwrap();
        h.make_link("../../x", "s/t/made").unwrap();
        for link in ["base", "made"] {
            // Up, to where it leads above the handle though not above the grant.
            let (once, twice) = (format!("s/{link}"), format!("s/t/{link}"));
            assert_eq!(h.rename(&once, &h, "l", false), no, "{link}");
            assert_eq!(h.rename(&twice, &h, "l", false), no, "{link}");
            assert_eq!(h.rename(&twice, &h, "s/l", false), no, "{link}");
            // By handles further down, from which it leads out before as well.
            assert_eq!(s.rename(&format!("t/{link}"), &s, "l", false), no);
            assert_eq!(t.rename(link, &s, "l", false), no, "{link}");
            assert_eq!(s.rename(link, &h, "l", false), no, "{link}");
            assert_eq!(h.rename(&once, &u, "l", false), no, "{link}");
        }
        assert_eq!(h.rename("s/odd", &h, "odd", false), no);
        // With the directory that they are in.
        assert_eq!(h.rename("s/t", &h, "t", false), no);
        assert_eq!(s.rename("t", &h, "t", false), no);
        // No further up than they were, or where they stay.
        h.rename("s/base", &h, "u/base", false).unwrap();
        h.rename("s", &h, "v", false).unwrap();
        h.rename("out", &h, "out2", false).unwrap();
        h.rename("out2", &h, "u/out", false).unwrap();
        h.rename("abs", &work.root, "abs", false).unwrap();
        // By a handle that begins further up, where it stays in that one.
        let far = "h/u/made2";
        assert_eq!(h.rename("v/t/made", &work.root, "made", false), no);
        h.rename("v/t/made", &work.root, far, false).unwrap();
        h.rename("v/made", &work.root, "h/u/made", false).unwrap();
    });
}

#[test]
fn files_and_links_are_removed() {
    Work::each(tree, |work| {
        let root = &work.root;
        root.remove_file("a").unwrap();
        assert_eq!(root.remove_file("a"), Err(ErrorCode::NoEntry));
        root.remove("l", false).unwrap();
        assert_eq!(root.remove_file("d"), Err(ErrorCode::IsDirectory));
        assert_eq!(root.remove_file("d/"), Err(ErrorCode::IsDirectory));
        assert_eq!(root.remove_file("b/"), Err(ErrorCode::NotDirectory));
        assert_eq!(root.remove("b/", true), Err(ErrorCode::NotDirectory));
        assert_eq!(root.remove_file("b/x"), Err(ErrorCode::NotDirectory));
        write(root, "new", "");
        root.remove_file("new").unwrap();
        assert_eq!(work.shown(), ["b: b", "d/", "d/e/", "d/e/x: x", "empty/"]);
        write(root, "a", "again");
        assert_eq!(read(root, "a"), "again");
    });
}

#[test]
fn directories_are_removed() {
    Work::each(tree, |work| {
        let root = &work.root;
        assert_eq!(root.remove_dir("d"), Err(ErrorCode::NotEmpty));
        assert_eq!(root.remove("d/e", false), Err(ErrorCode::NotEmpty));
        assert_eq!(root.remove_dir("a"), Err(ErrorCode::NotDirectory));
        assert_eq!(root.remove_dir("l"), Err(ErrorCode::NotDirectory));
        assert_eq!(root.remove_dir("l/"), Err(ErrorCode::NotDirectory));
        assert_eq!(root.remove_dir("no"), Err(ErrorCode::NoEntry));
        for itself in ["", ".", "d/.."] {
            assert_eq!(root.remove(itself, true), Err(ErrorCode::Busy));
        }
        root.remove_dir("empty/").unwrap();
        root.remove_file("d/e/x").unwrap();
        root.remove_dir("d/e").unwrap();
        assert_eq!(work.shown(), ["a: a", "b: b", "d/", "l -> d/e"]);
        root.make_dir("d/e").unwrap();
        assert_eq!(
            root.as_read().entries("d/e").unwrap(),
            [],
            "nothing shows through"
        );
        write(root, "d/e/y", "y");
        write(root, "d/z", "z");
        root.remove("d", true).unwrap();
        assert_eq!(work.shown(), ["a: a", "b: b", "l -> d/e"]);
        root.make_dir("d").unwrap();
        assert_eq!(root.as_read().entries("d").unwrap(), []);
    });
}

#[test]
fn files_are_renamed() {
    Work::each(tree, |work| {
        let root = &work.root;
        root.rename("a", root, "d/a", false).unwrap();
        assert_eq!(root.rename("d/a", root, "b", false), Err(ErrorCode::Exist));
        assert_eq!(read(root, "b"), "b");
        root.rename("d/a", root, "b", true).unwrap();
        assert_eq!(
            work.shown(),
            ["b: a", "d/", "d/e/", "d/e/x: x", "empty/", "l -> d/e"]
        );
        root.rename("b", root, "b", true).unwrap();
        root.rename("b", root, "b", false).unwrap();
        assert_eq!(root.rename("a", root, "c", true), Err(ErrorCode::NoEntry));
        assert_eq!(
            root.rename("b", root, "d", true),
            Err(ErrorCode::IsDirectory)
        );
        assert_eq!(
            root.rename("b", root, "empty", true),
            Err(ErrorCode::IsDirectory)
        );
        assert_eq!(
            root.rename("b", root, "c/", true),
            Err(ErrorCode::NotDirectory)
        );
        assert_eq!(
            root.rename("b/", root, "c", true),
            Err(ErrorCode::NotDirectory)
        );
        assert_eq!(
            root.rename("b", root, "no/c", true),
            Err(ErrorCode::NoEntry)
        );
        root.rename("l", root, "m", false).unwrap();
        assert_eq!(root.as_read().read_link("m").unwrap(), "d/e");
        // Back to where it was, and once more.
        root.rename("b", root, "a", false).unwrap();
        root.rename("a", root, "b", false).unwrap();
        assert_eq!(read(root, "b"), "a");
        assert_eq!(root.as_read().stat("a"), Err(ErrorCode::NoEntry));
    });
}

#[test]
fn directories_are_renamed() {
    Work::each(tree, |work| {
        let root = &work.root;
        let inside = root.as_read().open_file("d/e/x").unwrap();
        root.rename("d", root, "f", false).unwrap();
        assert_eq!(read(root, "f/e/x"), "x");
        assert_eq!(inside.read(0, 9).unwrap().bytes, b"x");
        let writer = root.open_file("f/e/x", Expect::Existing).unwrap();
        writer.append(b"y").unwrap();
        root.rename("f/e", root, "g", false).unwrap();
        writer.append(b"z").unwrap();
        assert_eq!(read(root, "g/x"), "xyz");
        assert_eq!(inside.read(0, 9).unwrap().bytes, b"xyz");
        assert_eq!(
            root.rename("g", root, "g/sub", false),
            Err(ErrorCode::Invalid)
        );
        assert_eq!(root.rename("g", root, "f/", false), Err(ErrorCode::Exist));
        root.rename("g", root, "f", true).unwrap();
        assert_eq!(read(root, "f/x"), "xyz");
        root.make_dir("h").unwrap();
        assert_eq!(root.rename("h", root, "f", true), Err(ErrorCode::NotEmpty));
        assert_eq!(
            root.rename("h", root, "a", true),
            Err(ErrorCode::NotDirectory)
        );
        root.rename("h", root, "empty", true).unwrap();
        assert_eq!(
            work.shown(),
            ["a: a", "b: b", "empty/", "f/", "f/x: xyz", "l -> d/e"]
        );
        assert_eq!(root.rename("", root, "x", false), Err(ErrorCode::Busy));
        assert_eq!(root.rename("f", root, "", true), Err(ErrorCode::Busy));
        root.remove("f", true).unwrap();
        root.make_dir("d").unwrap();
        assert_eq!(root.as_read().entries("d").unwrap(), []);
    });
}

#[test]
fn two_directories_change_places() {
    Work::each(tree, |work| {
        let root = &work.root;
        root.rename("d", root, "tmp", false).unwrap();
        root.rename("empty", root, "d", false).unwrap();
        root.rename("tmp", root, "empty", false).unwrap();
        assert_eq!(read(root, "empty/e/x"), "x");
        assert_eq!(root.as_read().entries("d").unwrap(), []);
        root.rename("empty", root, "d", true).unwrap();
        assert_eq!(read(root, "d/e/x"), "x");
    });
}

#[test]
fn a_directory_handle_stands_for_its_name() {
    Work::each(tree, |work| {
        let root = &work.root;
        let sub = root.open_dir("d/e").unwrap();
        let other = root.open_dir("empty").unwrap();
        sub.rename("x", &other, "y", false).unwrap();
        assert_eq!(read(&other, "y"), "x");
        assert_eq!(read(root, "empty/y"), "x");
        assert_eq!(sub.rename("x", &other, "y", false), Err(ErrorCode::NoEntry));
        write(&sub, "z", "z");
        assert_eq!(read(root, "d/e/z"), "z");
    });
}

#[test]
fn handles_of_two_volumes_are_apart() {
    Work::each(tree, |work| {
        let other = Work::new(tree(), work.writes);
        let moved = work.root.rename("a", &other.root, "c", false);
        assert_eq!(moved, Err(ErrorCode::CrossDevice));
        assert_eq!(read(&work.root, "a"), "a");
    });
}

#[test]
fn what_is_neither_file_nor_directory_nor_link_stays() {
    Work::each(
        || {
            let tree = tree();
            mknodat(CWD, tree.at("fifo"), FileType::Fifo, Mode::RWXU, 0).unwrap();
            tree
        },
        |work| {
            let root = &work.root;
            let opened = root.open_file("fifo", Expect::Existing).unwrap_err();
            assert_eq!(opened, ErrorCode::Unsupported);
            assert_eq!(root.remove_file("fifo"), Err(ErrorCode::Unsupported));
            assert_eq!(
                root.rename("fifo", root, "f", false),
                Err(ErrorCode::Unsupported)
            );
            assert_eq!(root.make_dir("fifo"), Err(ErrorCode::Exist));
        },
    );
}
