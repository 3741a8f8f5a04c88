//! Whether a log is as it was written.

use std::fs::File;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use bailiwick_contract::Digest;
use rustix::fs::OFlags;

use super::folder::Folder;
use super::head::{self, Head};
use super::line::{self, Chain};
use super::reader::{Line, Lines};
use super::{Log, VERSION, folder};

/// How long it waits for whoever writes.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long it waits before it asks again.
const PAUSE: Duration = Duration::from_millis(1);

/// What is in a log that is as it was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// Records.
    pub records: u64,
    /// The files that they are in.
    pub files: u64,
    /// The number of the first. Above 1, the files before were removed since they were too old, and nothing is known of them.
    pub first: u64,
    /// Records that their writers could not write, and said so in the next.
    pub lost: u64,
    /// Records of writers that were killed, of which only a part was there; that part was cut off.
    pub cut: u64,
    /// Records whose writer was killed before it had them in the head, so that the head does not vouch for them.
    pub unvouched: u64,
    /// Bytes of a record at the end of which only a part is there. The next record cuts them off.
    pub torn: u64,
}

/// Where a log is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Broken {
    /// The file's name in the folder.
    pub file: String,
    /// The line's number, from 1. 0: of the file as a whole.
    pub line: u64,
    /// What is wrong there.
    pub reason: String,
}

/// A log that does not verify.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// It is not as it was written.
    #[error("{}, line {}: {}", .0.file, .0.line, .0.reason)]
    Broken(Broken),
    /// It cannot be read.
    #[error("the log cannot be read: {0}")]
    Read(#[from] io::Error),
}

fn broken<T>(file: &str, line: u64, reason: impl Into<String>) -> Result<T, VerifyError> {
    Err(VerifyError::Broken(Broken {
        file: file.to_owned(),
        line,
        reason: reason.into(),
    }))
}

impl Log {
    /// Looks whether the log is as it was written, up to where it ends when this is called.
    ///
    /// What cannot be seen: that somebody who may write to the folder wrote the whole chain anew, or the end of it and the head.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Broken`] with the first place where it is not; [`VerifyError::Read`] when it cannot be read.
    pub fn verify(&self) -> Result<Verified, VerifyError> {
        let Some(snapshot) = snapshot(self.folder())? else {
            return Ok(Verified::default());
        };
        let Some(head) = &snapshot.head else {
            let reason =
                "the head is not there, or says nothing: records may be missing at the end";
            return broken(head::NAME, 0, reason);
        };
        let mut check = Check {
            head,
            seq: 0,
            hash: Digest::of(b""),
            found: Verified::default(),
        };
        let oldest = snapshot.files.first().map_or(0, |(number, _, _)| *number);
        if oldest != head.first && head.first > 0 {
            return broken(&folder::name(head.first), 0, "this file is not there");
        }
        for (number, file, size) in snapshot.files {
            check.file(number, Lines::until(file, size), size)?;
        }
        check.end()
    }
}

/// The files as they are at one moment.
struct Snapshot {
    head: Option<Head>,
    files: Vec<(u64, File, u64)>,
}

/// None: there is nothing.
fn snapshot(folder: &Folder) -> io::Result<Option<Snapshot>> {
    let file = if let Some(file) = folder.file(head::NAME, OFlags::RDONLY)? {
        file
    } else {
        let files = files(folder, 0)?;
        if files.is_empty() {
            return Ok(None);
        }
        // A log has its head before its first file: one that begins just now has it by now.
        let Some(file) = folder.file(head::NAME, OFlags::RDONLY)? else {
            let head = None;
            return Ok(Some(Snapshot { head, files }));
        };
        file
    };
    let since = Instant::now();
    let _lock = loop {
        if let Some(lock) = head::try_lock(&file, false)? {
            break lock;
        }
        if since.elapsed() > PATIENCE {
            let why = "another process holds the log's lock and does not write";
            return Err(io::Error::new(io::ErrorKind::TimedOut, why));
        }
        thread::sleep(PAUSE);
    };
    let head = Head::read(&file)?;
    let files = files(folder, head.as_ref().map_or(0, |head| head.first))?;
    if files.is_empty() && file.metadata()?.len() == 0 {
        return Ok(None);
    }
    Ok(Some(Snapshot { head, files }))
}

/// The files from this one on, and how much is in them.
fn files(folder: &Folder, first: u64) -> io::Result<Vec<(u64, File, u64)>> {
    let mut files = Vec::new();
    for number in folder.numbers()? {
        // Older ones were to be removed by somebody who was killed.
        if number >= first
            && let Some(file) = folder.records(number, false)?
        {
            let size = file.metadata()?.len();
            files.push((number, file, size));
        }
    }
    Ok(files)
}

/// How far it is right.
struct Check<'a> {
    head: &'a Head,
    /// The last record, and the hash of its line.
    seq: u64,
    hash: Digest,
    found: Verified,
}

impl Check<'_> {
    fn file(&mut self, number: u64, mut lines: Lines, size: u64) -> Result<(), VerifyError> {
        let name = folder::name(number);
        if size == 0 {
            // Whoever made it was killed before a line was in it.
            let begun = number == self.head.file && self.head.end == 0;
            if begun || number > self.head.file {
                return Ok(());
            }
            return broken(&name, 0, "its records are not there");
        }
        if number > self.head.file {
            return broken(&name, 0, "no record was written to this file");
        }
        if self.found.files > 0 && number != self.seq + 1 {
            let expected = self.seq + 1;
            return broken(&name, 1, format!("record {expected} is expected here"));
        }
        self.found.files += 1;
        while let Some(line) = lines.next()? {
            let line = match line {
                Line::Whole(line) => line::chain(line).map(|chain| (chain, line::hash(line))),
                Line::TooLong => None,
            };
            let Some((chain, hash)) = line else {
                return broken(&name, lines.count, "this line is no record");
            };
            self.line(&name, number, lines.count, &chain)?;
            (self.seq, self.hash) = (chain.seq, hash);
            self.found.records += 1;
            self.found.lost += chain.lost;
            self.found.unvouched += chain.adopted;
            self.found.cut += u64::from(chain.cut_bytes > 0);
            self.head(&name, number, &lines)?;
        }
        if lines.rest() == 0 {
            return Ok(());
        }
        if number != self.head.file || self.seq < self.head.seq {
            return broken(&name, lines.count + 1, "the end of this line is not there");
        }
        self.found.torn = lines.rest();
        Ok(())
    }

    /// That a line is the one after the last.
    fn line(&self, name: &str, number: u64, at: u64, chain: &Chain) -> Result<(), VerifyError> {
        if chain.v != VERSION {
            let version = chain.v;
            return broken(name, at, format!("version {version} is not known here"));
        }
        let is_first = self.found.records == 0;
        let expected = if is_first { number } else { self.seq + 1 };
        if chain.seq != expected {
            let seq = chain.seq;
            let reason = format!("record {expected} is expected here, and this is {seq}");
            return broken(name, at, reason);
        }
        // Of the record before the first that is kept nothing is known.
        if chain.prev != self.hash && !(is_first && number > 1) {
            let reason =
                "the record before is not as it was when this one was written, or this one is not";
            return broken(name, at, reason);
        }
        if chain.lost_head {
            let reason =
                "the head was lost before this record was written: others before it may be missing";
            return broken(name, at, reason);
        }
        Ok(())
    }

    /// That the record that the head says is the last is the one.
    fn head(&mut self, name: &str, number: u64, lines: &Lines) -> Result<(), VerifyError> {
        if self.seq > self.head.seq {
            self.found.unvouched += 1;
        }
        if self.seq != self.head.seq {
            return Ok(());
        }
        let begun = self.head.end == 0;
        let end = (self.head.file, self.head.end);
        if self.hash != self.head.hash || !begun && end != (number, lines.position()) {
            return broken(
                name,
                lines.count,
                "this record is not the one that the head says it is",
            );
        }
        Ok(())
    }

    fn end(mut self) -> Result<Verified, VerifyError> {
        if self.seq < self.head.seq {
            let (from, to) = (self.seq + 1, self.head.seq);
            let name = folder::name(self.head.file);
            let reason = format!("records {from} to {to} are missing at the end");
            return broken(&name, 0, reason);
        }
        self.found.first = (self.seq + 1).saturating_sub(self.found.records);
        Ok(self.found)
    }
}
