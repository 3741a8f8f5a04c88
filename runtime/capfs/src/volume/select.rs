//! Part of what is pending: what was asked for, what has to go with it, and what is left.

use super::graft::{parent_of, unname};
use super::{CommitError, graft};
use crate::change_set::Was;
use crate::layer::delta::{Delta, DirNode, Node, NodeId, ROOT, Slot};
use crate::layer::entries::{self, Names};
use crate::layer::load;
use crate::layer::visit::{self, Visit};
use crate::path::{self, GuestPath};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

/// What was asked for, and the rest as it is over a base that has it.
pub(crate) struct Taken {
    pub(crate) chosen: Delta,
    pub(crate) rest: Delta,
}

/// What is pending at and below `paths`, to apply it. Directories that are pending themselves go along with what is in them.
pub(crate) fn to_apply(
    pending: &Delta,
    paths: &[GuestPath],
    names: Names<'_>,
) -> Result<Taken, CommitError> {
    let picked = Picked::of(pending, paths, names);
    let mut chosen = Delta::default();
    for path in &picked.paths {
        parents(pending, &mut chosen, path, names)?;
        graft_whole(pending, &mut chosen, path);
    }
    picked.untied(pending, &chosen)?;
    let mut rest = pending.clone();
    picked.drop_from(&mut rest);
    // What went along with what is in it is there now.
    for visit in visit::all(&chosen) {
        if let Some((id, Node::Dir(DirNode { origin: None, .. }))) = visit.node
            && let Some(dir) = rest.dir_mut(id)
        {
            dir.origin = Some(visit.path.clone());
            dir.attributes = Default::default();
            dir.charge = None;
            above(&mut rest, &visit.path, |slot| slot.base = None);
        }
    }
    // What left its place in the base is not there any more.
    let left: BTreeSet<String> = visit::all(&chosen)
        .iter()
        .flat_map(|visit| {
            let replaced = visit.home.clone().filter(|_| visit.slot.base.is_some());
            replaced
                .into_iter()
                .chain(visit.moved_from().map(str::to_owned))
        })
        .collect();
    forget_origins(&mut rest, &left);
    load::prune(&mut rest);
    Ok(Taken { chosen, rest })
}

/// What is left when what is pending at and below `paths` is dropped.
pub(crate) fn to_drop(
    pending: &Delta,
    paths: &[GuestPath],
    names: Names<'_>,
) -> Result<Taken, CommitError> {
    let picked = Picked::of(pending, paths, names);
    let mut chosen = Delta::default();
    for path in &picked.paths {
        bare_parents(pending, &mut chosen, path);
        graft_whole(pending, &mut chosen, path);
    }
    let mut rest = pending.clone();
    picked.drop_from(&mut rest);
    // What was moved and is dropped is back where it was, unless something else is there now.
    let mut visits = visit::all(&chosen);
    // The directories that it is in stay.
    visits.retain(|visit| picked.paths.iter().any(|path| is_in(&visit.path, path)));
    let back: BTreeSet<&str> = visits.iter().filter_map(Visit::moved_from).collect();
    let mut empty = Vec::new();
    let mut kept = Vec::new();
    {
        let rest_visits = visit::all(&rest);
        let still: HashMap<&str, &Node> = visit::moved(&rest_visits);
        for visit in &rest_visits {
            let home = visit.home.as_deref().unwrap_or_default();
            if visit.node.is_none() && visit.slot.base.is_some() && back.contains(home) {
                empty.push(visit.path.clone());
            }
        }
        for visit in &visits {
            let (Some(home), Some(was)) = (&visit.home, &visit.slot.base) else {
                continue;
            };
            if still.contains_key(home.as_str()) {
                // It stands elsewhere now, and must not show here as well.
                kept.push((visit.path.clone(), was.clone()));
            }
            let inside = format!("{home}/");
            let tied = |from: &&str| matches!(was, Was::Dir(_)) && from.starts_with(&inside);
            if let Some(from) = still.keys().copied().find(tied) {
                return Err(tie(
                    names,
                    &visit.path,
                    rest_visits.iter().find(|it| it.moved_from() == Some(from)),
                ));
            }
        }
    }
    for path in empty {
        unname(&mut rest, &path);
    }
    for (path, was) in kept {
        let slot = Slot {
            node: None,
            base: Some(was),
        };
        if let Some((id, last)) = parent_of(&rest, &path)
            && let Some(dir) = rest.dir_mut(id)
        {
            dir.children.insert(last, slot);
        }
    }
    load::prune(&mut rest);
    Ok(Taken { chosen, rest })
}

/// The names that were asked for, without those that are in another of them.
struct Picked<'a> {
    names: Names<'a>,
    paths: Vec<String>,
}

impl<'a> Picked<'a> {
    fn of(pending: &Delta, paths: &[GuestPath], names: Names<'a>) -> Self {
        let asked = |path: &str| (paths.iter()).any(|asked| is_in(path, asked.as_str()));
        let mut picked: Vec<String> = Vec::new();
        for entry in entries::all(pending) {
            if asked(&entry.path) || entry.from().is_some_and(asked) {
                match picked.last() {
                    Some(above) if is_in(&entry.path, above) => {}
                    _ => picked.push(entry.path),
                }
            }
        }
        Self {
            names,
            paths: picked,
        }
    }

    /// Whether nothing that is chosen needs what is not.
    fn untied(&self, pending: &Delta, chosen: &Delta) -> Result<(), CommitError> {
        let all = visit::all(pending);
        let by_origin: BTreeMap<&str, &Visit<'_>> = (all.iter())
            .filter_map(|visit| Some((visit.moved_from()?, visit)))
            .collect();
        let visits = visit::all(chosen);
        let here = visit::moved(&visits);
        for visit in &visits {
            let (Some(home), Some(was)) = (&visit.home, &visit.slot.base) else {
                continue;
            };
            if let Some(other) = by_origin
                .get(home.as_str())
                .filter(|_| !here.contains_key(home.as_str()))
            {
                return Err(tie(self.names, &visit.path, Some(other)));
            }
            let inside = format!("{home}/");
            let lost = by_origin
                .range::<str, _>((Bound::Included(inside.as_str()), Bound::Unbounded))
                .take_while(|(from, _)| from.starts_with(&inside))
                .find(|(from, _)| !here.contains_key(*from));
            if let (Was::Dir(Some(_)), Some((_, other))) = (was, lost) {
                return Err(tie(self.names, &visit.path, Some(other)));
            }
        }
        // What comes out of a directory that is removed goes with that.
        let removed = |visit: &&Visit<'_>| matches!(visit.slot.base, Some(Was::Dir(Some(_))));
        for other in all.iter().filter(removed) {
            let Some(home) = &other.home else { continue };
            if visits
                .iter()
                .any(|visit| visit.path == other.path && visit.slot.base.is_some())
            {
                continue;
            }
            let out = visits
                .iter()
                .find(|visit| visit.moved_from().is_some_and(|from| is_in(from, home)));
            if let Some(out) = out {
                return Err(tie(self.names, &out.path, Some(other)));
            }
        }
        Ok(())
    }

    fn drop_from(&self, rest: &mut Delta) {
        for path in &self.paths {
            unname(rest, path);
        }
    }
}

fn tie(names: Names<'_>, path: &str, with: Option<&Visit<'_>>) -> CommitError {
    CommitError::Tied {
        path: names.shown(path, false),
        with: names.shown(with.map_or("", |with| &with.path), false),
    }
}

/// Put the directories that `path` is in into `chosen`: those that are pending themselves as new ones.
fn parents(
    pending: &Delta,
    chosen: &mut Delta,
    path: &str,
    names: Names<'_>,
) -> Result<(), CommitError> {
    let (mut id, mut at) = (ROOT, String::new());
    let (above, _) = path.rsplit_once('/').unwrap_or(("", path));
    for part in above.split('/').filter(|part| !part.is_empty()) {
        path::push(&mut at, part);
        let Some((slot, below, dir)) = step(pending, id, part) else {
            return Ok(());
        };
        let home = pending
            .dir(id)
            .and_then(|dir| dir.origin.as_deref())
            .map(|origin| {
                let mut home = origin.to_owned();
                path::push(&mut home, part);
                home
            });
        if dir.origin.is_some() && dir.origin != home {
            return Err(CommitError::Tied {
                path: names.shown(path, false),
                with: names.shown(&at, true),
            });
        }
        let is_new = dir.origin.is_none();
        let bare = || DirNode {
            origin: dir.origin.clone(),
            children: BTreeMap::new(),
            attributes: if is_new {
                dir.attributes
            } else {
                Default::default()
            },
            charge: dir.charge.clone(),
        };
        (chosen.nodes.entry(below)).or_insert_with(|| Arc::new(Node::Dir(bare())));
        if let Some(dir) = chosen.dir_mut(id) {
            dir.children.insert(part.to_owned(), slot.clone());
        }
        id = below;
    }
    Ok(())
}

/// Likewise, whatever they are: only to look at what is below.
fn bare_parents(pending: &Delta, chosen: &mut Delta, path: &str) {
    let mut id = ROOT;
    let (above, _) = path.rsplit_once('/').unwrap_or(("", path));
    for part in above.split('/').filter(|part| !part.is_empty()) {
        let Some((_, below, dir)) = step(pending, id, part) else {
            return;
        };
        let bare = DirNode {
            origin: dir.origin.clone(),
            ..DirNode::default()
        };
        let slot = Slot {
            node: Some(below),
            base: None,
        };
        chosen
            .nodes
            .entry(below)
            .or_insert_with(|| Arc::new(Node::Dir(bare)));
        if let Some(dir) = chosen.dir_mut(id) {
            dir.children.entry(part.to_owned()).or_insert(slot);
        }
        id = below;
    }
}

fn step<'a>(delta: &'a Delta, id: NodeId, name: &str) -> Option<(&'a Slot, NodeId, &'a DirNode)> {
    let slot = delta.dir(id)?.children.get(name)?;
    let below = slot.node?;
    Some((slot, below, delta.dir(below)?))
}

/// Have all that is at `path` in `pending`, whose parents are there.
fn graft_whole(pending: &Delta, chosen: &mut Delta, path: &str) {
    if let Some((id, last)) = parent_of(pending, path)
        && let Some(slot) = pending.dir(id).and_then(|dir| dir.children.get(&last))
    {
        graft::copy(chosen, pending, slot.node);
        if let Some(dir) = chosen.dir_mut(id) {
            dir.children.insert(last, slot.clone());
        }
    }
}

fn above(delta: &mut Delta, path: &str, change: impl FnOnce(&mut Slot)) {
    if let Some((id, last)) = parent_of(delta, path)
        && let Some(slot) = delta
            .dir_mut(id)
            .and_then(|dir| dir.children.get_mut(&last))
    {
        change(slot);
    }
}

/// The base has nothing at these places any more: slots that cover them cover nothing.
fn forget_origins(delta: &mut Delta, origins: &BTreeSet<String>) {
    let covering: Vec<(String, bool)> = visit::all(delta)
        .iter()
        .filter(|visit| visit.slot.base.is_some())
        .filter(|visit| {
            visit
                .home
                .as_ref()
                .is_some_and(|home| origins.contains(home))
        })
        .map(|visit| (visit.path.clone(), visit.node.is_none()))
        .collect();
    for (path, is_empty) in covering {
        if is_empty {
            unname(delta, &path);
        } else {
            above(delta, &path, |slot| slot.base = None);
        }
    }
}

fn is_in(path: &str, dir: &str) -> bool {
    dir.is_empty()
        || path == dir
        || (path.starts_with(dir) && path.as_bytes().get(dir.len()) == Some(&b'/'))
}
