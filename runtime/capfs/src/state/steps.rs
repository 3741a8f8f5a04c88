//! One step: one rename, and a look at what it moved.
//!
//! Who made a step can be told afterwards from its slot alone, which is nobody's but ours: a take fills it, a put empties it,
//! a swap leaves something else in it than what goes in place.

use super::entry::{Act, Object, Step, Thing};
use super::ground::Ground;
use super::{check, fingerprint, node};
use crate::ErrorCode;
use crate::change_set::Attributes;
use crate::version::{Stamp, Time};
use rustix::fs::{AtFlags, FileType, RenameFlags, Timespec, Timestamps};
use rustix::io::Errno;
use std::os::fd::AsFd;

/// Why a step was not made. Nothing moved then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The path does not stand for what it should.
    Conflict,
    /// The system refused.
    Code(ErrorCode),
}

impl From<ErrorCode> for Failure {
    fn from(error: ErrorCode) -> Self {
        Self::Code(error)
    }
}

impl From<Errno> for Failure {
    fn from(errno: Errno) -> Self {
        Self::Code(errno.into())
    }
}

/// What the second slot of a swap is called, where names cannot be exchanged.
pub(super) fn second(slot: &str) -> String {
    format!("{slot}.old")
}

/// Whether the step was made.
pub(super) fn is_done(ground: &Ground, step: &Step) -> Result<bool, ErrorCode> {
    let slot = node::lookup(&ground.slots, step.slot.as_str())?;
    let marked = match &step.mark {
        Some(mark) => node::lookup(&ground.slots, mark.as_str())?.is_some(),
        None => false,
    };
    match &step.act {
        Act::Take(_) if marked => Ok(true),
        Act::Put(_) if step.mark.is_some() => Ok(marked && slot.is_none()),
        Act::Take(_) => match slot {
            // A link that was made on the way there, where a rename could replace something: the other name is still to go.
            Some(slot) if slot.st_nlink > 1 && node::kind(&slot) != FileType::Directory => {
                let there = ground.look(&step.path)?;
                Ok(there.is_none_or(|(_, there)| there.st_ino != slot.st_ino))
            }
            slot => Ok(slot.is_some()),
        },
        Act::Put(_) => Ok(slot.is_none()),
        Act::Swap { new, .. } => {
            let second = second(&step.slot);
            match slot {
                Some(slot) => Ok(slot.st_ino != new.inode),
                None if node::lookup(&ground.slots, second.as_str())?.is_some() => {
                    rustix::fs::renameat(
                        &ground.slots,
                        second.as_str(),
                        &ground.slots,
                        step.slot.as_str(),
                    )?;
                    Ok(true)
                }
                None => Err(ErrorCode::NoEntry),
            }
        }
        // Making it twice is the same as once.
        Act::Attributes { .. } => Ok(false),
    }
}

/// Whether a put was cut off between the new name and the old one, where a rename could replace something: both are there.
fn is_half_put(ground: &Ground, step: &Step) -> Result<bool, ErrorCode> {
    let Some(slot) = node::lookup(&ground.slots, step.slot.as_str())? else {
        return Ok(false);
    };
    let there = ground.look(&step.path)?;
    Ok(node::kind(&slot) != FileType::Directory
        && there.is_some_and(|(_, there)| there.st_ino == slot.st_ino))
}

/// Make it. `plain` for a filesystem that can only rename.
pub(super) fn make(ground: &Ground, step: &mut Step, plain: bool) -> Result<(), Failure> {
    let (dir, name) = match ground.parent(&step.path) {
        Ok(found) => found,
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::XDEV) => {
            return Err(Failure::Conflict);
        }
        Err(errno) => return Err(errno.into()),
    };
    let (slots, slot) = (&ground.slots, step.slot.as_str());
    if !matches!(step.act, Act::Attributes { .. }) {
        ground.moving(&step.path);
    }
    match &step.act {
        Act::Take(object) => {
            moved(&dir, name, slots, slot, plain).map_err(gone)?;
            if !intact(ground, slot, object)? {
                // It was replaced since we looked. Whatever it is, it belongs where it was.
                moved(slots, slot, &dir, name, plain)?;
                return Err(Failure::Conflict);
            }
        }
        Act::Put(_) => {
            if let Some(mark) = &step.mark {
                match node::new_file(slots, mark.as_str()) {
                    Ok(_) | Err(Errno::EXIST) => {}
                    Err(errno) => return Err(errno.into()),
                }
            }
            moved(slots, slot, &dir, name, plain).map_err(|errno| match errno {
                Errno::EXIST | Errno::NOTEMPTY => Failure::Conflict,
                errno => errno.into(),
            })?;
        }
        Act::Swap { old, .. } => {
            swapped(ground, slot, &dir, name, plain).map_err(gone)?;
            if !intact(ground, slot, old)? {
                swapped(ground, slot, &dir, name, plain)?;
                return Err(Failure::Conflict);
            }
        }
        Act::Attributes { of, new, .. } => {
            let stat = node::stat(&dir, name).map_err(gone)?;
            if stat.st_ino != of.inode {
                return Err(Failure::Conflict);
            }
            set(&dir, name, of.inode, new)?;
        }
    }
    stamp(ground, step);
    Ok(())
}

/// Take back a step, if it was made.
pub(super) fn unmake(ground: &Ground, step: &Step, plain: bool) -> Result<(), Failure> {
    let made = match step.act {
        // Setting them back where they were not set does nothing.
        Act::Attributes { .. } => true,
        Act::Put(_) => is_done(ground, step)? || is_half_put(ground, step)?,
        _ => is_done(ground, step)?,
    };
    if made {
        let mut inverse = step.inverse();
        inverse.mark = None;
        if let Act::Take(of) | Act::Swap { old: of, .. } = &mut inverse.act
            && matches!(of.thing, Thing::File { .. })
        {
            // What somebody wrote to it meanwhile is theirs.
            let accepted = check::accepted(ground, &step.path, of)?.ok_or(Failure::Conflict)?;
            of.found(&accepted);
        }
        match (make(ground, &mut inverse, plain), &step.act) {
            // It was not set yet: what it was to be set on is not in its place.
            (Err(Failure::Conflict), Act::Attributes { .. }) => {}
            (unmade, _) => unmade?,
        }
    }
    if let (Act::Put(_), Some(mark)) = (&step.act, &step.mark) {
        node::remove_file(&ground.slots, mark.as_str())?;
    }
    Ok(())
}

/// Check a step that somebody made: what it took is what it was meant to take.
pub(super) fn verify(ground: &Ground, step: &mut Step) -> Result<(), Failure> {
    let expected = match &step.act {
        // It may be in its new place already.
        Act::Take(_) if step.mark.is_some() => return Ok(()),
        Act::Take(object) => object,
        Act::Swap { old, .. } => old,
        // No stamp is taken of what was put: others may have written to it since, and that would not be told any more.
        Act::Put(_) | Act::Attributes { .. } => return Ok(()),
    };
    if !intact(ground, &step.slot, expected)? {
        return Err(Failure::Conflict);
    }
    Ok(())
}

fn gone(errno: Errno) -> Failure {
    match errno {
        Errno::NOENT => Failure::Conflict,
        errno => errno.into(),
    }
}

/// Whether what is in the slot is what was looked at, and nobody put anything in a directory that we made.
fn intact(ground: &Ground, slot: &str, object: &Object) -> Result<bool, ErrorCode> {
    let stat = node::stat(&ground.slots, slot)?;
    if !check::arrived(&stat, object) {
        return Ok(false);
    }
    if let Thing::File {
        stamp: Some(stamp),
        digest: Some(digest),
    } = &object.thing
        && stamp.is_recent()
    {
        // It can have been written to within the same tick.
        return Ok(check::contents(&ground.slots, slot)? == Some(*digest));
    }
    if let Thing::Tree(print) = &object.thing {
        let folder = node::readable_folder(&ground.slots, slot)?;
        return Ok(fingerprint::take(folder)?.digest == *print);
    }
    if object.thing == Thing::Folder {
        let folder = node::readable_folder(&ground.slots, slot)?;
        return Ok(node::all_names(folder)?.is_empty());
    }
    Ok(true)
}

/// Note how the result looks in its place.
fn stamp(ground: &Ground, step: &mut Step) {
    let path = step.path.clone();
    if let Some(object) = step.result()
        && let Thing::File { stamp, .. } = &mut object.thing
    {
        let found = ground.look(&path).ok().flatten().map(|(_, stat)| stat);
        *stamp = found
            .filter(|stat| stat.st_ino == object.inode)
            .map(|stat| Stamp::of_stat(&stat));
    }
}

/// Whether the system or the filesystem does not know the flag.
fn unknown(errno: Errno) -> bool {
    matches!(errno, Errno::INVAL | Errno::NOSYS | Errno::NOTSUP)
}

/// Rename, never over anything.
fn moved(from: impl AsFd, name: &str, to: impl AsFd, new: &str, plain: bool) -> Result<(), Errno> {
    let (from, to) = (from.as_fd(), to.as_fd());
    if !plain {
        match rustix::fs::renameat_with(from, name, to, new, RenameFlags::NOREPLACE) {
            Err(errno) if unknown(errno) => {}
            // Somebody who could not do it so was here before, and was cut off between the two names.
            Err(Errno::EXIST) if is_twin(from, name, to, new)? => {
                return node::remove_file(from, name);
            }
            done => return done,
        }
    }
    let stat = node::stat(from, name)?;
    if node::kind(&stat) != FileType::Directory {
        match rustix::fs::linkat(from, name, to, new, AtFlags::empty()) {
            Ok(()) => return node::remove_file(from, name),
            // Somebody was here before, and was cut off between the two.
            Err(Errno::EXIST) if node::stat(to, new)?.st_ino == stat.st_ino => {
                return node::remove_file(from, name);
            }
            Err(Errno::PERM | Errno::NOTSUP | Errno::MLINK | Errno::NOSYS) => {}
            Err(errno) => return Err(errno),
        }
    }
    if node::lookup(to, new)?.is_some() {
        return Err(Errno::EXIST);
    }
    rustix::fs::renameat(from, name, to, new)
}

/// Whether two names are those of one file.
fn is_twin(from: impl AsFd, name: &str, to: impl AsFd, new: &str) -> Result<bool, Errno> {
    let (from, to) = (node::stat(from, name)?, node::stat(to, new)?);
    Ok(from.st_ino == to.st_ino && node::kind(&from) != FileType::Directory)
}

/// Exchange a slot and a path: at every moment the path stands for one of the two.
fn swapped(
    ground: &Ground,
    slot: &str,
    dir: impl AsFd,
    name: &str,
    plain: bool,
) -> Result<(), Errno> {
    let (slots, dir) = (&ground.slots, dir.as_fd());
    if !plain {
        match rustix::fs::renameat_with(slots, slot, dir, name, RenameFlags::EXCHANGE) {
            Err(errno) if unknown(errno) => {}
            done => return done,
        }
    }
    let second = second(slot);
    node::remove_file(slots, second.as_str())?;
    rustix::fs::linkat(dir, name, slots, second.as_str(), AtFlags::empty())?;
    if let Err(errno) = rustix::fs::renameat(slots, slot, dir, name) {
        node::remove_file(slots, second.as_str())?;
        return Err(errno);
    }
    rustix::fs::renameat(slots, second.as_str(), slots, slot)
}

/// Set what is to be set.
pub(super) fn set(
    dir: impl AsFd,
    name: &str,
    inode: u64,
    attributes: &Attributes,
) -> Result<(), Errno> {
    let dir = dir.as_fd();
    if let Some(mode) = attributes.mode {
        node::set_mode(dir, name, inode, mode)?;
    }
    if attributes.accessed.is_some() || attributes.modified.is_some() {
        let times = Timestamps {
            last_access: time(attributes.accessed),
            last_modification: time(attributes.modified),
        };
        rustix::fs::utimensat(dir, name, &times, AtFlags::SYMLINK_NOFOLLOW)?;
    }
    Ok(())
}

fn time(time: Option<Time>) -> Timespec {
    match time {
        Some((seconds, nanos)) => Timespec {
            tv_sec: seconds,
            tv_nsec: nanos.into(),
        },
        None => Timespec {
            tv_sec: 0,
            tv_nsec: rustix::fs::UTIME_OMIT,
        },
    }
}
