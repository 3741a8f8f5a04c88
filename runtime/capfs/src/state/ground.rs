//! A granted directory and the folder of its own that the steps of a transaction go between.

use super::error::StateError;
use super::folder::Folder;
use super::last::{self, Last};
use super::{IN_GRANT, node};
use crate::version::Digest;
use cap_std::fs::Dir;
use rustix::fs::Stat;
use rustix::io::Errno;
use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Both, open.
pub(super) struct Ground {
    pub(super) root: OwnedFd,
    pub(super) device: u64,
    /// What a record says of it.
    pub(super) place: Place,
    /// The vault's folder.
    pub(super) home: OwnedFd,
    /// Where the steps put what they take, and take what they put.
    pub(super) slots: OwnedFd,
    /// For the transaction that is under way.
    last: Mutex<Option<Last>>,
}

/// Which granted directory it is, for another process to find it again.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Place {
    /// The name of the vault.
    pub(super) id: String,
    /// Where the granted directory was.
    #[serde(with = "host_path")]
    pub(super) path: PathBuf,
    /// Its inode. The number of its device is not the same after the system was started again.
    pub(super) inode: u64,
    /// Whether the vault lies in it.
    pub(super) inside: bool,
}

impl Ground {
    /// For a granted directory that is open.
    pub(super) fn new(folder: &Folder, root: &Dir, path: &Path) -> Result<Self, StateError> {
        let failed = || StateError::system(path);
        let root = node::readable_folder(root, ".").map_err(failed())?;
        let stat = rustix::fs::fstat(&root).map_err(failed())?;
        let mut id = Digest::of(path.as_os_str().as_bytes()).to_string();
        id.truncate(16);
        let entry = node::own_folder(&folder.vaults, &id).map_err(failed())?;
        let inside = !shares(&entry, &root).map_err(failed())?;
        let place = Place {
            id,
            path: path.to_path_buf(),
            inode: stat.st_ino,
            inside,
        };
        let ground = Self::open(folder, root, &stat, place.clone(), |at, name| {
            node::own_folder(at, name)
        });
        let ground = ground.map_err(failed())?;
        // For those that look for what is pending.
        let text = serde_json::to_vec(&Registered {
            version: super::folder::VERSION,
            place,
        });
        let text = text.map_err(|_| failed()(Errno::INVAL))?;
        let known = node::file(&entry, "grant.json").and_then(node::read_all);
        if known.as_ref() != Ok(&text) {
            node::replace(&entry, "grant.json", &text).map_err(failed())?;
        }
        Ok(ground)
    }

    /// For one that a record names. None when it is not there, is another, or has nothing of ours.
    pub(super) fn find(folder: &Folder, place: &Place) -> Result<Option<Self>, StateError> {
        let failed = || StateError::system(&place.path);
        let Ok(root) = Dir::open_ambient_dir(&place.path, folder.authority) else {
            return Ok(None);
        };
        let root = node::readable_folder(root, ".").map_err(failed())?;
        let stat = rustix::fs::fstat(&root).map_err(failed())?;
        if stat.st_ino != place.inode {
            return Ok(None);
        }
        // Nothing is made: it may be a directory that can only be read, or is no grant any more.
        match Self::open(folder, root, &stat, place.clone(), |at, name| {
            node::readable_folder(at, name)
        }) {
            Ok(ground) => Ok(Some(ground)),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
            Err(errno) => Err(failed()(errno)),
        }
    }

    #[allow(
        clippy::useless_conversion,
        clippy::unnecessary_cast,
        reason = "the fields' types differ by system"
    )]
    fn open(
        folder: &Folder,
        root: OwnedFd,
        stat: &Stat,
        place: Place,
        own: Own,
    ) -> Result<Self, Errno> {
        let home = home(folder, &root, &place, own)?;
        Ok(Self {
            slots: own(home.as_fd(), "slots")?,
            device: stat.st_dev as u64,
            root,
            place,
            home,
            last: Mutex::default(),
        })
    }

    /// The open directory that `path` is a name in, and the name. Every directory on the way is opened by its name alone,
    /// follows nothing, and lies on the grant's filesystem.
    pub(super) fn parent<'a>(&self, path: &'a str) -> Result<(Arc<OwnedFd>, &'a str), Errno> {
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        if name.is_empty() || name == "." || name == ".." {
            return Err(Errno::INVAL);
        }
        Ok((self.directory(above)?, name))
    }

    /// The directory of that path. Others can move directories at any time: what was come to a moment ago may be used
    /// again, see
    /// [`last`](super::last).
    pub(super) fn directory(&self, path: &str) -> Result<Arc<OwnedFd>, Errno> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last::directory(&self.root, self.device, path, &mut last)
    }

    /// What is at `path` is about to be taken away or exchanged: what was come to below it is not there any more.
    pub(super) fn moving(&self, path: &str) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.take_if(|last| last.is_below(path));
    }

    /// Look for the next directory by all its names: what was looked at so far is not what is done next.
    pub(super) fn forget_last(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// What is at `path`; none when nothing is, or the way there is not.
    pub(super) fn look(&self, path: &str) -> Result<Option<(Arc<OwnedFd>, Stat)>, Errno> {
        let found = self.parent(path).and_then(|(dir, name)| {
            let stat = node::stat(&dir, name)?;
            Ok((dir, stat))
        });
        match found {
            Ok(found) => Ok(Some(found)),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
            Err(errno) => Err(errno),
        }
    }
}

/// The registered vaults of a state folder.
pub(super) fn registered(folder: &Folder) -> Result<Vec<Place>, StateError> {
    let at = folder.path.join("vaults");
    let mut places = Vec::new();
    for id in node::names(&folder.vaults).map_err(StateError::system(&at))? {
        let file = at.join(&id).join("grant.json");
        let text = node::readable_folder(&folder.vaults, id.as_str())
            .and_then(|dir| node::file(dir, "grant.json"))
            .and_then(node::read_all);
        let text = match text {
            Ok(text) => text,
            // It was being made.
            Err(Errno::NOENT) => continue,
            Err(errno) => return Err(StateError::system(&file)(errno)),
        };
        let found: Registered = super::journal::parse(&file, &text)?;
        places.push(found.place);
    }
    Ok(places)
}

/// What `grant.json` says.
#[derive(serde::Serialize, serde::Deserialize)]
struct Registered {
    version: u32,
    #[serde(flatten)]
    place: Place,
}

/// How a folder of ours is opened: made when it is not there, or not.
type Own = fn(BorrowedFd<'_>, &str) -> Result<OwnedFd, Errno>;

/// A vault's folder.
fn home(folder: &Folder, root: &OwnedFd, place: &Place, own: Own) -> Result<OwnedFd, Errno> {
    if !place.inside {
        return own(folder.vaults.as_fd(), &place.id);
    }
    let above = own(root.as_fd(), IN_GRANT)?;
    let stat = rustix::fs::fstat(&above)?;
    // Others can make a directory of that name. Contents on their way must not be theirs to change.
    if stat.st_uid != rustix::fs::fstat(&folder.dir)?.st_uid || stat.st_mode & 0o022 != 0 {
        return Err(Errno::PERM);
    }
    own(above.as_fd(), &folder.key())
}

/// Whether a name can be moved from one folder to the other in one step. The system says so for a name that there is not, so
/// nothing is written.
fn shares(one: impl AsFd, other: impl AsFd) -> Result<bool, Errno> {
    let (one, other) = (one.as_fd(), other.as_fd());
    if rustix::fs::fstat(one)?.st_dev != rustix::fs::fstat(other)?.st_dev {
        return Ok(false);
    }
    let name = format!(".bailiwick-{}", node::unique());
    match rustix::fs::renameat(one, name.as_str(), other, name.as_str()) {
        Err(Errno::NOENT) | Ok(()) => Ok(true),
        Err(Errno::XDEV) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// Host paths in JSON, those that are not UTF-8 included: bytes that are not plain are written `%41`.
mod host_path {
    use super::{OsStr, OsStrExt, Path, PathBuf};
    use serde::{Deserialize, Deserializer, Serializer};
    use std::fmt::Write;

    pub(super) fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::new();
        for byte in path.as_os_str().as_bytes() {
            if byte.is_ascii_graphic() && *byte != b'%' {
                text.push(char::from(*byte));
            } else {
                // Writing to a string does not fail.
                let _ = write!(text, "%{byte:02x}");
            }
        }
        serializer.serialize_str(&text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
        let text = String::deserialize(from)?;
        let mut parts = text.split('%');
        let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
        for part in parts {
            let (byte, rest) = part.split_at_checked(2).unwrap_or(("", part));
            let byte = u8::from_str_radix(byte, 16);
            bytes.push(byte.map_err(|_| serde::de::Error::custom("a `%` without two digits"))?);
            bytes.extend_from_slice(rest.as_bytes());
        }
        Ok(PathBuf::from(OsStr::from_bytes(&bytes)))
    }
}
