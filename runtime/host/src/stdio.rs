//! A guest's standard output and error: kept up to a cap, never passed on, never closed.
//!
//! wasmtime-wasi's `MemoryOutputPipe` closes when it is full, which makes a guest that prints too much fail. This one drops and
//! counts.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use crate::counts::Counts;

/// How much a guest may hand over at once.
const PERMIT: usize = 64 << 10;

/// What a guest printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Captured {
    /// The first bytes, up to the limit.
    pub bytes: Vec<u8>,
    /// How many bytes after those were dropped.
    pub dropped: u64,
}

impl Captured {
    /// The bytes as text. What is not UTF-8 is shown as U+FFFD, and a character that was cut at the limit is left out.
    #[must_use]
    pub fn text(&self) -> String {
        let mut bytes = self.bytes.as_slice();
        if self.dropped > 0
            && let Err(error) = std::str::from_utf8(bytes)
            && error.error_len().is_none()
        {
            bytes = &bytes[..error.valid_up_to()];
        }
        String::from_utf8_lossy(bytes).into_owned()
    }
}

/// The host's end of one of a guest's output streams.
#[derive(Debug, Clone)]
pub(crate) struct Capture {
    cap: usize,
    captured: Arc<Mutex<Captured>>,
    counts: Arc<Counts>,
}

impl Capture {
    pub(crate) fn new(cap: usize, counts: Arc<Counts>) -> Self {
        Self {
            cap,
            captured: Arc::default(),
            counts,
        }
    }

    /// What there is by now.
    pub(crate) fn take(&self) -> Captured {
        std::mem::take(&mut *self.captured.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn push(&self, bytes: &[u8]) {
        self.counts.handed(bytes.len() as u64);
        let mut captured = self.captured.lock().unwrap_or_else(PoisonError::into_inner);
        let room = self.cap.saturating_sub(captured.bytes.len());
        let kept = bytes.len().min(room);
        captured.bytes.extend_from_slice(&bytes[..kept]);
        captured.dropped += (bytes.len() - kept) as u64;
    }
}

impl IsTerminal for Capture {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Capture {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Capture {
    async fn ready(&mut self) {}
}

#[wasmtime_wasi::async_trait]
impl OutputStream for Capture {
    fn write(&mut self, bytes: bytes::Bytes) -> StreamResult<()> {
        self.push(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(PERMIT)
    }
}

impl tokio::io::AsyncWrite for Capture {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.push(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_the_cap_is_dropped_and_counted() {
        let counts = Arc::new(Counts::new(&crate::Limits::default()));
        let capture = Capture::new(4, counts.clone());
        capture.push(b"ab");
        capture.push("cé!".as_bytes());
        let captured = capture.take();
        assert_eq!(captured.bytes, "abc\u{e9}".as_bytes()[..4]);
        assert_eq!(captured.dropped, 2);
        assert_eq!(captured.text(), "abc", "no half character");
        capture.push(&[0; 3 + 8 * crate::limits::BYTES_PER_FUEL as usize]);
        assert_eq!(counts.due(), 9, "what is dropped is paid, too");
    }
}
