//! What a process left half done: found by the next one, finished, or taken back where that cannot be.

use super::entry::Entry;
use super::folder::{Folder, Lock};
use super::ground::Ground;
use super::journal::{self, Which};
use super::run::Run;
use super::{Recovered, StateError};

/// Finish or take back everything that can be.
pub(super) fn all(folder: &Folder, _lock: &Lock) -> Result<(), StateError> {
    for name in journal::names(folder, Which::Journal)? {
        let entry = journal::load(folder, Which::Journal, name)?;
        let places = entry.places.iter();
        let grounds: Option<Vec<Ground>> = places
            .map(|place| Ground::find(folder, place).ok().flatten())
            .collect();
        // A granted directory that is not there, or cannot be opened: perhaps it comes back. Until then nothing is done in it, see
        // `refuse`; the others are not kept waiting for it.
        let Some(grounds) = grounds else {
            continue;
        };
        let run = Run {
            folder,
            grounds: grounds.iter().collect(),
            entry,
        };
        one(folder, run)?;
    }
    Ok(())
}

fn one(folder: &Folder, mut run: Run<'_>) -> Result<(), StateError> {
    let done = journal::names(folder, Which::History)?;
    if done.iter().any(|name| name.id == run.entry.id) {
        // It was cut off when all was done.
        run.finish();
        return Ok(());
    }
    let finished = match run.forward() {
        Ok(()) => true,
        Err(_) => {
            // What cannot even be written down is tried again by the next one.
            let _ = run.backward();
            false
        }
    };
    let record = run.entry.record();
    if let Ok(mut recovered) = folder.recovered.lock() {
        recovered.push(Recovered { record, finished });
    }
    Ok(())
}

/// Refuse to change a granted directory in which a transaction is stuck.
pub(super) fn refuse(folder: &Folder, ground: &Ground) -> Result<(), StateError> {
    for name in journal::names(folder, Which::Journal)? {
        let entry: Entry = journal::load(folder, Which::Journal, name)?;
        if let Some(place) = entry
            .places
            .iter()
            .find(|place| place.path == ground.place.path)
        {
            return Err(StateError::Stuck {
                journal: folder.path.join("journal").join(name.file()),
                root: place.path.clone(),
            });
        }
    }
    Ok(())
}
