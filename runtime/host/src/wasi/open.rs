//! `open-at`: from flags to a descriptor with the rights they name.

use std::sync::Arc;

use bailiwick_capfs as capfs;
use bailiwick_capfs::Expect;

use super::bindings::types::{DescriptorFlags, ErrorCode, OpenFlags, PathFlags};
use super::descriptor::{Descriptor, Dir, File};
use super::errors::FsResult;
use crate::counts::Slot;

/// What to open, and how.
pub(super) struct Open<'a> {
    pub(super) path: &'a str,
    pub(super) follow: bool,
    pub(super) how: OpenFlags,
    pub(super) flags: DescriptorFlags,
}

impl<'a> Open<'a> {
    /// # Errors
    ///
    /// `no-entry` for an empty path, as in POSIX; `invalid` for a directory that is to be created or cut.
    pub(super) fn new(
        path_flags: PathFlags,
        path: &'a str,
        how: OpenFlags,
        mut flags: DescriptorFlags,
    ) -> Result<Self, ErrorCode> {
        if path.is_empty() {
            return Err(ErrorCode::NoEntry);
        }
        if how.contains(OpenFlags::DIRECTORY)
            && how.intersects(OpenFlags::CREATE | OpenFlags::EXCLUSIVE | OpenFlags::TRUNCATE)
        {
            return Err(ErrorCode::Invalid);
        }
        // Who asks for nothing asks to look, as in POSIX, where that is 0.
        if !flags.contains(DescriptorFlags::WRITE) {
            flags |= DescriptorFlags::READ;
        }
        Ok(Self {
            path,
            follow: path_flags.contains(PathFlags::SYMLINK_FOLLOW),
            how,
            flags,
        })
    }

    /// Opens it below `base`.
    ///
    /// # Errors
    ///
    /// `read-only` when `base` cannot be changed and this would change something, or would make a descriptor that can; `loop` for a
    /// link that is not to be followed; `is-directory` for a directory that is opened as a file is; capfs's.
    pub(super) fn at(self, base: &Dir, slot: Slot) -> FsResult<Descriptor> {
        let creates = self.how.contains(OpenFlags::CREATE);
        let truncates = self.how.contains(OpenFlags::TRUNCATE);
        let writes = self.flags.contains(DescriptorFlags::WRITE);
        let mutates = self.flags.contains(DescriptorFlags::MUTATE_DIRECTORY);
        if creates || truncates || writes {
            return self.file_to_change(base.write()?, slot);
        }
        if mutates {
            base.write()?;
        }
        if self.how.contains(OpenFlags::DIRECTORY) {
            return self.dir(base, slot);
        }
        let file = if self.follow {
            base.read.open_file(self.path)
        } else {
            base.read.open_file_nofollow(self.path)
        };
        match file {
            Ok(read) => Ok(self.file(read, None, slot)),
            Err(capfs::ErrorCode::IsDirectory) => self.dir(base, slot),
            Err(code) => Err(code.into()),
        }
    }

    fn file_to_change(self, base: &capfs::WriteDir, slot: Slot) -> FsResult<Descriptor> {
        if self.how.contains(OpenFlags::DIRECTORY) {
            // To write to a directory makes no sense; that it is none is said first.
            base.as_read().open_dir(self.path)?;
            return Err(ErrorCode::IsDirectory.into());
        }
        let expect = match (
            self.how.contains(OpenFlags::CREATE),
            self.how.contains(OpenFlags::EXCLUSIVE),
        ) {
            (true, true) => Expect::New,
            (true, false) => Expect::Either,
            (false, _) => Expect::Existing,
        };
        // Who wants a new name takes no link for it, wherever that leads.
        let nofollow = !self.follow || expect == Expect::New;
        let file = base.create_file(self.path, expect, nofollow)?;
        if self.how.contains(OpenFlags::TRUNCATE) {
            file.set_size(0)?;
        }
        let read = file.as_read();
        let write = self.flags.contains(DescriptorFlags::WRITE).then_some(file);
        Ok(self.file(read, write, slot))
    }

    fn file(
        &self,
        read: capfs::ReadFile,
        write: Option<capfs::WriteFile>,
        slot: Slot,
    ) -> Descriptor {
        Descriptor::File(File {
            read: Arc::new(read),
            write: write.map(Arc::new),
            // Libraries ask for `mutate-directory` whenever they ask for `write`; it means nothing for a file.
            flags: self.flags & !DescriptorFlags::MUTATE_DIRECTORY,
            slot: Arc::new(slot),
        })
    }

    fn dir(&self, base: &Dir, slot: Slot) -> FsResult<Descriptor> {
        if !self.follow && base.read.facts(self.path, false)?.kind == capfs::Kind::Symlink {
            return Err(ErrorCode::Loop.into());
        }
        let mutates = self.flags.contains(DescriptorFlags::MUTATE_DIRECTORY);
        if mutates {
            base.write()?;
        }
        let (read, removes) = match &base.removes {
            Some(removes) => {
                let below = removes.open_dir(self.path)?;
                (below.as_read(), Some(Arc::new(below)))
            }
            None => (base.read.open_dir(self.path)?, None),
        };
        Ok(Descriptor::Dir(Dir {
            read: Arc::new(read),
            write: removes.clone().filter(|_| mutates),
            removes,
            flags: self.flags & (DescriptorFlags::READ | DescriptorFlags::MUTATE_DIRECTORY),
            beside: match self.path.split('/').all(|name| matches!(name, "" | ".")) {
                true => base.beside.clone(),
                false => Arc::default(),
            },
            _slot: Some(slot),
        }))
    }
}
