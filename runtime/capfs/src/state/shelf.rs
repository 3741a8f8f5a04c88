//! A folder of contents that are not in place yet, however many, few of which are open.
//!
//! A call can change thousands of files, and each of them has contents of its own here. They are opened by their name
//! when they are used, and those that were used last stay open, so that many small writes to one file open it once.

use super::live::Live;
use super::node;
use crate::bounds;
use cap_std::fs::File;
use rustix::io::Errno;
use std::fmt;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The folder, and what of it is open.
pub(super) struct Shelf {
    home: Home,
    /// By inode, what was used last at the end. At most [`bounds::CONTENTS_OPEN`].
    open: Mutex<Vec<(u64, Arc<File>)>>,
}

enum Home {
    /// This process's own, gone with it. Nobody else gives, takes or exchanges names in it.
    Own(Live),
    /// What is kept as pending, to look at. Whoever changes what is pending takes names away.
    Kept(OwnedFd),
}

impl Shelf {
    /// Of this process.
    pub(super) fn own(live: Live) -> Self {
        Self::new(Home::Own(live))
    }

    /// A folder whose files are another's to remove.
    pub(super) fn kept(dir: OwnedFd) -> Self {
        Self::new(Home::Kept(dir))
    }

    fn new(home: Home) -> Self {
        let open = Mutex::default();
        Self { home, open }
    }

    pub(super) fn dir(&self) -> BorrowedFd<'_> {
        match &self.home {
            Home::Own(live) => live.dir(),
            Home::Kept(dir) => dir.as_fd(),
        }
    }

    /// Whether what is in it is this process's, to be removed when it is not needed any more.
    pub(super) fn is_own(&self) -> bool {
        matches!(self.home, Home::Own(_))
    }

    /// The file of that name, which must still be the one that it was. [`Errno::IO`] when it is gone or another.
    pub(super) fn file(&self, name: &str, inode: u64, write: bool) -> Result<Arc<File>, Errno> {
        if let Some(file) = self.last_used(inode) {
            return Ok(file);
        }
        let opened = match write {
            true => node::file_to_write(self.dir(), name),
            false => node::file(self.dir(), name),
        };
        let opened = opened.map_err(|errno| match errno {
            Errno::NOENT | Errno::LOOP => Errno::IO,
            errno => errno,
        })?;
        if rustix::fs::fstat(&opened)?.st_ino != inode {
            return Err(Errno::IO);
        }
        Ok(self.hold(inode, opened))
    }

    fn last_used(&self, inode: u64) -> Option<Arc<File>> {
        let mut open = self.lock();
        let at = open.iter().rposition(|(held, _)| *held == inode)?;
        open.get_mut(at..)?.rotate_left(1);
        open.last().map(|(_, file)| Arc::clone(file))
    }

    /// Hold a file open from here on, and let go of what was not used for the longest time. Whoever uses that has it
    /// until it is done.
    pub(super) fn hold(&self, inode: u64, file: OwnedFd) -> Arc<File> {
        let file = Arc::new(File::from_std(file.into()));
        let mut open = self.lock();
        // Somebody else may have opened it at the same time.
        open.retain(|(held, _)| *held != inode);
        let far = (open.len() + 1).saturating_sub(bounds::CONTENTS_OPEN);
        open.drain(..far);
        open.push((inode, Arc::clone(&file)));
        file
    }

    /// Nobody needs it any more.
    pub(super) fn let_go(&self, inode: u64) {
        self.lock().retain(|(held, _)| *held != inode);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(u64, Arc<File>)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
