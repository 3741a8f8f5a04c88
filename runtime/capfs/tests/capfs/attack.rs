//! What the attacks begin with: a grant with something outside, in each way of writing, and a look at all that is on disk.

use crate::tree::{Tree, path};
use bailiwick_capfs::{
    Amount, Capability, CommitError, Committed, ErrorCode, Expect, Grant, GrantTerms, HandleId,
    Handles, Layer, ReadDir, Resolved, Rights, State, Volume, VolumeOptions, WriteDir, Writes,
    ambient_authority, commit,
};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// All ways in which what is written gets to the base.
pub(crate) const MODES: [Writes; 3] = [Writes::Apply, Writes::Review, Writes::Direct];

/// A grant in a session.
pub(crate) struct Attack {
    pub(crate) tree: Tree,
    pub(crate) volume: Volume,
    pub(crate) handles: Handles,
    pub(crate) id: HandleId,
    _state: TempDir,
}

/// One call, which may write anywhere in the volume.
pub(crate) struct Call {
    pub(crate) layer: Layer,
    pub(crate) capability: Capability,
}

pub(crate) const ROOM: Amount = Amount {
    bytes: 1 << 20,
    entries: 1000,
};

impl Attack {
    /// Nothing but the built-in list is kept from it.
    pub(crate) fn on(tree: Tree, writes: Writes) -> Self {
        Self::with(tree, &GrantTerms::new(Rights::READ_WRITE), writes, ROOM)
    }

    pub(crate) fn with(tree: Tree, terms: &GrantTerms, writes: Writes, quota: Amount) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = ambient_authority();
        let (state, _) = State::open_ambient(folder.path(), authority).unwrap();
        let grant = Grant::open_with(&tree.inside(), terms, ambient_authority()).unwrap();
        let options = VolumeOptions { writes, quota };
        let volume = Volume::new("g", grant, options, Some(&state)).unwrap();
        let handles = Handles::default();
        let id = handles.grant("g", volume.clone());
        Self {
            tree,
            volume,
            handles,
            id,
            _state: folder,
        }
    }

    /// Begin a call.
    pub(crate) fn call(&self) -> Call {
        let capability = self.handles.get(self.id).unwrap();
        let locked = self.volume.try_lock(&[path("")]).unwrap();
        Call {
            layer: self.volume.begin(Some(locked)),
            capability,
        }
    }

    /// End a call, and let the base be what it says.
    pub(crate) fn end(&self, call: Call) -> Result<Committed, CommitError> {
        let committed = commit(vec![call.layer], "attack")?;
        if self.volume.writes() == Writes::Review {
            return self.volume.apply_pending(&[], "attack");
        }
        Ok(committed)
    }
}

impl Call {
    pub(crate) fn dir(&self) -> WriteDir {
        self.layer.write_dir(&self.capability, &path("")).unwrap()
    }

    pub(crate) fn look(&self) -> ReadDir {
        match self
            .layer
            .resolve_read(&self.capability, &path(""))
            .unwrap()
        {
            Resolved::Dir(dir) => dir,
            Resolved::File(_) => panic!("the root is a directory"),
        }
    }
}

/// Everything that can be done to a path, by name. Each is tried; whatever works, works.
pub(crate) fn everything(dir: &WriteDir, at: &str) -> Vec<(&'static str, Result<(), ErrorCode>)> {
    let write = |expect| {
        dir.open_file(at, expect)
            .and_then(|file| file.write(0, b"evil"))
    };
    let create = |expect, nofollow| {
        let file = dir.create_file(at, expect, nofollow);
        file.and_then(|file| file.append(b"evil"))
    };
    let times = bailiwick_capfs::Times {
        accessed: bailiwick_capfs::SetTime::Now,
        modified: bailiwick_capfs::SetTime::At((1, 1)),
    };
    let below = format!("{at}/below");
    vec![
        ("write existing", write(Expect::Existing)),
        ("write new", write(Expect::New)),
        ("write either", write(Expect::Either)),
        (
            "replace",
            dir.open_file(at, Expect::Either)
                .and_then(|file| file.replace(b"evil")),
        ),
        (
            "set size",
            dir.open_file(at, Expect::Either)
                .and_then(|file| file.set_size(3)),
        ),
        (
            "set times of it open",
            dir.open_file(at, Expect::Existing)
                .and_then(|file| file.set_times(times)),
        ),
        ("create", create(Expect::Either, false)),
        ("create nofollow", create(Expect::Either, true)),
        ("create new", create(Expect::New, true)),
        (
            "write below",
            dir.open_file(&below, Expect::Either)
                .and_then(|file| file.replace(b"evil")),
        ),
        ("set times", dir.set_times(at, true, times)),
        ("set times nofollow", dir.set_times(at, false, times)),
        ("make dir", dir.make_dir(at)),
        ("make link", dir.make_link("x", at)),
        ("make dir below", dir.create_dir(&below)),
        ("rename onto", dir.rename("bait", dir, at, true)),
        ("rename dir onto", dir.rename("baits", dir, at, true)),
        ("rename link onto", dir.rename("bait-link", dir, at, true)),
        ("rename away", dir.rename(at, dir, "gone", true)),
        ("remove file", dir.remove_file(at)),
        ("remove dir", dir.remove_dir(at)),
        ("remove", dir.remove(at, false)),
        ("remove tree", dir.remove(at, true)),
    ]
}

/// What is on disk below a folder, links not followed. Our own names are left out.
pub(crate) fn snapshot(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut all = BTreeMap::new();
    let mut left = vec![folder.to_path_buf()];
    while let Some(at) = left.pop() {
        for entry in fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with(".bailiwick-") {
                continue;
            }
            let kind = fs::symlink_metadata(&path).unwrap().file_type();
            let what = if kind.is_dir() {
                left.push(path.clone());
                "directory".to_owned()
            } else if kind.is_symlink() {
                format!("link to {:?}", fs::read_link(&path).unwrap())
            } else if kind.is_file() {
                format!(
                    "file {:?}",
                    String::from_utf8_lossy(&fs::read(&path).unwrap())
                )
            } else {
                "something else".to_owned()
            };
            all.insert(path.strip_prefix(folder).unwrap().to_path_buf(), what);
        }
    }
    all
}
