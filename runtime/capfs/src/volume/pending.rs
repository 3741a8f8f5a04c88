//! What is pending: looked at, applied or dropped, by path.

use super::{CommitError, Committed, Volume, commit, held, select, settle};
use crate::ErrorCode;
use crate::change::Change;
use crate::diff::Diffs;
use crate::layer::delta::Delta;
use crate::layer::entries::{self, Entry};
use crate::layer::{extract, load};
use crate::path::GuestPath;
use crate::state::{ApplyError, StateError};

impl Volume {
    /// Load what another process left pending.
    pub(super) fn load_pending(&self) -> Result<(), StateError> {
        let Some(vault) = &self.0.vault else {
            return Ok(());
        };
        let set = vault.pending()?;
        let delta = load::delta(&set, self.ledger(), || self.next_node());
        let damaged = || StateError::Damaged {
            path: self.name().into(),
            reason: "what is pending fits no directory".to_owned(),
        };
        held(&self.0.pending).set(delta.ok_or_else(damaged)?);
        Ok(())
    }

    pub(super) fn list_pending(&self) -> Vec<Change> {
        let delta = held(&self.0.pending).delta.clone();
        self.changes(&entries::all(&delta))
    }

    pub(super) fn diff_pending(&self, paths: &[GuestPath]) -> String {
        let delta = held(&self.0.pending).delta.clone();
        let mut shown = entries::all(&delta);
        if !paths.is_empty() {
            shown.retain(|entry| paths.iter().any(|path| entry.is_at(path.as_str())));
        }
        let mut diffs = Diffs::default();
        let base = |path: &str| self.base_body(path);
        entries::diffs(&shown, self.name(), &base, &mut diffs);
        diffs.finish()
    }

    pub(super) fn apply_some(
        &self,
        paths: &[GuestPath],
        label: &str,
    ) -> Result<Committed, CommitError> {
        let _locked = self.lock_all()?;
        let pending = held(&self.0.pending).delta.clone();
        let taken = self.take(&pending, paths, select::to_apply)?;
        let entries = entries::all(&taken.chosen);
        let changes = self.changes(&entries);
        let set = extract::change_set(&taken.chosen);
        if set.is_empty() {
            return Ok(Committed::default());
        }
        let written = settle::Written::of(&set);
        let record = commit::apply_sets(&[(self, &set, &entries)], label)?;
        settle::remember(self, &set, None, written);
        settle::charge(self, &set, &taken.chosen);
        self.keep(taken.rest)?;
        Ok(Committed {
            changes,
            pending: false,
            record,
        })
    }

    pub(super) fn drop_some(&self, paths: &[GuestPath]) -> Result<Vec<Change>, CommitError> {
        let _locked = self.lock_all()?;
        let pending = held(&self.0.pending).delta.clone();
        let taken = self.take(&pending, paths, select::to_drop)?;
        let changes = self.changes(&entries::all(&taken.chosen));
        self.keep(taken.rest)?;
        Ok(changes)
    }

    /// As long as no call writes: what is chosen must not be changed meanwhile.
    pub(super) fn lock_all(&self) -> Result<super::Locked, CommitError> {
        self.try_lock(&[GuestPath::default()])
            .ok_or(CommitError::Apply(ApplyError::Failed(ErrorCode::Busy)))
    }

    fn take(
        &self,
        pending: &Delta,
        paths: &[GuestPath],
        how: fn(&Delta, &[GuestPath], &str) -> Result<select::Taken, CommitError>,
    ) -> Result<select::Taken, CommitError> {
        if paths.is_empty() {
            return Ok(select::Taken {
                chosen: pending.clone(),
                rest: Delta::default(),
            });
        }
        how(pending, paths, self.name())
    }

    /// Have this pending, here and in the state folder.
    pub(super) fn keep(&self, rest: Delta) -> Result<(), CommitError> {
        if let Some(vault) = &self.0.vault {
            let set = extract::change_set(&rest);
            vault.keep_pending(&set).map_err(ApplyError::from)?;
        }
        held(&self.0.pending).set(rest);
        Ok(())
    }

    fn changes(&self, entries: &[Entry]) -> Vec<Change> {
        entries::changes(entries, self.name(), &|path| self.base_body(path))
    }
}
