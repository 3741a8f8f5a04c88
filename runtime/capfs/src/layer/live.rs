//! A delta that is being changed, and who has what of it open.
//!
//! All of it is behind one lock, so that names, contents and what is charged for them change together.

use super::Child;
use super::delta::{Delta, Node, NodeId};
use std::collections::{HashMap, HashSet};

/// What a layer changes at the moment.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) delta: Delta,
    /// The file that has taken the place of the base's file of that path, wherever it is now.
    copied: HashMap<String, NodeId>,
    /// How many have a file open.
    open: HashMap<NodeId, u32>,
    /// How many have a file of the base open, by its path there.
    readers: HashMap<String, u32>,
    /// Files without a name that somebody still has open.
    nameless: HashSet<NodeId>,
}

/// What it was at a moment.
#[derive(Clone, Debug)]
pub(crate) struct Saved {
    delta: Delta,
    nameless: HashSet<NodeId>,
}

impl Live {
    pub(crate) fn new(delta: Delta) -> Self {
        Self {
            copied: copied(&delta),
            delta,
            open: HashMap::new(),
            readers: HashMap::new(),
            nameless: HashSet::new(),
        }
    }

    pub(crate) fn save(&self) -> Saved {
        Saved {
            delta: self.delta.clone(),
            nameless: self.nameless.clone(),
        }
    }

    pub(crate) fn restore(&mut self, saved: Saved) {
        self.delta = saved.delta;
        self.nameless = saved.nameless;
        self.copied = copied(&self.delta);
        for id in self.nameless.clone() {
            self.forget_unless_open(id);
        }
        for charge in self.delta.nodes.values().filter_map(|node| node.charge()) {
            charge.trim();
        }
    }

    /// What it says of a name.
    pub(crate) fn child(&self, dir: NodeId, name: &str) -> Child {
        let Some(dir) = self.delta.dir(dir) else {
            return Child::Gone;
        };
        match dir.children.get(name) {
            Some(slot) => slot.node.map_or(Child::Gone, Child::Is),
            None if dir.origin.is_some() => Child::Through,
            None => Child::Gone,
        }
    }

    /// Take a node in.
    pub(crate) fn add(&mut self, id: NodeId, node: Node) {
        if let Node::File(file) = &node
            && let Some(origin) = &file.origin
        {
            self.copied.insert(origin.path.clone(), id);
        }
        self.delta.nodes.insert(id, node.into());
    }

    /// A node lost its name: it goes, unless it is a file that somebody has open.
    pub(crate) fn unname(&mut self, id: NodeId) {
        if self.delta.file(id).is_some() {
            self.nameless.insert(id);
            self.forget_unless_open(id);
        } else {
            self.delta.nodes.remove(&id);
        }
    }

    /// The file that has taken the place of the base's file of that path.
    pub(crate) fn copy_of(&self, path: &str) -> Option<NodeId> {
        self.copied.get(path).copied()
    }

    /// Somebody opens a file.
    pub(crate) fn open(&mut self, id: NodeId) {
        *self.open.entry(id).or_default() += 1;
    }

    /// And lets it go.
    pub(crate) fn close(&mut self, id: NodeId) {
        if let Some(count) = self.open.get_mut(&id) {
            *count -= 1;
            if *count == 0 {
                self.open.remove(&id);
            }
        }
        self.forget_unless_open(id);
    }

    /// Somebody opens a file of the base to read it.
    pub(crate) fn open_base(&mut self, path: &str) {
        match self.readers.get_mut(path) {
            Some(count) => *count += 1,
            None => drop(self.readers.insert(path.to_owned(), 1)),
        }
    }

    /// And lets it go.
    pub(crate) fn close_base(&mut self, path: &str) {
        if let Some(count) = self.readers.get_mut(path) {
            *count -= 1;
            if *count == 0 {
                self.readers.remove(path);
            }
        }
        if let Some(id) = self.copy_of(path) {
            self.forget_unless_open(id);
        }
    }

    fn forget_unless_open(&mut self, id: NodeId) {
        if !self.nameless.contains(&id) || self.open.contains_key(&id) {
            return;
        }
        let node = self.delta.nodes.get(&id);
        if let Some(path) = node.and_then(|node| node.origin()) {
            if self.readers.contains_key(path) {
                return;
            }
            let path = path.to_owned();
            if self.copied.get(&path) == Some(&id) {
                self.copied.remove(&path);
            }
        }
        self.nameless.remove(&id);
        self.delta.nodes.remove(&id);
    }
}

/// The files of a delta that come from the base, by where they were in it.
fn copied(delta: &Delta) -> HashMap<String, NodeId> {
    let files = delta.nodes.iter().filter_map(|(id, node)| match &**node {
        Node::File(file) => Some((file.origin.as_ref()?.path.clone(), *id)),
        Node::Dir(_) | Node::Link(_) => None,
    });
    files.collect()
}
