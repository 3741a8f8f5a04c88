//! What the conveniences of this crate need of a handle, as traits: a tool written for them is tested natively over a
//! stand-in, and runs over the handles that the host gives.

use crate::fs::read::{Chunk, ErrorCode, Page, ReadDir, ReadFile, Scope, Stat, Walker};

/// A directory and all below it, to look at. The contract is that of [`ReadDir`].
pub trait Directory {
    /// What [`walk`](Self::walk) gives.
    type Walker: Pages;
    /// What [`open_file`](Self::open_file) gives.
    type File: ReadAt;

    /// The session's word for it, for messages.
    fn name(&self) -> String;
    /// Facts about what `path` stands for, links followed.
    fn stat(&self, path: &str) -> Result<Stat, ErrorCode>;
    /// What the link at `path` says; `invalid` when it is none.
    fn read_link(&self, path: &str) -> Result<String, ErrorCode>;
    /// Begin to walk the directory at `path`.
    fn walk(&self, path: &str, scope: &Scope) -> Result<Self::Walker, ErrorCode>;
    /// The first `max` bytes of each file; fewer results than paths when the transfer bound is reached.
    fn read_files(&self, paths: &[String], max: u32) -> Vec<Result<Chunk, ErrorCode>>;
    /// A file below, as a handle of its own.
    fn open_file(&self, path: &str) -> Result<Self::File, ErrorCode>;
}

/// A walk that is under way. The contract is that of [`Walker`].
pub trait Pages {
    /// The next `max` entries or fewer.
    fn next_page(&self, max: u32) -> Result<Page, ErrorCode>;
}

/// Bytes that can be read at an offset. The contract is that of [`ReadFile`].
pub trait ReadAt {
    /// The bytes from `offset`: fewer than `max` only at the end or at the transfer bound. Past the end: none.
    fn read_at(&self, offset: u64, max: u32) -> Result<Chunk, ErrorCode>;
}

/// One regular file, to look at. The contract is that of [`ReadFile`].
pub trait File: ReadAt {
    /// The session's word for it, for messages.
    fn name(&self) -> String;
    /// Facts about it, as it is now. `no-entry` when it does not exist yet.
    fn stat(&self) -> Result<Stat, ErrorCode>;
}

impl Directory for ReadDir {
    type Walker = Walker;
    type File = ReadFile;

    fn name(&self) -> String {
        Self::name(self)
    }

    fn stat(&self, path: &str) -> Result<Stat, ErrorCode> {
        Self::stat(self, path)
    }

    fn read_link(&self, path: &str) -> Result<String, ErrorCode> {
        Self::read_link(self, path)
    }

    fn walk(&self, path: &str, scope: &Scope) -> Result<Walker, ErrorCode> {
        Self::walk(self, path, scope)
    }

    fn read_files(&self, paths: &[String], max: u32) -> Vec<Result<Chunk, ErrorCode>> {
        Self::read_files(self, paths, max)
    }

    fn open_file(&self, path: &str) -> Result<ReadFile, ErrorCode> {
        Self::open_file(self, path)
    }
}

impl Pages for Walker {
    fn next_page(&self, max: u32) -> Result<Page, ErrorCode> {
        self.next(max)
    }
}

impl ReadAt for ReadFile {
    fn read_at(&self, offset: u64, max: u32) -> Result<Chunk, ErrorCode> {
        self.read(offset, max)
    }
}

impl File for ReadFile {
    fn name(&self) -> String {
        Self::name(self)
    }

    fn stat(&self) -> Result<Stat, ErrorCode> {
        Self::stat(self)
    }
}

impl<T: ReadAt + ?Sized> ReadAt for &T {
    fn read_at(&self, offset: u64, max: u32) -> Result<Chunk, ErrorCode> {
        (**self).read_at(offset, max)
    }
}

impl<T: File + ?Sized> File for &T {
    fn name(&self) -> String {
        (**self).name()
    }

    fn stat(&self) -> Result<Stat, ErrorCode> {
        (**self).stat()
    }
}
