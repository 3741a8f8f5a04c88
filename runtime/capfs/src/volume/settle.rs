//! After changes were applied: what the session knows now, and what stays charged.

use crate::change_set::{ChangeSet, Put, Was, What};
use crate::diff;
use crate::layer::delta::{Delta, Node};
use crate::ledger::Amount;
use crate::seen::{Glance, Sight, TEXT};
use crate::volume::{Volume, held};
use std::collections::BTreeSet;

/// What a set writes, known before it is applied: afterwards others can write to the same files.
pub(crate) struct Written(Vec<(String, Glance)>);

impl Written {
    /// Texts are kept as they are, others by their digest.
    pub(crate) fn of(set: &ChangeSet) -> Self {
        let files = set.puts.iter().filter_map(|put| match &put.what {
            What::File(content) => Some((put, content)),
            _ => None,
        });
        let glance = |(put, content): (&Put, &crate::change_set::Content)| {
            let glance = match diff::bytes_of(&*content.blob.file().ok()?, TEXT as u64) {
                Some(bytes) => Glance::of_text(bytes),
                None => Glance::whole(content.blob.size().ok()?, content.blob.digest().ok()?),
            };
            Some((put.path.clone(), glance))
        };
        Self(files.filter_map(glance).collect())
    }
}

/// The session takes over what the call saw, and then what it wrote.
pub(crate) fn remember(volume: &Volume, set: &ChangeSet, sight: Option<&Sight>, written: Written) {
    let touched: BTreeSet<&str> = touched(set).collect();
    let mut memory = held(&volume.0.memory);
    if let Some(sight) = sight {
        memory.take_over(sight, |path| touched.contains(path));
    }
    for put in set.puts.iter().filter_map(|put| put.over.as_ref()) {
        memory.forget(&put.path);
    }
    // What is removed goes nowhere. A directory can be removed from one that is moved, and things be moved out of one that is removed.
    let mut moves: Vec<(String, Option<String>)> =
        (set.takes.iter().map(|take| (take.path.clone(), None))).collect();
    for put in &set.puts {
        if let What::Moved(index) = put.what
            && let Some((_, to)) = moves.get_mut(index)
        {
            *to = Some(put.path.clone());
        }
    }
    memory.moved(&moves);
    for (path, glance) in written.0 {
        memory.put(&path, glance);
    }
}

/// The session takes over what a call saw whose changes are not in the base, but of the files that it changed.
pub(crate) fn look(volume: &Volume, set: &ChangeSet, sight: Option<&Sight>) {
    let touched: BTreeSet<&str> = touched(set).collect();
    if let Some(sight) = sight {
        held(&volume.0.memory).take_over(sight, |path| touched.contains(path));
    }
}

/// The names of the base that a set changes.
fn touched(set: &ChangeSet) -> impl Iterator<Item = &str> {
    let overs = set.puts.iter().filter_map(|put| put.over.as_ref());
    let takes = set.takes.iter().map(|take| take.path.as_str());
    takes.chain(overs.map(|over| over.path.as_str()))
}

/// How much the base grew or shrank by a set, in bytes and entries. Of a directory that is removed only itself counts: what was in it
/// is not looked at, so it may be more.
fn growth(set: &ChangeSet) -> (i128, i128) {
    let size = |bytes: u64| i128::from(bytes);
    let (mut bytes, mut entries) = (0, 0);
    for take in &set.takes {
        entries -= 1;
        if let Was::File(version) = &take.was {
            bytes -= size(version.stamp.size);
        }
    }
    for put in &set.puts {
        match &put.what {
            What::Dir(_) => entries += 1,
            What::Link(target) => {
                entries += 1;
                bytes += size(target.len() as u64);
            }
            What::Moved(index) => {
                entries += 1;
                if let Some(Was::File(version)) = set.takes.get(*index).map(|take| &take.was) {
                    bytes += size(version.stamp.size);
                }
            }
            What::File(content) => {
                entries += 1;
                bytes += size(content.blob.size().unwrap_or(0));
            }
            What::Attributes(_) => continue,
        }
        if let Some(over) = &put.over {
            entries -= 1;
            bytes -= size(over.version.stamp.size);
        }
    }
    (bytes, entries)
}

/// Leave charged by how much the base grew, and give back by how much it shrank, as far as this volume made it grow before. The rest of
/// what the delta's nodes are charged goes with them.
pub(crate) fn charge(volume: &Volume, set: &ChangeSet, delta: &Delta) {
    let (bytes, entries) = growth(set);
    let up = |much: i128| u64::try_from(much).unwrap_or(0);
    let mut left = Amount {
        bytes: up(bytes),
        entries: up(entries),
    };
    let mut standing = held(&volume.0.standing);
    for charge in delta.nodes.values().filter_map(|node| Node::charge(node)) {
        if left == Amount::default() {
            break;
        }
        charge.settle(&mut left, |ledger, kept| standing.grew(ledger, kept));
    }
    standing.shrank(Amount {
        bytes: up(-bytes),
        entries: up(-entries),
    });
}
