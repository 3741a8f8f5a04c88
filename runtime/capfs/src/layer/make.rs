//! New directories and links.

use super::delta::{DirNode, LinkNode, Node};
use super::names::{Found, find};
use super::subtree::stays;
use super::{Charge, direct};
use crate::change::ChangeKind;
use crate::change_set::Attributes;
use crate::ledger::Amount;
use crate::place::Place;
use crate::stat::Kind;
use crate::target::{may_make, settle};
use crate::{ErrorCode, base, bounds};
use std::ffi::OsStr;

const ONE: Amount = Amount {
    bytes: 0,
    entries: 1,
};

/// A new directory called `name` in `place`.
pub(crate) fn dir(place: &Place, name: &OsStr) -> Result<(), ErrorCode> {
    free(place, name)?;
    if place.layer.is_direct() {
        return direct::change(place, |direct| {
            let dir = direct.still(place)?;
            direct.charged(ONE, |_| base::make_dir(&dir, name))?;
            direct.note(place, name, Kind::Directory, ChangeKind::Created);
            Ok(())
        });
    }
    let vault = place.layer.volume().vault().ok_or(ErrorCode::Access)?;
    make(place, name, |charge| {
        Node::Dir(DirNode {
            attributes: Attributes {
                mode: Some(vault.new_dir()),
                ..Attributes::default()
            },
            charge: Some(charge),
            ..DirNode::default()
        })
    })
}

/// A new symbolic link called `name` in `place`, which is `depth` names below what its handle covers.
pub(crate) fn link(place: &Place, name: &OsStr, depth: u32, target: &str) -> Result<(), ErrorCode> {
    if target.is_empty() {
        return Err(ErrorCode::NoEntry);
    }
    if target.contains('\0') {
        return Err(ErrorCode::Invalid);
    }
    if target.len() >= bounds::PATH {
        return Err(ErrorCode::NameTooLong);
    }
    free(place, name)?;
    let guards = &place.reach.guards;
    if !stays(OsStr::new(target), depth as usize) || guards.protects_link(&place.path_of(name)) {
        return Err(ErrorCode::NotPermitted);
    }
    if place.layer.is_direct() {
        return direct::change(place, |direct| {
            let dir = direct.still(place)?;
            direct.charged(ONE, |_| base::make_link(&dir, target, name))?;
            direct.note(place, name, Kind::Symlink, ChangeKind::Created);
            Ok(())
        });
    }
    make(place, name, |charge| {
        Node::Link(LinkNode {
            origin: None,
            target: target.to_owned(),
            charge: Some(charge),
        })
    })
}

/// Check that a handle may let a name stand for something new, and that it stands for nothing it may see.
fn free(place: &Place, name: &OsStr) -> Result<(), ErrorCode> {
    let may = may_make(place, name);
    // What is protected can be looked at: there is nothing to keep silent about.
    let silent = place.hides(name) || place.is_alias(name);
    if may == Err(ErrorCode::NotPermitted) && silent {
        return may;
    }
    match find(&*place.fresh()?, name) {
        Ok(Found::Nothing) => may,
        // Something that is neither a file nor a directory nor a link.
        Ok(_) | Err(ErrorCode::Unsupported) => Err(ErrorCode::Exist),
        Err(error) => Err(error),
    }
}

fn make(place: &Place, name: &OsStr, node: impl Fn(Charge) -> Node) -> Result<(), ErrorCode> {
    let layer = &place.layer;
    let text = name.to_str().ok_or(ErrorCode::Unsupported)?;
    layer.writes_with(&place.reach);
    settle(|| {
        let turn = layer.turn();
        let place = place.fresh()?;
        if !matches!(find(&place, name)?, Found::Nothing) {
            return Err(ErrorCode::Exist);
        }
        layer.change_at(turn, |live| {
            let node = node(Charge::new(&place.reach.ledger, 0, 1)?);
            let dir = live.dir_at(layer, &place.way)?;
            let id = layer.volume().next_node();
            live.put(dir, text, id, node)?;
            layer.moved(true);
            Ok(())
        })
    })
}
