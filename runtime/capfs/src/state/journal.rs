//! Transactions on the disk: `journal` while they are on their way, `history` when they are done.

use super::entry::Entry;
use super::error::StateError;
use super::folder::{Folder, VERSION};
use super::node;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Journal,
    History,
}

/// What a file's name says of the transaction in it, so that pruning need not read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    pub(super) id: u64,
    pub(super) at: i64,
    pub(super) bytes: u64,
}

impl Name {
    pub(super) fn of(entry: &Entry) -> Self {
        Self {
            id: entry.id,
            at: entry.at,
            bytes: entry.bytes,
        }
    }

    fn parse(name: &str) -> Option<Self> {
        let mut parts = name.strip_suffix(".json")?.splitn(3, '_');
        Some(Self {
            id: parts.next()?.parse().ok()?,
            at: parts.next()?.parse().ok()?,
            bytes: parts.next()?.parse().ok()?,
        })
    }

    pub(super) fn file(self) -> String {
        format!("{}_{}_{}.json", self.id, self.at, self.bytes)
    }
}

fn place(folder: &Folder, which: Which) -> (&OwnedFd, PathBuf) {
    match which {
        Which::Journal => (&folder.journal, folder.path.join("journal")),
        Which::History => (&folder.history, folder.path.join("history")),
    }
}

/// Write one, synced: it is there as a whole, or not at all.
pub(super) fn store(folder: &Folder, which: Which, entry: &Entry) -> Result<(), rustix::io::Errno> {
    let (dir, _) = place(folder, which);
    let text = serde_json::to_vec(entry).map_err(|_| rustix::io::Errno::INVAL)?;
    node::replace(dir, &Name::of(entry).file(), &text)
}

/// Remove one that may be gone already.
pub(super) fn remove(folder: &Folder, which: Which, name: Name) -> Result<(), rustix::io::Errno> {
    node::remove_file(place(folder, which).0, name.file().as_str())
}

/// Likewise, and have that on the disk: what it speaks of is going to be removed.
pub(super) fn forget(folder: &Folder, which: Which, name: Name) -> Result<(), rustix::io::Errno> {
    remove(folder, which, name)?;
    // A disk that fails here failed before, and nothing can be made better.
    let _ = rustix::fs::fsync(place(folder, which).0);
    Ok(())
}

/// What there is, oldest first.
pub(super) fn names(folder: &Folder, which: Which) -> Result<Vec<Name>, StateError> {
    let (dir, path) = place(folder, which);
    let names = node::names(dir).map_err(StateError::system(path))?;
    let mut names: Vec<_> = names.iter().filter_map(|name| Name::parse(name)).collect();
    names.sort_unstable();
    Ok(names)
}

/// Read one.
pub(super) fn load(folder: &Folder, which: Which, name: Name) -> Result<Entry, StateError> {
    let (dir, path) = place(folder, which);
    let path = path.join(name.file());
    let text = node::file(dir, name.file().as_str()).and_then(node::read_all);
    let text = text.map_err(StateError::system(&path))?;
    let entry: Entry = parse(&path, &text)?;
    let known = |index: usize| index < entry.places.len();
    let plain = |slot: &String| !slot.contains('/') && super::entry::owner(slot).is_some();
    if entry.id != name.id
        || !entry
            .steps
            .iter()
            .all(|step| known(step.place) && plain(&step.slot))
        || !entry.pending.iter().all(|place| known(*place))
    {
        return Err(StateError::Damaged {
            path,
            reason: "its parts do not fit together".to_owned(),
        });
    }
    Ok(entry)
}

/// Read all, oldest first.
pub(super) fn all(folder: &Folder, which: Which) -> Result<Vec<Entry>, StateError> {
    let mut entries = Vec::new();
    for name in names(folder, which)? {
        match load(folder, which, name) {
            Ok(entry) => entries.push(entry),
            // Another process pruned it meanwhile.
            Err(StateError::System { reason, .. })
                if reason.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(entries)
}

/// A number that no transaction had, ever.
pub(super) fn next(folder: &Folder) -> Result<u64, StateError> {
    let used = |which| Ok::<_, StateError>(names(folder, which)?.last().map_or(0, |name| name.id));
    let last = used(Which::Journal)?.max(used(Which::History)?);
    Ok(last.max(counter(folder)?) + 1)
}

/// Remember that there was a transaction of this number: it is going to be forgotten.
pub(super) fn remember(folder: &Folder, id: u64) -> Result<(), StateError> {
    if counter(folder)? < id {
        let path = folder.path.join("counter");
        node::replace(&folder.dir, "counter", id.to_string().as_bytes())
            .map_err(StateError::system(path))?;
    }
    Ok(())
}

fn counter(folder: &Folder) -> Result<u64, StateError> {
    let path = folder.path.join("counter");
    let text = match node::file(&folder.dir, "counter").and_then(node::read_all) {
        Ok(text) => text,
        Err(rustix::io::Errno::NOENT) => return Ok(0),
        Err(errno) => return Err(StateError::system(path)(errno)),
    };
    let number = std::str::from_utf8(&text)
        .ok()
        .and_then(|text| text.trim().parse().ok());
    number.ok_or_else(|| StateError::Damaged {
        path,
        reason: "it should be a number".to_owned(),
    })
}

/// Read what some file in the folder says, if it is of a version that we know.
pub(super) fn parse<T: DeserializeOwned>(path: &Path, text: &[u8]) -> Result<T, StateError> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    let damaged = |error: serde_json::Error| StateError::Damaged {
        path: path.to_path_buf(),
        reason: error.to_string(),
    };
    let Versioned { version } = serde_json::from_slice(text).map_err(damaged)?;
    if version != VERSION {
        return Err(StateError::Newer {
            path: path.to_path_buf(),
            found: version.to_string(),
            known: VERSION,
        });
    }
    serde_json::from_slice(text).map_err(damaged)
}
