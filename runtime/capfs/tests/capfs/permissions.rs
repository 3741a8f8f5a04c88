//! Permissions that nobody chose: those of what is there stay, those of what is new are what the process's mask leaves.

use crate::session::Session;
use crate::tree::Tree;
use crate::work::write;
use bailiwick_capfs::Writes;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

fn mode(session: &Session, path: &str) -> u32 {
    let metadata = fs::metadata(session.tree.at(path)).unwrap();
    metadata.permissions().mode() & 0o777
}

fn set(session: &Session, path: &str, mode: u32) {
    fs::set_permissions(session.tree.at(path), Permissions::from_mode(mode)).unwrap();
}

fn session(writes: Writes) -> Session {
    let tree = Tree::new();
    tree.file("f", "one\n").file("g", "one\n");
    Session::new(tree, writes)
}

#[test]
fn what_people_permit_while_a_change_waits_stays() {
    let session = session(Writes::Review);
    set(&session, "f", 0o640);
    session.writes(&[("f", "two\n"), ("g", "two\n")]).unwrap();
    set(&session, "f", 0o750);
    session.volume.apply_pending(&[], "accepted").unwrap();
    assert_eq!(session.base("f").as_deref(), Some("two\n"));
    assert_eq!(mode(&session, "f"), 0o750);
}

#[test]
fn a_file_that_is_moved_later_takes_them_along() {
    let session = session(Writes::Review);
    set(&session, "f", 0o751);
    session.writes(&[("f", "two\n")]).unwrap();
    let shown = |volume| {
        let mut mode = 0;
        drop(crate::session::layer(volume, "", |dir| {
            mode = dir.as_read().open_file("f").unwrap().facts().unwrap().mode & 0o777;
        }));
        mode
    };
    let later = session.again();
    assert_eq!((shown(&session.volume), shown(&later)), (0o751, 0o751));
    let moves = crate::session::layer(&later, "", |dir| dir.rename("f", dir, "h", false).unwrap());
    bailiwick_capfs::commit(vec![moves], "a call").unwrap();
    later.apply_pending(&[], "accepted").unwrap();
    assert_eq!(mode(&session, "h"), 0o751);
}

/// The mask is the whole process's, so it is another process.
#[test]
fn what_is_new_is_as_the_mask_leaves_it() {
    let probe = tempfile::tempdir().unwrap();
    fs::write(probe.path().join("masked"), "").unwrap();
    let masked = fs::metadata(probe.path().join("masked")).unwrap();
    if masked.permissions().mode() & 0o777 == 0o640 {
        return new();
    }
    let output = Command::new("sh")
        .args(["-c", "umask 027; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "permissions::what_is_new_is_as_the_mask_leaves_it",
        ])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
}

fn new() {
    for writes in [Writes::Apply, Writes::Review, Writes::Direct] {
        let session = session(writes);
        session
            .call(|dir| {
                dir.make_dir("d").unwrap();
                write(dir, "d/f", "new\n");
            })
            .unwrap();
        session.volume.apply_pending(&[], "accepted").unwrap();
        assert_eq!((mode(&session, "d"), mode(&session, "d/f")), (0o750, 0o640));
    }
}
