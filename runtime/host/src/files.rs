//! What a session knows of the files that its calls changed: how to end a call, and how to take back what it did.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use bailiwick_capfs::state::{Record, Room, State};
use bailiwick_capfs::{Change, ChangeKind, CommitError, Committed, Salvage, Volume};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::layers::{Layers, WritePlace};
use crate::results::{KEPT, Results};

/// A session's files, shared by its calls.
#[derive(Debug, Default)]
pub(crate) struct Files {
    state: Option<State>,
    results: OnceLock<Results>,
    /// Wakes calls that wait for places.
    freed: Notify,
    /// Held while a call tries to lock its places.
    locking: Mutex<()>,
    done: Mutex<Done>,
}

/// What was done, oldest first.
#[derive(Debug, Default)]
struct Done {
    volumes: Vec<Volume>,
    /// Folders that go away with the session.
    rooms: Vec<Room>,
    applied: Vec<Applied>,
    calls: u64,
}

/// A call whose changes are in the base.
#[derive(Debug, Clone)]
pub(crate) struct Applied {
    pub(crate) call: String,
    pub(crate) record: Record,
}

/// How a call ended, for its files.
#[derive(Debug)]
pub(crate) enum Settled {
    Committed(Committed),
    Discarded(Dropped),
    Refused(CommitError, Dropped),
}

/// What became of the changes of a call that did not end well.
#[derive(Debug)]
pub(crate) struct Dropped {
    /// What was dropped.
    pub(crate) changes: Vec<Change>,
    /// Where what it had written can be read.
    pub(crate) kept: Option<String>,
    /// How many files of that are not there.
    pub(crate) left_out: u64,
    /// What stays, since it was written directly.
    pub(crate) stays: Vec<Change>,
}

/// Wakes calls that wait, when it is dropped.
pub(crate) struct Free<'a>(&'a Notify);

impl Drop for Free<'_> {
    fn drop(&mut self) {
        self.0.notify_waiters();
    }
}

impl Files {
    pub(crate) fn new(state: Option<State>) -> Self {
        Self {
            state,
            ..Self::default()
        }
    }

    pub(crate) fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    fn done(&self) -> MutexGuard<'_, Done> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next call's name.
    pub(crate) fn next_call(&self) -> String {
        let mut done = self.done();
        done.calls += 1;
        format!("c{}", done.calls)
    }

    pub(crate) fn add(&self, volume: Volume) {
        self.done().volumes.push(volume);
    }

    /// Keeps a folder as long as the session.
    pub(crate) fn hold(&self, room: Room) {
        self.done().rooms.push(room);
    }

    pub(crate) fn volumes(&self) -> Vec<Volume> {
        self.done().volumes.clone()
    }

    pub(crate) fn set_results(&self, results: Results) {
        // There is one at most: it is made with the session.
        let _ = self.results.set(results);
    }

    pub(crate) fn results(&self) -> Option<&Results> {
        self.results.get()
    }

    pub(crate) fn sweep(&self) {
        if let Some(results) = self.results.get() {
            results.sweep(KEPT);
        }
    }

    /// Wakes whoever waits for places, when it is dropped.
    pub(crate) fn free(&self) -> Free<'_> {
        Free(&self.freed)
    }

    /// Locks all places, if nobody holds any of them. One call at a time tries: none sees places taken by one that gives them back at once.
    pub(crate) fn try_lock(&self, places: &[WritePlace]) -> Option<Layers> {
        let _alone = self.locking.lock().unwrap_or_else(PoisonError::into_inner);
        Layers::try_lock(places)
    }

    /// Until some call ends.
    pub(crate) fn freed(&self) -> Notified<'_> {
        self.freed.notified()
    }

    /// Takes over what a call changed, or drops it when that is refused.
    pub(crate) fn commit(&self, layers: Layers, call: &str, tool: &str) -> Settled {
        let again = layers.clone();
        let settled = match layers.commit(tool) {
            Ok(committed) => {
                if let Some(record) = &committed.record {
                    self.done().applied.push(Applied {
                        call: call.to_owned(),
                        record: record.clone(),
                    });
                }
                // It holds the places: they are free before anybody is woken.
                drop(again);
                Settled::Committed(committed)
            }
            Err(error) => Settled::Refused(error, self.discard(again, call)),
        };
        self.freed.notify_waiters();
        settled
    }

    /// Drops what a call changed; what that was, and where it can be read.
    pub(crate) fn discard(&self, layers: Layers, call: &str) -> Dropped {
        let stays = layers.stays();
        let wrote = layers.has_changes();
        let results = self.results().filter(|_| wrote);
        let discards = results.and_then(|results| results.discards(call));
        let (changes, left_out) = match &discards {
            Some(discards) => {
                let mut salvage = Salvage::new(&discards.folder, &discards.ledger);
                let changes = layers.discard(Some(&mut salvage));
                (changes, salvage.left_out())
            }
            None => {
                let changes = layers.discard(None);
                let left_out = changes.iter().filter(|change| has_contents(change)).count();
                (changes, left_out as u64)
            }
        };
        self.freed.notify_waiters();
        Dropped {
            changes,
            kept: discards.map(|discards| discards.name),
            left_out,
            stays,
        }
    }

    /// Something was applied that no call did: pending changes were accepted.
    pub(crate) fn applied_outside(&self, record: Record) {
        let call = String::new();
        self.done().applied.push(Applied { call, record });
    }

    /// Calls whose changes can be taken back, oldest first.
    pub(crate) fn applied(&self) -> Vec<Applied> {
        self.done().applied.clone()
    }

    /// These are not there any more: `paths` of the host are as they were before them.
    pub(crate) fn forget(&self, records: &[u64], paths: &[PathBuf]) {
        let mut done = self.done();
        done.applied
            .retain(|applied| !records.contains(&applied.record.id));
        for volume in &done.volumes {
            volume.forget_paths(paths);
        }
    }
}

/// Whether there is something in a file that was not there before.
fn has_contents(change: &Change) -> bool {
    let kind = matches!(change.kind, ChangeKind::Created | ChangeKind::Modified);
    kind && !change.path.ends_with('/')
}
