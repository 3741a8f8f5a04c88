//! A session with one volume, and calls in it that end well or not.

use crate::tree::{Tree, path};
use crate::view::QUOTA;
use crate::work::{read, write};
use bailiwick_capfs::{
    Amount, Change, ChangeKind, CommitError, Committed, Conflict, Grant, GuestPath, Handles, Layer,
    Rights, State, Volume, VolumeOptions, WriteDir, Writes, ambient_authority, commit,
};
use std::fs;
use tempfile::TempDir;

pub(crate) struct Session {
    pub(crate) tree: Tree,
    pub(crate) state: State,
    pub(crate) volume: Volume,
    _folder: TempDir,
}

impl Session {
    pub(crate) fn new(tree: Tree, writes: Writes) -> Self {
        Self::with(tree, writes, QUOTA)
    }

    pub(crate) fn with(tree: Tree, writes: Writes, quota: Amount) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("state");
        let (state, _) = State::open_ambient(&at, ambient_authority()).unwrap();
        let volume = volume(&tree, "workspace", writes, quota, &state);
        Self {
            tree,
            state,
            volume,
            _folder: folder,
        }
    }

    /// Another session on the same directory and state folder.
    pub(crate) fn again(&self) -> Volume {
        volume(
            &self.tree,
            "workspace",
            self.volume.writes(),
            QUOTA,
            &self.state,
        )
    }

    /// A call that ends well.
    pub(crate) fn call(&self, act: impl FnOnce(&WriteDir)) -> Result<Committed, CommitError> {
        commit(vec![layer(&self.volume, "", act)], "a call")
    }

    /// A call that reads files whole.
    pub(crate) fn reads(&self, paths: &[&str]) {
        let done = self.call(|dir| paths.iter().for_each(|path| drop(read(dir, path))));
        assert_eq!(done.unwrap().changes, []);
    }

    /// A call that writes files whole.
    pub(crate) fn writes(&self, files: &[(&str, &str)]) -> Result<Committed, CommitError> {
        self.call(|dir| files.iter().for_each(|(path, text)| write(dir, path, text)))
    }

    /// What a file of the base says; none when there is none.
    pub(crate) fn base(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.tree.at(path)).ok()
    }

    /// What a file says to the session's next call.
    pub(crate) fn next_sees(&self, path: &str) -> Option<String> {
        self.next_sees_at("", path)
    }

    /// Likewise, to a call that locks no more than a place.
    pub(crate) fn next_sees_at(&self, place: &str, path: &str) -> Option<String> {
        let mut seen = None;
        let layer = layer(&self.volume, place, |dir| {
            let there = dir.as_read().stat(path).is_ok();
            seen = there.then(|| read(dir, path));
        });
        commit(vec![layer], "a call").unwrap();
        seen
    }
}

pub(crate) fn volume(
    tree: &Tree,
    name: &str,
    writes: Writes,
    quota: Amount,
    state: &State,
) -> Volume {
    let grant = Grant::open_ambient(&tree.inside(), Rights::READ_WRITE, ambient_authority());
    let options = VolumeOptions { writes, quota };
    Volume::new(name, grant.unwrap(), options, Some(state)).unwrap()
}

/// A call's layer after it did something at a place, which it had locked.
pub(crate) fn layer(volume: &Volume, place: &str, act: impl FnOnce(&WriteDir)) -> Layer {
    let locked = volume.try_lock(&[path(place)]).unwrap();
    let layer = volume.begin(Some(locked));
    let handles = Handles::default();
    let capability = handles
        .get(handles.grant(volume.name(), volume.clone()))
        .unwrap();
    act(&layer.write_dir(&capability, &GuestPath::default()).unwrap());
    layer
}

/// Changes as short lines: `M /workspace/a +1 -2`.
pub(crate) fn lines(changes: &[Change]) -> Vec<String> {
    let line = |change: &Change| {
        let mut line = match change.kind {
            ChangeKind::Created => "A ",
            ChangeKind::Modified => "M ",
            ChangeKind::Removed => "D ",
            ChangeKind::Renamed => "R ",
        }
        .to_owned();
        if let Some(from) = &change.from {
            line += &format!("{from} -> ");
        }
        line += &change.path;
        if let (Some(added), Some(removed)) = (change.added, change.removed) {
            line += &format!(" +{added} -{removed}");
        }
        line
    };
    changes.iter().map(line).collect()
}

/// The conflicts of a call that was refused for nothing else.
pub(crate) fn conflicts(result: Result<Committed, CommitError>) -> Vec<Conflict> {
    match result {
        Err(CommitError::Conflict(conflicts)) => conflicts,
        other => panic!("no conflict: {other:?}"),
    }
}

/// The one conflict, whose path is this.
pub(crate) fn conflict(result: Result<Committed, CommitError>, path: &str) -> String {
    let mut found = conflicts(result);
    let one = found.pop().unwrap();
    assert_eq!((one.path.as_str(), found.len()), (path, 0), "{found:?}");
    one.diff
}
