//! Why capfs refused something, as guests are told: in each interface the case of that name.

use bailiwick_capfs::ErrorCode as Code;

use crate::bindings::fs_read;
use crate::wasi;

/// One table for all interfaces. A code of capfs that is not in it does not compile.
macro_rules! told {
    ($told:ty) => {
        impl From<Code> for $told {
            fn from(code: Code) -> Self {
                match code {
                    Code::Access => Self::Access,
                    Code::BadDescriptor => Self::BadDescriptor,
                    Code::Busy => Self::Busy,
                    Code::CrossDevice => Self::CrossDevice,
                    Code::Exist => Self::Exist,
                    Code::FileTooLarge => Self::FileTooLarge,
                    Code::Invalid => Self::Invalid,
                    Code::Io => Self::Io,
                    Code::IsDirectory => Self::IsDirectory,
                    Code::Loop => Self::Loop,
                    Code::NameTooLong => Self::NameTooLong,
                    Code::NoEntry => Self::NoEntry,
                    Code::NotDirectory => Self::NotDirectory,
                    Code::NotEmpty => Self::NotEmpty,
                    Code::NotPermitted => Self::NotPermitted,
                    Code::InsufficientSpace => Self::InsufficientSpace,
                    Code::Overflow => Self::Overflow,
                    Code::Quota => Self::Quota,
                    Code::ReadOnly => Self::ReadOnly,
                    Code::Unsupported => Self::Unsupported,
                }
            }
        }
    };
}

told!(fs_read::ErrorCode);
told!(wasi::ErrorCode);
