//! Which places of a volume calls write in: two that overlap are never written at the same time.

use crate::path::GuestPath;
use crate::volume::held;
use std::fmt;
use std::sync::{Arc, Mutex};

/// The places that are locked now. Cheap to clone; clones are the same table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Locks(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    next: u64,
    /// Each with the number of the lock that it belongs to.
    places: Vec<(u64, GuestPath)>,
}

/// As long as this is there, no other call writes in these places.
pub struct Locked {
    locks: Locks,
    number: u64,
    places: Vec<GuestPath>,
}

/// As long as this is there, no call writes anywhere in a volume. See [`Volume::hold_all`](super::Volume::hold_all).
#[derive(Debug)]
pub struct Held(Locked);

impl Held {
    pub(super) fn new(all: Locked) -> Self {
        Self(all)
    }

    /// Whether it is of that table.
    pub(super) fn is_of(&self, locks: &Locks) -> bool {
        Arc::ptr_eq(&self.0.locks.0, &locks.0)
    }
}

impl Locks {
    /// Lock all of `places`, or none when another lock has one that overlaps.
    pub(crate) fn try_lock(&self, places: &[GuestPath]) -> Option<Locked> {
        let mut table = held(&self.0);
        let taken = table
            .places
            .iter()
            .any(|(_, other)| places.iter().any(|place| overlap(other, place)));
        if taken {
            return None;
        }
        let number = table.next;
        table.next += 1;
        table
            .places
            .extend(places.iter().map(|place| (number, place.clone())));
        Some(Locked {
            locks: self.clone(),
            number,
            places: places.to_vec(),
        })
    }
}

impl Locked {
    /// What is locked, from the volume's root.
    pub(crate) fn places(&self) -> &[GuestPath] {
        &self.places
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        held(&self.locks.0)
            .places
            .retain(|(number, _)| *number != self.number);
    }
}

impl fmt::Debug for Locked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Locked").field(&self.places).finish()
    }
}

/// Whether one is the other, or in it.
fn overlap(a: &GuestPath, b: &GuestPath) -> bool {
    a.components().zip(b.components()).all(|(a, b)| a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(paths: &[&str]) -> Vec<GuestPath> {
        let parse = |path: &&str| GuestPath::parse(path).expect("it is a path");
        paths.iter().map(parse).collect()
    }

    #[test]
    fn what_overlaps_waits() {
        let locks = Locks::default();
        let first = locks
            .try_lock(&paths(&["a/b", "c"]))
            .expect("nothing is locked");
        for taken in ["", "a", "a/b", "a/b/x", "c", "c/d"] {
            assert!(
                locks.try_lock(&paths(&["free", taken])).is_none(),
                "{taken}"
            );
        }
        let others = locks.try_lock(&paths(&["a/c", "a/bc", "free"]));
        assert!(others.is_some());
        drop(first);
        assert!(locks.try_lock(&paths(&["a/b/x", "c"])).is_some());
        assert!(
            locks.try_lock(&paths(&[""])).is_none(),
            "the others are still there"
        );
        drop(others);
        assert!(locks.try_lock(&paths(&[""])).is_some());
    }
}
