//! What is pending: looked at, applied or dropped, by path.

use super::{CommitError, Committed, Held, Pending, Volume, commit, held, select, settle};
use crate::change::Change;
use crate::diff::Diffs;
use crate::layer::delta::Delta;
use crate::layer::entries::{self, Entry, Names};
use crate::layer::extract;
use crate::path::GuestPath;
use crate::state::ApplyError;
use std::sync::MutexGuard;

impl Volume {
    pub(super) fn list_pending(&self) -> Vec<Change> {
        let (delta, _) = self.now_pending();
        self.changes(&entries::all(&delta))
    }

    pub(super) fn diff_pending(&self, paths: &[GuestPath]) -> String {
        let (delta, _) = self.now_pending();
        let mut shown = entries::all(&delta);
        if !paths.is_empty() {
            shown.retain(|entry| paths.iter().any(|path| entry.is_at(path.as_str())));
        }
        let mut diffs = Diffs::default();
        let base = |path: &str| self.base_body(path);
        entries::diffs(&shown, self.names(), &base, &mut diffs);
        diffs.finish()
    }

    pub(super) fn apply_some(
        &self,
        paths: &[GuestPath],
        label: &str,
    ) -> Result<Committed, CommitError> {
        let Some((mut pending, _held)) = self.decide()? else {
            return Ok(Committed::default());
        };
        let taken = self.take(&pending.delta, paths, select::to_apply)?;
        let entries = entries::all(&taken.chosen);
        let changes = self.changes(&entries);
        let set = extract::change_set(&taken.chosen);
        if set.is_empty() {
            return Ok(Committed::default());
        }
        let written = settle::Written::of(&set);
        let part = commit::Applied {
            volume: self,
            set: &set,
            entries: &entries,
            rest: Some(&extract::change_set(&taken.rest)),
        };
        let record = commit::apply_sets(&[part], label)?;
        pending.set(taken.rest);
        settle::remember(self, &set, None, written);
        settle::charge(self, &set, &taken.chosen);
        Ok(Committed {
            changes,
            pending: false,
            record,
        })
    }

    pub(super) fn drop_some(&self, paths: &[GuestPath]) -> Result<Vec<Change>, CommitError> {
        let Some((mut pending, _held)) = self.decide()? else {
            return Ok(Vec::new());
        };
        let taken = self.take(&pending.delta, paths, select::to_drop)?;
        let changes = self.changes(&entries::all(&taken.chosen));
        self.keep(&mut pending, taken.rest)?;
        Ok(changes)
    }

    /// What is pending, as long as no call writes and as it was looked at: what is chosen must not be changed meanwhile. None when
    /// there is nothing.
    fn decide(&self) -> Result<Option<(MutexGuard<'_, Pending>, Held)>, CommitError> {
        if held(&self.0.pending).delta.is_untouched() {
            return Ok(None);
        }
        let all = self.hold_all()?;
        Ok(Some((held(&self.0.pending), all)))
    }

    fn take(
        &self,
        pending: &Delta,
        paths: &[GuestPath],
        how: fn(&Delta, &[GuestPath], Names<'_>) -> Result<select::Taken, CommitError>,
    ) -> Result<select::Taken, CommitError> {
        if paths.is_empty() {
            return Ok(select::Taken {
                chosen: pending.clone(),
                rest: Delta::default(),
            });
        }
        how(pending, paths, self.names())
    }

    /// Have this pending, here and in the state folder. Returns what was.
    pub(super) fn keep(&self, pending: &mut Pending, rest: Delta) -> Result<Delta, CommitError> {
        if !pending.known {
            return Err(ApplyError::from(self.outdated()).into());
        }
        if let Some(vault) = &self.0.vault {
            let set = extract::change_set(&rest);
            vault.keep_pending(&set).map_err(ApplyError::from)?;
        }
        Ok(pending.set(rest))
    }

    fn changes(&self, entries: &[Entry]) -> Vec<Change> {
        entries::changes(entries, self.names(), &|path| self.base_body(path))
    }
}
