//! Errors for a model to read: what failed, naming it, and what to try next.

use std::fmt::Display;
use std::io;

use crate::fs::read::ErrorCode;
use crate::types::ToolError;

impl ToolError {
    /// An error without a hint.
    ///
    /// - `code`: kebab-case and stable, so that it can be counted: `bad-pattern`.
    /// - `message`: what failed, naming the argument, as a lower-case fragment: `pattern: unclosed group at character
    ///   7`.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            hint: None,
        }
    }

    /// The same error with what to try next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl ErrorCode {
    /// What went wrong in words, as a lower-case fragment that fits after `PATH: `.
    pub fn text(self) -> &'static str {
        match self {
            Self::Access => "permission denied",
            Self::BadDescriptor => "the handle is closed",
            Self::Busy => "it is in use",
            Self::CrossDevice => "it lies on another filesystem",
            Self::Exist => "it exists already",
            Self::FileTooLarge => "it is too large",
            Self::Invalid => "an argument is malformed",
            Self::Io => "reading or writing failed",
            Self::IsDirectory => "it is a directory",
            Self::Loop => "there are too many symbolic links on the way",
            Self::NameTooLong => "the path is too long",
            Self::NoEntry => "no such file or directory",
            Self::NotDirectory => "not a directory",
            Self::NotEmpty => "the directory is not empty",
            Self::NotPermitted => "not permitted: it lies outside, or is hidden or protected",
            Self::InsufficientSpace => "no room is left",
            Self::Overflow => "there is too much to show",
            Self::Quota => "a bound of this call is used up",
            Self::ReadOnly => "it can only be read",
            Self::Unsupported => "neither a regular file nor a directory",
        }
    }

    /// The error as a tool's: the same code, and a message that names `path`, `/workspace/a.txt: no such file or
    /// directory`.
    pub fn at(self, path: impl Display) -> ToolError {
        ToolError::new(self.name(), format!("{path}: {}", self.text()))
    }
}

/// Gives the error of an operation the path that it is about.
pub trait At<T> {
    /// The value, or a [`ToolError`] whose message names the path. `path` is asked only when there is an error.
    fn at<P: Display>(self, path: impl FnOnce() -> P) -> Result<T, ToolError>;
}

impl<T> At<T> for Result<T, ErrorCode> {
    fn at<P: Display>(self, path: impl FnOnce() -> P) -> Result<T, ToolError> {
        self.map_err(|code| code.at(path()))
    }
}

impl<T> At<T> for io::Result<T> {
    fn at<P: Display>(self, path: impl FnOnce() -> P) -> Result<T, ToolError> {
        self.map_err(|error| io_error_at(&error, path()))
    }
}

/// An error of a [`FileReader`](crate::FileReader) as a tool's. The [`ErrorCode`] that it was made from decides; any
/// other error has the code `io` and its own text.
pub fn io_error_at(error: &io::Error, path: impl Display) -> ToolError {
    match ErrorCode::of(error) {
        Some(code) => code.at(path),
        None => ToolError::new(ErrorCode::Io.name(), format!("{path}: {error}")),
    }
}

impl ErrorCode {
    /// The code that `error` was made from, if it was.
    pub fn of(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }
}

impl From<ErrorCode> for io::Error {
    /// An error of the nearest kind that keeps the code: see [`ErrorCode::of`].
    fn from(code: ErrorCode) -> Self {
        use io::ErrorKind as K;
        let kind = match code {
            ErrorCode::Access | ErrorCode::NotPermitted => K::PermissionDenied,
            ErrorCode::Busy => K::ResourceBusy,
            ErrorCode::CrossDevice => K::CrossesDevices,
            ErrorCode::Exist => K::AlreadyExists,
            ErrorCode::FileTooLarge => K::FileTooLarge,
            ErrorCode::Invalid | ErrorCode::NameTooLong => K::InvalidInput,
            ErrorCode::IsDirectory => K::IsADirectory,
            ErrorCode::NoEntry => K::NotFound,
            ErrorCode::NotDirectory => K::NotADirectory,
            ErrorCode::NotEmpty => K::DirectoryNotEmpty,
            ErrorCode::InsufficientSpace => K::StorageFull,
            ErrorCode::Quota => K::QuotaExceeded,
            ErrorCode::ReadOnly => K::ReadOnlyFilesystem,
            ErrorCode::Unsupported => K::Unsupported,
            ErrorCode::BadDescriptor | ErrorCode::Io | ErrorCode::Loop | ErrorCode::Overflow => {
                K::Other
            }
        };
        Self::new(kind, code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_path() {
        let failed: Result<(), _> = Err(ErrorCode::NoEntry);
        let error = failed.at(|| "/workspace/a.txt").unwrap_err();
        assert_eq!(error.code, "no-entry");
        assert_eq!(error.message, "/workspace/a.txt: no such file or directory");
        assert_eq!(error.hint, None);
    }

    #[test]
    fn the_path_is_not_asked_for_without_an_error() {
        let fine: Result<u8, ErrorCode> = Ok(7);
        let value = fine.at(|| -> String { unreachable!("there is no error") });
        assert_eq!(value, Ok(7));
    }

    #[test]
    fn a_code_survives_as_an_io_error() {
        let error = io::Error::from(ErrorCode::Quota);
        assert_eq!(ErrorCode::of(&error), Some(ErrorCode::Quota));
        assert_eq!(io_error_at(&error, "/a").code, "quota");
    }

    #[test]
    fn another_io_error_keeps_its_text() {
        let error = io::Error::other("line too long");
        assert_eq!(io_error_at(&error, "/a").message, "/a: line too long");
        assert_eq!(io_error_at(&error, "/a").code, "io");
    }
}
