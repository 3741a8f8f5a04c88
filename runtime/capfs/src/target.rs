//! What a handle to change one file stands for: the file, or the name that it will have.

use crate::change::ChangeKind;
use crate::change_set::{Attributes, Was};
use crate::file_ref::Opening;
use crate::layer::{FileNode, Node, names};
use crate::ledger::Amount;
use crate::open::{self, Opened};
use crate::path::GuestPath;
use crate::place::Place;
use crate::rights::Rights;
use crate::stat::Kind;
use crate::version::{Stamp, Version};
use crate::volume::held;
use crate::write_dir::Expect;
use crate::{ErrorCode, base, layer};
use cap_std::fs::File;
use std::ffi::{OsStr, OsString};
use std::sync::{Arc, Mutex};

/// A file to change.
pub(crate) struct Target {
    /// Where it is or will be.
    place: Place,
    name: OsString,
    expect: Expect,
    is: Mutex<Option<Arc<Is>>>,
}

/// A file that is there.
pub(crate) enum Is {
    /// The layer has a node for it.
    Made(Opening),
    /// It is the base's, open to read and write.
    Direct(File),
}

/// Try until nobody else changed the layer meanwhile. Whoever fails was overtaken by somebody who did not.
pub(crate) fn settle<T>(
    mut act: impl FnMut() -> Result<Option<T>, ErrorCode>,
) -> Result<T, ErrorCode> {
    for _ in 0..10_000 {
        if let Some(done) = act()? {
            return Ok(done);
        }
    }
    Err(ErrorCode::Busy)
}

/// Check that a handle may change things at all.
pub(crate) fn writable(place: &Place) -> Result<(), ErrorCode> {
    let may = place.reach.rights.allows(Rights::READ_WRITE) && place.layer.locked().is_some();
    may.then_some(()).ok_or(ErrorCode::Access)
}

/// Check that the call has locked what it changes. Others may write there otherwise: [`Busy`](ErrorCode::Busy).
pub(crate) fn covered(place: &Place, name: Option<&OsStr>) -> Result<(), ErrorCode> {
    let places = place
        .layer
        .locked()
        .map_or(&[][..], |locked| locked.places());
    if places.iter().any(GuestPath::is_root) {
        return Ok(());
    }
    let mut way = place.way.names_from(0);
    way.extend(name);
    let covers = |locked: &GuestPath| {
        let mut names = way.iter();
        locked
            .components()
            .all(|name| names.next().is_some_and(|it| **it == *name))
    };
    places
        .iter()
        .any(covers)
        .then_some(())
        .ok_or(ErrorCode::Busy)
}

/// Check that a handle may change what `name` in `place` stands for.
pub(crate) fn may_change(place: &Place, name: &OsStr) -> Result<(), ErrorCode> {
    writable(place)?;
    covered(place, Some(name))?;
    place.sees(name)?;
    if place.reach.guards.protects(&place.path_of(name)) {
        return Err(ErrorCode::NotPermitted);
    }
    Ok(())
}

/// Check that a handle may let `name` in `place` stand for something new. Nothing is said of what is there.
pub(crate) fn may_make(place: &Place, name: &OsStr) -> Result<(), ErrorCode> {
    match may_change(place, name) {
        Err(ErrorCode::NoEntry) => Err(ErrorCode::NotPermitted),
        checked => checked,
    }
}

impl Target {
    /// The file `name` in `place`, which must be as expected. Nothing is made yet.
    pub(crate) fn open(
        place: Place,
        name: OsString,
        expect: Expect,
    ) -> Result<Arc<Self>, ErrorCode> {
        match expect {
            Expect::Existing => may_change(&place, &name)?,
            Expect::New | Expect::Either => may_make(&place, &name)?,
        }
        let is = match (existing(&place, &name), expect) {
            (Ok(_), Expect::New) => return Err(ErrorCode::Exist),
            (Ok(is), _) => Some(Arc::new(is)),
            (Err(ErrorCode::NoEntry), Expect::New | Expect::Either) => None,
            (
                Err(ErrorCode::IsDirectory | ErrorCode::Loop | ErrorCode::Unsupported),
                Expect::New,
            ) => return Err(ErrorCode::Exist),
            (Err(error), _) => return Err(error),
        };
        if is.is_none() {
            name.to_str().ok_or(ErrorCode::Unsupported)?;
        }
        Ok(Arc::new(Self {
            place,
            name,
            expect,
            is: Mutex::new(is),
        }))
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) fn name(&self) -> &OsStr {
        &self.name
    }

    /// The file, if it is there by now.
    pub(crate) fn there(&self) -> Result<Arc<Is>, ErrorCode> {
        let mut is = held(&self.is);
        if let Some(is) = &*is {
            return Ok(Arc::clone(is));
        }
        let found = Arc::new(existing(&self.place, &self.name)?);
        *is = Some(Arc::clone(&found));
        Ok(found)
    }

    /// The file, made if it is not there.
    pub(crate) fn need(&self) -> Result<Arc<Is>, ErrorCode> {
        let mut is = held(&self.is);
        if let Some(is) = &*is {
            return Ok(Arc::clone(is));
        }
        let made = settle(|| {
            match existing(&self.place, &self.name) {
                Ok(_) if self.expect == Expect::New => return Err(ErrorCode::Exist),
                Ok(is) => return Ok(Some(is)),
                Err(ErrorCode::NoEntry) => {}
                Err(error) => return Err(error),
            }
            let made = match self.place.layer.is_direct() {
                true => self.make_direct(),
                false => self.make(),
            };
            match made {
                // Somebody else made it a moment ago.
                Err(ErrorCode::Exist) if self.expect != Expect::New => Ok(None),
                made => made,
            }
        })?;
        let made = Arc::new(made);
        *is = Some(Arc::clone(&made));
        Ok(made)
    }

    /// The file is another one from now on.
    pub(crate) fn set(&self, is: Is) {
        *held(&self.is) = Some(Arc::new(is));
    }

    fn make(&self) -> Result<Option<Is>, ErrorCode> {
        let layer = &self.place.layer;
        layer.writes_with(&self.place.reach);
        let turn = layer.turn();
        let place = self.place.fresh()?;
        if !matches!(names::find(&place, &self.name)?, names::Found::Nothing) {
            return Err(ErrorCode::Exist);
        }
        let name = self.name.to_str().ok_or(ErrorCode::Unsupported)?;
        let vault = layer.volume().vault().ok_or(ErrorCode::Access)?;
        let id = layer.volume().next_node();
        let made = layer.change_at(turn, |live| {
            let charge = layer::Charge::new(&place.reach.ledger, 0, 1)?;
            let blob = vault.blob()?;
            let dir = live.dir_at(layer, &place.way)?;
            let node = FileNode {
                origin: None,
                blob: Some(Arc::new(blob)),
                attributes: Attributes {
                    mode: Some(vault.new_file()),
                    ..Attributes::default()
                },
                charge: Some(charge),
            };
            live.put(dir, name, id, Node::File(node))?;
            live.open(id);
            layer.moved(false);
            Ok(())
        })?;
        Ok(made.map(|()| Is::Made(Opening::counted(layer, id, None))))
    }

    fn make_direct(&self) -> Result<Option<Is>, ErrorCode> {
        let place = &self.place;
        let file = layer::direct::change(place, |direct| {
            let dir = direct.still(place)?;
            let new = Amount {
                bytes: 0,
                entries: 1,
            };
            let file = direct.charged(new, |_| base::create(&dir, &self.name, 0o666))?;
            direct.note(place, &self.name, Kind::File, ChangeKind::Created);
            Ok(file)
        })?;
        Ok(Some(Is::Direct(file)))
    }
}

/// The file that `name` in `place` stands for, open to be changed.
pub(crate) fn existing(place: &Place, name: &OsStr) -> Result<Is, ErrorCode> {
    if place.layer.is_direct() {
        return layer::direct::change(place, |direct| {
            let dir = direct.still(place)?;
            match base::writable(&dir, name, place.device())? {
                Opened::It((file, _)) => Ok(Is::Direct(file)),
                Opened::Link(_) => Err(ErrorCode::Loop),
            }
        });
    }
    let layer = &place.layer;
    settle(|| {
        let turn = layer.turn();
        let place = place.fresh()?;
        let (found, base) = match open::node(&place, name)? {
            Opened::Link(_) => return Err(ErrorCode::Loop),
            Opened::It(open::Node::Dir(_)) => return Err(ErrorCode::IsDirectory),
            Opened::It(open::Node::Made(id)) => {
                let base = Opening::base_of(layer, id)?;
                (names::Found::Node(id, Kind::File), base)
            }
            Opened::It(open::Node::Base(file, stat)) => {
                let version = Version {
                    stamp: Stamp::of_stat(&stat),
                    digest: None,
                };
                let was = Was::File(version);
                (names::Found::Base(was), Some(file))
            }
        };
        let name = name.to_str().ok_or(ErrorCode::Unsupported)?;
        let mut base = base;
        layer.change_at(turn, |live| {
            let id = match found {
                names::Found::Node(id, _) => id,
                _ => {
                    let dir = live.dir_at(layer, &place.way)?;
                    live.node_at(layer, dir, name, &found)?
                }
            };
            live.open(id);
            Ok(Is::Made(Opening::counted(layer, id, base.take())))
        })
    })
}
