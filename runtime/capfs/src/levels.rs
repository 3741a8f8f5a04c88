//! The directories that a walk is in, few of which are open.
//!
//! A walk can be deep and many can be under way, so the directories between the one it began at and the innermost are
//! closed. When the walk comes back to one, it is opened again from the top, by the names that were gone down by, each
//! of which must still stand for the directory that it stood for.

use crate::list::Name;
use crate::open::{self, Device, Identity};
use crate::{ErrorCode, bounds};
use cap_std::fs::Dir;
use std::ffi::OsString;
use std::sync::Arc;
use std::vec;

/// A directory that the walk is in.
pub(crate) struct Level {
    /// None: closed, to be opened again.
    pub(crate) dir: Option<Arc<Dir>>,
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
            self.0[far].dir = None;
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

    /// The innermost directory, opened again if it was closed. What that takes is added to `work`.
    pub(crate) fn here(&mut self, device: Device, work: &mut usize) -> Result<Arc<Dir>, ErrorCode> {
        if let Some(dir) = self.0.last().and_then(|level| level.dir.as_ref()) {
            return Ok(Arc::clone(dir));
        }
        // Those that the walk comes back to next stay open as well.
        let far = self.0.len().saturating_sub(bounds::WALK_OPEN);
        let mut levels = self.0.iter_mut().enumerate();
        let first = levels.next().and_then(|(_, first)| first.dir.clone());
        let mut at = first.ok_or(ErrorCode::BadDescriptor)?;
        for (i, level) in levels {
            *work += bounds::OPEN_WORK;
            at = Arc::new(open::dir_again(&at, &level.name, device, level.identity)?);
            if i > far {
                level.dir = Some(Arc::clone(&at));
            }
        }
        Ok(at)
    }
}
