//! Walks that are deeper than they have directories open.

use crate::tree::{Tree, rest, walk};
use bailiwick_capfs::{ReadDir, Scope, Walker, bounds};
use std::fs;

const LEVELS: usize = 20;

fn at(level: usize, name: &str) -> String {
    "d/".repeat(level) + name
}

/// In each of the directories `d`, `d/d` and so on there is something before and after the next.
fn tree() -> Tree {
    let tree = Tree::new();
    for level in 0..=LEVELS {
        tree.file(&at(level, "a"), "").file(&at(level, "z"), "");
    }
    tree
}

/// A walk that is in the innermost directory, with only what comes after the directories left to be seen.
fn innermost(dir: &ReadDir) -> Walker {
    let mut walker = dir.walk("", &Scope::default()).unwrap();
    let page = walker.next(2 * LEVELS as u32 + 1).unwrap();
    assert_eq!(page.entries.last().unwrap().path, at(LEVELS, "a"));
    walker
}

/// What is left of the walk, and how much was skipped.
fn left(walker: Walker) -> (Vec<String>, u32) {
    let page = rest(walker, 3);
    (
        page.entries.into_iter().map(|entry| entry.path).collect(),
        page.skipped,
    )
}

#[test]
fn a_deep_walk_comes_back_to_every_directory() {
    let tree = tree();
    let mut wanted = Vec::new();
    for level in 0..LEVELS {
        wanted.extend([at(level, "a"), at(level, "d")]);
    }
    wanted.push(at(LEVELS, "a"));
    wanted.extend((0..=LEVELS).rev().map(|level| at(level, "z")));
    let dir = tree.handle();
    assert_eq!(walk(&dir, "", &Scope::default()), wanted);
    for max in [1, 3, 4096] {
        let walker = dir.walk("", &Scope::default()).unwrap();
        let page = rest(walker, max);
        assert!(page.entries.iter().map(|entry| &entry.path).eq(&wanted));
        assert_eq!(page.skipped, 0);
    }
    // Down again after coming back: a second branch at the level that was opened again.
    for level in 0..=LEVELS {
        tree.file(&at(level, "e/e/e/e/e/e/e/e/e/z"), "");
    }
    let page = rest(dir.walk("", &Scope::default()).unwrap(), 4096);
    assert_eq!(page.entries.len(), wanted.len() + 10 * (LEVELS + 1));
    assert_eq!(page.skipped, 0);
}

#[test]
fn a_directory_that_was_exchanged_meanwhile_is_not_gone_back_to() {
    for link in [false, true] {
        let tree = tree();
        let dir = tree.handle();
        let walker = innermost(&dir);
        fs::rename(tree.at("d/d"), tree.outside().join("d")).unwrap();
        if link {
            tree.link("d/d", "../../outside/d");
        } else {
            // The same names, and another directory.
            tree.dir(&at(LEVELS, ""));
            for level in 2..=LEVELS {
                tree.file(&at(level, "z"), "other");
            }
        }
        // Those that were open still are. The others are gone, up to where the way is what it was.
        let open = bounds::WALK_OPEN - 1;
        let mut wanted: Vec<_> = (0..open).map(|i| at(LEVELS - i, "z")).collect();
        wanted.extend([at(1, "z"), at(0, "z")]);
        let closed = LEVELS + 1 - open - 2;
        assert_eq!(left(walker), (wanted, closed as u32), "link: {link}");
    }
}

#[test]
fn a_directory_that_is_there_again_is_gone_back_to() {
    let tree = tree();
    let dir = tree.handle();
    let walker = innermost(&dir);
    fs::rename(tree.at("d/d"), tree.at("d/other")).unwrap();
    fs::rename(tree.at("d/other"), tree.at("d/d")).unwrap();
    let wanted: Vec<_> = (0..=LEVELS).rev().map(|level| at(level, "z")).collect();
    assert_eq!(left(walker), (wanted, 0));
}

#[test]
fn opening_again_counts_as_work() {
    // Each of the files at the end is in a directory that was left for a deep one, and opened again for it.
    let levels = 50;
    let tree = Tree::large();
    let deep = "d/".repeat(levels);
    let branch = "e/".repeat(bounds::WALK_OPEN);
    let names = bounds::PAGE_WORK / (bounds::OPEN_WORK * levels) + 1;
    for i in 0..names {
        tree.dir(&format!("{deep}{i}{branch}"));
    }
    let opened = levels + names * bounds::WALK_OPEN;
    assert!((bounds::OPEN_WORK + 2) * opened < bounds::PAGE_WORK);
    assert_eq!(crate::tree::pages(&tree.handle(), &Scope::default()), 2);
}
