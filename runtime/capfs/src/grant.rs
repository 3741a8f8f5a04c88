//! A grant: what a host path was opened as, with rights. All handles come from one.

use crate::ambient::{self, OpenError};
use crate::open::{Device, Node};
use crate::path::{self, GuestPath};
use crate::read_dir::ReadDir;
use crate::read_file::ReadFile;
use crate::resolve::{self, End};
use crate::rights::Rights;
use crate::tree::Tree;
use crate::{ErrorCode, near};
use cap_std::AmbientAuthority;
use cap_std::fs::Dir;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// A directory of the host, open, and what may be done below it. Cloning it is cheap and shares the descriptor.
#[derive(Clone)]
pub struct Grant(Arc<Inner>);

struct Inner {
    root: Arc<Dir>,
    device: Device,
    rights: Rights,
    /// Where it was when it was opened. Only for [`Grant::translate`]; nothing is ever opened by it.
    host_path: PathBuf,
}

/// What a path in a grant turned out to be, as a handle to look at.
#[derive(Debug)]
pub enum Resolved {
    /// A directory.
    Dir(ReadDir),
    /// A regular file.
    File(ReadFile),
}

impl Grant {
    /// Open a directory of the host.
    ///
    /// # Ambient authority
    ///
    /// This is the one function of the crate that takes a host path to open, and it can open any: `path` must come
    /// from the operator. Links in it are followed. Directories on filesystems that are not for files (`/proc`,
    /// `/sys`, `/dev`) are refused.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says which path and why, in words for the operator.
    pub fn open_ambient(
        path: &Path,
        rights: Rights,
        authority: AmbientAuthority,
    ) -> Result<Grant, OpenError> {
        ambient::open(path, rights, authority)
    }

    pub(crate) fn new(root: Dir, device: Device, rights: Rights, host_path: PathBuf) -> Self {
        Self(Arc::new(Inner {
            root: Arc::new(root),
            device,
            rights,
            host_path,
        }))
    }

    /// What may be done through this grant.
    pub fn rights(&self) -> Rights {
        self.0.rights
    }

    /// A host path that lies inside this grant, as a path inside it (`src/main.rs`; empty for the grant itself). None
    /// when it is outside, relative, or not UTF-8.
    ///
    /// This compares names with the place that the grant was opened at, and touches no file: what comes out is as
    /// little trusted as any other path, and is resolved like one. Whether the answer is none depends only on the
    /// names.
    pub fn translate(&self, host_path: &Path) -> Option<String> {
        if !host_path.is_absolute() {
            return None;
        }
        let mut names: Vec<&OsStr> = Vec::new();
        for component in host_path.components() {
            match component {
                Component::Normal(name) => names.push(name),
                Component::ParentDir => drop(names.pop()),
                Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            }
        }
        let mut names = names.into_iter();
        for component in self.0.host_path.components() {
            if let Component::Normal(root) = component
                && names.next() != Some(root)
            {
                return None;
            }
        }
        let below: Option<Vec<&str>> = names.map(OsStr::to_str).collect();
        below.map(|names| names.join("/"))
    }

    /// Resolve `path`, as seen from the grant, to a handle that covers that subtree or file and nothing else. `name`
    /// is the grant's name in the session: with `workspace` and `src/x`, the handle is called `/workspace/src/x`.
    ///
    /// # Errors
    ///
    /// [`Access`](ErrorCode::Access) when the grant cannot be read; the codes of [`ReadDir::open_dir`] and
    /// [`ReadDir::open_file`] otherwise.
    pub fn resolve_read(&self, name: &str, path: &GuestPath) -> Result<Resolved, ErrorCode> {
        if !self.rights().allows(Rights::READ) {
            return Err(ErrorCode::Access);
        }
        let tree = self.tree();
        let mut name = format!("/{name}");
        path::push(&mut name, path.as_str());
        let found = match resolve::node(tree.dir(), tree.device(), path, &mut 0) {
            Ok(found) => found,
            // A directory may be searchable without being readable: what is in it can still be opened by name.
            Err(ErrorCode::Access) => {
                let found = resolve::directory(tree.dir(), tree.device(), path)
                    .map_err(|_| ErrorCode::Access)?;
                return Ok(Resolved::Dir(ReadDir::new(
                    tree.below(found.it, found.behind),
                    name,
                )));
            }
            Err(error) => return Err(error),
        };
        Ok(match found.it {
            End::Dir(dir) => Resolved::Dir(ReadDir::new(tree.below(dir, found.behind), name)),
            End::Last(Node::File(file, _), _) => Resolved::File(ReadFile::new(file, name)),
            End::Last(Node::Dir(dir), last) => {
                let mut behind = found.behind;
                behind.push(last);
                Resolved::Dir(ReadDir::new(tree.below(Arc::new(dir), behind), name))
            }
        })
    }

    /// The names that exist and are most like the first one in `path` that does not, best first and at most `limit`,
    /// in canonical form (`/workspace/src/main.rs`): for "did you mean". Empty when nothing is alike, or `path`
    /// exists. `name` is the grant's name in the session.
    pub fn names_near(&self, name: &str, path: &GuestPath, limit: usize) -> Vec<String> {
        if !self.rights().allows(Rights::READ) {
            return Vec::new();
        }
        near::names(&self.tree(), &format!("/{name}"), path, limit)
    }

    /// The whole grant as a tree.
    pub(crate) fn tree(&self) -> Tree {
        Tree::new(self.clone(), Arc::clone(&self.0.root))
    }

    pub(crate) fn root(&self) -> &Arc<Dir> {
        &self.0.root
    }

    pub(crate) fn device(&self) -> Device {
        self.0.device
    }
}

/// Without the host path: a debug string can end up anywhere.
impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant")
            .field("rights", &self.0.rights)
            .finish_non_exhaustive()
    }
}
