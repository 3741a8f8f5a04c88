//! What shows one file and nothing else: the mount of a file, and a capability that is narrowed to one.

use crate::tree::{Tree, path, read, walk};
use crate::view::View;
use bailiwick_capfs::{
    Attenuation, Capability, ErrorCode, Kind, Layer, Mount, ReadDir, Resolved, Scope,
};

fn tree() -> Tree {
    let tree = Tree::new();
    tree.file("d/one", "one")
        .file("d/other", "other")
        .file("d/deep/x", "x")
        .file("d/.gitignore", "one\n")
        .file("top", "top")
        .link("d/to-other", "other")
        .link("l", "d/one")
        .link("dangling", "d/nothing");
    tree
}

fn mount(view: &View, at: &str) -> Result<Mount, ErrorCode> {
    view.layer.mount(&view.capability, &path(at), false)
}

/// All that `dir` shows is `one`.
fn assert_only_one(dir: &ReadDir) {
    assert_eq!(read(dir, "one").as_deref(), Ok("one"));
    assert_eq!(dir.stat("one").unwrap().size, 3);
    let entries = dir.entries("").unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(
        (entries[0].name.as_str(), entries[0].kind),
        ("one", Kind::File)
    );
    let all = Scope {
        hidden: true,
        ..Scope::default()
    };
    assert_eq!(walk(dir, "", &all), ["one"]);
    let ignoring = Scope {
        ignore: true,
        ..all
    };
    assert_eq!(walk(dir, "", &ignoring), ["one"]);
    for name in [
        "other",
        "deep",
        "deep/x",
        "to-other",
        ".gitignore",
        "nothing",
        "x/../other",
        "deep/../other",
        "ONE",
    ] {
        let missing = ErrorCode::NoEntry;
        assert_eq!(read(dir, name), Err(missing), "{name}");
        assert_eq!(dir.stat(name).unwrap_err(), missing, "{name}");
        assert_eq!(dir.facts(name, false).unwrap_err(), missing, "{name}");
        assert_eq!(dir.read_link(name).unwrap_err(), missing, "{name}");
        assert_eq!(dir.open_dir(name).unwrap_err(), missing, "{name}");
        assert_eq!(dir.entries(name).unwrap_err(), missing, "{name}");
        assert_eq!(dir.open_file_nofollow(name).unwrap_err(), missing, "{name}");
    }
    for name in ["..", "../top", "one/../../top", "/top"] {
        assert_eq!(read(dir, name), Err(ErrorCode::NotPermitted), "{name}");
    }
    assert_eq!(read(dir, "one/x"), Err(ErrorCode::NotDirectory));
    assert_eq!(dir.names_near(&path("othr"), 9), [""; 0]);
    // The directory once more is no wider.
    assert_eq!(
        read(&dir.open_dir("").unwrap(), "other"),
        Err(ErrorCode::NoEntry)
    );
    assert_eq!(
        read(&dir.open_dir("one/..").unwrap(), "other"),
        Err(ErrorCode::NoEntry)
    );
}

#[test]
fn the_mount_of_a_file_shows_that_file() {
    let tree = tree();
    let view = View::of("g", tree.grant());
    for at in ["d/one", "./d//one", "l"] {
        let mount = mount(&view, at).unwrap();
        assert_eq!(mount.only.as_deref(), Some("one"));
        assert_eq!(mount.read.name(), "/g/d");
        assert!(mount.write.is_none());
        assert_only_one(&mount.read);
    }
    let whole = mount(&view, "d").unwrap();
    assert_eq!((whole.only, whole.read.name()), (None, "/g/d"));
    assert_eq!(read(&whole.read, "other").as_deref(), Ok("other"));
    let root = mount(&view, "").unwrap();
    assert_eq!((root.only, root.read.name()), (None, "/g"));
}

#[test]
fn what_cannot_be_mounted() {
    let tree = tree();
    tree.link("out", "../outside/secret")
        .link("abs", tree.outside())
        .link("self", "self");
    let view = View::of("g", tree.grant());
    for (at, error) in [
        ("nothing", ErrorCode::NoEntry),
        ("nothing/x", ErrorCode::NoEntry),
        ("dangling", ErrorCode::NoEntry),
        ("d/one/", ErrorCode::NotDirectory),
        ("d/one/x", ErrorCode::NotDirectory),
        ("out", ErrorCode::NotPermitted),
        ("abs", ErrorCode::NotPermitted),
        ("self", ErrorCode::Loop),
    ] {
        assert_eq!(mount(&view, at).unwrap_err(), error, "{at}");
    }
}

#[test]
fn the_file_exchanged_for_something_else_shows_nothing_else() {
    let tree = tree();
    let view = View::of("g", tree.grant());
    let dir = mount(&view, "d/one").unwrap().read;
    std::fs::remove_file(tree.at("d/one")).unwrap();
    tree.link("d/one", "other");
    assert_eq!(read(&dir, "one"), Err(ErrorCode::NoEntry));
    std::fs::remove_file(tree.at("d/one")).unwrap();
    tree.link("d/one", "../top");
    assert_eq!(read(&dir, "one"), Err(ErrorCode::NotPermitted));
    std::fs::remove_file(tree.at("d/one")).unwrap();
    tree.file("d/one", "new");
    assert_eq!(read(&dir, "one").as_deref(), Ok("new"));
}

#[test]
fn a_capability_of_one_file_is_that_file() {
    let tree = tree();
    let mut view = View::of("g", tree.grant());
    let whole = view.capability.clone();
    let narrow = |at: &str| {
        let terms = Attenuation {
            path: path(at),
            ..Attenuation::default()
        };
        whole.attenuate(&terms).unwrap()
    };
    view.capability = narrow("d/one");
    let file = |layer: &Layer, capability: &Capability, at: &str| match layer
        .resolve_read(capability, &path(at))
    {
        Ok(Resolved::File(file)) => Ok(file),
        Ok(Resolved::Dir(dir)) => panic!("{dir:?} is a directory"),
        Err(error) => Err(error),
    };
    let one = file(&view.layer, &view.capability, "").unwrap();
    assert_eq!(one.name(), "/g/d/one");
    assert_eq!(one.read(0, 9).unwrap().bytes, b"one");
    for at in ["x", "one", "other", "x/../other"] {
        let refused = file(&view.layer, &view.capability, at).unwrap_err();
        assert_eq!(refused, ErrorCode::NotDirectory, "{at}");
        assert_eq!(
            mount(&view, at).unwrap_err(),
            ErrorCode::NotDirectory,
            "{at}"
        );
        assert_eq!(view.names_near(&path(at), 9), [""; 0]);
    }
    let mounted = mount(&view, "").unwrap();
    assert_eq!(mounted.only.as_deref(), Some("one"));
    assert_eq!(mounted.read.name(), "/g/d");
    assert_only_one(&mounted.read);
    // Of a file that is not there, and of a link.
    let missing = file(&view.layer, &narrow("d/nothing"), "").unwrap_err();
    assert_eq!(missing, ErrorCode::NoEntry);
    let link = file(&view.layer, &narrow("l"), "").unwrap_err();
    assert_eq!(link, ErrorCode::NotPermitted);
}
