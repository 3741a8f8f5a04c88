//! What waits for somebody to accept or drop it: a change set on the disk, with contents by digest.

use super::blob::Blob;
use super::entry::Entry;
use super::error::StateError;
use super::folder::{Folder, VERSION};
use super::ground::{self, Ground};
use super::shelf::Shelf;
use super::vault::Inner;
use super::{journal, node};
use crate::change_set::{Attributes, ChangeSet, Content, Over, Put, Take, What};
use crate::version::Digest;
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The set's own file. The others are called by the digests of what is in them.
const SET: &str = "pending.json";

/// A change set, as it is written down.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: u32,
    takes: Vec<Take>,
    puts: Vec<KeptPut>,
}

#[derive(Serialize, Deserialize)]
struct KeptPut {
    path: String,
    what: KeptWhat,
    #[serde(skip_serializing_if = "Option::is_none")]
    over: Option<Over>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum KeptWhat {
    Dir(u32),
    File {
        digest: Digest,
        attributes: Attributes,
    },
    Link(String),
    Moved(usize),
    Attributes(Attributes),
}

/// Put a set in place of what was kept. Under the folder's lock.
pub(super) fn keep(vault: &Inner, set: &ChangeSet) -> Result<(), StateError> {
    current(vault)?;
    let next = ready(vault, set, 0)?;
    let at = path(&vault.folder, &vault.ground);
    finish(&vault.ground, 0).map_err(StateError::system(at))?;
    saw(vault, next);
    Ok(())
}

/// Refuse when another process changed what is pending since this one looked. Under the folder's lock, until it is changed.
pub(super) fn current(vault: &Inner) -> Result<(), StateError> {
    let at = path(&vault.folder, &vault.ground);
    let there = match folder(&vault.ground.home) {
        Ok(dir) => read(&dir),
        Err(errno) => Err(errno),
    };
    let there = match there {
        Err(Errno::NOENT) => None,
        there => there.map_err(StateError::system(at))?,
    };
    let there = there.filter(|text| !is_nothing(text));
    let seen = vault
        .pending
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if there.as_deref().map(Digest::of) == *seen {
        return Ok(());
    }
    Err(StateError::Pending {
        root: vault.ground.place.path.clone(),
    })
}

/// This process knows what is pending from here on.
pub(super) fn saw(vault: &Inner, digest: Option<Digest>) {
    *vault
        .pending
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner) = digest;
}

/// Have a set on the disk that becomes the one in force by one rename, which takes no room. Returns what it is known by then.
pub(super) fn ready(vault: &Inner, set: &ChangeSet, id: u64) -> Result<Option<Digest>, StateError> {
    let at = path(&vault.folder, &vault.ground);
    let failed = || StateError::system(&at);
    let dir = node::own_folder(&vault.ground.home, "pending").map_err(failed())?;
    let (kept, contents) = kept(set).map_err(|error| match error {
        crate::ErrorCode::InsufficientSpace => failed()(Errno::NOSPC),
        _ => failed()(Errno::IO),
    })?;
    for (digest, blob) in &contents {
        let name = digest.to_string();
        if node::lookup(&dir, name.as_str())
            .map_err(failed())?
            .is_none()
        {
            write(&dir, &name, blob).map_err(failed())?;
        }
    }
    let text = serde_json::to_vec(&kept).map_err(|_| failed()(Errno::INVAL))?;
    // Syncs the contents' names as well.
    node::replace(&dir, &next(id), &text).map_err(failed())?;
    Ok((!set.is_empty()).then(|| Digest::of(&text)))
}

/// What was made ready stays unused.
pub(super) fn unready(grounds: &[&Ground], entry: &Entry) {
    for place in &entry.pending {
        if let Some(ground) = grounds.get(*place)
            && let Ok(dir) = folder(&ground.home)
        {
            let _ = node::remove_file(&dir, next(entry.id).as_str());
            tidy(&dir);
        }
    }
}

/// Put in force what was made ready; nothing when that was done before. Under the folder's lock.
pub(super) fn finish(ground: &Ground, id: u64) -> Result<(), Errno> {
    let dir = folder(&ground.home)?;
    match rustix::fs::renameat(&dir, next(id).as_str(), &dir, SET) {
        Ok(()) => rustix::fs::fsync(&dir)?,
        // Somebody was cut off after that.
        Err(Errno::NOENT) => {}
        Err(errno) => return Err(errno),
    }
    tidy(&dir);
    Ok(())
}

/// Remove what is not spoken of any more; what cannot be removed now goes next time.
fn tidy(dir: &OwnedFd) {
    let Ok(text) = read(dir) else { return };
    let mut used = Vec::new();
    if let Some(text) = text {
        let Ok(kept) = serde_json::from_slice::<Kept>(&text) else {
            return;
        };
        for put in &kept.puts {
            if let KeptWhat::File { digest, .. } = &put.what {
                used.push(digest.to_string());
            }
        }
        if !kept.takes.is_empty() || !kept.puts.is_empty() {
            used.push(SET.to_owned());
        }
    }
    used.sort_unstable();
    for name in node::names(dir).unwrap_or_default() {
        if used.binary_search(&name).is_err() {
            let _ = node::remove_file(dir, name.as_str());
        }
    }
}

/// Whether a set has nothing in it: it is removed, but may be there still.
fn is_nothing(text: &[u8]) -> bool {
    matches!(serde_json::from_slice(text), Ok(Kept { version: VERSION, takes, puts }) if takes.is_empty() && puts.is_empty())
}

/// What the next set of a transaction is called until it is in force.
fn next(id: u64) -> String {
    format!("next-{id}.json")
}

fn folder(home: &OwnedFd) -> Result<OwnedFd, Errno> {
    node::readable_folder(home, "pending")
}

/// What is kept for this vault. Under the folder's lock.
pub(super) fn load(vault: &Inner) -> Result<ChangeSet, StateError> {
    let at = path(&vault.folder, &vault.ground);
    let mut seen = vault
        .pending
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let (set, digest) = open(&vault.ground.home, &at, Some(&vault.shelf))?;
    *seen = digest;
    Ok(set)
}

/// What is kept for all vaults.
pub(super) fn everywhere(folder: &Folder) -> Result<Vec<(PathBuf, ChangeSet)>, StateError> {
    let lock = folder.lock()?;
    super::recover::all(folder, &lock)?;
    let mut all = Vec::new();
    for place in ground::registered(folder)? {
        // What is pending for a directory that is not there lies in it, or waits for it to come back.
        let Ok(Some(ground)) = Ground::find(folder, &place) else {
            continue;
        };
        let (set, _) = open(&ground.home, &path(folder, &ground), None)?;
        if !set.is_empty() {
            all.push((place.path, set));
        }
    }
    // The folder has them in any order, and what follows from it is seen.
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(all)
}

/// Where it is, for the operator.
fn path(folder: &Folder, ground: &Ground) -> PathBuf {
    let home = if ground.place.inside {
        ground.place.path.join(super::IN_GRANT).join(folder.key())
    } else {
        folder.path.join("vaults").join(&ground.place.id)
    };
    home.join("pending")
}

fn read(dir: impl AsFd) -> Result<Option<Vec<u8>>, Errno> {
    match node::file(dir, SET).and_then(node::read_all) {
        Ok(text) => Ok(Some(text)),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno),
    }
}

/// The set that is kept. Its contents get names on the shelf; without one they are looked at where they are.
fn open(
    home: &OwnedFd,
    at: &Path,
    shelf: Option<&Arc<Shelf>>,
) -> Result<(ChangeSet, Option<Digest>), StateError> {
    let failed = || StateError::system(at);
    let dir = match folder(home) {
        Ok(dir) => dir,
        Err(Errno::NOENT) => return Ok((ChangeSet::default(), None)),
        Err(errno) => return Err(failed()(errno)),
    };
    let Some(text) = read(&dir).map_err(failed())? else {
        return Ok((ChangeSet::default(), None));
    };
    let file = at.join(SET);
    let kept: Kept = journal::parse(&file, &text)?;
    let shelf = match shelf {
        Some(shelf) => Arc::clone(shelf),
        None => Arc::new(Shelf::kept(
            dir.try_clone().map_err(|_| failed()(Errno::MFILE))?,
        )),
    };
    let mut puts = Vec::new();
    let mut blobs: BTreeMap<Digest, Arc<Blob>> = BTreeMap::new();
    for put in kept.puts {
        let what = match put.what {
            KeptWhat::Dir(mode) => What::Dir(mode),
            KeptWhat::Link(target) => What::Link(target),
            KeptWhat::Moved(index) if index < kept.takes.len() => What::Moved(index),
            KeptWhat::Moved(_) => {
                return Err(StateError::Damaged {
                    path: file,
                    reason: "something moves that is not taken".to_owned(),
                });
            }
            KeptWhat::Attributes(attributes) => What::Attributes(attributes),
            KeptWhat::File { digest, attributes } => {
                let blob = match blobs.get(&digest) {
                    Some(blob) => Arc::clone(blob),
                    None => {
                        let blob = Arc::new(contents(&shelf, &dir, digest, at)?);
                        blobs.insert(digest, Arc::clone(&blob));
                        blob
                    }
                };
                What::File(Content { blob, attributes })
            }
        };
        puts.push(Put {
            path: put.path,
            what,
            over: put.over,
        });
    }
    let takes = kept.takes;
    let set = ChangeSet { takes, puts };
    let digest = (!set.is_empty()).then(|| Digest::of(&text));
    Ok((set, digest))
}

/// Contents that are what they are called by.
fn contents(
    shelf: &Arc<Shelf>,
    dir: &OwnedFd,
    digest: Digest,
    at: &Path,
) -> Result<Blob, StateError> {
    let name = digest.to_string();
    let path = at.join(&name);
    let damaged = |reason: &str| StateError::Damaged {
        path: path.clone(),
        reason: reason.to_owned(),
    };
    let blob = match Blob::of_kept(shelf, dir, &name) {
        Ok(blob) => blob,
        Err(Errno::NOENT) => return Err(damaged("it is not there, and pending changes need it")),
        Err(errno) => return Err(StateError::system(&path)(errno)),
    };
    match blob.digest() {
        Ok(found) if found == digest => Ok(blob),
        Ok(_) => Err(damaged("its contents are not what its name says")),
        Err(_) => Err(damaged("it cannot be read")),
    }
}

fn kept(set: &ChangeSet) -> Result<(Kept, BTreeMap<Digest, Arc<Blob>>), crate::ErrorCode> {
    let mut contents = BTreeMap::new();
    let mut puts = Vec::new();
    for put in &set.puts {
        let what = match &put.what {
            What::Dir(mode) => KeptWhat::Dir(*mode),
            What::Link(target) => KeptWhat::Link(target.clone()),
            What::Moved(index) => KeptWhat::Moved(*index),
            What::Attributes(attributes) => KeptWhat::Attributes(*attributes),
            What::File(Content { blob, attributes }) => {
                // Nobody may write between the digest and the second name.
                blob.keep();
                let digest = blob.digest()?;
                contents.insert(digest, Arc::clone(blob));
                KeptWhat::File {
                    digest,
                    attributes: *attributes,
                }
            }
        };
        puts.push(KeptPut {
            path: put.path.clone(),
            what,
            over: put.over.clone(),
        });
    }
    let takes = set.takes.clone();
    let kept = Kept {
        version: VERSION,
        takes,
        puts,
    };
    Ok((kept, contents))
}

/// Contents under the name of their digest, as a whole or not at all.
fn write(dir: impl AsFd, name: &str, blob: &Blob) -> Result<(), Errno> {
    let dir = dir.as_fd();
    let temporary = format!("{name}.{}", node::unique());
    let done = blob.place(dir, &temporary).and_then(|()| {
        rustix::fs::fsync(node::file(dir, temporary.as_str())?)?;
        rustix::fs::renameat(dir, temporary.as_str(), dir, name)
    });
    if done.is_err() {
        let _ = node::remove_file(dir, temporary.as_str());
    }
    done
}
