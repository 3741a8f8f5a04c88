//! A transaction as it is written down: steps, each one rename, and what each of them moves.

use super::Record;
use super::ground::Place;
use crate::change_set::Attributes;
use crate::version::{Digest, Stamp};
use rustix::fs::Stat;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// A transaction: in the journal while it is on its way, in the history afterwards.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) version: u32,
    pub(super) id: u64,
    pub(super) label: String,
    /// Milliseconds since 1970.
    pub(super) at: i64,
    /// The records that it takes back, and whose slots are its own from then on.
    pub(super) undoes: Vec<u64>,
    pub(super) places: Vec<Place>,
    /// The places whose next pending set lies ready beside the one that is in force. Nothing of it is left in the history.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) pending: Vec<usize>,
    pub(super) steps: Vec<Step>,
    /// What is kept for it takes so many bytes on the disk.
    pub(super) bytes: u64,
}

/// One step: a rename between a path of a granted directory and a slot.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Step {
    /// Which of the entry's places.
    pub(super) place: usize,
    pub(super) path: String,
    pub(super) slot: String,
    /// For a take and the put that empties the same slot again, when something only moves: a file beside the slot that is made before the put.
    /// Without it nobody could tell afterwards whether neither was made or both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) mark: Option<String>,
    pub(super) act: Act,
}

/// What a step does.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Act {
    /// From the path to the slot, which is empty.
    Take(Object),
    /// From the slot to the path, which is empty.
    Put(Object),
    /// One for the other.
    Swap {
        /// What the path stands for before.
        old: Object,
        /// What the path stands for after.
        new: Object,
    },
    /// Nothing moves.
    Attributes {
        /// What they are set on.
        of: Object,
        old: Attributes,
        new: Attributes,
    },
}

/// Something that a step moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Object {
    pub(super) inode: u64,
    pub(super) thing: Thing,
}

/// How to tell that it is still what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Thing {
    /// A regular file, by what is in it. The stamp is of the file in its place.
    File {
        stamp: Option<Stamp>,
        digest: Option<Digest>,
    },
    /// A link, by what it says.
    Link(String),
    /// A directory that we made: only what we put in it may be in it.
    Folder,
    /// A directory of the base with all that is in it: a digest over names, kinds and stamps, without what the same transaction took
    /// out of it before.
    Tree(Digest),
    /// Whatever it is, by which one it is.
    Whole,
}

impl Entry {
    /// As it is told.
    pub(super) fn record(&self) -> Record {
        let paths: BTreeSet<(usize, &String)> = self
            .steps
            .iter()
            .map(|step| (step.place, &step.path))
            .collect();
        Record {
            id: self.id,
            label: self.label.clone(),
            undoes: self.undoes.clone(),
            at: self.at,
            roots: self.places.iter().map(|place| place.path.clone()).collect(),
            paths: paths
                .into_iter()
                .map(|(root, path)| (root, path.clone()))
                .collect(),
        }
    }

    /// Whether a slot was made for this transaction, rather than taken over from another.
    pub(super) fn owns(&self, slot: &str) -> bool {
        owner(slot) == Some(self.id)
    }
}

impl Object {
    /// It was looked at, and this is how it looked.
    pub(super) fn found(&mut self, stat: &Stat) {
        self.inode = Stamp::of_stat(stat).inode;
        if let Thing::File { stamp, .. } = &mut self.thing {
            *stamp = Some(Stamp::of_stat(stat));
        }
    }
}

impl Step {
    /// What takes this back.
    pub(super) fn inverse(&self) -> Self {
        let act = match self.act.clone() {
            Act::Take(object) => Act::Put(object),
            Act::Put(object) => Act::Take(object),
            Act::Swap { old, new } => Act::Swap { old: new, new: old },
            Act::Attributes { of, old, new } => Act::Attributes {
                of,
                old: new,
                new: old,
            },
        };
        Self {
            act,
            ..self.clone()
        }
    }

    /// Give marks to the steps of a new transaction, called from the `n`th slot on.
    pub(super) fn mark(steps: &mut [Self], id: u64, mut n: usize) {
        let mut taken: HashMap<(usize, String), usize> = HashMap::new();
        for index in 0..steps.len() {
            steps[index].mark = None;
            let slot = (steps[index].place, steps[index].slot.clone());
            match &steps[index].act {
                Act::Take(_) => drop(taken.insert(slot, index)),
                Act::Put(_) => {
                    if let Some(take) = taken.remove(&slot) {
                        let mark = self::slot(id, n);
                        n += 1;
                        steps[take].mark = Some(mark.clone());
                        steps[index].mark = Some(mark);
                    }
                }
                Act::Swap { .. } | Act::Attributes { .. } => {}
            }
        }
    }

    /// What the path stands for after it; nothing after a take.
    pub(super) fn result(&mut self) -> Option<&mut Object> {
        match &mut self.act {
            Act::Take(_) => None,
            Act::Put(object)
            | Act::Swap { new: object, .. }
            | Act::Attributes { of: object, .. } => Some(object),
        }
    }
}

/// The transaction that a slot was made for.
pub(super) fn owner(slot: &str) -> Option<u64> {
    slot.split_once('.')?.0.parse().ok()
}

/// What the `n`th slot of a transaction is called.
pub(super) fn slot(id: u64, n: usize) -> String {
    format!("{id}.{n}")
}
