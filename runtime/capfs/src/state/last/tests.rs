//! How many steps it takes to come to directories, and that none is come to that is another by then.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test makes its own files, and has failed when it cannot"
)]

use super::{Last, NEAR, STEPS, common, depth, directory};
use crate::change_set::{Attributes, ChangeSet, Content, Put, Take, Was, What};
use crate::state::{State, Vault, fingerprint, node};
use crate::{Grant, Rights, ambient_authority};
use cap_std::fs::Dir;
use rustix::io::Errno;
use std::fs;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// Levels of a deep directory.
const DEEP: usize = 2000;

/// A path of so many names.
fn chain(levels: usize) -> String {
    vec!["d"; levels].join("/")
}

fn put(path: String, what: What) -> Put {
    Put {
        path,
        what,
        over: None,
    }
}

fn new_file(vault: &Vault, path: String) -> Put {
    let content = Content {
        blob: Arc::new(vault.blob().unwrap()),
        attributes: Attributes::default(),
    };
    put(path, What::File(content))
}

/// An empty granted directory. In memory where that can be: everything is synced, and much of it.
fn bench() -> (TempDir, State, Vault) {
    let memory = tempfile::tempdir_in("/dev/shm");
    let folder = memory.or_else(|_| tempfile::tempdir()).unwrap();
    let base = folder.path().join("base");
    fs::create_dir(&base).unwrap();
    let at = folder.path().join("state");
    let (state, _) = State::open_ambient(&at, ambient_authority()).unwrap();
    let grant = Grant::open_ambient(&base, Rights::READ, ambient_authority()).unwrap();
    let vault = state.vault(&grant).unwrap();
    (folder, state, vault)
}

/// How many steps something takes.
fn steps<T>(act: impl FnOnce() -> T) -> (T, usize) {
    STEPS.set(0);
    let done = act();
    (done, STEPS.get())
}

/// Whatever is deep costs a number of steps that grows with how much it is, and with how deep it is: not with the
/// product.
#[test]
fn deep_below_the_root_it_takes_few_steps_as_well() {
    let (folder, state, vault) = bench();
    let apply = |puts: Vec<Put>| {
        let count = puts.len();
        let set = ChangeSet {
            takes: Vec::new(),
            puts,
        };
        let (record, steps) = steps(|| state.apply(&[(&vault, &set)], "deep").unwrap());
        assert!(
            steps < 6 * NEAR * (count + DEEP),
            "{steps} for {count} of them"
        );
        record.id
    };
    // Each in the one before, and permissions that have to be set when something was put in it.
    let dirs = (1..=DEEP).map(|levels| put(chain(levels), What::Dir(0o500)));
    let nested = apply(dirs.collect());
    let deepest = chain(DEEP);
    let files = (0..300).map(|n| new_file(&vault, format!("{deepest}/{n}")));
    let files = apply(files.collect());
    // One in each of many, from the outside to the inside.
    let each = (DEEP - 300..DEEP).map(|levels| new_file(&vault, chain(levels) + "/f"));
    let each = apply(each.collect());
    for (undone, count) in [(each, 300), (files, 300), (nested, DEEP)] {
        let (_, steps) = steps(|| state.undo(&[undone], "undo").unwrap());
        assert!(
            steps < 6 * NEAR * (count + DEEP),
            "{steps} for {count} of them"
        );
    }
    let base = folder.path().join("base");
    assert_eq!(fs::read_dir(base).unwrap().count(), 0);
}

/// What was come to below a directory goes away with it, and is not what another one has under the same names.
#[test]
fn what_the_transaction_itself_moved_is_not_come_to() {
    let (folder, state, vault) = bench();
    let above = chain(NEAR + 1);
    let at = |path: &str| folder.path().join("base").join(path);
    fs::create_dir_all(at(&above).join("x")).unwrap();
    fs::create_dir_all(at("other/x")).unwrap();
    fs::write(at(&above).join("x/f"), "f").unwrap();
    let root = Dir::open_ambient_dir(at(""), ambient_authority()).unwrap();
    let file = root.open(format!("{above}/x/f")).unwrap();
    let take = |path: String, was| Take { path, was };
    let set = ChangeSet {
        takes: vec![
            take(
                format!("{above}/x/f"),
                Was::File(vault.copy(&file).unwrap().1),
            ),
            take(
                above.clone(),
                Was::Dir(Some(fingerprint(&root.open_dir(&above).unwrap()).unwrap())),
            ),
            take("other".to_owned(), Was::Dir(None)),
        ],
        puts: vec![
            put(above.clone(), What::Moved(2)),
            new_file(&vault, format!("{above}/x/g")),
        ],
    };
    let record = state.apply(&[(&vault, &set)], "moves").unwrap();
    assert!(at(&above).join("x/g").exists() && !at(&above).join("x/f").exists());
    state.undo(&[record.id], "undo").unwrap();
    assert!(at(&above).join("x/f").exists() && at("other/x").exists());
    assert!(!at(&above).join("x/g").exists());
}

/// A directory tree that is deep enough, and the way into it.
struct Tree {
    folder: TempDir,
    root: OwnedFd,
    device: u64,
    last: Option<Last>,
}

impl Tree {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("base").join(chain(NEAR + 4))).unwrap();
        let at = fs::File::open(folder.path().join("base")).unwrap();
        let root = node::readable_folder(&at, ".").unwrap();
        let device = step_device(&root);
        Self {
            folder,
            root,
            device,
            last: None,
        }
    }

    fn at(&self, path: &str) -> std::path::PathBuf {
        self.folder.path().join("base").join(path)
    }

    /// The inode of what is come to.
    fn come_to(&mut self, path: &str) -> Result<u64, Errno> {
        let dir = directory(&self.root, self.device, path, &mut self.last)?;
        Ok(rustix::fs::fstat(&dir)?.st_ino)
    }
}

#[allow(
    clippy::useless_conversion,
    clippy::unnecessary_cast,
    reason = "the field's type differs by system"
)]
fn step_device(dir: &OwnedFd) -> u64 {
    rustix::fs::fstat(dir).unwrap().st_dev as u64
}

fn inode(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    fs::symlink_metadata(path).unwrap().ino()
}

#[test]
fn it_is_what_the_names_say() {
    let mut tree = Tree::new();
    let (deep, side) = (chain(NEAR + 4), chain(NEAR + 1) + "/e");
    fs::create_dir_all(tree.at(&side).join("f")).unwrap();
    let all = [
        deep.clone(),
        side.clone() + "/f",
        chain(NEAR + 2),
        String::new(),
        side.clone(),
        chain(3),
        deep.clone(),
        deep,
    ];
    for path in all {
        let wanted = inode(&tree.at(&path));
        assert_eq!(tree.come_to(&path).unwrap(), wanted, "{path}");
    }
    for (path, wanted) in [
        (side.clone() + "/none", Errno::NOENT),
        (side.clone() + "/..", Errno::INVAL),
        (side.clone() + "//f", Errno::INVAL),
        (side.clone() + "/f/", Errno::INVAL),
    ] {
        tree.come_to(&side).unwrap();
        assert_eq!(tree.come_to(&path), Err(wanted), "{path}");
    }
}

#[test]
fn another_directory_or_a_link_in_its_place_is_seen() {
    // The one that was come to, and one near the root that it is below.
    for levels in [NEAR + 4, NEAR, 1] {
        for link in [false, true] {
            let mut tree = Tree::new();
            let deep = chain(NEAR + 4);
            tree.come_to(&deep).unwrap();
            let (was, away) = (tree.at(&chain(levels)), tree.folder.path().join("away"));
            fs::rename(&was, &away).unwrap();
            if link {
                std::os::unix::fs::symlink(&away, &was).unwrap();
                assert!(tree.come_to(&deep).is_err(), "{levels}");
            } else {
                assert_eq!(tree.come_to(&deep), Err(Errno::NOENT), "{levels}");
                fs::create_dir_all(tree.at(&deep)).unwrap();
                let wanted = inode(&tree.at(&deep));
                assert_eq!(tree.come_to(&deep).unwrap(), wanted, "{levels}");
            }
        }
    }
}

#[test]
fn what_was_moved_is_not_come_back_to() {
    let mut tree = Tree::new();
    let (deep, above) = (chain(NEAR + 4), chain(NEAR + 2));
    tree.come_to(&deep).unwrap();
    // Up from where we are is another directory now.
    let away = tree.folder.path().join("away");
    fs::rename(tree.at(&chain(NEAR + 3)), &away).unwrap();
    fs::create_dir(tree.at(&above).join("e")).unwrap();
    let wanted = inode(&tree.at(&above).join("e"));
    assert_eq!(tree.come_to(&(above + "/e")).unwrap(), wanted);
}

#[test]
fn what_paths_have_in_common() {
    for (one, other, wanted) in [
        ("a/b/c", "a/b/c", "a/b/c"),
        ("a/b/c", "a/b", "a/b"),
        ("a/b", "a/b/c", "a/b"),
        ("a/bc", "a/bd", "a"),
        ("a/b", "a/bc", "a"),
        ("ab", "a", ""),
        ("", "a", ""),
        ("ä/x", "ö/x", ""),
    ] {
        assert_eq!(common(one, other), wanted, "{one} {other}");
    }
    assert_eq!([depth(""), depth("a"), depth("a/b")], [0, 1, 2]);
}
