//! What names of a delta stand for, changed: the steps that every operation is made of.
//!
//! A step changes the delta and nothing else. What the base has under a name is looked at before the lock is taken, and holds as long as
//! the layer's turn is the same; what other programs do to the base meanwhile is found when the changes are applied.

use super::delta::{Delta, DirNode, FileNode, FileOrigin, LinkNode, Node, NodeId, ROOT, Slot};
use super::{Child, Layer, Live};
use crate::change_set::{Attributes, Was};
use crate::place::Place;
use crate::stat::{Kind, kind};
use crate::version::{Digest, Stamp, Version};
use crate::way::Way;
use crate::{ErrorCode, at};
use std::ffi::OsStr;

/// What a name stands for before it is changed.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// Nothing.
    Nothing,
    /// What the base has.
    Base(Was),
    /// What the layer has a node for.
    Node(NodeId, Kind),
}

impl Found {
    /// What it is, if anything.
    pub(crate) fn kind(&self) -> Option<Kind> {
        match self {
            Found::Nothing => None,
            Found::Base(Was::File(_)) => Some(Kind::File),
            Found::Base(Was::Link(_)) => Some(Kind::Symlink),
            Found::Base(Was::Dir(_)) => Some(Kind::Directory),
            Found::Node(_, kind) => Some(*kind),
        }
    }
}

/// What `name` in `place` stands for, whoever may see it.
///
/// # Errors
///
/// [`Unsupported`](ErrorCode::Unsupported) for what is neither a file nor a directory nor a link, and for a link that does not
/// say UTF-8: they cannot be part of a change.
pub(crate) fn find(place: &Place, name: &OsStr) -> Result<Found, ErrorCode> {
    match place.child(name) {
        Child::Gone => Ok(Found::Nothing),
        Child::Is(id) => {
            let kind = match place.layer.node(id).as_deref() {
                Some(Node::Dir(_)) => Kind::Directory,
                Some(Node::File(_)) => Kind::File,
                Some(Node::Link(_)) => Kind::Symlink,
                None => return Err(ErrorCode::NoEntry),
            };
            Ok(Found::Node(id, kind))
        }
        Child::Through => {
            let Some(base) = &place.base else {
                return Ok(Found::Nothing);
            };
            let metadata = match at::facts(base, name, place.device()) {
                Ok(metadata) => metadata,
                Err(ErrorCode::NoEntry) => return Ok(Found::Nothing),
                Err(error) => return Err(error),
            };
            Ok(Found::Base(match kind(&metadata) {
                Kind::File => Was::File(Version {
                    stamp: Stamp::of(&metadata),
                    digest: None,
                }),
                Kind::Directory => Was::Dir(None),
                Kind::Symlink => {
                    let target = at::link(base, name)?.into_os_string();
                    Was::Link(target.into_string().map_err(|_| ErrorCode::Unsupported)?)
                }
                Kind::Other => return Err(ErrorCode::Unsupported),
            }))
        }
    }
}

impl Live {
    /// The node of the directory that `way` leads to, made with all above it where there is none.
    pub(crate) fn dir_at(&mut self, layer: &Layer, way: &Way) -> Result<NodeId, ErrorCode> {
        let mut at = ROOT;
        for name in way.names_from(0) {
            let name = name.to_str().ok_or(ErrorCode::Unsupported)?;
            at = match self.child(at, name) {
                Child::Gone => return Err(ErrorCode::NoEntry),
                Child::Is(id) => {
                    self.delta.dir(id).ok_or(ErrorCode::NotDirectory)?;
                    id
                }
                Child::Through => {
                    let node = DirNode {
                        origin: home(&self.delta, at, name),
                        ..DirNode::default()
                    };
                    let id = layer.volume().next_node();
                    self.put(at, name, id, Node::Dir(node))?;
                    layer.moved(true);
                    id
                }
            };
        }
        Ok(at)
    }

    /// The node of what `found` found under a name; made when it is still the base's. Nothing is changed by that.
    pub(crate) fn node_at(
        &mut self,
        layer: &Layer,
        dir: NodeId,
        name: &str,
        found: &Found,
    ) -> Result<NodeId, ErrorCode> {
        let was = match found {
            Found::Nothing => return Err(ErrorCode::NoEntry),
            Found::Node(id, _) => return Ok(*id),
            Found::Base(was) => was,
        };
        let origin = home(&self.delta, dir, name);
        let node = match was {
            Was::Dir(_) => Node::Dir(DirNode {
                origin,
                ..DirNode::default()
            }),
            Was::File(version) => Node::File(FileNode {
                origin: origin.map(|path| FileOrigin {
                    path,
                    version: *version,
                    mode: None,
                }),
                blob: None,
                attributes: Attributes::default(),
                charge: None,
            }),
            Was::Link(target) => Node::Link(LinkNode {
                origin,
                target: target.clone(),
                charge: None,
            }),
        };
        let id = layer.volume().next_node();
        let places = matches!(node, Node::Dir(_));
        self.put(dir, name, id, node)?;
        layer.moved(places);
        Ok(id)
    }

    /// Let a name that stands for nothing stand for a new node.
    pub(crate) fn put(
        &mut self,
        dir: NodeId,
        name: &str,
        id: NodeId,
        node: Node,
    ) -> Result<(), ErrorCode> {
        self.add(id, node);
        self.name(dir, name, id)
    }

    /// Let a name that stands for nothing stand for this node.
    pub(crate) fn name(&mut self, dir: NodeId, name: &str, id: NodeId) -> Result<(), ErrorCode> {
        let home = home(&self.delta, dir, name);
        let node = self.delta.nodes.get(&id).ok_or(ErrorCode::NoEntry)?;
        let at_home = home.is_some() && node.origin() == home.as_deref();
        let dir = self.delta.dir_mut(dir).ok_or(ErrorCode::NoEntry)?;
        let slot = dir.children.entry(name.to_owned()).or_default();
        slot.node = Some(id);
        if at_home {
            slot.base = None;
        }
        Ok(())
    }

    /// Let a name stand for nothing. What the layer had there is left without a name, and returned.
    pub(crate) fn take(
        &mut self,
        dir: NodeId,
        name: &str,
        found: &Found,
    ) -> Result<Option<NodeId>, ErrorCode> {
        let home = home(&self.delta, dir, name);
        let taken = match found {
            Found::Node(id, _) => Some(*id),
            Found::Nothing | Found::Base(_) => None,
        };
        let was = match (found, taken.and_then(|id| self.delta.nodes.get(&id))) {
            (Found::Base(was), _) => Some(was.clone()),
            (_, Some(node)) if home.is_some() && node.origin() == home.as_deref() => node.was(),
            _ => None,
        };
        let dir = self.delta.dir_mut(dir).ok_or(ErrorCode::NoEntry)?;
        let slot = dir.children.entry(name.to_owned()).or_default();
        slot.node = None;
        if was.is_some() {
            slot.base = was;
        }
        if slot.base.is_none() {
            dir.children.remove(name);
        }
        Ok(taken)
    }

    /// Drop a node that no name leads to, with all below it.
    pub(crate) fn drop_tree(&mut self, id: NodeId) {
        let mut left = vec![id];
        while let Some(id) = left.pop() {
            if let Some(dir) = self.delta.dir(id) {
                left.extend(dir.children.values().filter_map(|slot| slot.node));
            }
            self.unname(id);
        }
    }

    /// A directory of the base is removed, not only moved: what must be in it then.
    pub(crate) fn removed(&mut self, origin: &str, fingerprint: Digest) {
        let (above, name) = origin.rsplit_once('/').unwrap_or(("", origin));
        for node in self.delta.nodes.values_mut() {
            if let Node::Dir(dir) = &**node
                && dir.origin.as_deref() == Some(above)
                && dir
                    .children
                    .get(name)
                    .is_some_and(|slot| slot.base.is_some())
                && let Node::Dir(dir) = std::sync::Arc::make_mut(node)
                && let Some(Slot {
                    base: Some(was), ..
                }) = dir.children.get_mut(name)
                && matches!(was, Was::Dir(_))
            {
                *was = Was::Dir(Some(fingerprint));
            }
        }
    }
}

/// Where the base has, if it has, what shows through under `name` in a directory.
fn home(delta: &Delta, dir: NodeId, name: &str) -> Option<String> {
    let origin = delta.dir(dir)?.origin.as_deref()?;
    Some(if origin.is_empty() {
        name.to_owned()
    } else {
        format!("{origin}/{name}")
    })
}
