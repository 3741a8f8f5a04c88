//! Why something could not be granted.

use crate::guard::GlobError;
use std::io;
use std::path::{Path, PathBuf};

/// Why a path could not be granted. It names host paths: it is for the operator, never for a guest or a model.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is nothing at the path.
    #[error("cannot grant {path:?}: there is nothing at this path; create it, or correct the path")]
    Missing {
        /// The path as it was given.
        path: PathBuf,
    },
    /// There is something else than a directory.
    #[error("cannot grant {path:?}: it is not a directory; grant the directory that holds it")]
    NotDirectory {
        /// The path as it was given.
        path: PathBuf,
    },
    /// There is a FIFO, a socket or a device.
    #[error(
        "cannot grant {path:?}: it is neither a directory nor a regular file; grant one of those"
    )]
    NotOrdinary {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The filesystem shows the kernel or devices, not files.
    #[error(
        "cannot grant {path:?}: it lies on {filesystem}, which holds no ordinary files; grant a directory on a disk \
         or in memory"
    )]
    Special {
        /// The path as it was given.
        path: PathBuf,
        /// What the filesystem is called.
        filesystem: &'static str,
    },
    /// A server or another program answers for the filesystem, and can take as long as it likes.
    #[error(
        "cannot grant {path:?}: it lies on {filesystem}, where a server or another program answers, which can take as long as it \
         likes; say `remote = true` of the grant, or grant a local directory"
    )]
    Remote {
        /// The path as it was given.
        path: PathBuf,
        /// What the filesystem is called.
        filesystem: &'static str,
    },
    /// It holds what governs the session, or lies in it.
    #[error(
        "cannot grant {path:?}: it holds {by:?}, or lies in it, and that governs what a session may do; grant a \
         directory beside it, or move {by:?} elsewhere"
    )]
    Governed {
        /// The path as it was given.
        path: PathBuf,
        /// What must not be within reach, as it was given.
        by: PathBuf,
    },
    /// A glob to hide or protect names does not parse.
    #[error("cannot grant it like this: {0}")]
    Glob(#[from] GlobError),
    /// The system refused.
    #[error("cannot grant {path:?}: {reason}")]
    System {
        /// The path as it was given.
        path: PathBuf,
        /// What it said.
        reason: io::Error,
    },
}

impl OpenError {
    pub(super) fn of(path: &Path, reason: io::Error) -> Self {
        let path = path.to_path_buf();
        match reason.kind() {
            io::ErrorKind::NotFound => Self::Missing { path },
            io::ErrorKind::NotADirectory => Self::NotDirectory { path },
            _ => Self::System { path, reason },
        }
    }
}
