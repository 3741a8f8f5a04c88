//! What a guest's descriptors stand for.

use std::sync::Arc;

use bailiwick_capfs as capfs;

use super::bindings::types::{DescriptorFlags, ErrorCode};
use crate::counts::Slot;

/// A descriptor that a guest holds, with the rights of the flags that it was opened with and no others.
#[derive(Debug)]
pub enum Descriptor {
    /// Of a directory.
    Dir(Dir),
    /// Of a regular file.
    File(File),
}

/// A directory.
#[derive(Debug)]
pub struct Dir {
    pub(super) read: Arc<capfs::ReadDir>,
    /// None when it was opened without `mutate-directory`.
    pub(super) write: Option<Arc<capfs::WriteDir>>,
    /// To remove names in it, and for nothing else. Libraries remove a tree through directories that they opened to read: POSIX has no flag that says
    /// otherwise. None below what cannot be changed.
    pub(super) removes: Option<Arc<capfs::WriteDir>>,
    pub(super) flags: DescriptorFlags,
    /// Its place among the guest's descriptors. A preopen has none, since the guest did not choose it.
    pub(super) _slot: Option<Slot>,
}

/// A regular file.
#[derive(Debug)]
pub struct File {
    /// For facts as well, so it is there even for a file that was opened without `read`.
    pub(super) read: Arc<capfs::ReadFile>,
    /// None when it was opened without `write`.
    pub(super) write: Option<Arc<capfs::WriteFile>>,
    pub(super) flags: DescriptorFlags,
    /// Streams share it: they keep the file open as well.
    pub(super) slot: Arc<Slot>,
}

/// The rest of a directory's listing.
#[derive(Debug)]
pub struct Entries {
    pub(super) names: std::vec::IntoIter<capfs::DirEntry>,
    pub(super) _slot: Slot,
}

/// Facts and listings of a directory itself are asked for by this path.
pub(super) const SELF: &str = ".";

impl Descriptor {
    pub(super) fn dir(&self) -> Result<&Dir, ErrorCode> {
        match self {
            Self::Dir(dir) => Ok(dir),
            Self::File(_) => Err(ErrorCode::NotDirectory),
        }
    }

    /// What is done to files is `bad-descriptor` for a directory, as wasmtime-wasi has it.
    pub(super) fn file(&self) -> Result<&File, ErrorCode> {
        match self {
            Self::File(file) => Ok(file),
            Self::Dir(_) => Err(ErrorCode::BadDescriptor),
        }
    }

    pub(super) fn facts(&self) -> Result<capfs::Facts, capfs::ErrorCode> {
        match self {
            Self::Dir(dir) => dir.read.facts(SELF, true),
            Self::File(file) => file.read.facts(),
        }
    }

    pub(super) fn flags(&self) -> DescriptorFlags {
        match self {
            Self::Dir(dir) => dir.flags,
            Self::File(file) => file.flags,
        }
    }

    /// The session's word for it.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Dir(dir) => dir.read.name(),
            Self::File(file) => file.read.name(),
        }
    }
}

impl Dir {
    /// To change it: `read-only` without `mutate-directory`, as the WIT says.
    pub(super) fn write(&self) -> Result<&Arc<capfs::WriteDir>, ErrorCode> {
        self.write.as_ref().ok_or(ErrorCode::ReadOnly)
    }

    /// To remove names in it: `read-only` below what cannot be changed.
    pub(super) fn removes(&self) -> Result<&Arc<capfs::WriteDir>, ErrorCode> {
        self.removes.as_ref().ok_or(ErrorCode::ReadOnly)
    }
}

impl File {
    /// To read it: `bad-descriptor` when it was opened only to write.
    pub(super) fn read(&self) -> Result<&Arc<capfs::ReadFile>, ErrorCode> {
        if self.flags.contains(DescriptorFlags::READ) {
            Ok(&self.read)
        } else {
            Err(ErrorCode::BadDescriptor)
        }
    }

    /// To change it: `bad-descriptor` when it was opened without `write`.
    pub(super) fn write(&self) -> Result<&Arc<capfs::WriteFile>, ErrorCode> {
        self.write.as_ref().ok_or(ErrorCode::BadDescriptor)
    }

    /// Whether each write has to be on the medium before it returns.
    pub(super) fn syncs(&self) -> bool {
        self.flags
            .intersects(DescriptorFlags::FILE_INTEGRITY_SYNC | DescriptorFlags::DATA_INTEGRITY_SYNC)
    }
}
