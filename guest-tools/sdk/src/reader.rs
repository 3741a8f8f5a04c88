//! Reading one file in order, without loading it.

use std::io::{self, BufRead, Read};

use crate::source::ReadAt;

/// How many bytes one crossing brings at most.
const CHUNK: u32 = 256 * 1024;

/// Reads a file from an offset on, in chunks of 256 KiB. As a [`BufRead`] it hands out what a crossing brought,
/// without copying it.
///
/// A file that shrinks while it is read ends early; one that grows is read on to its new end.
///
/// ```no_run
/// use std::io::{BufRead, Result};
/// use bailiwick_guest::{FileReader, fs::read::ReadFile};
///
/// fn first_line(file: &ReadFile) -> Result<String> {
///     let mut line = String::new();
///     FileReader::new(file).read_line(&mut line)?;
///     Ok(line)
/// }
/// ```
#[derive(Debug)]
pub struct FileReader<F> {
    file: F,
    chunk: u32,
    /// Where the next crossing reads.
    offset: u64,
    bytes: Vec<u8>,
    /// How many of `bytes` were taken.
    taken: usize,
    size: u64,
}

impl<F: ReadAt> FileReader<F> {
    /// Reads `file` from its beginning.
    pub fn new(file: F) -> Self {
        Self {
            file,
            chunk: CHUNK,
            offset: 0,
            bytes: Vec::new(),
            taken: 0,
            size: 0,
        }
    }

    /// The size of the whole file, as the last crossing said; 0 before the first.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The same, in chunks of `bytes`.
    #[must_use]
    pub fn chunk(mut self, bytes: u32) -> Self {
        self.chunk = bytes.max(1);
        self
    }
}

impl<F: ReadAt> BufRead for FileReader<F> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.taken == self.bytes.len() {
            let chunk = self.file.read_at(self.offset, self.chunk)?;
            self.bytes = chunk.bytes;
            self.size = chunk.size;
            self.offset += self.bytes.len() as u64;
            self.taken = 0;
        }
        Ok(&self.bytes[self.taken..])
    }

    fn consume(&mut self, amount: usize) {
        self.taken = (self.taken + amount).min(self.bytes.len());
    }
}

impl<F: ReadAt> Read for FileReader<F> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?;
        let amount = bytes.len().min(into.len());
        into[..amount].copy_from_slice(&bytes[..amount]);
        self.consume(amount);
        Ok(amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::read::{Chunk, ErrorCode};

    struct Bytes(&'static [u8]);

    impl ReadAt for Bytes {
        fn read_at(&self, offset: u64, max: u32) -> Result<Chunk, ErrorCode> {
            let rest = self.0.iter().skip(offset as usize);
            Ok(Chunk {
                bytes: rest.take(max as usize).copied().collect(),
                size: self.0.len() as u64,
            })
        }
    }

    struct Broken;

    impl ReadAt for Broken {
        fn read_at(&self, _: u64, _: u32) -> Result<Chunk, ErrorCode> {
            Err(ErrorCode::BadDescriptor)
        }
    }

    #[test]
    fn chunks_join_without_a_seam() {
        for chunk in 1..13 {
            let mut reader = FileReader::new(Bytes(b"one\ntwo\nthree")).chunk(chunk);
            let mut text = String::new();
            reader.read_to_string(&mut text).expect("it is all there");
            assert_eq!(text, "one\ntwo\nthree");
        }
    }

    #[test]
    fn the_size_is_that_of_the_whole_file() {
        let mut reader = FileReader::new(Bytes(b"one\ntwo")).chunk(2);
        assert_eq!(reader.size(), 0);
        assert_eq!(reader.fill_buf().expect("two bytes"), b"on");
        assert_eq!(reader.size(), 7);
    }

    #[test]
    fn lines_may_span_chunks() {
        let reader = FileReader::new(Bytes(b"one\ntwo\nthree")).chunk(2);
        let lines: Vec<String> = reader.lines().map(|line| line.expect("text")).collect();
        assert_eq!(lines, ["one", "two", "three"]);
    }

    #[test]
    fn an_error_keeps_its_code() {
        let error = FileReader::new(Broken)
            .fill_buf()
            .expect_err("it is broken");
        assert_eq!(ErrorCode::of(&error), Some(ErrorCode::BadDescriptor));
    }
}
