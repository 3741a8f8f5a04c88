//! The one place where ambient authority enters: a host path, chosen by the operator, becomes a grant.
//!
//! Everything else in this crate works on what was opened here. Only this file may use `std::fs` and host paths.

use crate::grant::Grant;
use crate::rights::Rights;
use cap_std::AmbientAuthority;
use cap_std::fs::{Dir, MetadataExt};
use std::io;
use std::path::{Path, PathBuf};

/// Why a directory could not be granted. It names the host path: it is for the operator, never for a guest or a model.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is nothing at the path.
    #[error("cannot grant {path:?}: there is no such directory; create it, or correct the path")]
    Missing {
        /// The path as it was given.
        path: PathBuf,
    },
    /// There is something else than a directory.
    #[error("cannot grant {path:?}: it is not a directory; grant the directory that holds it")]
    NotDirectory {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The filesystem shows the kernel or devices, not files.
    #[error(
        "cannot grant {path:?}: it lies on {filesystem}, which holds no ordinary files; grant a directory on a disk \
         or in memory"
    )]
    Special {
        /// The path as it was given.
        path: PathBuf,
        /// What the filesystem is called.
        filesystem: &'static str,
    },
    /// The system refused.
    #[error("cannot grant {path:?}: {reason}")]
    System {
        /// The path as it was given.
        path: PathBuf,
        /// What it said.
        reason: io::Error,
    },
}

/// Open the directory at `path`. See [`Grant::open_ambient`].
#[allow(
    clippy::disallowed_methods,
    reason = "the edge: this is what the authority argument stands for"
)]
pub(crate) fn open(
    path: &Path,
    rights: Rights,
    authority: AmbientAuthority,
) -> Result<Grant, OpenError> {
    let given = || path.to_path_buf();
    let failed = |reason: io::Error| match reason.kind() {
        io::ErrorKind::NotFound => OpenError::Missing { path: given() },
        io::ErrorKind::NotADirectory => OpenError::NotDirectory { path: given() },
        _ => OpenError::System {
            path: given(),
            reason,
        },
    };
    let canonical = std::fs::canonicalize(path).map_err(failed)?;
    let root = Dir::open_ambient_dir(&canonical, authority).map_err(failed)?;
    let device = root.dir_metadata().map_err(failed)?.dev();
    if let Some(filesystem) = special(&root, device).map_err(failed)? {
        return Err(OpenError::Special {
            path: given(),
            filesystem,
        });
    }
    Ok(Grant::new(root, device, rights, canonical))
}

/// What the filesystem is called when it is not one for files.
#[cfg(target_os = "linux")]
#[allow(clippy::disallowed_methods, reason = "the edge")]
fn special(root: &Dir, device: u64) -> io::Result<Option<&'static str>> {
    use std::os::unix::fs::MetadataExt as _;

    // From linux/magic.h, and from the filesystems' own sources where it has none.
    const SPECIAL: &[(u32, &str)] = &[
        (0x9fa0, "proc"),
        (0x6265_6572, "sysfs"),
        (0x6462_6720, "debugfs"),
        (0x7472_6163, "tracefs"),
        (0x7363_6673, "securityfs"),
        (0xf97c_ff8c, "selinuxfs"),
        (0x0027_e0eb, "cgroup"),
        (0x6367_7270, "cgroup2"),
        (0x0000_1cd1, "devpts"),
        (0xcafe_4a11, "bpf"),
        (0x1980_0202, "mqueue"),
        (0x6165_676c, "pstore"),
        (0xde5e_81e4, "efivarfs"),
        (0x6265_6570, "configfs"),
        (0x4249_4e4d, "binfmt_misc"),
        (0x6573_5543, "fusectl"),
        (0x6759_6969, "rpc_pipefs"),
        (0x6e73_6673, "nsfs"),
        (0x0187, "autofs"),
    ];
    let magic = rustix::fs::fstatfs(root)?.f_type;
    // The field is signed or not, and wider or not, by architecture; the numbers are 32 bits.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "see above"
    )]
    let magic = magic as u32;
    if let Some((_, name)) = SPECIAL.iter().find(|(number, _)| *number == magic) {
        return Ok(Some(name));
    }
    // The filesystem of devices cannot be told from one in memory by its number.
    let on = |path: &str| std::fs::metadata(path).map(|metadata| metadata.dev());
    match (on("/dev"), on("/")) {
        (Ok(devices), Ok(system)) if device == devices && device != system => Ok(Some("devtmpfs")),
        _ => Ok(None),
    }
}

#[cfg(not(target_os = "linux"))]
fn special(_root: &Dir, _device: u64) -> io::Result<Option<&'static str>> {
    Ok(None)
}
