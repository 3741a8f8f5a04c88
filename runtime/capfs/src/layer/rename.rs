//! Giving something another name.

use super::direct;
use super::names::{Found, find};
use super::remove::{emptied, freed};
use super::subtree::{self, Goes, Roots};
use crate::ErrorCode;
use crate::base;
use crate::change::ChangeKind;
use crate::open::{self, Opened};
use crate::place::Place;
use crate::stat::Kind;
use crate::target::{may_change, may_make, settle};
use crate::version::Digest;
use crate::way::Way;
use std::ffi::OsStr;

/// A name in a place, as it was asked for.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// Where the handle begins that it was asked for by.
    pub(crate) root: &'a Way,
    pub(crate) place: &'a Place,
    pub(crate) name: &'a OsStr,
    /// Whether a slash after it asks for a directory.
    pub(crate) wants_dir: bool,
}

/// Let what `from` stands for be called `to`. Both are of one layer.
pub(crate) fn rename(from: Asked, to: Asked, replace: bool) -> Result<(), ErrorCode> {
    let layer = &from.place.layer;
    if layer.is_direct() {
        // Both handles must hold until it is done.
        let _hold = to.place.reach.token.hold()?;
        return direct::change(from.place, |direct| {
            let (old, new) = (direct.still(from.place)?, direct.still(to.place)?);
            let Some(asked) = ask(from, to, replace)? else {
                return Ok(());
            };
            let kind = asked.kind;
            let replaced = asked.over.kind().is_some();
            let freed = match replaced {
                true => Some(freed(to.place, to.name)?),
                false => None,
            };
            base::rename(&old, from.name, &new, to.name, replace)?;
            if let Some(freed) = freed {
                direct.give_back(freed);
            }
            direct.note(from.place, from.name, kind, ChangeKind::Removed);
            let how = match replaced {
                true => ChangeKind::Modified,
                false => ChangeKind::Created,
            };
            direct.note(to.place, to.name, kind, how);
            Ok(())
        });
    }
    layer.writes_with(&from.place.reach);
    layer.writes_with(&to.place.reach);
    settle(|| {
        let turn = layer.turn();
        let (old, new) = (from.place.fresh()?, to.place.fresh()?);
        let from = Asked {
            place: &old,
            ..from
        };
        let to = Asked { place: &new, ..to };
        let Some(asked) = ask(from, to, replace)? else {
            return Ok(Some(()));
        };
        let name = from.name.to_str().ok_or(ErrorCode::Unsupported)?;
        let to_name = to.name.to_str().ok_or(ErrorCode::Unsupported)?;
        layer.change_at(turn, |live| {
            let dir = live.dir_at(layer, &old.way)?;
            let to_dir = live.dir_at(layer, &new.way)?;
            let id = live.node_at(layer, dir, name, &asked.found)?;
            if asked.over.kind().is_some() {
                if let Some(over) = live.take(to_dir, to_name, &asked.over)? {
                    live.drop_tree(over);
                }
                if let Some((origin, fingerprint)) = &asked.replaced {
                    live.removed(origin, *fingerprint);
                }
            }
            live.take(dir, name, &Found::Node(id, asked.kind))?;
            live.name(to_dir, to_name, id)?;
            layer.moved(asked.kind == Kind::Directory);
            Ok(())
        })
    })
}

/// What a rename is about.
struct Renaming {
    found: Found,
    kind: Kind,
    over: Found,
    /// The directory of the base that goes, and what is in it.
    replaced: Option<(String, Digest)>,
}

/// Whether it may be done; none when both names are one.
fn ask(from: Asked, to: Asked, replace: bool) -> Result<Option<Renaming>, ErrorCode> {
    may_change(from.place, from.name)?;
    let found = find(from.place, from.name)?;
    let kind = found.kind().ok_or(ErrorCode::NoEntry)?;
    if kind != Kind::Directory && (from.wants_dir || to.wants_dir) {
        return Err(ErrorCode::NotDirectory);
    }
    may_make(to.place, to.name)?;
    let (path, to_path) = (from.place.path_of(from.name), to.place.path_of(to.name));
    // What one handle is kept from changing, the other must not help it to.
    let (guards, to_guards) = (&from.place.reach.guards, &to.place.reach.guards);
    if guards.protects(&to_path) || to_guards.protects(&path) {
        return Err(ErrorCode::NotPermitted);
    }
    if path == to_path {
        return Ok(None);
    }
    if kind == Kind::Directory && to_path.starts_with(&path) {
        return Err(ErrorCode::Invalid);
    }
    let roots = Roots {
        from: from.root,
        to: to.root,
    };
    if kind == Kind::Symlink {
        let leads = open::link(from.place, from.name)?;
        let depth = |place: &Place| place.way.depth() as usize;
        let passes = roots.let_pass(leads.as_os_str(), depth(from.place), depth(to.place));
        if !passes || guards.protects_link(&to_path) || to_guards.protects_link(&to_path) {
            return Err(ErrorCode::NotPermitted);
        }
    }
    let over = find(to.place, to.name)?;
    let mut replaced = None;
    match (kind, over.kind()) {
        (_, None) => {}
        (_, Some(_)) if !replace => return Err(ErrorCode::Exist),
        (Kind::Directory, Some(Kind::Directory)) => {
            let Opened::It(dir) = open::dir(to.place, to.name)? else {
                return Err(ErrorCode::Busy);
            };
            replaced = emptied(&dir)?;
        }
        (Kind::Directory, Some(_)) => return Err(ErrorCode::NotDirectory),
        (_, Some(Kind::Directory)) => return Err(ErrorCode::IsDirectory),
        (_, Some(_)) => {}
    }
    if kind == Kind::Directory {
        let Opened::It(dir) = open::dir(from.place, from.name)? else {
            return Err(ErrorCode::Busy);
        };
        let goes = Goes {
            target: to.place,
            path: &to_path,
            roots,
        };
        subtree::ask(dir, Some(goes))?;
    }
    Ok(Some(Renaming {
        found,
        kind,
        over,
        replaced,
    }))
}
