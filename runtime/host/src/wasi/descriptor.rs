//! What a guest's descriptors stand for.

use std::sync::Arc;

use bailiwick_capfs as capfs;

use super::bindings::types::{DescriptorFlags, ErrorCode};
use super::errors::FsError;
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
    /// Single files that are seen here besides, by their names, each as its own mount shows it: with rights of its own.
    pub(super) beside: Arc<[(String, Dir)]>,
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

/// Names of a listing that count as one descriptor: a directory that is as large as one can be counts as much as a walk.
const LISTED: usize = capfs::bounds::LISTING / capfs::bounds::WALK_OPEN;

/// The rest of a directory's listing.
#[derive(Debug)]
pub struct Entries {
    names: std::vec::IntoIter<capfs::DirEntry>,
    /// What was listed. A listing is over when that is taken back.
    dirs: Vec<Arc<capfs::ReadDir>>,
    _slot: Slot,
}

impl Entries {
    /// Lists a directory. Each name once, and in the same order for the same directory, whatever the system's order is.
    ///
    /// # Errors
    ///
    /// `quota` when there is no room for so many names among the guest's descriptors; capfs's.
    pub(super) fn of(dir: &Dir, mut slot: Slot) -> Result<Self, FsError> {
        let beside = dir.beside.iter().map(|(_, dir)| dir.read.clone());
        let dirs: Vec<_> = std::iter::once(dir.read.clone()).chain(beside).collect();
        let mut names = Vec::new();
        for dir in &dirs {
            names.extend(dir.entries(SELF)?);
        }
        names.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        names.dedup_by(|a, b| a.name == b.name);
        let more = names.len().div_ceil(LISTED).saturating_sub(1);
        if !slot.grow(u32::try_from(more).unwrap_or(u32::MAX)) {
            return Err(ErrorCode::Quota.into());
        }
        Ok(Self {
            names: names.into_iter(),
            dirs,
            _slot: slot,
        })
    }

    /// # Errors
    ///
    /// `bad-descriptor` when what was listed was taken back.
    pub(super) fn next(&mut self) -> Result<Option<capfs::DirEntry>, capfs::ErrorCode> {
        self.dirs.iter().try_for_each(|dir| dir.check())?;
        Ok(self.names.next())
    }
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

    /// The directory through which `path` is seen.
    pub(super) fn dir_of(&self, path: &str) -> Result<&Dir, ErrorCode> {
        Ok(self.dir()?.of(path))
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
    /// What shows `path`: this, unless that is one of the files that are seen besides.
    pub(super) fn of(&self, path: &str) -> &Dir {
        let mut names = path.split('/');
        let first = names.find(|name| !matches!(*name, "" | "."));
        let mut beside = self.beside.iter();
        let found = beside.find(|(name, _)| first == Some(name.as_str()));
        found.map_or(self, |(_, dir)| dir)
    }

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
