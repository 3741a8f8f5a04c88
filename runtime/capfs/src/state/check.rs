//! Whether something is still what it was.

use super::entry::{Object, Thing};
use super::ground::Ground;
use super::node;
use crate::ErrorCode;
use crate::version::{Digest, Stamp, Version};
use rustix::fs::{FileType, Stat};
use rustix::io::Errno;
use std::os::fd::AsFd;

/// Whether the regular file of that name has this version. `stat` is what the name stood for.
pub(super) fn version(
    dir: impl AsFd,
    name: &str,
    stat: &Stat,
    version: &Version,
) -> Result<bool, ErrorCode> {
    if node::kind(stat) != FileType::RegularFile {
        return Ok(false);
    }
    let now = Stamp::of_stat(stat);
    match version.digest {
        _ if version.stamp.proves(&now) => Ok(true),
        // Contents of another length need not be read.
        Some(_) if version.stamp.size != now.size => Ok(false),
        Some(digest) => Ok(contents(dir, name)? == Some(digest)),
        None => Ok(version.stamp == now),
    }
}

/// What `path` stands for, if that is what `object` says, by what is in it.
pub(super) fn accepted(
    ground: &Ground,
    path: &str,
    object: &Object,
) -> Result<Option<Stat>, ErrorCode> {
    let Some((dir, stat)) = ground.look(path)? else {
        return Ok(None);
    };
    Ok(is(dir, path, &stat, object)?.then_some(stat))
}

fn is(dir: impl AsFd, path: &str, stat: &Stat, object: &Object) -> Result<bool, ErrorCode> {
    let (_, name) = path.rsplit_once('/').unwrap_or(("", path));
    match &object.thing {
        Thing::Whole => Ok(stat.st_ino == object.inode),
        Thing::Folder | Thing::Tree(_) => {
            Ok(stat.st_ino == object.inode && node::kind(stat) == FileType::Directory)
        }
        Thing::Link(target) => {
            Ok(node::kind(stat) == FileType::Symlink
                && link(&dir, name)?.as_deref() == Some(target))
        }
        Thing::File { stamp, digest } => {
            let now = Stamp::of_stat(stat);
            if node::kind(stat) != FileType::RegularFile {
                return Ok(false);
            }
            if stamp.is_some_and(|stamp| stamp.proves(&now)) {
                return Ok(true);
            }
            match digest {
                Some(digest) => match contents(&dir, name) {
                    // We may have put it there ourselves with permissions that keep us out.
                    Err(ErrorCode::Access) => Ok(is_same(object, stamp.as_ref(), &now)),
                    found => Ok(found? == Some(*digest)),
                },
                // Without a digest it is known by what a rename leaves alone.
                None => Ok(is_same(object, stamp.as_ref(), &now)),
            }
        }
    }
}

/// Whether what was just moved to a slot is what it was when it was looked at in its place: a rename changes the time of the last change,
/// and nothing else.
pub(super) fn arrived(stat: &Stat, object: &Object) -> bool {
    let now = Stamp::of_stat(stat);
    let same = match &object.thing {
        Thing::File {
            stamp: Some(stamp), ..
        } => stands(stamp, &now) && node::kind(stat) == FileType::RegularFile,
        _ => true,
    };
    same && now.inode == object.inode
}

fn is_same(object: &Object, stamp: Option<&Stamp>, now: &Stamp) -> bool {
    now.inode == object.inode && stamp.is_none_or(|stamp| stands(stamp, now))
}

fn stands(was: &Stamp, now: &Stamp) -> bool {
    (was.size, was.modified) == (now.size, now.modified)
}

/// The digest of a regular file; none when the name stands for something else.
pub(super) fn contents(dir: impl AsFd, name: &str) -> Result<Option<Digest>, ErrorCode> {
    let file = match node::file(dir, name) {
        Ok(file) => file,
        Err(Errno::NOENT | Errno::LOOP | Errno::NXIO) => return Ok(None),
        Err(errno) => return Err(errno.into()),
    };
    if node::kind(&rustix::fs::fstat(&file)?) != FileType::RegularFile {
        return Ok(None);
    }
    Digest::of_fd(&file).map(Some)
}

/// What a link says; none when it is not one, or says what is not UTF-8.
pub(super) fn link(dir: impl AsFd, name: &str) -> Result<Option<String>, Errno> {
    match rustix::fs::readlinkat(dir, name, Vec::new()) {
        Ok(target) => Ok(target.into_string().ok()),
        Err(Errno::INVAL | Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno),
    }
}
