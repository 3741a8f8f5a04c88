//! A grant in a session, as one call that only looks sees it.

use crate::tree::{directory, path};
use bailiwick_capfs::{
    Amount, Capability, ErrorCode, Grant, GuestPath, HandleId, Handles, Layer, ReadDir, Resolved,
    Volume, VolumeOptions, Writes,
};

/// Room enough for what is not about room.
pub(crate) const QUOTA: Amount = Amount {
    bytes: 64 << 20,
    entries: 4096,
};

/// A handle of a whole volume, and a call's layer of it.
pub(crate) struct View {
    pub(crate) handles: Handles,
    pub(crate) id: HandleId,
    pub(crate) capability: Capability,
    pub(crate) layer: Layer,
}

impl View {
    /// Of a grant called `name`, to which nothing is written or only at once.
    pub(crate) fn of(name: &str, grant: Grant) -> Self {
        let options = VolumeOptions {
            writes: Writes::Direct,
            quota: QUOTA,
        };
        Self::on(Volume::new(name, grant, options, None).unwrap(), false)
    }

    /// Of a volume, to write in it or not.
    pub(crate) fn on(volume: Volume, writes: bool) -> Self {
        let handles = Handles::default();
        let id = handles.grant(volume.name(), volume.clone());
        let capability = handles.get(id).unwrap();
        let locked = writes.then(|| volume.try_lock(&[GuestPath::default()]).unwrap());
        let layer = volume.begin(locked);
        Self {
            handles,
            id,
            capability,
            layer,
        }
    }

    pub(crate) fn resolve_read(&self, path: &GuestPath) -> Result<Resolved, ErrorCode> {
        self.layer.resolve_read(&self.capability, path)
    }

    pub(crate) fn names_near(&self, path: &GuestPath, limit: usize) -> Vec<String> {
        self.layer.names_near(&self.capability, path, limit)
    }

    /// A directory in it.
    pub(crate) fn dir(&self, at: &str) -> ReadDir {
        directory(self.resolve_read(&path(at)).unwrap())
    }
}
