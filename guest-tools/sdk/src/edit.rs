//! What changes files, as traits: a tool written for them is tested natively over a stand-in, and runs over the handles
//! that the host gives.

use crate::fs::read::{ErrorCode, ReadDir, ReadFile};
use crate::fs::write::{Expect, WriteDir, WriteFile};
use crate::source::{Directory, File};

/// A directory and all below it, to change. The contract is that of [`WriteDir`].
pub trait EditDir {
    /// The same directory, to look at.
    type Reader: Directory;
    /// What [`open_file`](Self::open_file) gives.
    type File: EditFile;

    /// The same directory, to look at.
    fn as_read(&self) -> Self::Reader;
    /// A file below, as a handle of its own. One that does not exist is made by the first change.
    fn open_file(&self, path: &str, expect: Expect) -> Result<Self::File, ErrorCode>;
    /// Make a directory, with the parents that are missing. An existing directory is no error.
    fn create_dir(&self, path: &str) -> Result<(), ErrorCode>;
    /// Give what is at `path` another name, below `to`. What exists there is `exist`, unless it may be replaced.
    fn rename(&self, path: &str, to: &Self, to_path: &str, replace: bool) -> Result<(), ErrorCode>;
    /// Remove a file, a link or an empty directory; with `tree` a directory with all that is in it.
    fn remove(&self, path: &str, tree: bool) -> Result<(), ErrorCode>;
}

/// One regular file, to change. It may not exist yet. The contract is that of [`WriteFile`].
pub trait EditFile {
    /// The same file, to look at.
    type Reader: File;

    /// The same file, to look at. As long as it does not exist, that is `no-entry`.
    fn as_read(&self) -> Self::Reader;
    /// All contents in one step: at most 4 MiB, the transfer bound.
    fn replace(&self, bytes: &[u8]) -> Result<(), ErrorCode>;
    /// Write bytes at an offset. A gap before it reads as zeros.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), ErrorCode>;
    /// Write bytes at the end.
    fn append(&self, bytes: &[u8]) -> Result<(), ErrorCode>;
    /// Cut the file, or lengthen it with zeros.
    fn set_size(&self, size: u64) -> Result<(), ErrorCode>;
}

impl EditDir for WriteDir {
    type Reader = ReadDir;
    type File = WriteFile;

    fn as_read(&self) -> ReadDir {
        Self::as_read(self)
    }

    fn open_file(&self, path: &str, expect: Expect) -> Result<WriteFile, ErrorCode> {
        Self::open_file(self, path, expect)
    }

    fn create_dir(&self, path: &str) -> Result<(), ErrorCode> {
        Self::create_dir(self, path)
    }

    fn rename(&self, path: &str, to: &Self, to_path: &str, replace: bool) -> Result<(), ErrorCode> {
        Self::rename(self, path, to, to_path, replace)
    }

    fn remove(&self, path: &str, tree: bool) -> Result<(), ErrorCode> {
        Self::remove(self, path, tree)
    }
}

impl EditFile for WriteFile {
    type Reader = ReadFile;

    fn as_read(&self) -> ReadFile {
        Self::as_read(self)
    }

    fn replace(&self, bytes: &[u8]) -> Result<(), ErrorCode> {
        Self::replace(self, bytes)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), ErrorCode> {
        self.write(offset, bytes)
    }

    fn append(&self, bytes: &[u8]) -> Result<(), ErrorCode> {
        Self::append(self, bytes)
    }

    fn set_size(&self, size: u64) -> Result<(), ErrorCode> {
        Self::set_size(self, size)
    }
}
