//! What is in a directory and below, as one number.

use super::node;
use crate::ErrorCode;
use crate::version::{Digest, Stamp};
use rustix::fs::FileType;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;

/// A directory and all that is in it.
pub(super) struct Print {
    /// Over names, kinds and stamps.
    pub(super) digest: Digest,
    /// Likewise, without what was to be left out.
    pub(super) rest: Digest,
    /// Bytes that its files take on the disk.
    pub(super) bytes: u64,
}

/// Take it: every name is looked at, no file is opened. At any depth with two descriptors.
///
/// # Errors
///
/// [`CrossDevice`](ErrorCode::CrossDevice) when another filesystem is mounted in it, [`Busy`](ErrorCode::Busy) when somebody moves directories meanwhile, and what the
/// system says of one that cannot be read.
pub(super) fn take(dir: impl AsFd) -> Result<Print, ErrorCode> {
    without(dir, &BTreeSet::new())
}

/// Likewise, of a directory with no more than `left` names in it and below. It is less by these afterwards.
///
/// # Errors
///
/// [`Overflow`](ErrorCode::Overflow) with more, and as [`take`].
pub(super) fn within(dir: impl AsFd, left: &mut usize) -> Result<Print, ErrorCode> {
    walk(dir, &BTreeSet::new(), left)
}

/// As [`take`], and at the same time without some paths in it and what is below them.
///
/// # Errors
///
/// As [`take`].
pub(super) fn without(dir: impl AsFd, paths: &BTreeSet<Vec<u8>>) -> Result<Print, ErrorCode> {
    walk(dir, paths, &mut { usize::MAX })
}

#[allow(
    clippy::useless_conversion,
    clippy::unnecessary_cast,
    reason = "the fields' types differ by system"
)]
fn walk(dir: impl AsFd, paths: &BTreeSet<Vec<u8>>, left: &mut usize) -> Result<Print, ErrorCode> {
    let mut hash = Both::new();
    // The way to where we are, and how deep what is left out begins.
    let mut way: Vec<u8> = Vec::new();
    let mut out: Option<usize> = None;
    let mut bytes = 0u64;
    let mut here = node::readable_folder(dir, ".")?;
    let top = rustix::fs::fstat(&here)?;
    let device = top.st_dev;
    let mut levels: Vec<(u64, Vec<OsString>)> = vec![(top.st_ino as u64, sorted(&here, left)?)];
    while let Some((_, names)) = levels.last_mut() {
        let Some(name) = names.pop() else {
            levels.pop();
            hash.update([0], out.is_none());
            if out.is_some_and(|depth| depth >= levels.len()) {
                out = None;
            }
            way.truncate(way.iter().rposition(|byte| *byte == b'/').unwrap_or(0));
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
        // The way is only looked at where something is left out: it can be long.
        let mut path = Vec::new();
        if !paths.is_empty() {
            path.clone_from(&way);
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(name.as_bytes());
        }
        let stays = out.is_none() && !paths.contains(&path);
        let stamp = Stamp::of_stat(&stat);
        hash.update([1], stays);
        hash.update((name.len() as u64).to_le_bytes(), stays);
        hash.update(name.as_bytes(), stays);
        hash.update(stamp.inode.to_le_bytes(), stays);
        bytes = bytes.saturating_add(
            u64::try_from(stat.st_blocks)
                .unwrap_or(0)
                .saturating_mul(512),
        );
        if node::kind(&stat) == FileType::Directory {
            hash.update([2], stays);
            let below = node::readable_folder(&here, name.as_os_str())?;
            if rustix::fs::fstat(&below)?.st_ino != stat.st_ino {
                return Err(ErrorCode::Busy);
            }
            if !stays && out.is_none() {
                out = Some(levels.len());
            }
            levels.push((stat.st_ino as u64, sorted(&below, left)?));
            way = path;
            here = below;
        } else {
            hash.update([3], stays);
            hash.update(u64::from(stat.st_mode).to_le_bytes(), stays);
            hash.update(stamp.size.to_le_bytes(), stays);
            for (seconds, nanos) in [stamp.modified, stamp.changed] {
                hash.update(seconds.to_le_bytes(), stays);
                hash.update(nanos.to_le_bytes(), stays);
            }
        }
    }
    let [digest, rest] = [hash.all, hash.rest].map(|hash| Digest(hash.finalize().into()));
    Ok(Print {
        digest,
        rest,
        bytes,
    })
}

/// Over everything, and over what is not left out.
struct Both {
    all: Sha256,
    rest: Sha256,
}

impl Both {
    fn new() -> Self {
        Self {
            all: Sha256::new(),
            rest: Sha256::new(),
        }
    }

    fn update(&mut self, bytes: impl AsRef<[u8]>, stays: bool) {
        self.all.update(bytes.as_ref());
        if stays {
            self.rest.update(bytes.as_ref());
        }
    }
}

/// Names in reverse order, to be taken from the end.
fn sorted(here: impl AsFd, left: &mut usize) -> Result<Vec<OsString>, ErrorCode> {
    let mut names = Vec::new();
    node::each_name(here, |name| {
        *left = left.checked_sub(1).ok_or(ErrorCode::Overflow)?;
        names.push(name.to_owned());
        Ok::<_, ErrorCode>(())
    })?;
    names.sort_unstable_by(|one, other| other.cmp(one));
    Ok(names)
}
