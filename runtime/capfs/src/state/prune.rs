//! How long what was replaced or removed is kept.

use super::entry::{self, Entry};
use super::folder::{self, Folder, Lock};
use super::ground::{self, Ground, Place};
use super::journal::{self, Name, Which};
use super::{StateError, node, remove};
use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::OwnedFd;
use std::time::Duration;

/// What is kept of what was applied, over the whole state folder. The oldest records go first, and what goes cannot be
/// undone any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Bytes on the disk.
    pub bytes: u64,
    /// How long.
    pub age: Duration,
    /// Records.
    pub records: usize,
}

/// 1 GiB, 7 days, 4096 records.
impl Default for Keep {
    fn default() -> Self {
        Self {
            bytes: 1 << 30,
            age: Duration::from_secs(7 * 24 * 60 * 60),
            records: 4096,
        }
    }
}

/// Forget what is too old or too much.
pub(super) fn run(folder: &Folder) -> Result<(), StateError> {
    let keep = folder.keep.lock().map(|keep| *keep).unwrap_or_default();
    let names = journal::names(folder, Which::History)?;
    let since = folder::now() - i64::try_from(keep.age.as_millis()).unwrap_or(i64::MAX);
    let mut bytes = 0u64;
    let mut count = 0usize;
    // Each by its own age: one that was written while the clock was wrong says nothing of those before it.
    let (young, mut gone): (Vec<Name>, Vec<Name>) =
        names.into_iter().partition(|name| name.at >= since);
    let mut fits = |name: &Name| {
        bytes = bytes.saturating_add(name.bytes);
        count += 1;
        bytes <= keep.bytes && count <= keep.records
    };
    // The newest one first; from the first that does not fit on, all go.
    let kept = young.iter().rev().take_while(|name| fits(name)).count();
    gone.extend(young.iter().take(young.len() - kept));
    // One that is not quite done needs its record, to be told from one that was never made.
    let busy = journal::names(folder, Which::Journal)?;
    gone.retain(|name| busy.iter().all(|other| other.id != name.id));
    let Some(last) = gone.iter().map(|name| name.id).max() else {
        return Ok(());
    };
    journal::remember(folder, last)?;
    let mut homes = BTreeMap::new();
    for name in &gone {
        let entry = journal::load(folder, Which::History, *name)?;
        // Without the record nobody needs the slots; those that stay are swept later.
        journal::remove(folder, Which::History, *name).map_err(StateError::system(&folder.path))?;
        forget(folder, &entry, &mut homes);
    }
    Ok(())
}

fn forget(folder: &Folder, entry: &Entry, homes: &mut BTreeMap<String, Option<Ground>>) {
    for step in &entry.steps {
        let Some(place) = entry.places.get(step.place) else {
            continue;
        };
        let key = format!("{} {}", place.id, place.inside);
        let ground = homes
            .entry(key)
            .or_insert_with(|| Ground::find(folder, place).ok().flatten());
        if let Some(ground) = ground {
            let _ = remove::tree(&ground.slots, &step.slot);
        }
    }
}

/// Remove slots that no record speaks of: a process was cut off before it had written down what it was about, or
/// when it had forgotten a record and not yet what was kept for it.
pub(super) fn sweep(folder: &Folder, _lock: &Lock) -> Result<(), StateError> {
    let mut known: BTreeSet<u64> = BTreeSet::new();
    for which in [Which::Journal, Which::History] {
        known.extend(journal::names(folder, which)?.iter().map(|name| name.id));
    }
    let mut strange: Vec<(OwnedFd, Place, Vec<String>)> = Vec::new();
    for place in ground::registered(folder)? {
        // One that cannot be opened now is swept later: the others are not kept waiting for it.
        let Ok(Some((slots, names))) = slots(folder, &place) else {
            continue;
        };
        let unknown =
            |slot: &String| entry::owner(slot).is_some_and(|owner| !known.contains(&owner));
        let names: Vec<String> = names.into_iter().filter(unknown).collect();
        if !names.is_empty() {
            strange.push((slots, place, names));
        }
    }
    if strange.is_empty() {
        return Ok(());
    }
    // An undone record's slots are those of the one that undid it.
    let mut used: BTreeSet<(String, String)> = BTreeSet::new();
    for which in [Which::Journal, Which::History] {
        for entry in journal::all(folder, which)? {
            for step in &entry.steps {
                if let Some(place) = entry.places.get(step.place) {
                    used.insert((place.id.clone(), step.slot.clone()));
                }
            }
        }
    }
    for (slots, place, names) in strange {
        for name in names {
            let slot = name.strip_suffix(".old").unwrap_or(&name);
            if !used.contains(&(place.id.clone(), slot.to_owned())) {
                // What cannot be removed now is tried again next time.
                let _ = remove::tree(&slots, &name);
            }
        }
    }
    Ok(())
}

/// The slots of a vault, and their names. None when it lies in a granted directory that is not there.
fn slots(folder: &Folder, place: &Place) -> Result<Option<(OwnedFd, Vec<String>)>, StateError> {
    let failed = || StateError::system(&place.path);
    let slots = if place.inside {
        match Ground::find(folder, place)? {
            Some(ground) => ground.slots,
            None => return Ok(None),
        }
    } else {
        let home = node::own_folder(&folder.vaults, &place.id).map_err(failed())?;
        node::own_folder(home, "slots").map_err(failed())?
    };
    let names = node::names(&slots).map_err(failed())?;
    Ok(Some((slots, names)))
}
