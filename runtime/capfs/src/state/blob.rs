//! Contents of a file that is not in place yet.

use super::live::Live;
use super::node;
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

/// A private file on the grant's filesystem. Its name is removed when it is dropped; what was put in place stays.
pub struct Blob {
    file: File,
    /// Where it has a name of its own. None when that is another's to remove.
    home: Option<(Arc<Live>, String)>,
    /// Whether something durable shares it: nobody may write to it any more.
    kept: AtomicBool,
    /// Of the contents, once they are kept.
    digest: OnceLock<Digest>,
}

impl Blob {
    /// The file, open to read and write. Who writes asks [`is_kept`](Self::is_kept) first.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Whether the file was put in place, or is kept as pending: then it may only be read, and who wants to write copies it.
    pub fn is_kept(&self) -> bool {
        self.kept.load(Ordering::Acquire)
    }

    /// An empty one.
    pub(super) fn new(live: &Arc<Live>) -> Result<Self, ErrorCode> {
        let name = node::unique();
        let file = node::new_file(live.dir(), &name)?;
        Ok(Self {
            file: File::from_std(file.into()),
            home: Some((Arc::clone(live), name)),
            kept: AtomicBool::new(false),
            digest: OnceLock::new(),
        })
    }

    /// One that something durable holds already, with what is known to be in it. It is open to read only.
    pub(super) fn of_kept(file: OwnedFd, digest: Digest) -> Self {
        Self {
            file: File::from_std(file.into()),
            home: None,
            kept: AtomicBool::new(true),
            digest: OnceLock::from(digest),
        }
    }

    /// A copy of what is in `file`, and what that was.
    pub(super) fn copy(live: &Arc<Live>, file: &File) -> Result<(Self, Version), ErrorCode> {
        for _ in 0..TRIES {
            let before = Stamp::of_stat(&rustix::fs::fstat(file)?);
            let blob = Self::new(live)?;
            let digest = fill(&blob.file, file)?;
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
        let digest = Digest::of_file(&self.file)?;
        if self.is_kept() {
            let _ = self.digest.set(digest);
        }
        Ok(digest)
    }

    /// Give it a second name on the same filesystem, or a copy of it where that cannot be. It is kept from here on.
    pub(super) fn place(&self, at: impl AsFd, name: &str) -> Result<(), Errno> {
        self.keep();
        // One second name at most: what is pending and what is in place must not be the same file, others write to the latter.
        if let Some((live, own)) = &self.home
            && rustix::fs::fstat(&self.file)?.st_nlink == 1
        {
            match rustix::fs::linkat(
                live.dir(),
                own.as_str(),
                at.as_fd(),
                name,
                rustix::fs::AtFlags::empty(),
            ) {
                Ok(()) => return Ok(()),
                // Filesystems without links, and a blob of another filesystem.
                Err(Errno::PERM | Errno::NOTSUP | Errno::XDEV | Errno::MLINK | Errno::NOSYS) => {}
                Err(errno) => return Err(errno),
            }
        }
        let new = File::from_std(node::new_file(at, name)?.into());
        fill(&new, &self.file).map(drop)
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        if let Some((live, name)) = &self.home {
            // The folder is swept when the process is gone, if this fails.
            let _ = node::remove_file(live.dir(), name);
        }
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blob").finish_non_exhaustive()
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
