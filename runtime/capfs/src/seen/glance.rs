//! What was seen of one file: enough to tell later whether that still stands there.

use crate::ErrorCode;
use crate::version::{Digest, Stamp};
use cap_std::fs::File;
use rustix::io::{pread, retry_on_intr};
use sha2::{Digest as _, Sha256};

/// Bytes of a text that is kept as it is, so that a diff can show what others made of it.
pub(crate) const TEXT: usize = 64 << 10;

/// Parts of a file that are remembered each by itself. Further ones are not.
pub(crate) const PARTS: usize = 64;

/// What was seen of a file at one time.
#[derive(Clone, Debug)]
pub(crate) struct Glance {
    /// When to look again. None: always.
    stamp: Option<Stamp>,
    /// Bytes of the whole file.
    size: u64,
    parts: Vec<Part>,
}

/// Some bytes of a file.
#[derive(Clone, Debug)]
struct Part {
    from: u64,
    to: u64,
    sum: Sum,
}

#[derive(Clone, Debug)]
enum Sum {
    /// The bytes themselves. At most [`TEXT`].
    Bytes(Vec<u8>),
    /// A digest that is not over.
    Running(Sha256),
    /// The digest.
    Digest(Digest),
}

impl Glance {
    /// A file of which nothing was read yet.
    pub(crate) fn new(stamp: &Stamp) -> Self {
        Self {
            stamp: Some(*stamp),
            size: stamp.size,
            parts: Vec::new(),
        }
    }

    /// A file with these contents, whatever its stamp is.
    pub(crate) fn whole(size: u64, digest: Digest) -> Self {
        Self::only(size, Sum::Digest(digest))
    }

    /// Likewise, of a text that is to be kept.
    pub(crate) fn of_text(bytes: Vec<u8>) -> Self {
        Self::only(bytes.len() as u64, Sum::Bytes(bytes))
    }

    fn only(size: u64, sum: Sum) -> Self {
        let (from, to) = (0, size);
        Self {
            stamp: None,
            size,
            parts: vec![Part { from, to, sum }],
        }
    }

    /// When it was seen.
    pub(super) fn stamp(&self) -> Option<&Stamp> {
        self.stamp.as_ref()
    }

    /// These bytes are there. What is kept of them as they are is at most `room`. Returns how many bytes more are kept now.
    pub(super) fn add(&mut self, offset: u64, bytes: &[u8], room: usize) -> usize {
        let end = offset + bytes.len() as u64;
        let known = |part: &Part| part.from <= offset && end <= part.to;
        if self.parts.iter().any(known) || (bytes.is_empty() && (offset, self.size) != (0, 0)) {
            return 0;
        }
        if let Some(part) = self.parts.iter_mut().find(|part| part.to == offset) {
            let more = part.sum.extend(bytes, room);
            part.to = more.map_or(part.to, |_| end);
            return more.unwrap_or(0);
        }
        if self.parts.len() == PARTS {
            return 0;
        }
        let mut sum = Sum::Bytes(Vec::new());
        let more = sum.extend(bytes, room);
        let (from, to) = (offset, end);
        self.parts.push(Part { from, to, sum });
        more.unwrap_or(0)
    }

    /// All that was in the file, where that is kept.
    pub(crate) fn text(&self) -> Option<&[u8]> {
        match &self.parts[..] {
            [
                Part {
                    from: 0,
                    to,
                    sum: Sum::Bytes(bytes),
                },
            ] if *to == self.size => Some(bytes),
            _ => None,
        }
    }

    /// Bytes that are kept.
    pub(super) fn kept(&self) -> usize {
        self.text().map_or(0, <[u8]>::len)
    }

    /// As it is remembered: bytes only of a whole file.
    pub(super) fn settle(mut self) -> Self {
        let whole = self.text().is_some();
        for part in &mut self.parts {
            part.sum.settle(whole);
        }
        self
    }

    /// Without its bytes.
    pub(super) fn drop_text(&mut self) {
        for part in &mut self.parts {
            part.sum.settle(false);
        }
    }

    /// The digest of the whole file, where that is known.
    #[cfg(test)]
    pub(crate) fn digest(&self) -> Option<Digest> {
        match &self.parts[..] {
            [part] if part.from == 0 && part.to == self.size => Some(part.sum.digest()),
            _ => None,
        }
    }

    /// Whether a stamp is enough to tell that the file is as it was.
    pub(crate) fn is_proven_by(&self, stamp: &Stamp) -> bool {
        self.stamp.is_some_and(|seen| seen.proves(stamp))
    }

    /// Whether what was seen is what is in `file`, whose stamp is `now`.
    pub(crate) fn is_still(&self, file: &File, now: &Stamp) -> Result<bool, ErrorCode> {
        if self.is_proven_by(now) {
            return Ok(true);
        }
        for part in &self.parts {
            let at_end = part.to == self.size;
            if now.size < part.to || (at_end && now.size != self.size) {
                return Ok(false);
            }
            if digest_of(file, part.from, part.to)? != Some(part.sum.digest()) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Sum {
    /// Add what comes next. None when the sum is over: nothing is added then.
    fn extend(&mut self, bytes: &[u8], room: usize) -> Option<usize> {
        match self {
            Self::Bytes(have) if have.len() + bytes.len() <= TEXT && bytes.len() <= room => {
                have.extend_from_slice(bytes);
                Some(bytes.len())
            }
            Self::Bytes(have) => {
                let mut hash = Sha256::new();
                hash.update(have);
                hash.update(bytes);
                *self = Self::Running(hash);
                Some(0)
            }
            Self::Running(hash) => {
                hash.update(bytes);
                Some(0)
            }
            Self::Digest(_) => None,
        }
    }

    fn digest(&self) -> Digest {
        match self {
            Self::Bytes(bytes) => Digest::of(bytes),
            Self::Running(hash) => Digest(hash.clone().finalize().into()),
            Self::Digest(digest) => *digest,
        }
    }

    fn settle(&mut self, keep_bytes: bool) {
        if !(keep_bytes && matches!(self, Self::Bytes(_))) {
            *self = Self::Digest(self.digest());
        }
    }
}

/// The digest of some bytes of a file. None when they are not all there.
fn digest_of(file: &File, from: u64, to: u64) -> Result<Option<Digest>, ErrorCode> {
    let mut hash = Sha256::new();
    let length = usize::try_from(to - from).unwrap_or(usize::MAX);
    let mut buffer = vec![0; length.min(128 << 10)];
    let mut at = from;
    while at < to {
        let want = usize::try_from(to - at)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let read = retry_on_intr(|| pread(file, &mut buffer[..want], at))?;
        if read == 0 {
            return Ok(None);
        }
        hash.update(&buffer[..read]);
        at += read as u64;
    }
    Ok(Some(Digest(hash.finalize().into())))
}
