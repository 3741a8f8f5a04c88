//! Taking records back: their steps, backwards, as a transaction.

use super::entry::{Act, Entry, Object, Step, Thing};
use super::folder::{self, Folder, Lock};
use super::ground::{Ground, Place};
use super::journal::{self, Which};
use super::left::{Left, State};
use super::run::Run;
use super::{ApplyError, Record, StateError, check, entry, node, recover};
use crate::ErrorCode;
use crate::version::{Stamp, Time};
use rustix::fs::Stat;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Take them back as one.
pub(super) fn undo(folder: &Folder, records: &[u64], label: &str) -> Result<Record, ApplyError> {
    let lock = folder.lock()?;
    recover::all(folder, &lock)?;
    let (places, steps) = gather(folder, records)?;
    let mut grounds = Vec::new();
    for place in &places {
        let ground = Ground::find(folder, place)?;
        let missing = || StateError::system(&place.path)(rustix::io::Errno::NOENT);
        let ground = ground.ok_or_else(missing)?;
        recover::refuse(folder, &ground)?;
        grounds.push(ground);
    }
    let mut left = Left::default();
    steps.iter().for_each(|step| left.follow(step));
    let (conflicts, accepted) = conflicts(&grounds, &left)?;
    if !conflicts.is_empty() {
        return Err(ApplyError::Conflict(conflicts));
    }
    let id = journal::next(folder)?;
    let backwards = steps.iter().rev().map(Step::inverse);
    let mut steps: Vec<Step> = backwards
        .enumerate()
        .map(|(n, step)| own(step, id, n))
        .collect();
    settle(&mut steps, &accepted);
    let count = steps.len();
    Step::mark(&mut steps, id, count);
    let entry = Entry {
        version: folder::VERSION,
        id,
        label: label.to_owned(),
        at: folder::now(),
        undoes: records.to_vec(),
        bytes: kept(&grounds, &steps),
        places,
        pending: Vec::new(),
        steps,
    };
    run(folder, &grounds, entry, &lock)
}

fn run(
    folder: &Folder,
    grounds: &[Ground],
    entry: Entry,
    lock: &Lock,
) -> Result<Record, ApplyError> {
    Run {
        folder,
        grounds: grounds.iter().collect(),
        entry,
    }
    .all(lock)
}

/// Only attributes need no slot; what they are called must not be another's.
fn own(mut step: Step, id: u64, n: usize) -> Step {
    if matches!(step.act, Act::Attributes { .. }) {
        step.slot = entry::slot(id, n);
    }
    step
}

/// The steps of these records, oldest first, and the places that they are in.
fn gather(folder: &Folder, records: &[u64]) -> Result<(Vec<Place>, Vec<Step>), ApplyError> {
    let names = journal::names(folder, Which::History)?;
    let wanted: BTreeSet<u64> = records.iter().copied().collect();
    let names: Vec<_> = names
        .into_iter()
        .filter(|name| wanted.contains(&name.id))
        .collect();
    if names.is_empty() || names.len() != wanted.len() {
        return Err(ApplyError::Failed(ErrorCode::NoEntry));
    }
    let (mut places, mut steps): (Vec<Place>, Vec<Step>) = (Vec::new(), Vec::new());
    for name in names {
        let entry = journal::load(folder, Which::History, name)?;
        let mut indices = Vec::new();
        for place in entry.places {
            let known = places.iter().position(|other| *other == place);
            indices.push(known.unwrap_or(places.len()));
            if known.is_none() {
                places.push(place);
            }
        }
        for mut step in entry.steps {
            step.place = indices.get(step.place).copied().unwrap_or(usize::MAX);
            steps.push(step);
        }
    }
    Ok((places, steps))
}

/// How what was left looks now, by the place and the inode that it had.
type Accepted = HashMap<(usize, u64), Stat>;

/// Every path that is not as it was left, and how the others look.
fn conflicts(
    grounds: &[Ground],
    left: &Left,
) -> Result<(Vec<(usize, String)>, Accepted), ErrorCode> {
    let mut accepted = Accepted::new();
    let mut conflicts = left.conflicts.clone();
    for ((place, path), state) in &left.at {
        let Some(ground) = grounds.get(*place) else {
            return Err(ErrorCode::Invalid);
        };
        match state {
            State::Gone => {
                if ground.look(path)?.is_some() {
                    conflicts.push((*place, path.clone()));
                }
            }
            State::Is(object) => {
                let Some(stat) = check::accepted(ground, path, object)? else {
                    conflicts.push((*place, path.clone()));
                    continue;
                };
                accepted.insert((*place, object.inode), stat);
                if object.thing == Thing::Folder {
                    // Only what we put in it may be in it: it goes with all that is in it.
                    let dir = node::readable_folder(&ground.directory(path)?, ".")?;
                    for name in node::all_names(dir)? {
                        let below = format!("{path}/{}", name.to_string_lossy());
                        let ours =
                            matches!(left.at.get(&(*place, below.clone())), Some(State::Is(_)));
                        if !ours {
                            conflicts.push((*place, below));
                        }
                    }
                }
            }
        }
    }
    conflicts.sort_unstable();
    conflicts.dedup();
    Ok((conflicts, accepted))
}

/// Have the steps take what was found, which can be the same contents with other times or in another file.
fn settle(steps: &mut [Step], accepted: &Accepted) {
    // What is changed in a directory before it is taken is not as it was when it was looked at.
    let mut changed: HashSet<(usize, String)> = HashSet::new();
    for step in steps
        .iter()
        .filter(|step| !matches!(step.act, Act::Take(_)))
    {
        // The innermost first: where that is known, those above it are.
        let above = step.path.rmatch_indices('/');
        for path in above.filter_map(|(at, _)| step.path.get(..at)) {
            if !changed.insert((step.place, path.to_owned())) {
                break;
            }
        }
    }
    let mut times: HashMap<(usize, u64), Time> = HashMap::new();
    for step in steps {
        if let Act::Attributes { of, new, .. } = &mut step.act {
            let key = (step.place, of.inode);
            times.extend(new.modified.map(|time| (key, time)));
            if let (Thing::File { .. }, Some(stat)) = (&of.thing, accepted.get(&key)) {
                of.inode = Stamp::of_stat(stat).inode;
            }
        }
        let (Act::Take(object) | Act::Swap { old: object, .. }) = &mut step.act else {
            continue;
        };
        match object.thing {
            Thing::File { .. } | Thing::Link(_) => {
                let key = (step.place, object.inode);
                if let Some(stat) = accepted.get(&key) {
                    object.found(stat);
                }
                // A step before this one sets it.
                if let (Thing::File { stamp, .. }, Some(time)) =
                    (&mut object.thing, times.get(&key))
                {
                    stamp.iter_mut().for_each(|stamp| stamp.modified = *time);
                }
            }
            Thing::Tree(_) if changed.contains(&(step.place, step.path.clone())) => {
                object.thing = Thing::Whole;
            }
            Thing::Tree(_) | Thing::Folder | Thing::Whole => {}
        }
    }
}

/// Bytes on the disk of what the steps take out.
fn kept(grounds: &[Ground], steps: &[Step]) -> u64 {
    let bytes = |step: &Step| match &step.act {
        Act::Take(Object {
            thing: Thing::File { .. },
            ..
        })
        | Act::Swap { .. } => {
            let ground = grounds.get(step.place)?;
            let (_, stat) = ground.look(&step.path).ok()??;
            Some(
                u64::try_from(stat.st_blocks)
                    .unwrap_or(0)
                    .saturating_mul(512),
            )
        }
        _ => None,
    };
    steps.iter().filter_map(bytes).sum()
}
