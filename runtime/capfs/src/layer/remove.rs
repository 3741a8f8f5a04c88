//! Removing files, links and directories.

use super::direct::{self, Direct};
use super::names::{Found, find};
use super::subtree::{self, Name};
use crate::change::ChangeKind;
use crate::ledger::Amount;
use crate::open::{self, Opened};
use crate::place::Place;
use crate::stat::Kind;
use crate::state::fingerprint;
use crate::target::{may_change, settle};
use crate::version::Digest;
use crate::{ErrorCode, at, base, bounds};
use std::ffi::{OsStr, OsString};
use std::rc::Rc;

/// What may be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A file, a link, or a directory with nothing in it.
    Any,
    /// Whatever it is, with all that is in it.
    Tree,
    /// A file or a link.
    File,
    /// A directory with nothing in it.
    Dir,
}

/// Remove `name` in `place`.
pub(crate) fn remove(place: &Place, name: &OsStr, what: What) -> Result<(), ErrorCode> {
    if place.layer.is_direct() {
        return direct::change(place, |direct| remove_direct(direct, place, name, what));
    }
    let layer = &place.layer;
    layer.writes_with(&place.reach);
    settle(|| {
        let turn = layer.turn();
        let place = place.fresh()?;
        let Ask { found, origins } = ask(&place, name, what)?;
        let text = name.to_str().ok_or(ErrorCode::Unsupported)?;
        layer.change_at(turn, |live| {
            let dir = live.dir_at(layer, &place.way)?;
            if let Some(id) = live.take(dir, text, &found)? {
                live.drop_tree(id);
            }
            for (origin, fingerprint) in &origins {
                live.removed(origin, *fingerprint);
            }
            layer.moved(found.kind() == Some(Kind::Directory));
            Ok(())
        })
    })
}

/// What is to be removed.
struct Ask {
    found: Found,
    /// The directories of the base that go with it from where they were, and what is in them.
    origins: Vec<(String, Digest)>,
}

fn ask(place: &Place, name: &OsStr, what: What) -> Result<Ask, ErrorCode> {
    may_change(place, name)?;
    let found = find(place, name)?;
    let kind = found.kind().ok_or(ErrorCode::NoEntry)?;
    let mut origins = Vec::new();
    match (kind, what) {
        (Kind::Directory, What::File) => return Err(ErrorCode::IsDirectory),
        (Kind::Directory, _) => {
            let Opened::It(dir) = open::dir(place, name)? else {
                return Err(ErrorCode::Busy);
            };
            match what {
                What::Tree => origins = subtree::ask(dir, None)?.moved,
                _ => origins.extend(emptied(&dir)?),
            }
        }
        (_, What::Dir) => return Err(ErrorCode::NotDirectory),
        _ => {}
    }
    Ok(Ask { found, origins })
}

/// Check that there is nothing in a directory. One that only looks so must not be removed either, and says nothing more.
pub(crate) fn empty(dir: &Place) -> Result<(), ErrorCode> {
    let names = subtree::names(dir, bounds::SUBTREE)?;
    if names.iter().any(|it| !dir.hides(&it.name)) {
        return Err(ErrorCode::NotEmpty);
    }
    match names.is_empty() {
        true => Ok(()),
        false => Err(ErrorCode::NotPermitted),
    }
}

/// As [`empty`], with what of the base goes with it, if anything: where it was, and what is in it.
pub(crate) fn emptied(dir: &Place) -> Result<Option<(String, Digest)>, ErrorCode> {
    empty(dir)?;
    let Some(base) = dir.base.as_ref().filter(|_| !dir.layer.is_direct()) else {
        return Ok(None);
    };
    let print = fingerprint(base)?;
    // What others put in it in between is in the print, and would go unasked.
    empty(dir)?;
    Ok(Some((dir.home().text()?, print)))
}

fn remove_direct(
    direct: &mut Direct,
    place: &Place,
    name: &OsStr,
    what: What,
) -> Result<(), ErrorCode> {
    direct.still(place)?;
    let kind = ask(place, name, what)?.found.kind();
    if kind != Some(Kind::Directory) || what != What::Tree {
        return one(direct, place, name, kind.unwrap_or(Kind::Other));
    }
    // Each directory twice: to look what is in it, and to remove it when that is gone.
    let top = Rc::new(place.clone());
    let mut left: Vec<(Rc<Place>, OsString, Kind, bool)> =
        vec![(top, name.to_owned(), Kind::Directory, false)];
    while let Some((above, name, kind, emptied)) = left.pop() {
        if kind != Kind::Directory || emptied {
            one(direct, &above, &name, kind)?;
            continue;
        }
        let Opened::It(dir) = open::dir(&above, &name)? else {
            return Err(ErrorCode::Busy);
        };
        left.push((above, name, kind, true));
        let dir = Rc::new(dir);
        for Name { name, kind } in subtree::names(&dir, bounds::SUBTREE)? {
            left.push((Rc::clone(&dir), name, kind, false));
        }
    }
    Ok(())
}

/// Remove one name from the base.
fn one(direct: &mut Direct, place: &Place, name: &OsStr, kind: Kind) -> Result<(), ErrorCode> {
    let dir = place.base.as_deref().ok_or(ErrorCode::NoEntry)?;
    let freed = freed(place, name)?;
    match kind {
        Kind::Directory => base::remove_dir(dir, name)?,
        _ => base::remove_file(dir, name)?,
    }
    direct.give_back(freed);
    direct.note(place, name, kind, ChangeKind::Removed);
    Ok(())
}

/// What a name of the base counts.
pub(crate) fn freed(place: &Place, name: &OsStr) -> Result<Amount, ErrorCode> {
    let dir = place.base.as_deref().ok_or(ErrorCode::NoEntry)?;
    let metadata = at::facts(dir, name, place.device())?;
    Ok(Amount {
        bytes: if metadata.is_file() {
            metadata.len()
        } else {
            0
        },
        entries: 1,
    })
}
