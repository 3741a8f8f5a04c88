//! What can be bounded before anything runs.

mod count;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// What one instance of a component takes, from its bytes. Sums are over all core modules that are instantiated, each as often as it is; those
/// that a component in it instantiates count too.
///
/// A sum that is larger than a `u64` stays at its largest. So do the sums of a component that instantiates a module or a component which it is only
/// given (no toolchain builds such), for they cannot be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Bounds {
    /// Core modules in it, at every depth.
    pub core_modules: u64,
    /// Instances of core modules.
    pub core_instances: u64,
    /// Linear memories.
    pub memories: u64,
    /// Bytes of linear memory that they begin with.
    pub memory_min: u64,
    /// Bytes of linear memory that they can grow to. None: as far as the host lets them.
    pub memory_max: Option<u64>,
    /// Tables.
    pub tables: u64,
    /// Elements of tables that they begin with.
    pub table_min: u64,
    /// Elements of tables that they can grow to. None: as far as the host lets them.
    pub table_max: Option<u64>,
}

impl Bounds {
    /// The bounds of a component that is valid. What it takes to count is linear in its length, however often it instantiates what is in it.
    pub(crate) fn read(bytes: &[u8]) -> Result<Bounds, Error> {
        count::bounds(bytes)
    }
}
