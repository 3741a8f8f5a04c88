//! Contents that are opened when they are used: which stay open, and what is not opened.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test makes its own files, and has failed when it cannot"
)]

use crate::change_set::{Attributes, ChangeSet, Content, Put, What};
use crate::state::{Blob, State, Vault, node};
use crate::{ErrorCode, Grant, Rights, ambient_authority, bounds};
use cap_std::fs::{FileExt, MetadataExt};
use rustix::fs::AtFlags;
use std::fs;
use std::sync::Arc;

struct Bench {
    folder: tempfile::TempDir,
    state: State,
    vault: Vault,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("base")).unwrap();
        let at = folder.path().join("state");
        let (state, _) = State::open_ambient(&at, ambient_authority()).unwrap();
        let base = folder.path().join("base");
        let grant = Grant::open_ambient(&base, Rights::READ, ambient_authority()).unwrap();
        let vault = state.vault(&grant).unwrap();
        Self {
            folder,
            state,
            vault,
        }
    }

    /// Contents that say which they are.
    fn blob(&self, n: usize) -> Blob {
        let blob = self.vault.blob().unwrap();
        let text = n.to_string();
        blob.file()
            .unwrap()
            .write_all_at(text.as_bytes(), 0)
            .unwrap();
        blob
    }

    /// A set that puts so many of them.
    fn set(&self, count: usize, mode: u32) -> ChangeSet {
        let put = |n: usize| Put {
            path: n.to_string(),
            what: What::File(Content {
                blob: Arc::new(self.blob(n)),
                attributes: Attributes {
                    mode: Some(mode),
                    ..Attributes::default()
                },
            }),
            over: None,
        };
        ChangeSet {
            takes: Vec::new(),
            puts: (0..count).map(put).collect(),
        }
    }
}

fn says(blob: &Blob) -> Result<String, ErrorCode> {
    let (file, mut bytes) = (blob.file()?, [0; 16]);
    let read = file.read_at(&mut bytes, 0)?;
    Ok(String::from_utf8_lossy(&bytes[..read]).into_owned())
}

fn blobs(set: &ChangeSet) -> Vec<Arc<Blob>> {
    let blob = |put: &Put| match &put.what {
        What::File(content) => Arc::clone(&content.blob),
        other => panic!("{other:?} is no file"),
    };
    set.puts.iter().map(blob).collect()
}

#[test]
fn what_is_used_again_and_again_is_opened_once() {
    let bench = Bench::new();
    let used = bench.blob(0);
    let first = used.file().unwrap();
    let others: Vec<Blob> = (1..=3 * bounds::CONTENTS_OPEN)
        .map(|n| {
            assert!(Arc::ptr_eq(&first, &used.file().unwrap()));
            bench.blob(n)
        })
        .collect();
    for (n, other) in others.iter().enumerate() {
        assert_eq!(says(other).unwrap(), (n + 1).to_string());
    }
    // Others were used since, and it is another descriptor of the same file.
    assert!(!Arc::ptr_eq(&first, &used.file().unwrap()));
    used.file().unwrap().write_all_at(b"new", 0).unwrap();
    assert_eq!(says(&used).unwrap(), "new");
    let held = |vault: &Vault| vault.0.shelf.lock().len();
    assert_eq!(held(&bench.vault), bounds::CONTENTS_OPEN);
    drop((used, others));
    assert_eq!(held(&bench.vault), 0, "gone with what they are for");
}

#[test]
fn nothing_else_is_opened_in_its_place() {
    let bench = Bench::new();
    let shelf = &bench.vault.0.shelf;
    for what in 0..3 {
        let blob = bench.blob(7);
        shelf.let_go(blob.inode);
        assert_eq!(says(&blob).unwrap(), "7");
        shelf.let_go(blob.inode);
        let (dir, name) = (shelf.dir(), blob.name.as_str());
        // It is kept under another name, so that its number is not given to the next one.
        rustix::fs::renameat(dir, name, dir, "was").unwrap();
        match what {
            0 => {}
            1 => drop(node::new_file(dir, name).unwrap()),
            _ => rustix::fs::symlinkat("was", dir, name).unwrap(),
        }
        assert_eq!(says(&blob), Err(ErrorCode::Io), "{what}");
        rustix::fs::unlinkat(dir, "was", AtFlags::empty()).unwrap();
    }
}

#[test]
fn what_is_pending_is_had_for_as_long_as_it_is_needed() {
    let bench = Bench::new();
    let count = 2 * bounds::CONTENTS_OPEN;
    bench.vault.keep_pending(&bench.set(count, 0o600)).unwrap();
    let (found, listed) = (
        bench.vault.pending().unwrap(),
        bench.state.pending().unwrap(),
    );
    let (_, listed) = listed.into_iter().next().unwrap();
    for set in [&found, &listed] {
        for (n, blob) in blobs(set).iter().enumerate() {
            assert_eq!(says(blob).unwrap(), n.to_string());
            assert!(blob.is_kept());
        }
    }
    bench.vault.keep_pending(&ChangeSet::default()).unwrap();
    for (n, blob) in blobs(&found).iter().enumerate() {
        assert_eq!(says(blob).unwrap(), n.to_string());
    }
    assert_eq!(says(&blobs(&listed)[0]), Err(ErrorCode::Io));
}

#[test]
fn what_nobody_may_read_in_its_place_can_still_be_read_here() {
    let bench = Bench::new();
    for (mode, is_same) in [(0o640, true), (0o040, false)] {
        let mut set = bench.set(1, mode);
        set.puts[0].path = format!("{mode:o}");
        bench.state.apply(&[(&bench.vault, &set)], "new").unwrap();
        let blob = &blobs(&set)[0];
        bench.vault.0.shelf.let_go(blob.inode);
        let here = blob.file().unwrap().metadata().unwrap();
        let at = bench.folder.path().join("base").join(format!("{mode:o}"));
        let placed = fs::symlink_metadata(at).unwrap();
        let (placed_inode, placed_mode) = {
            use std::os::unix::fs::MetadataExt;
            (placed.ino(), placed.mode() & 0o777)
        };
        assert_eq!(placed_mode, mode);
        assert_eq!(here.ino() == placed_inode, is_same, "{mode:o}");
        assert_eq!(here.mode() & 0o400, 0o400);
        assert_eq!(says(blob).unwrap(), "0");
    }
}
