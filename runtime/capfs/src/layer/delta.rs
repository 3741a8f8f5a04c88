//! What a layer changes, as a tree of the names that are not what they are in the base.
//!
//! Only what changed and the directories above it have nodes. A directory's names show through from the directory of the base that it
//! came from (its origin), wherever it is now, except where `children` says otherwise. Nodes are shared between clones and copied when they
//! are changed, so a clone is a savepoint.
//!
//! A node with an origin that is not in its place was moved, and its origin has left its place in the base, whether or not a slot says so:
//! when the directory that it was in is removed itself, nothing of the slots in there is kept.
//! A file in its place without a blob and without attributes is no change: somebody has opened it to write.

use crate::change_set::{Attributes, Was};
use crate::layer::charge::Charge;
use crate::state::Blob;
use crate::version::Version;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A node's number, unique in its volume.
pub(crate) type NodeId = u64;

/// The root directory of the volume has this number in every delta.
pub(crate) const ROOT: NodeId = 0;

/// A tree of changes. Nodes that no name leads to any more may remain while something has them open.
#[derive(Clone, Debug)]
pub(crate) struct Delta {
    pub(crate) nodes: HashMap<NodeId, Arc<Node>>,
}

impl Default for Delta {
    /// No change: the root, of which everything shows through.
    fn default() -> Self {
        let root = DirNode {
            origin: Some(String::new()),
            ..DirNode::default()
        };
        Self {
            nodes: HashMap::from([(ROOT, Arc::new(Node::Dir(root)))]),
        }
    }
}

impl Delta {
    /// Whether there is not even a node.
    pub(crate) fn is_untouched(&self) -> bool {
        self.nodes.len() == 1
            && matches!(self.nodes.get(&ROOT).map(|node| &**node),
                Some(Node::Dir(root)) if root.children.is_empty() && root.attributes == Attributes::default())
    }

    /// The directory of that number.
    pub(crate) fn dir(&self, id: NodeId) -> Option<&DirNode> {
        match self.nodes.get(&id).map(|node| &**node) {
            Some(Node::Dir(dir)) => Some(dir),
            _ => None,
        }
    }

    /// Likewise, to change it.
    pub(crate) fn dir_mut(&mut self, id: NodeId) -> Option<&mut DirNode> {
        match self.nodes.get_mut(&id).map(Arc::make_mut) {
            Some(Node::Dir(dir)) => Some(dir),
            _ => None,
        }
    }

    /// The file of that number.
    pub(crate) fn file(&self, id: NodeId) -> Option<&FileNode> {
        match self.nodes.get(&id).map(|node| &**node) {
            Some(Node::File(file)) => Some(file),
            _ => None,
        }
    }

    /// Likewise, to change it. What is in its blob must not be changed while others have the blob as well.
    pub(crate) fn file_mut(&mut self, id: NodeId) -> Option<&mut FileNode> {
        match self.nodes.get_mut(&id).map(Arc::make_mut) {
            Some(Node::File(file)) => Some(file),
            _ => None,
        }
    }
}

impl Node {
    /// Where in the base it came from.
    pub(crate) fn origin(&self) -> Option<&str> {
        match self {
            Node::Dir(dir) => dir.origin.as_deref(),
            Node::File(file) => file.origin.as_ref().map(|origin| origin.path.as_str()),
            Node::Link(link) => link.origin.as_deref(),
        }
    }

    /// What it counts.
    pub(crate) fn charge(&self) -> Option<&Charge> {
        match self {
            Node::Dir(dir) => dir.charge.as_ref(),
            Node::File(file) => file.charge.as_ref(),
            Node::Link(link) => link.charge.as_ref(),
        }
    }

    /// What the base has where this came from.
    pub(crate) fn was(&self) -> Option<Was> {
        match self {
            Node::Dir(dir) => dir.origin.as_ref().map(|_| Was::Dir(None)),
            Node::File(file) => file.origin.as_ref().map(|origin| Was::File(origin.version)),
            Node::Link(link) => link.origin.as_ref().map(|_| Was::Link(link.target.clone())),
        }
    }
}

/// Something that a name stands for.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Dir(DirNode),
    File(FileNode),
    Link(LinkNode),
}

/// A directory.
#[derive(Clone, Debug, Default)]
pub(crate) struct DirNode {
    /// Plain names of the directory of the base whose names show through, joined by `/`; empty for the root. None: it is new.
    pub(crate) origin: Option<String>,
    pub(crate) children: BTreeMap<String, Slot>,
    /// The mode of a new directory, times that were set.
    pub(crate) attributes: Attributes,
    /// What a new directory counts.
    pub(crate) charge: Option<Charge>,
}

/// A name that is not what it is in the base, or is above such a one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slot {
    /// What it stands for. None: nothing, it was removed or moved away.
    pub(crate) node: Option<NodeId>,
    /// What the base has under this name in the directory's origin, and that is not what `node` is: it was removed, moved away or
    /// replaced. None when `node` is that very thing (in its place), or the base has nothing.
    pub(crate) base: Option<Was>,
}

/// A regular file.
#[derive(Clone, Debug)]
pub(crate) struct FileNode {
    /// The file of the base that it came from.
    pub(crate) origin: Option<FileOrigin>,
    /// None: what is in the origin.
    pub(crate) blob: Option<Arc<Blob>>,
    pub(crate) attributes: Attributes,
    /// What it counts: all its bytes once it has a blob, a name when it is new.
    pub(crate) charge: Option<Charge>,
}

/// The file of the base that a file came from.
#[derive(Clone, Debug)]
pub(crate) struct FileOrigin {
    /// Plain names joined by `/`.
    pub(crate) path: String,
    /// What it was when the node was made; with its digest once it was copied or replaced.
    pub(crate) version: Version,
    /// Its permissions when it was copied or replaced. Nobody chose them: where the file stays in place, they stay what they are by then.
    pub(crate) mode: Option<u32>,
}

/// A symbolic link.
#[derive(Clone, Debug)]
pub(crate) struct LinkNode {
    /// Where it was in the base, when it only moved.
    pub(crate) origin: Option<String>,
    pub(crate) target: String,
    pub(crate) charge: Option<Charge>,
}
