//! The one place where ambient authority enters: a host path, chosen by the operator, becomes a grant.
//!
//! Everything else in this crate works on what was opened here (and in [`state`](crate::state), for the folder that is
//! the operator's own). Only these may use `std::fs` and host paths.

mod aliases;
mod error;
mod places;
mod remote;
mod special;

pub(crate) use aliases::finds_by_alias;
pub use error::OpenError;
pub(crate) use remote::remote;
pub(crate) use special::special;

use crate::grant::Grant;
use crate::guard::Guards;
use crate::open::Device;
use crate::rights::Rights;
use cap_std::AmbientAuthority;
use cap_std::fs::{Dir, MetadataExt};
use places::{Lies, Places};
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

/// What is granted of a host path, and what is kept out of it.
#[derive(Clone, Debug)]
pub struct GrantTerms {
    /// What may be done.
    pub rights: Rights,
    /// Globs of names that no handle sees. See [`Guards`].
    pub hide: Vec<String>,
    /// Globs of names that no handle changes, beside the built-in list.
    pub protect: Vec<String>,
    /// Whether other filesystems that are mounted inside count as inside. Those that are not for files never do.
    pub cross_mounts: bool,
    /// Whether it may lie on a filesystem behind which a server or another program answers (NFS, SMB, FUSE), which can take as long as it likes. Without
    /// this such a grant is refused, and what is mounted inside and is one does not count as inside.
    pub remote: bool,
    /// Host paths of what governs the session and must not be within reach: state, cache, policy, lock, components. A
    /// grant that holds one, or lies in one, is refused. They need not exist.
    pub governed: Vec<PathBuf>,
    /// The same for what has to lie inside of a grant. It may be inside, is guarded exactly where it is, with the links
    /// that lead there, and a grant that lies in it is refused. They need not exist.
    pub shielded: Vec<(PathBuf, Shield)>,
}

/// How a place inside of a grant is kept from its handles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shield {
    /// It is not seen: state, cache.
    Hide,
    /// It is seen and not changed: policy, lock, components.
    Protect,
}

impl GrantTerms {
    /// These rights, nothing hidden or protected but the built-in list, nothing mounted inside, and nothing that
    /// governs known.
    pub fn new(rights: Rights) -> Self {
        Self {
            rights,
            hide: Vec::new(),
            protect: Vec::new(),
            cross_mounts: false,
            remote: false,
            governed: Vec::new(),
            shielded: Vec::new(),
        }
    }
}

impl Grant {
    /// Open a directory of the host, with nothing kept out of it but the built-in list.
    ///
    /// # Ambient authority
    ///
    /// As [`open_with`](Self::open_with).
    ///
    /// # Errors
    ///
    /// [`OpenError`] says which path and why, in words for the operator.
    pub fn open_ambient(
        path: &Path,
        rights: Rights,
        authority: AmbientAuthority,
    ) -> Result<Grant, OpenError> {
        let opened = Opened::at(path, authority)?;
        if opened.only.is_some() {
            return Err(OpenError::NotDirectory {
                path: path.to_path_buf(),
            });
        }
        opened.local(path)?;
        Ok(opened.grant(&GrantTerms::new(rights), Guards::default()))
    }

    /// Open a directory of the host, or one regular file. Of a file, nothing but it is within reach: its name in the
    /// directory that it is in.
    ///
    /// # Ambient authority
    ///
    /// This and [`open_ambient`](Self::open_ambient) are the functions of the crate that take a host path to open, and they can open
    /// any: `path` must come from the operator. Links in it are followed. What lies on filesystems that are not for
    /// files (`/proc`, `/sys`, `/dev`) is refused, and so are FIFOs, sockets and devices, without opening them.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says which path and why, in words for the operator.
    pub fn open_with(
        path: &Path,
        terms: &GrantTerms,
        authority: AmbientAuthority,
    ) -> Result<Grant, OpenError> {
        let opened = Opened::at(path, authority)?;
        if !terms.remote {
            opened.local(path)?;
        }
        let guards = Guards::of_grant(&terms.hide, &terms.protect)?;
        let guards = opened.shielded(path, guards, terms)?;
        Ok(opened.grant(terms, guards))
    }
}

/// What a host path led to.
struct Opened {
    root: Dir,
    device: u64,
    /// What its filesystem is called, when others answer for it.
    remote: Option<&'static str>,
    /// Without links: of the directory or file that was asked for.
    path: PathBuf,
    /// The name of the file, when it is one.
    only: Option<OsString>,
}

impl Opened {
    #[allow(
        clippy::disallowed_methods,
        reason = "the edge: this is what the authority argument stands for"
    )]
    fn at(path: &Path, authority: AmbientAuthority) -> Result<Self, OpenError> {
        let failed = |reason: io::Error| OpenError::of(path, reason);
        let canonical = std::fs::canonicalize(path).map_err(failed)?;
        // A look, not an open: opening a FIFO or a device can wait or do something.
        let kind = std::fs::symlink_metadata(&canonical)
            .map_err(failed)?
            .file_type();
        let file = (canonical.parent().zip(canonical.file_name())).filter(|_| kind.is_file());
        let (dir, only) = match file {
            Some((dir, name)) => (dir, Some(name)),
            None if kind.is_dir() => (canonical.as_path(), None),
            None => {
                return Err(OpenError::NotOrdinary {
                    path: path.to_path_buf(),
                });
            }
        };
        let root = Dir::open_ambient_dir(dir, authority).map_err(failed)?;
        let on = match only {
            Some(name) => file_on(&root, name),
            None => dir_on(&root),
        };
        let On {
            device,
            special,
            remote,
        } = on.map_err(failed)?;
        if let Some(filesystem) = special {
            return Err(OpenError::Special {
                path: path.to_path_buf(),
                filesystem,
            });
        }
        let only = only.map(OsStr::to_owned);
        Ok(Self {
            root,
            device,
            remote,
            path: canonical,
            only,
        })
    }

    /// An error for what others answer for.
    fn local(&self, path: &Path) -> Result<(), OpenError> {
        match self.remote {
            None => Ok(()),
            Some(filesystem) => Err(OpenError::Remote {
                path: path.to_path_buf(),
                filesystem,
            }),
        }
    }

    /// `guards` with those of what governs, or why it cannot be kept out.
    fn shielded(
        &self,
        given: &Path,
        guards: Guards,
        terms: &GrantTerms,
    ) -> Result<Guards, OpenError> {
        let governed = |by: &Path| OpenError::Governed {
            path: given.to_path_buf(),
            by: by.to_path_buf(),
        };
        let failed = |by: &Path, reason| OpenError::of(by, reason);
        for path in &terms.governed {
            let places = Places::of(path).map_err(|reason| failed(path, reason))?;
            if !matches!(places::lies(&places.end, &self.path), Lies::Apart) {
                return Err(governed(path));
            }
            // A link inside the grant decides where it is.
            for link in &places.links {
                if let Lies::Within(_) = places::lies(link, &self.path) {
                    return Err(governed(path));
                }
            }
        }
        let (mut hide, mut protect) = (Vec::new(), Vec::new());
        for (path, shield) in &terms.shielded {
            let places = Places::of(path).map_err(|reason| failed(path, reason))?;
            match places::lies(&places.end, &self.path) {
                Lies::Apart => {}
                Lies::Around => return Err(governed(path)),
                Lies::Within(below) => match shield {
                    Shield::Hide => hide.push(below.to_path_buf()),
                    Shield::Protect => protect.push(below.to_path_buf()),
                },
            }
            for link in &places.links {
                if let Lies::Within(below) = places::lies(link, &self.path) {
                    protect.push(below.to_path_buf());
                }
            }
        }
        let hide: Vec<&Path> = hide.iter().map(PathBuf::as_path).collect();
        let protect: Vec<&Path> = protect.iter().map(PathBuf::as_path).collect();
        Ok(guards.and_places(&hide, &protect))
    }

    fn grant(self, terms: &GrantTerms, guards: Guards) -> Grant {
        let mut at = self.path;
        if self.only.is_some() {
            at.pop();
        }
        Grant::new(
            self.root,
            Device::new(self.device, terms.cross_mounts, terms.remote),
            terms.rights,
            at,
            self.only,
            guards,
        )
    }
}

/// What something lies on: the number of the filesystem, and what it is called when it is special or remote.
struct On {
    device: u64,
    special: Option<&'static str>,
    remote: Option<&'static str>,
}

fn on(opened: impl AsFd, device: u64) -> io::Result<On> {
    Ok(On {
        device,
        special: special(&opened, device)?,
        remote: remote(opened)?,
    })
}

fn dir_on(dir: &Dir) -> io::Result<On> {
    on(dir, dir.dir_metadata()?.dev())
}

/// Where the regular file `name` lies, which need not be where its directory does: a single file can be mounted.
fn file_on(dir: &Dir, name: &OsStr) -> io::Result<On> {
    let metadata = dir.symlink_metadata(name)?;
    if !metadata.is_file() {
        // It was a moment ago.
        return Err(rustix::io::Errno::BUSY.into());
    }
    #[cfg(target_os = "linux")]
    let opened = {
        // A descriptor of the place alone: nothing is opened.
        use rustix::fs::{Mode, OFlags, openat};
        openat(
            dir,
            name,
            OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC,
            Mode::empty(),
        )?
    };
    #[cfg(not(target_os = "linux"))]
    let opened = dir;
    on(opened, metadata.dev())
}
