//! Reading many whole files in few crossings.

use std::vec;

use crate::fs::read::{Chunk, ErrorCode};
use crate::source::Directory;

/// Read the first `max` bytes of each of `paths` below `dir`: an iterator with one result for each path, in order.
///
/// One crossing brings as many files as the transfer bound allows; the iterator asks again from the first that is
/// missing. A file is longer than what was read of it when `chunk.size` is more than `chunk.bytes.len()`. Memory:
/// what one crossing brings, so give `paths` in groups of about as many bytes as should be held at once.
///
/// ```no_run
/// use bailiwick_guest::{fs::read::ReadDir, read_each};
///
/// fn lines(dir: &ReadDir, paths: &[String]) -> usize {
///     let chunks = read_each(dir, paths, 1 << 20).flatten();
///     chunks.map(|chunk| chunk.bytes.iter().filter(|&&b| b == b'\n').count()).sum()
/// }
/// ```
pub fn read_each<'a, D: Directory>(dir: &'a D, paths: &'a [String], max: u32) -> ReadEach<'a, D> {
    ReadEach {
        dir,
        rest: paths,
        max,
        batch: Vec::new().into_iter(),
    }
}

/// The files that are being read. See [`read_each`].
#[derive(Debug)]
pub struct ReadEach<'a, D> {
    dir: &'a D,
    /// The paths that were not asked for yet.
    rest: &'a [String],
    max: u32,
    /// What came and was not given out yet.
    batch: vec::IntoIter<Result<Chunk, ErrorCode>>,
}

impl<D: Directory> Iterator for ReadEach<'_, D> {
    type Item = Result<Chunk, ErrorCode>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(result) = self.batch.next() {
            return Some(result);
        }
        if self.rest.is_empty() {
            return None;
        }
        let batch = self.dir.read_files(self.rest, self.max);
        // No result at all is against the contract; asking again would never end.
        let came = batch.len().clamp(1, self.rest.len());
        self.rest = &self.rest[came..];
        self.batch = batch.into_iter();
        Some(self.batch.next().unwrap_or(Err(ErrorCode::Io)))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::fs::read::{Page, Scope, Stat};
    use crate::source::{Pages, ReadAt};

    /// Holds files of which the content is the path; one crossing brings at most `bound` of them.
    struct Shelf {
        bound: usize,
        crossings: Cell<u32>,
    }

    struct Nothing;

    impl Pages for Nothing {
        fn next_page(&self, _: u32) -> Result<Page, ErrorCode> {
            Err(ErrorCode::Unsupported)
        }
    }

    impl ReadAt for Nothing {
        fn read_at(&self, _: u64, _: u32) -> Result<Chunk, ErrorCode> {
            Err(ErrorCode::Unsupported)
        }
    }

    impl Directory for Shelf {
        type Walker = Nothing;
        type File = Nothing;

        fn name(&self) -> String {
            "/shelf".to_owned()
        }

        fn stat(&self, _: &str) -> Result<Stat, ErrorCode> {
            Err(ErrorCode::Unsupported)
        }

        fn read_link(&self, _: &str) -> Result<String, ErrorCode> {
            Err(ErrorCode::Unsupported)
        }

        fn walk(&self, _: &str, _: &Scope) -> Result<Nothing, ErrorCode> {
            Err(ErrorCode::Unsupported)
        }

        fn read_files(&self, paths: &[String], max: u32) -> Vec<Result<Chunk, ErrorCode>> {
            self.crossings.set(self.crossings.get() + 1);
            let some = paths.iter().take(self.bound);
            some.map(|path| match path.as_str() {
                "missing" => Err(ErrorCode::NoEntry),
                path => Ok(Chunk {
                    bytes: path.bytes().take(max as usize).collect(),
                    size: path.len() as u64,
                }),
            })
            .collect()
        }

        fn open_file(&self, _: &str) -> Result<Nothing, ErrorCode> {
            Err(ErrorCode::Unsupported)
        }
    }

    fn run(bound: usize, paths: &[&str]) -> (Vec<Result<String, ErrorCode>>, u32) {
        let shelf = Shelf {
            bound,
            crossings: Cell::new(0),
        };
        let paths: Vec<String> = paths.iter().map(|&path| path.to_owned()).collect();
        let text = |chunk: Chunk| String::from_utf8(chunk.bytes).expect("paths are UTF-8");
        let read = read_each(&shelf, &paths, 3).map(|result| result.map(text));
        (read.collect(), shelf.crossings.get())
    }

    #[test]
    fn asks_again_from_the_first_that_is_missing() {
        let (read, crossings) = run(2, &["aa", "missing", "cccc", "d", "e"]);
        let expected = ["aa", "", "ccc", "d", "e"].map(|text| match text {
            "" => Err(ErrorCode::NoEntry),
            text => Ok(text.to_owned()),
        });
        assert_eq!(read, expected);
        assert_eq!(crossings, 3);
    }

    #[test]
    fn no_paths_are_no_crossing() {
        assert_eq!(run(2, &[]), (Vec::new(), 0));
    }

    #[test]
    fn a_host_that_brings_nothing_does_not_hang_the_tool() {
        let (read, crossings) = run(0, &["a", "b"]);
        assert_eq!(read, [Err(ErrorCode::Io), Err(ErrorCode::Io)]);
        assert_eq!(crossings, 2);
    }
}
