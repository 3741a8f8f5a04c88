//! What may be granted: a directory or one file, nothing that governs, and what is kept out of it where it has to lie inside.

use crate::tree::{CANARY, Tree, directory, path, read};
use crate::view::View;
use bailiwick_capfs::{
    ErrorCode, Grant, GrantTerms, OpenError, Resolved, Rights, Scope, Shield, ambient_authority,
};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

fn open(path: &Path, terms: &GrantTerms) -> Result<Grant, OpenError> {
    Grant::open_with(path, terms, ambient_authority())
}

fn governed(by: PathBuf) -> GrantTerms {
    GrantTerms {
        governed: vec![by],
        ..GrantTerms::new(Rights::READ)
    }
}

fn refused(grant: &Path, by: &Path) {
    let terms = governed(by.to_path_buf());
    match open(grant, &terms) {
        Err(error @ OpenError::Governed { .. }) => {
            let said = error.to_string();
            for path in [grant, by] {
                assert!(said.contains(path.to_str().unwrap()), "{said}");
            }
        }
        other => panic!("{grant:?} with {by:?}: {other:?}"),
    }
}

#[test]
fn one_file_and_nothing_beside_it() {
    let tree = Tree::new();
    tree.file("d/one", "one")
        .file("d/two", "two")
        .link("d/link", "one");
    let terms = GrantTerms::new(Rights::READ);
    for at in ["d/one", "d/link"] {
        let view = View::of("one", open(&tree.at(at), &terms).unwrap());
        match view.resolve_read(&path("")).unwrap() {
            Resolved::File(file) => {
                assert_eq!(file.read(0, 9).unwrap().bytes, b"one");
                assert_eq!(file.name(), "/one");
            }
            Resolved::Dir(dir) => panic!("{dir:?}"),
        }
        for below in ["two", "one", "d/two", "./two", "x"] {
            assert!(view.resolve_read(&path(below)).is_err(), "{below}");
        }
        let mount = view
            .layer
            .mount(&view.capability, &path(""), false)
            .unwrap();
        assert_eq!(mount.only.as_deref(), Some("one"));
        assert_eq!(read(&mount.read, "one").as_deref(), Ok("one"));
        assert_eq!(read(&mount.read, "two"), Err(ErrorCode::NoEntry));
        assert_eq!(read(&mount.read, "link"), Err(ErrorCode::NoEntry));
    }
}

#[test]
fn only_directories_and_regular_files() {
    let tree = Tree::new();
    mknodat(CWD, tree.at("fifo"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    let _listener = std::os::unix::net::UnixListener::bind(tree.at("socket")).unwrap();
    let terms = GrantTerms::new(Rights::READ);
    for name in ["fifo", "socket"] {
        let error = open(&tree.at(name), &terms).unwrap_err();
        assert!(
            matches!(error, OpenError::NotOrdinary { .. }),
            "{name}: {error}"
        );
    }
    assert!(matches!(
        open(&tree.at("none"), &terms),
        Err(OpenError::Missing { .. })
    ));
    #[cfg(target_os = "linux")]
    for special in ["/proc/self/status", "/proc", "/sys/kernel"] {
        let error = open(Path::new(special), &terms).unwrap_err();
        assert!(
            matches!(error, OpenError::Special { .. }),
            "{special}: {error}"
        );
    }
    #[cfg(target_os = "linux")]
    assert!(open(Path::new("/dev/null"), &terms).is_err());
}

#[test]
fn a_glob_that_does_not_parse() {
    let tree = Tree::new();
    let terms = GrantTerms {
        hide: vec!["[".into()],
        ..GrantTerms::new(Rights::READ)
    };
    let error = open(&tree.inside(), &terms).unwrap_err();
    assert!(
        matches!(error, OpenError::Glob(_)) && error.to_string().contains("`[`"),
        "{error}"
    );
}

/// Equal to it, in it, around it; by links, before it exists, by another name of the same file.
#[test]
fn nothing_that_governs_is_granted() {
    let tree = Tree::new();
    tree.file("state/x", "x").file("beside/x", "x");
    let whole = tree.inside();
    let to_state = tree.outside().join("to-state");
    symlink(tree.at("state"), &to_state).unwrap();
    refused(&tree.at("state"), &tree.at("state"));
    refused(&whole, &tree.at("state"));
    refused(&whole, &tree.at("state/x"));
    refused(&whole, &tree.at("state/./../state//x"));
    refused(&whole, &tree.at("not/yet/there"));
    refused(&tree.at("state"), &whole);
    refused(&whole, &to_state);
    refused(&whole, &to_state.join("not-yet"));
    refused(&to_state, &tree.at("state"));
    refused(&to_state, &tree.at("state/new"));
    refused(&tree.at("state/x"), &tree.at("state"));
    refused(&tree.at("state/x"), &tree.at("state/x"));
    // A second name of the one file that is granted.
    fs::hard_link(tree.at("state/x"), tree.at("beside/y")).unwrap();
    refused(&tree.at("beside/y"), &tree.at("state/x"));
    // A link in the grant that decides where it is.
    symlink(tree.outside(), tree.at("beside/out")).unwrap();
    refused(&tree.at("beside"), &tree.at("beside/out/cache"));
    for (grant, by) in [
        (tree.at("beside"), tree.at("state")),
        (tree.at("state"), tree.at("beside")),
        (tree.at("state"), tree.at("state-of-affairs")),
        (tree.at("beside/x"), tree.at("beside/z")),
    ] {
        assert!(open(&grant, &governed(by)).is_ok(), "{grant:?}");
    }
    symlink("turning", tree.outside().join("turning")).unwrap();
    let turning = open(&whole, &governed(tree.outside().join("turning/x")));
    assert!(
        matches!(turning, Err(OpenError::System { .. })),
        "{turning:?}"
    );
}

#[test]
fn what_has_to_lie_inside_is_shielded_where_it_is() {
    let tree = Tree::new();
    tree.file("st*te/x", "x")
        .file("stte/x", "x")
        .file("conf/policy", "p")
        .link("policy", "conf/policy");
    let hide = |path: PathBuf| (path, Shield::Hide);
    let terms = GrantTerms {
        shielded: vec![
            hide(tree.at("st*te")),
            hide(tree.outside()),
            (tree.at("policy"), Shield::Protect),
        ],
        ..GrantTerms::new(Rights::READ)
    };
    let view = View::of("g", open(&tree.inside(), &terms).unwrap());
    let dir = directory(view.resolve_read(&path("")).unwrap());
    assert_eq!(read(&dir, "st*te/x"), Err(ErrorCode::NoEntry));
    assert_eq!(read(&dir, "stte/x").as_deref(), Ok("x"));
    assert_eq!(read(&dir, "policy").as_deref(), Ok("p"));
    let seen = crate::tree::walk(&dir, "", &Scope::default());
    assert!(
        !seen.iter().any(|path| path.starts_with("st*te")),
        "{seen:?}"
    );
    // The grant itself cannot be kept from itself.
    for around in [tree.inside(), tree.inside().parent().unwrap().to_path_buf()] {
        let terms = GrantTerms {
            shielded: vec![hide(around)],
            ..GrantTerms::new(Rights::READ)
        };
        assert!(matches!(
            open(&tree.inside(), &terms),
            Err(OpenError::Governed { .. })
        ));
    }
    assert_eq!(
        fs::read_to_string(tree.outside().join("secret")).unwrap(),
        CANARY
    );
}

/// `/` has filesystems below it that are there without mounting any. With leave to cross, those for files are entered,
/// and the others never.
#[cfg(target_os = "linux")]
#[test]
fn crossing_mounts_never_reaches_the_kernel() {
    let terms = GrantTerms {
        cross_mounts: true,
        ..GrantTerms::new(Rights::READ)
    };
    let view = View::of("root", open(Path::new("/"), &terms).unwrap());
    let dir = directory(view.resolve_read(&path("")).unwrap());
    for inside in [
        "proc/self/environ",
        "proc/version",
        "proc/self/cwd",
        "sys/kernel",
    ] {
        assert!(read(&dir, inside).is_err(), "{inside}");
        assert!(dir.open_dir(inside).is_err(), "{inside}");
    }
    let scope = Scope {
        depth: Some(2),
        globs: vec!["environ".into(), "version".into()],
        ..Scope::default()
    };
    let seen = crate::tree::walk(&dir, "", &scope);
    assert!(
        seen.iter().all(|path| !path.starts_with("proc/")),
        "{seen:?}"
    );
}
