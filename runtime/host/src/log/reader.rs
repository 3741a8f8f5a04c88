//! Reading records, from the oldest on. What somebody else put there is read as well, within bounds, and never believed.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use serde_json::Value;

use super::line::LONGEST;
use super::{Log, folder};

/// A line of the log.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// The file's name in the folder.
    pub file: String,
    /// The line's number, from 1.
    pub line: u64,
    /// What it says. None when it is no JSON object, or longer than any record.
    pub record: Option<Value>,
}

/// Goes through the records. At the end there are none for now, and later there may be more.
#[derive(Debug)]
pub struct Reader {
    log: Log,
    /// The file that it is in, its number, and how many lines were read.
    at: Option<(u64, Lines)>,
    /// Files up to this one were read.
    done: u64,
}

impl Log {
    /// Reads the records from the oldest that is kept.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader {
            log: self.clone(),
            at: None,
            done: 0,
        }
    }
}

impl Reader {
    /// The next record. None when there is none for now.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or is not only this user's.
    #[allow(
        clippy::should_implement_trait,
        reason = "it is not over when there is none"
    )]
    pub fn next(&mut self) -> io::Result<Option<Entry>> {
        loop {
            if let Some((number, lines)) = &mut self.at
                && let Some(line) = lines.next()?
            {
                let record = match line {
                    Line::Whole(line) => serde_json::from_slice(line).ok(),
                    Line::TooLong => None,
                };
                return Ok(Some(Entry {
                    file: folder::name(*number),
                    line: lines.count,
                    record: record.filter(Value::is_object),
                }));
            }
            let numbers = self.log.folder().numbers()?;
            let Some(number) = numbers.into_iter().find(|&number| number > self.done) else {
                return Ok(None);
            };
            // Writers go on in the next file only when this one is complete; what was added to it since it was looked at is read first.
            if let Some((_, lines)) = &mut self.at
                && lines.has_more()?
            {
                continue;
            }
            self.done = number;
            let file = self.log.folder().records(number, false)?;
            self.at = file.map(|file| (number, Lines::new(file)));
        }
    }
}

/// The lines of a file that may grow.
#[derive(Debug)]
pub(super) struct Lines {
    file: File,
    /// Where in the file the buffer ends.
    offset: u64,
    /// No more than this is read.
    end: u64,
    buffer: Vec<u8>,
    /// Where in the buffer the next line begins.
    start: usize,
    /// How much of a line that is too long was skipped.
    skipped: u64,
    /// How many lines were read.
    pub(super) count: u64,
}

/// A line, without its line break.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    Whole(&'a [u8]),
    /// Longer than any record.
    TooLong,
}

impl Lines {
    pub(super) fn new(file: File) -> Self {
        Self::until(file, u64::MAX)
    }

    /// The lines up to there.
    pub(super) fn until(file: File, end: u64) -> Self {
        Self {
            file,
            offset: 0,
            end,
            buffer: Vec::new(),
            start: 0,
            skipped: 0,
            count: 0,
        }
    }

    /// How many bytes were read that are no whole line.
    pub(super) fn rest(&self) -> u64 {
        self.skipped + self.buffered()
    }

    fn buffered(&self) -> u64 {
        (self.buffer.len() - self.start) as u64
    }

    /// Where the next line begins.
    pub(super) fn position(&self) -> u64 {
        self.offset - self.rest()
    }

    /// The next line that is complete. None when there is none for now.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        let mut looked = self.start;
        loop {
            let found = self.buffer[looked..].iter().position(|&b| b == b'\n');
            if let Some(found) = found {
                let (start, end) = (self.start, looked + found);
                self.start = end + 1;
                self.count += 1;
                if std::mem::take(&mut self.skipped) > 0 || end - start > LONGEST {
                    return Ok(Some(Line::TooLong));
                }
                return Ok(Some(Line::Whole(&self.buffer[start..end])));
            }
            if self.buffered() > LONGEST as u64 {
                self.skipped += self.buffered();
                self.start = self.buffer.len();
            }
            self.buffer.drain(..std::mem::take(&mut self.start));
            looked = self.buffer.len();
            if self.fill()? == 0 {
                return Ok(None);
            }
        }
    }

    fn has_more(&mut self) -> io::Result<bool> {
        Ok(self.fill()? > 0)
    }

    fn fill(&mut self) -> io::Result<usize> {
        let room = usize::try_from(self.end - self.offset).unwrap_or(usize::MAX);
        let had = self.buffer.len();
        self.buffer.resize(had + room.min(LONGEST), 0);
        let read = self.file.read_at(&mut self.buffer[had..], self.offset);
        self.buffer.truncate(had + *read.as_ref().unwrap_or(&0));
        let read = read?;
        self.offset += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn lines_are_whole_and_bounded() {
        let mut file = tempfile::tempfile().unwrap();
        let long = "x".repeat(3 * LONGEST);
        write!(file, "one\n{long}\n\ntwo\nthr").unwrap();
        let mut lines = Lines::new(file.try_clone().unwrap());
        assert_eq!(lines.next().unwrap(), Some(Line::Whole(b"one")));
        assert_eq!(lines.next().unwrap(), Some(Line::TooLong));
        assert!(lines.buffer.capacity() < 4 * LONGEST);
        assert_eq!(lines.next().unwrap(), Some(Line::Whole(b"")));
        assert_eq!(lines.next().unwrap(), Some(Line::Whole(b"two")));
        assert_eq!(lines.next().unwrap(), None);
        assert_eq!(lines.rest(), 3);
        writeln!(file, "ee").unwrap();
        assert_eq!(lines.next().unwrap(), Some(Line::Whole(b"three")));
        assert_eq!(lines.next().unwrap(), None);
        assert_eq!((lines.rest(), lines.count), (0, 5));
    }
}
