//! Everything that can become of names, in one call: what the call is told, and what is on the disk after it, alone and by way
//! of what is pending.

use crate::session::{Session, lines};
use crate::tree::Tree;
use crate::work::write;
use bailiwick_capfs::{WriteDir, Writes};
use std::collections::BTreeMap;
use std::path::Path;

fn tree() -> Tree {
    let tree = Tree::new();
    for file in ["a/x", "a/y", "a/in/z", "b/x", "f", "g"] {
        tree.file(file, &format!("{file}\n"));
    }
    tree.link("l", "f");
    tree
}

/// All files and links below a folder, and empty directories.
fn files(tree: &Tree) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    below(&tree.inside(), "", &mut found);
    found
}

fn below(at: &Path, way: &str, found: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(at).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{way}{}", entry.file_name().into_string().unwrap());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            found.insert(format!("{name}/"), String::new());
            below(&entry.path(), &format!("{name}/"), found);
        } else if kind.is_symlink() {
            let leads = std::fs::read_link(entry.path()).unwrap();
            found.insert(name, leads.into_os_string().into_string().unwrap());
        } else {
            found.insert(name, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
}

/// The same in `apply`, in `review` with another process that applies it, and what is there then.
fn check(act: impl Fn(&WriteDir), told: &[&str], there: &[(&str, &str)], gone: &[&str]) {
    let at_once = Session::new(tree(), Writes::Apply);
    let done = at_once.call(&act).unwrap();
    assert_eq!(lines(&done.changes), told);
    let after = files(&at_once.tree);

    let reviewed = Session::new(tree(), Writes::Review);
    let before = files(&reviewed.tree);
    assert_eq!(lines(&reviewed.call(&act).unwrap().changes), told);
    assert_eq!(files(&reviewed.tree), before, "nothing is on the disk");
    let other = reviewed.again();
    other.apply_pending(&[], "accepted").unwrap();
    assert_eq!(other.pending(), []);
    assert_eq!(files(&reviewed.tree), after, "in another process");
    for (path, text) in there {
        assert_eq!(after.get(*path).map(String::as_str), Some(*text), "{path}");
    }
    for path in gone {
        assert!(!after.contains_key(*path), "{path}");
    }
    let record = done.record.unwrap();
    at_once.state.undo(&[record.id], "undo").unwrap();
    assert_eq!(files(&at_once.tree), before, "undone");
}

fn mv(dir: &WriteDir, from: &str, to: &str) {
    dir.rename(from, dir, to, true).unwrap();
}

#[test]
fn two_files_swap_their_names() {
    check(
        |dir| {
            mv(dir, "f", "t");
            mv(dir, "g", "f");
            mv(dir, "t", "g");
        },
        &[
            "R /workspace/g -> /workspace/f",
            "R /workspace/f -> /workspace/g",
        ],
        &[("f", "g\n"), ("g", "f\n")],
        &["t"],
    );
}

#[test]
fn two_directories_swap_their_names_and_one_changes() {
    check(
        |dir| {
            mv(dir, "a", "t");
            mv(dir, "b", "a");
            mv(dir, "t", "b");
            write(dir, "b/y", "changed\n");
            write(dir, "a/new", "new\n");
        },
        &[
            "R /workspace/b/ -> /workspace/a/",
            "A /workspace/a/new +1 -0",
            "R /workspace/a/ -> /workspace/b/",
            "M /workspace/b/y +1 -1",
        ],
        &[
            ("b/y", "changed\n"),
            ("b/in/z", "a/in/z\n"),
            ("a/x", "b/x\n"),
            ("a/new", "new\n"),
        ],
        &["a/y", "t/"],
    );
}

#[test]
fn out_of_a_directory_that_is_moved_or_removed() {
    check(
        |dir| {
            mv(dir, "a/x", "x");
            mv(dir, "a", "c");
            mv(dir, "b/x", "c/from-b");
            dir.remove("b", true).unwrap();
        },
        &[
            "D /workspace/b/",
            "R /workspace/a/ -> /workspace/c/",
            "R /workspace/b/x -> /workspace/c/from-b",
            "R /workspace/a/x -> /workspace/x",
        ],
        &[("x", "a/x\n"), ("c/y", "a/y\n"), ("c/from-b", "b/x\n")],
        &["a/", "b/", "c/x"],
    );
}

#[test]
fn another_kind_of_thing_at_the_same_name() {
    check(
        |dir| {
            dir.remove_file("f").unwrap();
            dir.create_dir("f").unwrap();
            write(dir, "f/inside", "i\n");
            dir.remove("b", true).unwrap();
            write(dir, "b", "a file\n");
            dir.remove_file("l").unwrap();
            dir.make_link("a/x", "l").unwrap();
            dir.remove_file("g").unwrap();
            dir.make_link("b", "g").unwrap();
        },
        &[
            "D /workspace/b/",
            "A /workspace/b +1 -0",
            "D /workspace/f +0 -1",
            "A /workspace/f/",
            "A /workspace/f/inside +1 -0",
            "M /workspace/g",
            "M /workspace/l",
        ],
        &[
            ("f/inside", "i\n"),
            ("b", "a file\n"),
            ("l", "a/x"),
            ("g", "b"),
        ],
        &["b/x"],
    );
}

#[test]
fn over_a_file_that_is_there() {
    check(
        |dir| {
            mv(dir, "f", "g");
            write(dir, "t", "new\n");
            mv(dir, "t", "a/x");
        },
        &["M /workspace/a/x +1 -1", "R /workspace/f -> /workspace/g"],
        &[("g", "f\n"), ("a/x", "new\n")],
        &["f", "t"],
    );
}

#[test]
fn removed_and_made_again() {
    check(
        |dir| {
            dir.remove_file("f").unwrap();
            write(dir, "f", "new\n");
            dir.remove("a", true).unwrap();
            dir.create_dir("a").unwrap();
            write(dir, "a/x", "new\n");
        },
        &[
            "D /workspace/a/",
            "A /workspace/a/",
            "A /workspace/a/x +1 -0",
            "M /workspace/f +1 -1",
        ],
        &[("f", "new\n"), ("a/x", "new\n")],
        &["a/y", "a/in/"],
    );
}

#[test]
fn moved_twice_and_back() {
    check(
        |dir| {
            mv(dir, "a", "c");
            mv(dir, "c/in", "in");
            mv(dir, "c", "a");
            mv(dir, "f", "t");
            mv(dir, "t", "f");
            write(dir, "in/z", "changed\n");
        },
        &[
            "R /workspace/a/in/ -> /workspace/in/",
            "M /workspace/in/z +1 -1",
        ],
        &[("in/z", "changed\n"), ("a/x", "a/x\n"), ("f", "f\n")],
        &["a/in/", "c/", "t"],
    );
}

#[test]
fn a_link_and_a_directory_into_a_new_one() {
    check(
        |dir| {
            dir.create_dir("new/deep").unwrap();
            mv(dir, "l", "new/l");
            mv(dir, "a/in", "new/deep/in");
            mv(dir, "f", "new/deep/in/f");
        },
        &[
            "A /workspace/new/",
            "A /workspace/new/deep/",
            "R /workspace/a/in/ -> /workspace/new/deep/in/",
            "R /workspace/f -> /workspace/new/deep/in/f",
            "R /workspace/l -> /workspace/new/l",
        ],
        &[
            ("new/l", "f"),
            ("new/deep/in/z", "a/in/z\n"),
            ("new/deep/in/f", "f\n"),
        ],
        &["l", "f", "a/in/"],
    );
}
