//! Making all steps of a transaction, or none.

use super::entry::Entry;
use super::folder::{Folder, Lock};
use super::ground::Ground;
use super::journal::{self, Name, Which};
use super::steps::{self, Failure};
use super::{ApplyError, StateError, node, pending, prune, remove};
use crate::ErrorCode;
use rustix::io::Errno;
use std::collections::BTreeSet;

/// A transaction whose slots are ready, and where it goes: one ground for each of its places.
pub(super) struct Run<'a> {
    pub(super) folder: &'a Folder,
    pub(super) grounds: Vec<&'a Ground>,
    pub(super) entry: Entry,
}

/// Why it was not made, and what could not be taken back of what was.
pub(super) struct Broken {
    /// The step and why.
    pub(super) at: usize,
    pub(super) failure: Failure,
}

impl Run<'_> {
    /// Write it down, make it, and write down that it was made.
    pub(super) fn all(mut self, _lock: &Lock) -> Result<super::Record, ApplyError> {
        let begun = self.begin();
        if self.folder.faults.is_stopped() {
            return begun.and(Err(ErrorCode::Io.into()));
        }
        if let Err(error) = begun {
            // It can be there even so. The slots stay for as long as it does.
            let name = Name::of(&self.entry);
            if journal::forget(self.folder, Which::Journal, name).is_err() {
                return Err(self.stuck());
            }
            self.clear(&BTreeSet::new());
            return Err(error);
        }
        match self.forward() {
            Ok(()) => {
                let record = self.entry.record();
                // What cannot be pruned now is pruned next time.
                let _ = prune::run(self.folder);
                Ok(record)
            }
            Err(_) if self.folder.faults.is_stopped() => Err(ErrorCode::Io.into()),
            Err(broken) => {
                let Ok(mut conflicts) = self.backward() else {
                    return Err(self.stuck());
                };
                let step = self.entry.steps.get(broken.at);
                let place = step.map(|step| (step.place, step.path.clone()));
                match broken.failure {
                    Failure::Conflict => {
                        conflicts.extend(place);
                        conflicts.sort_unstable();
                        conflicts.dedup();
                        Err(ApplyError::Conflict(conflicts))
                    }
                    Failure::Code(code) if conflicts.is_empty() => Err(ApplyError::Failed(code)),
                    // That these stay as they are says more than why the rest was not made.
                    Failure::Code(_) => {
                        conflicts.sort_unstable();
                        Err(ApplyError::Conflict(conflicts))
                    }
                }
            }
        }
    }

    fn begin(&self) -> Result<(), ApplyError> {
        for step in &self.entry.steps {
            // Of a process that was cut off before it had written down that it uses this number.
            if let (Some(mark), Some(ground)) = (&step.mark, self.grounds.get(step.place)) {
                node::remove_file(&ground.slots, mark.as_str())?;
            }
        }
        for ground in &self.grounds {
            rustix::fs::fsync(&ground.slots)?;
        }
        self.folder.faults.point()?;
        // From here on it is made, even if this process is not there to do it.
        journal::store(self.folder, Which::Journal, &self.entry)?;
        Ok(self.folder.faults.point()?)
    }

    /// The journal stays: whoever comes next has to finish it or to take it back.
    fn stuck(&self) -> ApplyError {
        let name = Name::of(&self.entry).file();
        let root = self.entry.places.first().map(|place| place.path.clone());
        ApplyError::State(StateError::Stuck {
            journal: self.folder.path.join("journal").join(name),
            root: root.unwrap_or_default(),
        })
    }

    /// Make the steps that were not made, and enter it in the history.
    pub(super) fn forward(&mut self) -> Result<(), Broken> {
        let plain = self.folder.faults.is_plain();
        self.look_anew();
        for at in 0..self.entry.steps.len() {
            let made = self.step(at, plain);
            made.map_err(|failure| Broken { at, failure })?;
        }
        let last = self.entry.steps.len();
        let broken = |errno: Errno| Broken {
            at: last,
            failure: errno.into(),
        };
        self.folder.faults.point().map_err(|error| Broken {
            at: last,
            failure: error.into(),
        })?;
        self.sync().map_err(broken)?;
        let mut entry = self.entry.clone();
        if !entry.pending.is_empty() {
            entry.pending.clear();
            // To undo it, those at the end are not needed where nothing but what is pending changed.
            let used = entry.steps.iter().map(|step| step.place + 1).max();
            entry.places.truncate(used.unwrap_or(0));
        }
        journal::store(self.folder, Which::History, &entry).map_err(broken)?;
        self.finish();
        Ok(())
    }

    /// It is a while since the directories were looked at.
    fn look_anew(&self) {
        self.grounds.iter().for_each(|ground| ground.forget_last());
    }

    fn step(&mut self, at: usize, plain: bool) -> Result<(), Failure> {
        self.folder.faults.point()?;
        let Some(step) = self.entry.steps.get_mut(at) else {
            return Ok(());
        };
        let Some(ground) = self.grounds.get(step.place) else {
            return Ok(());
        };
        if steps::is_done(ground, step)? {
            steps::verify(ground, step)
        } else {
            steps::make(ground, step, plain)
        }
    }

    /// It is in the history: forget the rest. What fails here is done by who opens the folder next.
    pub(super) fn finish(&self) {
        let _ = self.folder.faults.point();
        if self.folder.faults.is_stopped() {
            return;
        }
        for place in &self.entry.pending {
            if let Some(ground) = self.grounds.get(*place)
                && pending::finish(ground, self.entry.id).is_err()
            {
                // The journal stays until that is done.
                return;
            }
        }
        for step in &self.entry.steps {
            if let (Some(mark), Some(ground)) = (&step.mark, self.grounds.get(step.place)) {
                let _ = node::remove_file(&ground.slots, mark.as_str());
            }
        }
        if let Ok(history) = journal::names(self.folder, Which::History) {
            for name in history
                .into_iter()
                .filter(|name| self.entry.undoes.contains(&name.id))
            {
                let _ = journal::remove(self.folder, Which::History, name);
            }
        }
        let _ = journal::remove(self.folder, Which::Journal, Name::of(&self.entry));
    }

    /// Take back every step that was made, by this process or by one before.
    /// Names what others changed meanwhile and that stays so; what was there before is kept in the history then.
    ///
    /// # Errors
    ///
    /// When the system refuses to write even that down: then the journal stays, and nothing is lost.
    pub(super) fn backward(&mut self) -> Result<Vec<(usize, String)>, Errno> {
        let plain = self.folder.faults.is_plain();
        self.look_anew();
        // It may have been written and not been synced.
        let _ = journal::remove(self.folder, Which::History, Name::of(&self.entry));
        let mut left = Vec::new();
        let mut kept = Vec::new();
        for step in self.entry.steps.iter().rev() {
            let Some(ground) = self.grounds.get(step.place) else {
                continue;
            };
            let undone = steps::unmake(ground, step, plain);
            if undone.is_err() {
                left.push((step.place, step.path.clone()));
                kept.push(step.clone());
            }
        }
        kept.reverse();
        let slots: BTreeSet<String> = kept.iter().map(|step| step.slot.clone()).collect();
        let _ = self.sync();
        if !kept.is_empty() {
            let mut rest = self.entry.clone();
            rest.steps = kept;
            rest.undoes.clear();
            rest.pending.clear();
            rest.label.push_str(" (what could not be taken back)");
            self.folder.faults.point().map_err(|_| Errno::IO)?;
            journal::store(self.folder, Which::History, &rest)?;
        }
        journal::forget(self.folder, Which::Journal, Name::of(&self.entry))?;
        self.clear(&slots);
        Ok(left)
    }

    /// Remove the slots that were made for it, but these.
    fn clear(&self, but: &BTreeSet<String>) {
        pending::unready(&self.grounds, &self.entry);
        for step in &self.entry.steps {
            if self.entry.owns(&step.slot)
                && !but.contains(&step.slot)
                && let Some(ground) = self.grounds.get(step.place)
            {
                // Swept later otherwise.
                let _ = remove::tree(&ground.slots, &step.slot);
            }
            if let (Some(mark), Some(ground)) = (&step.mark, self.grounds.get(step.place)) {
                let _ = node::remove_file(&ground.slots, mark.as_str());
            }
        }
    }

    /// Have every directory that a step touched on the disk.
    fn sync(&self) -> Result<(), Errno> {
        let above = |path: &str| {
            path.rsplit_once('/')
                .map_or("", |(above, _)| above)
                .to_owned()
        };
        let touched = self
            .entry
            .steps
            .iter()
            .map(|step| (step.place, above(&step.path)));
        let touched: BTreeSet<(usize, String)> = touched.collect();
        for (place, path) in touched {
            let Some(ground) = self.grounds.get(place) else {
                continue;
            };
            // A later step may have taken it, or it can be searched but not read.
            if let Ok(dir) = ground.directory(&path)
                && let Ok(dir) = node::readable_folder(&dir, ".")
            {
                rustix::fs::fsync(dir)?;
            }
        }
        for ground in &self.grounds {
            rustix::fs::fsync(&ground.slots)?;
        }
        Ok(())
    }
}
