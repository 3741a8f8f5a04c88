//! From a path to what it names, one name at a time.
//!
//! The kernel is never given a path, and never follows a link or a `..`. The resolver keeps the directory where it
//! stands, the plain names by which it came there from the root of the handle, and the names still ahead:
//!
//! - a directory is opened, and its name added to those behind;
//! - a link's target is put in front of the names ahead, if it is relative;
//! - `..`, which only a link's target can still contain, takes away the last name behind, and the way there is walked
//!   again from the root, by plain names. With none left to take away it would leave the handle, and is refused.
//!
//! So every directory that a name is looked up in was opened from the root down, whatever others rename meanwhile,
//! and a resolution has at most three descriptors open, however deep it is.

use crate::open::{self, Device, Node, Opened};
use crate::path::GuestPath;
use crate::{ErrorCode, bounds};
use cap_std::fs::{Dir, Metadata};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::sync::Arc;

/// Where a path led.
pub(crate) struct Found<T> {
    /// What it named.
    pub(crate) it: T,
    /// Plain names from the root of the handle to the directory that `it` is, or is in.
    pub(crate) behind: Vec<OsString>,
}

/// What a path ended at.
pub(crate) enum End<T> {
    /// A directory that was stepped into.
    Dir(Arc<Dir>),
    /// What the last name stood for, and that name, which is a plain one.
    Last(T, OsString),
}

/// Resolve to a directory. `wants_dir` or not, nothing else will do.
pub(crate) fn directory(
    root: &Arc<Dir>,
    device: Device,
    path: &GuestPath,
) -> Result<Found<Arc<Dir>>, ErrorCode> {
    let found = Resolver::new(root, device, path, true, &mut 0)
        .run::<()>(|_, _| Err(ErrorCode::NotDirectory))?;
    match found.it {
        End::Dir(dir) => Ok(Found {
            it: dir,
            behind: found.behind,
        }),
        End::Last((), _) => Err(ErrorCode::NotDirectory),
    }
}

/// Resolve to a regular file or a directory, open. Adds what it took to `steps`, found or not.
pub(crate) fn node(
    root: &Arc<Dir>,
    device: Device,
    path: &GuestPath,
    steps: &mut u32,
) -> Result<Found<End<Node>>, ErrorCode> {
    Resolver::new(root, device, path, false, steps).run(|dir, name| open::node(dir, name, device))
}

/// Resolve to facts, without opening the last name. Adds what it took to `steps`, found or not.
pub(crate) fn facts(
    root: &Arc<Dir>,
    device: Device,
    path: &GuestPath,
    steps: &mut u32,
) -> Result<Metadata, ErrorCode> {
    let found = Resolver::new(root, device, path, false, steps).run(|dir, name| {
        let metadata = open::facts(dir, name, device)?;
        if metadata.is_symlink() {
            return match open::link(dir, name) {
                Ok(target) => Ok(Opened::Link(target)),
                // It was a link a moment ago.
                Err(ErrorCode::Invalid) => Err(ErrorCode::Busy),
                Err(error) => Err(error),
            };
        }
        Ok(Opened::It(metadata))
    })?;
    match found.it {
        End::Dir(dir) => Ok(dir.dir_metadata()?),
        End::Last(metadata, _) => Ok(metadata),
    }
}

/// Resolve all but the last name, and read that one as a link.
pub(crate) fn link(
    root: &Arc<Dir>,
    device: Device,
    path: &GuestPath,
) -> Result<PathBuf, ErrorCode> {
    let found = Resolver::new(root, device, path, false, &mut 0)
        .run(|dir, name| open::link(dir, name).map(Opened::It))?;
    match found.it {
        // `link/` and the like: a directory, not a link.
        End::Dir(_) => Err(ErrorCode::Invalid),
        End::Last(target, _) => Ok(target),
    }
}

/// One resolution under way.
struct Resolver<'a> {
    root: &'a Arc<Dir>,
    device: Device,
    /// Where it stands. None: to be walked again from the root along `behind`.
    at: Option<Arc<Dir>>,
    behind: Vec<OsString>,
    /// The next name is the last one here.
    ahead: Vec<OsString>,
    wants_dir: bool,
    links: u32,
    /// Steps that it may still take.
    left: u32,
    /// Steps that the caller counts, over several resolutions.
    steps: &'a mut u32,
}

impl<'a> Resolver<'a> {
    fn new(
        root: &'a Arc<Dir>,
        device: Device,
        path: &GuestPath,
        wants_dir: bool,
        steps: &'a mut u32,
    ) -> Self {
        let ahead: Vec<_> = path.components().rev().map(OsString::from).collect();
        // A path has at most half as many names as bytes.
        let own = u32::try_from(ahead.len()).unwrap_or(u32::MAX);
        Self {
            root,
            device,
            at: Some(Arc::clone(root)),
            behind: Vec::new(),
            ahead,
            wants_dir: wants_dir || path.wants_dir(),
            links: 0,
            left: own.saturating_add(bounds::STEPS),
            steps,
        }
    }

    /// Run to the end of the path. `last` gets the last name and the directory it is in, as often as a link puts new
    /// names ahead.
    fn run<T>(
        mut self,
        mut last: impl FnMut(&Dir, &OsStr) -> Result<Opened<T>, ErrorCode>,
    ) -> Result<Found<End<T>>, ErrorCode> {
        while let Some(name) = self.ahead.pop() {
            if name == ".." {
                self.behind.pop().ok_or(ErrorCode::NotPermitted)?;
                self.at = None;
                continue;
            }
            let dir = self.here()?;
            self.step(1)?;
            if !self.ahead.is_empty() || self.wants_dir {
                match open::dir(&dir, &name, self.device)? {
                    Opened::It(below) => {
                        self.at = Some(Arc::new(below));
                        self.behind.push(name);
                    }
                    Opened::Link(target) => self.follow(target)?,
                }
            } else {
                match last(&dir, &name)? {
                    Opened::It(it) => return Ok(self.found(End::Last(it, name))),
                    Opened::Link(target) => self.follow(target)?,
                }
            }
        }
        let dir = self.here()?;
        Ok(self.found(End::Dir(dir)))
    }

    fn found<T>(self, it: T) -> Found<T> {
        Found {
            it,
            behind: self.behind,
        }
    }

    /// The directory where it stands, walked again after a `..`.
    fn here(&mut self) -> Result<Arc<Dir>, ErrorCode> {
        if let Some(at) = &self.at {
            return Ok(Arc::clone(at));
        }
        let mut at = Arc::clone(self.root);
        for i in 0..self.behind.len() {
            self.step(1)?;
            match open::dir(&at, &self.behind[i], self.device)? {
                Opened::It(below) => at = Arc::new(below),
                // It was a directory when we came by.
                Opened::Link(_) => return Err(ErrorCode::Busy),
            }
        }
        self.at = Some(Arc::clone(&at));
        Ok(at)
    }

    /// Put a link's target in front of the names ahead.
    fn follow(&mut self, target: PathBuf) -> Result<(), ErrorCode> {
        self.links += 1;
        if self.links > bounds::LINKS {
            return Err(ErrorCode::Loop);
        }
        let target = target.into_os_string().into_vec();
        if target.first().is_none_or(|first| *first == b'/') {
            return Err(ErrorCode::NotPermitted);
        }
        // The names of a long link take time, looked up or not.
        self.step(u32::try_from(target.len() / bounds::NAME).unwrap_or(u32::MAX))?;
        let names = || target.split(|byte| *byte == b'/');
        if self.ahead.is_empty() {
            let last = names().next_back();
            self.wants_dir |= last.is_some_and(|name| matches!(name, b"" | b"." | b".."));
        }
        let names = names().rev().filter(|name| !matches!(*name, b"" | b"."));
        self.ahead
            .extend(names.map(|name| OsStr::from_bytes(name).to_owned()));
        Ok(())
    }

    fn step(&mut self, count: u32) -> Result<(), ErrorCode> {
        *self.steps = self.steps.saturating_add(count);
        self.left = self.left.checked_sub(count).ok_or(ErrorCode::NameTooLong)?;
        Ok(())
    }
}
