//! The folder itself: who may use it, which version it has, and what is where in it.

use super::error::StateError;
use super::fault::Faults;
use super::{Recovered, node};
use crate::version::Digest;
use cap_std::AmbientAuthority;
use rustix::fs::{FlockOperation, Mode};
use std::fmt;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The version of everything in the folder.
pub(super) const VERSION: u32 = 1;

/// The state folder, open.
pub(super) struct Folder {
    pub(super) path: PathBuf,
    pub(super) dir: OwnedFd,
    pub(super) journal: OwnedFd,
    pub(super) history: OwnedFd,
    pub(super) vaults: OwnedFd,
    pub(super) rooms: OwnedFd,
    pub(super) authority: AmbientAuthority,
    pub(super) faults: Faults,
    /// What was recovered since it was last asked for.
    pub(super) recovered: Mutex<Vec<Recovered>>,
    pub(super) keep: Mutex<super::prune::Keep>,
}

/// As long as this is there, no other process and no other thread applies, undoes or prunes.
pub(super) struct Lock(
    #[allow(dead_code, reason = "the lock is gone with the descriptor")] OwnedFd,
);

impl Folder {
    /// Open it, or make it.
    pub(super) fn open(path: &Path, authority: AmbientAuthority) -> Result<Self, StateError> {
        let (path, dir) = ambient(path)?;
        let failed = || StateError::system(&path);
        check_version(&path, &dir)?;
        let own =
            |name: &str| node::own_folder(&dir, name).map_err(StateError::system(path.join(name)));
        let folder = Self {
            journal: own("journal")?,
            history: own("history")?,
            vaults: own("vaults")?,
            rooms: own("rooms")?,
            authority,
            faults: Faults::default(),
            recovered: Mutex::default(),
            keep: Mutex::default(),
            dir: dir.try_clone().map_err(|reason| StateError::System {
                path: path.clone(),
                reason,
            })?,
            path: path.clone(),
        };
        rustix::fs::fsync(&folder.dir).map_err(failed())?;
        Ok(folder)
    }

    /// Wait for the lock between processes.
    pub(super) fn lock(&self) -> Result<Lock, StateError> {
        let failed = || StateError::system(self.path.join("lock"));
        let file = match node::new_file(&self.dir, "lock") {
            Err(rustix::io::Errno::EXIST) => node::file(&self.dir, "lock"),
            made => made,
        }
        .map_err(failed())?;
        rustix::io::retry_on_intr(|| rustix::fs::flock(&file, FlockOperation::LockExclusive))
            .map_err(failed())?;
        Ok(Lock(file))
    }

    /// What this folder is called in a grant's own.
    pub(super) fn key(&self) -> String {
        let mut key = Digest::of(self.path.as_os_str().as_bytes()).to_string();
        key.truncate(16);
        key
    }
}

impl fmt::Debug for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Folder").finish_non_exhaustive()
    }
}

/// Milliseconds since 1970.
#[allow(
    clippy::disallowed_methods,
    reason = "the date of a record, for people and for the age at which it goes"
)]
pub(super) fn now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |now| i64::try_from(now.as_millis()).unwrap_or(i64::MAX))
}

/// The edge: the operator's path becomes an open folder that is ours alone.
#[allow(
    clippy::disallowed_methods,
    reason = "the edge: this is what the authority argument stands for"
)]
fn ambient(path: &Path) -> Result<(PathBuf, OwnedFd), StateError> {
    let system = |reason| StateError::System {
        path: path.to_path_buf(),
        reason,
    };
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
        std::fs::create_dir_all(above).map_err(system)?;
    }
    match rustix::fs::mkdir(path, Mode::from_raw_mode(0o700)) {
        Ok(()) | Err(rustix::io::Errno::EXIST) => {}
        Err(errno) => return Err(StateError::system(path)(errno)),
    }
    let path = std::fs::canonicalize(path).map_err(system)?;
    let flags = rustix::fs::OFlags::DIRECTORY | rustix::fs::OFlags::CLOEXEC;
    let dir = rustix::fs::open(&path, flags, Mode::empty()).map_err(StateError::system(&path))?;
    Ok((path, dir))
}

/// Check that the folder is a state folder of this user and of a version that we know; make it one when it is new.
fn check_version(path: &Path, dir: &OwnedFd) -> Result<(), StateError> {
    let failed = || StateError::system(path);
    let stat = rustix::fs::fstat(dir).map_err(failed())?;
    let file = path.join("version");
    match node::file(dir, "version") {
        Ok(found) => {
            let text = node::read_all(&found).map_err(StateError::system(&file))?;
            let text = String::from_utf8_lossy(&text).trim().to_owned();
            match text.parse::<u32>() {
                Ok(VERSION) => {}
                Ok(_) => {
                    return Err(StateError::Newer {
                        path: file,
                        found: text,
                        known: VERSION,
                    });
                }
                Err(_) => {
                    return Err(StateError::Damaged {
                        path: file,
                        reason: format!("it should say {VERSION}"),
                    });
                }
            }
        }
        Err(rustix::io::Errno::NOENT) => {
            // Another process may be at the same: what it makes is ours as well.
            let other = |name: &String| {
                name != "lock" && !name.starts_with("version") && !name.starts_with("probe-")
            };
            if node::names(dir).map_err(failed())?.iter().any(other)
                && node::lookup(dir, "version").map_err(failed())?.is_none()
            {
                return Err(StateError::Foreign {
                    path: path.to_path_buf(),
                });
            }
        }
        Err(errno) => return Err(StateError::system(&file)(errno)),
    }
    if stat.st_uid != user(dir).map_err(failed())? {
        return Err(StateError::Owner {
            path: path.to_path_buf(),
        });
    }
    if stat.st_mode & 0o077 != 0 {
        rustix::fs::fchmod(dir, Mode::from_raw_mode(0o700)).map_err(failed())?;
    }
    if node::lookup(dir, "version").map_err(failed())?.is_none() {
        node::replace(dir, "version", format!("{VERSION}\n").as_bytes()).map_err(failed())?;
    }
    Ok(())
}

/// Whose files this process makes.
pub(super) fn user(dir: impl AsFd) -> Result<u32, rustix::io::Errno> {
    let dir = dir.as_fd();
    let name = format!("probe-{}", node::unique());
    let file = node::new_file(dir, name.as_str())?;
    let stat = rustix::fs::fstat(&file);
    node::remove_file(dir, name.as_str())?;
    Ok(stat?.st_uid)
}
