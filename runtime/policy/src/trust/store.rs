//! Files in the folder of the store. No name is followed if it is a link, nothing waits, and whoever looks sees all of
//! a file or none.

use std::collections::hash_map::RandomState;
use std::fs::File;
use std::hash::{BuildHasher, Hasher};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;

use cap_std::fs::Dir;
use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::TrustError;
use super::record::is_file_name;

/// The bytes of one file. A path has 4,096 on most systems.
const MOST: u64 = 64 << 10;

/// Permission of others to write.
const OTHERS: Mode = Mode::WGRP.union(Mode::WOTH);

/// What every open has.
const NEVER: OFlags = OFlags::NOFOLLOW
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY);

/// Refuses a folder that others can write to.
pub(super) fn check(dir: &Dir) -> Result<(), TrustError> {
    let stat = rustix::fs::fstat(dir).map_err(system("look at its folder"))?;
    match Mode::from_raw_mode(stat.st_mode).intersects(OTHERS) {
        true => Err(TrustError::Open),
        false => Ok(()),
    }
}

/// What is in a file; none when there is none. What is wrong with it otherwise.
pub(super) fn read(dir: &Dir, name: &str) -> Result<Option<Vec<u8>>, String> {
    let opened = rustix::fs::openat(dir, name, OFlags::RDONLY | NEVER, Mode::empty());
    let file = match opened {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(None),
        Err(Errno::LOOP | Errno::MLINK) => return Err("it is a link".to_owned()),
        Err(errno) => return Err(format!("it cannot be opened: {}", said(errno))),
    };
    let failed = |errno| format!("it cannot be read: {}", said(errno));
    let stat = rustix::fs::fstat(&file).map_err(failed)?;
    let folder = rustix::fs::fstat(dir).map_err(failed)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err("it is not a regular file".to_owned());
    }
    if stat.st_uid != folder.st_uid || Mode::from_raw_mode(stat.st_mode).intersects(OTHERS) {
        return Err("others can write to it".to_owned());
    }
    let mut bytes = Vec::new();
    let read = File::from(file).take(MOST + 1).read_to_end(&mut bytes);
    read.map_err(|error| format!("it cannot be read: {error}"))?;
    match bytes.len() as u64 > MOST {
        true => Err(format!("it is larger than {MOST} bytes")),
        false => Ok(Some(bytes)),
    }
}

/// Makes a name stand for a file with these bytes, and for what it stood for before until then, whatever happens.
pub(super) fn replace(dir: &Dir, name: &str, bytes: &[u8]) -> Result<(), TrustError> {
    let temporary = format!("{name}.{}", unique());
    let done = put(dir, name, &temporary, bytes);
    if done.is_err() {
        let _ = rustix::fs::unlinkat(dir, &temporary, AtFlags::empty());
    }
    done
}

fn put(dir: &Dir, name: &str, temporary: &str, bytes: &[u8]) -> Result<(), TrustError> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | NEVER;
    let file = rustix::fs::openat(dir, temporary, flags, Mode::from_raw_mode(0o600));
    let mut file = File::from(file.map_err(system("make a file"))?);
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|reason| TrustError::System {
        what: "write a file",
        reason,
    })?;
    rustix::fs::renameat(dir, temporary, dir, name).map_err(system("put a file in its place"))?;
    sync(dir)
}

/// Removes a name. Whether there was one.
pub(super) fn remove(dir: &Dir, name: &str) -> Result<bool, TrustError> {
    match rustix::fs::unlinkat(dir, name, AtFlags::empty()) {
        Ok(()) => sync(dir).map(|()| true),
        Err(Errno::NOENT) => Ok(false),
        Err(errno) => Err(system("remove a file")(errno)),
    }
}

/// The names of files that are the store's.
pub(super) fn names(dir: &Dir) -> Result<Vec<String>, TrustError> {
    let mut names = all_names(dir).map_err(system("list its folder"))?;
    names.retain(|name| is_file_name(name));
    Ok(names)
}

/// All names in the folder.
pub(super) fn all_names(dir: &Dir) -> Result<Vec<String>, Errno> {
    let mut names = Vec::new();
    for entry in rustix::fs::Dir::new(readable(dir)?)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy();
        if name != "." && name != ".." {
            names.push(name.into_owned());
        }
    }
    Ok(names)
}

fn sync(dir: &Dir) -> Result<(), TrustError> {
    let folder = readable(dir).and_then(rustix::fs::fsync);
    folder.map_err(system("sync its folder"))
}

/// The folder again: what was opened to look names up in it can neither be listed nor synced.
fn readable(dir: &Dir) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | NEVER;
    rustix::fs::openat(dir, ".", flags, Mode::empty())
}

fn system(what: &'static str) -> impl Fn(Errno) -> TrustError + Copy {
    move |errno| TrustError::System {
        what,
        reason: errno.into(),
    }
}

fn said(errno: Errno) -> std::io::Error {
    errno.into()
}

/// A name that nobody else has.
fn unique() -> String {
    // Each of these is seeded by the system; that the file is new is checked when it is made.
    let random = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random())
}
