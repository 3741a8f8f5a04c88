//! Changes that go to the base at once: held off from revocation, one at a time in a call, charged as they happen.

use crate::ErrorCode;
use crate::at::{self, Opened};
use crate::change::ChangeKind;
use crate::ledger::{Amount, Ledger};
use crate::place::Place;
use crate::stat::Kind;
use crate::volume::held;
use cap_std::fs::{Dir, MetadataExt};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::sync::{Arc, MutexGuard};

/// A change of the base that is under way.
pub(crate) struct Direct<'a> {
    ledger: &'a Ledger,
    changes: MutexGuard<'a, BTreeMap<String, ChangeKind>>,
}

/// Change the base with the reach of a place.
pub(crate) fn change<T>(
    place: &Place,
    act: impl FnOnce(&mut Direct) -> Result<T, ErrorCode>,
) -> Result<T, ErrorCode> {
    let _hold = place.reach.token.hold()?;
    place.layer.writes_with(&place.reach);
    act(&mut Direct {
        ledger: &place.reach.ledger,
        changes: held(&place.layer.0.direct),
    })
}

impl Direct<'_> {
    /// Charge something, do it, and give back when it failed.
    pub(crate) fn charged<T>(
        &mut self,
        more: Amount,
        act: impl FnOnce(&Self) -> Result<T, ErrorCode>,
    ) -> Result<T, ErrorCode> {
        self.ledger.charge(more)?;
        let done = act(self);
        if done.is_err() {
            self.ledger.give_back(more);
        }
        done
    }

    /// The directory of a place, if that is still where the place says. Otherwise what was asked about a path would be done to another:
    /// [`Busy`](ErrorCode::Busy).
    pub(crate) fn still(&self, place: &Place) -> Result<Arc<Dir>, ErrorCode> {
        let dir = place.base.as_ref().ok_or(ErrorCode::NoEntry)?;
        let mut now = Arc::clone(place.grant().root());
        for name in place.way.names_from(0) {
            now = match at::dir(&now, name, place.device())? {
                Opened::It(below) => Arc::new(below),
                Opened::Link(_) => return Err(ErrorCode::Busy),
            };
        }
        let (now, was) = (now.dir_metadata()?, dir.dir_metadata()?);
        match (now.dev(), now.ino()) == (was.dev(), was.ino()) {
            true => Ok(Arc::clone(dir)),
            false => Err(ErrorCode::Busy),
        }
    }

    /// Something is gone.
    pub(crate) fn give_back(&mut self, less: Amount) {
        self.ledger.give_back(less);
    }

    /// Note what became of a name. A directory's ends in `/`. One that is not UTF-8 cannot be told of.
    pub(crate) fn note(&mut self, place: &Place, name: &OsStr, kind: Kind, how: ChangeKind) {
        let Ok(mut path) = place.path_of(name).into_os_string().into_string() else {
            return;
        };
        if kind == Kind::Directory {
            path.push('/');
        }
        let how = match (self.changes.get(&path), how) {
            // It is as it was, as far as names go.
            (Some(ChangeKind::Created), ChangeKind::Removed) => {
                self.changes.remove(&path);
                return;
            }
            (Some(ChangeKind::Created), _) => ChangeKind::Created,
            (Some(ChangeKind::Removed), ChangeKind::Created) => ChangeKind::Modified,
            (_, how) => how,
        };
        self.changes.insert(path, how);
    }
}
