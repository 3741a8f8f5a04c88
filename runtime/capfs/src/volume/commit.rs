//! The end of a call: everything it changed at once, or nothing.

use super::{CommitError, Committed, Pending, Volume, Writes, conflict, graft, held, settle};
use crate::ErrorCode;
use crate::change::Change;
use crate::change_set::ChangeSet;
use crate::layer::delta::Delta;
use crate::layer::entries::{self, Entry};
use crate::layer::{Layer, extract, load, visit};
use crate::state::{self, ApplyError, Record, State};
use crate::token::Hold;
use std::sync::{Arc, MutexGuard};

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
    entries::changes(entries, volume.names(), &|path| volume.base_body(path))
}

fn direct(layer: &Layer, changes: &mut Vec<Change>) {
    let names = layer.volume().names();
    for (path, kind) in layer.direct_changes() {
        changes.push(Change {
            // That of a directory ends in a slash already.
            path: names.shown(&path, false),
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

    let of_kind = |how| -> Vec<&Part<'_>> { parts.iter().filter(|it| it.writes(how)).collect() };
    let (reviewed, applied) = (of_kind(Writes::Review), of_kind(Writes::Apply));
    let written: Vec<settle::Written> = (applied.iter())
        .map(|part| settle::Written::of(&part.set))
        .collect();
    let record = match can_be_one(&reviewed, &applied) {
        true => as_one(&reviewed, &applied, label)?,
        false => one_by_one(&reviewed, &applied, label)?,
    };
    for part in &parts {
        held(&part.volume().0.standing).wrote(&part.layer.wrote_on());
    }
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
        pending: !reviewed.is_empty(),
        record,
    })
}

/// Whether a transaction can have all of them: what is pending is in the same state folder, and each volume is there
/// once. Without anything to apply there is none.
fn can_be_one(reviewed: &[&Part<'_>], applied: &[&Part<'_>]) -> bool {
    let all: Vec<&Volume> = (reviewed.iter().chain(applied))
        .map(|part| part.volume())
        .collect();
    let state = |at: usize| all[at].0.state.as_ref().map(State::path);
    applied.iter().any(|part| !part.set.is_empty())
        && (0..all.len()).all(|at| {
            let again = all[..at].iter().any(|other| other.is(all[at]));
            !again && state(at) == state(0)
        })
}

/// What is applied and what is pending, as one: whoever ends on the way leaves neither.
fn as_one(
    reviewed: &[&Part<'_>],
    applied: &[&Part<'_>],
    label: &str,
) -> Result<Option<Record>, CommitError> {
    let mut reviewed = reviewed.to_vec();
    // Nobody else may have one of them and wait for another.
    reviewed.sort_by_key(|part| Arc::as_ptr(&part.volume().0).addr());
    let mut next: Vec<(MutexGuard<'_, Pending>, Delta, ChangeSet)> = Vec::new();
    for part in &reviewed {
        let pending = held(&part.volume().0.pending);
        let after = after(part, &pending)?;
        let rest = extract::change_set(&after);
        next.push((pending, after, rest));
    }
    let nothing = ChangeSet::default();
    let mut sets = to_apply(applied);
    sets.extend(
        reviewed
            .iter()
            .zip(&next)
            .map(|(part, (_, _, rest))| Applied {
                volume: part.volume(),
                set: &nothing,
                entries: &part.entries,
                rest: Some(rest),
            }),
    );
    let record = apply_sets(&sets, label)?;
    for (mut pending, after, _) in next {
        pending.set(after);
    }
    Ok(record)
}

/// Likewise, one volume after the other: what is pending is put back when the next fails.
fn one_by_one(
    reviewed: &[&Part<'_>],
    applied: &[&Part<'_>],
    label: &str,
) -> Result<Option<Record>, CommitError> {
    let mut kept: Vec<Kept<'_>> = Vec::new();
    let mut all = || {
        for part in reviewed {
            kept.push(keep(part)?);
        }
        apply_sets(&to_apply(applied), label)
    };
    let done = all();
    if done.is_err() {
        kept.into_iter().for_each(Kept::undo);
    }
    done
}

/// The sets that are not empty.
fn to_apply<'a>(parts: &[&'a Part<'_>]) -> Vec<Applied<'a>> {
    (parts.iter())
        .filter(|part| !part.set.is_empty())
        .map(|part| Applied {
            volume: part.volume(),
            set: &part.set,
            entries: &part.entries,
            rest: None,
        })
        .collect()
}

/// What is applied to one volume.
pub(super) struct Applied<'a> {
    pub(super) volume: &'a Volume,
    pub(super) set: &'a ChangeSet,
    pub(super) entries: &'a [Entry],
    /// What is pending from then on, if that is another.
    pub(super) rest: Option<&'a ChangeSet>,
}

/// All sets as one transaction. None when there is nothing to apply.
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
    let after = after(part, &pending)?;
    let before = volume.keep(&mut pending, after)?;
    Ok(Kept {
        layer: part.layer,
        before,
    })
}

/// What is pending with a call's changes.
fn after(part: &Part<'_>, pending: &Pending) -> Result<Delta, CommitError> {
    if pending.age != part.layer.age() || !pending.known {
        return Err(ApplyError::from(part.volume().outdated()).into());
    }
    let mut after = pending.delta.clone();
    if graft::same(&after, part.layer.start()) {
        after = part.delta.clone();
        load::prune(&mut after);
    } else {
        let failed = CommitError::Apply(ApplyError::Failed(ErrorCode::Unsupported));
        put_in(&mut after, &part.delta, part.layer).ok_or(failed)?;
    }
    Ok(after)
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
