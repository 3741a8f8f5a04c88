//! Removing a folder with all that is in it: without following anything, at any depth, with two descriptors.

use super::node;
use rustix::fs::{AtFlags, FileType};
use rustix::io::Errno;
use std::ffi::OsString;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;

/// Which folder it is.
type Identity = (u64, u64);

struct Level {
    /// What it is called in the one above.
    name: OsString,
    identity: Identity,
    /// What is left to remove.
    names: Vec<OsString>,
}

/// Remove what `name` stands for, whatever that is, and all that is in it. Nothing there: nothing to do.
///
/// # Errors
///
/// The first refusal ends it; `EXDEV` for another filesystem, `EBUSY` when somebody moves folders meanwhile.
pub(super) fn tree(at: impl AsFd, name: &str) -> Result<(), Errno> {
    let at = at.as_fd();
    let Some(stat) = node::lookup(at, name)? else {
        return Ok(());
    };
    if node::kind(&stat) != FileType::Directory {
        return node::remove_file(at, name);
    }
    let mut here = open(at, name.as_ref())?;
    let mut levels = vec![level(&here, name.into())?];
    let device = levels.last().map_or(0, |level| level.identity.0);
    while let Some(last) = levels.last_mut() {
        if let Some(name) = last.names.pop() {
            if unlink(&here, &name, last.identity.1)? {
                continue;
            }
            let below = open(&here, &name)?;
            let level = level(&below, name)?;
            if level.identity.0 != device {
                return Err(Errno::XDEV);
            }
            levels.push(level);
            here = below;
            continue;
        }
        let name = levels.pop().map(|level| level.name).unwrap_or_default();
        let Some(above) = levels.last() else {
            break;
        };
        // The parent, if nobody moved the folder away from it.
        let up = node::readable_folder(&here, "..")?;
        if identity(&up)? != above.identity {
            return Err(Errno::BUSY);
        }
        here = up;
        rustix::fs::unlinkat(&here, name.as_os_str(), AtFlags::REMOVEDIR)?;
    }
    rustix::fs::unlinkat(at, name, AtFlags::REMOVEDIR)
}

/// Whether the name is gone: a folder is not removed so.
fn unlink(here: impl AsFd, name: &OsString, inode: u64) -> Result<bool, Errno> {
    let here = here.as_fd();
    let remove = || match rustix::fs::unlinkat(here, name.as_os_str(), AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(true),
        // Systems differ in what they say of a folder.
        Err(Errno::ISDIR) => Ok(false),
        Err(Errno::PERM) if is_folder(here, name) => Ok(false),
        Err(errno) => Err(errno),
    };
    match remove() {
        Err(Errno::ACCESS) => {
            node::set_mode(here, ".", inode, 0o700)?;
            remove()
        }
        done => done,
    }
}

fn is_folder(here: impl AsFd, name: &OsString) -> bool {
    node::stat(here, name.as_os_str()).is_ok_and(|stat| node::kind(&stat) == FileType::Directory)
}

fn open(at: impl AsFd, name: &std::ffi::OsStr) -> Result<std::os::fd::OwnedFd, Errno> {
    let at = at.as_fd();
    debug_assert!(!name.as_bytes().contains(&b'/'));
    match node::readable_folder(at, name) {
        Err(Errno::ACCESS) => {
            let inode = node::stat(at, name)?.st_ino;
            node::set_mode(at, name, inode, 0o700)?;
            node::readable_folder(at, name)
        }
        opened => opened,
    }
}

fn level(here: impl AsFd, name: OsString) -> Result<Level, Errno> {
    Ok(Level {
        name,
        identity: identity(&here)?,
        names: node::all_names(here)?,
    })
}

#[allow(
    clippy::useless_conversion,
    clippy::unnecessary_cast,
    reason = "the fields' types differ by system"
)]
fn identity(here: impl AsFd) -> Result<Identity, Errno> {
    let stat = rustix::fs::fstat(here)?;
    Ok((stat.st_dev as u64, stat.st_ino as u64))
}
