//! Contents of a file that is not in place yet.

use super::node;
use super::shelf::Shelf;
use crate::ErrorCode;
use crate::version::{Digest, Stamp, Version};
use cap_std::fs::File;
use rustix::io::Errno;
use std::fmt;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Bytes that are copied at a time.
const PIECE: usize = 128 << 10;

/// How often a file is copied again that changes while it is copied.
const TRIES: usize = 3;

/// A private file on the grant's filesystem. Its name is removed when it is dropped; what was put in place stays. It is
/// open only while it is used, and for a little while after.
pub struct Blob {
    shelf: Arc<Shelf>,
    /// What it is called there.
    pub(super) name: String,
    /// Which file that is.
    pub(super) inode: u64,
    /// Whether something durable shares it: nobody may write to it any more.
    kept: AtomicBool,
    /// Of the contents, once they are kept.
    digest: OnceLock<Digest>,
}

impl Blob {
    /// The file, open to read and write; only to read when it is kept. Who writes asks [`is_kept`](Self::is_kept)
    /// first. To use and let go: as long as somebody has it, it stays open.
    ///
    /// # Errors
    ///
    /// [`Quota`](ErrorCode::Quota) when the process has too many files open; [`Io`](ErrorCode::Io) when it is one of a
    /// set that was only listed ([`State::pending`](super::State::pending)), and is not pending any more.
    pub fn file(&self) -> Result<Arc<File>, ErrorCode> {
        Ok(self.open()?)
    }

    /// Whether the file was put in place, or is kept as pending: then it may only be read, and who wants to write copies it.
    pub fn is_kept(&self) -> bool {
        self.kept.load(Ordering::Acquire)
    }

    /// An empty one.
    pub(super) fn new(shelf: &Arc<Shelf>) -> Result<Self, ErrorCode> {
        let name = node::unique();
        let file = node::new_file(shelf.dir(), &name)?;
        Ok(Self::called(shelf, name, file)?)
    }

    /// One of the files of `dir`, which something durable holds already, by the name of what is in it. The blob has a
    /// name of its own: it stays when that one goes.
    pub(super) fn of_kept(shelf: &Arc<Shelf>, dir: &OwnedFd, name: &str) -> Result<Self, Errno> {
        let own = match shelf.is_own() {
            true => node::unique(),
            false => name.to_owned(),
        };
        if shelf.is_own() && !link(dir, name, shelf.dir(), &own)? {
            let new = File::from_std(node::new_file(shelf.dir(), &own)?.into());
            fill(&new, &File::from_std(node::file(dir, name)?.into()))?;
        }
        let file = node::file(shelf.dir(), &own)?;
        let blob = Self::called(shelf, own, file)?;
        blob.keep();
        Ok(blob)
    }

    fn called(shelf: &Arc<Shelf>, name: String, file: OwnedFd) -> Result<Self, Errno> {
        let inode = rustix::fs::fstat(&file)?.st_ino;
        shelf.hold(inode, file);
        Ok(Self {
            shelf: Arc::clone(shelf),
            name,
            inode,
            kept: AtomicBool::new(false),
            digest: OnceLock::new(),
        })
    }

    fn open(&self) -> Result<Arc<File>, Errno> {
        self.shelf.file(&self.name, self.inode, !self.is_kept())
    }

    /// A copy of what is in `file`, and what that was.
    pub(super) fn copy(shelf: &Arc<Shelf>, file: &File) -> Result<(Self, Version), ErrorCode> {
        for _ in 0..TRIES {
            let before = Stamp::of_stat(&rustix::fs::fstat(file)?);
            let blob = Self::new(shelf)?;
            let digest = fill(&*blob.open()?, file)?;
            let after = Stamp::of_stat(&rustix::fs::fstat(file)?);
            if before == after {
                let digest = Some(digest);
                return Ok((
                    blob,
                    Version {
                        stamp: before,
                        digest,
                    },
                ));
            }
        }
        Err(ErrorCode::Busy)
    }

    /// From here on nobody writes to it.
    pub(super) fn keep(&self) {
        self.kept.store(true, Ordering::Release);
    }

    /// What is in it. Remembered when nobody can write to it any more.
    pub(crate) fn digest(&self) -> Result<Digest, ErrorCode> {
        if let Some(digest) = self.digest.get() {
            return Ok(*digest);
        }
        let digest = Digest::of_file(&*self.open()?)?;
        if self.is_kept() {
            let _ = self.digest.set(digest);
        }
        Ok(digest)
    }

    /// Bytes that are in it. It is not opened for that.
    pub(crate) fn size(&self) -> Result<u64, ErrorCode> {
        let stat = node::stat(self.shelf.dir(), self.name.as_str())?;
        Ok(u64::try_from(stat.st_size).unwrap_or(0))
    }

    /// Give it a second name on the same filesystem, or a copy of it where that cannot be. It is kept from here on.
    pub(super) fn place(&self, at: impl AsFd, name: &str) -> Result<(), Errno> {
        self.keep();
        let (dir, own) = (self.shelf.dir(), self.name.as_str());
        // One second name at most: what is pending and what is in place must not be the same file, others write to the latter.
        if self.shelf.is_own()
            && node::stat(dir, own)?.st_nlink == 1
            && link(dir, own, at.as_fd(), name)?
        {
            return Ok(());
        }
        self.place_copy(at, name)
    }

    /// Likewise, a copy in any case.
    pub(super) fn place_copy(&self, at: impl AsFd, name: &str) -> Result<(), Errno> {
        self.keep();
        let new = File::from_std(node::new_file(at, name)?.into());
        fill(&new, &*self.open()?).map(drop)
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        self.shelf.let_go(self.inode);
        if self.shelf.is_own() {
            // The folder is swept when the process is gone, if this fails.
            let _ = node::remove_file(self.shelf.dir(), self.name.as_str());
        }
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blob").finish_non_exhaustive()
    }
}

/// Give a file a second name. False where it cannot have one: on filesystems without links, and from another
/// filesystem.
fn link(from: impl AsFd, name: &str, to: impl AsFd, new: &str) -> Result<bool, Errno> {
    match rustix::fs::linkat(from, name, to, new, rustix::fs::AtFlags::empty()) {
        Ok(()) => Ok(true),
        Err(Errno::PERM | Errno::NOTSUP | Errno::XDEV | Errno::MLINK | Errno::NOSYS) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// Make an empty file the same as another: by reference where the filesystem can, otherwise byte by byte, holes as holes.
fn fill(new: &File, from: &File) -> Result<Digest, Errno> {
    use sha2::{Digest as _, Sha256};

    #[cfg(target_os = "linux")]
    let shared = rustix::fs::ioctl_ficlone(new, from).is_ok();
    #[cfg(not(target_os = "linux"))]
    let shared = false;
    // What was copied is what has to be known, so a shared file is read as well: from the copy, which nobody changes.
    let source = if shared { new } else { from };
    let mut hash = Sha256::new();
    let mut buffer = vec![0; PIECE];
    let mut offset = 0;
    loop {
        let read =
            rustix::io::retry_on_intr(|| rustix::io::pread(source, &mut buffer[..], offset))?;
        if read == 0 {
            break;
        }
        let piece = &buffer[..read];
        hash.update(piece);
        if !shared && piece.iter().any(|byte| *byte != 0) {
            node::write_all(new, piece, offset)?;
        }
        offset += read as u64;
    }
    if !shared {
        rustix::fs::ftruncate(new, offset)?;
    }
    Ok(Digest(hash.finalize().into()))
}
