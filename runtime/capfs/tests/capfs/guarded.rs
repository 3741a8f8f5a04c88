//! Hidden names: as if they did not exist, in every function that looks and whichever way one comes there.

use crate::tree::{Tree, path, read, rest, walk};
use crate::view::View;
use bailiwick_capfs::{Attenuation, ErrorCode, GuestPath, Kind, ReadDir, Resolved, Scope};

/// What is in the hidden files. It must never come out.
const HIDDEN: &str = "hidden";

fn tree() -> Tree {
    let tree = Tree::new();
    tree.file("open/x", "x")
        .file("open/.env", HIDDEN)
        .file("secrets/key", HIDDEN)
        .file("secrets/deep/key", HIDDEN)
        .file("open/Private.PEM", HIDDEN)
        .file("top", "top")
        .link("to-dir", "secrets")
        .link("to-file", "secrets/key")
        .link("to-env", "open/.env")
        .link("chain", "to-file")
        .link("open/round", "../secrets/../secrets/key")
        .link("open/up", "../secrets");
    tree
}

/// A view in which these are hidden.
fn hiding(tree: &Tree, hide: &[&str]) -> View {
    let mut view = View::of("g", tree.grant());
    let terms = Attenuation {
        hide: hide.iter().map(|glob| (*glob).to_owned()).collect(),
        ..Attenuation::default()
    };
    view.capability = view.capability.attenuate(&terms).unwrap();
    view
}

fn view(tree: &Tree) -> View {
    hiding(tree, &["secrets", ".env", "*.pem"])
}

/// Whatever looks at `path` finds nothing there.
fn assert_missing(view: &View, dir: &ReadDir, name: &str) {
    let missing = ErrorCode::NoEntry;
    assert_eq!(dir.stat(name).unwrap_err(), missing, "{name}");
    assert_eq!(dir.facts(name, true).unwrap_err(), missing, "{name}");
    assert_eq!(read(dir, name), Err(missing), "{name}");
    assert_eq!(dir.open_dir(name).unwrap_err(), missing, "{name}");
    assert_eq!(dir.entries(name).unwrap_err(), missing, "{name}");
    assert_eq!(
        dir.walk(name, &Scope::default()).unwrap_err(),
        missing,
        "{name}"
    );
    assert_eq!(
        view.resolve_read(&path(name)).unwrap_err(),
        missing,
        "{name}"
    );
    let mount = view.layer.mount(&view.capability, &path(name), false);
    assert_eq!(mount.unwrap_err(), missing, "{name}");
}

#[test]
fn hidden_names_are_missing_in_every_function() {
    let tree = tree();
    let view = view(&tree);
    let dir = view.dir("");
    for name in [
        "secrets",
        "secrets/",
        "secrets/key",
        "secrets/deep/key",
        "secrets/nothing",
        "open/.env",
        "open/Private.PEM",
        "open/../secrets/key",
        "nothing/../secrets/key",
        "./open/./.env",
    ] {
        assert_missing(&view, &dir, name);
        // Nor does a link's own function or one that follows none tell them from what is not there.
        assert_eq!(
            dir.read_link(name).unwrap_err(),
            ErrorCode::NoEntry,
            "{name}"
        );
        assert_eq!(
            dir.facts(name, false).unwrap_err(),
            ErrorCode::NoEntry,
            "{name}"
        );
        assert_eq!(
            dir.open_file_nofollow(name).unwrap_err(),
            ErrorCode::NoEntry,
            "{name}"
        );
    }
    assert_eq!(read(&dir, "open/x").as_deref(), Ok("x"));
}

#[test]
fn hidden_names_are_missing_behind_links() {
    let tree = tree();
    let view = view(&tree);
    let dir = view.dir("");
    for name in [
        "to-dir",
        "to-dir/key",
        "to-dir/deep/key",
        "to-file",
        "to-env",
        "chain",
        "open/round",
        "open/up",
        "open/up/key",
        "open/up/deep/../key",
    ] {
        assert_missing(&view, &dir, name);
    }
    // The links themselves can be seen, and say what they say.
    assert_eq!(dir.read_link("to-file").as_deref(), Ok("secrets/key"));
    assert_eq!(dir.facts("chain", false).unwrap().kind, Kind::Symlink);
    assert_eq!(
        dir.open_file_nofollow("to-file").unwrap_err(),
        ErrorCode::Loop
    );
}

#[test]
fn case_makes_no_difference() {
    let tree = Tree::new();
    tree.file("SECRETS/key", HIDDEN)
        .file("Secrets/key", HIDDEN)
        .file("a/.ENV", HIDDEN)
        .file("a/x.Pem", HIDDEN)
        .file("a/y", "y");
    let view = view(&tree);
    let dir = view.dir("");
    for name in ["SECRETS", "SECRETS/key", "Secrets/key", "a/.ENV", "a/x.Pem"] {
        assert_missing(&view, &dir, name);
    }
    let all = Scope {
        hidden: true,
        ..Scope::default()
    };
    assert_eq!(walk(&dir, "", &all), ["a", "a/y"]);
}

#[test]
fn listings_walks_and_pages_leave_them_out_and_do_not_count_them() {
    let tree = tree();
    let view = view(&tree);
    let dir = view.dir("");
    let all = Scope {
        hidden: true,
        ..Scope::default()
    };
    let page = rest(dir.walk("", &all).unwrap(), 2);
    let paths: Vec<_> = page.entries.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "chain",
            "open",
            "open/round",
            "open/up",
            "open/x",
            "to-dir",
            "to-env",
            "to-file",
            "top"
        ]
    );
    assert_eq!(page.skipped, 0);
    let names = |at: &str| {
        let entries = dir.entries(at).unwrap();
        entries.into_iter().map(|it| it.name).collect::<Vec<_>>()
    };
    assert_eq!(
        names(""),
        ["chain", "open", "to-dir", "to-env", "to-file", "top"]
    );
    assert_eq!(names("open"), ["round", "up", "x"]);
    // A handle further down is kept from the same.
    let open = dir.open_dir("open").unwrap();
    assert_eq!(open.stat(".env").unwrap_err(), ErrorCode::NoEntry);
    assert_eq!(walk(&open, "", &all), ["round", "up", "x"]);
}

#[test]
fn names_like_a_hidden_one_are_not_told() {
    let tree = Tree::new();
    tree.file("secret-key", HIDDEN).file("src/main.rs", "");
    tree.file("hidden/config.toml", HIDDEN);
    let view = hiding(&tree, &["secret-key", "hidden"]);
    for missing in ["secret-kye", "hiden", "config.toml", "hidden/config.tom"] {
        assert_eq!(view.names_near(&path(missing), 9), [""; 0], "{missing}");
        assert_eq!(view.dir("").names_near(&path(missing), 9), [""; 0]);
    }
    // To ask for the hidden one itself says no more.
    assert_eq!(view.names_near(&path("secret-key"), 9), [""; 0]);
    assert_eq!(view.names_near(&path("src/mian.rs"), 9), ["/g/src/main.rs"]);
}

#[test]
fn hidden_ignore_files_are_not_applied() {
    let tree = Tree::new();
    tree.file("d/.gitignore", "x\n")
        .file("d/x", "")
        .file("y", "");
    let view = hiding(&tree, &[".gitignore"]);
    let scope = Scope {
        ignore: true,
        hidden: true,
        ..Scope::default()
    };
    assert_eq!(walk(&view.dir(""), "", &scope), ["d", "d/x", "y"]);
    assert_eq!(walk(&view.dir("d"), "", &scope), ["x"]);
}

#[test]
fn names_of_our_own_are_hidden_without_a_guard() {
    let tree = Tree::new();
    tree.file(".bailiwick-state/vault", HIDDEN)
        .file("d/.bailiwick-tmp1", HIDDEN)
        .file("d/x", "");
    let view = View::of("g", tree.grant());
    let dir = view.dir("");
    for name in [
        ".bailiwick-state",
        ".bailiwick-state/vault",
        "d/.bailiwick-tmp1",
    ] {
        assert_missing(&view, &dir, name);
    }
    let all = Scope {
        hidden: true,
        ..Scope::default()
    };
    assert_eq!(walk(&dir, "", &all), ["d", "d/x"]);
}

#[test]
fn guards_are_relative_to_where_they_were_added() {
    let tree = Tree::new();
    tree.file("a/key", "kept")
        .file("b/key", "shown")
        .link("b/other", "../a/key");
    let mut view = View::of("g", tree.grant());
    let below = Attenuation {
        path: path("a"),
        hide: vec!["/key".into()],
        ..Attenuation::default()
    };
    let whole = view.capability.clone();
    view.capability = whole.attenuate(&below).unwrap();
    assert_eq!(view.capability.name(), "/g/a");
    assert_eq!(view.dir("").name(), "/g/a");
    assert_eq!(
        view.resolve_read(&path("key")).unwrap_err(),
        ErrorCode::NoEntry
    );
    // A capability is of the place that it was made for, so its guards cannot be about another one.
    tree.link("l", "a");
    let by_link = Attenuation {
        path: path("l"),
        ..below
    };
    view.capability = whole.attenuate(&by_link).unwrap();
    for at in ["", "key", "./key"] {
        let refused = view.resolve_read(&path(at)).unwrap_err();
        assert_eq!(refused, ErrorCode::NotPermitted, "{at}");
        let mount = view.layer.mount(&view.capability, &path(at), true);
        assert_eq!(mount.unwrap_err(), ErrorCode::NotPermitted, "{at}");
        assert_eq!(view.names_near(&path("kye"), 9), [""; 0]);
    }
    view.capability = whole;
    assert!(matches!(
        view.resolve_read(&GuestPath::default()),
        Ok(Resolved::Dir(_))
    ));
    assert_eq!(read(&view.dir(""), "b/key").as_deref(), Ok("shown"));
}
