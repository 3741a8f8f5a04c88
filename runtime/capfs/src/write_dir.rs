//! A handle to change a directory and all below it.

use crate::facts::Times;
use crate::layer::remove::{self, What};
use crate::layer::rename::{self, Asked};
use crate::layer::{make, times};
use crate::path::{self, GuestPath};
use crate::place::Place;
use crate::read_dir::ReadDir;
use crate::stat::Kind;
use crate::target::{Target, writable};
use crate::write_file::WriteFile;
use crate::{ErrorCode, open, resolve};
use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;

/// What is expected of a file that is opened to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// It is there, or [`NoEntry`](ErrorCode::NoEntry).
    Existing,
    /// It is not, or [`Exist`](ErrorCode::Exist).
    New,
    /// Either. The first change creates it.
    Either,
}

/// A directory and all below it, to change.
///
/// Every function can fail with the errors of [`ReadDir::stat`], and with
///
/// - [`Access`](ErrorCode::Access) when the handle or the call only reads;
/// - [`NotPermitted`](ErrorCode::NotPermitted) when a name is protected, or something new would get a name that is hidden,
///   and for a name by which the filesystem may find something else (`GIT~1`);
/// - [`Unsupported`](ErrorCode::Unsupported) for names that are not UTF-8, and for what is neither a file nor a directory nor a link;
/// - [`Quota`](ErrorCode::Quota) for what does not fit.
pub struct WriteDir {
    place: Place,
    name: String,
}

impl WriteDir {
    pub(crate) fn new(place: Place, name: String) -> Self {
        Self { place, name }
    }

    /// The session's word for it: `/workspace/src`. Never a path of the host.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same directory to look at.
    pub fn as_read(&self) -> ReadDir {
        ReadDir::new(self.place.clone(), self.name.clone())
    }

    /// A directory below, as a handle of its own, which cannot change anything above itself.
    ///
    /// # Errors
    ///
    /// [`NotDirectory`](ErrorCode::NotDirectory), and those of [`WriteDir`].
    pub fn open_dir(&self, path: &str) -> Result<WriteDir, ErrorCode> {
        self.below(&GuestPath::parse(path)?)
    }

    /// A file below. One that does not exist is created by its first change; the directory that it would be in must be there. Links are
    /// followed, unless a new file is expected.
    ///
    /// # Errors
    ///
    /// [`IsDirectory`](ErrorCode::IsDirectory); [`NoEntry`](ErrorCode::NoEntry) and [`Exist`](ErrorCode::Exist) for what is not as
    /// expected; with `direct` writes [`NotPermitted`](ErrorCode::NotPermitted) for a file with several names; those of [`WriteDir`].
    pub fn open_file(&self, path: &str, expect: Expect) -> Result<WriteFile, ErrorCode> {
        self.file(&GuestPath::parse(path)?, expect)
    }

    /// As [`open_file`](Self::open_file), but what does not exist exists from now on, with nothing in it. The last link is followed
    /// unless `nofollow`.
    ///
    /// # Errors
    ///
    /// [`Loop`](ErrorCode::Loop) for a link that is not followed; those of [`open_file`](Self::open_file).
    pub fn create_file(
        &self,
        path: &str,
        expect: Expect,
        nofollow: bool,
    ) -> Result<WriteFile, ErrorCode> {
        let path = GuestPath::parse(path)?;
        self.place.held(|| {
            let target = self.target(&path, expect, nofollow)?;
            if expect == Expect::Existing {
                target.there()?;
            } else {
                target.need()?;
            }
            Ok(WriteFile::new(target, self.name_of(&path)))
        })
    }

    /// A directory, with missing parents; an existing directory is no error.
    ///
    /// # Errors
    ///
    /// [`Exist`](ErrorCode::Exist) when something else has the name; those of [`WriteDir`].
    pub fn create_dir(&self, path: &str) -> Result<(), ErrorCode> {
        let path = GuestPath::parse(path)?;
        self.place.held(|| {
            writable(&self.place)?;
            if resolve::directory(&self.place, &path).is_ok() {
                return Ok(());
            }
            let mut way = String::new();
            for name in path.components() {
                path::push(&mut way, name);
                let so_far = GuestPath::parse(&way)?;
                if resolve::directory(&self.place, &so_far).is_ok() {
                    continue;
                }
                let (place, name) = resolve::parent(&self.place, &so_far)?;
                match make::dir(&place, &name) {
                    // Somebody made it a moment ago, or something else has the name.
                    Err(ErrorCode::Exist) => {
                        if resolve::directory(&self.place, &so_far).is_err() {
                            let is_last = so_far.as_str() == path.as_str();
                            return Err(match is_last {
                                true => ErrorCode::Exist,
                                false => ErrorCode::NotDirectory,
                            });
                        }
                    }
                    made => made?,
                }
            }
            Ok(())
        })
    }

    /// One directory, [`Exist`](ErrorCode::Exist) when the name is taken.
    ///
    /// # Errors
    ///
    /// Those of [`WriteDir`].
    pub fn make_dir(&self, path: &str) -> Result<(), ErrorCode> {
        let path = GuestPath::parse(path)?;
        self.place.held(|| {
            writable(&self.place)?;
            if path.is_root() {
                return Err(ErrorCode::Exist);
            }
            let (place, name) = resolve::parent(&self.place, &path)?;
            make::dir(&place, &name)
        })
    }

    /// A symbolic link. What it says must be relative and lead nowhere but below this handle: `..` only at its beginning, and not more
    /// often than there are directories above the link.
    ///
    /// # Errors
    ///
    /// [`Exist`](ErrorCode::Exist); [`NotPermitted`](ErrorCode::NotPermitted) for a target that leads out;
    /// [`NoEntry`](ErrorCode::NoEntry) for an empty one; those of [`WriteDir`].
    pub fn make_link(&self, target: &str, path: &str) -> Result<(), ErrorCode> {
        let path = GuestPath::parse(path)?;
        self.place.held(|| {
            writable(&self.place)?;
            if path.is_root() {
                return Err(ErrorCode::Exist);
            }
            if path.wants_dir() {
                return Err(ErrorCode::NoEntry);
            }
            let (place, name) = resolve::parent(&self.place, &path)?;
            let depth = place.way.depth().saturating_sub(self.place.way.depth());
            make::link(&place, &name, depth, target)
        })
    }

    /// Give something another name, here or below another handle of the same layer. A link is renamed, not followed. An existing file or
    /// link is replaced by a file or link only with `replace`, an existing empty directory by a directory likewise.
    ///
    /// # Errors
    ///
    /// [`CrossDevice`](ErrorCode::CrossDevice) for handles of two volumes; [`Exist`](ErrorCode::Exist),
    /// [`IsDirectory`](ErrorCode::IsDirectory), [`NotDirectory`](ErrorCode::NotDirectory),
    /// [`NotEmpty`](ErrorCode::NotEmpty) for what cannot be replaced; [`Invalid`](ErrorCode::Invalid) for a directory
    /// that would be in itself; [`Busy`](ErrorCode::Busy) for the handle itself;
    /// [`NotPermitted`](ErrorCode::NotPermitted) when something in a directory is hidden or protected, under the old
    /// name or the new one, and when a link would lead out of the handle `to` by its new place;
    /// [`Overflow`](ErrorCode::Overflow) when there is too much in it to ask for
    /// ([`bounds::SUBTREE`](crate::bounds::SUBTREE)); those of [`WriteDir`].
    pub fn rename(
        &self,
        path: &str,
        to: &WriteDir,
        to_path: &str,
        replace: bool,
    ) -> Result<(), ErrorCode> {
        let (path, to_path) = (GuestPath::parse(path)?, GuestPath::parse(to_path)?);
        let rename = || {
            writable(&self.place)?;
            writable(&to.place)?;
            if !self.place.layer.is(&to.place.layer) {
                return Err(ErrorCode::CrossDevice);
            }
            let (place, name) = self.name_in(&path)?;
            let (to_place, to_name) = to.name_in(&to_path)?;
            let from = Asked {
                root: &self.place.way,
                place: &place,
                name: &name,
                wants_dir: path.wants_dir(),
            };
            let to = Asked {
                root: &to.place.way,
                place: &to_place,
                name: &to_name,
                wants_dir: to_path.wants_dir(),
            };
            rename::rename(from, to, replace)
        };
        self.place.held(|| to.place.held(rename))
    }

    /// Remove a file, a link or an empty directory; with `tree` a directory and all in it.
    ///
    /// # Errors
    ///
    /// [`NotEmpty`](ErrorCode::NotEmpty); [`Busy`](ErrorCode::Busy) for the handle itself;
    /// [`NotPermitted`](ErrorCode::NotPermitted) when something in it is hidden or protected;
    /// [`Overflow`](ErrorCode::Overflow) when there is too much in it to ask for, or was before the call removed it
    /// ([`bounds::SUBTREE`](crate::bounds::SUBTREE)); those of [`WriteDir`].
    pub fn remove(&self, path: &str, tree: bool) -> Result<(), ErrorCode> {
        self.remove_what(path, if tree { What::Tree } else { What::Any })
    }

    /// Remove a file or link, never a directory ([`IsDirectory`](ErrorCode::IsDirectory)).
    ///
    /// # Errors
    ///
    /// Those of [`WriteDir`].
    pub fn remove_file(&self, path: &str) -> Result<(), ErrorCode> {
        self.remove_what(path, What::File)
    }

    /// Remove an empty directory, never anything else ([`NotDirectory`](ErrorCode::NotDirectory)).
    ///
    /// # Errors
    ///
    /// Those of [`remove`](Self::remove).
    pub fn remove_dir(&self, path: &str) -> Result<(), ErrorCode> {
        self.remove_what(path, What::Dir)
    }

    /// Set times. Links are followed when `follow`.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](ErrorCode::Unsupported) for those of a link itself, unless writes are direct; those of [`WriteDir`].
    pub fn set_times(&self, path: &str, follow: bool, times: Times) -> Result<(), ErrorCode> {
        let path = GuestPath::parse(path)?;
        self.place.held(|| {
            writable(&self.place)?;
            let dir = match resolve::directory(&self.place, &path) {
                Ok(dir) if follow || path.wants_dir() => dir,
                _ => {
                    let (place, name) = match follow {
                        true => resolve::target(&self.place, &path)?,
                        false => resolve::parent(&self.place, &path)?,
                    };
                    return times::set(&place, &name, times);
                }
            };
            times::set_dir(&dir, times)
        })
    }

    /// As [`open_dir`](Self::open_dir).
    pub(crate) fn below(&self, path: &GuestPath) -> Result<WriteDir, ErrorCode> {
        self.place.held(|| {
            writable(&self.place)?;
            let place = resolve::directory(&self.place, path)?;
            Ok(WriteDir::new(place, self.name_of(path)))
        })
    }

    /// As [`open_file`](Self::open_file).
    pub(crate) fn file(&self, path: &GuestPath, expect: Expect) -> Result<WriteFile, ErrorCode> {
        self.place.held(|| {
            let target = self.target(path, expect, expect == Expect::New)?;
            Ok(WriteFile::new(target, self.name_of(path)))
        })
    }

    fn target(
        &self,
        path: &GuestPath,
        expect: Expect,
        nofollow: bool,
    ) -> Result<Arc<Target>, ErrorCode> {
        writable(&self.place)?;
        if path.is_root() || path.wants_dir() {
            return Err(match resolve::directory(&self.place, path) {
                Ok(_) if expect == Expect::New => ErrorCode::Exist,
                // A slash cannot be part of a file's name.
                Ok(_) => ErrorCode::IsDirectory,
                Err(ErrorCode::NoEntry) if expect != Expect::Existing => ErrorCode::IsDirectory,
                Err(error) => error,
            });
        }
        let (place, name) = match nofollow {
            true => resolve::parent(&self.place, path)?,
            false => match resolve::target(&self.place, path) {
                // A link to the handle itself.
                Err(ErrorCode::Invalid) => return Err(ErrorCode::IsDirectory),
                found => found?,
            },
        };
        Target::open(place, name, expect)
    }

    fn remove_what(&self, path: &str, what: What) -> Result<(), ErrorCode> {
        let path = GuestPath::parse(path)?;
        self.place.held(|| {
            writable(&self.place)?;
            let (place, name) = self.name_in(&path)?;
            if path.wants_dir() {
                // A slash does not lead through a link here.
                match open::facts(&place, &name)?.kind {
                    Kind::Directory if what == What::File => return Err(ErrorCode::IsDirectory),
                    Kind::Directory => {}
                    _ => return Err(ErrorCode::NotDirectory),
                }
            }
            remove::remove(&place, &name, what)
        })
    }

    /// The last name, and where it is. The handle itself has none here.
    fn name_in(&self, path: &GuestPath) -> Result<(Place, OsString), ErrorCode> {
        if path.is_root() {
            return Err(ErrorCode::Busy);
        }
        resolve::parent(&self.place, path)
    }

    fn name_of(&self, path: &GuestPath) -> String {
        let mut name = self.name.clone();
        path::push(&mut name, path.as_str());
        name
    }
}

/// Shows the session's name for it.
impl fmt::Debug for WriteDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteDir")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
