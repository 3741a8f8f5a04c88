//! Why a text is no lock.

use super::{MOST, VERSION};

/// Why a text is no lock. Displays as a lower-case fragment of one line that says where, what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// There is too much of it.
    #[error("a lock of {bytes} bytes: at most {MOST} are read; take out tools that are not used")]
    TooLarge {
        /// How much there is, or would be.
        bytes: usize,
    },
    /// A character that nobody sees stands in it as it is.
    #[error(
        "line {line}: a character that cannot be seen ({character}) stands in the file as it is: somebody edited it, \
         for it is written out otherwise; look at the line, then lock again"
    )]
    Hidden {
        /// From 1.
        line: usize,
        /// `U+202E`.
        character: String,
    },
    /// Another version of the format.
    #[error(
        "line {line}: `version = {found}`: this program reads version {VERSION} of the format; use a newer one, or \
         lock again"
    )]
    Version {
        /// From 1.
        line: usize,
        /// What is written there.
        found: String,
    },
    /// No version.
    #[error(
        "there is no `version`: a lock says `version = {VERSION}` before its tools; lock again"
    )]
    NoVersion,
    /// Not TOML, a key that is not known or missing, a value that is none.
    #[error("line {line}, column {column}: {message}{}", within(.key))]
    Text {
        /// From 1.
        line: usize,
        /// In characters, from 1.
        column: usize,
        /// Where in the tree: `tools.files.approval.until`. None when it is not TOML at all.
        key: Option<String>,
        /// What is wrong.
        message: String,
    },
    /// An approval of several lines.
    #[error("the approval of `{tool}`: `{key}` is more than one line (`{text}`): write it in one")]
    Approval {
        /// The tool.
        tool: String,
        /// `by` or `note`.
        key: &'static str,
        /// How it begins.
        text: String,
    },
    /// Two tools that a reader takes for one.
    #[error("the tools `{first}` and `{second}` look alike: give one of them another name")]
    LookAlikes {
        /// One of them.
        first: String,
        /// The other.
        second: String,
    },
}

fn within(key: &Option<String>) -> String {
    key.as_ref()
        .map(|key| format!(" (in `{key}`)"))
        .unwrap_or_default()
}
