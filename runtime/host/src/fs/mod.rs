//! `bailiwick:fs` for guests, over [`bailiwick_capfs`].
//!
//! Every function counts itself before it does anything. They run on the thread of the call: local files take less than a
//! hop to another thread.

#![allow(
    unreachable_pub,
    reason = "the generated bindings re-export the types of resources"
)]

mod read;
mod write;

use bailiwick_capfs as capfs;
use wasmtime::component::Resource;

use crate::bindings::fs_read as wit;
use crate::state::State;

pub use read::{Dir, File, Walk};
pub use write::{WriteDir, WriteFile};

type Result<T> = wasmtime::Result<std::result::Result<T, wit::ErrorCode>>;

impl State {
    /// Hands the guest something that costs descriptors, or `quota`.
    fn hand<T: Send + 'static>(
        &mut self,
        made: std::result::Result<T, capfs::ErrorCode>,
        descriptors: u32,
    ) -> Result<Resource<T>> {
        match made {
            Err(code) => Ok(Err(code.into())),
            Ok(_) if !self.io.open(descriptors) => Ok(Err(wit::ErrorCode::Quota)),
            Ok(made) => Ok(Ok(self.table.push(made)?)),
        }
    }
}

fn converted<T, U: From<T>>(
    result: std::result::Result<T, capfs::ErrorCode>,
) -> std::result::Result<U, wit::ErrorCode> {
    result.map(Into::into).map_err(Into::into)
}
