//! What a call did in its places, put into what is pending now: calls with other places may have ended meanwhile.

use crate::layer::delta::{Delta, DirNode, Node, NodeId, ROOT, Slot};
use crate::path::GuestPath;
use std::sync::Arc;

/// In `into`, have at `place` what `from` has there. Of the two one was made from the other, and nobody else changed anything at or above
/// the place since. None when that is not so.
pub(crate) fn graft(into: &mut Delta, from: &Delta, place: &GuestPath) -> Option<()> {
    let Some((above, last)) = place.split_last() else {
        *into = from.clone();
        return Some(());
    };
    let (mut to_id, mut from_id) = (ROOT, ROOT);
    for name in above.split('/').filter(|name| !name.is_empty()) {
        let Some(slot) = from.dir(from_id)?.children.get(name) else {
            // Nothing is changed there, on the way neither.
            unname(into, place.as_str());
            return Some(());
        };
        let Some(id) = slot.node else {
            return Some(());
        };
        from_id = id;
        to_id = match into.dir(to_id)?.children.get(name) {
            Some(slot) => slot.node?,
            None => {
                let whole = from.dir(id)?;
                let bare = DirNode {
                    origin: whole.origin.clone(),
                    ..DirNode::default()
                };
                into.nodes.insert(id, Arc::new(Node::Dir(bare)));
                let slot = Slot {
                    node: Some(id),
                    base: slot.base.clone(),
                };
                (into.dir_mut(to_id)?.children).insert(name.to_owned(), slot);
                id
            }
        };
    }
    match from.dir(from_id)?.children.get(last) {
        Some(slot) => {
            copy(into, from, slot.node);
            (into.dir_mut(to_id)?.children).insert(last.to_owned(), slot.clone());
        }
        None => drop(into.dir_mut(to_id)?.children.remove(last)),
    }
    Some(())
}

/// The node of the directory that a path is in, and its last name.
pub(super) fn parent_of(delta: &Delta, path: &str) -> Option<(NodeId, String)> {
    let (above, last) = path.rsplit_once('/').unwrap_or(("", path));
    let mut id = ROOT;
    for name in above.split('/').filter(|name| !name.is_empty()) {
        id = delta.dir(id)?.children.get(name)?.node?;
    }
    Some((id, last.to_owned()))
}

/// Say nothing of a name any more.
pub(super) fn unname(delta: &mut Delta, path: &str) {
    if let Some((id, last)) = parent_of(delta, path)
        && let Some(dir) = delta.dir_mut(id)
    {
        dir.children.remove(&last);
    }
}

/// Take over a node and all below it.
pub(crate) fn copy(into: &mut Delta, from: &Delta, node: Option<NodeId>) {
    let mut ahead: Vec<NodeId> = node.into_iter().collect();
    while let Some(id) = ahead.pop() {
        if let Some(node) = from.nodes.get(&id) {
            if let Node::Dir(dir) = &**node {
                ahead.extend(dir.children.values().filter_map(|slot| slot.node));
            }
            into.nodes.insert(id, Arc::clone(node));
        }
    }
}

/// Whether two deltas are the very same, node by node.
pub(crate) fn same(a: &Delta, b: &Delta) -> bool {
    a.nodes.len() == b.nodes.len()
        && (a.nodes.iter()).all(|(id, node)| {
            b.nodes
                .get(id)
                .is_some_and(|other| Arc::ptr_eq(node, other))
        })
}
