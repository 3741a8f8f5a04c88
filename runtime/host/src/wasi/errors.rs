//! Errors of `wasi:filesystem`: codes, and of the host no word.

use bailiwick_capfs as capfs;
use wasmtime::component::{HasData, Resource, ResourceTable, ResourceTableError};
use wasmtime_wasi::p2::StreamError;
use wasmtime_wasi::p2::bindings::io::error;

use super::bindings::types::ErrorCode;

/// Why a function of `wasi:filesystem` failed: a code for the guest, or what ends the call.
#[derive(Debug)]
pub enum FsError {
    /// The guest is told.
    Code(ErrorCode),
    /// It is told why capfs failed.
    Capfs(capfs::ErrorCode),
    /// The call ends.
    Trap(wasmtime::Error),
}

pub(super) type FsResult<T> = Result<T, FsError>;

impl From<ErrorCode> for FsError {
    fn from(code: ErrorCode) -> Self {
        Self::Code(code)
    }
}

impl From<capfs::ErrorCode> for FsError {
    fn from(code: capfs::ErrorCode) -> Self {
        Self::Capfs(code)
    }
}

/// A handle that is none, or one too many: the guest's fault, or its bound.
impl From<ResourceTableError> for FsError {
    fn from(error: ResourceTableError) -> Self {
        Self::Trap(error.into())
    }
}

impl From<wasmtime::Error> for FsError {
    fn from(error: wasmtime::Error) -> Self {
        Self::Trap(error)
    }
}

/// What failed in a stream of a file's. The guest can ask for its code, and gets its words for a debug string.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct Failed(pub(super) capfs::ErrorCode);

impl From<Failed> for StreamError {
    fn from(failed: Failed) -> Self {
        Self::LastOperationFailed(wasmtime::Error::new(failed))
    }
}

/// `wasi:io/error` over a table. wasmtime-wasi's own hands the guest a debug string of the host's error, with its causes and, where the
/// environment asks for that, a backtrace.
pub(crate) struct Errors<'a>(pub(crate) &'a mut ResourceTable);

/// Who has [`Errors`].
pub(crate) struct HasErrors;

impl HasData for HasErrors {
    type Data<'a> = Errors<'a>;
}

impl error::Host for Errors<'_> {}

impl error::HostError for Errors<'_> {
    fn to_debug_string(&mut self, this: Resource<wasmtime::Error>) -> wasmtime::Result<String> {
        let error = self.0.get(&this)?;
        Ok(match error.downcast_ref::<Failed>() {
            Some(failed) => failed.to_string(),
            None => "the operation failed".to_owned(),
        })
    }

    fn drop(&mut self, this: Resource<wasmtime::Error>) -> wasmtime::Result<()> {
        self.0.delete(this)?;
        Ok(())
    }
}
