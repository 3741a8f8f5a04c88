//! Everything in a directory, whoever may see it: before it is moved or removed, each name in it is asked for.

use super::{Child, Node};
use crate::list::kind_of;
use crate::open::{self, Opened};
use crate::place::Place;
use crate::stat::Kind;
use crate::state::fingerprint;
use crate::version::Digest;
use crate::{ErrorCode, at, bounds};
use rustix::fs::Dir;
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A name in a directory, and what it stands for.
pub(crate) struct Name {
    pub(crate) name: OsString,
    pub(crate) kind: Kind,
}

/// All names of a place, those that are hidden or not UTF-8 too, in no order.
pub(crate) fn names(place: &Place, most: usize) -> Result<Vec<Name>, ErrorCode> {
    let mut names = Vec::new();
    if let Some(base) = &place.base {
        let listable = at::listable_again(base)?;
        for entry in Dir::new(OwnedFd::from(listable.into_std_file()))? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." || place.child(name) != Child::Through {
                continue;
            }
            let kind = match kind_of(entry.file_type()) {
                Some(kind) => kind,
                None => match at::facts(base, name, place.device()) {
                    Ok(metadata) => crate::stat::kind(&metadata),
                    Err(ErrorCode::NoEntry) => continue,
                    Err(error) => return Err(error),
                },
            };
            if names.len() == most {
                return Err(ErrorCode::Overflow);
            }
            names.push(Name {
                name: name.to_owned(),
                kind,
            });
        }
    }
    for (name, child) in place.node.map_or(Vec::new(), |id| place.layer.children(id)) {
        let Child::Is(id) = child else { continue };
        let kind = match place.layer.node(id).as_deref() {
            Some(Node::Dir(_)) => Kind::Directory,
            Some(Node::File(_)) => Kind::File,
            Some(Node::Link(_)) => Kind::Symlink,
            None => continue,
        };
        names.push(Name {
            name: name.into(),
            kind,
        });
    }
    if names.len() > most {
        return Err(ErrorCode::Overflow);
    }
    Ok(names)
}

/// What a subtree would lead to, if it were moved or removed.
pub(crate) struct Subtree {
    /// Directories of the base that were moved into it, with what is in them now.
    pub(crate) moved: Vec<(String, Digest)>,
    /// How many names there are in it.
    pub(crate) names: usize,
}

/// Ask for each name in a directory whether it may go, and when it is moved, whether it may be where it comes to.
///
/// # Errors
///
/// [`NotPermitted`](ErrorCode::NotPermitted) when one is hidden or protected, where it is or where it would be;
/// [`CrossDevice`](ErrorCode::CrossDevice) for what is mounted in there; [`Overflow`](ErrorCode::Overflow) over
/// [`bounds::SUBTREE`] names or [`bounds::SUBTREE_DEPTH`] levels.
pub(crate) fn ask(top: Place, to: Option<(&Place, &Path)>) -> Result<Subtree, ErrorCode> {
    let from = top.way.path();
    let mut subtree = Subtree {
        moved: Vec::new(),
        names: 0,
    };
    // Directories are opened when it is their turn, so that what is open is one for each level.
    let mut left: Vec<(Rc<Place>, OsString, u32)> = Vec::new();
    let mut next = Some((Rc::new(top), 1));
    while let Some((place, level)) = next {
        if to.is_none() {
            subtree.moved.extend(came(&place)?);
        }
        let here = place.way.path();
        let there = to.map(|(_, to)| moved(&here, &from, to));
        for Name { name, kind } in names(&place, bounds::SUBTREE - subtree.names)? {
            subtree.names += 1;
            may_go(&place, &here, &name)?;
            if let (Some((target, _)), Some(there)) = (to, &there) {
                may_come(target, &there.join(&name), kind)?;
                if kind == Kind::Symlink {
                    let leads = open::link(&place, &name)?;
                    let depth = |path: &Path| path.components().count();
                    if stays(leads.as_os_str(), depth(&here))
                        && !stays(leads.as_os_str(), depth(there))
                    {
                        return Err(ErrorCode::NotPermitted);
                    }
                }
            }
            if kind == Kind::Directory {
                if level == bounds::SUBTREE_DEPTH {
                    return Err(ErrorCode::Overflow);
                }
                left.push((Rc::clone(&place), name, level));
            }
        }
        drop(place);
        next = None;
        while let Some((above, name, level)) = left.pop() {
            match open::dir(&above, &name) {
                Ok(Opened::It(place)) => {
                    next = Some((Rc::new(place), level + 1));
                    break;
                }
                // Others took it away meanwhile.
                Ok(Opened::Link(_)) | Err(ErrorCode::NoEntry | ErrorCode::NotDirectory) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(subtree)
}

/// Whether a link that stands `depth` names below somewhere can only lead to below there: relative, and with `..` only at its
/// beginning and not more often than there are directories above it.
pub(crate) fn stays(target: &OsStr, depth: usize) -> bool {
    let bytes = target.as_bytes();
    if bytes.is_empty() || bytes[0] == b'/' {
        return false;
    }
    let mut names = bytes.split(|byte| *byte == b'/');
    let mut up = 0;
    let mut down = false;
    names.all(|name| match name {
        b"" | b"." => true,
        b".." => {
            up += 1;
            !down && up <= depth
        }
        _ => {
            down = true;
            true
        }
    })
}

/// A directory of the base that is not in its place: where it was, and what is in it.
fn came(place: &Place) -> Result<Option<(String, Digest)>, ErrorCode> {
    match &place.base {
        Some(base) if place.node.is_some() && *place.home() != place.way => {
            Ok(Some((place.home().text()?, fingerprint(base)?)))
        }
        _ => Ok(None),
    }
}

fn may_go(place: &Place, here: &Path, name: &OsStr) -> Result<(), ErrorCode> {
    if place.hides(name) || place.reach.guards.protects(&here.join(name)) {
        return Err(ErrorCode::NotPermitted);
    }
    Ok(())
}

fn may_come(target: &Place, path: &Path, kind: Kind) -> Result<(), ErrorCode> {
    let guards = &target.reach.guards;
    let kept = match kind {
        Kind::Symlink => guards.protects_link(path),
        _ => guards.protects(path),
    };
    if kept || guards.hides(path) {
        return Err(ErrorCode::NotPermitted);
    }
    Ok(())
}

/// `path`, which is below `from`, when that is at `to`.
fn moved(path: &Path, from: &Path, to: &Path) -> PathBuf {
    match path.strip_prefix(from) {
        Ok(below) if below.as_os_str().is_empty() => to.to_owned(),
        Ok(below) => to.join(below),
        Err(_) => to.to_owned(),
    }
}
