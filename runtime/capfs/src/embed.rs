//! What only the host asks for: where a call wants to write, and grants of a session's own folders.

use crate::ErrorCode;
use crate::grant::Grant;
use crate::guard::Guards;
use crate::handles::Capability;
use crate::layer::Layer;
use crate::layer::look::Entrance;
use crate::path::{self, GuestPath};
use crate::resolve;
use crate::rights::Rights;
use crate::state::{ApplyError, Record, Room, State, StateError};
use crate::volume::Volume;
use cap_std::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

impl Layer {
    /// Whether the call may write in it.
    pub fn can_write(&self) -> bool {
        self.locked().is_some()
    }

    /// Where in the volume `path` leads, links followed, by plain names: what to lock before it is written. The last name need not exist.
    ///
    /// # Errors
    ///
    /// Those of resolving the directory that it is in; [`Unsupported`](ErrorCode::Unsupported) when the way there is not UTF-8.
    pub fn place(&self, capability: &Capability, path: &GuestPath) -> Result<GuestPath, ErrorCode> {
        let plain: PathBuf = match self.entrance(capability)? {
            Entrance::Dir(place) if path.is_root() => place.way.path(),
            Entrance::Dir(place) => {
                let (place, name) = resolve::target(&place, path)?;
                place.path_of(&name)
            }
            Entrance::Name(place, name) => place.path_of(&name),
        };
        GuestPath::parse(plain.to_str().ok_or(ErrorCode::Unsupported)?)
    }
}

impl Room {
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
}

impl Record {
    /// The paths, each below its root on the host.
    pub fn names(&self) -> Vec<PathBuf> {
        let below = |(root, path): &(usize, String)| Some(self.roots.get(*root)?.join(path));
        self.paths.iter().filter_map(below).collect()
    }
}

impl State {
    /// Takes records back, as [`undo`](State::undo), and says by host path what stands in the way when something does.
    ///
    /// # Errors
    ///
    /// What changed since, or why it could not be done; nothing was changed then.
    pub fn take_back(&self, records: &[u64], label: &str) -> Result<Record, TakeBackError> {
        match self.undo(records, label) {
            Err(ApplyError::Conflict(changed)) => {
                let mut roots: Vec<PathBuf> = Vec::new();
                let history = self.history().map_err(ApplyError::State)?;
                for record in history
                    .iter()
                    .rev()
                    .filter(|record| records.contains(&record.id))
                {
                    let new = record.roots.iter().filter(|root| !roots.contains(root));
                    roots.extend(new.cloned().collect::<Vec<_>>());
                }
                let below = |(root, path): (usize, String)| Some(roots.get(root)?.join(path));
                Err(TakeBackError::Changed(
                    changed.into_iter().filter_map(below).collect(),
                ))
            }
            Err(error) => Err(TakeBackError::Apply(error)),
            Ok(record) => Ok(record),
        }
    }
}

/// Why records were not taken back. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum TakeBackError {
    /// These are not as the records left them: paths of the host, for the operator.
    #[error("{} files changed since", .0.len())]
    Changed(Vec<PathBuf>),
    /// No such record, or the folder or the disk failed.
    #[error(transparent)]
    Apply(#[from] ApplyError),
}

impl Volume {
    /// The session's word for a host path that lies in this volume; none when it lies elsewhere.
    pub fn name_of(&self, host_path: &Path) -> Option<String> {
        let inside = self.grant().translate(host_path)?;
        let mut name = format!("/{}", self.name());
        path::push(&mut name, &inside);
        Some(name)
    }
}
