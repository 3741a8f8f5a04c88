//! Times of files and directories.

use super::names::find;
use super::{contents, direct};
use crate::change::ChangeKind;
use crate::facts::Times;
use crate::open::{self, Opened};
use crate::place::Place;
use crate::stat::Kind;
use crate::target::{Is, covered, existing, may_change, settle, writable};
use crate::{ErrorCode, at, base};
use cap_std::fs::File;
use std::ffi::OsStr;

/// Set the times of what `name` in `place` stands for; of a link itself.
pub(crate) fn set(place: &Place, name: &OsStr, times: Times) -> Result<(), ErrorCode> {
    may_change(place, name)?;
    match find(&*place.fresh()?, name)?.kind() {
        None => Err(ErrorCode::NoEntry),
        Some(Kind::File) => match existing(place, name)? {
            Is::Made(opening) => contents::set_times(&opening, &place.reach, times),
            Is::Direct(file) => direct::change(place, |direct| {
                base::set_times(&file, times)?;
                direct.note(place, name, Kind::File, ChangeKind::Modified);
                Ok(())
            }),
        },
        Some(kind) if place.layer.is_direct() => direct::change(place, |direct| {
            let dir = direct.still(place)?;
            base::set_times_at(&dir, name, times)?;
            direct.note(place, name, kind, ChangeKind::Modified);
            Ok(())
        }),
        Some(Kind::Directory) => match open::dir(&*place.fresh()?, name)? {
            Opened::It(dir) => set_dir(&dir, times),
            // It was a directory a moment ago.
            Opened::Link(_) => Err(ErrorCode::Busy),
        },
        Some(_) => Err(ErrorCode::Unsupported),
    }
}

/// Set the times of a directory.
pub(crate) fn set_dir(dir: &Place, times: Times) -> Result<(), ErrorCode> {
    writable(dir)?;
    covered(dir, None)?;
    let path = dir.way.path();
    // The directory of a single file that was granted is not granted.
    if dir.only.is_some() || dir.reach.guards.protects(&path) {
        return Err(ErrorCode::NotPermitted);
    }
    let layer = &dir.layer;
    if layer.is_direct() {
        return direct::change(dir, |direct| {
            let file = at::listable_again(&*direct.still(dir)?)?.into_std_file();
            base::set_times(&File::from_std(file), times)
        });
    }
    let (accessed, modified) = contents::at(layer, times)?;
    layer.writes_with(&dir.reach);
    settle(|| {
        let turn = layer.turn();
        let place = dir.fresh()?;
        layer.change_at(turn, |live| {
            let id = live.dir_at(layer, &place.way)?;
            let dir = live.delta.dir_mut(id).ok_or(ErrorCode::NotDirectory)?;
            dir.attributes.accessed = accessed.or(dir.attributes.accessed);
            dir.attributes.modified = modified.or(dir.attributes.modified);
            layer.moved(false);
            Ok(())
        })
    })
}
