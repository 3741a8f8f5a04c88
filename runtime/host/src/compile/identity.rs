//! Which component a file is, without reading it: the digest that it had when it was read, for as long as the file is the same.
//!
//! The same is: device, inode, size, and both times to the nanosecond. Every write moves the time of the last change (ctime), and no call sets that one back, so a file that was
//! written to is another, whatever its size and its other time were made to be. What can be written in such a way that the time does not move, or not
//! enough, is never noted down:
//!
//! - a file that was changed less than [`SETTLED`] before it was read, for a clock has a grain (what git calls racily clean);
//! - one that changed while it was read;
//! - one that others may write to, or that is somebody else's;
//! - one on a filesystem that is not known to move the time with each write. Memory that is mapped is the hard case: disks' filesystems do so for the first write after the
//!   page was written back, hence the `fsync` before the file is looked at; filesystems in memory, over the network and in user space need not.
//!
//! And if all of that fails, what runs is still code of the digest that was looked up, and of no other bytes: the file's old contents, which were read here once.

use std::fs::File;
use std::time::{Duration, UNIX_EPOCH};

use bailiwick_contract::Digest;
use rustix::fs::{FileType, Stat};

use super::cache::{Cache, FILE};

/// How long a file has to have been left alone. Coarser than the times of any filesystem that is believed.
const SETTLED: Duration = Duration::from_secs(2);

/// How an entry begins: the format and its version.
const HEADER: &str = "bailiwick file 1\n";

/// The most that is read of an entry.
const MOST: u64 = 1 << 10;

/// What a file is by its metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
    size: u64,
    /// Seconds since 1970 and nanoseconds.
    modified: (i64, u64),
    changed: (i64, u64),
}

impl Identity {
    /// Of a file that is open.
    pub(crate) fn of(file: &File) -> std::io::Result<Self> {
        Ok(Self::from(&rustix::fs::fstat(file)?))
    }

    /// Of a file that is about to be read, if what is read can be known again by it.
    pub(crate) fn settled(file: &File) -> Option<Self> {
        let stat = rustix::fs::fstat(file).ok()?;
        let own = [0, rustix::process::geteuid().as_raw()].contains(&stat.st_uid);
        let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        let alone = own && is_file && stat.st_mode & 0o022 == 0;
        if !alone || !Self::from(&stat).rests() || !moves_times(file) {
            return None;
        }
        // What is mapped and written to from now on moves the time.
        rustix::fs::fsync(file).ok()?;
        Self::of(file).ok().filter(Self::rests)
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "the clock decides whether a file is read once more, and nothing else"
    )]
    fn rests(&self) -> bool {
        let now = std::time::SystemTime::now().duration_since(UNIX_EPOCH);
        self.rested(now.unwrap_or_default())
    }

    /// Whether the last change is long enough ago, at this time since 1970. One in the future is not.
    fn rested(&self, now: Duration) -> bool {
        [self.modified, self.changed].into_iter().all(|(s, ns)| {
            let at = Duration::from_secs(u64::try_from(s).unwrap_or(0)) + Duration::from_nanos(ns);
            at.checked_add(SETTLED).is_some_and(|until| until <= now)
        })
    }

    fn name(&self) -> String {
        format!("{:x}-{:x}{FILE}", self.device, self.inode)
    }

    /// All but the digest of an entry.
    fn text(&self) -> String {
        let ((m, mns), (c, cns)) = (self.modified, self.changed);
        let Self {
            device,
            inode,
            size,
            ..
        } = self;
        format!("{HEADER}{device} {inode} {size} {m}.{mns} {c}.{cns}\n")
    }
}

impl From<&Stat> for Identity {
    #[allow(
        clippy::useless_conversion,
        clippy::unnecessary_cast,
        reason = "how wide the fields are depends on the system"
    )]
    fn from(stat: &Stat) -> Self {
        Self {
            device: stat.st_dev as u64,
            inode: stat.st_ino as u64,
            size: stat.st_size as u64,
            modified: (stat.st_mtime as i64, stat.st_mtime_nsec as u64),
            changed: (stat.st_ctime as i64, stat.st_ctime_nsec as u64),
        }
    }
}

impl Cache {
    /// The digest of a file that was read before and is as it was.
    pub(crate) fn digest_of(&self, identity: &Identity) -> Option<Digest> {
        let bytes = self.read(&identity.name(), MOST)?;
        let digest = std::str::from_utf8(&bytes).ok()?;
        let digest = digest.strip_prefix(&identity.text())?.strip_suffix('\n')?;
        digest.parse().ok()
    }

    /// Notes which digest a file has. One that cannot be noted is read again the next time.
    pub(crate) fn note(&self, identity: &Identity, digest: &Digest) {
        let text = format!("{}{digest}\n", identity.text());
        let _ = self.put(&identity.name(), text.as_bytes());
    }

    /// Forgets which digest a file had.
    pub(crate) fn forget(&self, identity: &Identity) {
        self.remove(&identity.name());
    }
}

/// Whether every write to a file on this filesystem moves its time, those to mapped memory included.
#[cfg(target_os = "linux")]
fn moves_times(file: &File) -> bool {
    // From linux/magic.h: ext2 to ext4, XFS, Btrfs, F2FS, and overlays, which are on one of them.
    const KNOWN: [u32; 5] = [0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010, 0x794c_7630];
    let Ok(stat) = rustix::fs::fstatfs(file) else {
        return false;
    };
    // The field is signed or not, and wider or not, by architecture; the numbers are 32 bits.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "see above"
    )]
    let magic = stat.f_type as u32;
    KNOWN.contains(&magic)
}

#[cfg(not(target_os = "linux"))]
fn moves_times(_file: &File) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_to_rest() {
        let now = Duration::new(1_000, 500);
        let with = |modified, changed| Identity {
            device: 1,
            inode: 2,
            size: 3,
            modified,
            changed,
        };
        assert!(with((998, 500), (998, 500)).rested(now), "for two seconds");
        assert!(!with((998, 501), (998, 500)).rested(now), "not for less");
        assert!(!with((998, 500), (998, 501)).rested(now), "by both times");
        assert!(!with((2_000, 0), (998, 0)).rested(now), "nor in the future");
        assert!(
            with((-5, 0), (998, 0)).rested(now),
            "before 1970 is long ago"
        );
    }
}
