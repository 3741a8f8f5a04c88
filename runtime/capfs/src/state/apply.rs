//! From change sets to a transaction: check that everything is what the sets say it was, make ready what comes, list the steps.

use super::entry::{self, Entry, Step};
use super::folder::{self, Folder};
use super::plan::Plan;
use super::run::Run;
use super::{ApplyError, Record, Vault, journal, recover, remove};
use crate::ErrorCode;
use crate::change_set::ChangeSet;
use std::sync::Arc;

/// Apply them as one.
pub(super) fn apply(
    folder: &Arc<Folder>,
    parts: &[(&Vault, &ChangeSet)],
    label: &str,
) -> Result<Record, ApplyError> {
    let lock = folder.lock()?;
    recover::all(folder, &lock)?;
    for (vault, _) in parts {
        recover::refuse(folder, &vault.0.ground)?;
    }
    let mut conflicts = Vec::new();
    let mut plans = Vec::new();
    for (place, (vault, set)) in parts.iter().enumerate() {
        let plan = Plan::check(&vault.0, set, place, &mut conflicts)?;
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
            .map(|(vault, _)| vault.0.ground.place.clone())
            .collect(),
        steps: Vec::new(),
        bytes: plans.iter().map(|plan| plan.bytes).sum(),
    };
    let mut slots = Slots {
        folder,
        id: entry.id,
        made: Vec::new(),
    };
    for plan in plans {
        match plan.ready(&mut slots) {
            Ok(steps) => entry.steps.extend(steps),
            Err(error) => {
                slots.clear(parts);
                return Err(error.into());
            }
        }
    }
    Step::mark(&mut entry.steps, entry.id, slots.made.len());
    let grounds = parts.iter().map(|(vault, _)| &vault.0.ground).collect();
    Run {
        folder,
        grounds,
        entry,
    }
    .all(&lock)
}

/// The slots of one transaction.
pub(super) struct Slots<'a> {
    folder: &'a Folder,
    id: u64,
    /// By place.
    made: Vec<(usize, String)>,
}

impl Slots<'_> {
    /// A new one. The place is a part's.
    pub(super) fn next(&mut self, place: usize) -> String {
        let slot = entry::slot(self.id, self.made.len());
        self.made.push((place, slot.clone()));
        slot
    }

    /// Something is about to be made ready.
    pub(super) fn point(&self) -> Result<(), ErrorCode> {
        self.folder.faults.point()
    }

    /// Nothing came of it.
    fn clear(&self, parts: &[(&Vault, &ChangeSet)]) {
        for (place, slot) in &self.made {
            if let Some((vault, _)) = parts.get(*place) {
                // Swept later otherwise.
                let _ = remove::tree(&vault.0.ground.slots, slot);
            }
        }
    }
}
