//! A session's handles: what each may do, how much, until when, and what it was derived from.
//!
//! The table is a tree. Deriving a handle only ever takes away, and taking one back takes back all that were derived
//! from it. A number that was taken back never means anything again, here or in another session's table.

mod capability;
mod table;

pub(crate) use capability::Reach;
pub use capability::{Attenuation, Capability};
pub use table::{HandleId, Handles};

use crate::ErrorCode;
use crate::guard::GlobError;

/// Why a handle could not be used or derived.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandleError {
    /// No such handle, or no more: it was taken back, or has expired.
    #[error("there is no such handle")]
    Unknown,
    /// A glob does not parse.
    #[error(transparent)]
    Glob(#[from] GlobError),
    /// The path leads nowhere.
    #[error(transparent)]
    Path(#[from] ErrorCode),
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test makes its own files")]
mod tests;
