//! The end of a call: everything it changed at once, or nothing.

use super::{CommitError, Committed, Volume, Writes, conflict, graft, held, settle};
use crate::ErrorCode;
use crate::change::Change;
use crate::change_set::ChangeSet;
use crate::layer::delta::Delta;
use crate::layer::entries::{self, Entry};
use crate::layer::{Layer, extract, load, visit};
use crate::state::{self, ApplyError, Record, State};
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
    let sets: Vec<Applied<'_>> = (parts.iter())
        .filter(|part| !part.set.is_empty())
        .map(|part| Applied {
            volume: part.volume(),
            set: &part.set,
            entries: &part.entries,
            rest: None,
        })
        .collect();
    apply_sets(&sets, label)
}

/// What is applied to one volume.
pub(super) struct Applied<'a> {
    pub(super) volume: &'a Volume,
    pub(super) set: &'a ChangeSet,
    pub(super) entries: &'a [Entry],
    /// What is pending from then on, if that is another.
    pub(super) rest: Option<&'a ChangeSet>,
}

/// Likewise.
pub(super) fn apply_sets(sets: &[Applied<'_>], label: &str) -> Result<Option<Record>, CommitError> {
    let Some(first) = sets.first() else {
        return Ok(None);
    };
    let nowhere = || CommitError::Apply(ApplyError::Failed(ErrorCode::Unsupported));
    let state: &State = first.volume.0.state.as_ref().ok_or_else(nowhere)?;
    let parts = sets.iter().map(|it| {
        let same = it.volume.0.state.as_ref().map(State::path) == Some(state.path());
        let vault = it.volume.0.vault.as_ref().filter(|_| same)?;
        Some(state::Part {
            vault,
            set: it.set,
            pending: it.rest,
        })
    });
    let parts: Option<Vec<state::Part<'_>>> = parts.collect();
    match state.apply_parts(&parts.ok_or_else(nowhere)?, label) {
        Ok(record) => Ok(Some(record)),
        Err(ApplyError::Conflict(found)) => {
            let told = |(index, path): (usize, String)| {
                let it = sets.get(index)?;
                Some(conflict::found(it.volume, &path, it.entries))
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
    layer: &'a Layer,
    before: Delta,
}

impl Kept<'_> {
    /// Where the call wrote, as it was: what other calls that ended meanwhile did elsewhere stays.
    fn undo(self) {
        let volume = self.layer.volume();
        let mut pending = held(&volume.0.pending);
        let mut rest = pending.delta.clone();
        if pending.age == self.layer.age() && put_in(&mut rest, &self.before, self.layer).is_some()
        {
            // As far as it can be: it is still pending otherwise, and seen as that.
            let _ = volume.keep(&mut pending, rest);
        }
    }
}

/// Put a call's changes into what is pending, here and in the state folder.
fn keep<'a>(part: &Part<'a>) -> Result<Kept<'a>, CommitError> {
    let volume = part.volume();
    let mut pending = held(&volume.0.pending);
    if pending.age != part.layer.age() {
        return Err(ApplyError::from(volume.outdated()).into());
    }
    let mut after = pending.delta.clone();
    if graft::same(&after, part.layer.start()) {
        after = part.delta.clone();
        load::prune(&mut after);
    } else {
        let failed = CommitError::Apply(ApplyError::Failed(ErrorCode::Unsupported));
        put_in(&mut after, &part.delta, part.layer).ok_or(failed)?;
    }
    let before = volume.keep(&mut pending, after)?;
    Ok(Kept {
        layer: part.layer,
        before,
    })
}

/// In `into`, have what `from` has in the places that a call writes in.
fn put_in(into: &mut Delta, from: &Delta, layer: &Layer) -> Option<()> {
    let places = layer.locked().map(|locked| locked.places());
    for place in places.unwrap_or_default() {
        graft::graft(into, from, place)?;
    }
    load::prune(into);
    Some(())
}

#[cfg(test)]
mod tests;
