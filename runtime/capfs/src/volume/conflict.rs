//! Whether what a call changes is still what the session knows of it.

use crate::change::Conflict;
use crate::change_set::{ChangeSet, Was};
use crate::diff::{self, Body};
use crate::layer::Layer;
use crate::layer::entries::{Entry, Source};
use crate::layer::visit::Visit;
use crate::seen::Glance;
use crate::version::{Digest, Version};
use crate::volume::{Volume, held};
use std::collections::{BTreeMap, BTreeSet};

/// A file of the base that a call changes, removes or moves.
struct Touched<'a> {
    path: &'a str,
    version: Option<&'a Version>,
}

/// All files of the base that are not what the session last saw, among those that the set touches and `before` does not.
pub(crate) fn all(
    layer: &Layer,
    set: &ChangeSet,
    before: &ChangeSet,
    visits: &[Visit<'_>],
    entries: &[Entry],
) -> Vec<Conflict> {
    let volume = layer.volume();
    let known: BTreeSet<&str> = paths(before).map(|(path, _)| path).collect();
    let mut touched: BTreeMap<&str, Touched<'_>> = BTreeMap::new();
    let mut seen_below: Vec<String> = Vec::new();
    for (path, version) in paths(set).filter(|(path, _)| !known.contains(path)) {
        touched.insert(path, Touched { path, version });
    }
    for take in &set.takes {
        // A directory that is removed with all in it: what the session saw of that.
        if matches!(take.was, Was::Dir(Some(_))) && !before.takes.contains(take) {
            seen_below.extend(held(&volume.0.memory).below(&take.path));
        }
    }
    for path in &seen_below {
        touched.entry(path).or_insert(Touched {
            path,
            version: None,
        });
    }
    let mut conflicts = Vec::new();
    for it in touched.values() {
        conflicts.extend(look(layer, it, entries));
    }
    for visit in visits {
        conflicts.extend(vanished(volume, layer, visit));
    }
    conflicts.sort_by(|a, b| a.path.cmp(&b.path));
    conflicts
}

/// The names of the base that a set changes, and what was known of the files among them.
fn paths(set: &ChangeSet) -> impl Iterator<Item = (&str, Option<&Version>)> {
    let takes = set.takes.iter().map(|take| {
        let version = match &take.was {
            Was::File(version) => Some(version),
            Was::Link(_) | Was::Dir(_) => None,
        };
        (take.path.as_str(), version)
    });
    let overs = set.puts.iter().filter_map(|put| put.over.as_ref());
    takes.chain(overs.map(|over| (over.path.as_str(), Some(&over.version))))
}

fn look(layer: &Layer, it: &Touched<'_>, entries: &[Entry]) -> Option<Conflict> {
    let volume = layer.volume();
    let session = held(&volume.0.memory).get(it.path).cloned();
    let call = layer.sight().and_then(|sight| sight.first(it.path));
    let seen = || session.as_ref().or(call.as_ref());
    if session.is_none() && call.is_none() && it.version.is_none() {
        return None;
    }
    let (file, stamp) = match volume.base_file(it.path) {
        Ok(Some(found)) => found,
        there => {
            // Once it was told that there is none in a directory that is removed, it is known.
            if it.version.is_none() && there.is_ok() {
                held(&volume.0.memory).forget(it.path);
            }
            return Some(told(volume, it.path, seen(), entries));
        }
    };
    let is_still = |glance: &Glance| glance.is_still(&file, &stamp) == Ok(true);
    let seen_still = session.iter().chain(&call).all(is_still);
    let copied_still = it.version.is_none_or(|version| match version.digest {
        _ if version.stamp.proves(&stamp) => true,
        // Contents of another length need not be read.
        Some(_) if version.stamp.size != stamp.size => false,
        Some(digest) => Digest::of_file(&file) == Ok(digest),
        None => version.stamp == stamp,
    });
    if seen_still && copied_still {
        return None;
    }
    Some(told(volume, it.path, seen(), entries))
}

/// A new file where the session knows another one, which somebody removed.
fn vanished(volume: &Volume, layer: &Layer, visit: &Visit<'_>) -> Option<Conflict> {
    let home = visit.home.as_deref()?;
    let (id, _) = visit.node?;
    if visit.slot.base.is_some() || visit.is_in_place() || layer.start().nodes.contains_key(&id) {
        return None;
    }
    // Once it was told, it is known.
    let mut memory = held(&volume.0.memory);
    memory.get(home)?;
    memory.forget(home);
    Some(Conflict {
        path: volume.names().shown(home, false),
        diff: "it was removed since it was read\n".to_owned(),
    })
}

/// A conflict in words: what others changed, where that is known; otherwise what would have been changed of theirs.
pub(crate) fn told(
    volume: &Volume,
    path: &str,
    seen: Option<&Glance>,
    entries: &[Entry],
) -> Conflict {
    let shown = volume.names().shown(path, false);
    let now = volume.base_body(path);
    let before = seen
        .and_then(Glance::text)
        .map(|text| Body::of(text.to_vec()));
    let would_be = || {
        let base = |path: &str| volume.base_body(path);
        let of = |entry: &&Entry| entry.replaces(path);
        entries.iter().find(of).map(|entry| entry.written(&base))
    };
    let diff = match (&now, before) {
        (Body::Missing, None) => "it was removed since it was read\n".to_owned(),
        (now, Some(before)) if *now != before => diff::file(&shown, &before, &shown, now),
        (now, _) => match would_be() {
            Some(written @ Body::Text(_)) if matches!(now, Body::Text(_)) && written != *now => {
                format!(
                    "it changed since it was read; over what is there now, this would have been written:\n{}",
                    diff::file(&shown, now, &shown, &written)
                )
            }
            _ => "it changed since it was read\n".to_owned(),
        },
    };
    Conflict { path: shown, diff }
}

/// What applying found changed, in words.
pub(crate) fn found(volume: &Volume, path: &str, entries: &[Entry]) -> Conflict {
    let seen = held(&volume.0.memory).get(path).cloned();
    told(volume, path, seen.as_ref(), entries)
}

impl Entry {
    /// Whether the base's file of that path is what it changes.
    fn replaces(&self, path: &str) -> bool {
        matches!(&self.old, Source::Base(old) if old == path)
    }

    fn written(&self, base: &dyn Fn(&str) -> Body) -> Body {
        self.new.body(base)
    }
}
