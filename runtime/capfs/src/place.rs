//! A directory as a call sees it: what shows through from the base, what the layer says of it, and whose reach it is
//! seen with.
//!
//! Everything above [`open`](crate::open) and [`list`](crate::list) works on places, so it cannot tell a directory of
//! the base from one that only a layer has, nor see a name that is kept from it.

use crate::grant::Grant;
use crate::guard::{Guards, is_alias};
use crate::handles::Reach;
use crate::layer::{Child, Layer, NodeId, ROOT};
use crate::open::Device;
use crate::way::Way;
use crate::{ErrorCode, layer, open};
use cap_std::fs::Dir;
use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::Arc;

/// A directory of a volume, seen by one call. Cheap to clone: a few counts go up.
#[derive(Clone)]
pub(crate) struct Place {
    /// The call's view of the volume.
    pub(crate) layer: Layer,
    /// What the handle may do that it was found through.
    pub(crate) reach: Arc<Reach>,
    /// Where it is in the layer: plain names from the volume's root.
    pub(crate) way: Way,
    /// Where the directory whose names show through is in the base. None: at `way`.
    pub(crate) origin: Option<Way>,
    /// The base directory whose names show through, open. None when it is new in the layer.
    pub(crate) base: Option<Arc<Dir>>,
    /// The layer's node for it. None: nothing in it or below is changed.
    pub(crate) node: Option<NodeId>,
    /// The layer's epoch when `base` and `node` were found.
    pub(crate) epoch: u64,
    /// The one name that there is here, when it is the mount of a single file.
    pub(crate) only: Option<Arc<OsStr>>,
}

impl Place {
    /// The root of the layer's volume.
    pub(crate) fn root(layer: Layer, reach: Arc<Reach>) -> Place {
        let epoch = layer.epoch();
        let node = (!layer.is_plain()).then_some(ROOT);
        let grant = layer.volume().grant();
        let (base, only) = (Arc::clone(grant.root()), grant.only().cloned());
        Self {
            reach,
            way: Way::default(),
            origin: None,
            base: Some(base),
            node,
            epoch,
            only,
            layer,
        }
    }

    /// What was granted.
    pub(crate) fn grant(&self) -> &Grant {
        self.layer.volume().grant()
    }

    /// Where opened things have to lie.
    pub(crate) fn device(&self) -> Device {
        self.grant().device()
    }

    /// This place as it is now. It stands for its name: when the layer changed since it was found, it is found again.
    /// Directories of the base stay the ones that were opened.
    pub(crate) fn fresh(&self) -> Result<Cow<'_, Place>, ErrorCode> {
        if self.layer.is_plain() {
            return Ok(Cow::Borrowed(self));
        }
        let epoch = self.layer.epoch();
        if epoch == self.epoch {
            return Ok(Cow::Borrowed(self));
        }
        self.again(epoch).map(Cow::Owned)
    }

    fn again(&self, epoch: u64) -> Result<Place, ErrorCode> {
        // The layer's nodes say where the names show through from; nothing is opened unless that is another place
        // than before.
        let mut node = Some(ROOT);
        let mut origin: Option<Way> = Some(Way::default());
        for name in self.way.names_from(0) {
            match child(&self.layer, node, name) {
                Child::Gone => return Err(ErrorCode::NoEntry),
                Child::Through => {
                    node = None;
                    origin = Some(origin.ok_or(ErrorCode::NoEntry)?.push(name.to_owned())?);
                }
                Child::Is(id) => {
                    node = Some(id);
                    origin = match self.layer.node(id).as_deref() {
                        Some(layer::Node::Dir(dir)) => match &dir.origin {
                            Some(path) => Some(Way::along(path)?),
                            None => None,
                        },
                        Some(_) => return Err(ErrorCode::NotDirectory),
                        None => return Err(ErrorCode::NoEntry),
                    };
                }
            }
        }
        let base = match (&origin, &self.base) {
            (None, _) => None,
            (Some(origin), Some(base)) if *origin == *self.home() => Some(Arc::clone(base)),
            (Some(origin), _) => open::shows(self.layer.base_dir(&origin.text()?))?,
        };
        if base.is_none() && node.is_none() {
            return Err(ErrorCode::NoEntry);
        }
        Ok(Self {
            layer: self.layer.clone(),
            reach: Arc::clone(&self.reach),
            way: self.way.clone(),
            origin: origin.filter(|origin| *origin != self.way),
            base,
            node,
            epoch,
            only: self.only.clone(),
        })
    }

    /// Where the directory whose names show through is in the base. It means nothing when `base` is none.
    pub(crate) fn home(&self) -> &Way {
        self.origin.as_ref().unwrap_or(&self.way)
    }

    /// Where `name`, which shows through, is in the base.
    pub(crate) fn home_of(&self, name: &OsStr) -> PathBuf {
        self.home().path_of(name)
    }

    /// Where `name` is in the layer.
    pub(crate) fn path_of(&self, name: &OsStr) -> PathBuf {
        self.way.path_of(name)
    }

    /// The directory `name` in the base of this one, which `base` is and no node says anything of.
    pub(crate) fn below(&self, name: &OsStr, base: Dir) -> Result<Place, ErrorCode> {
        let origin = match &self.origin {
            Some(origin) => Some(origin.push(name.to_owned())?),
            None => None,
        };
        self.inner(name, origin, Some(Arc::new(base)), None)
    }

    /// The directory `name` in this one, which the layer has a node for, and what shows through in it.
    pub(crate) fn made(
        &self,
        name: &OsStr,
        node: NodeId,
        base: Option<(Way, Arc<Dir>)>,
    ) -> Result<Place, ErrorCode> {
        let (origin, base) = base.unzip();
        let mut place = self.inner(name, origin, base, Some(node))?;
        place.origin = place.origin.filter(|origin| *origin != place.way);
        Ok(place)
    }

    fn inner(
        &self,
        name: &OsStr,
        origin: Option<Way>,
        base: Option<Arc<Dir>>,
        node: Option<NodeId>,
    ) -> Result<Place, ErrorCode> {
        Ok(Self {
            layer: self.layer.clone(),
            reach: Arc::clone(&self.reach),
            way: self.way.push(name.to_owned())?,
            origin,
            base,
            node,
            epoch: self.epoch,
            only: None,
        })
    }

    /// This place, of which nothing but `name` is seen.
    pub(crate) fn only(mut self, name: &OsStr) -> Place {
        self.only = Some(Arc::from(name));
        self
    }

    /// What the layer says of `name`.
    pub(crate) fn child(&self, name: &OsStr) -> Child {
        child(&self.layer, self.node, name)
    }

    /// Whether the handle is kept from seeing `name`. It was not kept from the place itself: a place is found name by
    /// name from the volume's root, and each was asked about.
    pub(crate) fn hides(&self, name: &OsStr) -> bool {
        if let Some(only) = &self.only
            && **only != *name
        {
            return true;
        }
        Guards::hides_name(name)
            || (self.reach.guards.may_hide() && self.reach.guards.hides_here(&self.path_of(name)))
    }

    /// As [`hides`](Self::hides), for many names.
    pub(crate) fn hiding(&self) -> impl Fn(&OsStr) -> bool {
        let guards = &self.reach.guards;
        let here = guards.may_hide().then(|| self.way.path());
        move |name| {
            let kept = self.only.as_ref().is_some_and(|only| **only != *name);
            kept || Guards::hides_name(name)
                || here
                    .as_ref()
                    .is_some_and(|here| guards.hides_here(&here.join(name)))
        }
    }

    /// Whether the filesystem may find something by `name` that is called otherwise. No guard can be asked about that.
    pub(crate) fn is_alias(&self, name: &OsStr) -> bool {
        is_alias(name) && self.grant().finds_by_alias(self.base.as_deref())
    }

    /// [`NoEntry`](ErrorCode::NoEntry) for a name that the handle is kept from seeing: as if it did not exist.
    /// [`NotPermitted`](ErrorCode::NotPermitted) for one by which the filesystem may find something else.
    pub(crate) fn sees(&self, name: &OsStr) -> Result<(), ErrorCode> {
        if self.hides(name) {
            return Err(ErrorCode::NoEntry);
        }
        if self.is_alias(name) {
            return Err(ErrorCode::NotPermitted);
        }
        Ok(())
    }

    /// Do `act` while the handle holds. What it gives is withheld when the handle was taken back meanwhile.
    pub(crate) fn held<T>(
        &self,
        act: impl FnOnce() -> Result<T, ErrorCode>,
    ) -> Result<T, ErrorCode> {
        self.reach.token.check()?;
        let done = act();
        self.reach.token.check()?;
        done
    }
}

/// What the layer says of a name in a directory. Names that are not UTF-8 are never changed.
fn child(layer: &Layer, dir: Option<NodeId>, name: &OsStr) -> Child {
    if let Some(dir) = dir
        && let Some(name) = name.to_str()
    {
        return layer.child(dir, name);
    }
    Child::Through
}

#[cfg(test)]
mod tests;
