//! What the state folder has for one granted directory.

use super::blob::Blob;
use super::error::StateError;
use super::folder::Folder;
use super::ground::Ground;
use super::live::{self, Live};
use super::shelf::Shelf;
use super::{node, pending, recover};
use crate::ErrorCode;
use crate::change_set::ChangeSet;
use crate::grant::Grant;
use crate::version::{Digest, Version};
use cap_std::fs::File;
use std::fmt;
use std::sync::{Arc, Mutex};

/// What the state folder has for one granted directory: a place on the same filesystem for contents on their way there, pre-images,
/// and what is pending. Cheap to clone.
#[derive(Clone)]
pub struct Vault(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) folder: Arc<Folder>,
    pub(super) ground: Ground,
    /// Contents on their way, for as long as this process has the vault.
    pub(super) shelf: Arc<Shelf>,
    /// What was pending when this process last looked: to notice when another changed it.
    pub(super) pending: Mutex<Option<Digest>>,
    /// Permission bits that a new file gets where nobody says otherwise.
    pub(super) mode: u32,
}

impl Vault {
    pub(super) fn open(folder: &Arc<Folder>, grant: &Grant) -> Result<Self, StateError> {
        let path = grant.host_path();
        let failed = || StateError::system(path);
        let lock = folder.lock()?;
        // What another process left half done while this one had the folder open.
        recover::all(folder, &lock)?;
        let ground = Ground::new(folder, grant.root(), path)?;
        recover::refuse(folder, &ground)?;
        let above = node::own_folder(&ground.home, "live").map_err(failed())?;
        live::sweep(&above).map_err(failed())?;
        let live = Live::new(&above, "").map_err(failed())?;
        drop(lock);
        Ok(Self(Arc::new(Inner {
            folder: Arc::clone(folder),
            mode: default_mode(&live).map_err(failed())?,
            ground,
            shelf: Arc::new(Shelf::own(live)),
            pending: Mutex::new(None),
        })))
    }

    /// An empty private file, open to read and write. It is removed with the last clone of the blob, unless it was put in place.
    ///
    /// # Errors
    ///
    /// [`Quota`](ErrorCode::Quota) when the process has too many files open, and what the system says when there is no room.
    pub fn blob(&self) -> Result<Blob, ErrorCode> {
        Blob::new(&self.0.shelf)
    }

    /// A private copy of a file, and what was copied (with its digest). By reference where the filesystem can.
    ///
    /// # Errors
    ///
    /// [`Busy`](ErrorCode::Busy) when the file changes again and again while it is copied, and those of [`blob`](Self::blob).
    pub fn copy(&self, file: &File) -> Result<(Blob, Version), ErrorCode> {
        Blob::copy(&self.0.shelf, file)
    }

    /// Permissions of a new file that nobody chose: what the process's mask leaves of those that programs ask for.
    pub(crate) fn new_file(&self) -> u32 {
        self.0.mode
    }

    /// Likewise of a new directory: whoever may read a file may list it and go in.
    pub(crate) fn new_dir(&self) -> u32 {
        self.0.mode | (self.0.mode & 0o444) >> 2 | 0o700
    }

    /// What is pending for this grant, from any process.
    ///
    /// # Errors
    ///
    /// [`StateError::Damaged`] when it is not all there, or not what was kept.
    pub fn pending(&self) -> Result<ChangeSet, StateError> {
        let lock = self.0.folder.lock()?;
        // A transaction that was cut off can change what is pending.
        recover::all(&self.0.folder, &lock)?;
        pending::load(&self.0)
    }

    /// Keep what is pending, in place of what was; empty to keep nothing. All or nothing, on the disk when it returns. The blobs of the set can only be read from
    /// then on.
    ///
    /// # Errors
    ///
    /// [`StateError::Pending`] when another process changed what is pending since this one looked: then it has to be read
    /// again, and what this one has to be put on top. What was kept before is still there then.
    /// [`StateError::Stuck`] when a transaction waits that would change it as well.
    pub fn keep_pending(&self, set: &ChangeSet) -> Result<(), StateError> {
        let lock = self.0.folder.lock()?;
        recover::all(&self.0.folder, &lock)?;
        recover::refuse(&self.0.folder, &self.0.ground)?;
        pending::keep(&self.0, set)
    }

    /// Whether what is pending is still what this one last read or kept. Another process can change it right after.
    pub(crate) fn knows_pending(&self) -> Result<bool, StateError> {
        match pending::current(&self.0) {
            Ok(()) => Ok(true),
            Err(StateError::Pending { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").finish_non_exhaustive()
    }
}

/// What the process's mask leaves of the permissions of a new file. Asking for the mask would change it for other threads.
fn default_mode(live: &Live) -> Result<u32, rustix::io::Errno> {
    use rustix::fs::{Mode, OFlags};

    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let file = rustix::fs::openat(live.dir(), "mode", flags, Mode::from_raw_mode(0o666))?;
    let mode = rustix::fs::fstat(file)?.st_mode & 0o777;
    node::remove_file(live.dir(), "mode")?;
    Ok(mode)
}
