//! All facts about a file or directory, for `wasi:filesystem`.

use crate::change_set::Attributes;
use crate::layer::{DirNode, LinkNode, NodeId};
use crate::stat::{Kind, kind};
use crate::version::{Stamp, Time};
use cap_std::fs::{Metadata, MetadataExt, PermissionsExt};

/// All facts. [`Stat`](crate::Stat) is the part of them that our own interface shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// What it is.
    pub kind: Kind,
    /// Bytes of a regular file or of a link's target, otherwise 0.
    pub size: u64,
    /// Names that it has; at least 1.
    pub links: u64,
    /// Permission bits.
    pub mode: u32,
    /// Last access.
    pub accessed: Time,
    /// Last change of the contents.
    pub modified: Time,
    /// Last change of anything.
    pub changed: Time,
    /// Which file it is, in this layer: the same for two handles of one file, different for two files. Stable as long
    /// as the layer is.
    pub identity: (u64, u64),
}

/// The first number of an [`identity`](Facts::identity) of what only the layer has. No filesystem has it.
pub(crate) const MADE: u64 = u64::MAX;

impl Facts {
    /// Of something in the base.
    pub(crate) fn of(metadata: &Metadata) -> Self {
        let stamp = Stamp::of(metadata);
        let kind = kind(metadata);
        Self {
            kind,
            size: match kind {
                Kind::File | Kind::Symlink => metadata.len(),
                Kind::Directory | Kind::Other => 0,
            },
            links: metadata.nlink().max(1),
            mode: metadata.permissions().mode() & 0o7777,
            accessed: (
                metadata.atime(),
                u32::try_from(metadata.atime_nsec()).unwrap_or(0),
            ),
            modified: stamp.modified,
            changed: stamp.changed,
            identity: (stamp.device, stamp.inode),
        }
    }

    /// Of a directory that the layer has a node for, and what shows through in it.
    pub(crate) fn of_dir(id: NodeId, node: &DirNode, base: Option<Facts>) -> Self {
        base.unwrap_or(Self {
            kind: Kind::Directory,
            size: 0,
            links: 1,
            mode: 0o755,
            accessed: (0, 0),
            modified: (0, 0),
            changed: (0, 0),
            identity: (MADE, id),
        })
        .with(&node.attributes)
    }

    /// Of a link that the layer has a node for.
    pub(crate) fn of_link(id: NodeId, node: &LinkNode) -> Self {
        Self {
            kind: Kind::Symlink,
            size: node.target.len() as u64,
            links: 1,
            mode: 0o777,
            accessed: (0, 0),
            modified: (0, 0),
            changed: (0, 0),
            identity: (MADE, id),
        }
    }

    /// With what was set.
    pub(crate) fn with(self, set: &Attributes) -> Self {
        let modified = set.modified.unwrap_or(self.modified);
        Self {
            mode: set.mode.unwrap_or(self.mode),
            accessed: set.accessed.unwrap_or(self.accessed),
            modified,
            changed: self.changed.max(modified),
            ..self
        }
    }
}

/// A time to set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SetTime {
    /// As it is.
    #[default]
    Keep,
    /// The time of the host's clock.
    Now,
    /// This.
    At(Time),
}

/// Times to set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Last access.
    pub accessed: SetTime,
    /// Last change of the contents.
    pub modified: SetTime,
}

/// One name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    /// The name. What is not UTF-8 is left out.
    pub name: String,
    /// What it stands for; a link is a link.
    pub kind: Kind,
}
