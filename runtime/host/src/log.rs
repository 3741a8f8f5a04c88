//! The log: what was granted, what was called, how it ended. One line of JSON a record, and each says the hash of the one before.
//!
//! It is for the operator: it has paths of the host, and none of what was handed to a tool or came back from it. Several processes append to
//! one log at a time. What is changed, taken out, put in or cut off afterwards is found by [`Log::verify`], as long as whoever did it did not
//! write all that follows anew: the chain is no signature. `docs/log.md` has the format.
//!
//! A record is written before the caller has the outcome, and is not synced to the disk. One that cannot be written does not change the
//! outcome: it is counted ([`Log::failures`]), and the next record says how many are missing.

mod append;
mod folder;
mod head;
mod line;
mod reader;
mod record;
mod recorder;
mod session;
#[cfg(test)]
mod tests;
mod time;
mod verify;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bailiwick_capfs::AmbientAuthority;

use crate::outcome::Outcome;
use append::Writer;
use folder::Folder;
use record::CallRecord;

pub use reader::{Entry, Reader};
pub(crate) use record::{GrantRecord, Record};
pub(crate) use recorder::{Recorded, Recorder};
pub use verify::{Broken, Verified, VerifyError};

/// The version of the lines and of the head.
pub const VERSION: u32 = 1;

/// A folder with a log in it. Cheap to clone; clones write through the same descriptors.
#[derive(Debug, Clone)]
pub struct Log(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    folder: Folder,
    options: LogOptions,
    writing: Mutex<Writing>,
}

#[derive(Debug, Default)]
struct Writing {
    writer: Writer,
    failures: u64,
    why: Option<String>,
}

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogOptions {
    /// A file that has so many bytes is followed by the next. Default 8 MiB.
    pub file_bytes: u64,
    /// So many files are kept, at least 2; the oldest is removed when there is one more. Default 8.
    pub files: usize,
}

impl Default for LogOptions {
    fn default() -> Self {
        Self {
            file_bytes: 8 << 20,
            files: 8,
        }
    }
}

/// The folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The system says no.
    #[error("`{}`: {reason}", path.display())]
    System {
        /// The folder.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
    /// Others own it, or may read it or write to it.
    #[error("`{}` is not only yours: `chmod 700` it, or name another", .0.display())]
    NotPrivate(PathBuf),
}

impl Log {
    /// Opens the folder, and makes it when it is not there.
    ///
    /// # Ambient authority
    ///
    /// The path is one of the host's. Records have the time of this machine's clock.
    ///
    /// # Errors
    ///
    /// [`LogError`]: it cannot be made or opened, it is a link, or it is not only this user's.
    pub fn open_ambient(path: &Path, authority: AmbientAuthority) -> Result<Self, LogError> {
        Self::open_with(path, LogOptions::default(), authority)
    }

    /// As [`open_ambient`](Self::open_ambient), and says how much is kept. Whoever writes to a log says it for what is there then.
    ///
    /// # Errors
    ///
    /// Those of [`open_ambient`](Self::open_ambient).
    pub fn open_with(
        path: &Path,
        options: LogOptions,
        _: AmbientAuthority,
    ) -> Result<Self, LogError> {
        Ok(Self(Arc::new(Shared {
            folder: Folder::open(path)?,
            options,
            writing: Mutex::default(),
        })))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.folder.path()
    }

    /// How many records could not be written through this log.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.writing().failures
    }

    /// Why the last one could not be written that could not.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.writing().why.clone()
    }

    /// Records a call that was refused before there was a session for it: whether it could be written.
    pub fn refused(&self, outcome: &Outcome) -> bool {
        let mut call = CallRecord::asked(&outcome.tool);
        call.end(outcome);
        self.write(None, &Record::Call(Box::new(call)))
    }

    /// Writes a record. Whether it could be.
    fn write(&self, session: Option<&str>, record: &Record) -> bool {
        let mut writing = self.writing();
        let Writing {
            writer,
            failures,
            why,
        } = &mut *writing;
        match writer.append(&self.0.folder, &self.0.options, now(), session, record) {
            Ok(()) => true,
            Err(error) => {
                *failures += 1;
                *why = Some(error.to_string());
                false
            }
        }
    }

    fn writing(&self) -> MutexGuard<'_, Writing> {
        self.0
            .writing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn folder(&self) -> &Folder {
        &self.0.folder
    }
}

/// The time since 1970.
#[allow(
    clippy::disallowed_methods,
    reason = "the date of a record; whoever opened the log gave it the clock"
)]
fn now() -> Duration {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.unwrap_or_default()
}
