//! Walking: order, pages, globs and bounds. Ignore files have a module of their own.

use crate::tree::{Tree, pages, rest, walk};
use bailiwick_capfs::{ErrorCode, Kind, Page, Scope, bounds};
use proptest::prelude::*;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

fn scope() -> Scope {
    Scope::default()
}

fn globs(globs: &[&str]) -> Scope {
    Scope {
        globs: globs.iter().map(|glob| (*glob).to_owned()).collect(),
        ..scope()
    }
}

fn project() -> Tree {
    let tree = Tree::new();
    tree.file("src/main.rs", "fn main() {}")
        .file("src/a/lib.rs", "lib")
        .file("src/a/notes.md", "notes")
        .file("README.md", "read me")
        .file("build/out.rs", "out")
        .file(".hidden/x.rs", "x")
        .file("a-b", "-")
        .file("a.b", ".")
        .dir("a")
        .file("a/z", "z");
    tree
}

#[test]
fn order_is_directories_first_met_then_bytes() {
    let tree = project();
    let all = walk(&tree.handle(), "", &scope());
    // By the bytes of the name, so that `a-b` and `a.b` come after `a` and all that it holds.
    assert_eq!(
        all,
        [
            "README.md",
            "a",
            "a/z",
            "a-b",
            "a.b",
            "build",
            "build/out.rs",
            "src",
            "src/a",
            "src/a/lib.rs",
            "src/a/notes.md",
            "src/main.rs",
        ]
    );
}

#[test]
fn depth() {
    let tree = project();
    let dir = tree.handle();
    let at = |depth| {
        walk(
            &dir,
            "",
            &Scope {
                depth: Some(depth),
                ..scope()
            },
        )
    };
    assert_eq!(at(0), [""; 0]);
    assert_eq!(at(1), ["README.md", "a", "a-b", "a.b", "build", "src"]);
    assert_eq!(at(2).len(), 10);
    assert_eq!(at(3), walk(&dir, "", &scope()));
    let page = rest(
        dir.walk(
            "",
            &Scope {
                depth: Some(1),
                ..scope()
            },
        )
        .unwrap(),
        9,
    );
    assert_eq!(page.skipped, 0, "what was not asked for is not left out");
}

#[test]
fn paths_are_the_handles_whatever_the_walk_began_at() {
    let tree = project();
    let dir = tree.handle();
    let wanted = ["src/a/lib.rs", "src/a/notes.md"];
    assert_eq!(walk(&dir, "src/a", &scope()), wanted);
    assert_eq!(walk(&dir, "./src/../src/a/", &scope()), wanted);
    let narrowed = dir.open_dir("src").unwrap();
    assert_eq!(walk(&narrowed, "a", &scope()), ["a/lib.rs", "a/notes.md"]);
    for path in walk(
        &dir,
        "",
        &Scope {
            hidden: true,
            ..scope()
        },
    ) {
        assert!(dir.stat(&path).is_ok(), "{path} can be given back");
    }
    assert_eq!(
        dir.walk("README.md", &scope()).unwrap_err(),
        ErrorCode::NotDirectory
    );
    assert_eq!(
        dir.walk("nothing", &scope()).unwrap_err(),
        ErrorCode::NoEntry
    );
}

#[test]
fn hidden_names() {
    let tree = project();
    let shown = walk(
        &tree.handle(),
        "",
        &Scope {
            hidden: true,
            ..scope()
        },
    );
    assert!(shown.starts_with(&[".hidden".to_owned(), ".hidden/x.rs".to_owned()]));
    // A walk that begins inside is not hidden from itself.
    assert_eq!(walk(&tree.handle(), ".hidden", &scope()), [".hidden/x.rs"]);
}

#[test]
fn globs_take_and_leave_out() {
    let tree = project();
    let dir = tree.handle();
    for (list, wanted) in [
        (
            &["*.rs"][..],
            &["build/out.rs", "src/a/lib.rs", "src/main.rs"][..],
        ),
        (&["/*.md"], &["README.md"]),
        (&["src/**/*.rs"], &["src/a/lib.rs", "src/main.rs"]),
        (&["src/*.rs"], &["src/main.rs"]),
        (&["*.rs", "!build"], &["src/a/lib.rs", "src/main.rs"]),
        (&["*.rs", "!build/"], &["src/a/lib.rs", "src/main.rs"]),
        (&["*.rs", "!main.*"], &["build/out.rs", "src/a/lib.rs"]),
        (
            &["!main.*", "*.rs"],
            &["build/out.rs", "src/a/lib.rs", "src/main.rs"],
        ),
        (&["*.{rs,md}", "!src"], &["README.md", "build/out.rs"]),
        (&["a"], &["a", "src/a"]),
        (&["a/"], &["a", "src/a"]),
        (&["/a/**"], &["a/z"]),
        (&["nothing"], &[]),
        (&["![a-z]*"], &["README.md"]),
        (&["!src", "!build", "!a*"], &["README.md"]),
    ] {
        assert_eq!(walk(&dir, "", &globs(list)), wanted, "{list:?}");
    }
    // They are relative to the handle, not to where the walk begins.
    assert_eq!(walk(&dir, "src", &globs(&["/src/*.rs"])), ["src/main.rs"]);
    assert_eq!(walk(&dir, "src", &globs(&["/main.rs"])), [""; 0]);
}

#[test]
fn globs_that_mean_nothing_are_refused() {
    let tree = project();
    let dir = tree.handle();
    let braces = "{".repeat(400) + &"}".repeat(400);
    for glob in ["[a", "a{b", "", " ", "#comment", "!", "a**b[", &braces] {
        assert_eq!(
            dir.walk("", &globs(&[glob])).unwrap_err(),
            ErrorCode::Invalid,
            "{glob:?}"
        );
        assert_eq!(
            dir.walk("", &globs(&["*.rs", glob])).unwrap_err(),
            ErrorCode::Invalid
        );
    }
    let most = "a".repeat(bounds::GLOBS);
    assert!(dir.walk("", &globs(&[&most])).is_ok());
    assert_eq!(
        dir.walk("", &globs(&[&most, "b"])).unwrap_err(),
        ErrorCode::Overflow
    );
    assert!(dir.walk("", &globs(&["b"; bounds::GLOBS_COUNT])).is_ok());
    assert_eq!(
        dir.walk("", &globs(&["b"; bounds::GLOBS_COUNT + 1]))
            .unwrap_err(),
        ErrorCode::Overflow
    );
}

#[test]
fn names_that_are_not_utf_8_are_counted() {
    let tree = Tree::new();
    tree.file("d/x", "x");
    for name in [&b"bad-\xff"[..], b"\xc3", b"d/\x80"] {
        fs::write(tree.at(OsStr::from_bytes(name)), "x").unwrap();
    }
    let page = rest(tree.handle().walk("", &scope()).unwrap(), 1);
    let paths: Vec<_> = page
        .entries
        .iter()
        .map(|entry| entry.path.as_str())
        .collect();
    assert_eq!((paths, page.skipped), (vec!["d", "d/x"], 3));
}

#[test]
fn a_listing_has_a_most() {
    let tree = Tree::large();
    tree.dir("full").file("z", "z");
    for i in 0..bounds::LISTING {
        fs::write(tree.at(format!("full/{i}")), "").unwrap();
    }
    let dir = tree.handle();
    let page = rest(dir.walk("full", &scope()).unwrap(), u32::MAX);
    assert_eq!((page.entries.len(), page.skipped), (bounds::LISTING, 0));
    // Hidden ones count: the bound is on the directory, not on what is shown.
    tree.file("full/.more", "one too many")
        .file("full/.last", "two");
    assert_eq!(dir.walk("full", &scope()).unwrap_err(), ErrorCode::Overflow);
    let page = rest(dir.walk("", &scope()).unwrap(), 9);
    let paths: Vec<_> = page
        .entries
        .iter()
        .map(|entry| entry.path.as_str())
        .collect();
    assert_eq!((paths, page.skipped), (vec!["full", "z"], 1));
    assert_eq!(crate::tree::read(&dir, "full/.last").as_deref(), Ok("two"));
}

#[test]
fn a_walk_ends_at_its_depth() {
    let tree = Tree::new();
    let levels = bounds::WALK_DEPTH as usize;
    let deep = vec!["d"; levels].join("/");
    tree.file(&format!("{deep}/x"), "too deep");
    let page = rest(tree.handle().walk("", &scope()).unwrap(), 4096);
    assert_eq!((page.entries.len(), page.skipped), (levels, 1));
    assert_eq!(page.entries[levels - 1].path, deep);
    let asked = Scope {
        depth: Some(bounds::WALK_DEPTH),
        ..scope()
    };
    assert_eq!(
        rest(tree.handle().walk("", &asked).unwrap(), 4096).skipped,
        0
    );
    // One level down, the file is within reach.
    assert_eq!(
        walk(&tree.handle().open_dir("d").unwrap(), "", &scope()).len(),
        levels
    );
}

#[test]
fn what_cannot_be_given_back_is_not_shown() {
    let tree = Tree::new();
    let long = "n".repeat(250);
    // Sixteen such names and their slashes are 4,015 bytes.
    let deep = vec![long.as_str(); 16].join("/");
    let inside = cap_std::fs::Dir::open_ambient_dir(tree.inside(), cap_std::ambient_authority());
    let mut dir = inside.unwrap();
    for name in deep.split('/') {
        dir.create_dir(name).unwrap();
        dir = dir.open_dir(name).unwrap();
    }
    let fits = "x".repeat(bounds::PATH - deep.len() - 1);
    dir.write(&fits, "fits").unwrap();
    dir.write(fits.clone() + "x", "one byte more").unwrap();
    let page = rest(tree.handle().walk("", &scope()).unwrap(), 9);
    assert_eq!((page.entries.len(), page.skipped), (17, 1));
    let last = &page.entries[16].path;
    assert_eq!(last.len(), bounds::PATH);
    assert_eq!(
        crate::tree::read(&tree.handle(), last).as_deref(),
        Ok("fits")
    );
}

#[test]
fn the_work_of_a_page_is_bounded() {
    let tree = Tree::large();
    for i in 0..2000 {
        tree.dir(&format!("{i}"));
    }
    let nothing = globs(&["nothing"]);
    let mut walker = tree.handle().walk("", &nothing).unwrap();
    let first = walker.next(4096).unwrap();
    assert_eq!(
        first,
        Page {
            entries: Vec::new(),
            skipped: 0,
            more: true
        }
    );
    assert_eq!(rest(walker, 4096).entries, []);
    assert_eq!(
        rest(tree.handle().walk("", &scope()).unwrap(), 4096)
            .entries
            .len(),
        2000
    );
    // Asking for none gets none, and loses none.
    let mut walker = tree.handle().walk("", &scope()).unwrap();
    assert_eq!(
        walker.next(0).unwrap(),
        Page {
            more: true,
            ..Page::default()
        }
    );
    assert_eq!(rest(walker, 4096).entries.len(), 2000);
}

#[test]
fn listing_counts_as_work_even_in_vain() {
    let tree = Tree::large();
    let each = bounds::OPEN_WORK + bounds::LISTING / bounds::LIST_WORK;
    let dirs = bounds::PAGE_WORK / each + 1;
    for dir in 0..dirs {
        tree.dir(&dir.to_string());
        for i in 0..=bounds::LISTING {
            fs::write(tree.at(format!("{dir}/{i}")), "").unwrap();
        }
    }
    // The listings fill a page by themselves, so that what comes after them is on the next.
    tree.dir("last");
    assert_eq!(pages(&tree.handle(), &globs(&["nothing"])), 2);
}

#[test]
fn matching_and_compiling_count_as_work() {
    let tree = Tree::large();
    for i in 0..3000 {
        fs::write(tree.at(i.to_string()), "").unwrap();
    }
    let long = "y".repeat(bounds::GLOBS);
    assert_eq!(pages(&tree.handle(), &scope()), 1);
    assert_eq!(pages(&tree.handle(), &globs(&[&long])), 2);
    let tree = Tree::new();
    for dir in ["a", "b", "c"] {
        tree.file(&format!("{dir}/.gitignore"), &"y".repeat(bounds::RULES));
    }
    assert_eq!(pages(&tree.handle(), &scope()), 1);
    let ignore = Scope {
        ignore: true,
        ..scope()
    };
    // One for each, and what is left in the last.
    assert_eq!(pages(&tree.handle(), &ignore), 4);
}

#[test]
fn the_paths_of_a_page_have_a_most() {
    let tree = Tree::large();
    let dir = "d".repeat(bounds::NAME);
    tree.dir(&dir);
    for i in 0..3000 {
        fs::write(tree.at(&dir).join(format!("{i:0>255}")), "").unwrap();
    }
    let mut walker = tree.handle().walk("", &scope()).unwrap();
    let first = walker.next(u32::MAX).unwrap();
    let bytes: usize = first.entries.iter().map(|entry| entry.path.len()).sum();
    let most = bounds::PAGE_BYTES + bounds::PATH;
    assert!((bounds::PAGE_BYTES..most).contains(&bytes), "{bytes}");
    assert!(first.more);
    assert_eq!(first.entries.len() + rest(walker, 4096).entries.len(), 3001);
}

#[test]
fn a_page_has_a_most() {
    let tree = Tree::large();
    for i in 0..5000 {
        fs::write(tree.at(i.to_string()), "").unwrap();
    }
    let mut walker = tree.handle().walk("", &scope()).unwrap();
    let first = walker.next(u32::MAX).unwrap();
    assert_eq!(
        (first.entries.len(), first.more),
        (bounds::PAGE as usize, true)
    );
    let second = walker.next(u32::MAX).unwrap();
    assert_eq!(
        (second.entries.len(), second.more),
        (5000 - bounds::PAGE as usize, false)
    );
}

#[test]
fn a_walk_sees_what_is_there_when_it_gets_there() {
    let tree = Tree::new();
    tree.file("a", "a")
        .file("b/x", "x")
        .file("c", "c")
        .file("d/x", "x")
        .file("e", "e");
    let mut walker = tree.handle().walk("", &scope()).unwrap();
    assert_eq!(walker.next(1).unwrap().entries[0].path, "a");
    fs::remove_dir_all(tree.at("b")).unwrap();
    fs::remove_file(tree.at("c")).unwrap();
    fs::remove_dir_all(tree.at("d")).unwrap();
    tree.link("d", "../outside");
    let page = rest(walker, 9);
    let seen: Vec<_> = page
        .entries
        .iter()
        .map(|it| (it.path.as_str(), it.stat.kind))
        .collect();
    assert_eq!(seen, [("d", Kind::Symlink), ("e", Kind::File)]);
}

#[test]
fn what_a_walk_holds_is_bounded() {
    let tree = Tree::large();
    // So many levels fit, and the next does not.
    let full = bounds::LISTING / 4;
    let each = full * (bounds::NAME + bounds::NAME_OVERHEAD);
    let levels = bounds::WALK_NAMES / each + 1;
    let mut at = String::new();
    for _ in 0..levels {
        tree.dir(&format!("{at}~"));
        for i in 1..full {
            fs::write(tree.at(&at).join(format!("{i:0>255}")), "").unwrap();
        }
        at.push_str("~/");
    }
    let page = rest(tree.handle().walk("", &globs(&["~"])).unwrap(), 4096);
    assert_eq!((page.entries.len(), page.skipped), (levels - 1, 1));
    // What is left makes room: after all these levels there is some for a neighbour.
    tree.dir("z~");
    fs::rename(tree.at("~"), tree.at("a~")).unwrap();
    fs::remove_file(tree.at(format!("{:0>255}", 1))).unwrap();
    for i in 0..full {
        fs::write(tree.at("z~").join(format!("{i:0>255}")), "").unwrap();
    }
    let page = rest(tree.handle().walk("", &globs(&["*~"])).unwrap(), 4096);
    assert_eq!((page.entries.len(), page.skipped), (levels, 1));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn pages_are_one_walk_cut_in_pieces(
        files in prop::collection::btree_set("[a-c]{1,2}(/[a-c]{1,2}){0,3}\\.x", 0..40),
        max in 1u32..9,
        hidden: bool,
    ) {
        let tree = Tree::large();
        for file in &files {
            tree.file(file, "x");
        }
        let scope = Scope { hidden, ignore: true, ..scope() };
        let whole = rest(tree.handle().walk("", &scope).unwrap(), 4096);
        let pieces = rest(tree.handle().walk("", &scope).unwrap(), max);
        prop_assert_eq!(&whole, &pieces);
        let mut expected: Vec<Vec<String>> = Vec::new();
        for file in &files {
            let names: Vec<_> = file.split('/').map(str::to_owned).collect();
            expected.extend((1..=names.len()).map(|n| names[..n].to_vec()));
        }
        // Sorted by names, and a directory before what it holds: the order of lists of names.
        expected.sort();
        expected.dedup();
        let expected: Vec<_> = expected.iter().map(|names| names.join("/")).collect();
        let got: Vec<_> = whole.entries.into_iter().map(|entry| entry.path).collect();
        prop_assert_eq!(got, expected);
    }
}
