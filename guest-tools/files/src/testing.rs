//! A tree in memory, for tests: it keeps the contract of a directory handle, but for ignore files.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use bailiwick_guest::fs::read::{Chunk, Entry, ErrorCode, Kind, Page, Scope, Stat};
use bailiwick_guest::{Directory, Pages, ReadAt};

/// How many bytes one crossing brings of many files.
const TRANSFER: usize = 64 * 1024;

/// Files by path, and the directories above them.
pub(crate) struct Tree {
    name: String,
    files: BTreeMap<String, Result<Vec<u8>, ErrorCode>>,
    skipped: u32,
    /// How many crossings read something.
    pub(crate) reads: Cell<u32>,
}

impl Tree {
    /// An empty directory that the session calls `name`.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            files: BTreeMap::new(),
            skipped: 0,
            reads: Cell::new(0),
        }
    }

    /// The same with one more file.
    pub(crate) fn file(mut self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.files
            .insert(path.to_owned(), Ok(bytes.as_ref().to_owned()));
        self
    }

    /// The same with a file that cannot be read.
    pub(crate) fn broken(mut self, path: &str, code: ErrorCode) -> Self {
        self.files.insert(path.to_owned(), Err(code));
        self
    }

    /// The same with names that cannot be shown.
    pub(crate) fn skipped(mut self, names: u32) -> Self {
        self.skipped = names;
        self
    }

    fn contents(&self, path: &str) -> Result<&Vec<u8>, ErrorCode> {
        let file = self.files.get(path).ok_or(ErrorCode::NoEntry)?;
        file.as_ref().map_err(|&code| code)
    }

    /// Every file and directory, a directory before what it holds, then by the bytes of the name.
    fn entries(&self) -> Vec<Entry> {
        let mut all = BTreeMap::new();
        for (path, contents) in &self.files {
            for (at, _) in path.match_indices('/') {
                all.insert(
                    path[..at].split('/').collect::<Vec<_>>(),
                    (Kind::Directory, 0),
                );
            }
            // A file that cannot be read looks like any other.
            let size = contents.as_ref().map_or(1, Vec::len) as u64;
            all.insert(path.split('/').collect(), (Kind::File, size));
        }
        let entry = |(names, (kind, size)): (Vec<&str>, _)| Entry {
            path: names.join("/"),
            stat: Stat {
                kind,
                size,
                modified: 0,
            },
        };
        all.into_iter().map(entry).collect()
    }
}

/// `*`, `*.EXT` at any depth, or a path.
fn matches(glob: &str, path: &str) -> bool {
    match glob.strip_prefix('*') {
        Some(end) => path.ends_with(end),
        None => glob.trim_start_matches('/') == path,
    }
}

impl Directory for Tree {
    type Walker = Batches;
    type File = Bytes;

    fn name(&self) -> String {
        self.name.clone()
    }

    fn stat(&self, _: &str) -> Result<Stat, ErrorCode> {
        unreachable!("the tools walk")
    }

    fn read_link(&self, _: &str) -> Result<String, ErrorCode> {
        unreachable!("the tools follow no links themselves")
    }

    fn walk(&self, path: &str, scope: &Scope) -> Result<Batches, ErrorCode> {
        assert_eq!(path, "", "the tools walk from the handle");
        if scope.globs.iter().any(|glob| glob.contains('[')) {
            return Err(ErrorCode::Invalid);
        }
        let mut entries = self.entries();
        entries.retain(|entry| {
            let levels = entry.path.split('/').count() as u32;
            let hidden = entry.path.split('/').any(|name| name.starts_with('.'));
            scope.depth.is_none_or(|depth| levels <= depth)
                && (scope.hidden || !hidden)
                && (scope.globs.is_empty()
                    || scope.globs.iter().any(|glob| matches(glob, &entry.path)))
        });
        Ok(Batches {
            entries: RefCell::new(entries),
            skipped: Cell::new(self.skipped),
        })
    }

    fn read_files(&self, paths: &[String], max: u32) -> Vec<Result<Chunk, ErrorCode>> {
        self.reads.set(self.reads.get() + 1);
        let mut room = TRANSFER;
        let mut results = Vec::new();
        for path in paths {
            let result = self.contents(path).map(|contents| Chunk {
                bytes: contents.iter().take(max as usize).copied().collect(),
                size: contents.len() as u64,
            });
            let length = result.as_ref().map_or(0, |chunk| chunk.bytes.len());
            if length > room && !results.is_empty() {
                break;
            }
            room = room.saturating_sub(length);
            results.push(result);
        }
        results
    }

    fn open_file(&self, path: &str) -> Result<Bytes, ErrorCode> {
        self.contents(path).cloned().map(Bytes)
    }
}

/// A walk over entries that are known already.
pub(crate) struct Batches {
    entries: RefCell<Vec<Entry>>,
    skipped: Cell<u32>,
}

impl Pages for Batches {
    fn next_page(&self, max: u32) -> Result<Page, ErrorCode> {
        let mut rest = self.entries.borrow_mut();
        // Small pages, so that every test with a few files sees more than one.
        let end = rest.len().min(max as usize).min(3);
        Ok(Page {
            entries: rest.drain(..end).collect(),
            skipped: self.skipped.take(),
            more: !rest.is_empty(),
        })
    }
}

/// The contents of a file.
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl ReadAt for Bytes {
    fn read_at(&self, offset: u64, max: u32) -> Result<Chunk, ErrorCode> {
        let rest = self.0.get(offset as usize..).unwrap_or_default();
        Ok(Chunk {
            bytes: rest[..rest.len().min(max as usize)].to_vec(),
            size: self.0.len() as u64,
        })
    }
}
