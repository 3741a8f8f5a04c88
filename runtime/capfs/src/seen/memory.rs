//! What a session saw of a volume's files, over all its calls.

use super::glance::Glance;
use super::{PATHS, Sight, TEXTS};
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

/// By path in the base (plain names from the grant's root), the last that was seen or written there. What was used least recently is
/// forgotten when there is too much.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    files: BTreeMap<String, Entry>,
    /// By when they were used last.
    order: BTreeMap<u64, String>,
    /// Of these, those whose text is kept.
    texts: BTreeMap<u64, String>,
    /// Bytes of the texts.
    kept: usize,
    tick: u64,
}

#[derive(Debug)]
struct Entry {
    glance: Glance,
    tick: u64,
}

impl Memory {
    /// The last that was seen of a file.
    pub(crate) fn get(&self, path: &str) -> Option<&Glance> {
        self.files.get(path).map(|entry| &entry.glance)
    }

    /// Take over what a call saw, but of the files that `without` says.
    pub(crate) fn take_over(&mut self, sight: &Sight, without: impl Fn(&str) -> bool) {
        for (path, glance) in sight.latest() {
            if !without(&path) {
                self.put(&path, glance);
            }
        }
    }

    /// This is what is there now.
    pub(crate) fn put(&mut self, path: &str, glance: Glance) {
        let glance = glance.settle();
        self.forget(path);
        self.tick += 1;
        self.order.insert(self.tick, path.to_owned());
        if glance.text().is_some() {
            self.kept += glance.kept();
            self.texts.insert(self.tick, path.to_owned());
        }
        let tick = self.tick;
        self.files.insert(path.to_owned(), Entry { glance, tick });
        self.trim();
    }

    /// Nothing is known of a file.
    pub(crate) fn forget(&mut self, path: &str) {
        if let Some(entry) = self.files.remove(path) {
            self.order.remove(&entry.tick);
            if self.texts.remove(&entry.tick).is_some() {
                self.kept -= entry.glance.kept();
            }
        }
    }

    /// The files at or below a path.
    pub(crate) fn below(&self, path: &str) -> Vec<String> {
        let inside = format!("{path}/");
        let from = self.files.get_key_value(path).map(|(path, _)| path.clone());
        let below = self
            .files
            .range::<str, _>((Bound::Included(inside.as_str()), Bound::Unbounded))
            .map(|(path, _)| path)
            .take_while(|path| path.starts_with(&inside))
            .cloned();
        from.into_iter().chain(below).collect()
    }

    /// Things have other names now, or none: what was known of them and below goes along, or goes. All at once, so that two can swap
    /// theirs.
    pub(crate) fn moved(&mut self, moves: &[(String, Option<String>)]) {
        let mut known: HashMap<String, Glance> = HashMap::new();
        // The deepest first: what moved or went by itself does not go along with what it was in.
        let mut moves: Vec<_> = moves.iter().collect();
        moves.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
        for (from, to) in moves {
            for path in self.below(from) {
                if let (Some(entry), Some(to)) = (self.files.get(&path), to) {
                    known.insert(format!("{to}{}", &path[from.len()..]), entry.glance.clone());
                }
                self.forget(&path);
            }
        }
        for (path, glance) in known {
            self.put(&path, glance);
        }
    }

    fn trim(&mut self) {
        while self.kept > TEXTS {
            let Some((tick, path)) = self.texts.pop_first() else {
                return;
            };
            if let Some(entry) = self.files.get_mut(&path).filter(|entry| entry.tick == tick) {
                self.kept -= entry.glance.kept();
                entry.glance.drop_text();
            }
        }
        while self.files.len() > PATHS {
            let Some((_, path)) = self.order.first_key_value() else {
                return;
            };
            let path = path.clone();
            self.forget(&path);
        }
    }
}
