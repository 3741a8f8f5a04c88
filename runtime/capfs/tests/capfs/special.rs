//! What is neither a regular file nor a directory, and what lies on another filesystem.

use crate::tree::{Tree, directory, path, read, walk};
use crate::view::View;
use bailiwick_capfs::{ErrorCode, Grant, Kind, Rights, Scope, ambient_authority};
use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};
use std::os::unix::net::UnixListener;
use std::path::Path;

/// If opening waited, these tests would not end: nobody ever writes to the FIFO.
#[test]
fn fifos_and_sockets_fail_at_once() {
    let tree = Tree::new();
    mknodat(CWD, tree.at("fifo"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    let _listener = UnixListener::bind(tree.at("socket")).unwrap();
    tree.link("to_fifo", "fifo").link("to_socket", "socket");
    let dir = tree.handle();
    for name in ["fifo", "socket", "to_fifo", "to_socket"] {
        assert_eq!(read(&dir, name), Err(ErrorCode::Unsupported), "{name}");
        let resolved = View::of("g", tree.grant()).resolve_read(&path(name));
        assert_eq!(resolved.unwrap_err(), ErrorCode::Unsupported, "{name}");
        assert_eq!(
            dir.open_dir(name).unwrap_err(),
            ErrorCode::NotDirectory,
            "{name}"
        );
        assert_eq!(
            read(&dir, &format!("{name}/x")),
            Err(ErrorCode::NotDirectory),
            "{name}"
        );
        let stat = dir.stat(name).unwrap();
        assert_eq!((stat.kind, stat.size), (Kind::Other, 0), "{name}");
    }
    let page = dir.walk("", &Scope::default()).unwrap().next(9).unwrap();
    let kinds: Vec<Kind> = page.entries.iter().map(|entry| entry.stat.kind).collect();
    assert_eq!(
        kinds,
        [Kind::Other, Kind::Other, Kind::Symlink, Kind::Symlink]
    );
}

#[test]
fn an_ignore_file_that_is_a_fifo_or_a_link_is_not_read() {
    let tree = Tree::new();
    tree.file("d/x", "x")
        .link("d/.gitignore", "../../outside/rules")
        .file("y", "y");
    std::fs::write(tree.outside().join("rules"), "*\n").unwrap();
    mknodat(CWD, tree.at(".ignore"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    let scope = Scope {
        ignore: true,
        ..Scope::default()
    };
    assert_eq!(walk(&tree.handle(), "", &scope), ["d", "d/x", "y"]);
    // Above the handle they are looked for by name.
    assert_eq!(
        walk(&tree.handle().open_dir("d").unwrap(), "", &scope),
        ["x"]
    );
}

#[test]
fn devices_are_not_opened() {
    let tree = Tree::new();
    // The numbers of /dev/zero.
    let made = mknodat(
        CWD,
        tree.at("zero"),
        FileType::CharacterDevice,
        Mode::RWXU,
        makedev(1, 5),
    );
    if let Err(error) = made {
        eprintln!("skipped: making a device needs root ({error})");
        return;
    }
    let dir = tree.handle();
    assert_eq!(dir.stat("zero").unwrap().kind, Kind::Other);
    // On a filesystem mounted with nodev the system refuses first.
    let refused = read(&dir, "zero").unwrap_err();
    assert!(
        matches!(refused, ErrorCode::Unsupported | ErrorCode::Access),
        "{refused}"
    );
}

/// `/` is the one directory with other filesystems below it that is there without making any.
#[cfg(target_os = "linux")]
#[test]
fn other_filesystems_are_not_entered() {
    let grant = Grant::open_ambient(Path::new("/"), Rights::READ, ambient_authority()).unwrap();
    let view = View::of("root", grant);
    let root = directory(view.resolve_read(&path("")).unwrap());
    for name in [
        "proc",
        "proc/",
        "proc/self/environ",
        "proc/self/cwd",
        "proc/self/fd/0",
    ] {
        let refused = ErrorCode::CrossDevice;
        assert_eq!(read(&root, name), Err(refused), "{name}");
        assert_eq!(root.stat(name).unwrap_err(), refused, "{name}");
        assert_eq!(root.open_dir(name).unwrap_err(), refused, "{name}");
        assert_eq!(
            view.resolve_read(&path(name)).unwrap_err(),
            refused,
            "{name}"
        );
    }
    let mut walker = root
        .walk(
            "",
            &Scope {
                depth: Some(1),
                ..Scope::default()
            },
        )
        .unwrap();
    let page = walker.next(4096).unwrap();
    assert!(page.skipped > 0);
    assert!(page.entries.iter().all(|entry| entry.path != "proc"));
    assert!(page.entries.iter().any(|entry| entry.path == "etc"));
    // A walk that would not show the directory does not enter it either.
    let scope = Scope {
        globs: vec!["environ".into()],
        depth: Some(3),
        ..Scope::default()
    };
    assert!(
        walk(&root, "", &scope)
            .iter()
            .all(|path| !path.starts_with("proc"))
    );
}
