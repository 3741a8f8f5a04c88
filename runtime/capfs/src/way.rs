//! The plain names from a grant's root to a directory, as a list that shares what is common.
//!
//! A resolution makes one step of it for every name. A step costs one small allocation and nothing of what is above
//! it; the path as a whole is built only where something looks at it.

use crate::{ErrorCode, bounds};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::Arc;

/// Plain names from the root of a grant down, links resolved. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Way(Option<Arc<Step>>);

#[derive(Debug)]
struct Step {
    above: Way,
    name: OsString,
    /// Names down to here.
    depth: u32,
    /// Bytes of these names, and one for each.
    size: usize,
}

impl Way {
    /// The way to `name` in the directory that this one leads to.
    /// [`NameTooLong`](ErrorCode::NameTooLong) over [`bounds::WAY`].
    pub(crate) fn push(&self, name: OsString) -> Result<Way, ErrorCode> {
        let size = self.size() + name.len() + 1;
        if size > bounds::WAY {
            return Err(ErrorCode::NameTooLong);
        }
        Ok(Self(Some(Arc::new(Step {
            above: self.clone(),
            name,
            depth: self.depth() + 1,
            size,
        }))))
    }

    /// The way along `path`, names joined by `/`, from the root.
    pub(crate) fn along(path: &str) -> Result<Way, ErrorCode> {
        let names = path.split('/').filter(|name| !name.is_empty());
        names
            .into_iter()
            .try_fold(Way::default(), |way, name| way.push(name.into()))
    }

    /// How many names there are.
    pub(crate) fn depth(&self) -> u32 {
        self.0.as_ref().map_or(0, |step| step.depth)
    }

    fn size(&self) -> usize {
        self.0.as_ref().map_or(0, |step| step.size)
    }

    /// All but the last name, and the last; none at the root.
    pub(crate) fn split_last(&self) -> Option<(&Way, &OsStr)> {
        self.0
            .as_ref()
            .map(|step| (&step.above, step.name.as_os_str()))
    }

    /// The names below the first `depth`, outermost first.
    pub(crate) fn names_from(&self, depth: u32) -> Vec<&OsStr> {
        let mut names = Vec::with_capacity(self.depth().saturating_sub(depth) as usize);
        let mut at = self;
        while let Some((above, name)) = at.split_last()
            && at.depth() > depth
        {
            names.push(name);
            at = above;
        }
        names.reverse();
        names
    }

    /// As a path relative to the root; empty for the root.
    pub(crate) fn path(&self) -> PathBuf {
        let mut path = OsString::with_capacity(self.size());
        for name in self.names_from(0) {
            if !path.is_empty() {
                path.push("/");
            }
            path.push(name);
        }
        path.into()
    }

    /// As a path relative to the root, with `name` added.
    pub(crate) fn path_of(&self, name: &OsStr) -> PathBuf {
        let mut path = self.path();
        path.push(name);
        path
    }

    /// Names joined by `/`. [`Unsupported`](ErrorCode::Unsupported) when one is not UTF-8.
    pub(crate) fn text(&self) -> Result<String, ErrorCode> {
        self.path()
            .into_os_string()
            .into_string()
            .map_err(|_| ErrorCode::Unsupported)
    }
}

impl PartialEq for Way {
    fn eq(&self, other: &Self) -> bool {
        let (mut a, mut b) = (self, other);
        loop {
            match (&a.0, &b.0) {
                (None, None) => return true,
                (Some(x), Some(y)) if Arc::ptr_eq(x, y) => return true,
                (Some(x), Some(y)) if x.depth == y.depth && x.name == y.name => {
                    (a, b) = (&x.above, &y.above);
                }
                _ => return false,
            }
        }
    }
}

impl Eq for Way {}

/// A deep way must not be dropped by recursion.
impl Drop for Way {
    fn drop(&mut self) {
        let mut at = self.0.take();
        while let Some(mut step) = at.and_then(Arc::into_inner) {
            at = step.above.0.take();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn pushes_and_splits() {
        let root = Way::default();
        assert_eq!(root.path(), Path::new(""));
        assert_eq!(root.split_last(), None);
        let ab = Way::along("a/b").expect("it is short");
        assert_eq!(ab.path(), Path::new("a/b"));
        assert_eq!(ab.depth(), 2);
        assert_eq!(ab.path_of(OsStr::new("c")), Path::new("a/b/c"));
        assert_eq!(root.path_of(OsStr::new("c")), Path::new("c"));
        let (above, last) = ab.split_last().expect("it has two names");
        assert_eq!(
            (above.path().as_path(), last),
            (Path::new("a"), OsStr::new("b"))
        );
        assert_eq!(ab.names_from(1), [OsStr::new("b")]);
        assert!(ab.names_from(2).is_empty());
        assert_eq!(ab, Way::along("a/b").expect("it is short"));
        assert_ne!(ab, Way::along("a/c").expect("it is short"));
        assert_ne!(ab, Way::along("b/b").expect("it is short"));
        assert_ne!(ab, *above);
    }

    #[test]
    fn is_bounded_and_drops_flat() {
        let mut way = Way::default();
        for _ in 0..bounds::WAY / 2 {
            way = way.push("d".into()).expect("it fits");
        }
        assert_eq!(way.push("d".into()), Err(ErrorCode::NameTooLong));
        // On a thread with little stack, recursion would end here.
        let dropped = std::thread::Builder::new()
            .stack_size(64 << 10)
            .spawn(move || drop(way));
        dropped.expect("it starts").join().expect("it drops");
    }
}
