//! From change sets to a transaction: check that everything is what the sets say it was, make ready what comes, list the steps.

use super::entry::{self, Entry, Step};
use super::folder::{self, Folder, Lock};
use super::ground::Ground;
use super::plan::Plan;
use super::run::Run;
use super::{ApplyError, Part, Record, journal, node, pending, recover, remove, steps};
use crate::ErrorCode;
use std::sync::Arc;

/// Apply them as one.
pub(super) fn apply(
    folder: &Arc<Folder>,
    parts: &[Part<'_>],
    label: &str,
) -> Result<Record, ApplyError> {
    let lock = folder.lock()?;
    let done = under(&lock, folder, parts, label);
    for part in parts {
        part.vault.0.ground.forget_last();
    }
    done
}

fn under(
    lock: &Lock,
    folder: &Arc<Folder>,
    parts: &[Part<'_>],
    label: &str,
) -> Result<Record, ApplyError> {
    recover::all(folder, lock)?;
    for part in parts {
        recover::refuse(folder, &part.vault.0.ground)?;
        if part.pending.is_some() {
            pending::current(&part.vault.0)?;
        }
    }
    let mut conflicts = Vec::new();
    let mut plans = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let plan = Plan::check(&part.vault.0, part.set, place, &mut conflicts)?;
        plans.push(plan);
    }
    if !conflicts.is_empty() {
        conflicts.sort_unstable();
        conflicts.dedup();
        return Err(ApplyError::Conflict(conflicts));
    }
    let mut entry = Entry {
        version: folder::VERSION,
        id: journal::next(folder)?,
        label: label.to_owned(),
        at: folder::now(),
        undoes: Vec::new(),
        places: parts
            .iter()
            .map(|part| part.vault.0.ground.place.clone())
            .collect(),
        pending: Vec::new(),
        steps: Vec::new(),
        bytes: plans.iter().map(|plan| plan.bytes).sum(),
    };
    let mut slots = Slots {
        folder,
        grounds: parts.iter().map(|part| &part.vault.0.ground).collect(),
        id: entry.id,
        made: Vec::new(),
    };
    for plan in plans {
        match plan.ready(&mut slots) {
            Ok(steps) => entry.steps.extend(steps),
            Err(error) => {
                slots.clear();
                return Err(error.into());
            }
        }
    }
    let mut next = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let Some(set) = part.pending else { continue };
        entry.pending.push(place);
        let ready = slots.point().map_err(ApplyError::from);
        match ready.and_then(|()| Ok(pending::ready(&part.vault.0, set, entry.id)?)) {
            Ok(digest) => next.push((&part.vault.0, digest)),
            Err(error) => {
                slots.clear();
                pending::unready(&slots.grounds, &entry);
                return Err(error);
            }
        }
    }
    Step::mark(&mut entry.steps, entry.id, slots.made.len());
    let record = Run {
        folder,
        grounds: slots.grounds,
        entry,
    }
    .all(lock)?;
    for (vault, digest) in next {
        pending::saw(vault, digest);
    }
    Ok(record)
}

/// The slots of one transaction.
pub(super) struct Slots<'a> {
    folder: &'a Folder,
    grounds: Vec<&'a Ground>,
    id: u64,
    /// By place.
    made: Vec<(usize, String)>,
}

impl Slots<'_> {
    /// A new one, with nothing in it. The place is a part's.
    pub(super) fn next(&mut self, place: usize) -> Result<String, ErrorCode> {
        let slot = entry::slot(self.id, self.made.len());
        if let Some(ground) = self.grounds.get(place) {
            // Of a process that was cut off before it had written down that it uses this number.
            remove::tree(&ground.slots, &slot)?;
            node::remove_file(&ground.slots, steps::second(&slot).as_str())?;
        }
        self.made.push((place, slot.clone()));
        Ok(slot)
    }

    /// Something is about to be made ready.
    pub(super) fn point(&self) -> Result<(), ErrorCode> {
        self.folder.faults.point()
    }

    /// Nothing came of it.
    fn clear(&self) {
        if self.folder.faults.is_stopped() {
            return;
        }
        for (place, slot) in &self.made {
            if let Some(ground) = self.grounds.get(*place) {
                // Swept later otherwise.
                let _ = remove::tree(&ground.slots, slot);
            }
        }
    }
}
