//! Paths of the host as a file gives them, and where they lead.

use std::ffi::OsStr;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use crate::error::{Code, PolicyError, Problems};
use crate::nearest;
use crate::parse::section::{Section, example};
use crate::policy::Policy;

/// The longest path, in bytes: more than Linux takes.
const LONGEST: usize = 4096;

/// What stands for the user's home.
const HOME: &str = "~";

impl Section<'_> {
    /// A key's path, which can be one, and where it stands.
    pub(crate) fn path(
        &self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<(PathBuf, Range<usize>)> {
        let (path, span) = self.text(key, problems)?;
        let wrong = match path.as_str() {
            path if path.trim().is_empty() => "is empty",
            path if path.contains('\0') => "has a NUL in it",
            path if path.len() > LONGEST => "is longer than a path can be",
            path if is_of_somebody(path) => "begins with the home of somebody by name",
            _ => return Some((path.into(), span)),
        };
        let mut message = format!("`{key}` of {} {wrong}", self.what);
        if !path.trim().is_empty() {
            message.push_str(&format!(": `{}`", nearest::quote(&path)));
        }
        let help = match self.known(key) {
            Some(known) if !path.starts_with(HOME) => format!("for example: {}", example(known)),
            _ => "write it out; `~/` is your own home, and `./~` a name like any other".to_owned(),
        };
        problems.push(PolicyError::new(Code::BadPath, span, message).help(help));
        None
    }
}

/// `~name`, which a shell knows and nobody else.
fn is_of_somebody(path: &str) -> bool {
    path.strip_prefix(HOME)
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
}

impl Policy {
    /// Where a path of a policy leads: one that is relative lies in `folder`, which the policy's file is in; `~` is
    /// `home`. Without a home `~` is a name like any other. The names are made plain (`a/./b/../c` is `a/c`) without a
    /// look at any file, so links are not resolved. What comes out is absolute when `folder` and `home` are.
    #[must_use]
    pub fn path_of(folder: &Path, path: &Path, home: Option<&Path>) -> PathBuf {
        let mut names = path.components();
        let whole = match (names.next(), home) {
            (Some(Component::Normal(first)), Some(home)) if first == OsStr::new(HOME) => {
                home.join(names.as_path())
            }
            _ => folder.join(path),
        };
        plain(&whole)
    }
}

/// A path without `.` and without `..`, but at the beginning of one that is relative.
pub(crate) fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match plain.components().next_back() {
                Some(Component::Normal(_)) => drop(plain.pop()),
                // Above the root is the root.
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => plain.push(".."),
            },
            other => plain.push(other),
        }
    }
    if plain.as_os_str().is_empty() {
        plain.push(".");
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_somewhere() {
        let of = |path: &str| {
            let (folder, home) = (Path::new("/home/u/p"), Path::new("/home/u"));
            Policy::path_of(folder, Path::new(path), Some(home))
                .display()
                .to_string()
        };
        assert_eq!(of("."), "/home/u/p");
        assert_eq!(of("src/../lib/./a"), "/home/u/p/lib/a");
        assert_eq!(of("../q"), "/home/u/q");
        assert_eq!(of("../../../../../etc"), "/etc");
        assert_eq!(of("~"), "/home/u");
        assert_eq!(of("~/x/.."), "/home/u");
        assert_eq!(of("~/../other"), "/home/other");
        assert_eq!(of("./~"), "/home/u/p/~");
        assert_eq!(of("a/~"), "/home/u/p/a/~");
        assert_eq!(of("/a//b/"), "/a/b");
        assert_eq!(of("~//etc"), "/home/u/etc");
        let homeless = Policy::path_of(Path::new("/p"), Path::new("~/x"), None);
        assert_eq!(homeless, Path::new("/p/~/x"));
        let relative = |path: &str| Policy::path_of(Path::new("p"), Path::new(path), None);
        assert_eq!(relative("../.."), Path::new(".."));
        assert_eq!(relative(".."), Path::new("."));
    }
}
