//! A grant of one file: what is told of it says the session's name, not the host's.

use crate::session::{conflict, lines};
use crate::tree::Tree;
use crate::view::QUOTA;
use bailiwick_capfs::{
    Expect, Grant, GrantTerms, GuestPath, Handles, Layer, Ledger, Rights, Salvage, State, Volume,
    VolumeOptions, Writes, ambient_authority, commit, discard,
};
use std::fs;
use tempfile::TempDir;

/// What the file is called on the host.
const HOST: &str = "name-on-the-host.json";

struct Single {
    tree: Tree,
    volume: Volume,
    _folder: TempDir,
}

impl Single {
    fn new(writes: Writes) -> Self {
        let tree = Tree::new();
        tree.file(HOST, "one\n");
        let folder = tempfile::tempdir().unwrap();
        let (state, _) =
            State::open_ambient(&folder.path().join("state"), ambient_authority()).unwrap();
        let terms = GrantTerms::new(Rights::READ_WRITE);
        let grant = Grant::open_with(&tree.at(HOST), &terms, ambient_authority()).unwrap();
        let options = VolumeOptions {
            writes,
            quota: QUOTA,
        };
        Self {
            volume: Volume::new("settings", grant, options, Some(&state)).unwrap(),
            tree,
            _folder: folder,
        }
    }

    /// A call's layer after it wrote the file.
    fn writes(&self, text: &str) -> Layer {
        let all = GuestPath::default();
        let layer = self
            .volume
            .begin(self.volume.try_lock(std::slice::from_ref(&all)));
        let handles = Handles::default();
        let capability = handles
            .get(handles.grant("settings", self.volume.clone()))
            .unwrap();
        let file = layer.write_file(&capability, &all, Expect::Either);
        file.unwrap().replace(text.as_bytes()).unwrap();
        layer
    }
}

#[test]
fn changes_say_the_sessions_name() {
    for writes in [Writes::Apply, Writes::Review, Writes::Direct] {
        let single = Single::new(writes);
        let layer = single.writes("two\n");
        let wanted = match writes {
            Writes::Direct => "M /settings",
            _ => "M /settings +1 -1",
        };
        assert_eq!(lines(&layer.changes()), [wanted]);
        let done = commit(vec![layer], "a call").unwrap();
        assert_eq!(lines(&done.changes), [wanted]);
        if writes == Writes::Review {
            assert_eq!(lines(&single.volume.pending()), [wanted]);
            let diff = single.volume.pending_diff(&[]);
            assert_eq!(
                diff,
                "--- a/settings\n+++ b/settings\n@@ -1 +1 @@\n-one\n+two\n"
            );
            let all = [GuestPath::default()];
            let applied = single.volume.apply_pending(&all, "accepted").unwrap();
            assert_eq!(lines(&applied.changes), [wanted]);
        }
        let text = fs::read_to_string(single.tree.at(HOST)).unwrap();
        assert_eq!(text, "two\n");
    }
}

#[test]
fn conflicts_say_the_sessions_name() {
    let single = Single::new(Writes::Apply);
    commit(vec![single.writes("two\n")], "a call").unwrap();
    single.tree.file(HOST, "theirs\n");
    let diff = conflict(
        commit(vec![single.writes("three\n")], "a call"),
        "/settings",
    );
    assert!(!diff.contains(HOST), "{diff}");
}

#[test]
fn what_was_discarded_is_kept_under_the_sessions_name() {
    let single = Single::new(Writes::Apply);
    let into = tempfile::tempdir().unwrap();
    let folder = cap_std::fs::Dir::open_ambient_dir(into.path(), ambient_authority()).unwrap();
    let ledger = Ledger::new(QUOTA);
    let mut salvage = Salvage::new(&folder, &ledger);
    let changes = discard(vec![single.writes("two\n")], Some(&mut salvage));
    assert_eq!(lines(&changes), ["M /settings +1 -1"]);
    let kept = fs::read_to_string(into.path().join("settings")).unwrap();
    assert_eq!(kept, "two\n");
}
