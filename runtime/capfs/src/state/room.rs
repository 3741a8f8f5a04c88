//! Folders of one session: `/scratch` and `/results`.

use super::error::StateError;
use super::folder::Folder;
use super::live::Live;
use super::{node, remove};
use crate::grant::Grant;
use crate::guard::Guards;
use crate::rights::Rights;
use cap_std::fs::{Dir, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

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
            device.dev(),
            rights,
            path,
            None,
            Guards::default(),
            false,
        ))
    }

    /// Remove what is directly in it and was last changed longer than `age` ago, with all that is in that.
    ///
    /// # Errors
    ///
    /// [`StateError::System`] when something cannot be removed; the rest is tried all the same.
    pub fn sweep(&self, age: Duration) -> Result<(), StateError> {
        let dir = self.0.live.dir();
        let failed = || StateError::system(self.path());
        let before = super::folder::now() - i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
        let mut result = Ok(());
        for name in node::names(dir).map_err(failed())? {
            let Ok(stat) = node::stat(dir, name.as_str()) else {
                continue;
            };
            let changed = crate::version::Stamp::of_stat(&stat).changed.0;
            if changed.saturating_mul(1000) < before
                && let Err(errno) = remove::tree(dir, &name)
            {
                result = Err(failed()(errno));
            }
        }
        result
    }
}
