//! The directories that a walk is in, few of which are open.
//!
//! A walk can be deep and many can be under way, so the directories between the one it began at and the innermost are
//! closed. When the walk comes back to one, it is opened again from the top, by the names that were gone down by, each
//! of which must still stand for the directory that it stood for.

use crate::list::Name;
use crate::open::{self, Identity};
use crate::place::Place;
use crate::{ErrorCode, bounds};
use std::borrow::Cow;
use std::ffi::OsString;
use std::vec;

/// A directory that the walk is in.
pub(crate) struct Level {
    /// None: closed, to be opened again.
    pub(crate) place: Option<Place>,
    pub(crate) identity: Identity,
    /// What it is called in the one before.
    pub(crate) name: OsString,
    /// The names in it that are still to be looked at.
    pub(crate) names: vec::IntoIter<Name>,
    /// What to go back to: the lengths of the paths to this directory, and what was there before it.
    pub(crate) shown: usize,
    pub(crate) plain: usize,
    pub(crate) outer_rules: usize,
    pub(crate) outer_held: usize,
}

impl Level {
    /// Whether all names in it were looked at.
    pub(crate) fn is_done(&self) -> bool {
        self.names.len() == 0
    }
}

/// The directories that the walk is in, innermost last. Open are the first, and some of the last
/// [`bounds::WALK_OPEN`] less one.
#[derive(Default)]
pub(crate) struct Levels(Vec<Level>);

impl Levels {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn last(&self) -> Option<&Level> {
        self.0.last()
    }

    /// Go into a directory, and close the one that is too far out now.
    pub(crate) fn enter(&mut self, level: Level) {
        self.0.push(level);
        let far = self.0.len().saturating_sub(bounds::WALK_OPEN);
        if far > 0 {
            self.0[far].place = None;
        }
    }

    /// Go out of the innermost directory.
    pub(crate) fn leave(&mut self) -> Option<Level> {
        self.0.pop()
    }

    /// The next name in the innermost directory.
    pub(crate) fn next_name(&mut self) -> Option<Name> {
        self.0.last_mut()?.names.next()
    }

    /// Look at no more names in the innermost directory.
    pub(crate) fn give_up(&mut self) {
        if let Some(level) = self.0.last_mut() {
            level.names = Vec::new().into_iter();
        }
    }

    /// The innermost directory as it is now, opened again if it was closed. What that takes is added to `work`.
    pub(crate) fn here(&mut self, work: &mut usize) -> Result<Place, ErrorCode> {
        if let Some(place) = self.0.last_mut().and_then(|level| level.place.as_mut()) {
            if let Cow::Owned(now) = place.fresh()? {
                *place = now;
            }
            return Ok(place.clone());
        }
        // Those that the walk comes back to next stay open as well.
        let far = self.0.len().saturating_sub(bounds::WALK_OPEN);
        let mut levels = self.0.iter_mut().enumerate();
        let first = levels.next().and_then(|(_, first)| first.place.as_ref());
        let mut at = first.ok_or(ErrorCode::BadDescriptor)?.fresh()?.into_owned();
        for (i, level) in levels {
            *work += bounds::OPEN_WORK;
            at = open::dir_again(&at, &level.name, level.identity)?;
            if i > far {
                level.place = Some(at.clone());
            }
        }
        Ok(at)
    }
}
