//! One name in one place: the only way from a name to what it stands for.
//!
//! Every function here takes a single name, never a path, and follows nothing. What the handle is kept from seeing is
//! not there; otherwise the layer is asked first, and what it says nothing of shows through from the base.

use crate::at;
use crate::facts::Facts;
use crate::layer::{self, Child, DirNode, NodeId};
use crate::place::Place;
use crate::way::Way;
use crate::{ErrorCode, file_ref::FileRef};
use cap_std::fs::{Dir, File, Metadata, MetadataExt};
use rustix::fs::Stat;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::Arc;

pub(crate) use crate::at::{Device, Opened};

/// Something to read from, judged.
pub(crate) enum Node {
    /// A regular file of the base.
    Base(File, Stat),
    /// A regular file that the layer has a node for.
    Made(NodeId),
    /// A directory.
    Dir(Place),
}

/// Which directory it is, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// One of the base: its device and its number there.
    Base(u64, u64),
    /// One that is new in the layer.
    Made(NodeId),
}

impl Identity {
    pub(crate) fn of(place: &Place) -> Result<Self, ErrorCode> {
        match (&place.base, place.node) {
            (Some(base), _) => Ok(Self::of_base(&base.dir_metadata()?)),
            (None, Some(node)) => Ok(Self::Made(node)),
            (None, None) => Err(ErrorCode::NoEntry),
        }
    }

    fn of_base(metadata: &Metadata) -> Self {
        Self::Base(metadata.dev(), metadata.ino())
    }
}

/// What a name stands for, before it is opened.
enum There<'a> {
    /// What the base has under this name in this directory.
    Through(&'a Dir),
    /// What the layer has a node for.
    Node(NodeId, Arc<layer::Node>),
}

fn there<'a>(place: &'a Place, name: &OsStr) -> Result<There<'a>, ErrorCode> {
    place.sees(name)?;
    match place.child(name) {
        Child::Gone => Err(ErrorCode::NoEntry),
        Child::Through => place
            .base
            .as_deref()
            .map(There::Through)
            .ok_or(ErrorCode::NoEntry),
        Child::Is(id) => {
            let node = place.layer.node(id).ok_or(ErrorCode::NoEntry)?;
            Ok(There::Node(id, node))
        }
    }
}

/// Open a directory to look up names in it. It need not be readable, only searchable.
pub(crate) fn dir(place: &Place, name: &OsStr) -> Result<Opened<Place>, ErrorCode> {
    match there(place, name)? {
        There::Through(base) => match at::dir(base, name, place.device())? {
            Opened::It(dir) => Ok(Opened::It(place.below(name, dir)?)),
            Opened::Link(target) => Ok(Opened::Link(target)),
        },
        There::Node(id, node) => match &*node {
            layer::Node::Dir(dir) => Ok(Opened::It(made(place, name, id, dir)?)),
            layer::Node::File(_) => Err(ErrorCode::NotDirectory),
            layer::Node::Link(link) => Ok(Opened::Link(link.target.clone().into())),
        },
    }
}

/// Open a directory again that was open before. [`Busy`](ErrorCode::Busy) when the name stands for something else now.
pub(crate) fn dir_again(place: &Place, name: &OsStr, was: Identity) -> Result<Place, ErrorCode> {
    match dir(place, name)? {
        Opened::It(dir) if Identity::of(&dir)? == was => Ok(dir),
        Opened::It(_) | Opened::Link(_) => Err(ErrorCode::Busy),
    }
}

/// Open a directory to list it: the base that shows through was not listed before. A link is
/// [`NotDirectory`](ErrorCode::NotDirectory).
pub(crate) fn listable(place: &Place, name: &OsStr) -> Result<(Place, Identity), ErrorCode> {
    match there(place, name)? {
        There::Through(base) => {
            let (dir, metadata) = at::listable(base, name, place.device())?;
            Ok((place.below(name, dir)?, Identity::of_base(&metadata)))
        }
        There::Node(id, node) => match &*node {
            layer::Node::Dir(dir) => {
                let place = made(place, name, id, dir)?;
                let identity = Identity::of(&place)?;
                Ok((listable_again(place)?, identity))
            }
            layer::Node::File(_) | layer::Node::Link(_) => Err(ErrorCode::NotDirectory),
        },
    }
}

/// Open the directory itself once more, to list it.
pub(crate) fn listable_again(mut place: Place) -> Result<Place, ErrorCode> {
    if let Some(base) = &place.base {
        place.base = Some(Arc::new(at::listable_again(base)?));
    }
    Ok(place)
}

/// Open a regular file to read it, or a directory. Nothing can make this wait.
pub(crate) fn node(place: &Place, name: &OsStr) -> Result<Opened<Node>, ErrorCode> {
    match there(place, name)? {
        There::Through(base) => Ok(match at::node(base, name, place.device())? {
            Opened::It(at::Node::File(file, stat)) => Opened::It(Node::Base(file, stat)),
            Opened::It(at::Node::Dir(dir)) => Opened::It(Node::Dir(place.below(name, dir)?)),
            Opened::Link(target) => Opened::Link(target),
        }),
        There::Node(id, node) => Ok(match &*node {
            layer::Node::Dir(dir) => Opened::It(Node::Dir(made(place, name, id, dir)?)),
            layer::Node::File(_) => Opened::It(Node::Made(id)),
            layer::Node::Link(link) => Opened::Link(link.target.clone().into()),
        }),
    }
}

/// Facts about a name, without opening it: a link is a link.
pub(crate) fn facts(place: &Place, name: &OsStr) -> Result<Facts, ErrorCode> {
    match there(place, name)? {
        There::Through(base) => Ok(Facts::of(&at::facts(base, name, place.device())?)),
        There::Node(id, node) => match &*node {
            layer::Node::Dir(dir) => facts_of(&made(place, name, id, dir)?),
            layer::Node::File(_) => FileRef::of_node(place, id)?.facts(),
            layer::Node::Link(link) => Ok(Facts::of_link(id, link)),
        },
    }
}

/// Facts about a directory.
pub(crate) fn facts_of(place: &Place) -> Result<Facts, ErrorCode> {
    let base = match &place.base {
        Some(base) => Some(Facts::of(&base.dir_metadata()?)),
        None => None,
    };
    let Some(id) = place.node else {
        return base.ok_or(ErrorCode::NoEntry);
    };
    Ok(match (place.layer.node(id).as_deref(), base) {
        (Some(layer::Node::Dir(dir)), base) => Facts::of_dir(id, dir, base),
        (_, Some(base)) => base,
        (_, None) => return Err(ErrorCode::NoEntry),
    })
}

/// What the link of that name says. [`Invalid`](ErrorCode::Invalid) when it is not a link.
pub(crate) fn link(place: &Place, name: &OsStr) -> Result<PathBuf, ErrorCode> {
    match there(place, name)? {
        There::Through(base) => at::link(base, name),
        There::Node(_, node) => match &*node {
            layer::Node::Link(link) => Ok(link.target.clone().into()),
            layer::Node::Dir(_) | layer::Node::File(_) => Err(ErrorCode::Invalid),
        },
    }
}

/// The directory that the layer has a node for, with what shows through in it.
fn made(place: &Place, name: &OsStr, id: NodeId, dir: &DirNode) -> Result<Place, ErrorCode> {
    let Some(origin) = &dir.origin else {
        return place.made(name, id, None);
    };
    let way = Way::along(origin)?;
    let in_place = way
        .split_last()
        .is_some_and(|(above, last)| last == name && above == place.home());
    let base = match (&place.base, in_place) {
        (Some(base), true) => match at::dir(base, name, place.device()) {
            Ok(Opened::It(dir)) => Ok(Arc::new(dir)),
            Ok(Opened::Link(_)) => Err(ErrorCode::NotDirectory),
            Err(error) => Err(error),
        },
        _ => place.layer.base_dir(origin),
    };
    match shows(base)? {
        Some(base) => place.made(name, id, Some((way, base))),
        None => place.made(name, id, None),
    }
}

/// A directory of the base, or none when others took it away meanwhile: then only what the layer has is there.
pub(crate) fn shows(base: Result<Arc<Dir>, ErrorCode>) -> Result<Option<Arc<Dir>>, ErrorCode> {
    match base {
        Ok(base) => Ok(Some(base)),
        Err(ErrorCode::NoEntry | ErrorCode::NotDirectory | ErrorCode::Busy) => Ok(None),
        Err(error) => Err(error),
    }
}
