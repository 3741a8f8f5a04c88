//! Which contents a file had: what it takes to see that it changed.

use crate::ErrorCode;
use cap_std::fs::{File, Metadata, MetadataExt};
use rustix::fs::Stat;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::os::fd::AsFd;
use std::time::{SystemTime, UNIX_EPOCH};

/// Nanoseconds within which two changes of a file can carry the same time: one tick of the clock that filesystems take their
/// times from is at most 10 ms, and this is twice that.
const TICK: i128 = 20_000_000;

/// The SHA-256 of some contents. In JSON and in words: 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

/// A time of a file: seconds since 1970 and nanoseconds that count forward from there.
pub type Time = (i64, u32);

/// When to look again: as long as this is the same, nobody wrote to the file through the system, unless within one tick of its clock
/// ([`Stamp::is_recent`]). Two are equal when all that the file says is equal; see [`Stamp::proves`] for what that means.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Stamp {
    /// Which file it is, whatever it is called.
    pub device: u64,
    /// Likewise.
    pub inode: u64,
    /// Bytes.
    pub size: u64,
    /// When the contents last changed.
    pub modified: Time,
    /// When anything about it last changed.
    pub changed: Time,
    /// Whether that was long enough before this stamp was taken that another change cannot have the same time.
    settled: bool,
}

impl PartialEq for Stamp {
    fn eq(&self, other: &Self) -> bool {
        let all = |stamp: &Self| {
            (
                stamp.device,
                stamp.inode,
                stamp.size,
                stamp.modified,
                stamp.changed,
            )
        };
        all(self) == all(other)
    }
}

impl Eq for Stamp {}

/// What a file was when it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// When to look again.
    pub stamp: Stamp,
    /// What was in it. None when it was not read, or is too large to be
    /// ([`bounds::DIGESTED`](crate::bounds::DIGESTED)): then the stamp has to do.
    pub digest: Option<Digest>,
}

impl Stamp {
    /// Of what is open.
    pub(crate) fn of(metadata: &Metadata) -> Self {
        let modified = (metadata.mtime(), nanos(metadata.mtime_nsec()));
        let changed = (metadata.ctime(), nanos(metadata.ctime_nsec()));
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.len(),
            modified,
            changed,
            settled: settled(changed),
        }
    }

    /// Of what a name stands for, as the system tells it.
    #[allow(
        clippy::useless_conversion,
        clippy::unnecessary_cast,
        reason = "the fields' types differ by system"
    )]
    pub(crate) fn of_stat(stat: &Stat) -> Self {
        let modified = (stat.st_mtime as i64, nanos(stat.st_mtime_nsec as i64));
        let changed = (stat.st_ctime as i64, nanos(stat.st_ctime_nsec as i64));
        Self {
            device: stat.st_dev as u64,
            inode: stat.st_ino as u64,
            size: u64::try_from(stat.st_size).unwrap_or(0),
            modified,
            changed,
            settled: settled(changed),
        }
    }

    /// Whether the file had changed so shortly before this was taken that another change could carry the same time.
    pub fn is_recent(&self) -> bool {
        !self.settled
    }

    /// Whether a `later` stamp of the file shows that nothing was written to it since this one was taken. When it does not,
    /// the contents have to be looked at.
    pub fn proves(&self, later: &Self) -> bool {
        self.settled && self == later
    }
}

impl Version {
    /// Whether the file had changed so shortly before it was looked at that the contents have to decide. See [`Stamp::is_recent`].
    pub fn is_recent(&self) -> bool {
        self.stamp.is_recent()
    }
}

/// Below 10⁹ on every system.
fn nanos(nanos: i64) -> u32 {
    u32::try_from(nanos).unwrap_or(0)
}

/// Whether a change at this time is over. A time in the future (another machine's clock) is not.
#[allow(
    clippy::disallowed_methods,
    reason = "compared with the times of files only, which are the same clock's"
)]
fn settled((seconds, nanos): Time) -> bool {
    let now = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(now) => i128::try_from(now.as_nanos()).unwrap_or(i128::MAX),
        Err(_) => return false,
    };
    now - (i128::from(seconds) * 1_000_000_000 + i128::from(nanos)) > TICK
}

impl Digest {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Of a whole file of at most so many bytes; none of a larger one, which is not read further.
    pub(crate) fn of_small(file: &File, most: u64) -> Result<Option<Self>, ErrorCode> {
        if file.metadata()?.len() > most {
            return Ok(None);
        }
        Self::up_to(file, most)
    }

    /// Of a whole file, from its beginning, wherever it was read to before.
    pub(crate) fn of_file(file: &File) -> Result<Self, ErrorCode> {
        Self::of_fd(file)
    }

    /// Likewise, of any descriptor of a regular file.
    pub(crate) fn of_fd(file: impl AsFd) -> Result<Self, ErrorCode> {
        // Nothing is longer.
        Self::up_to(file, u64::MAX)?.ok_or(ErrorCode::FileTooLarge)
    }

    /// None when there is more: others can lengthen it while it is read.
    fn up_to(file: impl AsFd, most: u64) -> Result<Option<Self>, ErrorCode> {
        let file = file.as_fd();
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 128 << 10];
        let mut offset = 0;
        loop {
            let read =
                rustix::io::retry_on_intr(|| rustix::io::pread(file, &mut buffer[..], offset))?;
            if read == 0 {
                return Ok(Some(Self(hash.finalize().into())));
            }
            hash.update(&buffer[..read]);
            offset += read as u64;
            if offset > most {
                return Ok(None);
            }
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bad = || serde::de::Error::custom("a digest is 64 hexadecimal digits");
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(bad());
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| bad())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| bad())?;
        }
        Ok(Self(bytes))
    }
}
