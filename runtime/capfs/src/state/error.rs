//! Why the state folder cannot be used, in words for the operator.

use std::io;
use std::path::{Path, PathBuf};

/// Why the state folder cannot be used. For the operator: it can name host paths.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The system refused.
    #[error("cannot use the state folder {path:?}: {reason}")]
    System {
        /// What in it, or for which grant.
        path: PathBuf,
        /// What it said.
        reason: io::Error,
    },
    /// It was written by a later version.
    #[error(
        "{path:?} has version {found}, this program knows {known}: use the newer program, or another state folder"
    )]
    Newer {
        /// The file that says so.
        path: PathBuf,
        /// The version in it.
        found: String,
        /// The version that this program writes.
        known: u32,
    },
    /// There are other things in it.
    #[error("{path:?} is not a state folder and is not empty: name an empty or a new folder")]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// It belongs to somebody else.
    #[error("{path:?} belongs to another user: name a folder of your own")]
    Owner {
        /// The folder.
        path: PathBuf,
    },
    /// A file in it does not say what it should.
    #[error(
        "{path:?} is damaged: {reason}; nothing was removed: restore it, or move it away to do without it"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A transaction was cut off, and can be neither finished nor undone: its granted directory is not there.
    #[error(
        "{journal:?} is unfinished, and {root:?} is not the directory it began in: put that back, or move the journal away"
    )]
    Stuck {
        /// The journal.
        journal: PathBuf,
        /// Where the directory was.
        root: PathBuf,
    },
    /// Another process changed what is pending since this one read it.
    #[error("what is pending for {root:?} was changed by another process: read it again")]
    Pending {
        /// The granted directory.
        root: PathBuf,
    },
}

impl StateError {
    /// What the system said of `path`.
    pub(crate) fn system(path: impl AsRef<Path>) -> impl FnOnce(rustix::io::Errno) -> Self {
        move |errno| Self::System {
            path: path.as_ref().to_path_buf(),
            reason: errno.into(),
        }
    }
}
