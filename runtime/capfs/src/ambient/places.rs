//! Where host paths lie to each other, whatever they are called.
//!
//! What governs a session (policy, lock, components, state, cache) may be named by a path with links in it, lie on a
//! second mount, or not exist yet. Here a path becomes the places that matter for it: where it ends, and every link on
//! the way, since whoever can replace one of those decides where it ends.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

/// Links on one way. As many as the kernel follows.
const LINKS: usize = 40;

/// A host path, looked at.
#[derive(Debug)]
pub(super) struct Places {
    /// Where it ends, without links; what does not exist is taken by its name.
    pub(super) end: PathBuf,
    /// The links on the way, each without links before it.
    pub(super) links: Vec<PathBuf>,
}

/// How a place lies to a grant.
pub(super) enum Lies<'a> {
    /// Neither holds the other.
    Apart,
    /// In the grant, at this path from its root.
    Within(&'a Path),
    /// It is the grant's root, or holds it.
    Around,
}

impl Places {
    /// Look at every step of `path`.
    #[allow(
        clippy::disallowed_methods,
        reason = "the edge: only operators' paths come here"
    )]
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let path = std::path::absolute(path)?;
        let mut ahead: VecDeque<OsString> = VecDeque::new();
        let (mut end, mut links) = (PathBuf::from("/"), Vec::new());
        queue(&mut ahead, &path);
        while let Some(name) = ahead.pop_front() {
            if name == ".." {
                end.pop();
                continue;
            }
            end.push(name);
            match std::fs::read_link(&end) {
                Ok(target) => {
                    if links.len() == LINKS {
                        return Err(rustix::io::Errno::LOOP.into());
                    }
                    links.push(end.clone());
                    end.pop();
                    if target.is_absolute() {
                        end = PathBuf::from("/");
                    }
                    queue(&mut ahead, &target);
                }
                // No link, or nothing at all: then it is its name.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::InvalidInput
                            | io::ErrorKind::NotFound
                            | io::ErrorKind::NotADirectory
                    ) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self { end, links })
    }
}

/// Put the names of a path in front of those ahead.
fn queue(ahead: &mut VecDeque<OsString>, path: &Path) {
    for component in path.components().rev() {
        match component {
            Component::Normal(name) => ahead.push_front(name.to_owned()),
            Component::ParentDir => ahead.push_front("..".into()),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
}

/// How `place` lies to the grant at `root`. Both are without links. A directory that is the same under another path,
/// because it is mounted twice, is the same.
pub(super) fn lies<'a>(place: &'a Path, root: &Path) -> Lies<'a> {
    if root.starts_with(place) {
        return Lies::Around;
    }
    if let Ok(below) = place.strip_prefix(root) {
        return Lies::Within(below);
    }
    if let Some(at) = identity(root) {
        for above in place.ancestors() {
            if identity(above) == Some(at) {
                return place.strip_prefix(above).map_or(Lies::Apart, |below| {
                    if below.as_os_str().is_empty() {
                        Lies::Around
                    } else {
                        Lies::Within(below)
                    }
                });
            }
        }
    }
    if let Some(at) = identity(place)
        && root.ancestors().any(|above| identity(above) == Some(at))
    {
        return Lies::Around;
    }
    Lies::Apart
}

/// Which file or directory it is, if it is there.
#[allow(clippy::disallowed_methods, reason = "the edge")]
fn identity(path: &Path) -> Option<(u64, u64)> {
    let metadata = std::fs::symlink_metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}
