//! Looking at a layer: the base with what a call changed of it, in every function that looks.

use crate::tree::{Tree, path, read, rest, walk};
use crate::work::{Work, write};
use bailiwick_capfs::{ErrorCode, Expect, Kind, ReadDir, Scope};

fn tree() -> Tree {
    let tree = Tree::new();
    tree.file("a", "a")
        .file("d/e/x", "x")
        .file("d/e/y", "y")
        .file("d/keep", "keep")
        .file("gone/x", "x")
        .file("old", "old")
        .link("l", "d/e")
        .link("d/up", "../a");
    tree
}

/// Something of every kind of change, and what is there afterwards.
fn change(work: &Work) {
    let root = &work.root;
    root.make_dir("new").unwrap();
    write(root, "new/f", "f");
    write(root, "a", "changed");
    root.remove("gone", true).unwrap();
    root.rename("old", root, "d/named", false).unwrap();
    root.rename("d/e", root, "moved", false).unwrap();
    write(root, "moved/z", "z");
    root.remove_file("moved/y").unwrap();
    root.make_link("moved/x", "link").unwrap();
}

const AFTER: [&str; 12] = [
    "a", "d", "d/keep", "d/named", "d/up", "l", "link", "moved", "moved/x", "moved/z", "new",
    "new/f",
];

fn all() -> Scope {
    Scope {
        hidden: true,
        ..Scope::default()
    }
}

fn names(dir: &ReadDir, at: &str) -> Vec<String> {
    let entries = dir.entries(at).unwrap();
    entries.into_iter().map(|entry| entry.name).collect()
}

#[test]
fn every_function_sees_what_was_changed_and_what_was_not() {
    Work::each(tree, |work| {
        // A handle from before sees the same as one from after.
        let before = work.root.as_read();
        change(work);
        for dir in [before, work.view.dir("")] {
            assert_eq!(walk(&dir, "", &all()), AFTER);
            assert_eq!(names(&dir, ""), ["a", "d", "l", "link", "moved", "new"]);
            assert_eq!(names(&dir, "d"), ["keep", "named", "up"]);
            assert_eq!(names(&dir, "moved"), ["x", "z"]);
            for (at, wanted) in [
                ("a", Ok("changed")),
                ("d/up", Ok("changed")),
                ("d/keep", Ok("keep")),
                ("d/named", Ok("old")),
                ("moved/x", Ok("x")),
                ("moved/z", Ok("z")),
                ("new/f", Ok("f")),
                ("link", Ok("x")),
                ("moved/y", Err(ErrorCode::NoEntry)),
                ("gone/x", Err(ErrorCode::NoEntry)),
                ("gone", Err(ErrorCode::NoEntry)),
                ("old", Err(ErrorCode::NoEntry)),
                ("d/e/x", Err(ErrorCode::NoEntry)),
                // The link leads to where the directory was.
                ("l/x", Err(ErrorCode::NoEntry)),
                ("new", Err(ErrorCode::IsDirectory)),
                ("moved", Err(ErrorCode::IsDirectory)),
                ("new/f/x", Err(ErrorCode::NotDirectory)),
                ("link/", Err(ErrorCode::NotDirectory)),
            ] {
                assert_eq!(read(&dir, at).as_deref().map_err(|e| *e), wanted, "{at}");
            }
            assert_eq!(dir.read_link("link").as_deref(), Ok("moved/x"));
            assert_eq!(dir.read_link("moved/x"), Err(ErrorCode::Invalid));
            assert_eq!(dir.facts("link", false).unwrap().kind, Kind::Symlink);
            assert_eq!(dir.facts("link", true).unwrap().kind, Kind::File);
            assert_eq!(dir.stat("moved").unwrap().kind, Kind::Directory);
            assert_eq!(dir.stat("a").unwrap().size, 7);
            assert_eq!(dir.open_file_nofollow("link").unwrap_err(), ErrorCode::Loop);
            let moved = dir.open_dir("moved").unwrap();
            assert_eq!(moved.name(), "/workspace/moved");
            assert_eq!(read(&moved, "../a"), Err(ErrorCode::NotPermitted));
            assert_eq!(walk(&moved, "", &all()), ["x", "z"]);
        }
    });
}

#[test]
fn a_page_of_a_walk_is_as_large_as_it_was_asked_to_be() {
    Work::each(tree, |work| {
        change(work);
        for max in [1, 2, 5, 4096] {
            let page = rest(work.view.dir("").walk("", &all()).unwrap(), max);
            assert!(page.entries.iter().map(|it| &it.path).eq(&AFTER), "{max}");
            assert_eq!(page.skipped, 0);
        }
    });
}

#[test]
fn a_walk_goes_on_over_changes() {
    Work::each(tree, |work| {
        let root = &work.root;
        let mut walker = root.as_read().walk("", &all()).unwrap();
        let first = walker.next(4).unwrap();
        let seen: Vec<_> = first.entries.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(seen, ["a", "d", "d/e", "d/e/x"]);
        // It is in `d/e`, which stays, and in whose parent something else is made.
        write(root, "d/e/x2", "new");
        root.remove_file("d/e/y").unwrap();
        root.make_dir("d/zz").unwrap();
        root.remove_file("old").unwrap();
        write(root, "l2", "new");
        let page = rest(walker, 3);
        let seen: Vec<_> = page.entries.iter().map(|it| it.path.as_str()).collect();
        // What was listed before is what is looked at; what vanished meanwhile is not there.
        assert_eq!(seen, ["d/keep", "d/up", "gone", "gone/x", "l"]);
        assert_eq!(page.skipped, 0);
    });
}

#[test]
fn a_walk_does_not_follow_a_directory_that_was_moved_away() {
    // Only in a layer does a directory stand for its name.
    let work = Work::new(tree(), bailiwick_capfs::Writes::Apply);
    let mut walker = work.root.as_read().walk("", &all()).unwrap();
    assert_eq!(walker.next(3).unwrap().entries[2].path, "d/e");
    work.root.rename("d", &work.root, "zzz", false).unwrap();
    let page = rest(walker, 3);
    let seen: Vec<_> = page.entries.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(seen, ["gone", "gone/x", "l", "old"]);
    // Once for `d/e`, once for `d`.
    assert_eq!(page.skipped, 2);
}

#[test]
fn a_handle_of_a_directory_stands_for_its_name() {
    let work = Work::new(tree(), bailiwick_capfs::Writes::Apply);
    let root = &work.root;
    let handle = root.as_read().open_dir("d/e").unwrap();
    root.rename("d", root, "zzz", false).unwrap();
    assert_eq!(read(&handle, "x"), Err(ErrorCode::NoEntry));
    assert_eq!(handle.entries("").unwrap_err(), ErrorCode::NoEntry);
    assert_eq!(handle.stat("").unwrap_err(), ErrorCode::NoEntry);
    write(root, "d", "a file");
    assert_eq!(read(&handle, "x"), Err(ErrorCode::NotDirectory));
    root.remove_file("d").unwrap();
    root.create_dir("d/e").unwrap();
    write(root, "d/e/x", "another");
    assert_eq!(read(&handle, "x").as_deref(), Ok("another"));
    assert_eq!(names(&handle, ""), ["x"]);
    root.remove("d", true).unwrap();
    root.rename("zzz", root, "d", false).unwrap();
    assert_eq!(read(&handle, "x").as_deref(), Ok("x"));
    assert_eq!(names(&handle, ""), ["x", "y"]);
}

#[test]
fn a_savepoint_brings_back_what_handles_see() {
    let work = Work::new(tree(), bailiwick_capfs::Writes::Apply);
    let dir = work.root.as_read();
    let inner = dir.open_dir("d/e").unwrap();
    let before = walk(&dir, "", &all());
    let savepoint = work.view.layer.savepoint();
    change(&work);
    assert_eq!(read(&inner, "x"), Err(ErrorCode::NoEntry));
    work.view.layer.restore(savepoint);
    assert_eq!(walk(&dir, "", &all()), before);
    assert_eq!(read(&inner, "x").as_deref(), Ok("x"));
}

#[test]
fn the_base_stays_as_it_was() {
    let work = Work::new(tree(), bailiwick_capfs::Writes::Apply);
    let before = crate::tree::walk(&work.tree.handle(), "", &all());
    change(&work);
    assert_eq!(walk(&work.tree.handle(), "", &all()), before);
    assert_eq!(read(&work.tree.handle(), "a").as_deref(), Ok("a"));
}

#[test]
fn what_others_change_in_the_base_shows_through() {
    let work = Work::new(tree(), bailiwick_capfs::Writes::Apply);
    change(&work);
    let dir = work.view.dir("");
    work.tree
        .file("d/theirs", "theirs")
        .file("d/e/theirs", "theirs");
    std::fs::remove_file(work.tree.at("d/e/x")).unwrap();
    assert_eq!(read(&dir, "d/theirs").as_deref(), Ok("theirs"));
    assert_eq!(names(&dir, "moved"), ["theirs", "z"]);
    // Where they took the directory away from under the layer, what the layer has is left.
    std::fs::remove_dir_all(work.tree.at("d/e")).unwrap();
    assert_eq!(names(&dir, "moved"), ["z"]);
    assert_eq!(read(&dir, "moved/z").as_deref(), Ok("z"));
    // And what they put there instead is not followed.
    work.tree.link("d/e", "../../outside");
    assert_eq!(names(&dir, "moved"), ["z"]);
    assert_eq!(read(&dir, "moved/secret"), Err(ErrorCode::NoEntry));
    assert_eq!(walk(&dir, "moved", &all()), ["moved/z"]);
}

#[test]
fn ignore_files_of_the_layer_are_applied() {
    Work::each(tree, |work| {
        let root = &work.root;
        write(root, ".gitignore", "keep\n");
        write(root, "d/e/.ignore", "x\n");
        let scope = Scope {
            ignore: true,
            ..Scope::default()
        };
        let dir = work.view.dir("");
        assert_eq!(walk(&dir, "d", &scope), ["d/e", "d/e/y", "d/up"]);
        root.rename("d/e", root, "moved", false).unwrap();
        root.remove_file(".gitignore").unwrap();
        assert_eq!(walk(&dir, "d", &scope), ["d/keep", "d/up"]);
        assert_eq!(walk(&dir, "moved", &scope), ["moved/y"]);
        assert_eq!(walk(&dir.open_dir("moved").unwrap(), "", &scope), ["y"]);
    });
}

#[test]
fn did_you_mean_what_the_layer_has() {
    Work::each(tree, |work| {
        change(work);
        let near = |missing: &str| work.view.names_near(&path(missing), 9);
        assert_eq!(near("mvoed"), ["/workspace/moved"]);
        assert_eq!(near("olld"), [""; 0]);
        assert_eq!(near("d/naemd"), ["/workspace/d/named"]);
        assert_eq!(near("named"), ["/workspace/d/named"]);
    });
}

#[test]
fn identities_tell_files_apart_and_stay() {
    Work::each(tree, |work| {
        let (root, dir) = (&work.root, work.view.dir(""));
        let identity = |at: &str| dir.facts(at, true).unwrap().identity;
        let (a, x, d) = (identity("a"), identity("d/e/x"), identity("d"));
        let open = dir.open_file("d/e/x").unwrap();
        root.open_file("a", Expect::Existing)
            .unwrap()
            .append(b"!")
            .unwrap();
        root.open_file("d/e/x", Expect::Existing)
            .unwrap()
            .append(b"!")
            .unwrap();
        root.rename("d/e", root, "moved", false).unwrap();
        write(root, "new", "new");
        write(root, "new2", "new");
        root.make_dir("made").unwrap();
        root.make_dir("made2").unwrap();
        assert_eq!(
            (identity("a"), identity("moved/x"), identity("d")),
            (a, x, d)
        );
        assert_eq!(open.facts().unwrap().identity, x);
        let all = [
            "a", "moved/x", "moved/y", "d", "moved", "new", "new2", "made", "made2", "",
        ];
        let mut identities: Vec<_> = all.iter().map(|at| identity(at)).collect();
        identities.sort_unstable();
        identities.dedup();
        assert_eq!(identities.len(), all.len());
    });
}

#[test]
fn the_mount_of_a_file_shows_nothing_that_is_made_beside_it() {
    Work::each(tree, |work| {
        let view = &work.view;
        let mount = view
            .layer
            .mount(&view.capability, &path("d/keep"), true)
            .unwrap();
        let (dir, only) = (mount.read, mount.write.unwrap());
        write(&work.root, "d/beside", "beside");
        assert_eq!(names(&dir, ""), ["keep"]);
        assert_eq!(read(&dir, "beside"), Err(ErrorCode::NoEntry));
        // Nothing else can be made, removed or renamed through it, whether it is there or not.
        for other in ["beside", "e", "new", "e/x", "e/new"] {
            assert!(
                only.create_file(other, Expect::Either, false).is_err(),
                "{other}"
            );
            assert!(only.make_dir(other).is_err(), "{other}");
            assert!(only.create_dir(other).is_err(), "{other}");
            assert!(only.make_link("keep", other).is_err(), "{other}");
            assert!(only.remove(other, true).is_err(), "{other}");
            assert!(only.rename("keep", &only, other, true).is_err(), "{other}");
            assert!(only.rename(other, &only, "keep", true).is_err(), "{other}");
        }
        let wanted = ["beside", "e", "keep", "up"];
        assert_eq!(names(&view.dir("d"), ""), wanted);
        write(&only, "keep", "written");
        assert_eq!(read(&view.dir(""), "d/keep").as_deref(), Ok("written"));
        only.remove_file("keep").unwrap();
        assert_eq!(names(&dir, ""), [""; 0]);
        only.create_file("keep", Expect::New, true).unwrap();
        assert_eq!(names(&dir, ""), ["keep"]);
        // One that is not there can be mounted to be written, and only then.
        let missing = path("d/missing");
        let none = view.layer.mount(&view.capability, &missing, false);
        assert_eq!(none.unwrap_err(), ErrorCode::NoEntry);
        let mount = view.layer.mount(&view.capability, &missing, true).unwrap();
        write(&mount.write.unwrap(), "missing", "made");
        assert_eq!(read(&view.dir("d"), "missing").as_deref(), Ok("made"));
    });
}

#[test]
fn names_that_are_not_utf_8_show_through() {
    use std::os::unix::ffi::OsStrExt;
    let odd = std::ffi::OsStr::from_bytes(b"odd-\xff");
    Work::each(tree, |work| {
        std::fs::create_dir(work.tree.at(odd)).unwrap();
        std::fs::write(work.tree.at(odd).join("x"), "x").unwrap();
        std::fs::write(work.tree.at("d").join(odd), "").unwrap();
        work.tree.link("odd", odd);
        change(work);
        let dir = work.view.dir("");
        assert_eq!(read(&dir, "odd/x").as_deref(), Ok("x"));
        let narrowed = dir.open_dir("odd").unwrap();
        assert_eq!(names(&narrowed, ""), ["x"]);
        let page = rest(dir.walk("", &all()).unwrap(), 4096);
        assert_eq!(page.skipped, 2);
        assert_eq!(names(&dir, "d"), ["keep", "named", "up"]);
    });
}
