//! What a session's calls changed: to look at, to accept, to drop, to take back. For the host and for people, never for a model.

use std::path::PathBuf;

use bailiwick_capfs::{Change, GuestPath, PendingPoint, TakeBackError, Volume};

use crate::error::ChangesError;
use crate::session::Session;

/// A moment of a session, to come back to.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    /// The last change that was applied before it.
    after: Option<u64>,
    /// What was pending, by volume.
    pending: Vec<(Volume, PendingPoint)>,
}

impl Session {
    /// What is pending in grants that are written in `review`, in the order of their names and paths.
    #[must_use]
    pub fn pending(&self) -> Vec<Change> {
        self.volumes().iter().flat_map(Volume::pending).collect()
    }

    /// What is pending, as unified diffs; only at and below these names (`/workspace/src`), unless there are none.
    ///
    /// # Errors
    ///
    /// [`ChangesError::Unknown`] for a name that is not in the session.
    pub fn pending_diff(&self, names: &[&str]) -> Result<String, ChangesError> {
        let parts = self.parts(names)?;
        let diffs = parts
            .iter()
            .map(|(volume, paths)| volume.pending_diff(paths));
        Ok(diffs.collect())
    }

    /// Writes what is pending to disk; only at and below these names, unless there are none. What was written.
    ///
    /// # Errors
    ///
    /// [`ChangesError::Commit`] when files changed since, or the disk fails. Each grant is written or not as a whole, in their order.
    pub fn apply(&self, names: &[&str]) -> Result<Vec<Change>, ChangesError> {
        let files = self.read(|inner| inner.files.clone());
        // Calls that wait for the places that this holds look again.
        let _free = files.free();
        let mut changes = Vec::new();
        for (volume, paths) in self.parts(names)? {
            let committed = volume.apply_pending(&paths, "apply")?;
            changes.extend(committed.changes);
            if let Some(record) = committed.record {
                files.applied_outside(record);
            }
        }
        Ok(changes)
    }

    /// Drops what is pending; only at and below these names, unless there are none. What was dropped.
    ///
    /// # Errors
    ///
    /// [`ChangesError`] for a name that is not in the session, or that cannot be dropped alone.
    pub fn drop_pending(&self, names: &[&str]) -> Result<Vec<Change>, ChangesError> {
        let files = self.read(|inner| inner.files.clone());
        let _free = files.free();
        let mut changes = Vec::new();
        for (volume, paths) in self.parts(names)? {
            changes.extend(volume.drop_pending(&paths)?);
        }
        Ok(changes)
    }

    /// Takes back what a call (`c3`) changed on disk, or, for none, the last one that changed something. The names that changed back.
    ///
    /// # Errors
    ///
    /// [`ChangesError::Changed`] with the files that changed since: then nothing is taken back. [`ChangesError::NothingToUndo`].
    pub fn undo(&self, call: Option<&str>) -> Result<Vec<String>, ChangesError> {
        let files = self.read(|inner| inner.files.clone());
        let applied = files.applied();
        let nothing = || ChangesError::NothingToUndo(call.unwrap_or("the session").to_owned());
        let last = match call {
            Some(call) => applied.iter().rev().find(|applied| applied.call == call),
            None => applied.last(),
        };
        let record = last.ok_or_else(nothing)?.record.id;
        self.take_back(&[record])
    }

    /// A moment to come back to with [`restore`](Self::restore): the beginning of a turn.
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        let files = self.read(|inner| inner.files.clone());
        Checkpoint {
            after: files.applied().last().map(|applied| applied.record.id),
            pending: self
                .volumes()
                .into_iter()
                .map(|volume| (volume.clone(), volume.point()))
                .collect(),
        }
    }

    /// Takes back everything that calls changed since `checkpoint`, pending or on disk, all or nothing of what is on disk. The names
    /// that changed back on disk.
    ///
    /// # Errors
    ///
    /// Those of [`undo`](Self::undo).
    pub fn restore(&self, checkpoint: &Checkpoint) -> Result<Vec<String>, ChangesError> {
        let files = self.read(|inner| inner.files.clone());
        let _free = files.free();
        let since = files.applied().into_iter().map(|applied| applied.record.id);
        let since: Vec<u64> = since
            .filter(|id| checkpoint.after.is_none_or(|after| *id > after))
            .collect();
        let held = checkpoint.pending.iter();
        let held = held
            .map(|(volume, point)| Ok((volume, point, volume.hold_all()?)))
            .collect::<Result<Vec<_>, ChangesError>>()?;
        let names = if since.is_empty() {
            Vec::new()
        } else {
            self.take_back(&since)?
        };
        for (volume, point, held) in &held {
            volume.restore(point, held)?;
        }
        Ok(names)
    }

    fn take_back(&self, records: &[u64]) -> Result<Vec<String>, ChangesError> {
        let files = self.read(|inner| inner.files.clone());
        let nothing = || ChangesError::NothingToUndo("a session without a state folder".to_owned());
        let state = files.state().ok_or_else(nothing)?;
        match state.take_back(records, "undo") {
            Ok(record) => {
                let paths = record.names();
                files.forget(records, &paths);
                Ok(self.named(&paths))
            }
            Err(TakeBackError::Changed(changed)) => {
                Err(ChangesError::Changed(self.named(&changed)))
            }
            Err(TakeBackError::Apply(error)) => Err(error.into()),
        }
    }

    /// Host paths as the session's names. What lies in none of its volumes has none.
    fn named(&self, paths: &[PathBuf]) -> Vec<String> {
        let volumes = self.volumes();
        let name = |path: &PathBuf| volumes.iter().find_map(|volume| volume.name_of(path));
        paths.iter().filter_map(name).collect()
    }

    fn volumes(&self) -> Vec<Volume> {
        self.read(|inner| inner.files.volumes())
    }

    /// Names by the volume that they are in; all volumes when there are none.
    fn parts(&self, names: &[&str]) -> Result<Vec<(Volume, Vec<GuestPath>)>, ChangesError> {
        if names.is_empty() {
            return Ok(self
                .volumes()
                .into_iter()
                .map(|volume| (volume, Vec::new()))
                .collect());
        }
        let mut parts: Vec<(Volume, Vec<GuestPath>)> = Vec::new();
        for name in names {
            let place = self
                .read(|inner| inner.namespace.locate(name))
                .map_err(|_| ChangesError::Unknown((*name).to_owned()))?;
            let (volume, path) = (
                place.capability.volume(),
                place.capability.place(&place.path),
            );
            match parts.iter_mut().find(|(known, _)| known.is(volume)) {
                Some((_, paths)) => paths.push(path),
                None => parts.push((volume.clone(), vec![path])),
            }
        }
        Ok(parts)
    }
}
