//! What is in a directory and below it, page by page.
//!
//! A walk goes down only from the directories it is in, by single names. It sees what is there when it gets there.
//! What vanished, was exchanged for a link, or cannot be read, is left out and counted; a walk never follows a link.

use crate::globs::{Globs, Taken};
use crate::levels::{Level, Levels};
use crate::list::{Listing, Name, list};
use crate::open::{self, Identity, Opened};
use crate::path;
use crate::place::Place;
use crate::rules::{GITIGNORE, IGNORE, RuleStack};
use crate::stat::{Kind, Stat};
use crate::way::Way;
use crate::{ErrorCode, bounds};
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

/// What a walk shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// How many levels: 1 lists one directory, none goes down [`bounds::WALK_DEPTH`] levels, which is the most.
    pub depth: Option<u32>,
    /// Which files, all when empty: globs as in a `.gitignore`, turned round, relative to the handle. `*.rs` takes a
    /// name at any depth, `!x` leaves out a name and all below it; the last that matches decides. Directories are
    /// shown when the list is empty or a glob takes them, and walked unless a glob leaves them out.
    pub globs: Vec<String>,
    /// Leave out what ignore files exclude, those in [`bounds::RULES_ABOVE`] directories above up to the grant
    /// included, and `.git`.
    pub ignore: bool,
    /// Show and walk names that begin with a dot.
    pub hidden: bool,
}

/// One thing that a walk found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Relative to the handle that was walked.
    pub path: String,
    /// Of the name itself: a link is a [`Kind::Symlink`].
    pub stat: Stat,
}

/// One batch of a walk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// In order: a directory before what it holds, then by the bytes of the name.
    pub entries: Vec<Entry>,
    /// How many were left out of this page: names that are not UTF-8 or whose path is over [`bounds::PATH`] bytes;
    /// what lies on another filesystem; directories that cannot be read or listed, vanished, were exchanged, or are
    /// too deep (each once, whatever is in them).
    pub skipped: u32,
    /// Whether there may be more. A page can be empty and have more to come.
    pub more: bool,
}

/// A walk that is under way.
pub struct Walker {
    /// Where it began.
    root: Place,
    globs: Globs,
    ignore: bool,
    hidden: bool,
    depth: u32,
    /// Whether `depth` is less than what was asked for.
    cut: bool,
    levels: Levels,
    rules: RuleStack,
    /// The path to what is looked at: from the handle for the guest, and from the grant by plain names for the rules.
    shown: String,
    plain: Vec<u8>,
    /// Bytes of names held in all levels.
    held: usize,
    skipped: u32,
    work: usize,
}

impl Walker {
    /// Begin at the directory `root`, which the handle knows as `path`.
    pub(crate) fn begin(root: Place, path: &str, scope: &Scope) -> Result<Self, ErrorCode> {
        let asked = scope.depth.unwrap_or(u32::MAX);
        let mut walker = Self {
            globs: Globs::parse(&scope.globs)?,
            ignore: scope.ignore,
            hidden: scope.hidden,
            depth: asked.min(bounds::WALK_DEPTH),
            cut: asked > bounds::WALK_DEPTH,
            levels: Levels::default(),
            rules: RuleStack::default(),
            shown: path.to_owned(),
            plain: Vec::new(),
            held: 0,
            skipped: 0,
            work: 0,
            root,
        };
        walker.work += walker.globs.size() * bounds::COMPILE_WORK;
        if walker.ignore {
            walker.rules_above();
        }
        if let Some(way) = walker.trail() {
            walker.plain = way.path().as_os_str().as_bytes().to_vec();
        }
        let listing = list(&open::listable_again(walker.root.clone())?)?;
        walker.work += listing_work(listing.names.len());
        if asked > 0 {
            let root = walker.root.clone();
            let identity = Identity::of(&root)?;
            walker.enter(root, identity, OsStr::new(""), listing);
        }
        Ok(walker)
    }

    /// The next `max` entries or fewer, at most [`bounds::PAGE`]. After the end: an empty page without `more`.
    ///
    /// # Errors
    ///
    /// [`BadDescriptor`](ErrorCode::BadDescriptor) when the handle was taken back.
    pub fn next(&mut self, max: u32) -> Result<Page, ErrorCode> {
        let reach = Arc::clone(&self.root.reach);
        reach.token.check()?;
        let page = self.page(max);
        reach.token.check()?;
        Ok(page)
    }

    fn page(&mut self, max: u32) -> Page {
        let max = max.min(bounds::PAGE) as usize;
        let mut entries = Vec::new();
        let mut bytes = 0;
        while entries.len() < max && bytes < bounds::PAGE_BYTES && self.work < bounds::PAGE_WORK {
            if self.levels.is_empty() {
                break;
            }
            let Some(name) = self.levels.next_name() else {
                self.leave();
                continue;
            };
            let Ok(place) = self.levels.here(&mut self.work) else {
                self.levels.give_up();
                self.skipped += 1;
                continue;
            };
            if let Some(stat) = self.look(&place, &name) {
                bytes += self.shown.len();
                entries.push(Entry {
                    path: self.shown.clone(),
                    stat,
                });
            }
        }
        while self.levels.last().is_some_and(Level::is_done) {
            self.leave();
        }
        self.work = 0;
        let skipped = std::mem::take(&mut self.skipped);
        Page {
            entries,
            skipped,
            more: !self.levels.is_empty(),
        }
    }

    /// Look at one name of the innermost directory: its facts if it is to be shown. If it is to be walked, the walk
    /// is in it afterwards.
    fn look(&mut self, place: &Place, name: &Name) -> Option<Stat> {
        self.work += 1 + (self.rules.size() + self.globs.size()) / bounds::MATCH_WORK;
        let hidden = !self.hidden && name.name.starts_with('.');
        if hidden || (self.ignore && name.name == ".git") {
            return None;
        }
        self.go_to(&name.name);
        if self.shown.len() > bounds::PATH {
            self.skipped += 1;
            return None;
        }
        let os_name = OsStr::new(&name.name);
        let mut stat = None;
        let kind = match name.kind {
            Some(kind) => kind,
            None => {
                stat = Some(self.facts(place, os_name)?);
                stat?.kind
            }
        };
        let is_dir = kind == Kind::Directory;
        if self.ignore && self.rules.leave_out(&self.plain, is_dir) {
            return None;
        }
        let taken = self.globs.take(&self.shown, is_dir);
        if taken == Taken::LeftOut {
            return None;
        }
        if taken == Taken::Shown && stat.is_none() {
            stat = Some(self.facts(place, os_name)?);
        }
        // Facts are newer than the listing: what is no directory any more is not walked.
        if is_dir && stat.is_none_or(|stat| stat.kind == Kind::Directory) {
            self.descend(place, os_name);
        }
        stat.filter(|_| taken == Taken::Shown)
    }

    /// Facts about a name, without following it. What vanished is not there; what cannot be looked at is counted.
    fn facts(&mut self, place: &Place, name: &OsStr) -> Option<Stat> {
        match open::facts(place, name) {
            Ok(facts) => Some(Stat::from(&facts)),
            Err(ErrorCode::NoEntry) => None,
            Err(_) => {
                self.skipped += 1;
                None
            }
        }
    }

    /// Go into a directory, if the bounds let us and it lets us.
    fn descend(&mut self, parent: &Place, name: &OsStr) {
        if self.levels.len() >= self.depth as usize {
            self.skipped += u32::from(self.cut);
            return;
        }
        let opened = open::listable(parent, name);
        let listed = opened
            .and_then(|(place, identity)| list(&place).map(|listing| (place, identity, listing)));
        self.work += listing_work(match &listed {
            Ok((_, _, listing)) => listing.names.len(),
            Err(ErrorCode::Overflow) => bounds::LISTING,
            Err(_) => 0,
        });
        match listed {
            Ok((place, identity, listing)) if self.fits(&listing) => {
                self.enter(place, identity, name, listing);
            }
            _ => self.skipped += 1,
        }
    }

    fn fits(&self, listing: &Listing) -> bool {
        self.held + listing.held() <= bounds::WALK_NAMES
    }

    /// Be in the directory at the current path, which is called `name` in the one before.
    fn enter(&mut self, place: Place, identity: Identity, name: &OsStr, listing: Listing) {
        let outer_rules = self.rules.len();
        if self.ignore {
            let base = below(self.plain.len());
            let named = [IGNORE, GITIGNORE]
                .into_iter()
                .filter(|name| listing.has_file(name));
            self.read_rules(&place, base, &named.collect::<Vec<_>>(), u64::MAX);
        }
        let outer_held = self.held;
        self.held += listing.held();
        self.skipped += listing.unnamed;
        self.levels.enter(Level {
            place: Some(place),
            identity,
            name: name.to_owned(),
            names: listing.names.into_iter(),
            shown: self.shown.len(),
            plain: self.plain.len(),
            outer_rules,
            outer_held,
        });
    }

    fn leave(&mut self) {
        if let Some(level) = self.levels.leave() {
            self.rules.truncate(level.outer_rules);
            self.held = level.outer_held;
        }
    }

    /// Set the current path to a name in the innermost directory.
    fn go_to(&mut self, name: &str) {
        if let Some(level) = self.levels.last() {
            self.shown.truncate(level.shown);
            self.plain.truncate(level.plain);
        }
        path::push(&mut self.shown, name);
        if !self.plain.is_empty() {
            self.plain.push(b'/');
        }
        self.plain.extend_from_slice(name.as_bytes());
    }

    /// The way to where it began; none when that is too long to apply the rules on it.
    fn trail(&self) -> Option<&Way> {
        Some(&self.root.way).filter(|way| way.depth() as usize <= bounds::TRAIL)
    }

    /// The rules of the innermost directories above the walk, from the outer ones down. They only decide what is shown,
    /// so where the way down is not what it was, those that are left do.
    fn rules_above(&mut self) {
        let trail = self.trail().cloned().unwrap_or_default();
        let trail = trail.names_from(0);
        let far = trail.len().saturating_sub(bounds::RULES_ABOVE);
        let mut place = Place::root(self.root.layer.clone(), Arc::clone(&self.root.reach));
        let mut base = 0;
        let mut left = bounds::RULES_ABOVE_BYTES;
        for (level, name) in trail.into_iter().enumerate() {
            if level >= far {
                left -= self.read_rules(&place, base, &[IGNORE, GITIGNORE], left);
            }
            if left == 0 || self.rules.is_full() {
                return;
            }
            self.work += bounds::OPEN_WORK;
            match open::dir(&place, name) {
                Ok(Opened::It(next)) => place = next,
                Ok(Opened::Link(_)) | Err(_) => return,
            }
            base += name.len() + 1;
        }
    }

    /// Returns the bytes that were read, at most `most`.
    fn read_rules(&mut self, place: &Place, base: usize, named: &[&str], most: u64) -> u64 {
        let before = self.rules.size();
        let read = self.rules.add(place, base, named, most);
        self.work += named.len() * bounds::OPEN_WORK
            + usize::try_from(read).unwrap_or(usize::MAX) / bounds::READ_WORK
            + (self.rules.size() - before) * bounds::COMPILE_WORK;
        read
    }
}

/// What it takes to open and list a directory of so many names.
fn listing_work(names: usize) -> usize {
    bounds::OPEN_WORK + names / bounds::LIST_WORK
}

/// Where in a path what is below its first `length` bytes begins.
fn below(length: usize) -> usize {
    if length == 0 { 0 } else { length + 1 }
}

/// Shows where it is.
impl fmt::Debug for Walker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walker")
            .field("at", &self.shown)
            .finish_non_exhaustive()
    }
}
