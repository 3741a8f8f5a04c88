//! The names of errors, so that both filesystem surfaces can be compared word by word.

use std::io;

/// The name that `wasi:filesystem/types.error-code` has for an error, or Rust's own when the error was made in the guest.
pub(crate) fn code(error: &io::Error) -> String {
    // The numbers are those of wasi-libc's errno.h.
    let name = match error.raw_os_error() {
        Some(2) => "access",
        Some(8) => "bad-descriptor",
        Some(10) => "busy",
        Some(19) => "quota",
        Some(20) => "exist",
        Some(22) => "file-too-large",
        Some(28) => "invalid",
        Some(29) => "io",
        Some(31) => "is-directory",
        Some(32) => "loop",
        Some(37) => "name-too-long",
        Some(44) => "no-entry",
        Some(51) => "insufficient-space",
        Some(54) => "not-directory",
        Some(55) => "not-empty",
        Some(58) => "unsupported",
        Some(61) => "overflow",
        Some(63) => "not-permitted",
        Some(69) => "read-only",
        Some(75) => "cross-device",
        Some(number) => return format!("errno {number}"),
        None if error.kind() == io::ErrorKind::InvalidInput => "invalid",
        None if error.kind() == io::ErrorKind::Unsupported => "unsupported",
        None => return format!("{:?}", error.kind()),
    };
    name.to_owned()
}

/// What came of an attempt: `ok` with what was seen, or the error's name.
pub(crate) fn shown<T: Seen>(result: io::Result<T>) -> String {
    match result {
        Ok(value) => match value.seen() {
            seen if seen.is_empty() => "ok".to_owned(),
            seen => format!("ok: {seen}"),
        },
        Err(error) => code(&error),
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

impl Seen for Vec<u8> {
    fn seen(&self) -> String {
        String::from_utf8_lossy(self).into_owned()
    }
}
