//! A handle to look at a directory and all below it.

use crate::facts::{DirEntry, Facts};
use crate::list::list;
use crate::open::{self, Opened};
use crate::path::{self, GuestPath};
use crate::place::Place;
use crate::read_file::ReadFile;
use crate::regular::Regular;
use crate::resolve::{self, End};
use crate::stat::Stat;
use crate::walk::{Scope, Walker};
use crate::{ErrorCode, near};
use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;

/// A directory and all below it, to look at. No path and no link given to it reaches above it.
///
/// It shows the base as the call's layer changes it. Every function is [`BadDescriptor`](ErrorCode::BadDescriptor) once
/// the handle was taken back, or what it was derived from.
pub struct ReadDir {
    place: Place,
    name: String,
}

impl ReadDir {
    pub(crate) fn new(place: Place, name: String) -> Self {
        Self { place, name }
    }

    /// The session's word for it: `/workspace/src`. With `/` and a path added it is a name again. Never a path of the
    /// host.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it still holds: for whoever keeps what it gave, and hands that on bit by bit.
    ///
    /// # Errors
    ///
    /// [`BadDescriptor`](ErrorCode::BadDescriptor) once it was taken back, or what it was derived from.
    pub fn check(&self) -> Result<(), ErrorCode> {
        self.place.reach.token.check()
    }

    /// Facts about what `path` stands for, links followed. Nothing is opened but the directories on the way, so a
    /// FIFO or a device has facts too ([`Kind::Other`](crate::Kind::Other)).
    ///
    /// # Errors
    ///
    /// Those of [`GuestPath::parse`]; [`NotPermitted`](ErrorCode::NotPermitted) for a link that is absolute or
    /// leaves; [`Loop`](ErrorCode::Loop); [`CrossDevice`](ErrorCode::CrossDevice); [`NoEntry`](ErrorCode::NoEntry);
    /// [`NotDirectory`](ErrorCode::NotDirectory); [`Access`](ErrorCode::Access); [`Busy`](ErrorCode::Busy) when a
    /// name was exchanged meanwhile.
    pub fn stat(&self, path: &str) -> Result<Stat, ErrorCode> {
        let path = GuestPath::parse(path)?;
        let facts = || resolve::facts(&self.place, &path, &mut 0);
        Ok(Stat::from(&self.place.held(facts)?))
    }

    /// What the link at `path` says, as it was written. Links before the last name are followed.
    ///
    /// # Errors
    ///
    /// [`Invalid`](ErrorCode::Invalid) when it is not a link; [`NotPermitted`](ErrorCode::NotPermitted) when the
    /// target is absolute, for that is a path of the host; [`Unsupported`](ErrorCode::Unsupported) when it is not
    /// UTF-8; and those of [`stat`](Self::stat).
    pub fn read_link(&self, path: &str) -> Result<String, ErrorCode> {
        let path = GuestPath::parse(path)?;
        let target = self.place.held(|| resolve::link(&self.place, &path))?;
        if target.has_root() {
            return Err(ErrorCode::NotPermitted);
        }
        target
            .into_os_string()
            .into_string()
            .map_err(|_| ErrorCode::Unsupported)
    }

    /// Begin to walk the directory at `path`.
    ///
    /// # Errors
    ///
    /// [`Invalid`](ErrorCode::Invalid) when a glob does not parse; [`Overflow`](ErrorCode::Overflow) when the globs
    /// are more than [`bounds::GLOBS`](crate::bounds::GLOBS) or [`bounds::GLOBS_COUNT`](crate::bounds::GLOBS_COUNT), or
    /// the directory has more than [`bounds::LISTING`](crate::bounds::LISTING) names;
    /// [`NotDirectory`](ErrorCode::NotDirectory); and those of [`stat`](Self::stat).
    pub fn walk(&self, path: &str, scope: &Scope) -> Result<Walker, ErrorCode> {
        let path = GuestPath::parse(path)?;
        self.place.held(|| {
            let place = resolve::directory(&self.place, &path)?;
            Walker::begin(place, path.as_str(), scope)
        })
    }

    /// A directory below, as a handle of its own, which cannot look above itself.
    ///
    /// # Errors
    ///
    /// [`NotDirectory`](ErrorCode::NotDirectory), and those of [`stat`](Self::stat).
    pub fn open_dir(&self, path: &str) -> Result<ReadDir, ErrorCode> {
        let path = GuestPath::parse(path)?;
        let place = self.place.held(|| resolve::directory(&self.place, &path))?;
        Ok(ReadDir::new(place, self.name_of(&path)))
    }

    /// A file below, as a handle of its own.
    ///
    /// # Errors
    ///
    /// [`IsDirectory`](ErrorCode::IsDirectory); [`Unsupported`](ErrorCode::Unsupported) for a FIFO, a socket or a
    /// device; and those of [`stat`](Self::stat).
    pub fn open_file(&self, path: &str) -> Result<ReadFile, ErrorCode> {
        let path = GuestPath::parse(path)?;
        let file = self.place.held(|| match self.beside(&path)? {
            Some(file) => file.open(),
            None => self.file(&path, &mut 0)?.open(),
        })?;
        Ok(ReadFile::new(file, self.name_of(&path)))
    }

    /// All facts about what `path` stands for; about a link itself unless `follow`.
    ///
    /// # Errors
    ///
    /// Those of [`stat`](Self::stat).
    pub fn facts(&self, path: &str, follow: bool) -> Result<Facts, ErrorCode> {
        let path = GuestPath::parse(path)?;
        self.place.held(|| match follow {
            true => resolve::facts(&self.place, &path, &mut 0),
            false => resolve::facts_nofollow(&self.place, &path),
        })
    }

    /// The names in the directory at `path`, without `.` and `..`.
    ///
    /// # Errors
    ///
    /// [`Overflow`](ErrorCode::Overflow) when there are more than [`bounds::LISTING`](crate::bounds::LISTING); those of
    /// [`stat`](Self::stat).
    pub fn entries(&self, path: &str) -> Result<Vec<DirEntry>, ErrorCode> {
        let path = GuestPath::parse(path)?;
        self.place.held(|| {
            let place = resolve::directory(&self.place, &path)?;
            Ok(list(&open::listable_again(place.clone())?)?.entries(&place))
        })
    }

    /// As [`open_file`](Self::open_file), but a link at the end of the path is [`Loop`](ErrorCode::Loop).
    ///
    /// # Errors
    ///
    /// Those of [`open_file`](Self::open_file).
    pub fn open_file_nofollow(&self, path: &str) -> Result<ReadFile, ErrorCode> {
        let path = GuestPath::parse(path)?;
        let file = self.place.held(|| {
            if path.wants_dir() {
                // A directory, or nothing that can be opened as a file.
                return self.file(&path, &mut 0)?.open();
            }
            let (place, name) = resolve::parent(&self.place, &path)?;
            match open::node(&place, &name)? {
                Opened::It(node) => Regular::of(node, Cow::Owned(place), Cow::Owned(name))?.open(),
                Opened::Link(_) => Err(ErrorCode::Loop),
            }
        })?;
        Ok(ReadFile::new(file, self.name_of(&path)))
    }

    /// The names that exist and are most like the first one in `path` that does not, best first and at most `limit`,
    /// in canonical form (`/workspace/src/main.rs`): for "did you mean". Empty when nothing is alike, or `path`
    /// exists.
    pub fn names_near(&self, path: &GuestPath, limit: usize) -> Vec<String> {
        let near = || Ok(near::names(&self.place, &self.name, path, limit));
        self.place.held(near).unwrap_or_default()
    }

    /// Where it is.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    fn name_of(&self, path: &GuestPath) -> String {
        let mut name = String::with_capacity(self.name.len() + 1 + path.as_str().len());
        name.push_str(&self.name);
        path::push(&mut name, path.as_str());
        name
    }

    /// A path of one name that is no link, as most are: nothing has to be resolved. None for any other.
    fn beside<'a>(&'a self, path: &'a GuestPath) -> Result<Option<Regular<'a>>, ErrorCode> {
        let (Some(("", name)), false) = (path.split_last(), path.wants_dir()) else {
            return Ok(None);
        };
        let (place, name) = (self.place.fresh()?, OsStr::new(name));
        match open::node(&place, name)? {
            Opened::It(node) => Regular::of(node, place, Cow::Borrowed(name)).map(Some),
            Opened::Link(_) => Ok(None),
        }
    }

    /// Resolve to a regular file, open. Adds what it took to `steps`, found or not.
    pub(crate) fn file(
        &self,
        path: &GuestPath,
        steps: &mut u32,
    ) -> Result<Regular<'static>, ErrorCode> {
        match resolve::node(&self.place, path, steps)? {
            End::Last(node, place, name) => Regular::of(node, Cow::Owned(place), Cow::Owned(name)),
            End::Dir(_) => Err(ErrorCode::IsDirectory),
        }
    }
}

/// Shows the session's name for it.
impl fmt::Debug for ReadDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadDir")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
