//! A grant: what a host path was opened as, with rights and guards. All handles come from one.

use crate::ambient;
use crate::guard::Guards;
use crate::open::Device;
use crate::read_dir::ReadDir;
use crate::read_file::ReadFile;
use crate::rights::Rights;
use cap_std::fs::Dir;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// A directory of the host, or one file of it, open, and what may be done with it. Cloning it is cheap and shares the
/// descriptor. It becomes something to look at as a [`Volume`](crate::Volume) in a session.
#[derive(Clone)]
pub struct Grant(Arc<Inner>);

struct Inner {
    root: Arc<Dir>,
    device: Device,
    rights: Rights,
    guards: Guards,
    /// Where `root` was when it was opened. Nothing is ever looked at by it.
    host_path: PathBuf,
    /// The one name in `root` that was granted, when it is a file.
    only: Option<Arc<OsStr>>,
    /// Whether its filesystem finds files by aliases. None: others may be mounted inside, and are asked.
    aliases: Option<bool>,
}

/// What a path turned out to be, as a handle to look at.
#[derive(Debug)]
pub enum Resolved {
    /// A directory.
    Dir(ReadDir),
    /// A regular file.
    File(ReadFile),
}

impl Grant {
    /// Made at the edge, [`ambient`](crate::ambient): `root` lies on `device` and was opened at
    /// `host_path`; for the grant of a single file, it is the directory that `only` is in.
    pub(crate) fn new(
        root: Dir,
        device: Device,
        rights: Rights,
        host_path: PathBuf,
        only: Option<OsString>,
        guards: Guards,
    ) -> Self {
        let aliases = (!device.crosses_mounts()).then(|| by_alias(&root));
        Self(Arc::new(Inner {
            aliases,
            root: Arc::new(root),
            device,
            rights,
            guards,
            host_path,
            only: only.map(Arc::from),
        }))
    }

    /// Whether a server or another program may have to answer for what is in it, so that a call to the kernel can wait for long.
    pub fn is_remote(&self) -> bool {
        self.0.device.is_remote()
    }

    /// What may be done through this grant.
    pub fn rights(&self) -> Rights {
        self.0.rights
    }

    /// The directory of the host that it was opened at, or that its file is in: absolute, and without links as they were then.
    pub fn opened_at(&self) -> &Path {
        &self.0.host_path
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
        let root = self.0.host_path.components();
        let root = root.filter_map(|component| match component {
            Component::Normal(name) => Some(name),
            _ => None,
        });
        for name in root.chain(self.0.only.as_deref()) {
            if names.next() != Some(name) {
                return None;
            }
        }
        let below: Option<Vec<&str>> = names.map(OsStr::to_str).collect();
        // There is nothing below a file.
        below
            .filter(|names| names.is_empty() || self.0.only.is_none())
            .map(|names| names.join("/"))
    }

    /// Whether something of the host that must not be within reach is: whether `host_path` lies in this grant and is not hidden, or this grant
    /// lies in it. This compares names, as [`translate`](Self::translate).
    pub fn reaches(&self, host_path: &Path) -> bool {
        if self.0.host_path.starts_with(host_path) {
            return true;
        }
        self.translate(host_path)
            .is_some_and(|inside| !self.0.guards.hides(Path::new(&inside)))
    }

    /// The directory, or the one that the file is in.
    pub(crate) fn root(&self) -> &Arc<Dir> {
        &self.0.root
    }

    /// The name of the file in [`root`](Self::root), when it is the grant of a single one.
    pub(crate) fn only(&self) -> Option<&Arc<OsStr>> {
        self.0.only.as_ref()
    }

    /// Where everything in it has to lie.
    pub(crate) fn device(&self) -> Device {
        self.0.device
    }

    /// What is kept from all its handles.
    pub(crate) fn guards(&self) -> &Guards {
        &self.0.guards
    }

    /// Whether the filesystem finds files by other names than their own, in `dir`, which lies in the grant. None: it is
    /// new, and nowhere yet.
    pub(crate) fn finds_by_alias(&self, dir: Option<&Dir>) -> bool {
        (self.0.aliases).unwrap_or_else(|| by_alias(dir.unwrap_or(&self.0.root)))
    }

    /// As if its filesystem did so.
    #[cfg(test)]
    pub(crate) fn with_aliases(mut self) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.aliases = Some(true);
        }
        self
    }

    /// Where [`root`](Self::root) was when it was opened: for the operator, and to know the grant again.
    pub(crate) fn host_path(&self) -> &Path {
        &self.0.host_path
    }
}

/// One that does not say counts as one that does.
fn by_alias(dir: &Dir) -> bool {
    ambient::finds_by_alias(dir).unwrap_or(true)
}

/// Without the host path: a debug string can end up anywhere.
impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant")
            .field("rights", &self.0.rights)
            .finish_non_exhaustive()
    }
}
