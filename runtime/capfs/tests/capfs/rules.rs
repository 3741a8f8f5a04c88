//! Ignore files, beside the walker of ripgrep.

use crate::tree::{Tree, pages, rest, walk};
use bailiwick_capfs::{Scope, bounds};
use ignore::WalkBuilder;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn scope() -> Scope {
    Scope {
        ignore: true,
        hidden: true,
        ..Scope::default()
    }
}

/// What ripgrep's walker finds below the grant, with the rules that are in it and no others.
fn reference(tree: &Tree) -> BTreeSet<String> {
    let mut builder = WalkBuilder::new(tree.inside());
    builder
        .hidden(false)
        .parents(false)
        .git_global(false)
        .git_exclude(false)
        .require_git(false);
    let paths = builder.build().map(|entry| entry.unwrap().into_path());
    let below = paths.map(|path| path.strip_prefix(tree.inside()).unwrap().to_owned());
    let names = below.map(|path| path.to_str().unwrap().to_owned());
    names.filter(|name| !name.is_empty()).collect()
}

#[test]
fn inner_rules_over_outer_and_ignore_over_gitignore() {
    let tree = Tree::new();
    tree.file(".gitignore", "*.log\ntarget/\n/only-here\nsub/deep.txt\n")
        .file("a.log", "")
        .file("sub/a.log", "")
        .file("sub/keep.log", "")
        .file("sub/.gitignore", "!keep.log\n")
        .file("sub/only-here", "")
        .file("sub/deep.txt", "")
        .file("only-here", "")
        .file("target/x", "")
        .file("sub/target/x", "")
        .file("other/target", "a file, and the rule wants a directory")
        .file("other/.ignore", "!b.log\nnot-git\n")
        .file("other/.gitignore", "b.log\n!not-git\n")
        .file("other/b.log", "")
        .file("other/not-git", "")
        .file(".git/config", "")
        .file("sub/.git", "a file, as in a worktree");
    let dir = tree.handle();
    let shown = Scope {
        hidden: false,
        ..scope()
    };
    let wanted = [
        "other",
        "other/b.log",
        "other/target",
        "sub",
        "sub/keep.log",
        "sub/only-here",
    ];
    assert_eq!(walk(&dir, "", &shown), wanted);
    let hidden = walk(&dir, "", &scope());
    assert!(hidden.contains(&".gitignore".to_owned()));
    assert!(
        !hidden
            .iter()
            .any(|path| path.contains(".git/") || path.ends_with(".git"))
    );
    let everything = walk(
        &dir,
        "",
        &Scope {
            ignore: false,
            ..scope()
        },
    );
    assert!(everything.contains(&".git/config".to_owned()));
    assert!(everything.contains(&"target/x".to_owned()));
}

#[test]
fn rules_above_the_handle_hold_up_to_the_grant() {
    let tree = Tree::new();
    std::fs::write(
        tree.inside().parent().unwrap().join(".gitignore"),
        "*.txt\n",
    )
    .unwrap();
    tree.file(".gitignore", "*.log\n/a/b/anchored\n")
        .file("a/.ignore", "!keep.log\nb/no\n")
        .file("a/b/x.log", "")
        .file("a/b/keep.log", "")
        .file("a/b/anchored", "")
        .file("a/b/no", "")
        .file("a/b/c/no", "")
        .file("a/b/note.txt", "the rules outside of the grant say nothing")
        .link("short", "a/b");
    let wanted =
        |prefix: &str| ["c", "c/no", "keep.log", "note.txt"].map(|n| format!("{prefix}{n}"));
    let dir = tree.handle();
    assert_eq!(walk(&dir, "a/b", &scope()), wanted("a/b/"));
    assert_eq!(
        walk(&dir.open_dir("a/b").unwrap(), "", &scope()),
        wanted("")
    );
    assert_eq!(
        walk(&dir.open_dir("a").unwrap(), "b", &scope()),
        wanted("b/")
    );
    // By where it is, not by how it was come to.
    assert_eq!(walk(&dir, "short", &scope()), wanted("short/"));
    assert_eq!(
        walk(&dir.open_dir("short").unwrap(), "", &scope()),
        wanted("")
    );
}

#[test]
fn a_directory_that_is_left_out_can_still_be_walked_by_name() {
    let tree = Tree::new();
    tree.file(".gitignore", "target\n*.o\n")
        .file("target/x", "")
        .file("target/y.o", "");
    let dir = tree.handle();
    assert_eq!(walk(&dir, "", &scope()), [".gitignore"]);
    assert_eq!(walk(&dir, "target", &scope()), ["target/x"]);
}

#[test]
fn odd_ignore_files() {
    let tree = Tree::new();
    let odd = b"\xef\xbb\xbffirst\r\n\xff\xfe\nsecond  \n[broken\n\n# third\n\\#fourth\nlast";
    std::fs::write(tree.at(".gitignore"), odd).unwrap();
    for name in ["first", "second", "third", "#fourth", "last", "[broken"] {
        tree.file(name, "");
    }
    tree.dir("d/.gitignore").file("d/x", "");
    assert_eq!(
        walk(&tree.handle(), "", &scope()),
        [".gitignore", "d", "d/.gitignore", "d/x", "third"]
    );
}

#[test]
fn ignore_files_over_their_bounds_are_not_applied() {
    let line = "x\n";
    let comment = "#".repeat(99) + "\n";
    for (rules, applied) in [
        (
            format!("no\n{}", line.repeat(bounds::RULES_LINES - 1)),
            true,
        ),
        (format!("no\n{}", line.repeat(bounds::RULES_LINES)), false),
        (format!("no\n{}", "y".repeat(bounds::RULES - 2)), true),
        (format!("no\n{}", "y".repeat(bounds::RULES - 1)), false),
        (format!("{}no\n", comment.repeat(600)), true),
        (format!("{}no\n", comment.repeat(700)), false),
        (format!("{}\nno\n", "{".repeat(5000)), true),
    ] {
        let tree = Tree::new();
        tree.file(".gitignore", &rules).file("no", "");
        let wanted: &[&str] = if applied {
            &[".gitignore"]
        } else {
            &[".gitignore", "no"]
        };
        assert_eq!(
            walk(&tree.handle(), "", &scope()),
            wanted,
            "{} bytes",
            rules.len()
        );
    }
    // All that are applied at a time have a bound too.
    let tree = Tree::new();
    let rules = format!("no\n{}", "y".repeat(bounds::RULES - 2));
    for path in ["a", "a/b"] {
        tree.file(&format!("{path}/.gitignore"), &rules)
            .file(&format!("{path}/no"), "");
    }
    tree.file("a/b/c/.gitignore", "z\n").file("a/b/c/z", "");
    let shown = Scope {
        hidden: false,
        ..scope()
    };
    assert_eq!(
        walk(&tree.handle(), "", &shown),
        ["a", "a/b", "a/b/c", "a/b/c/z"]
    );
}

#[test]
fn rules_that_are_left_make_room() {
    let tree = Tree::new();
    let rules = format!("no\n{}", "y".repeat(bounds::RULES - 2));
    for i in 0..2 * bounds::RULES_HELD / bounds::RULES {
        tree.file(&format!("{i}/.gitignore"), &rules)
            .file(&format!("{i}/no"), "");
    }
    let page = rest(tree.handle().walk("", &scope()).unwrap(), 4096);
    assert!(page.entries.iter().all(|entry| !entry.path.ends_with("no")));
}

#[test]
fn the_innermost_directories_above_count() {
    let tree = Tree::new();
    let far = 5;
    let at = |level: usize| "d/".repeat(level);
    let deepest = at(far + 1 + bounds::RULES_ABOVE);
    tree.file(&format!("{}.gitignore", at(far)), "far\n")
        .file(&format!("{}.gitignore", at(far + 1)), "near\n");
    for name in ["far", "near", "x"] {
        tree.file(&format!("{deepest}{name}"), "");
    }
    let handle = tree.handle().open_dir(&deepest).unwrap();
    assert_eq!(walk(&handle, "", &scope()), ["far", "x"]);
    // The same for a walk that begins there from further up.
    let above = tree.handle().open_dir("d/d").unwrap();
    assert_eq!(walk(&above, &deepest[4..], &scope()).len(), 2);
}

#[test]
fn what_is_read_above_is_bounded() {
    let tree = Tree::new();
    let comment = "#".repeat(60_000) + "\n";
    let fit = bounds::RULES_ABOVE_BYTES as usize / comment.len();
    for level in 0..=fit {
        let at = "d/".repeat(level);
        tree.file(&format!("{at}.gitignore"), &format!("{comment}{level}"));
        tree.file(&format!("{}{level}", "d/".repeat(fit + 1)), "");
    }
    let handle = tree.handle().open_dir(&"d/".repeat(fit + 1)).unwrap();
    assert_eq!(walk(&handle, "", &scope()), [fit.to_string()]);
}

#[test]
fn too_far_down_there_is_nothing_above() {
    let tree = Tree::new();
    let name = |level: usize| "d/".repeat(level);
    tree.dir(&name(bounds::TRAIL + 2));
    for level in [bounds::TRAIL - 1, bounds::TRAIL] {
        tree.file(&format!("{}.gitignore", name(level)), "no\n")
            .file(&format!("{}no", name(level + 1)), "");
    }
    let known = tree.handle().open_dir(&name(bounds::TRAIL)).unwrap();
    let unknown = known.open_dir("d").unwrap();
    let flat = Scope {
        depth: Some(1),
        ..scope()
    };
    assert_eq!(walk(&known, "", &flat), [".gitignore", "d"]);
    assert_eq!(walk(&unknown, "", &flat), ["d", "no"]);
    // Rules that are met on the way down are applied all the same.
    assert_eq!(walk(&known, "", &scope()), [".gitignore", "d", "d/d"]);
    let further = unknown.open_dir("d").unwrap();
    tree.file(&format!("{}.gitignore", name(bounds::TRAIL + 2)), "x\n")
        .file(&format!("{}x", name(bounds::TRAIL + 2)), "")
        .file(&format!("{}no", name(bounds::TRAIL + 2)), "");
    assert_eq!(walk(&further, "", &scope()), [".gitignore", "no"]);
}

#[test]
fn reading_rules_counts_as_work() {
    // In the first page, what the directories above took: opening them, reading, and compiling.
    let tree = Tree::new();
    let deep = "d/".repeat(bounds::TRAIL);
    tree.file(&format!("{deep}x"), "").file("e/e/x", "");
    let pages_at = |path: &str| pages(&tree.handle().open_dir(path).unwrap(), &scope());
    assert_eq!(pages_at("e/e"), 1);
    assert_eq!(pages_at(&deep), 2);
    tree.file("e/.gitignore", &"y".repeat(bounds::RULES));
    assert_eq!(pages_at("e/e"), 2);
    // On the way down, comments as well.
    let tree = Tree::large();
    let comment = "#".repeat(60_000);
    let each = comment.len() / bounds::READ_WORK + 2 * bounds::OPEN_WORK;
    for i in 0..=bounds::PAGE_WORK / each {
        tree.file(&format!("{i}/.ignore"), &comment);
    }
    assert_eq!(pages(&tree.handle(), &scope()), 2);
}

const NAMES: [&str; 8] = ["a", "b", "foo", "a.rs", "b.rs", "x.log", ".h", "foo.d"];

/// A path of up to four names.
fn path() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&NAMES[..]), 1..5).prop_map(|names| names.join("/"))
}

/// A line of an ignore file, sound or not.
fn line() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(
        &[
            "a", "b", "foo", "*", "**", "?", "*.rs", "*.log", "fo*", "[a-f]*", "[!a]", ".h",
            "{a,b}", "foo.d", "\\a", "[", " ", "x.log",
        ][..],
    );
    let body = prop::collection::vec(piece, 1..4).prop_map(|pieces| pieces.join("/"));
    (
        prop::bool::weighted(0.25),
        prop::bool::weighted(0.25),
        body,
        prop::bool::weighted(0.25),
    )
        .prop_map(|(not, anchored, body, dir)| {
            let sign = |on: bool, sign: &'static str| if on { sign } else { "" };
            format!(
                "{}{}{body}{}",
                sign(not, "!"),
                sign(anchored, "/"),
                sign(dir, "/")
            )
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn the_same_as_ripgrep(
        files in prop::collection::btree_set(path(), 1..24),
        rules in prop::collection::vec(
            (prop::option::of(path()), any::<bool>(), prop::collection::vec(line(), 0..6)),
            0..5,
        ),
    ) {
        let tree = Tree::large();
        let mut dirs = BTreeSet::from([String::new()]);
        for file in &files {
            // A name may be wanted as a file and as a directory: the first one has it.
            let above = file.rsplit_once('/').map_or("", |(above, _)| above);
            if std::fs::create_dir_all(tree.at(above)).is_ok() && !tree.at(file).exists() {
                tree.file(file, "x");
                dirs.insert(above.to_owned());
            }
        }
        for (at, dot_ignore, lines) in &rules {
            let at = at.clone().unwrap_or_default();
            if tree.at(&at).is_dir() {
                let name = if *dot_ignore { ".ignore" } else { ".gitignore" };
                std::fs::write(tree.at(&at).join(name), lines.join("\n")).unwrap();
            }
        }
        let whole = walk(&tree.handle(), "", &scope());
        let got: BTreeSet<String> = whole.iter().cloned().collect();
        prop_assert_eq!(got.len(), whole.len());
        prop_assert_eq!(&got, &reference(&tree));
        // From a handle further down, the same rules hold.
        for path in whole.iter().filter(|path| tree.at(path).is_dir()) {
            let below: Vec<_> = whole
                .iter()
                .filter_map(|it| it.strip_prefix(path.as_str())?.strip_prefix('/'))
                .collect();
            prop_assert_eq!(walk(&tree.handle().open_dir(path).unwrap(), "", &scope()), below);
        }
    }
}
