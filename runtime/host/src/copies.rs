//! Copies of the files that a call returned.
//!
//! They are made while the call's time runs, so each piece looks at the clock. What cannot be in a copy is left out and counted: links,
//! which would lead to somewhere else; names that are protected wherever they are, since a person may take a copy to where they govern
//! something; what cannot be read.

use bailiwick_capfs::{
    Entry, ErrorCode, Expect, Kind, ReadDir, ReadFile, Scope, WriteDir, WriteFile, bounds,
};

use crate::bounded::{Stopped, Watch};

/// What a copy is called that cannot have the name of what it is of.
const PLAIN: &str = "result";

/// The copies of one call.
#[derive(Debug)]
pub(crate) struct Copies {
    folder: WriteDir,
    count: u32,
    left_out: u64,
}

/// Why there is no copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotCopied {
    Stopped(Stopped),
    Refused(ErrorCode),
}

impl From<Stopped> for NotCopied {
    fn from(stopped: Stopped) -> Self {
        Self::Stopped(stopped)
    }
}

impl From<ErrorCode> for NotCopied {
    fn from(code: ErrorCode) -> Self {
        Self::Refused(code)
    }
}

impl Copies {
    /// In `folder`, which bounds how much they are.
    pub(crate) fn new(folder: WriteDir) -> Self {
        Self {
            folder,
            count: 0,
            left_out: 0,
        }
    }

    /// How many names of what was copied are not there.
    pub(crate) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Copies a file; the name of the copy.
    pub(crate) fn file(&mut self, file: &ReadFile, watch: &Watch) -> Result<String, NotCopied> {
        let make = |folder: &WriteDir, name: &str| folder.create_file(name, Expect::New, true);
        let to = self.make(file.name(), watch, make)?;
        copy(file, &to, watch)?;
        Ok(to.name().to_owned())
    }

    /// Copies a directory with all that is in it; the name of the copy.
    pub(crate) fn directory(&mut self, dir: &ReadDir, watch: &Watch) -> Result<String, NotCopied> {
        let into = self.make(dir.name(), watch, |folder, name| {
            folder.make_dir(name)?;
            folder.open_dir(name)
        })?;
        let scope = Scope {
            hidden: true,
            ..Scope::default()
        };
        let mut walker = dir.walk("", &scope)?;
        loop {
            let page = walker.next(bounds::PAGE)?;
            self.left_out += u64::from(page.skipped);
            for entry in page.entries {
                watch.check()?;
                match one(dir, &entry, &into, watch) {
                    Err(NotCopied::Refused(code)) if is_about_name(code) => self.left_out += 1,
                    copied => copied?,
                }
            }
            if !page.more {
                return Ok(into.name().to_owned());
            }
        }
    }

    /// Makes something that is called like what it is a copy of; with a number behind it where that is taken.
    fn make<T>(
        &mut self,
        of: &str,
        watch: &Watch,
        make: impl Fn(&WriteDir, &str) -> Result<T, ErrorCode>,
    ) -> Result<T, NotCopied> {
        let last = of.rsplit('/').next().filter(|last| !last.is_empty());
        let mut stem = last.unwrap_or(PLAIN);
        let mut name = stem.to_owned();
        self.count += 1;
        let mut number = self.count;
        loop {
            watch.check()?;
            match make(&self.folder, &name) {
                Err(ErrorCode::Exist) => {
                    name = format!("{stem}.{number}");
                    number += 1;
                }
                Err(code) if is_about_name(code) && stem != PLAIN => {
                    stem = PLAIN;
                    name = stem.to_owned();
                }
                made => return Ok(made?),
            }
        }
    }
}

/// Copies one thing that a walk of `dir` showed.
fn one(dir: &ReadDir, entry: &Entry, into: &WriteDir, watch: &Watch) -> Result<(), NotCopied> {
    match entry.stat.kind {
        Kind::Directory => Ok(into.make_dir(&entry.path)?),
        Kind::File => {
            let file = dir.open_file(&entry.path)?;
            let to = into.create_file(&entry.path, Expect::New, true)?;
            copy(&file, &to, watch)
        }
        Kind::Symlink | Kind::Other => Err(ErrorCode::Unsupported.into()),
    }
}

fn copy(from: &ReadFile, to: &WriteFile, watch: &Watch) -> Result<(), NotCopied> {
    let mut offset = 0;
    loop {
        watch.check()?;
        let chunk = from.read(offset, bounds::TRANSFER)?;
        if chunk.bytes.is_empty() {
            return Ok(());
        }
        to.write(offset, &chunk.bytes)?;
        offset += chunk.bytes.len() as u64;
    }
}

/// Whether something is refused for what or where it is, and the rest can go on without it.
pub(crate) fn is_about_name(code: ErrorCode) -> bool {
    use ErrorCode as Code;
    matches!(
        code,
        Code::Access
            | Code::Busy
            | Code::CrossDevice
            | Code::IsDirectory
            | Code::Loop
            | Code::NameTooLong
            | Code::NoEntry
            | Code::NotDirectory
            | Code::NotPermitted
            | Code::Unsupported
    )
}
