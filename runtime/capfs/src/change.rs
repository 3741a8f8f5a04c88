//! One changed name, as people and models are told of it.

use serde::{Deserialize, Serialize};

/// How a name changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// It is new.
    Created,
    /// It has other contents, permissions or times.
    Modified,
    /// It is gone.
    Removed,
    /// It has another name, and perhaps other contents as well.
    Renamed,
}

/// One changed file, directory or link. A created directory is one change besides those of what is in it; a removed or
/// renamed one is one change with all that is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The session's word for it: `/workspace/src/main.rs`. Directories end in `/`.
    pub path: String,
    /// How.
    pub kind: ChangeKind,
    /// What it was called before, when it was renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Lines that are new in a text file; none when it is no text or too large to compare.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub added: Option<u64>,
    /// Lines that are gone from a text file; likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed: Option<u64>,
}

/// A file that is not what the session last read or wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The session's word for it.
    pub path: String,
    /// What others changed, as a unified diff of what the session saw and what is there, where both are known texts;
    /// otherwise of what is there and what would have been written; otherwise a line in words.
    pub diff: String,
}
