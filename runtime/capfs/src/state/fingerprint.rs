//! What is in a directory and below, as one number.

use super::node;
use crate::ErrorCode;
use crate::version::{Digest, Stamp};
use rustix::fs::FileType;
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};
use std::ffi::OsString;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;

/// A directory and all that is in it.
pub(super) struct Print {
    /// Over names, kinds and stamps.
    pub(super) digest: Digest,
    /// Bytes that its files take on the disk.
    pub(super) bytes: u64,
}

/// Take it: every name is looked at, no file is opened. At any depth with two descriptors.
///
/// # Errors
///
/// [`CrossDevice`](ErrorCode::CrossDevice) when another filesystem is mounted in it, [`Busy`](ErrorCode::Busy) when somebody moves directories meanwhile, and what the
/// system says of one that cannot be read.
#[allow(
    clippy::useless_conversion,
    clippy::unnecessary_cast,
    reason = "the fields' types differ by system"
)]
pub(super) fn take(dir: impl AsFd) -> Result<Print, ErrorCode> {
    let mut hash = Sha256::new();
    let mut bytes = 0u64;
    let mut here = node::readable_folder(dir, ".")?;
    let top = rustix::fs::fstat(&here)?;
    let device = top.st_dev;
    let mut levels: Vec<(u64, Vec<OsString>)> = vec![(top.st_ino as u64, sorted(&here)?)];
    while let Some((_, names)) = levels.last_mut() {
        let Some(name) = names.pop() else {
            levels.pop();
            hash.update([0]);
            let Some((above, _)) = levels.last() else {
                break;
            };
            let up = node::readable_folder(&here, "..")?;
            let stat = rustix::fs::fstat(&up)?;
            if stat.st_ino as u64 != *above || stat.st_dev != device {
                return Err(ErrorCode::Busy);
            }
            here = up;
            continue;
        };
        let stat = node::stat(&here, name.as_os_str())?;
        if stat.st_dev != device {
            return Err(ErrorCode::CrossDevice);
        }
        hash.update([1]);
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name.as_bytes());
        let stamp = Stamp::of_stat(&stat);
        hash.update(stamp.inode.to_le_bytes());
        bytes = bytes.saturating_add(
            u64::try_from(stat.st_blocks)
                .unwrap_or(0)
                .saturating_mul(512),
        );
        if node::kind(&stat) == FileType::Directory {
            hash.update([2]);
            let below = node::readable_folder(&here, name.as_os_str())?;
            if rustix::fs::fstat(&below)?.st_ino != stat.st_ino {
                return Err(ErrorCode::Busy);
            }
            levels.push((stat.st_ino as u64, sorted(&below)?));
            here = below;
        } else {
            hash.update([3]);
            hash.update(u64::from(stat.st_mode).to_le_bytes());
            hash.update(stamp.size.to_le_bytes());
            for (seconds, nanos) in [stamp.modified, stamp.changed] {
                hash.update(seconds.to_le_bytes());
                hash.update(nanos.to_le_bytes());
            }
        }
    }
    let digest = Digest(hash.finalize().into());
    Ok(Print { digest, bytes })
}

/// Names in reverse order, to be taken from the end.
fn sorted(here: impl AsFd) -> Result<Vec<OsString>, Errno> {
    let mut names = node::all_names(here)?;
    names.sort_unstable_by(|one, other| other.cmp(one));
    Ok(names)
}
