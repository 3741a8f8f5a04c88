//! The folder: whose it is, what dead processes left, what is recovered.

use crate::bench::Bench;
use bailiwick_capfs::state::StateError;
use bailiwick_capfs::{Grant, Rights, State, ambient_authority};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn open(path: &Path) -> Result<State, StateError> {
    State::open_ambient(path, ambient_authority()).map(|(state, _)| state)
}

#[test]
fn it_is_ours_alone_and_of_our_version() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("new/state");
    open(&path).expect("it is made");
    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(
        (
            mode(&path),
            mode(&path.join("version")),
            mode(&path.join("history"))
        ),
        (0o700, 0o600, 0o700)
    );
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("chmod");
    open(&path).expect("it opens");
    assert_eq!(mode(&path), 0o700, "it was closed again");
    std::fs::write(path.join("version"), "2\n").expect("of later");
    assert!(matches!(open(&path), Err(StateError::Newer { found, .. }) if found == "2"));
    std::fs::write(path.join("version"), "x").expect("damaged");
    assert!(matches!(open(&path), Err(StateError::Damaged { .. })));
    std::fs::write(folder.path().join("mine"), "").expect("a file");
    assert!(
        matches!(open(folder.path()), Err(StateError::Foreign { .. })),
        "a folder with other things in it"
    );
    assert!(!folder.path().join("version").exists());
}

#[test]
fn a_folder_of_another_user_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    if std::os::unix::fs::chown(folder.path(), Some(12345), None).is_err() {
        println!("skipped: only root can give a folder away");
        return;
    }
    assert!(matches!(open(folder.path()), Err(StateError::Owner { .. })));
}

#[test]
fn rooms_and_blobs_are_gone_with_their_owner_and_those_of_the_dead_are_swept() {
    let bench = Bench::new(&[]);
    let room = bench.state.room("scratch").expect("a room");
    room.dir()
        .expect("it opens")
        .write("x", "x")
        .expect("a file");
    let path = room.path().to_path_buf();
    let dead = bench.state_path().join("rooms/scratch.dead");
    std::fs::create_dir_all(dead.join("in")).expect("what a killed process left");
    let second = room.clone();
    let (_state, _vault) = bench.other();
    drop(room);
    assert!(path.join("x").exists(), "another clone has it");
    assert!(!dead.exists(), "nobody has it");
    std::fs::create_dir_all(path.join("y/in")).expect("a folder");
    for name in ["", ".", "..", "y/in", "../scratch.dead"] {
        second.remove(name).expect_err("it is no name in it");
    }
    for name in ["y", "y", "nothing"] {
        second.remove(name).expect("it is gone");
    }
    assert!(!path.join("y").exists() && path.join("x").exists());
    drop(second);
    assert!(!path.exists());

    let vaults = bench.state_path().join("vaults");
    let live = std::fs::read_dir(vaults)
        .expect("vaults")
        .next()
        .expect("one")
        .expect("an entry")
        .path()
        .join("live");
    let files = || {
        let dirs = std::fs::read_dir(&live).expect("it can be listed");
        dirs.map(|dir| {
            std::fs::read_dir(dir.expect("an entry").path())
                .expect("it can be listed")
                .count()
        })
        .sum::<usize>()
    };
    let blob = bench.vault.blob().expect("a blob");
    assert_eq!(files(), 1);
    drop(blob);
    assert_eq!(files(), 0);
}

#[test]
fn a_transaction_whose_directory_is_gone_waits_for_it() {
    let bench = Bench::new(&[("a", "a")]);
    // As another process would leave it that was cut off.
    let journal = bench.state_path().join("journal/7_0_0.json");
    let vaults = bench.state_path().join("vaults");
    let id = std::fs::read_dir(vaults)
        .expect("vaults")
        .next()
        .expect("one")
        .expect("an entry")
        .file_name();
    let entry = serde_json::json!({
        "version": 1, "id": 7, "label": "cut off", "at": 0, "undoes": [], "bytes": 0, "steps": [],
        "places": [{"id": id.to_str(), "path": bench.base().to_str(), "inode": 1, "inside": false}],
    });
    std::fs::write(&journal, entry.to_string()).expect("a journal");
    let state = open(&bench.state_path()).expect("the folder opens all the same");
    let grant =
        Grant::open_ambient(&bench.base(), Rights::READ, ambient_authority()).expect("a grant");
    assert!(
        matches!(state.vault(&grant), Err(StateError::Stuck { .. })),
        "it is not the directory that it was"
    );
    assert!(journal.exists());
    std::fs::write(&journal, "{}").expect("damaged");
    assert!(matches!(
        open(&bench.state_path()),
        Err(StateError::Damaged { .. })
    ));
    assert!(journal.exists(), "nothing is removed");
}
