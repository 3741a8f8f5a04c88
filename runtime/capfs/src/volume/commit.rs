//! The end of a call: everything it changed at once, or nothing.

use super::{CommitError, Committed, Pending, Volume, Writes, conflict, graft, held, settle};
use crate::ErrorCode;
use crate::change::Change;
use crate::change_set::ChangeSet;
use crate::layer::delta::Delta;
use crate::layer::entries::{self, Entry};
use crate::layer::{Layer, extract, load, visit};
use crate::state::{ApplyError, Record, State, Vault};
use crate::token::Hold;

/// One layer that is ended.
struct Part<'a> {
    layer: &'a Layer,
    /// What it changes, as it was when the call ended.
    delta: Delta,
    /// All that it changes of the base.
    set: ChangeSet,
    entries: Vec<Entry>,
}

impl<'a> Part<'a> {
    fn of(layer: &'a Layer) -> Self {
        let delta = layer.delta();
        let changed = !graft::same(&delta, layer.start());
        let set = if changed {
            extract::change_set(&delta)
        } else {
            ChangeSet::default()
        };
        let entries = if changed {
            entries::since(entries::all(&delta), entries::all(layer.start()))
        } else {
            Vec::new()
        };
        Self {
            layer,
            delta,
            set,
            entries,
        }
    }

    fn volume(&self) -> &'a Volume {
        self.layer.volume()
    }

    /// Whether it has anything to write: something that is opened to write and never written is nothing.
    fn writes(&self, how: Writes) -> bool {
        self.volume().writes() == how && !self.entries.is_empty()
    }

    fn conflicts(&self) -> Vec<crate::change::Conflict> {
        if self.entries.is_empty() {
            return Vec::new();
        }
        let before = extract::change_set(self.layer.start());
        let visits = visit::all(&self.delta);
        conflict::all(self.layer, &self.set, &before, &visits, &self.entries)
    }
}

/// What a layer changed, for people.
pub(crate) fn changes(layer: &Layer) -> Vec<Change> {
    let part = Part::of(layer);
    let mut changes = of(&part.entries, part.volume());
    direct(layer, &mut changes);
    changes
}

/// In the order of the paths; of two that differ in the slash only, what is gone stays first.
pub(super) fn sort(changes: &mut [Change]) {
    changes.sort_by(|a, b| {
        a.path
            .trim_end_matches('/')
            .cmp(b.path.trim_end_matches('/'))
    });
}

fn of(entries: &[Entry], volume: &Volume) -> Vec<Change> {
    entries::changes(entries, volume.name(), &|path| volume.base_body(path))
}

fn direct(layer: &Layer, changes: &mut Vec<Change>) {
    let name = layer.volume().name();
    for (path, kind) in layer.direct_changes() {
        changes.push(Change {
            path: format!("/{name}/{path}"),
            kind,
            from: None,
            added: None,
            removed: None,
        });
    }
}

/// See [`commit`](super::commit).
pub(crate) fn commit(layers: &[Layer], label: &str) -> Result<Committed, CommitError> {
    // As long as these are held, no revocation returns: what was written through a handle before is applied before.
    let tokens = layers.iter().flat_map(Layer::wrote);
    let _holds: Vec<Hold> = tokens
        .map(|token| token.hold())
        .collect::<Result<_, _>>()
        .map_err(|_| CommitError::Revoked)?;
    let parts: Vec<Part<'_>> = layers.iter().map(Part::of).collect();
    let conflicts: Vec<_> = parts.iter().flat_map(Part::conflicts).collect();
    if !conflicts.is_empty() {
        return Err(CommitError::Conflict(conflicts));
    }
    let mut changes = Vec::new();
    for part in &parts {
        changes.extend(of(&part.entries, part.volume()));
        direct(part.layer, &mut changes);
    }
    sort(&mut changes);

    let mut kept: Vec<Kept<'_>> = Vec::new();
    let reviewed = parts.iter().filter(|part| part.writes(Writes::Review));
    for part in reviewed.clone() {
        match keep(part) {
            Ok(before) => kept.push(before),
            Err(error) => {
                kept.into_iter().for_each(Kept::undo);
                return Err(error);
            }
        }
    }
    let applied: Vec<&Part<'_>> = parts
        .iter()
        .filter(|part| part.writes(Writes::Apply))
        .collect();
    let written: Vec<settle::Written> = (applied.iter())
        .map(|part| settle::Written::of(&part.set))
        .collect();
    let record = match apply(&applied, label) {
        Ok(record) => record,
        Err(error) => {
            kept.into_iter().for_each(Kept::undo);
            return Err(error);
        }
    };
    for (part, written) in applied.iter().zip(written) {
        settle::remember(part.volume(), &part.set, part.layer.sight(), written);
        settle::charge(part.volume(), &part.set, &part.delta);
    }
    // What was read without being applied is known from now on as well; what is pending is written over what was seen of it.
    for part in parts.iter().filter(|part| !part.writes(Writes::Apply)) {
        let nothing = ChangeSet::default();
        let set = if part.entries.is_empty() {
            &nothing
        } else {
            &part.set
        };
        settle::look(part.volume(), set, part.layer.sight());
    }
    Ok(Committed {
        changes,
        pending: reviewed.count() > 0,
        record,
    })
}

/// All sets as one transaction. None when there is nothing to apply.
fn apply(parts: &[&Part<'_>], label: &str) -> Result<Option<Record>, CommitError> {
    let sets: Vec<(&Volume, &ChangeSet, &[Entry])> = (parts.iter())
        .filter(|part| !part.set.is_empty())
        .map(|part| (part.volume(), &part.set, &part.entries[..]))
        .collect();
    apply_sets(&sets, label)
}

/// Likewise.
pub(super) fn apply_sets(
    sets: &[(&Volume, &ChangeSet, &[Entry])],
    label: &str,
) -> Result<Option<Record>, CommitError> {
    let Some((first, ..)) = sets.first() else {
        return Ok(None);
    };
    let nowhere = || CommitError::Apply(ApplyError::Failed(ErrorCode::Unsupported));
    let state: &State = first.0.state.as_ref().ok_or_else(nowhere)?;
    let vaulted = |(volume, set, _): &(&'_ Volume, &'_ ChangeSet, &[Entry])| {
        let same = volume.0.state.as_ref().map(State::path) == Some(state.path());
        volume
            .0
            .vault
            .as_ref()
            .filter(|_| same)
            .map(|vault| (vault.clone(), (*set).clone()))
    };
    let vaults: Option<Vec<(Vault, ChangeSet)>> = sets.iter().map(vaulted).collect();
    let vaults = vaults.ok_or_else(nowhere)?;
    let parts: Vec<(&Vault, &ChangeSet)> = vaults.iter().map(|(vault, set)| (vault, set)).collect();
    match state.apply(&parts, label) {
        Ok(record) => Ok(Some(record)),
        Err(ApplyError::Conflict(found)) => {
            let told = |(index, path): (usize, String)| {
                let (volume, _, entries) = sets.get(index)?;
                Some(conflict::found(volume, &path, entries))
            };
            Err(CommitError::Conflict(
                found.into_iter().filter_map(told).collect(),
            ))
        }
        Err(error) => Err(error.into()),
    }
}

/// What was pending before, to come back to.
struct Kept<'a> {
    volume: &'a Volume,
    before: Delta,
    after: u64,
}

impl Kept<'_> {
    /// As far as it can be: another call that ended meanwhile stays.
    fn undo(self) {
        let mut pending = held(&self.volume.0.pending);
        if pending.turn == self.after {
            let set = extract::change_set(&self.before);
            let vault = self.volume.0.vault.as_ref();
            if vault.is_some_and(|vault| vault.keep_pending(&set).is_ok()) {
                pending.set(self.before);
            }
        }
    }
}

/// Put a call's changes into what is pending, here and in the state folder.
fn keep<'a>(part: &Part<'a>) -> Result<Kept<'a>, CommitError> {
    let volume = part.volume();
    let failed = || CommitError::Apply(ApplyError::Failed(ErrorCode::Unsupported));
    let vault = volume.0.vault.as_ref().ok_or_else(failed)?;
    let mut pending = held(&volume.0.pending);
    let mut after = pending.delta.clone();
    if graft::same(&after, part.layer.start()) {
        after = part.delta.clone();
    } else {
        let places = part.layer.locked().map(|locked| locked.places());
        for place in places.unwrap_or_default() {
            graft::graft(&mut after, &part.delta, place).ok_or_else(failed)?;
        }
    }
    load::prune(&mut after);
    vault
        .keep_pending(&extract::change_set(&after))
        .map_err(ApplyError::from)?;
    let before = pending.set(after);
    Ok(Kept {
        volume,
        before,
        after: pending.turn,
    })
}

impl Pending {
    /// Have this from now on. Returns what was there.
    pub(super) fn set(&mut self, delta: Delta) -> Delta {
        self.turn += 1;
        std::mem::replace(&mut self.delta, delta)
    }
}
