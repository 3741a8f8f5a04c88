//! The directory that was come to last, so that the next one, which is mostly near it, is not looked for from the root.
//!
//! What is near the root is looked up by its names every time, so that whatever others do to these meanwhile is
//! noticed. Far below the root that would make a transaction as long as the square of its depth. There, the directory
//! that was come to last is used again, as long as it is in its place: the names near the root still lead to it, and
//! its own name is still its own.
//!
//! One directory is open. Those above it are known by their inodes, and come back to by `..`, as long as that leads to
//! the one that was gone down from.

use super::node;
use rustix::io::Errno;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

/// Names on the way to a directory that are looked up every time.
const NEAR: usize = 16;

/// A directory, and the way to it.
pub(super) struct Last {
    /// Plain names from the root, joined by `/`.
    path: String,
    /// The directories of these names.
    inodes: Vec<u64>,
    dir: Arc<OwnedFd>,
}

/// The directory at `path` below `root`, which is on the filesystem `device`. It is the `last` one from then on, if it
/// is far below the root. Every directory on the way is opened by its name alone, follows nothing, and lies on that
/// filesystem.
pub(super) fn directory(
    root: &OwnedFd,
    device: u64,
    path: &str,
    last: &mut Option<Last>,
) -> Result<Arc<OwnedFd>, Errno> {
    let mut at = Last {
        path: String::new(),
        inodes: Vec::new(),
        dir: Arc::new(node::folder(root, ".")?),
    };
    at.down(names(path).take(NEAR), device)?;
    if depth(path) <= NEAR {
        return Ok(at.dir);
    }
    if let Some(closer) = last.take().and_then(|last| last.back(&at, path, device)) {
        at = closer;
    }
    let rest = path.get(at.path.len()..).unwrap_or_default();
    at.down(names(rest.strip_prefix('/').unwrap_or_default()), device)?;
    Ok(Arc::clone(&last.insert(at).dir))
}

impl Last {
    /// Whether it is at or below a path.
    pub(super) fn is_below(&self, path: &str) -> bool {
        common(&self.path, path).len() == path.len()
    }

    /// Go down by these names.
    fn down<'a>(&mut self, names: impl Iterator<Item = &'a str>, device: u64) -> Result<(), Errno> {
        for name in names {
            if matches!(name, "" | "." | "..") {
                return Err(Errno::INVAL);
            }
            let (dir, inode) = step(&self.dir, name, device)?;
            crate::path::push(&mut self.path, name);
            self.inodes.push(inode);
            self.dir = Arc::new(dir);
        }
        Ok(())
    }

    /// Back to the innermost directory that the way to `path` runs through as well. None when it is not shorter from
    /// where that is `near` the root, or when this one is not where it was.
    fn back(mut self, near: &Self, path: &str, device: u64) -> Option<Self> {
        let common = common(&self.path, path).len();
        let stays = depth(self.path.get(..common)?);
        let back = self.inodes.len() - stays;
        if stays <= NEAR + back || self.inodes.get(NEAR - 1) != near.inodes.last() {
            return None;
        }
        for _ in 0..back {
            self.inodes.pop();
            let (above, inode) = step(&self.dir, "..", device).ok()?;
            if self.inodes.last() != Some(&inode) {
                return None;
            }
            self.dir = Arc::new(above);
        }
        self.path.truncate(common);
        self.is_in_place(device).then_some(self)
    }

    /// Whether its name, in the directory that it was in, still stands for it.
    fn is_in_place(&self, device: u64) -> bool {
        let [.., above, inode] = self.inodes[..] else {
            return false;
        };
        let name = super::paths::name(&self.path);
        step(&self.dir, "..", device).is_ok_and(|(dir, found)| {
            found == above && node::stat(dir, name).is_ok_and(|stat| stat.st_ino == inode)
        })
    }
}

/// One step: the directory of that name, and its inode.
#[allow(
    clippy::useless_conversion,
    clippy::unnecessary_cast,
    reason = "the fields' types differ by system"
)]
fn step(at: impl AsFd, name: &str, device: u64) -> Result<(OwnedFd, u64), Errno> {
    #[cfg(test)]
    STEPS.set(STEPS.get() + 1);
    let dir = node::folder(at, name)?;
    let stat = rustix::fs::fstat(&dir)?;
    if stat.st_dev as u64 != device {
        return Err(Errno::XDEV);
    }
    Ok((dir, stat.st_ino as u64))
}

#[cfg(test)]
thread_local! {
    /// How many this thread took.
    pub(super) static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(move |_| !path.is_empty())
}

/// How many names it has.
fn depth(path: &str) -> usize {
    match path {
        "" => 0,
        path => 1 + path.bytes().filter(|byte| *byte == b'/').count(),
    }
}

/// The names that both begin with.
fn common<'a>(one: &'a str, other: &str) -> &'a str {
    let same = one.bytes().zip(other.bytes());
    let same = same.take_while(|(a, b)| a == b).count();
    let ends = |path: &str| path.len() == same || path.as_bytes().get(same) == Some(&b'/');
    if ends(one) && ends(other) {
        return one.get(..same).unwrap_or_default();
    }
    let end = one
        .as_bytes()
        .iter()
        .take(same)
        .rposition(|byte| *byte == b'/');
    one.get(..end.unwrap_or(0)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
