//! One name in one open directory of the base, to look at it: the only place where such a name meets the kernel.
//!
//! Every function here takes a single name, never a path, and follows nothing. cap-std adds a second fence around the
//! same call (`RESOLVE_BENEATH` on Linux), but for [`node`], which says why. What was opened is judged by its descriptor, never by what the name stood
//! for before or after. Neither guards nor layers are known here: that is [`open`](crate::open), which everything else
//! goes through.

use crate::{ErrorCode, ambient};
use cap_fs_ext::{DirExt, FollowSymlinks, OpenOptionsFollowExt, OpenOptionsSyncExt};
use cap_std::fs::{Dir, File, Metadata, MetadataExt, OpenOptions, OpenOptionsExt};
use rustix::fs::{FileType, Mode, OFlags, Stat, fstat, openat};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// Where what is opened has to lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Device {
    /// The filesystem of the grant's root.
    number: u64,
    /// Whether others that are mounted below it count as inside.
    cross_mounts: bool,
    /// Whether also those for which others answer.
    remote: bool,
}

impl Device {
    pub(crate) fn new(number: u64, cross_mounts: bool, remote: bool) -> Self {
        Self {
            number,
            cross_mounts,
            remote,
        }
    }

    pub(crate) fn crosses_mounts(self) -> bool {
        self.cross_mounts
    }

    pub(crate) fn is_remote(self) -> bool {
        self.remote
    }
}

/// What opening a name led to.
pub(crate) enum Opened<T> {
    /// What was wanted.
    It(T),
    /// A symbolic link, with what it says. Nothing was followed.
    Link(PathBuf),
}

/// A descriptor to read from, judged.
pub(crate) enum Node {
    /// A regular file, and what the system says of it.
    File(File, Stat),
    /// A directory.
    Dir(Dir),
}

/// Open a directory to look up names in it. It need not be readable, only searchable.
pub(crate) fn dir(parent: &Dir, name: &OsStr, device: Device) -> Result<Opened<Dir>, ErrorCode> {
    match parent.open_dir_nofollow(one(name)?) {
        Ok(dir) => {
            inside(&dir, dir.dir_metadata()?.dev(), device)?;
            Ok(Opened::It(dir))
        }
        // A link and a file fail alike: what the name says as a link tells them apart.
        Err(error) if is(&error, Errno::NOTDIR) || is(&error, Errno::LOOP) => {
            match parent.read_link_contents(name) {
                Ok(target) => Ok(Opened::Link(target)),
                Err(error) if is(&error, Errno::INVAL) => Err(ErrorCode::NotDirectory),
                Err(error) => Err(error.into()),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// Open a directory to list it. A link is [`NotDirectory`](ErrorCode::NotDirectory).
pub(crate) fn listable(
    parent: &Dir,
    name: &OsStr,
    device: Device,
) -> Result<(Dir, Metadata), ErrorCode> {
    let mut options = reading();
    options.custom_flags(flags(OFlags::DIRECTORY));
    let file = parent.open_with(one(name)?, &options)?;
    let metadata = file.metadata()?;
    inside(&file, metadata.dev(), device)?;
    Ok((Dir::from_std_file(file.into_std()), metadata))
}

/// Open the directory itself once more, to list it.
pub(crate) fn listable_again(dir: &Dir) -> Result<Dir, ErrorCode> {
    let mut options = reading();
    options.custom_flags(flags(OFlags::DIRECTORY));
    Ok(Dir::from_std_file(dir.open_with(".", &options)?.into_std()))
}

/// Open a regular file to read it, or a directory. Neither a FIFO nor a device can make this wait: `O_NONBLOCK`
/// comes first, then the descriptor is asked what it is.
///
/// The one function that asks the kernel without cap-std, since it is what reading many small files costs. The name is
/// a single one, which is never `..`, and is not followed: there is nothing that could lead elsewhere.
pub(crate) fn node(parent: &Dir, name: &OsStr, device: Device) -> Result<Opened<Node>, ErrorCode> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    match openat(parent, one(name)?, flags | OFlags::CLOEXEC, Mode::empty()) {
        Ok(opened) => {
            let stat = fstat(&opened)?;
            inside(&opened, dev(&stat), device)?;
            let opened = std::fs::File::from(opened);
            match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => Ok(Opened::It(Node::File(File::from_std(opened), stat))),
                FileType::Directory => Ok(Opened::It(Node::Dir(Dir::from_std_file(opened)))),
                _ => Err(ErrorCode::Unsupported),
            }
        }
        Err(Errno::LOOP) => match parent.read_link_contents(name) {
            Ok(target) => Ok(Opened::Link(target)),
            // It was a link a moment ago.
            Err(error) if is(&error, Errno::INVAL) => Err(ErrorCode::Busy),
            Err(error) => Err(error.into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// Facts about a name, without opening it: a link is a link.
pub(crate) fn facts(parent: &Dir, name: &OsStr, device: Device) -> Result<Metadata, ErrorCode> {
    let metadata = parent.symlink_metadata(one(name)?)?;
    on_device(&metadata, device)?;
    Ok(metadata)
}

/// What the link of that name says. [`Invalid`](ErrorCode::Invalid) when it is not a link.
pub(crate) fn link(parent: &Dir, name: &OsStr) -> Result<PathBuf, ErrorCode> {
    Ok(parent.read_link_contents(one(name)?)?)
}

/// Check that something lies on the grant's filesystem, or on one that counts as inside.
pub(crate) fn on_device(metadata: &Metadata, device: Device) -> Result<(), ErrorCode> {
    lies_on(metadata.dev(), device)
}

fn lies_on(number: u64, device: Device) -> Result<(), ErrorCode> {
    if number == device.number || device.cross_mounts {
        Ok(())
    } else {
        Err(ErrorCode::CrossDevice)
    }
}

/// As [`on_device`], for what is open: a filesystem that is not for files never counts as inside.
fn inside(opened: impl AsFd, number: u64, device: Device) -> Result<(), ErrorCode> {
    lies_on(number, device)?;
    if number == device.number {
        return Ok(());
    }
    let is_special = ambient::special(&opened, number)?.is_some();
    if is_special || (!device.remote && ambient::remote(opened)?.is_some()) {
        return Err(ErrorCode::CrossDevice);
    }
    Ok(())
}

/// The number of the filesystem that something lies on.
#[allow(
    clippy::unnecessary_cast,
    reason = "the field's type differs by system"
)]
fn dev(stat: &Stat) -> u64 {
    stat.st_dev as u64
}

/// Bytes of a regular file.
pub(crate) fn size(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}

/// Read-only, without following, without waiting, without becoming anybody's terminal.
fn reading() -> OpenOptions {
    let mut options = OpenOptions::new();
    options
        .read(true)
        .follow(FollowSymlinks::No)
        .nonblock(true)
        .custom_flags(flags(OFlags::NOCTTY));
    options
}

fn flags(flags: OFlags) -> i32 {
    (flags | OFlags::NOCTTY).bits().cast_signed()
}

/// The name itself, if it is one: neither a path nor a step. The grammar and the resolver see to that; this is where
/// it would end if they did not.
pub(crate) fn one(name: &OsStr) -> Result<&OsStr, ErrorCode> {
    let bytes = name.as_bytes();
    if bytes.is_empty() || bytes == b"." || bytes == b".." || bytes.contains(&b'/') {
        return Err(ErrorCode::NotPermitted);
    }
    Ok(name)
}

fn is(error: &io::Error, errno: Errno) -> bool {
    Errno::from_io_error(error) == Some(errno)
}
