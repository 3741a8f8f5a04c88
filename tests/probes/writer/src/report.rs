//! What was tried, and what came of it.

use bailiwick_guest::fs::read::{Chunk, ErrorCode, ReadDir, ReadFile, Stat};
use bailiwick_guest::fs::write::{WriteDir, WriteFile};

/// Attempts in order.
#[derive(Default)]
pub(crate) struct Report(pub(crate) Vec<(String, String)>);

impl Report {
    pub(crate) fn tried<T: Seen>(&mut self, what: impl Into<String>, result: Result<T, ErrorCode>) {
        self.0.push((what.into(), shown(result)));
    }
}

/// An error code as WIT spells it.
pub(crate) fn name(code: ErrorCode) -> String {
    code.name().to_owned()
}

/// What came of an attempt: `ok` with what was seen, or the error code.
pub(crate) fn shown<T: Seen>(result: Result<T, ErrorCode>) -> String {
    match result {
        Ok(value) => match value.seen() {
            seen if seen.is_empty() => "ok".into(),
            seen => format!("ok: {seen}"),
        },
        Err(code) => name(code),
    }
}

/// What a value shows of itself.
pub(crate) trait Seen {
    /// Text for a test to look at, empty when there is nothing to see.
    fn seen(&self) -> String;
}

impl Seen for () {
    fn seen(&self) -> String {
        String::new()
    }
}

impl Seen for String {
    fn seen(&self) -> String {
        self.clone()
    }
}

impl Seen for Stat {
    fn seen(&self) -> String {
        format!("{:?} {}", self.kind, self.size)
    }
}

impl Seen for Chunk {
    fn seen(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

impl Seen for ReadDir {
    fn seen(&self) -> String {
        self.name()
    }
}

impl Seen for ReadFile {
    fn seen(&self) -> String {
        self.name()
    }
}

impl Seen for WriteDir {
    fn seen(&self) -> String {
        self.as_read().name()
    }
}

impl Seen for WriteFile {
    fn seen(&self) -> String {
        self.as_read().name()
    }
}
