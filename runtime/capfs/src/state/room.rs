//! Folders of one session: `/scratch` and `/results`.

use super::error::StateError;
use super::folder::Folder;
use super::live::Live;
use super::{node, remove};
use crate::grant::Grant;
use crate::guard::Guards;
use crate::open::Device;
use crate::rights::Rights;
use cap_std::fs::{Dir, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A folder that lasts as long as the session. The last clone takes it away, with all that is in it.
#[derive(Clone, Debug)]
pub struct Room(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    live: Live,
    path: PathBuf,
}

impl Room {
    pub(super) fn new(folder: &Folder, name: &str) -> Result<Self, StateError> {
        let path = folder.path.join("rooms");
        let failed = StateError::system(&path);
        if name.is_empty() || name.contains(['/', '\0']) {
            return Err(failed(rustix::io::Errno::INVAL));
        }
        // Nobody sweeps it before it is locked.
        let _lock = folder.lock()?;
        let live = Live::new(&folder.rooms, &format!("{name}.")).map_err(failed)?;
        let path = path.join(live.name());
        Ok(Self(Arc::new(Inner { live, path })))
    }

    /// The folder, open.
    ///
    /// # Errors
    ///
    /// [`StateError::System`] when it cannot be opened once more.
    pub fn dir(&self) -> Result<Dir, StateError> {
        let dir = node::readable_folder(self.0.live.dir(), ".")
            .map_err(StateError::system(self.path()))?;
        Ok(Dir::from_std_file(dir.into()))
    }

    /// Where it is on the host: to make an internal grant of it.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The folder as a grant, with nothing kept from its handles but what always is.
    ///
    /// # Errors
    ///
    /// Those of [`dir`](Room::dir).
    pub fn grant(&self, rights: Rights) -> Result<Grant, StateError> {
        let dir = self.dir()?;
        let device = dir.dir_metadata().map_err(|reason| StateError::System {
            path: self.path().to_path_buf(),
            reason,
        })?;
        let path = self.path().to_path_buf();
        Ok(Grant::new(
            dir,
            Device::new(device.dev(), false, false),
            rights,
            path,
            None,
            Guards::default(),
        ))
    }

    /// Remove what has this name directly in it, with all that is in it. Nothing there: nothing to do.
    ///
    /// # Errors
    ///
    /// [`StateError::System`] when something cannot be removed, or it is no name.
    pub fn remove(&self, name: &str) -> Result<(), StateError> {
        let removed = match name {
            "" | "." | ".." => Err(rustix::io::Errno::INVAL),
            name if name.contains(['/', '\0']) => Err(rustix::io::Errno::INVAL),
            name => remove::tree(self.0.live.dir(), name),
        };
        removed.map_err(StateError::system(self.path()))
    }
}
