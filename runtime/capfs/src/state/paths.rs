//! Where the paths of a change set are before anything changes.

use super::ground::Ground;
use crate::ErrorCode;
use crate::change_set::{ChangeSet, Put, What};
use std::collections::{HashMap, HashSet};

/// Where the paths of a set's puts are before anything changes.
pub(super) struct Paths<'a> {
    /// The paths that are taken.
    taken: HashSet<&'a str>,
    /// What is new or moved, as a tree of names; the root first. Of the way to a name only as much is looked at as is
    /// in it: what is put deep below can be much, and each with a long way.
    placed: Vec<Level<'a>>,
}

/// One name of the tree.
#[derive(Default)]
struct Level<'a> {
    /// Where in the list the names in it are.
    below: HashMap<&'a str, usize>,
    /// If it is put in place: the old path of what is moved, none for what is new.
    from: Option<Option<&'a str>>,
}

impl<'a> Paths<'a> {
    pub(super) fn new(set: &'a ChangeSet) -> Self {
        let from = |put: &'a Put| match put.what {
            What::Moved(index) => set.takes.get(index).map(|take| take.path.as_str()),
            _ => None,
        };
        let mut paths = Self {
            taken: set.takes.iter().map(|take| take.path.as_str()).collect(),
            placed: vec![Level::default()],
        };
        let placed = set
            .puts
            .iter()
            .filter(|put| !matches!(put.what, What::Attributes(_)) && put.over.is_none());
        for put in placed {
            paths.add(&put.path, from(put));
        }
        paths
    }

    fn add(&mut self, path: &'a str, from: Option<&'a str>) {
        let mut at = 0;
        for name in path.split('/') {
            let new = self.placed.len();
            let Some(level) = self.placed.get_mut(at) else {
                return;
            };
            at = *level.below.entry(name).or_insert(new);
            if at == new {
                self.placed.push(Level::default());
            }
        }
        if let Some(level) = self.placed.get_mut(at) {
            level.from = Some(from);
        }
    }

    /// What `path` is called in the base, when it is in or below a directory of the base; none when it is new or in a new one.
    pub(super) fn base(&self, path: &str) -> Option<String> {
        // The innermost that is put in place, and how much of the path that is.
        let mut innermost = (Some(""), 0);
        let (mut at, mut end) = (0, 0);
        for name in path.split('/') {
            let level = self.placed.get(at);
            let Some(next) = level.and_then(|level| level.below.get(name)) else {
                break;
            };
            at = *next;
            end += name.len() + usize::from(end > 0);
            if let Some(from) = self.placed.get(at).and_then(|level| level.from) {
                innermost = (from, end);
            }
        }
        let (from, end) = innermost;
        from.map(|from| format!("{from}{}", path.get(end..).unwrap_or_default()))
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
