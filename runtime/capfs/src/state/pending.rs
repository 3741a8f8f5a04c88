//! What waits for somebody to accept or drop it: a change set on the disk, with contents by digest.

use super::blob::Blob;
use super::error::StateError;
use super::folder::{Folder, VERSION};
use super::ground::{self, Ground};
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
    let at = path(&vault.folder, &vault.ground);
    let failed = || StateError::system(&at);
    let dir = node::own_folder(&vault.ground.home, "pending").map_err(failed())?;
    let mut seen = vault
        .pending
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let there = read(&dir).map_err(failed())?;
    if there.as_deref().map(Digest::of) != *seen {
        return Err(StateError::Pending {
            root: vault.ground.place.path.clone(),
        });
    }
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
    if set.is_empty() {
        node::remove_file(&dir, SET).map_err(failed())?;
        rustix::fs::fsync(&dir).map_err(failed())?;
        *seen = None;
    } else {
        rustix::fs::fsync(&dir).map_err(failed())?;
        let text = serde_json::to_vec(&kept).map_err(|_| failed()(Errno::INVAL))?;
        node::replace(&dir, SET, &text).map_err(failed())?;
        *seen = Some(Digest::of(&text));
    }
    // What is not spoken of any more; what cannot be removed now goes next time.
    for name in node::names(&dir).unwrap_or_default() {
        if name != SET && !contents.keys().any(|digest| digest.to_string() == name) {
            let _ = node::remove_file(&dir, name.as_str());
        }
    }
    Ok(())
}

/// What is kept for this vault. Under the folder's lock.
pub(super) fn load(vault: &Inner) -> Result<ChangeSet, StateError> {
    let at = path(&vault.folder, &vault.ground);
    let mut seen = vault
        .pending
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let (set, digest) = open(&vault.ground.home, &at)?;
    *seen = digest;
    Ok(set)
}

/// What is kept for all vaults.
pub(super) fn everywhere(folder: &Folder) -> Result<Vec<(PathBuf, ChangeSet)>, StateError> {
    let _lock = folder.lock()?;
    let mut all = Vec::new();
    for place in ground::registered(folder)? {
        // What is pending for a directory that is not there lies in it, or waits for it to come back.
        let Some(ground) = Ground::find(folder, &place)? else {
            continue;
        };
        let (set, _) = open(&ground.home, &path(folder, &ground))?;
        if !set.is_empty() {
            all.push((place.path, set));
        }
    }
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

fn open(home: &OwnedFd, at: &Path) -> Result<(ChangeSet, Option<Digest>), StateError> {
    let failed = || StateError::system(at);
    let dir = node::own_folder(home, "pending").map_err(failed())?;
    let Some(text) = read(&dir).map_err(failed())? else {
        return Ok((ChangeSet::default(), None));
    };
    let file = at.join(SET);
    let kept: Kept = journal::parse(&file, &text)?;
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
                        let blob = Arc::new(contents(&dir, digest, at)?);
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
    Ok((ChangeSet { takes, puts }, Some(Digest::of(&text))))
}

/// Contents that are what they are called by.
fn contents(dir: impl AsFd, digest: Digest, at: &Path) -> Result<Blob, StateError> {
    let name = digest.to_string();
    let path = at.join(&name);
    let damaged = |reason: &str| StateError::Damaged {
        path: path.clone(),
        reason: reason.to_owned(),
    };
    let file = match node::file(dir, name.as_str()) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Err(damaged("it is not there, and pending changes need it")),
        Err(errno) => return Err(StateError::system(&path)(errno)),
    };
    match Digest::of_fd(&file) {
        Ok(found) if found == digest => Ok(Blob::of_kept(file, digest)),
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
