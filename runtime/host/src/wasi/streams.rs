//! Streams over files. They read and write at once, on the thread of the call, and so are always ready.

use std::sync::Arc;

use bailiwick_capfs as capfs;
use bytes::Bytes;
use wasmtime_wasi::p2::{InputStream, OutputStream, Pollable, StreamError, StreamResult};

use super::errors::Failed;
use crate::counts::{Counts, Slot};

/// Bytes that one read gives, or one write takes, at most.
pub(super) const CHUNK: usize = 1 << 20;

/// A file from an offset to its end.
pub(super) struct Input {
    pub(super) file: Arc<capfs::ReadFile>,
    pub(super) offset: u64,
    /// At the end, or failed. It stays so, even when the file grows.
    pub(super) closed: bool,
    pub(super) counts: Arc<Counts>,
    pub(super) _slot: Arc<Slot>,
}

impl Input {
    /// Closes the stream when something failed.
    fn checked<T>(&mut self, result: Result<T, capfs::ErrorCode>) -> StreamResult<T> {
        self.counts.note(&result);
        result.map_err(|code| {
            self.closed = true;
            Failed(code).into()
        })
    }

    /// Moves on by what was got of what was asked for.
    fn advance(&mut self, asked: usize, got: u64) -> StreamResult<()> {
        if got == 0 && asked > 0 {
            self.closed = true;
            return Err(StreamError::Closed);
        }
        self.offset = self.offset.saturating_add(got);
        Ok(())
    }

    fn begin(&self) -> StreamResult<()> {
        self.counts.enter().map_err(StreamError::Trap)?;
        if self.closed {
            return Err(StreamError::Closed);
        }
        Ok(())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Input {
    async fn ready(&mut self) {}
}

#[wasmtime_wasi::async_trait]
impl InputStream for Input {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        self.begin()?;
        let size = size.min(CHUNK);
        let max = u32::try_from(size).unwrap_or(u32::MAX);
        let chunk = self.file.read(self.offset, max);
        let bytes = self.checked(chunk)?.bytes;
        let got = bytes.len() as u64;
        self.counts.moved(got).map_err(StreamError::Trap)?;
        self.advance(size, got)?;
        Ok(bytes.into())
    }

    /// Reads nothing: what is skipped need not be looked at.
    fn skip(&mut self, size: usize) -> StreamResult<usize> {
        self.begin()?;
        let facts = self.file.facts();
        let there = self.checked(facts)?.size.saturating_sub(self.offset);
        let there = usize::try_from(there).unwrap_or(usize::MAX);
        let skipped = size.min(there);
        self.advance(size, skipped as u64)?;
        Ok(skipped)
    }

    async fn blocking_skip(&mut self, size: usize) -> StreamResult<usize> {
        self.skip(size)
    }
}

/// Where a stream writes.
#[derive(Clone, Copy, Debug)]
pub(super) enum To {
    /// From this offset on.
    Offset(u64),
    /// To the end, wherever that is.
    End,
}

/// A file that is written to.
pub(super) struct Output {
    pub(super) file: Arc<capfs::WriteFile>,
    pub(super) to: To,
    /// Whether each write has to be on the medium before it returns.
    pub(super) syncs: bool,
    /// Something failed.
    pub(super) closed: bool,
    pub(super) counts: Arc<Counts>,
    pub(super) _slot: Arc<Slot>,
}

impl Output {
    fn put(&mut self, bytes: &[u8]) -> Result<(), capfs::ErrorCode> {
        if bytes.is_empty() {
            return Ok(());
        }
        match &mut self.to {
            To::End => self.file.append(bytes)?,
            To::Offset(offset) => {
                let end = offset
                    .checked_add(bytes.len() as u64)
                    .ok_or(capfs::ErrorCode::FileTooLarge)?;
                self.file.write(*offset, bytes)?;
                *offset = end;
            }
        }
        if self.syncs { self.file.sync() } else { Ok(()) }
    }

    fn open(&self) -> StreamResult<()> {
        if self.closed {
            return Err(StreamError::Closed);
        }
        Ok(())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

#[wasmtime_wasi::async_trait]
impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.counts.enter().map_err(StreamError::Trap)?;
        self.open()?;
        if bytes.len() > CHUNK {
            return Err(StreamError::trap("more was written than was permitted"));
        }
        // Counted first: what is over the bound is not written.
        self.counts
            .wrote(bytes.len() as u64)
            .map_err(StreamError::Trap)?;
        let result = self.put(&bytes);
        self.counts.note(&result);
        result.map_err(|code| {
            self.closed = true;
            Failed(code).into()
        })
    }

    /// Nothing is held back, so there is nothing to do.
    fn flush(&mut self) -> StreamResult<()> {
        self.open()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.open()?;
        Ok(CHUNK)
    }
}
