//! A handle to look at a directory and all below it.

use crate::open::{self, Node, Opened};
use crate::path::{self, GuestPath};
use crate::read_file::{Chunk, ReadFile, read_at};
use crate::resolve::{self, End};
use crate::stat::Stat;
use crate::tree::Tree;
use crate::walk::{Scope, Walker};
use crate::{ErrorCode, bounds, near};
use cap_std::fs::{Dir, File, Metadata};
use std::ffi::OsStr;
use std::fmt;

/// A directory and all below it, to look at. No path and no link given to it reaches above it.
pub struct ReadDir {
    tree: Tree,
    name: String,
}

impl ReadDir {
    pub(crate) fn new(tree: Tree, name: String) -> Self {
        Self { tree, name }
    }

    /// The session's word for it: `/workspace/src`. With `/` and a path added it is a name again. Never a path of the
    /// host.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Facts about what `path` stands for, links followed. Nothing is opened but the directories on the way, so a
    /// FIFO or a device has facts too ([`Kind::Other`](crate::Kind::Other)).
    ///
    /// # Errors
    ///
    /// Those of [`GuestPath::parse`]; [`NotPermitted`](ErrorCode::NotPermitted) for a link that is absolute or
    /// leaves; [`Loop`](ErrorCode::Loop); [`CrossDevice`](ErrorCode::CrossDevice); [`NoEntry`](ErrorCode::NoEntry);
    /// [`NotDirectory`](ErrorCode::NotDirectory); [`Access`](ErrorCode::Access); [`Busy`](ErrorCode::Busy) when a
    /// name was exchanged meanwhile.
    pub fn stat(&self, path: &str) -> Result<Stat, ErrorCode> {
        let path = GuestPath::parse(path)?;
        Ok(Stat::from(&resolve::facts(
            self.tree.dir(),
            self.tree.device(),
            &path,
            &mut 0,
        )?))
    }

    /// What the link at `path` says, as it was written. Links before the last name are followed.
    ///
    /// # Errors
    ///
    /// [`Invalid`](ErrorCode::Invalid) when it is not a link; [`NotPermitted`](ErrorCode::NotPermitted) when the
    /// target is absolute, for that is a path of the host; [`Unsupported`](ErrorCode::Unsupported) when it is not
    /// UTF-8; and those of [`stat`](Self::stat).
    pub fn read_link(&self, path: &str) -> Result<String, ErrorCode> {
        let path = GuestPath::parse(path)?;
        let target = resolve::link(self.tree.dir(), self.tree.device(), &path)?;
        if target.has_root() {
            return Err(ErrorCode::NotPermitted);
        }
        target
            .into_os_string()
            .into_string()
            .map_err(|_| ErrorCode::Unsupported)
    }

    /// Begin to walk the directory at `path`.
    ///
    /// # Errors
    ///
    /// [`Invalid`](ErrorCode::Invalid) when a glob does not parse; [`Overflow`](ErrorCode::Overflow) when the globs
    /// are more than [`bounds::GLOBS`] or [`bounds::GLOBS_COUNT`], or the directory has more than [`bounds::LISTING`] names;
    /// [`NotDirectory`](ErrorCode::NotDirectory); and those of [`stat`](Self::stat).
    pub fn walk(&self, path: &str, scope: &Scope) -> Result<Walker, ErrorCode> {
        let path = GuestPath::parse(path)?;
        let found = resolve::directory(self.tree.dir(), self.tree.device(), &path)?;
        Walker::begin(
            self.tree.below(found.it, found.behind),
            path.as_str(),
            scope,
        )
    }

    /// The first `max` bytes of each file, in one crossing. There are as many results as paths, or fewer when
    /// [`bounds::TRANSFER`] or [`bounds::LOOKUPS`] is reached: ask again from the first that is missing. The first is
    /// always there, cut at the bound.
    ///
    /// # Errors
    ///
    /// For each path those of [`open_file`](Self::open_file) and [`ReadFile::read`].
    pub fn read_files(&self, paths: &[String], max: u32) -> Vec<Result<Chunk, ErrorCode>> {
        let mut results = Vec::new();
        let mut left = bounds::TRANSFER;
        let mut way = Way(Vec::new());
        let mut steps = 0;
        for path in paths {
            let result =
                self.file_along(path, &mut way, &mut steps)
                    .and_then(|(file, metadata)| {
                        let max = max.min(bounds::TRANSFER);
                        let want = u64::from(max).min(metadata.len());
                        if want > u64::from(left) && !results.is_empty() {
                            return Ok(None);
                        }
                        let bytes = read_at(&file, &metadata, 0, max)?;
                        Ok(Some(Chunk {
                            bytes,
                            size: metadata.len(),
                        }))
                    });
            let moved = match result {
                Ok(None) => break,
                Ok(Some(chunk)) => {
                    let moved = chunk.bytes.len();
                    results.push(Ok(chunk));
                    u32::try_from(moved).unwrap_or(u32::MAX)
                }
                Err(error) => {
                    results.push(Err(error));
                    0
                }
            };
            left = left.saturating_sub(moved);
            if left == 0 || steps >= bounds::LOOKUPS {
                break;
            }
        }
        results
    }

    /// A directory below, as a handle of its own, which cannot look above itself.
    ///
    /// # Errors
    ///
    /// [`NotDirectory`](ErrorCode::NotDirectory), and those of [`stat`](Self::stat).
    pub fn open_dir(&self, path: &str) -> Result<ReadDir, ErrorCode> {
        let path = GuestPath::parse(path)?;
        let found = resolve::directory(self.tree.dir(), self.tree.device(), &path)?;
        Ok(ReadDir::new(
            self.tree.below(found.it, found.behind),
            self.name_of(&path),
        ))
    }

    /// A file below, as a handle of its own.
    ///
    /// # Errors
    ///
    /// [`IsDirectory`](ErrorCode::IsDirectory); [`Unsupported`](ErrorCode::Unsupported) for a FIFO, a socket or a
    /// device; and those of [`stat`](Self::stat).
    pub fn open_file(&self, path: &str) -> Result<ReadFile, ErrorCode> {
        let path = GuestPath::parse(path)?;
        let (file, _) = self.file(&path, &mut 0)?;
        Ok(ReadFile::new(file, self.name_of(&path)))
    }

    /// As [`Grant::names_near`](crate::Grant::names_near), below this handle.
    pub fn names_near(&self, path: &GuestPath, limit: usize) -> Vec<String> {
        near::names(&self.tree, &self.name, path, limit)
    }

    fn name_of(&self, path: &GuestPath) -> String {
        let mut name = self.name.clone();
        path::push(&mut name, path.as_str());
        name
    }

    /// Resolve to a regular file, open. Adds what it took to `steps`, found or not.
    fn file(&self, path: &GuestPath, steps: &mut u32) -> Result<(File, Metadata), ErrorCode> {
        let found = resolve::node(self.tree.dir(), self.tree.device(), path, steps)?;
        match found.it {
            End::Last(Node::File(file, metadata), _) => Ok((file, metadata)),
            End::Dir(_) | End::Last(Node::Dir(_), _) => Err(ErrorCode::IsDirectory),
        }
    }

    /// As [`file`](Self::file), but along `way`, which it leaves leading to the directory that the file is in: a run
    /// of files in one directory costs one open each, and neighbours of it little more.
    fn file_along(
        &self,
        path: &str,
        way: &mut Way,
        steps: &mut u32,
    ) -> Result<(File, Metadata), ErrorCode> {
        *steps += 1;
        let path = GuestPath::parse(path)?;
        let mut above: Vec<&str> = path.components().collect();
        let last = above.pop();
        let Some(last) = last.filter(|_| !path.wants_dir() && above.len() <= Way::MOST) else {
            return self.file(&path, steps);
        };
        let device = self.tree.device();
        let same = way
            .0
            .iter()
            .zip(&above)
            .take_while(|((have, _), want)| have == *want)
            .count();
        way.0.truncate(same);
        for name in &above[same..] {
            *steps += 1;
            match open::dir(way.end(self.tree.dir()), OsStr::new(name), device)? {
                Opened::It(dir) => way.0.push(((*name).to_owned(), dir)),
                Opened::Link(_) => return self.file(&path, steps),
            }
        }
        match open::node(way.end(self.tree.dir()), OsStr::new(last), device)? {
            Opened::It(Node::File(file, metadata)) => Ok((file, metadata)),
            Opened::It(Node::Dir(_)) => Err(ErrorCode::IsDirectory),
            Opened::Link(_) => self.file(&path, steps),
        }
    }
}

/// Shows the session's name for it.
impl fmt::Debug for ReadDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadDir")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Open directories from the handle down to the one that the last file of a crossing was in, each by its plain name
/// in the one before.
struct Way(Vec<(String, Dir)>);

impl Way {
    /// Directories on it. Files further down are resolved from the handle.
    const MOST: usize = bounds::WALK_DEPTH as usize;

    fn end<'a>(&'a self, root: &'a Dir) -> &'a Dir {
        self.0.last().map_or(root, |(_, dir)| dir)
    }
}
