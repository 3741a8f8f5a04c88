//! What the system does not let us read. It lets root read everything, so as root these tests run as nobody.

use crate::tree::{Tree, path, read, rest};
use crate::view::View;
use bailiwick_capfs::{ErrorCode, Kind, Scope};
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::Command;

const NOBODY: u32 = 65534;

#[test]
fn permissions_hold() {
    if !is_root() {
        return checks();
    }
    // A copy, for the build folder need not be open to others.
    let copy = tempfile::tempdir().unwrap();
    fs::set_permissions(copy.path(), Permissions::from_mode(0o755)).unwrap();
    let exe = copy.path().join("tests");
    fs::copy(std::env::current_exe().unwrap(), &exe).unwrap();
    fs::set_permissions(&exe, Permissions::from_mode(0o755)).unwrap();
    let mut child = Command::new(&exe);
    child
        .args(["--exact", "unreadable::permissions_hold"])
        .current_dir("/");
    let output = child.uid(NOBODY).gid(NOBODY).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
}

/// Whoever makes a directory owns it.
fn is_root() -> bool {
    let own = tempfile::tempdir().unwrap();
    fs::metadata(own.path()).unwrap().uid() == 0
}

fn checks() {
    let tree = Tree::new();
    tree.file("closed/x", "x")
        .file("search/x", "x")
        .file("file", "x")
        .file("open", "open");
    let set = |name: &str, mode| fs::set_permissions(tree.at(name), Permissions::from_mode(mode));
    set("closed", 0).unwrap();
    set("search", 0o100).unwrap();
    set("file", 0).unwrap();
    let dir = tree.handle();
    let refused = ErrorCode::Access;
    assert_eq!(read(&dir, "file"), Err(refused));
    assert_eq!(read(&dir, "closed/x"), Err(refused));
    assert_eq!(dir.stat("closed/x").unwrap_err(), refused);
    assert_eq!(dir.stat("closed").unwrap().kind, Kind::Directory);
    assert_eq!(dir.walk("closed", &Scope::default()).unwrap_err(), refused);
    assert_eq!(
        View::of("g", tree.grant())
            .resolve_read(&path("file"))
            .unwrap_err(),
        refused
    );
    // What can be searched but not listed can be used by name.
    assert_eq!(dir.walk("search", &Scope::default()).unwrap_err(), refused);
    assert_eq!(read(&dir, "search/x").as_deref(), Ok("x"));
    let search = View::of("g", tree.grant()).dir("search");
    assert_eq!(read(&search, "x").as_deref(), Ok("x"));
    // A walk shows that they are there, and counts that it could not look into them.
    let page = rest(dir.walk("", &Scope::default()).unwrap(), 9);
    let paths: Vec<_> = page
        .entries
        .iter()
        .map(|entry| entry.path.as_str())
        .collect();
    assert_eq!(
        (paths, page.skipped),
        (vec!["closed", "file", "open", "search"], 2)
    );
    // So that they can be removed.
    set("closed", 0o700).unwrap();
    set("search", 0o700).unwrap();
}
