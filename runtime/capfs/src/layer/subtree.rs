//! Everything in a directory, whoever may see it: before it is moved or removed, each name in it is asked for.

use super::{Child, Node};
use crate::list::kind_of;
use crate::open::{self, Opened};
use crate::place::Place;
use crate::stat::Kind;
use crate::state::fingerprint_within;
use crate::version::Digest;
use crate::way::Way;
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
    /// When it is removed: the directories of the base that go with it from where they were, itself and those that
    /// were moved into it, with what is in them now.
    pub(crate) moved: Vec<(String, Digest)>,
    /// How many names there are in it.
    pub(crate) names: usize,
}

/// Where a directory is to be.
#[derive(Clone, Copy)]
pub(crate) struct Goes<'a> {
    /// The place that it comes to, and what it is called from the volume's root.
    pub(crate) target: &'a Place,
    pub(crate) path: &'a Path,
    pub(crate) roots: Roots<'a>,
}

/// Where the handles begin by which something is moved.
#[derive(Clone, Copy)]
pub(crate) struct Roots<'a> {
    pub(crate) from: &'a Way,
    pub(crate) to: &'a Way,
}

impl Roots<'_> {
    /// Whether a link that says `target` may be moved from a directory that is `here` names below the volume's root
    /// to one that is `there` below it: it must not lead out of the handle by which it comes, nor further out than
    /// before where that is the same one.
    pub(crate) fn let_pass(&self, target: &OsStr, here: usize, there: usize) -> bool {
        let bytes = target.as_bytes();
        if bytes.first() == Some(&b'/') {
            // It leads to the same from everywhere, and no handle follows it.
            return true;
        }
        // Where a `..` after a name leads is not known: it counts as well.
        let up = bytes.split(|byte| *byte == b'/');
        let up = up.filter(|name| *name == b"..").count();
        let stays = up + self.to.depth() as usize <= there;
        stays || (self.from == self.to && here <= there)
    }
}

/// Ask for each name in a directory whether it may go, and when it is moved, whether it may be where it comes to.
///
/// # Errors
///
/// [`NotPermitted`](ErrorCode::NotPermitted) when one is hidden or protected, where it is or where it would be, or
/// when a link would lead out; [`CrossDevice`](ErrorCode::CrossDevice) for what is mounted in there;
/// [`Overflow`](ErrorCode::Overflow) over [`bounds::SUBTREE`] names or [`bounds::SUBTREE_DEPTH`] levels.
pub(crate) fn ask(top: Place, to: Option<Goes<'_>>) -> Result<Subtree, ErrorCode> {
    let from = top.way.path();
    let mut subtree = Subtree {
        moved: Vec::new(),
        names: 0,
    };
    // Names of the base that are looked at besides: of what is in it, some may show elsewhere or nowhere by now.
    let mut left_of_base = bounds::SUBTREE;
    // Directories are opened when it is their turn, so that what is open is one for each level.
    let mut left: Vec<(Rc<Place>, OsString, u32)> = Vec::new();
    let mut next = Some((Rc::new(top), 1));
    while let Some((place, level)) = next {
        if to.is_none() {
            // Before the names are asked for: what others put in later is a conflict when it is applied.
            let gone = gone(&place, level == 1, &mut left_of_base)?;
            subtree.moved.extend(gone);
        }
        let here = place.way.path();
        let there = to.map(|goes| (goes, moved(&here, &from, goes.path)));
        for Name { name, kind } in names(&place, bounds::SUBTREE - subtree.names)? {
            subtree.names += 1;
            may_go(&place, &here, &name)?;
            if let Some((goes, there)) = &there {
                may_come(goes.target, &there.join(&name), kind)?;
                let depth = |path: &Path| path.components().count();
                if kind == Kind::Symlink
                    && !(goes.roots).let_pass(
                        open::link(&place, &name)?.as_os_str(),
                        depth(&here),
                        depth(there),
                    )
                {
                    return Err(ErrorCode::NotPermitted);
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

/// A directory of the base that goes, the `first` or one that is not in its place: where it was, and what is in it.
fn gone(
    place: &Place,
    first: bool,
    left: &mut usize,
) -> Result<Option<(String, Digest)>, ErrorCode> {
    let came = || place.node.is_some() && *place.home() != place.way;
    match &place.base {
        Some(base) if !place.layer.is_direct() && (first || came()) => Ok(Some((
            place.home().text()?,
            fingerprint_within(base, left)?,
        ))),
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
