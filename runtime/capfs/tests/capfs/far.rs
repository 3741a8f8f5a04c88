//! Directories that lie thousands of levels down.

use crate::tree::{Tree, read, walk};
use crate::view::View;
use crate::work::{Work, write};
use bailiwick_capfs::{Attenuation, ErrorCode, ReadDir, Scope, Writes, bounds};
use cap_std::fs::Dir;
use std::path::Path;

/// Levels that are made, and opened, at a time.
const PART: usize = 500;
const PARTS: usize = 8;

/// Directories `d` in each other, 4,000 of them, with a file in each five hundredth. Removed in parts, so that nothing has to go
/// down all of it at once.
struct Far {
    tree: Tree,
    parts: Vec<Dir>,
}

impl Far {
    fn new() -> Self {
        let tree = Tree::large();
        let mut parts = vec![open(&tree.inside())];
        for _ in 0..PARTS {
            let mut dir = parts.last().unwrap().try_clone().unwrap();
            for _ in 0..PART {
                dir.create_dir("d").unwrap();
                dir = dir.open_dir("d").unwrap();
            }
            dir.write("x", "x").unwrap();
            dir.symlink("../".repeat(3) + "up", "l").unwrap();
            parts.push(dir);
        }
        Self { tree, parts }
    }
}

impl Drop for Far {
    fn drop(&mut self) {
        for part in self.parts.iter().rev() {
            let _ = part.remove_dir_all("d");
        }
    }
}

fn open(path: &Path) -> Dir {
    Dir::open_ambient_dir(path, cap_std::ambient_authority()).unwrap()
}

/// The innermost directory, by way of handles.
fn down(dir: ReadDir) -> ReadDir {
    let part = "d/".repeat(PART);
    (0..PARTS).fold(dir, |dir, _| dir.open_dir(&part).unwrap())
}

fn look(dir: &ReadDir) {
    assert_eq!(read(dir, "x").as_deref(), Ok("x"));
    assert_eq!(dir.stat("x").unwrap().size, 1);
    assert_eq!(walk(dir, "", &Scope::default()), ["l", "x"]);
    // The handle is as tight down there as anywhere.
    assert_eq!(read(dir, "l"), Err(ErrorCode::NotPermitted));
    let ignoring = Scope {
        ignore: true,
        ..Scope::default()
    };
    assert_eq!(walk(dir, "", &ignoring), ["l", "x"]);
}

#[test]
fn are_read_without_and_with_guards() {
    let far = Far::new();
    let mut view = View::of("g", far.tree.grant());
    look(&down(view.dir("")));
    let terms = Attenuation {
        hide: vec!["secret".into()],
        ..Attenuation::default()
    };
    view.capability = view.capability.attenuate(&terms).unwrap();
    let dir = down(view.dir(""));
    look(&dir);
    far.parts[PARTS].write("secret", "hidden").unwrap();
    assert_eq!(read(&dir, "secret"), Err(ErrorCode::NoEntry));
    look(&dir);
}

#[test]
fn are_found_again_in_a_layer() {
    let far = Far::new();
    let tree = Tree::new();
    std::fs::remove_dir(tree.inside()).unwrap();
    std::fs::rename(far.tree.inside(), tree.inside()).map_or_else(
        // On another filesystem: then the deep tree is where it is, and this one is a shallow one.
        |_| std::fs::create_dir(tree.inside()).unwrap(),
        |()| std::fs::create_dir(far.tree.inside()).unwrap(),
    );
    let work = Work::new(tree, Writes::Apply);
    if !work.tree.at("d").exists() {
        eprintln!("skipped: what is in memory lies on another filesystem");
        return;
    }
    let dir = down(work.root.as_read());
    write(&work.root, "d/d/changed", "changed");
    look(&dir);
    work.root.rename("d/d", &work.root, "other", false).unwrap();
    assert_eq!(read(&dir, "x"), Err(ErrorCode::NoEntry));
    work.root.make_dir("d/d").unwrap();
    assert_eq!(read(&dir, "x"), Err(ErrorCode::NoEntry));
}

#[test]
fn end_where_a_way_is_too_long() {
    let tree = Tree::large();
    let name = "n".repeat(bounds::NAME);
    let fit = bounds::WAY / (name.len() + 1);
    let mut dir = open(&tree.inside());
    for _ in 0..=fit {
        dir.create_dir(&name).unwrap();
        dir = dir.open_dir(&name).unwrap();
    }
    let mut handle = tree.handle();
    for _ in 0..fit {
        handle = handle.open_dir(&name).unwrap();
    }
    assert_eq!(
        handle.stat(&name).unwrap().kind,
        bailiwick_capfs::Kind::Directory
    );
    assert_eq!(handle.open_dir(&name).unwrap_err(), ErrorCode::NameTooLong);
    let page = handle.walk("", &Scope::default()).unwrap().next(9).unwrap();
    assert_eq!((page.entries.len(), page.skipped, page.more), (1, 1, false));
}
