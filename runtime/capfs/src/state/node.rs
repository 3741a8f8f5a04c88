//! One name in one open folder, for the state folder's own work and for the steps of a transaction.
//!
//! Every function takes a single name and follows no link. Errors are the system's: who calls knows what they mean.

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use rustix::path::Arg;
use std::collections::hash_map::RandomState;
use std::ffi::{OsStr, OsString};
use std::hash::{BuildHasher, Hasher};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a folder is opened with to look names up in it: it need not be readable.
#[cfg(target_os = "linux")]
const LOOK: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const LOOK: OFlags = OFlags::RDONLY;

/// What every open has: the name is not followed if it is a link, and nothing waits.
const NEVER: OFlags = OFlags::NOFOLLOW
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY);

/// A folder, to look up names in.
pub(crate) fn folder(at: impl AsFd, name: impl Arg) -> Result<OwnedFd, Errno> {
    let flags = LOOK | OFlags::DIRECTORY | NEVER;
    rustix::fs::openat(at, name, flags, Mode::empty())
}

/// A folder, to list, lock or sync it.
pub(crate) fn readable_folder(at: impl AsFd, name: impl Arg) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | NEVER;
    rustix::fs::openat(at, name, flags, Mode::empty())
}

/// A folder of ours, made if it is not there.
pub(crate) fn own_folder(at: impl AsFd, name: &str) -> Result<OwnedFd, Errno> {
    match rustix::fs::mkdirat(at.as_fd(), name, Mode::from_raw_mode(0o700)) {
        Ok(()) | Err(Errno::EXIST) => readable_folder(at, name),
        Err(errno) => Err(errno),
    }
}

/// A file, to read it.
pub(crate) fn file(at: impl AsFd, name: impl Arg) -> Result<OwnedFd, Errno> {
    rustix::fs::openat(at, name, OFlags::RDONLY | NEVER, Mode::empty())
}

/// A file of ours, to read and write.
pub(crate) fn file_to_write(at: impl AsFd, name: impl Arg) -> Result<OwnedFd, Errno> {
    rustix::fs::openat(at, name, OFlags::RDWR | NEVER, Mode::empty())
}

/// A new file, to read and write.
pub(crate) fn new_file(at: impl AsFd, name: impl Arg) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | NEVER;
    rustix::fs::openat(at, name, flags, Mode::from_raw_mode(0o600))
}

/// What a name stands for; a link is a link.
pub(crate) fn stat(at: impl AsFd, name: impl Arg) -> Result<Stat, Errno> {
    rustix::fs::statat(at, name, AtFlags::SYMLINK_NOFOLLOW)
}

/// Likewise; none when it stands for nothing.
pub(crate) fn lookup(at: impl AsFd, name: impl Arg) -> Result<Option<Stat>, Errno> {
    match stat(at, name) {
        Ok(stat) => Ok(Some(stat)),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno),
    }
}

/// What sort of thing it is.
pub(crate) fn kind(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

/// A name that nothing else has: of this process, and for others not to guess.
pub(crate) fn unique() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(COUNT.fetch_add(1, Ordering::Relaxed));
    format!("{}-{:016x}", std::process::id(), hasher.finish())
}

/// Write everything, wherever the file stands.
pub(crate) fn write_all(file: impl AsFd, mut bytes: &[u8], mut offset: u64) -> Result<(), Errno> {
    while !bytes.is_empty() {
        let written =
            rustix::io::retry_on_intr(|| rustix::io::pwrite(file.as_fd(), bytes, offset))?;
        if written == 0 {
            return Err(Errno::IO);
        }
        bytes = bytes.get(written..).unwrap_or_default();
        offset += written as u64;
    }
    Ok(())
}

/// Read everything, from the beginning.
pub(crate) fn read_all(file: impl AsFd) -> Result<Vec<u8>, Errno> {
    let mut all = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let offset = all.len() as u64;
        let read =
            rustix::io::retry_on_intr(|| rustix::io::pread(file.as_fd(), &mut buffer[..], offset))?;
        if read == 0 {
            return Ok(all);
        }
        all.extend_from_slice(&buffer[..read]);
    }
}

/// Write a file so that the name stands for all of it, or for what it stood for before, whatever happens.
pub(crate) fn replace(at: impl AsFd, name: &str, bytes: &[u8]) -> Result<(), Errno> {
    let at = at.as_fd();
    let temporary = format!("{name}.{}", unique());
    let done = new_file(at, &temporary).and_then(|file| {
        write_all(&file, bytes, 0)?;
        rustix::fs::fsync(&file)?;
        rustix::fs::renameat(at, temporary.as_str(), at, name)?;
        rustix::fs::fsync(at)
    });
    if done.is_err() {
        let _ = rustix::fs::unlinkat(at, temporary.as_str(), AtFlags::empty());
    }
    done
}

/// Hand every name in a folder to `each`, in no order, until it fails.
pub(crate) fn each_name<E: From<Errno>>(
    at: impl AsFd,
    mut each: impl FnMut(&OsStr) -> Result<(), E>,
) -> Result<(), E> {
    for entry in rustix::fs::Dir::read_from(at)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            each(OsStr::from_bytes(name))?;
        }
    }
    Ok(())
}

/// Names in a folder, in no order.
pub(crate) fn all_names(at: impl AsFd) -> Result<Vec<OsString>, Errno> {
    let mut names = Vec::new();
    each_name(at, |name| {
        names.push(name.to_owned());
        Ok::<_, Errno>(())
    })?;
    Ok(names)
}

/// Likewise, without those that are not UTF-8: nothing of ours is called so.
pub(crate) fn names(at: impl AsFd) -> Result<Vec<String>, Errno> {
    let names = all_names(at)?.into_iter();
    Ok(names.filter_map(|name| name.into_string().ok()).collect())
}

/// Set permission bits of what a name stands for, if that is what `inode` says; a link has none.
pub(crate) fn set_mode(at: impl AsFd, name: impl Arg, inode: u64, mode: u32) -> Result<(), Errno> {
    let flags = LOOK | NEVER;
    let found = rustix::fs::openat(at, name, flags, Mode::empty())?;
    if rustix::fs::fstat(&found)?.st_ino != inode {
        return Err(Errno::STALE);
    }
    let mode = Mode::from_bits_truncate(mode & 0o7777);
    #[cfg(target_os = "linux")]
    {
        // The descriptor cannot be written through, and opening the file for real takes permissions that it may not give.
        use std::os::fd::AsRawFd;
        rustix::fs::chmod(format!("/proc/self/fd/{}", found.as_raw_fd()), mode)
    }
    #[cfg(not(target_os = "linux"))]
    rustix::fs::fchmod(found, mode)
}

/// Remove a file or link that may be gone already.
pub(crate) fn remove_file(at: impl AsFd, name: impl Arg) -> Result<(), Errno> {
    match rustix::fs::unlinkat(at, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(errno),
    }
}
