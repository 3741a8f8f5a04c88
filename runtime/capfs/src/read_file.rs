//! A handle to look at one regular file.

use crate::ErrorCode;
use crate::facts::Facts;
use crate::file_ref::FileRef;
use crate::stat::Stat;
use cap_std::fs::File;
use rustix::buffer::spare_capacity;
use rustix::io::{pread, retry_on_intr};
use std::fmt;

/// Some bytes of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The size of the whole file in bytes, when it was read.
    pub size: u64,
}

/// One regular file, to look at. It is the file that was opened, whatever its name stands for later; what the call
/// writes to it through other handles is seen at once.
pub struct ReadFile {
    file: FileRef,
    name: String,
}

impl ReadFile {
    pub(crate) fn new(file: FileRef, name: String) -> Self {
        Self { file, name }
    }

    /// The session's word for it: `/workspace/src/main.rs`. Never a path of the host.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Facts about it, as it is now.
    ///
    /// # Errors
    ///
    /// [`BadDescriptor`](ErrorCode::BadDescriptor) when the handle was taken back; otherwise what the system says, as
    /// a rule none.
    pub fn stat(&self) -> Result<Stat, ErrorCode> {
        Ok(Stat::from(&self.facts()?))
    }

    /// All facts about it, as it is now.
    ///
    /// # Errors
    ///
    /// Those of [`stat`](Self::stat).
    pub fn facts(&self) -> Result<Facts, ErrorCode> {
        self.file.facts()
    }

    /// The bytes from `offset`: fewer than `max` only at the end of the file or at [`bounds::TRANSFER`](crate::bounds::TRANSFER). Past the end
    /// there are none.
    ///
    /// # Errors
    ///
    /// [`Io`](ErrorCode::Io) when the medium fails; [`BadDescriptor`](ErrorCode::BadDescriptor) when the handle was taken
    /// back.
    pub fn read(&self, offset: u64, max: u32) -> Result<Chunk, ErrorCode> {
        self.file.read(offset, max)
    }
}

/// Shows the session's name for it.
impl fmt::Debug for ReadFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadFile")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// At most `max` bytes from `offset`, of a file of so many bytes: one read into memory that was never zeroed, and
/// more only where the system gives less than was asked for.
pub(crate) fn read_at(file: &File, size: u64, offset: u64, max: u32) -> Result<Vec<u8>, ErrorCode> {
    let there = size.saturating_sub(offset);
    let want = usize::try_from(there)
        .unwrap_or(usize::MAX)
        .min(max as usize);
    let mut bytes = Vec::with_capacity(want);
    while bytes.len() < want {
        let from = offset + bytes.len() as u64;
        if retry_on_intr(|| pread(file, spare_capacity(&mut bytes), from))? == 0 {
            break;
        }
    }
    // The allocator may have given more room than was asked for.
    bytes.truncate(want);
    Ok(bytes)
}
