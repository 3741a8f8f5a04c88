//! A handle to change one file.

use crate::change::ChangeKind;
use crate::facts::Times;
use crate::file_ref::FileRef;
use crate::layer::contents;
use crate::layer::direct::{self, Direct};
use crate::ledger::Amount;
use crate::read_file::ReadFile;
use crate::stat::Kind;
use crate::target::{Is, Target, existing, writable};
use crate::{ErrorCode, at, base};
use cap_std::fs::{File, FileExt, Metadata, MetadataExt, PermissionsExt};
use std::fmt;
use std::sync::Arc;

/// One regular file, to change. It may not exist yet: then the first change creates it.
///
/// Every change can fail with [`BadDescriptor`](ErrorCode::BadDescriptor) when the handle was taken back or the file was dropped with a
/// savepoint, [`Quota`](ErrorCode::Quota) when it does not fit, [`InsufficientSpace`](ErrorCode::InsufficientSpace) and
/// [`Io`](ErrorCode::Io) when the medium is full or fails, and, when it creates the file, with the errors of
/// [`WriteDir::create_file`](crate::WriteDir::create_file).
pub struct WriteFile {
    target: Arc<Target>,
    name: String,
}

impl WriteFile {
    pub(crate) fn new(target: Arc<Target>, name: String) -> Self {
        Self { target, name }
    }

    /// The session's word for it: `/workspace/src/main.rs`. Never a path of the host.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same file to look at. [`NoEntry`](ErrorCode::NoEntry) from its functions as long as it does not exist.
    pub fn as_read(&self) -> ReadFile {
        ReadFile::new(FileRef::of_target(&self.target), self.name.clone())
    }

    /// All contents in one step: whoever looks sees old or new. Its permissions stay. With `direct` writes other handles that are open go on
    /// with the old file.
    ///
    /// # Errors
    ///
    /// Those of [`WriteFile`].
    pub fn replace(&self, bytes: &[u8]) -> Result<(), ErrorCode> {
        self.change(|is| match is {
            Is::Made(opening) => contents::replace(opening, &self.target.place().reach, bytes),
            Is::Direct(file) => self.replace_direct(file, bytes),
        })
    }

    /// Bytes at an offset; a gap reads as zeros and counts as if it had been written.
    ///
    /// # Errors
    ///
    /// [`FileTooLarge`](ErrorCode::FileTooLarge) past 2⁶³ − 1 bytes; those of [`WriteFile`].
    pub fn write(&self, offset: u64, bytes: &[u8]) -> Result<(), ErrorCode> {
        self.write_at(Some(offset), bytes)
    }

    /// Bytes at the end, wherever it is when they are written.
    ///
    /// # Errors
    ///
    /// Those of [`write`](Self::write).
    pub fn append(&self, bytes: &[u8]) -> Result<(), ErrorCode> {
        self.write_at(None, bytes)
    }

    /// Cut, or lengthen with zeros, which count as if they had been written.
    ///
    /// # Errors
    ///
    /// Those of [`write`](Self::write).
    pub fn set_size(&self, size: u64) -> Result<(), ErrorCode> {
        self.change(|is| match is {
            Is::Made(opening) => contents::set_size(opening, &self.target.place().reach, size),
            Is::Direct(_) if size > contents::LONGEST => Err(ErrorCode::FileTooLarge),
            Is::Direct(file) => self.direct(file, |_| Ok(size), |_, _| Ok(file.set_len(size)?)),
        })
    }

    /// Set times.
    ///
    /// # Errors
    ///
    /// [`NoEntry`](ErrorCode::NoEntry) as long as it does not exist; those of [`WriteFile`].
    pub fn set_times(&self, times: Times) -> Result<(), ErrorCode> {
        let place = self.target.place();
        place.held(|| {
            writable(place)?;
            match &*self.target.there()? {
                Is::Made(opening) => contents::set_times(opening, &place.reach, times),
                Is::Direct(file) => self.direct(file, Ok, |_, _| base::set_times(file, times)),
            }
        })
    }

    /// Have it on the medium, in `direct`; nothing otherwise, since applying syncs.
    ///
    /// # Errors
    ///
    /// [`Io`](ErrorCode::Io) when the medium fails; [`BadDescriptor`](ErrorCode::BadDescriptor).
    pub fn sync(&self) -> Result<(), ErrorCode> {
        self.target.place().held(|| match &*self.target.there()? {
            Is::Made(_) => Ok(()),
            Is::Direct(file) => Ok(file.sync_all()?),
        })
    }

    fn write_at(&self, offset: Option<u64>, bytes: &[u8]) -> Result<(), ErrorCode> {
        self.change(|is| match is {
            Is::Made(opening) => {
                contents::write(opening, &self.target.place().reach, offset, bytes)
            }
            Is::Direct(_) if bytes.is_empty() => Ok(()),
            Is::Direct(file) => self.direct(
                file,
                |size| Ok(contents::end(offset.unwrap_or(size), bytes)?.max(size)),
                |_, size| Ok(file.write_all_at(bytes, offset.unwrap_or(size))?),
            ),
        })
    }

    fn change(&self, act: impl FnOnce(&Is) -> Result<(), ErrorCode>) -> Result<(), ErrorCode> {
        let place = self.target.place();
        place.held(|| {
            writable(place)?;
            act(&*self.target.need()?)
        })
    }

    /// Change a file of the base, which will have so many bytes as `after` says of those that it has.
    fn direct(
        &self,
        file: &File,
        after: impl FnOnce(u64) -> Result<u64, ErrorCode>,
        act: impl FnOnce(&Direct, u64) -> Result<(), ErrorCode>,
    ) -> Result<(), ErrorCode> {
        let place = self.target.place();
        direct::change(place, |direct| {
            let size = file.metadata()?.len();
            let after = after(size)?;
            direct.charged(bytes(after.saturating_sub(size)), |direct| {
                act(direct, size)
            })?;
            direct.give_back(bytes(size.saturating_sub(after)));
            direct.note(place, self.target.name(), Kind::File, ChangeKind::Modified);
            Ok(())
        })
    }

    /// The file is exchanged for a new one, unless its name stands for something else by now: then it is written over.
    fn replace_direct(&self, file: &File, contents: &[u8]) -> Result<(), ErrorCode> {
        let (place, name) = (self.target.place(), self.target.name());
        let metadata = file.metadata()?;
        let mode = metadata.permissions().mode() & 0o777;
        let mut exchanged = false;
        self.direct(
            file,
            |_| Ok(contents.len() as u64),
            |direct, _| {
                let dir = direct.still(place);
                let is_it =
                    |now: Metadata| (now.dev(), now.ino()) == (metadata.dev(), metadata.ino());
                if let Ok(dir) = dir
                    && at::facts(&dir, name, place.device()).is_ok_and(is_it)
                {
                    exchanged = true;
                    return base::replace(&dir, name, contents, Some(mode));
                }
                file.set_len(0)?;
                Ok(file.write_all_at(contents, 0)?)
            },
        )?;
        if exchanged {
            self.target.set(existing(place, name)?);
        }
        Ok(())
    }
}

fn bytes(bytes: u64) -> Amount {
    Amount { bytes, entries: 0 }
}

/// Shows the session's name for it.
impl fmt::Debug for WriteFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteFile")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
