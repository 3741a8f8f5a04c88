//! Names that are hidden or protected, and every way to change them all the same. None of them works.

use crate::tree::Tree;
use crate::work::{Work, read, write};
use bailiwick_capfs::{ErrorCode, Expect, Times, WriteDir};

const NO: Result<(), ErrorCode> = Err(ErrorCode::NotPermitted);
const NONE: Result<(), ErrorCode> = Err(ErrorCode::NoEntry);

fn tree() -> Tree {
    let tree = Tree::new();
    tree.dir(".git/hooks")
        .file(".git/hooks/x", "hook")
        .file(".git/config", "config");
    tree.file("key.secret", "secret")
        .file("Keep", "keep")
        .file("free", "free");
    tree.dir("p/q")
        .file("p/q/Keep", "deep")
        .dir("s/t")
        .file("s/t/a.secret", "deep");
    tree.dir("only-hidden").file("only-hidden/.secret", "");
    tree.link("x", ".git").link("k", "Keep").link("y", "p/q");
    tree
}

fn guarded(work: &Work) -> WriteDir {
    work.guarded(&["*.secret"], &["Keep"])
}

fn open(root: &WriteDir, path: &str, expect: Expect) -> Result<(), ErrorCode> {
    root.open_file(path, expect).map(drop)
}

#[test]
fn protected_files_are_read_and_not_changed() {
    Work::each(tree, |work| {
        let root = guarded(work);
        let kept = [
            "Keep",
            "p/q/Keep",
            "y/Keep",
            ".git/config",
            "x/config",
            ".git/hooks/x",
            "x/hooks/x",
        ];
        for path in kept {
            for expect in [Expect::Existing, Expect::Either] {
                assert_eq!(open(&root, path, expect), NO, "{path}");
                assert_eq!(
                    root.create_file(path, expect, false).map(drop),
                    NO,
                    "{path}"
                );
            }
            assert_eq!(open(&root, path, Expect::New), NO, "{path}");
            assert_eq!(root.rename(path, &root, "moved", true), NO, "{path}");
            assert_eq!(root.rename("free", &root, path, true), NO, "{path}");
            assert_eq!(root.set_times(path, true, Times::default()), NO, "{path}");
            assert_eq!(root.remove(path, true), NO, "{path}");
            assert_eq!(root.remove_file(path), NO, "{path}");
        }
        // A link to one can go, but nothing is changed through it.
        assert_eq!(open(&root, "k", Expect::Either), NO);
        assert_eq!(root.set_times("k", true, Times::default()), NO);
        // What there is not yet: by case, in a directory of hooks.
        for path in [
            "keep",
            "KEEP",
            ".git/hooks/new",
            "x/hooks/new",
            ".GIT/config",
            ".git/CONFIG",
        ] {
            for expect in [Expect::New, Expect::Either] {
                let made = open(&root, path, expect);
                assert!(
                    made == NO || (made == NONE && path.starts_with(".GIT")),
                    "{path} {made:?}"
                );
            }
            assert!(root.rename("free", &root, path, true).is_err(), "{path}");
        }
        assert_eq!(read(&root, "k"), "keep");
        assert_eq!(read(&root, "x/hooks/x"), "hook");
        assert_eq!(read(&root, "free"), "free");
    });
}

#[test]
fn nothing_gets_a_name_that_is_kept() {
    Work::each(tree, |work| {
        let root = guarded(work);
        for path in [
            "d/Keep",
            "d/KEEP",
            "d/.mcp.json",
            "d/.MCP.json",
            "d/.vscode",
            "d/n.secret",
        ] {
            root.create_dir("d").unwrap();
            assert_eq!(open(&root, path, Expect::New), NO, "{path}");
            assert!(root.make_dir(path).is_err(), "{path}");
            assert!(root.make_link("free", path).is_err(), "{path}");
            assert!(root.rename("free", &root, path, true).is_err(), "{path}");
            assert!(root.create_dir(&format!("{path}/sub")).is_err(), "{path}");
        }
        // By the name of a directory above it, made first.
        root.create_dir("fake/hooks").unwrap();
        write(&root, "fake/hooks/x", "evil");
        assert_eq!(root.rename("fake", &root, "d/.git", false), NO);
        assert_eq!(root.make_link("fake", "d/.git"), NO);
        root.make_link("fake", "harmless").unwrap();
        assert_eq!(root.rename("harmless", &root, "d/.git", false), NO);
        assert_eq!(root.as_read().entries("d").unwrap(), []);
    });
}

#[test]
fn what_is_above_something_kept_stays() {
    Work::each(tree, |work| {
        let root = guarded(work);
        for path in ["p", "p/q", "s", "s/t", ".git", ".git/hooks"] {
            assert_eq!(root.rename(path, &root, "moved", false), NO, "{path}");
            assert_eq!(root.remove(path, true), NO, "{path}");
        }
        assert_eq!(root.remove_dir("only-hidden"), NO);
        root.make_dir("e").unwrap();
        assert_eq!(root.rename("e", &root, "only-hidden", true), NO);
        // The links to it are free to go, and lead nowhere new.
        root.rename("x", &root, "z", false).unwrap();
        assert_eq!(open(&root, "z/config", Expect::Existing), NO);
        root.remove_file("z").unwrap();
        assert_eq!(read(&root, ".git/config"), "config");
    });
}

#[test]
fn hidden_files_are_not_there() {
    Work::each(tree, |work| {
        let root = guarded(work);
        for path in ["key.secret", "s/t/a.secret", "KEY.SECRET"] {
            assert_eq!(open(&root, path, Expect::Existing), NONE, "{path}");
            assert_eq!(open(&root, path, Expect::New), NO, "{path}");
            assert_eq!(open(&root, path, Expect::Either), NO, "{path}");
            assert_eq!(root.remove_file(path), NONE, "{path}");
            assert_eq!(root.rename(path, &root, "moved", false), NONE, "{path}");
            assert_eq!(root.rename("free", &root, path, true), NO, "{path}");
            assert_eq!(root.set_times(path, true, Times::default()), NONE, "{path}");
            assert_eq!(root.make_dir(path), NO, "{path}");
        }
        // A name that nothing has says the same.
        assert_eq!(open(&root, "no.secret", Expect::New), NO);
        assert_eq!(open(&root, "no.secret", Expect::Existing), NONE);
        assert_eq!(work.read("key.secret"), "secret");
    });
}

#[test]
fn a_handle_without_a_guard_does_not_help_one_that_has_it() {
    Work::each(tree, |work| {
        let root = guarded(work);
        // Renamed with a guarded handle on either side.
        assert_eq!(root.rename("free", &work.root, "Keep", true), NO);
        assert_eq!(work.root.rename("Keep", &root, "moved", true), NO);
        work.root
            .rename("Keep", &work.root, "was-kept", false)
            .unwrap();
        assert_eq!(work.root.rename("was-kept", &root, "Keep", false), NO);
    });
}
