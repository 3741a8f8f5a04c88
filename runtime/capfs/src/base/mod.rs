//! Changing one name in one open directory of the base, at once: what `direct` writes are made of.
//!
//! As in `open`, every function takes a single name and follows nothing: a name is no path, and a link is a link.
//! None of them asks for rights, guards or quota, that was done above.

use crate::ErrorCode;
use crate::at::{Device, Opened, on_device, one};
use crate::facts::{SetTime, Times};
use crate::guard::OURS;
use cap_fs_ext::{FollowSymlinks, OpenOptionsFollowExt, OpenOptionsSyncExt};
use cap_std::fs::{
    Dir, File, Metadata, MetadataExt, OpenOptions, OpenOptionsExt, Permissions, PermissionsExt,
};
use rustix::fs::{AtFlags, Mode, OFlags, RenameFlags, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

/// A new, empty file, open to read and write. `mode` is cut by the process's mask.
///
/// # Errors
///
/// [`Exist`](ErrorCode::Exist) when the name stands for anything, a link included.
pub(crate) fn create(parent: &Dir, name: &OsStr, mode: u32) -> Result<File, ErrorCode> {
    let mut options = writing();
    options.create_new(true).mode(mode & 0o777);
    Ok(parent.open_with(one(name)?, &options)?)
}

/// An existing regular file, open to read and write, with what it is.
///
/// # Errors
///
/// [`NotPermitted`](ErrorCode::NotPermitted) when it has more names than this one: they may be outside of the grant.
/// [`IsDirectory`](ErrorCode::IsDirectory), [`Unsupported`](ErrorCode::Unsupported) for what is no file.
pub(crate) fn writable(
    parent: &Dir,
    name: &OsStr,
    device: Device,
) -> Result<Opened<(File, Metadata)>, ErrorCode> {
    // First a look at the name: opening a device to write can do something by itself. The descriptor decides.
    let before = parent.symlink_metadata(one(name)?)?;
    if before.file_type().is_symlink() {
        return Ok(Opened::Link(parent.read_link_contents(name)?));
    }
    regular(&before, device)?;
    match parent.open_with(name, &writing()) {
        Ok(file) => {
            let metadata = file.metadata()?;
            regular(&metadata, device)?;
            if metadata.nlink() > 1 {
                return Err(ErrorCode::NotPermitted);
            }
            Ok(Opened::It((file, metadata)))
        }
        // It was none a moment ago.
        Err(error) if Errno::from_io_error(&error) == Some(Errno::LOOP) => Err(ErrorCode::Busy),
        Err(error) => Err(error.into()),
    }
}

fn regular(metadata: &Metadata, device: Device) -> Result<(), ErrorCode> {
    on_device(metadata, device)?;
    let kind = metadata.file_type();
    if kind.is_dir() {
        Err(ErrorCode::IsDirectory)
    } else if kind.is_file() {
        Ok(())
    } else {
        Err(ErrorCode::Unsupported)
    }
}

/// A new, empty directory.
///
/// # Errors
///
/// [`Exist`](ErrorCode::Exist) when the name stands for anything.
pub(crate) fn make_dir(parent: &Dir, name: &OsStr) -> Result<(), ErrorCode> {
    let mode = Mode::RWXU | Mode::RWXG | Mode::RWXO;
    Ok(rustix::fs::mkdirat(parent, one(name)?, mode)?)
}

/// A new symbolic link that says `target`. Whether it may say that is decided above.
///
/// # Errors
///
/// [`Exist`](ErrorCode::Exist) when the name stands for anything.
pub(crate) fn make_link(parent: &Dir, target: &str, name: &OsStr) -> Result<(), ErrorCode> {
    Ok(rustix::fs::symlinkat(target, parent, one(name)?)?)
}

/// Remove whatever is no directory.
///
/// # Errors
///
/// [`IsDirectory`](ErrorCode::IsDirectory).
pub(crate) fn remove_file(parent: &Dir, name: &OsStr) -> Result<(), ErrorCode> {
    match rustix::fs::unlinkat(parent, one(name)?, AtFlags::empty()) {
        // What POSIX says of a directory, and Linux does not.
        Err(Errno::PERM) if is_dir(parent, name) => Err(ErrorCode::IsDirectory),
        done => Ok(done?),
    }
}

/// Remove an empty directory.
///
/// # Errors
///
/// [`NotEmpty`](ErrorCode::NotEmpty), [`NotDirectory`](ErrorCode::NotDirectory).
pub(crate) fn remove_dir(parent: &Dir, name: &OsStr) -> Result<(), ErrorCode> {
    match rustix::fs::unlinkat(parent, one(name)?, AtFlags::REMOVEDIR) {
        // Both are said of a directory with something in it.
        Err(Errno::EXIST) => Err(ErrorCode::NotEmpty),
        done => Ok(done?),
    }
}

/// Give something another name, in one step. With `replace`, what had that name is gone: a file or link for a file or
/// link, an empty directory for a directory.
///
/// # Errors
///
/// [`Exist`](ErrorCode::Exist) when the name stands for anything and is not to be replaced;
/// [`NotEmpty`](ErrorCode::NotEmpty), [`NotDirectory`](ErrorCode::NotDirectory),
/// [`IsDirectory`](ErrorCode::IsDirectory) when it stands for what cannot be replaced; [`Invalid`](ErrorCode::Invalid)
/// for a directory that would be in itself; [`CrossDevice`](ErrorCode::CrossDevice).
pub(crate) fn rename(
    from: &Dir,
    name: &OsStr,
    to: &Dir,
    to_name: &OsStr,
    replace: bool,
) -> Result<(), ErrorCode> {
    let (name, to_name) = (one(name)?, one(to_name)?);
    let renamed = if replace {
        rustix::fs::renameat(from, name, to, to_name)
    } else {
        match rustix::fs::renameat_with(from, name, to, to_name, RenameFlags::NOREPLACE) {
            // The filesystem cannot do it in one step, or it is not to be done at all: the second try tells.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                match to.symlink_metadata(to_name) {
                    Ok(_) => Err(Errno::EXIST),
                    Err(_) => rustix::fs::renameat(from, name, to, to_name),
                }
            }
            done => done,
        }
    };
    match renamed {
        // Both are said of a directory with something in it.
        Err(Errno::EXIST) if replace => Err(ErrorCode::NotEmpty),
        done => Ok(done?),
    }
}

/// Set the times of what is open.
pub(crate) fn set_times(file: &File, times: Times) -> Result<(), ErrorCode> {
    Ok(rustix::fs::futimens(file, &timestamps(times))?)
}

/// Set the times of a name; those of a link itself.
pub(crate) fn set_times_at(parent: &Dir, name: &OsStr, times: Times) -> Result<(), ErrorCode> {
    Ok(rustix::fs::utimensat(
        parent,
        one(name)?,
        &timestamps(times),
        AtFlags::SYMLINK_NOFOLLOW,
    )?)
}

fn timestamps(times: Times) -> Timestamps {
    let special = |tv_nsec| Timespec { tv_sec: 0, tv_nsec };
    let time = |time| match time {
        SetTime::Keep => special(UTIME_OMIT),
        SetTime::Now => special(UTIME_NOW),
        SetTime::At((tv_sec, nanos)) => Timespec {
            tv_sec,
            // More than a second's worth would be one of the special values.
            tv_nsec: nanos.min(999_999_999).into(),
        },
    };
    Timestamps {
        last_access: time(times.accessed),
        last_modification: time(times.modified),
    }
}

/// All contents of a file in one step: whoever looks sees old or new. A file that was there is replaced by a new one,
/// a link by a file. `mode` is taken as it is; none is that of a new file.
///
/// # Errors
///
/// [`IsDirectory`](ErrorCode::IsDirectory). On any error nothing is left behind and the name stands for what it did.
pub(crate) fn replace(
    parent: &Dir,
    name: &OsStr,
    bytes: &[u8],
    mode: Option<u32>,
) -> Result<(), ErrorCode> {
    let name = one(name)?;
    let (mut file, beside) = temporary(parent, mode)?;
    let placed = (|| {
        file.write_all(bytes)?;
        if let Some(mode) = mode {
            // The process's mask had a part in how it was made.
            file.set_permissions(Permissions::from_mode(mode & 0o777))?;
        }
        Ok(rustix::fs::renameat(parent, &beside, parent, name)?)
    })();
    if placed.is_err() {
        // There is nothing better to do when this fails too: the name is one that handles do not see.
        let _ = rustix::fs::unlinkat(parent, &beside, AtFlags::empty());
    }
    placed
}

/// A new file under a name that no handle sees.
fn temporary(parent: &Dir, mode: Option<u32>) -> Result<(File, OsString), ErrorCode> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = OsString::from(format!("{OURS}{}-{number}", std::process::id()));
        // Nobody but the owner reads it before it has the mode that it shall have.
        let mode = if mode.is_some() { 0o600 } else { 0o666 };
        match create(parent, &name, mode) {
            // Left behind by a process that had the same number.
            Err(ErrorCode::Exist) => {}
            made => return Ok((made?, name)),
        }
    }
}

fn is_dir(parent: &Dir, name: &OsStr) -> bool {
    parent
        .symlink_metadata(name)
        .is_ok_and(|metadata| metadata.is_dir())
}

/// To read and write, without following, without waiting, without becoming anybody's terminal.
fn writing() -> OpenOptions {
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .follow(FollowSymlinks::No)
        .nonblock(true)
        .custom_flags(OFlags::NOCTTY.bits().cast_signed());
    options
}

#[cfg(test)]
#[allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test makes its own files"
)]
mod tests;
