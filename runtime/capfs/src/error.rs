//! Why an operation failed: one code, no text of the host.
//!
//! A guest can read an error, so an error must not be able to carry a host path. This one is a plain number with a
//! name.

use rustix::io::Errno;
use std::io;

/// Why an operation failed. Each case is the case of that name in `wasi:filesystem/types.error-code` and in
/// `bailiwick:fs/read.error-code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ErrorCode {
    /// Permission denied by the operating system (`EACCES`), or a right that the grant does not have.
    #[error("permission denied")]
    Access,
    /// The handle is closed, or what it stood for was taken back (`EBADF`, `ESTALE`).
    #[error("the handle is closed")]
    BadDescriptor,
    /// In use, or exchanged while we looked (`EBUSY`, `EAGAIN`).
    #[error("in use by another process")]
    Busy,
    /// On another filesystem than the grant (`EXDEV`).
    #[error("on another filesystem than the grant")]
    CrossDevice,
    /// It exists already (`EEXIST`).
    #[error("it exists already")]
    Exist,
    /// The file is too large (`EFBIG`).
    #[error("the file is too large")]
    FileTooLarge,
    /// An argument is malformed (`EINVAL`).
    #[error("malformed argument")]
    Invalid,
    /// Reading or writing failed (`EIO`, and whatever has no case of its own).
    #[error("reading or writing failed")]
    Io,
    /// A directory, where something else was wanted (`EISDIR`).
    #[error("it is a directory")]
    IsDirectory,
    /// More than [`LINKS`](crate::bounds::LINKS) symbolic links in one path (`ELOOP`).
    #[error("too many symbolic links")]
    Loop,
    /// A path, a name in it, or the way to it is too long (`ENAMETOOLONG`).
    #[error("the path is too long")]
    NameTooLong,
    /// No such file or directory (`ENOENT`).
    #[error("no such file or directory")]
    NoEntry,
    /// A name in the path is not a directory (`ENOTDIR`).
    #[error("not a directory")]
    NotDirectory,
    /// The directory is not empty (`ENOTEMPTY`).
    #[error("the directory is not empty")]
    NotEmpty,
    /// Outside what the handle covers (`EPERM`).
    #[error("outside what the handle covers")]
    NotPermitted,
    /// No room is left (`ENOSPC`, `ENOMEM`).
    #[error("no room is left")]
    InsufficientSpace,
    /// A value or a listing is over what can be given (`EOVERFLOW`).
    #[error("too much to give")]
    Overflow,
    /// A bound is used up (`EDQUOT`, `EMFILE`, `ENFILE`).
    #[error("a bound is used up")]
    Quota,
    /// It can only be read (`EROFS`).
    #[error("it can only be read")]
    ReadOnly,
    /// Neither a regular file nor a directory, or not done on this host (`ENOTSUP`, `ENXIO`).
    #[error("neither a regular file nor a directory")]
    Unsupported,
}

impl ErrorCode {
    /// Every code, in the order of the WIT enum.
    pub const ALL: [Self; 20] = [
        Self::Access,
        Self::BadDescriptor,
        Self::Busy,
        Self::CrossDevice,
        Self::Exist,
        Self::FileTooLarge,
        Self::Invalid,
        Self::Io,
        Self::IsDirectory,
        Self::Loop,
        Self::NameTooLong,
        Self::NoEntry,
        Self::NotDirectory,
        Self::NotEmpty,
        Self::NotPermitted,
        Self::InsufficientSpace,
        Self::Overflow,
        Self::Quota,
        Self::ReadOnly,
        Self::Unsupported,
    ];

    /// The name of the case in WIT, in kebab case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::BadDescriptor => "bad-descriptor",
            Self::Busy => "busy",
            Self::CrossDevice => "cross-device",
            Self::Exist => "exist",
            Self::FileTooLarge => "file-too-large",
            Self::Invalid => "invalid",
            Self::Io => "io",
            Self::IsDirectory => "is-directory",
            Self::Loop => "loop",
            Self::NameTooLong => "name-too-long",
            Self::NoEntry => "no-entry",
            Self::NotDirectory => "not-directory",
            Self::NotEmpty => "not-empty",
            Self::NotPermitted => "not-permitted",
            Self::InsufficientSpace => "insufficient-space",
            Self::Overflow => "overflow",
            Self::Quota => "quota",
            Self::ReadOnly => "read-only",
            Self::Unsupported => "unsupported",
        }
    }
}

impl From<Errno> for ErrorCode {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::ACCESS => Self::Access,
            Errno::BADF | Errno::STALE => Self::BadDescriptor,
            Errno::BUSY | Errno::AGAIN | Errno::TXTBSY => Self::Busy,
            Errno::XDEV => Self::CrossDevice,
            Errno::EXIST => Self::Exist,
            Errno::FBIG => Self::FileTooLarge,
            Errno::INVAL | Errno::ILSEQ => Self::Invalid,
            Errno::ISDIR => Self::IsDirectory,
            Errno::LOOP => Self::Loop,
            Errno::NAMETOOLONG => Self::NameTooLong,
            Errno::NOENT => Self::NoEntry,
            Errno::NOTDIR => Self::NotDirectory,
            Errno::NOTEMPTY => Self::NotEmpty,
            Errno::PERM => Self::NotPermitted,
            Errno::NOSPC | Errno::NOMEM => Self::InsufficientSpace,
            Errno::OVERFLOW => Self::Overflow,
            Errno::DQUOT | Errno::MFILE | Errno::NFILE => Self::Quota,
            Errno::ROFS => Self::ReadOnly,
            Errno::NOTSUP | Errno::NOSYS | Errno::NXIO | Errno::NODEV => Self::Unsupported,
            _ => Self::Io,
        }
    }
}

impl From<&io::Error> for ErrorCode {
    fn from(error: &io::Error) -> Self {
        match (Errno::from_io_error(error), error.kind()) {
            (Some(errno), _) => errno.into(),
            // cap-std's own refusals carry no number: a path that would escape, and a name with a NUL.
            (None, io::ErrorKind::PermissionDenied) => Self::NotPermitted,
            (None, io::ErrorKind::InvalidInput) => Self::Invalid,
            (None, _) => Self::Io,
        }
    }
}

impl From<io::Error> for ErrorCode {
    fn from(error: io::Error) -> Self {
        Self::from(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_kebab() {
        let names: BTreeSet<_> = ErrorCode::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), ErrorCode::ALL.len());
        for name in names {
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
                "{name}"
            );
        }
    }

    #[test]
    fn the_wit_enum_has_the_same_cases_in_the_same_order() {
        let wit = include_str!("../../../wit/fs.wit");
        let (_, rest) = wit
            .split_once("enum error-code {")
            .expect("fs.wit has the enum");
        let (body, _) = rest.split_once('}').expect("the enum ends");
        let cases: Vec<_> = body
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with("///"))
            .map(|line| line.trim_end_matches(','))
            .collect();
        assert_eq!(cases, ErrorCode::ALL.map(ErrorCode::name));
    }

    #[test]
    fn system_errors_map_by_number() {
        let of = |errno: Errno| ErrorCode::from(&io::Error::from(errno));
        assert_eq!(of(Errno::NOENT), ErrorCode::NoEntry);
        assert_eq!(of(Errno::ACCESS), ErrorCode::Access);
        assert_eq!(of(Errno::PERM), ErrorCode::NotPermitted);
        assert_eq!(of(Errno::MFILE), ErrorCode::Quota);
        assert_eq!(of(Errno::NXIO), ErrorCode::Unsupported);
        assert_eq!(of(Errno::PROTO), ErrorCode::Io);
        assert_eq!(ErrorCode::from(&io::Error::other("x")), ErrorCode::Io);
    }
}
