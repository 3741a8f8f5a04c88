//! The log's folder and its files, by descriptor: this user's, and nobody else's.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::LogError;

/// How a file of records ends. It begins with the number of its first record.
const RECORDS: &str = ".jsonl";

/// So many files of records are looked at. There are only so many when somebody put them there.
const MOST: usize = 4096;

#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    dir: OwnedFd,
}

impl Folder {
    #[allow(
        clippy::disallowed_methods,
        reason = "the edge: this is what the authority argument stands for"
    )]
    pub(super) fn open(path: &Path) -> Result<Self, LogError> {
        let system = |reason: io::Error| LogError::System {
            path: path.to_path_buf(),
            reason,
        };
        if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
            let mut private = std::fs::DirBuilder::new();
            private.recursive(true).mode(0o700);
            private.create(above).map_err(system)?;
        }
        match rustix::fs::mkdir(path, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(system(errno.into())),
        }
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let dir = rustix::fs::open(path, flags, Mode::empty()).map_err(|e| system(e.into()))?;
        let stat = rustix::fs::fstat(&dir).map_err(|errno| system(errno.into()))?;
        if !is_private(&stat) {
            return Err(LogError::NotPrivate(path.to_path_buf()));
        }
        Ok(Self {
            path: path.to_path_buf(),
            dir,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A file of records, to look at or to write to. None when there is none.
    pub(super) fn records(&self, number: u64, write: bool) -> io::Result<Option<File>> {
        let access = if write { OFlags::RDWR } else { OFlags::RDONLY };
        self.file(&name(number), access)
    }

    /// A file of records that begins here. It may be there, and empty: whoever made it was killed.
    pub(super) fn begin(&self, number: u64) -> io::Result<File> {
        let name = name(number);
        let file = self.make(&name)?;
        if file.metadata()?.len() > 0 {
            let why = format!("`{name}` has records that nobody wrote");
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
        }
        Ok(file)
    }

    /// A file to read and write, which is made when it is not there.
    pub(super) fn make(&self, name: &str) -> io::Result<File> {
        let made = self.file(name, OFlags::RDWR | OFlags::CREATE)?;
        made.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// A file that only this user can have written. None when there is none.
    pub(super) fn file(&self, name: &str, access: OFlags) -> io::Result<Option<File>> {
        let flags = access | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match rustix::fs::openat(&self.dir, name, flags, Mode::RUSR | Mode::WUSR) {
            Ok(file) => file,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => return Err(odd(name, "is a link")),
            Err(errno) => return Err(errno.into()),
        };
        let stat = rustix::fs::fstat(&file)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(odd(name, "is not a file"));
        }
        if stat.st_nlink > 1 {
            return Err(odd(name, "has more than one name"));
        }
        if !is_private(&stat) {
            return Err(odd(name, "is not only yours: `chmod 600` it"));
        }
        Ok(Some(file.into()))
    }

    /// The numbers of the files of records, in order.
    pub(super) fn numbers(&self) -> io::Result<Vec<u64>> {
        let mut numbers = Vec::new();
        for entry in Dir::read_from(&self.dir)? {
            numbers.extend(entry?.file_name().to_str().ok().and_then(number));
            if numbers.len() > MOST {
                return Err(odd("the folder", "has more files than a log can have"));
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    pub(super) fn is_empty(&self, number: u64) -> io::Result<bool> {
        let file = self.records(number, false)?;
        Ok(file.is_some_and(|file| file.metadata().is_ok_and(|is| is.len() == 0)))
    }

    pub(super) fn remove(&self, number: u64) {
        // One that cannot be removed is not read any more either.
        let _ = rustix::fs::unlinkat(&self.dir, name(number), AtFlags::empty());
    }
}

/// The file whose first record has this number.
pub(super) fn name(number: u64) -> String {
    format!("{number:016}{RECORDS}")
}

/// The number in a file's name; none for what is no file of records.
fn number(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(RECORDS)?;
    let number = digits.parse().ok()?;
    (self::name(number) == name).then_some(number)
}

fn odd(name: &str, why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, format!("`{name}` {why}"))
}

/// Whether it is this user's, and no other can read it or write to it.
fn is_private(stat: &Stat) -> bool {
    stat.st_uid == rustix::process::geteuid().as_raw() && stat.st_mode & 0o077 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_its_first_record() {
        assert_eq!(name(17), "0000000000000017.jsonl");
        assert_eq!(number("0000000000000017.jsonl"), Some(17));
        for other in ["17.jsonl", "head", "0000000000000017.jsonl.part", ".jsonl"] {
            assert_eq!(number(other), None, "{other}");
        }
    }
}
