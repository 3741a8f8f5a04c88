//! Paths as a guest or a model writes them, normalised before anything is opened.
//!
//! This is grammar only: no path here reaches the kernel. Names that survive it are looked up one by one.

use crate::{ErrorCode, bounds};
use std::fmt;

/// A path below a handle: names joined by `/`, without `.`, `..` or empty names.
///
/// `..` takes away the name before it, as it is written: `link/../x` is `x`, wherever `link` leads. One that leaves
/// is an error, so whatever a `GuestPath` names is below the handle that it is given to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct GuestPath {
    text: String,
    wants_dir: bool,
}

impl GuestPath {
    /// Read a path: UTF-8 with `/` between names; the empty path and `.` are the handle itself.
    ///
    /// # Errors
    ///
    /// [`Invalid`](ErrorCode::Invalid) for a NUL; [`NameTooLong`](ErrorCode::NameTooLong) over [`bounds::PATH`] bytes
    /// or with a name over [`bounds::NAME`]; [`NotPermitted`](ErrorCode::NotPermitted) for an absolute path, or one
    /// whose `..` leaves at any point.
    pub fn parse(path: &str) -> Result<Self, ErrorCode> {
        if path.len() > bounds::PATH {
            return Err(ErrorCode::NameTooLong);
        }
        if path.contains('\0') {
            return Err(ErrorCode::Invalid);
        }
        if path.starts_with('/') {
            return Err(ErrorCode::NotPermitted);
        }
        let plain = |name: &str| !matches!(name, "" | "." | "..") && name.len() <= bounds::NAME;
        if path.split('/').all(plain) {
            // As most are written.
            let text = path.to_owned();
            let wants_dir = false;
            return Ok(Self { text, wants_dir });
        }
        let mut names: Vec<&str> = Vec::new();
        // The last name as written decides: `a/`, `a/.` and `a/b/..` can only be directories.
        let mut wants_dir = true;
        for name in path.split('/') {
            wants_dir = matches!(name, "" | "." | "..");
            match name {
                "" | "." => {}
                ".." => {
                    names.pop().ok_or(ErrorCode::NotPermitted)?;
                }
                _ if name.len() > bounds::NAME => return Err(ErrorCode::NameTooLong),
                _ => names.push(name),
            }
        }
        Ok(Self {
            text: names.join("/"),
            wants_dir,
        })
    }

    /// Whether the path can only mean a directory: it ended in `/`, `.` or `..`, or is the handle itself.
    pub fn wants_dir(&self) -> bool {
        self.wants_dir
    }

    /// Whether it is the handle itself.
    pub fn is_root(&self) -> bool {
        self.text.is_empty()
    }

    /// The names, in order.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.text.split('/').filter(|name| !name.is_empty())
    }

    /// `a/b`, without a slash at either end; empty for the handle itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The path of `below`, seen from where this one begins. It may be longer than what [`parse`](Self::parse) takes.
    #[must_use]
    pub fn join(&self, below: &GuestPath) -> GuestPath {
        if below.is_root() {
            return Self {
                text: self.text.clone(),
                wants_dir: true,
            };
        }
        let mut text = self.text.clone();
        push(&mut text, &below.text);
        Self {
            text,
            wants_dir: below.wants_dir,
        }
    }

    /// The last name and what is before it; none for the handle itself.
    pub(crate) fn split_last(&self) -> Option<(&str, &str)> {
        match self.text.rsplit_once('/') {
            Some(split) => Some(split),
            None if self.is_root() => None,
            None => Some(("", &self.text)),
        }
    }
}

/// Append a name or path to another one.
pub(crate) fn push(path: &mut String, below: &str) {
    if !path.is_empty() && !below.is_empty() {
        path.push('/');
    }
    path.push_str(below);
}

/// The canonical form, `a/b`.
impl fmt::Display for GuestPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grammar() {
        let long = "n".repeat(bounds::NAME);
        let too_long = "n".repeat(bounds::NAME + 1);
        let deep = "a/".repeat(bounds::PATH / 2);
        let too_deep = format!("{deep}a");
        // The canonical form, and whether it must be a directory.
        type Parsed<'a> = Result<(&'a str, bool), ErrorCode>;
        let table: &[(&str, Parsed)] = &[
            ("", Ok(("", true))),
            (".", Ok(("", true))),
            ("./", Ok(("", true))),
            ("././.", Ok(("", true))),
            ("a", Ok(("a", false))),
            ("a/", Ok(("a", true))),
            ("a//", Ok(("a", true))),
            ("a/.", Ok(("a", true))),
            ("./a", Ok(("a", false))),
            ("a/b", Ok(("a/b", false))),
            ("a//b", Ok(("a/b", false))),
            ("a/./b", Ok(("a/b", false))),
            ("a/../b", Ok(("b", false))),
            ("a/b/..", Ok(("a", true))),
            ("a/..", Ok(("", true))),
            ("a/b/../../c", Ok(("c", false))),
            ("...", Ok(("...", false))),
            ("..a", Ok(("..a", false))),
            (".a", Ok((".a", false))),
            ("a\\..\\b", Ok(("a\\..\\b", false))),
            (" a ", Ok((" a ", false))),
            ("ä/日本", Ok(("ä/日本", false))),
            ("..", Err(ErrorCode::NotPermitted)),
            ("../a", Err(ErrorCode::NotPermitted)),
            ("a/../..", Err(ErrorCode::NotPermitted)),
            ("a/../../a", Err(ErrorCode::NotPermitted)),
            ("./..", Err(ErrorCode::NotPermitted)),
            ("a//../../b", Err(ErrorCode::NotPermitted)),
            ("/", Err(ErrorCode::NotPermitted)),
            ("//a", Err(ErrorCode::NotPermitted)),
            ("/etc/passwd", Err(ErrorCode::NotPermitted)),
            ("a\0b", Err(ErrorCode::Invalid)),
            ("\0", Err(ErrorCode::Invalid)),
            (&long, Ok((&long, false))),
            (&too_long, Err(ErrorCode::NameTooLong)),
            (&deep, Ok((deep.trim_end_matches('/'), true))),
            (&too_deep, Err(ErrorCode::NameTooLong)),
        ];
        for (written, wanted) in table {
            let got = GuestPath::parse(written);
            let got = got
                .as_ref()
                .map(|path| (path.as_str(), path.wants_dir()))
                .map_err(|e| *e);
            assert_eq!(got, *wanted, "{written:?}");
        }
    }

    #[test]
    fn canonical_forms_read_back_as_themselves() {
        for written in ["", "a", "a/b/", "x/../y/./z"] {
            let path = GuestPath::parse(written).expect("it parses");
            let again = GuestPath::parse(&path.to_string()).expect("it parses again");
            assert_eq!(path.as_str(), again.as_str());
            assert_eq!(
                path.components().collect::<Vec<_>>().join("/"),
                path.as_str()
            );
        }
    }

    #[test]
    fn joins() {
        let parse = |s| GuestPath::parse(s).expect("it parses");
        assert_eq!(parse("a/b").join(&parse("c")), parse("a/b/c"));
        assert_eq!(parse("").join(&parse("c/")), parse("c/"));
        assert_eq!(parse("a").join(&parse("")), parse("a/"));
        assert_eq!(parse("a/b").split_last(), Some(("a", "b")));
        assert_eq!(parse("b").split_last(), Some(("", "b")));
        assert_eq!(parse("").split_last(), None);
    }
}
