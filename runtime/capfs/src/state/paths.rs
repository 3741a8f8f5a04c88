//! Where the paths of a change set are before anything changes.

use super::ground::Ground;
use crate::ErrorCode;
use crate::change_set::{ChangeSet, Put, What};
use std::collections::{HashMap, HashSet};

/// Where the paths of a set's puts are before anything changes.
pub(super) struct Paths<'a> {
    /// The paths that are taken.
    taken: HashSet<&'a str>,
    /// By new path: the old path of what is moved, none for what is new.
    placed: HashMap<&'a str, Option<&'a str>>,
}

impl<'a> Paths<'a> {
    pub(super) fn new(set: &'a ChangeSet) -> Self {
        let from = |put: &'a Put| match put.what {
            What::Moved(index) => set.takes.get(index).map(|take| take.path.as_str()),
            _ => None,
        };
        let placed = set
            .puts
            .iter()
            .filter(|put| !matches!(put.what, What::Attributes(_)) && put.over.is_none());
        Self {
            taken: set.takes.iter().map(|take| take.path.as_str()).collect(),
            placed: placed.map(|put| (put.path.as_str(), from(put))).collect(),
        }
    }

    /// What `path` is called in the base, when it is in or below a directory of the base; none when it is new or in a new one.
    pub(super) fn base(&self, path: &str) -> Option<String> {
        let mut above = path;
        loop {
            match self.placed.get(above) {
                Some(None) => return None,
                Some(Some(old)) => return Some(format!("{old}{}", &path[above.len()..])),
                None => {}
            }
            match above.rsplit_once('/') {
                Some((next, _)) => above = next,
                None => return Some(path.to_owned()),
            }
        }
    }

    /// Whether nothing of the base is in the way of a put of something new.
    pub(super) fn is_free(&self, ground: &Ground, put: &Put) -> Result<bool, ErrorCode> {
        if matches!(put.what, What::Attributes(_)) {
            return Ok(true);
        }
        let base = match put.path.rsplit_once('/') {
            Some((above, name)) => self.base(above).map(|above| format!("{above}/{name}")),
            None => Some(put.path.clone()),
        };
        match base {
            Some(base) if !self.taken.contains(base.as_str()) => Ok(ground.look(&base)?.is_none()),
            _ => Ok(true),
        }
    }
}

/// The last name of a path.
pub(super) fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}
