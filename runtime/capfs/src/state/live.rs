//! Folders of one process, gone with it.
//!
//! Who makes one holds a lock on it that the system takes away with the process. A folder that nobody locks is dead, and is
//! swept by whoever opens the state folder next. Both are done under the state folder's own lock, so that a folder is
//! never swept between its making and its locking.

use super::{node, remove};
use rustix::fs::FlockOperation;
use rustix::io::Errno;
use std::fmt;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// A folder that is removed with this.
pub(super) struct Live {
    above: OwnedFd,
    name: String,
    dir: OwnedFd,
}

impl Live {
    /// Make one in `above`, called `name` with something of its own behind.
    pub(super) fn new(above: impl AsFd, name: &str) -> Result<Self, Errno> {
        let above = above
            .as_fd()
            .try_clone_to_owned()
            .map_err(|_| Errno::MFILE)?;
        let name = format!("{name}{}", node::unique());
        rustix::fs::mkdirat(
            &above,
            name.as_str(),
            rustix::fs::Mode::from_raw_mode(0o700),
        )?;
        let dir = node::readable_folder(&above, &name)?;
        rustix::fs::flock(&dir, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Self { above, name, dir })
    }

    pub(super) fn dir(&self) -> BorrowedFd<'_> {
        self.dir.as_fd()
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        // What fails here is swept later.
        let _ = remove::tree(&self.above, &self.name);
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").finish_non_exhaustive()
    }
}

/// Remove what dead processes left in `above`.
pub(super) fn sweep(above: impl AsFd) -> Result<(), Errno> {
    let above = above.as_fd();
    for name in node::names(above)? {
        let Ok(dir) = node::readable_folder(above, &name) else {
            continue;
        };
        if rustix::fs::flock(&dir, FlockOperation::NonBlockingLockExclusive).is_ok() {
            // What cannot be removed now is tried again next time.
            let _ = remove::tree(above, &name);
        }
    }
    Ok(())
}
