//! What a layer changes of its base, as data: what is taken away, and what is put in place.
//!
//! A change set says nothing of how it came about. It can be listed, stored, shown, applied by another process, or dropped.
//! Paths are plain names from the grant's root joined by `/`: no links, no `.`, no `..`.

use crate::state::Blob;
use crate::version::{Digest, Time, Version};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Changes to one grant. Nothing is taken twice and no path is put twice, but for the
/// attributes of what was moved there.
#[derive(Clone, Debug, Default)]
pub struct ChangeSet {
    /// What leaves its place in the base: removed, or moved away. Paths of the base as it is, before anything changed.
    pub takes: Vec<Take>,
    /// What is put in place, a directory before what is in it. Paths as they are when all is done.
    pub puts: Vec<Put>,
}

/// Something of the base that leaves its place, with all that is in it but what is taken by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Take {
    /// Where it is in the base.
    pub path: String,
    /// What it was when it was taken. When it is something else by the time of applying, that is a conflict.
    pub was: Was,
}

/// What a name of the base stood for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Was {
    /// A regular file.
    File(Version),
    /// A symbolic link, with what it said.
    Link(String),
    /// A directory, and a digest over the names, kinds and stamps in it and below. See [`crate::state::fingerprint`].
    /// None for a directory that is moved: whatever is in it moves along.
    Dir(Option<Digest>),
}

/// Something that is put in place.
#[derive(Clone, Debug)]
pub struct Put {
    /// Where it goes.
    pub path: String,
    /// What.
    pub what: What,
    /// The regular file of the base that this replaces in one step, or whose attributes it changes: it stays where it is, or
    /// moves along with a directory that it is in, and is at `path` when its turn comes.
    pub over: Option<Over>,
}

/// A file of the base that is replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Over {
    /// Where it is in the base before anything changes.
    pub path: String,
    /// What was in it when it was changed. When it is something else by the time of applying, that is a conflict.
    pub version: Version,
}

/// What is put in place.
#[derive(Clone, Debug)]
pub enum What {
    /// A new directory, with nothing in it, and its permissions.
    Dir(u32),
    /// A regular file with these contents.
    File(Content),
    /// A symbolic link, with what it says.
    Link(String),
    /// What `takes[i]` took, to its new place.
    Moved(usize),
    /// Nothing but other permissions or times of what is there.
    Attributes(Attributes),
}

/// Contents of a file.
#[derive(Clone, Debug)]
pub struct Content {
    /// Where they are until they are put in place.
    pub blob: Arc<Blob>,
    /// Permissions and times.
    pub attributes: Attributes,
}

/// Permissions and times. What is none stays or becomes as it happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributes {
    /// The permission bits.
    pub mode: Option<u32>,
    /// Last access.
    pub accessed: Option<Time>,
    /// Last change of the contents.
    pub modified: Option<Time>,
}

impl ChangeSet {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.takes.is_empty() && self.puts.is_empty()
    }
}
