//! A change set as a delta: the inverse of [`extract`](super::extract).

use super::charge::Charge;
use super::delta::{Delta, DirNode, FileNode, FileOrigin, LinkNode, Node, NodeId, ROOT, Slot};
use crate::change_set::{ChangeSet, Over, Put, Was, What};
use crate::ledger::Ledger;
use crate::path;
use std::collections::HashMap;
use std::sync::Arc;

/// A delta that shows what `set` makes of the base. What it holds is charged to `ledger` as far as it fits. None when the set is
/// none that a delta can have: something is put into nothing, or a file is replaced that is elsewhere.
pub(crate) fn delta(
    set: &ChangeSet,
    ledger: &Ledger,
    mut next: impl FnMut() -> NodeId,
) -> Option<Delta> {
    let mut load = Load {
        delta: Delta::default(),
        dirs: HashMap::from([(String::new(), ROOT)]),
        next: &mut next,
        ledger,
    };
    let mut takes: Vec<_> = set.takes.iter().collect();
    takes.sort_by_key(|take| std::cmp::Reverse(take.path.split('/').count()));
    for take in takes {
        let (above, name) = split(&take.path)?;
        let above = load.base_dir(above)?;
        let slot = Slot {
            node: None,
            base: Some(take.was.clone()),
        };
        (load.delta.dir_mut(above)?.children).insert(name.to_owned(), slot);
    }
    for put in &set.puts {
        load.put(set, put)?;
    }
    let mut delta = load.delta;
    prune(&mut delta);
    Some(delta)
}

/// Drop the nodes that no name leads to.
pub(crate) fn prune(delta: &mut Delta) {
    let mut named: HashMap<NodeId, Arc<Node>> = HashMap::new();
    let mut ahead = vec![ROOT];
    while let Some(id) = ahead.pop() {
        if let Some(node) = delta.nodes.get(&id) {
            if let Node::Dir(dir) = &**node {
                ahead.extend(dir.children.values().filter_map(|slot| slot.node));
            }
            named.insert(id, Arc::clone(node));
        }
    }
    delta.nodes = named;
}

struct Load<'a> {
    delta: Delta,
    /// The directories of the base that have a node, by where they are in the base.
    dirs: HashMap<String, NodeId>,
    next: &'a mut dyn FnMut() -> NodeId,
    ledger: &'a Ledger,
}

impl Load<'_> {
    fn add(&mut self, node: Node) -> NodeId {
        let id = (self.next)();
        self.delta.nodes.insert(id, Arc::new(node));
        id
    }

    /// The node of a directory by where it is in the base, in its place or not.
    fn base_dir(&mut self, path: &str) -> Option<NodeId> {
        let (mut id, mut at) = (ROOT, String::new());
        for name in path.split('/').filter(|name| !name.is_empty()) {
            path::push(&mut at, name);
            id = match self.dirs.get(&at) {
                Some(id) => *id,
                None => {
                    let below = self.dir_of(&at);
                    let slot = Slot {
                        node: Some(below),
                        base: None,
                    };
                    (self.delta.dir_mut(id)?.children).insert(name.to_owned(), slot);
                    below
                }
            };
        }
        Some(id)
    }

    /// The node of a directory of the base, which may have no name yet.
    fn dir_of(&mut self, path: &str) -> NodeId {
        if let Some(id) = self.dirs.get(path) {
            return *id;
        }
        let id = self.add(Node::Dir(DirNode {
            origin: Some(path.to_owned()),
            ..DirNode::default()
        }));
        self.dirs.insert(path.to_owned(), id);
        id
    }

    /// The node of a directory by where it is in the end.
    fn final_dir(&mut self, path: &str) -> Option<NodeId> {
        let mut id = ROOT;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            let dir = self.delta.dir(id)?;
            id = match dir.children.get(name) {
                Some(slot) => slot.node?,
                None => {
                    let mut origin = dir.origin.clone()?;
                    path::push(&mut origin, name);
                    let below = self.dir_of(&origin);
                    let slot = Slot {
                        node: Some(below),
                        base: None,
                    };
                    (self.delta.dir_mut(id)?.children).insert(name.to_owned(), slot);
                    below
                }
            };
        }
        Some(id)
    }

    fn put(&mut self, set: &ChangeSet, put: &Put) -> Option<()> {
        if put.path.is_empty() {
            if let What::Attributes(attributes) = &put.what {
                self.delta.dir_mut(ROOT)?.attributes = *attributes;
            }
            return Some(());
        }
        let (above, name) = split(&put.path)?;
        let above = self.final_dir(above)?;
        let home = self.delta.dir(above)?.origin.as_deref().map(|origin| {
            let mut home = origin.to_owned();
            path::push(&mut home, name);
            home
        });
        let charge = |bytes| Charge::new(self.ledger, bytes, 1).ok();
        let mut over = put.over.as_ref();
        let node = match &put.what {
            What::Dir(mode) => Node::Dir(DirNode {
                origin: None,
                attributes: crate::change_set::Attributes {
                    mode: Some(*mode),
                    ..Default::default()
                },
                charge: charge(0),
                ..DirNode::default()
            }),
            What::File(content) => {
                let bytes = content.blob.size().ok()?;
                let entries = u64::from(over.is_none());
                let origin = over.take();
                if origin.is_some_and(|over| home.as_deref() != Some(&over.path)) {
                    return None;
                }
                Node::File(FileNode {
                    origin: origin.map(from),
                    blob: Some(Arc::clone(&content.blob)),
                    attributes: content.attributes,
                    charge: Charge::new(self.ledger, bytes, entries).ok(),
                })
            }
            What::Link(target) => Node::Link(LinkNode {
                origin: None,
                target: target.clone(),
                charge: charge(target.len() as u64),
            }),
            What::Moved(index) => {
                let take = set.takes.get(*index)?;
                match &take.was {
                    Was::File(version) => Node::File(FileNode {
                        origin: Some(FileOrigin {
                            path: take.path.clone(),
                            version: *version,
                            mode: None,
                        }),
                        blob: None,
                        attributes: Default::default(),
                        charge: None,
                    }),
                    Was::Link(target) => Node::Link(LinkNode {
                        origin: Some(take.path.clone()),
                        target: target.clone(),
                        charge: None,
                    }),
                    Was::Dir(_) => {
                        let id = self.dir_of(&take.path);
                        return self.name(above, name, id, over);
                    }
                }
            }
            What::Attributes(attributes) => {
                let there = self.delta.dir(above)?.children.get(name);
                let there = there.and_then(|slot| slot.node);
                let id = match (there, over) {
                    (Some(id), _) => id,
                    (None, Some(over)) => {
                        let file = self.add(Node::File(FileNode {
                            origin: Some(from(over)),
                            blob: None,
                            attributes: *attributes,
                            charge: None,
                        }));
                        return self.name(above, name, file, None);
                    }
                    (None, None) => self.final_dir(&put.path)?,
                };
                return self.set(id, attributes);
            }
        };
        let id = self.add(node);
        self.name(above, name, id, over)
    }

    /// Give a node its name, in place of `over`.
    fn name(&mut self, above: NodeId, name: &str, id: NodeId, over: Option<&Over>) -> Option<()> {
        let slot = (self.delta.dir_mut(above)?.children)
            .entry(name.to_owned())
            .or_default();
        slot.node = Some(id);
        if let Some(over) = over {
            slot.base = Some(Was::File(over.version));
        }
        Some(())
    }

    /// Permissions and times, over those that are there: a new directory keeps its permissions.
    fn set(&mut self, id: NodeId, new: &crate::change_set::Attributes) -> Option<()> {
        let have = match self.delta.nodes.get_mut(&id).map(Arc::make_mut)? {
            Node::Dir(dir) => &mut dir.attributes,
            Node::File(file) => &mut file.attributes,
            // Times of links are not set.
            Node::Link(_) => return Some(()),
        };
        have.mode = new.mode.or(have.mode);
        have.accessed = new.accessed.or(have.accessed);
        have.modified = new.modified.or(have.modified);
        Some(())
    }
}

fn from(over: &Over) -> FileOrigin {
    FileOrigin {
        path: over.path.clone(),
        version: over.version,
        mode: None,
    }
}

/// The directory that a path is in, and its last name.
fn split(path: &str) -> Option<(&str, &str)> {
    match path.rsplit_once('/') {
        Some(split) => Some(split),
        None if path.is_empty() => None,
        None => Some(("", path)),
    }
}
