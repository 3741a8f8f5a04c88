//! Facts about what a name stands for.

use crate::facts::Facts;
use cap_std::fs::Metadata;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link, not followed.
    Symlink,
    /// A FIFO, a socket or a device. It is never opened for a guest.
    Other,
}

/// Facts about a file or directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub kind: Kind,
    /// Bytes of a regular file or of a link's target, otherwise 0.
    pub size: u64,
    /// Last change of the contents: milliseconds since 1970-01-01T00:00:00Z, rounded down, negative before.
    pub modified: i64,
}

impl From<&Facts> for Stat {
    fn from(facts: &Facts) -> Self {
        let (seconds, nanos) = facts.modified;
        // The nanoseconds count forward from the second, before 1970 too.
        let modified = seconds
            .saturating_mul(1000)
            .saturating_add(i64::from(nanos / 1_000_000));
        Self {
            kind: facts.kind,
            size: facts.size,
            modified,
        }
    }
}

/// The kind in `metadata`.
pub(crate) fn kind(metadata: &Metadata) -> Kind {
    let file_type = metadata.file_type();
    if file_type.is_file() {
        Kind::File
    } else if file_type.is_dir() {
        Kind::Directory
    } else if file_type.is_symlink() {
        Kind::Symlink
    } else {
        Kind::Other
    }
}
