//! The head: which record is the last. Without it nobody would know of records that were cut off at the end.
//!
//! It is one line of always the same length, so that it is replaced by one write. Its file is what processes lock while they write.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use bailiwick_contract::Digest;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::VERSION;

/// The file's name.
pub(super) const NAME: &str = "head";

/// The length of the file.
const LENGTH: usize = 256;

/// Where the log ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    v: u32,
    /// The last record.
    pub(super) seq: u64,
    /// The hash of its line.
    pub(super) hash: Digest,
    /// The file that it is in. 0: there is none yet.
    pub(super) file: u64,
    /// Where in that it ends.
    pub(super) end: u64,
    /// The oldest file that is kept.
    pub(super) first: u64,
}

impl Head {
    /// Of a log without records.
    pub(super) fn new() -> Self {
        Self {
            v: VERSION,
            seq: 0,
            hash: Digest::of(b""),
            file: 0,
            end: 0,
            first: 0,
        }
    }

    /// What the file says. None when it is empty or says nothing that can be believed.
    pub(super) fn read(file: &File) -> io::Result<Option<Self>> {
        Self::read_again(file, None)
    }

    /// As [`read`](Self::read), where it is likely that it says what was written last.
    pub(super) fn read_again(file: &File, last: Option<&Written>) -> io::Result<Option<Self>> {
        let mut bytes = [0; LENGTH];
        match file.read_exact_at(&mut bytes, 0) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
        if let Some(last) = last.filter(|last| last.bytes == bytes) {
            return Ok(Some(last.head.clone()));
        }
        let head: Option<Self> = serde_json::from_slice(&bytes).ok();
        Ok(head.filter(|head| head.v == VERSION))
    }

    pub(super) fn write(&self, file: &File) -> io::Result<Written> {
        let line = serde_json::to_vec(self)?;
        let mut bytes = [b' '; LENGTH];
        bytes[..line.len()].copy_from_slice(&line);
        bytes[LENGTH - 1] = b'\n';
        file.write_all_at(&bytes, 0)?;
        Ok(Written {
            head: self.clone(),
            bytes,
        })
    }
}

/// A head as it was written last.
#[derive(Debug)]
pub(super) struct Written {
    head: Head,
    bytes: [u8; LENGTH],
}

/// As long as this is there, the log is locked between processes.
pub(super) struct Locked<'a>(&'a File);

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        let _ = flock(self.0, FlockOperation::Unlock);
    }
}

/// Locks the log, to write or only to look. None when somebody else holds it.
pub(super) fn try_lock(file: &File, write: bool) -> io::Result<Option<Locked<'_>>> {
    let operation = if write {
        FlockOperation::NonBlockingLockExclusive
    } else {
        FlockOperation::NonBlockingLockShared
    };
    match rustix::io::retry_on_intr(|| flock(file, operation)) {
        Ok(()) => Ok(Some(Locked(file))),
        Err(Errno::WOULDBLOCK) => Ok(None),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_fits_its_line() {
        let head = Head {
            v: u32::MAX,
            seq: u64::MAX,
            hash: Digest::of(b""),
            file: u64::MAX,
            end: u64::MAX,
            first: u64::MAX,
        };
        let length = serde_json::to_vec(&head).unwrap().len();
        assert!(length < LENGTH, "{length}");
    }
}
