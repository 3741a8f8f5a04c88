//! A handle to look at one regular file.

use crate::stat::Stat;
use crate::{ErrorCode, bounds};
use cap_std::fs::{File, Metadata};
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

/// One regular file, to look at. It is the file that was opened, whatever its name stands for later.
pub struct ReadFile {
    file: File,
    name: String,
}

impl ReadFile {
    /// `file` must be a regular file: it has been judged by its descriptor.
    pub(crate) fn new(file: File, name: String) -> Self {
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
    /// What the system says, as a rule none.
    pub fn stat(&self) -> Result<Stat, ErrorCode> {
        Ok(Stat::from(&self.file.metadata()?))
    }

    /// The bytes from `offset`: fewer than `max` only at the end of the file or at [`bounds::TRANSFER`]. Past the end
    /// there are none.
    ///
    /// # Errors
    ///
    /// [`Io`](ErrorCode::Io) when the medium fails.
    pub fn read(&self, offset: u64, max: u32) -> Result<Chunk, ErrorCode> {
        let metadata = self.file.metadata()?;
        let bytes = read_at(&self.file, &metadata, offset, max.min(bounds::TRANSFER))?;
        Ok(Chunk {
            bytes,
            size: metadata.len(),
        })
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

/// At most `max` bytes from `offset`, up to the size in `metadata`: one read into memory that was never zeroed, and
/// more only where the system gives less than was asked for.
pub(crate) fn read_at(
    file: &File,
    metadata: &Metadata,
    offset: u64,
    max: u32,
) -> Result<Vec<u8>, ErrorCode> {
    let there = metadata.len().saturating_sub(offset);
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
