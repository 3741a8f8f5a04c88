//! From a path to what it names, one name at a time.
//!
//! The kernel is never given a path, and never follows a link or a `..`. The resolver keeps the directory where it
//! stands, which knows the plain names by which it was come to, and the names still ahead:
//!
//! - a directory is opened, and its name added to those behind;
//! - a link's target is put in front of the names ahead, if it is relative;
//! - `..`, which only a link's target can still contain, takes away the last name behind, and the way there is walked
//!   again from the root, by plain names. With none left to take away it would leave the handle, and is refused.
//!
//! So every directory that a name is looked up in was opened from the root down, whatever others rename meanwhile,
//! and a resolution has at most three descriptors open, however deep it is.

use crate::facts::Facts;
use crate::open::{self, Node, Opened};
use crate::path::GuestPath;
use crate::place::Place;
use crate::stat::Kind;
use crate::way::Way;
use crate::{ErrorCode, bounds};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// What a path ended at.
pub(crate) enum End<T> {
    /// A directory that was stepped into.
    Dir(Place),
    /// What the last name stood for, the directory that it is in, and that name, which is a plain one.
    Last(T, Place, OsString),
}

/// Resolve to a directory. `wants_dir` or not, nothing else will do.
pub(crate) fn directory(root: &Place, path: &GuestPath) -> Result<Place, ErrorCode> {
    let root = root.fresh()?;
    if path.is_root() {
        return Ok(root.into_owned());
    }
    match Resolver::new(&root, path, true, &mut 0).run::<()>(|_, _| Err(ErrorCode::NotDirectory))? {
        End::Dir(place) => Ok(place),
        End::Last((), _, _) => Err(ErrorCode::NotDirectory),
    }
}

/// Resolve to a regular file or a directory, open. Adds what it took to `steps`, found or not.
pub(crate) fn node(
    root: &Place,
    path: &GuestPath,
    steps: &mut u32,
) -> Result<End<Node>, ErrorCode> {
    Resolver::new(&*root.fresh()?, path, false, steps).run(open::node)
}

/// Resolve to facts, without opening the last name. Adds what it took to `steps`, found or not.
pub(crate) fn facts(root: &Place, path: &GuestPath, steps: &mut u32) -> Result<Facts, ErrorCode> {
    match Resolver::new(&*root.fresh()?, path, false, steps).run(facts_or_link)? {
        End::Dir(place) => open::facts_of(&place),
        End::Last(facts, _, _) => Ok(facts),
    }
}

/// As [`facts`], but of a link at the end itself.
pub(crate) fn facts_nofollow(root: &Place, path: &GuestPath) -> Result<Facts, ErrorCode> {
    let here = |place: &Place, name: &OsStr| open::facts(place, name).map(Opened::It);
    match Resolver::new(&*root.fresh()?, path, false, &mut 0).run(here)? {
        End::Dir(place) => open::facts_of(&place),
        End::Last(facts, _, _) => Ok(facts),
    }
}

/// Resolve all but the last name, and read that one as a link.
pub(crate) fn link(root: &Place, path: &GuestPath) -> Result<PathBuf, ErrorCode> {
    let link = |place: &Place, name: &OsStr| open::link(place, name).map(Opened::It);
    match Resolver::new(&*root.fresh()?, path, false, &mut 0).run(link)? {
        // `link/` and the like: a directory, not a link.
        End::Dir(_) => Err(ErrorCode::Invalid),
        End::Last(target, _, _) => Ok(target),
    }
}

/// Resolve all but the last name, which is a plain one and is not looked at: neither whether it is there, nor whether
/// it is what a trailing slash asks for. [`Invalid`](ErrorCode::Invalid) when the path is the handle itself.
pub(crate) fn parent(root: &Place, path: &GuestPath) -> Result<(Place, OsString), ErrorCode> {
    let (above, last) = path.split_last().ok_or(ErrorCode::Invalid)?;
    let above = directory(root, &GuestPath::parse(above)?)?;
    Ok((above, last.into()))
}

/// As [`parent`], but where the last name is a link it is followed, until a name that is none or is missing. When a
/// slash asks for a directory, here or at the end of a link, what is there is one.
/// [`Invalid`](ErrorCode::Invalid) when it leads to the handle itself.
pub(crate) fn target(root: &Place, path: &GuestPath) -> Result<(Place, OsString), ErrorCode> {
    let root = root.fresh()?;
    let mut steps = 0;
    let mut resolver = Resolver::new(&root, path, false, &mut steps);
    // The last name is looked at, whatever it has to be.
    resolver.wants_dir = false;
    let end = resolver.run(|place, name| match facts_or_link(place, name) {
        Ok(Opened::It(facts)) => Ok(Opened::It(Some(facts.kind))),
        Ok(Opened::Link(target)) => Ok(Opened::Link(target)),
        Err(ErrorCode::NoEntry) => Ok(Opened::It(None)),
        Err(error) => Err(error),
    })?;
    match end {
        End::Last(kind, place, name) => {
            let fits = !path.wants_dir() || kind.is_none_or(|kind| kind == Kind::Directory);
            fits.then_some((place, name)).ok_or(ErrorCode::NotDirectory)
        }
        End::Dir(place) => {
            let (above, name) = place.way.split_last().ok_or(ErrorCode::Invalid)?;
            if place.way.depth() <= root.way.depth() {
                return Err(ErrorCode::Invalid);
            }
            let above = walk_again(&root, above, |_| Ok(()))?;
            Ok((above, name.to_owned()))
        }
    }
}

fn facts_or_link(place: &Place, name: &OsStr) -> Result<Opened<Facts>, ErrorCode> {
    let facts = open::facts(place, name)?;
    if facts.kind == Kind::Symlink {
        return match open::link(place, name) {
            Ok(target) => Ok(Opened::Link(target)),
            // It was a link a moment ago.
            Err(ErrorCode::Invalid) => Err(ErrorCode::Busy),
            Err(error) => Err(error),
        };
    }
    Ok(Opened::It(facts))
}

/// The directory that `way` leads to, which is the one of `root` or below, opened by plain names from there down.
fn walk_again(
    root: &Place,
    way: &Way,
    mut step: impl FnMut(u32) -> Result<(), ErrorCode>,
) -> Result<Place, ErrorCode> {
    let mut at = root.clone();
    for name in way.names_from(root.way.depth()) {
        step(1)?;
        match open::dir(&at, name)? {
            Opened::It(below) => at = below,
            // It was a directory when we came by.
            Opened::Link(_) => return Err(ErrorCode::Busy),
        }
    }
    Ok(at)
}

/// Where a resolution stands.
enum At {
    /// In a directory.
    Open(Place),
    /// In one that has to be walked to again from the root.
    Again(Way),
}

/// One resolution under way.
struct Resolver<'a> {
    root: &'a Place,
    at: At,
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
    fn new(root: &'a Place, path: &GuestPath, wants_dir: bool, steps: &'a mut u32) -> Self {
        let ahead: Vec<_> = path.components().rev().map(OsString::from).collect();
        // A path has at most half as many names as bytes.
        let own = u32::try_from(ahead.len()).unwrap_or(u32::MAX);
        Self {
            root,
            at: At::Open(root.clone()),
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
        mut last: impl FnMut(&Place, &OsStr) -> Result<Opened<T>, ErrorCode>,
    ) -> Result<End<T>, ErrorCode> {
        while let Some(name) = self.ahead.pop() {
            if name == ".." {
                self.back()?;
                continue;
            }
            self.here()?;
            self.step(1)?;
            let At::Open(place) = &self.at else {
                return Err(ErrorCode::Busy);
            };
            let target = if !self.ahead.is_empty() || self.wants_dir {
                match open::dir(place, &name)? {
                    Opened::It(below) => {
                        self.at = At::Open(below);
                        continue;
                    }
                    Opened::Link(target) => target,
                }
            } else {
                match last(place, &name)? {
                    Opened::It(it) => return Ok(End::Last(it, self.end()?, name)),
                    Opened::Link(target) => target,
                }
            };
            self.follow(target)?;
        }
        Ok(End::Dir(self.end()?))
    }

    /// The directory where it ended.
    fn end(mut self) -> Result<Place, ErrorCode> {
        self.here()?;
        match self.at {
            At::Open(place) => Ok(place),
            At::Again(_) => Err(ErrorCode::Busy),
        }
    }

    /// Go up, if that is not above the root.
    fn back(&mut self) -> Result<(), ErrorCode> {
        let way = match &self.at {
            At::Open(place) => &place.way,
            At::Again(way) => way,
        };
        match way.split_last() {
            Some((above, _)) if way.depth() > self.root.way.depth() => {
                self.at = At::Again(above.clone());
                Ok(())
            }
            _ => Err(ErrorCode::NotPermitted),
        }
    }

    /// Be in the directory where it stands, walked to again after a `..`.
    fn here(&mut self) -> Result<(), ErrorCode> {
        if let At::Again(way) = &self.at {
            let way = way.clone();
            let place = walk_again(self.root, &way, |count| self.step(count))?;
            self.at = At::Open(place);
        }
        Ok(())
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
