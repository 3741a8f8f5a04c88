//! Looking: from a capability and a path to a handle on a layer.

use super::{Layer, Mount};
use crate::ErrorCode;
use crate::grant::Resolved;
use crate::handles::Capability;
use crate::near;
use crate::open::{self, Node, Opened};
use crate::path::{self, GuestPath};
use crate::place::Place;
use crate::read_dir::ReadDir;
use crate::read_file::ReadFile;
use crate::regular::Regular;
use crate::resolve::{self, End};
use crate::rights::Rights;
use crate::stat::Kind;
use crate::write_dir::WriteDir;
use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::Arc;

/// Where a capability begins.
pub(crate) enum Entrance {
    /// A directory, which nothing leads out of.
    Dir(Place),
    /// One name in a place that shows nothing else. It may be missing.
    Name(Place, OsString),
}

impl Layer {
    /// Whether it is a layer of the same volume as the capability.
    pub fn is_of(&self, capability: &Capability) -> bool {
        self.volume().is(capability.volume())
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

    /// A handle to look at what `path` names, seen from the capability. With the capability `/workspace` and `src/x`, it
    /// is called `/workspace/src/x`.
    ///
    /// # Errors
    ///
    /// [`Access`](ErrorCode::Access) when the capability cannot be read; [`BadDescriptor`](ErrorCode::BadDescriptor) when
    /// it was taken back; [`Invalid`](ErrorCode::Invalid) when it is of another volume; the codes of
    /// [`ReadDir::open_dir`] and [`ReadDir::open_file`] otherwise.
    pub fn resolve_read(
        &self,
        capability: &Capability,
        path: &GuestPath,
    ) -> Result<Resolved, ErrorCode> {
        capability.reach.token.check()?;
        let resolved = self.resolve(capability, path);
        capability.reach.token.check()?;
        resolved
    }

    fn resolve(&self, capability: &Capability, path: &GuestPath) -> Result<Resolved, ErrorCode> {
        let name = name_of(capability, path);
        let (node, place, last) = match self.entrance(capability)? {
            Entrance::Dir(place) => match resolve::node(&place, path, &mut 0) {
                Ok(End::Dir(dir)) => return Ok(Resolved::Dir(ReadDir::new(dir, name))),
                Ok(End::Last(node, place, last)) => (node, place, last),
                // A directory may be searchable without being readable: what is in it can still be opened by name.
                Err(ErrorCode::Access) => {
                    let found = resolve::directory(&place, path);
                    let dir = found.map_err(|_| ErrorCode::Access)?;
                    return Ok(Resolved::Dir(ReadDir::new(dir, name)));
                }
                Err(error) => return Err(error),
            },
            Entrance::Name(place, last) => match open::node(&place, &last)? {
                _ if !path.is_root() => return Err(ErrorCode::NotDirectory),
                Opened::It(node) => (node, place, last),
                Opened::Link(_) => return Err(ErrorCode::NotPermitted),
            },
        };
        Ok(match node {
            Node::Dir(dir) => Resolved::Dir(ReadDir::new(dir, name)),
            file => {
                let file = Regular::of(file, Cow::Owned(place), Cow::Owned(last))?;
                Resolved::File(ReadFile::new(file.open()?, name))
            }
        })
    }

    /// A directory as a mount. When `path` names a file: of the directory that it is in, of which nothing but that file
    /// is shown; so too when it names nothing, and it is to be written. What is mounted is called by its own name, not by
    /// that of a link to it.
    ///
    /// There is something to change when `writes` and the capability may.
    ///
    /// # Errors
    ///
    /// Those of [`resolve_read`](Self::resolve_read); [`Unsupported`](ErrorCode::Unsupported) for a file whose name is
    /// not UTF-8, and for what is neither a file nor a directory.
    pub fn mount(
        &self,
        capability: &Capability,
        path: &GuestPath,
        writes: bool,
    ) -> Result<Mount, ErrorCode> {
        capability.reach.token.check()?;
        let mount = self.mounted(capability, path, writes);
        capability.reach.token.check()?;
        mount
    }

    fn mounted(
        &self,
        capability: &Capability,
        path: &GuestPath,
        writes: bool,
    ) -> Result<Mount, ErrorCode> {
        let writes = writes && capability.reach.rights.allows(Rights::READ_WRITE);
        let mount = |place: Place, name: String, only: Option<String>| Mount {
            write: writes.then(|| WriteDir::new(place.clone(), name.clone())),
            read: ReadDir::new(place, name),
            only,
        };
        let (place, last, name) = match self.entrance(capability)? {
            Entrance::Dir(root) => match resolve::directory(&root, path) {
                Ok(dir) => {
                    let name = plain_name(capability, &root, &dir)?;
                    return Ok(mount(dir, name, None));
                }
                Err(ErrorCode::NotDirectory | ErrorCode::NoEntry) if !path.wants_dir() => {
                    let (place, last) = resolve::target(&root, path)?;
                    let name = plain_name(capability, &root, &place)?;
                    (place, last, name)
                }
                Err(error) => return Err(error),
            },
            Entrance::Name(..) if !path.is_root() => return Err(ErrorCode::NotDirectory),
            Entrance::Name(place, last) => {
                // The name of a single file in the session may be another than on the host.
                let name = match capability.name.rsplit_once('/') {
                    Some((above, own)) if *last == *own => above.to_owned(),
                    _ => capability.name.clone(),
                };
                (place, last, name)
            }
        };
        match open::facts(&place, &last) {
            Ok(facts) if facts.kind == Kind::File => {}
            Ok(_) => return Err(ErrorCode::Unsupported),
            Err(ErrorCode::NoEntry) if writes => {}
            Err(error) => return Err(error),
        }
        let only = last.to_str().ok_or(ErrorCode::Unsupported)?.to_owned();
        Ok(mount(place.only(&last), name, Some(only)))
    }

    /// As [`ReadDir::names_near`](crate::ReadDir::names_near), seen from the capability.
    pub fn names_near(
        &self,
        capability: &Capability,
        path: &GuestPath,
        limit: usize,
    ) -> Vec<String> {
        let near = || match self.entrance(capability)? {
            Entrance::Dir(place) => Ok(near::names(&place, &capability.name, path, limit)),
            Entrance::Name(..) => Ok(Vec::new()),
        };
        let near: Result<_, ErrorCode> = near();
        capability.reach.token.check().and(near).unwrap_or_default()
    }

    /// Where a capability begins. It stands for the plain names that it was made with: a link that is there now is
    /// [`NotPermitted`](ErrorCode::NotPermitted), or its guards would be about another place than the one that it
    /// shows.
    pub(crate) fn entrance(&self, capability: &Capability) -> Result<Entrance, ErrorCode> {
        if !self.is_of(capability) {
            return Err(ErrorCode::Invalid);
        }
        capability.reach.token.check()?;
        if !capability.reach.rights.allows(Rights::READ) {
            return Err(ErrorCode::Access);
        }
        let mut place = Place::root(self.clone(), Arc::new(capability.reach.clone()));
        if let Some(only) = place.only.clone() {
            return match capability.at.is_root() {
                true => Ok(Entrance::Name(place, only.to_os_string())),
                false => Err(ErrorCode::NotDirectory),
            };
        }
        let mut names = capability.at.components().map(OsStr::new).peekable();
        while let Some(name) = names.next() {
            let is_last = names.peek().is_none();
            match open::dir(&place, name) {
                Ok(Opened::It(below)) => place = below,
                Ok(Opened::Link(_)) => return Err(ErrorCode::NotPermitted),
                Err(ErrorCode::NotDirectory | ErrorCode::NoEntry)
                    if is_last && !capability.at.wants_dir() =>
                {
                    return Ok(Entrance::Name(place.only(name), name.to_owned()));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Entrance::Dir(place))
    }
}

/// The session's word for `path`, as it was asked for.
fn name_of(capability: &Capability, path: &GuestPath) -> String {
    let mut name = capability.name.clone();
    path::push(&mut name, path.as_str());
    name
}

/// The session's word for a place below where the capability begins, by plain names.
fn plain_name(capability: &Capability, root: &Place, place: &Place) -> Result<String, ErrorCode> {
    let mut name = capability.name.clone();
    for below in place.way.names_from(root.way.depth()) {
        path::push(&mut name, below.to_str().ok_or(ErrorCode::Unsupported)?);
    }
    Ok(name)
}
