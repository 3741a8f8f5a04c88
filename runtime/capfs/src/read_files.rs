//! Reading many files in one crossing.

use crate::open::{self, Opened};
use crate::path::GuestPath;
use crate::place::Place;
use crate::read_dir::ReadDir;
use crate::read_file::Chunk;
use crate::regular::Regular;
use crate::{ErrorCode, bounds};
use std::borrow::Cow;
use std::ffi::OsStr;

impl ReadDir {
    /// The first `max` bytes of each file, in one crossing. There are as many results as paths, or fewer when
    /// [`bounds::TRANSFER`] or [`bounds::LOOKUPS`] is reached: ask again from the first that is missing. The first is
    /// always there, cut at the bound.
    ///
    /// # Errors
    ///
    /// For each path those of [`open_file`](Self::open_file) and [`ReadFile::read`](crate::ReadFile::read).
    pub fn read_files(&self, paths: &[String], max: u32) -> Vec<Result<Chunk, ErrorCode>> {
        let results = self.place().held(|| self.read_each(paths, max));
        results.unwrap_or_else(|error| {
            let most = paths.len().min(bounds::LOOKUPS as usize);
            vec![Err(error); most]
        })
    }

    fn read_each(
        &self,
        paths: &[String],
        max: u32,
    ) -> Result<Vec<Result<Chunk, ErrorCode>>, ErrorCode> {
        let max = max.min(bounds::TRANSFER);
        let mut results = Vec::new();
        let mut left = bounds::TRANSFER;
        let mut trail = Trail::new(self.place().fresh()?);
        let mut steps = 0;
        for path in paths {
            let whole = !results.is_empty();
            let result = self
                .file_along(path, &mut trail, &mut steps)
                .and_then(|file| file.read(max, left, whole));
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
        Ok(results)
    }

    /// As [`file`](Self::file), but along `trail`, which it leaves leading to the directory that the file is in: a run
    /// of files in one directory costs one open each, and neighbours of it little more.
    fn file_along<'a>(
        &self,
        path: &str,
        trail: &'a mut Trail<'_>,
        steps: &mut u32,
    ) -> Result<Regular<'a>, ErrorCode> {
        *steps += 1;
        let path = GuestPath::parse(path)?;
        let mut above: Vec<&str> = path.components().collect();
        let last = above.pop();
        let Some(last) = last.filter(|_| !path.wants_dir() && above.len() <= Trail::MOST) else {
            return self.file(&path, steps);
        };
        let same = (trail.below.iter().zip(&above))
            .take_while(|((have, _), want)| have == *want)
            .count();
        trail.below.truncate(same);
        for name in &above[same..] {
            *steps += 1;
            match open::dir(trail.end(), OsStr::new(name))? {
                Opened::It(place) => trail.below.push(((*name).to_owned(), place)),
                Opened::Link(_) => return self.file(&path, steps),
            }
        }
        let place = trail.end();
        match open::node(place, OsStr::new(last))? {
            Opened::It(node) => {
                let name = OsStr::new(last).to_owned();
                Regular::of(node, Cow::Borrowed(place), Cow::Owned(name))
            }
            Opened::Link(_) => self.file(&path, steps),
        }
    }
}

/// Open directories from the handle down to the one that the last file of a crossing was in, each by its plain name
/// in the one before.
struct Trail<'a> {
    root: Cow<'a, Place>,
    below: Vec<(String, Place)>,
}

impl<'a> Trail<'a> {
    /// Directories on it. Files further down are resolved from the handle.
    const MOST: usize = bounds::WALK_DEPTH as usize;

    fn new(root: Cow<'a, Place>) -> Self {
        Self {
            root,
            below: Vec::new(),
        }
    }

    fn end(&self) -> &Place {
        self.below.last().map_or(&self.root, |(_, place)| place)
    }
}
