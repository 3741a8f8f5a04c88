//! All names of a delta, one after the other, a directory before what is in it.

use super::delta::{Delta, Node, NodeId, ROOT, Slot};
use crate::path;
use std::collections::HashMap;

/// A name of a delta that a walk from its root comes to.
pub(crate) struct Visit<'a> {
    /// Where it is: plain names from the volume's root.
    pub(crate) path: String,
    /// The same name in the base directory that shows through there. None in a new directory.
    pub(crate) home: Option<String>,
    pub(crate) slot: &'a Slot,
    /// What the name stands for now.
    pub(crate) node: Option<(NodeId, &'a Node)>,
}

impl Visit<'_> {
    /// Whether it stands for what the base has under this name.
    pub(crate) fn is_in_place(&self) -> bool {
        let origin = self.node.and_then(|(_, node)| node.origin());
        origin.is_some() && origin == self.home.as_deref()
    }

    /// Where in the base it was moved from.
    pub(crate) fn moved_from(&self) -> Option<&str> {
        let origin = self.node.and_then(|(_, node)| node.origin());
        origin.filter(|_| !self.is_in_place())
    }
}

/// Everything that a name leads to. Not by recursion: a guest decides how deep it is.
pub(crate) fn all(delta: &Delta) -> Vec<Visit<'_>> {
    let mut visits = Vec::new();
    let mut ahead = vec![(ROOT, String::new())];
    while let Some((id, way)) = ahead.pop() {
        let Some(Node::Dir(dir)) = delta.nodes.get(&id).map(|node| &**node) else {
            continue;
        };
        for (name, slot) in &dir.children {
            let below = |way: &str| {
                let mut path = way.to_owned();
                path::push(&mut path, name);
                path
            };
            let path = below(&way);
            let node = slot
                .node
                .and_then(|id| Some((id, &**delta.nodes.get(&id)?)));
            if let Some((id, Node::Dir(_))) = node {
                ahead.push((id, path.clone()));
            }
            let home = dir.origin.as_deref().map(below);
            visits.push(Visit {
                path,
                home,
                slot,
                node,
            });
        }
    }
    visits
}

/// What of the base was moved, with the node that it is now.
pub(crate) fn moved<'a>(visits: &'a [Visit<'a>]) -> HashMap<&'a str, &'a Node> {
    visits
        .iter()
        .filter_map(|visit| Some((visit.moved_from()?, visit.node?.1)))
        .collect()
}
