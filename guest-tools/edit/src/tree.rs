//! `move`, `remove` and `make-dir`: names, without looking into files.

use bailiwick_guest::fs::read::{ErrorCode, Kind, Scope};
use bailiwick_guest::note::grouped;
use bailiwick_guest::{At, Directory, EditDir, ToolError, path, walk};

use crate::argument::below;
use crate::bindings::exports::bailiwick::edit::edit::{Made, Moved, Removed};

/// After so many entries a tree is not counted any further.
const COUNTED: u64 = 100_000;

/// Gives what is at `from` the path `to`, both below `dir`.
pub(crate) fn rename(
    dir: &impl EditDir,
    from: &str,
    to: &str,
    overwrite: bool,
) -> Result<Moved, ToolError> {
    let reader = dir.as_read();
    let name = reader.name();
    let from = below("from", &name, from)?;
    let to = below("to", &name, to)?;
    let (old, new) = (path::join(&name, from), path::join(&name, to));
    // A missing source must not leave directories behind that were made for it.
    exists(&reader, from).at(|| &old)?;
    let made = missing_parent(&reader, to);
    if let Some(parent) = made {
        dir.create_dir(parent).at(|| path::join(&name, parent))?;
    }
    dir.rename(from, dir, to, overwrite)
        .map_err(|code| not_moved(code, &old, &new, overwrite))?;
    Ok(Moved {
        from: old,
        path: new,
        note: made.map(|parent| format!("the directory {} was made", path::join(&name, parent))),
    })
}

/// Whether there is anything at `path`, if only a link that leads nowhere.
fn exists(dir: &impl Directory, path: &str) -> Result<(), ErrorCode> {
    match dir.stat(path) {
        Ok(_) => Ok(()),
        Err(_) if is_link(dir, path) => Ok(()),
        Err(code) => Err(code),
    }
}

/// The directory that `path` would be in, when it does not exist.
fn missing_parent<'a>(dir: &impl Directory, path: &'a str) -> Option<&'a str> {
    let (parent, _) = path.trim_end_matches('/').rsplit_once('/')?;
    (dir.stat(parent) == Err(ErrorCode::NoEntry)).then_some(parent)
}

fn not_moved(code: ErrorCode, old: &str, new: &str, overwrite: bool) -> ToolError {
    match code {
        ErrorCode::Exist if !overwrite => code.at(new).hint(
            "give the whole new path, also within a directory that exists, or `overwrite`: true",
        ),
        ErrorCode::IsDirectory => code
            .at(new)
            .hint(format!("give the whole new path, {new}/NAME")),
        ErrorCode::Exist | ErrorCode::NotEmpty | ErrorCode::NotDirectory => code.at(new),
        ErrorCode::CrossDevice => code.at(old).hint("copy it, then remove it"),
        ErrorCode::Invalid => code
            .at(format!("{old} to {new}"))
            .hint("a directory cannot be moved into itself"),
        code => code.at(format!("{old} to {new}")),
    }
}

fn is_link(dir: &impl Directory, path: &str) -> bool {
    // A link that is absolute, or not UTF-8, cannot be read and is one all the same; what cannot be reached at all is said by whoever
    // does something with it.
    let path = path.trim_end_matches('/');
    matches!(
        dir.read_link(path),
        Ok(_) | Err(ErrorCode::NotPermitted | ErrorCode::Unsupported)
    )
}

/// Removes what is at `path` below `dir`; with `tree` also a directory that is not empty.
pub(crate) fn remove(dir: &impl EditDir, path: &str, tree: bool) -> Result<Removed, ToolError> {
    let reader = dir.as_read();
    let name = reader.name();
    let path = below("path", &name, path)?;
    let whole = path::join(&name, path);
    let kind = match is_link(&reader, path) {
        true => Kind::Symlink,
        false => match reader.stat(path) {
            Ok(stat) => stat.kind,
            Err(ErrorCode::Unsupported) => Kind::Other,
            Err(code) => return Err(code.at(&whole)),
        },
    };
    let is_dir = kind == Kind::Directory;
    let counted = match is_dir && tree {
        true => Some(entries(&reader, path).at(|| &whole)?),
        false => is_dir.then_some((0, false)),
    };
    dir.remove(path, tree).map_err(|code| match code {
        ErrorCode::NotEmpty => code
            .at(&whole)
            .hint("`tree`: true also removes all that is in it"),
        code => code.at(&whole),
    })?;
    Ok(Removed {
        path: whole,
        kind,
        entries: counted.map(|(count, _)| u32::try_from(count).unwrap_or(u32::MAX)),
        note: counted
            .is_some_and(|(_, more)| more)
            .then(|| format!("more than {} were in it", grouped(COUNTED))),
    })
}

/// How many files and directories are in the directory at `path`, and whether there are more.
fn entries(dir: &impl Directory, path: &str) -> Result<(u64, bool), ErrorCode> {
    let mut count = 0;
    for page in walk(dir, path, &Scope::all())? {
        let page = page?;
        count += page.entries.len() as u64 + u64::from(page.skipped);
        if count > COUNTED {
            return Ok((COUNTED, true));
        }
    }
    Ok((count, false))
}

/// Makes the directory at `path` below `dir`, and those above it.
pub(crate) fn make(dir: &impl EditDir, path: &str) -> Result<Made, ToolError> {
    let reader = dir.as_read();
    let name = reader.name();
    let path = below("path", &name, path)?;
    let whole = path::join(&name, path.trim_end_matches('/'));
    let before = reader.stat(path);
    if before.is_ok_and(|stat| stat.kind != Kind::Directory) {
        return Err(ErrorCode::Exist
            .at(&whole)
            .hint("it is a file; give another path"));
    }
    dir.create_dir(path).at(|| &whole)?;
    Ok(Made {
        path: whole,
        created: before.is_err(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;

    fn tree() -> Tree {
        Tree::new("/w")
            .file("a", "a")
            .file("src/b", "b")
            .file("src/deep/c", "c")
            .dir("empty")
            .link("link", "src/b")
    }

    #[test]
    fn files_directories_and_links_are_moved() {
        let table = [
            (
                "a",
                "z",
                &[
                    "empty/",
                    "link",
                    "src/",
                    "src/b",
                    "src/deep/",
                    "src/deep/c",
                    "z",
                ][..],
            ),
            (
                "/w/a",
                "/w/src/a",
                &[
                    "empty/",
                    "link",
                    "src/",
                    "src/a",
                    "src/b",
                    "src/deep/",
                    "src/deep/c",
                ],
            ),
            (
                "src",
                "lib",
                &[
                    "a",
                    "empty/",
                    "lib/",
                    "lib/b",
                    "lib/deep/",
                    "lib/deep/c",
                    "link",
                ],
            ),
            (
                "link",
                "src/l",
                &[
                    "a",
                    "empty/",
                    "src/",
                    "src/b",
                    "src/deep/",
                    "src/deep/c",
                    "src/l",
                ],
            ),
        ];
        for (from, to, paths) in table {
            let tree = tree();
            let reply = rename(&tree, from, to, false).expect("it is moved");
            assert_eq!(tree.paths(), paths, "{from} to {to}");
            assert!(reply.from.starts_with("/w/") && reply.path.starts_with("/w/"));
            assert_eq!(reply.note, None);
        }
    }

    #[test]
    fn missing_directories_are_made() {
        let tree = tree();
        let reply = rename(&tree, "a", "x/y/z", false).expect("it is moved");
        assert_eq!(
            (tree.text("x/y/z").as_str(), reply.path.as_str()),
            ("a", "/w/x/y/z")
        );
        assert_eq!(reply.note.as_deref(), Some("the directory /w/x/y was made"));
    }

    #[test]
    fn a_missing_source_makes_no_directory() {
        let tree = tree();
        let before = tree.paths();
        let error = rename(&tree, "no", "x/y", false).expect_err("it is missing");
        assert_eq!(error.message, "/w/no: no such file or directory");
        assert_eq!(tree.paths(), before);
    }

    #[test]
    fn nothing_is_overwritten_unasked() {
        let tree = tree();
        let error = rename(&tree, "a", "src/b", false).expect_err("it exists");
        assert_eq!(
            (error.code.as_str(), error.message.as_str()),
            ("exist", "/w/src/b: it exists already")
        );
        let error = rename(&tree, "a", "src", true).expect_err("a directory");
        assert_eq!(error.code, "is-directory");
        assert_eq!(
            error.hint.as_deref(),
            Some("give the whole new path, /w/src/NAME")
        );
        rename(&tree, "a", "src/b", true).expect("it may");
        assert_eq!(tree.text("src/b"), "a");
        let error = rename(&tree, "empty", "src", true).expect_err("it is not empty");
        assert_eq!(error.code, "not-empty");
    }

    #[test]
    fn what_is_elsewhere_is_refused() {
        for (from, to) in [
            ("/x/a", "b"),
            ("a", "/wide/b"),
            ("../a", "b"),
            ("a", "../b"),
        ] {
            let error = rename(&tree(), from, to, false).expect_err("it is elsewhere");
            assert_eq!(error.code, "not-permitted", "{from} to {to}");
        }
        assert_eq!(
            rename(&tree(), ".", "b", false).expect_err("dir").code,
            "bad-argument"
        );
    }

    #[test]
    fn one_thing_is_removed_and_named() {
        let table = [
            ("a", Kind::File, None),
            ("link", Kind::Symlink, None),
            ("empty", Kind::Directory, Some(0)),
            ("/w/src/deep/c", Kind::File, None),
        ];
        for (path, kind, entries) in table {
            let tree = tree();
            let reply = remove(&tree, path, false).expect("it is removed");
            assert_eq!(
                (reply.kind, reply.entries, reply.note),
                (kind, entries, None)
            );
            assert!(!tree.has(path.trim_start_matches("/w/")));
            assert_eq!(tree.paths().len(), 6);
        }
    }

    #[test]
    fn a_tree_is_removed_only_when_asked() {
        let tree = tree();
        let error = remove(&tree, "src", false).expect_err("it is not empty");
        assert_eq!(error.code, "not-empty");
        assert!(error.hint.expect("a hint").contains("`tree`: true"));
        assert!(tree.has("src/deep/c"));
        let reply = remove(&tree, "src", true).expect("it is removed");
        assert_eq!((reply.path.as_str(), reply.entries), ("/w/src", Some(3)));
        assert_eq!(tree.paths(), ["a", "empty/", "link"]);
    }

    #[test]
    fn the_directory_itself_is_not_removed() {
        for path in ["", ".", "/w", "/w/"] {
            let error = remove(&tree(), path, true).expect_err("dir");
            assert_eq!(error.code, "bad-argument");
        }
        assert_eq!(
            remove(&tree(), "no", true).expect_err("missing").code,
            "no-entry"
        );
    }

    #[test]
    fn a_directory_is_made_once() {
        let tree = tree();
        let reply = make(&tree, "x/y/").expect("it is made");
        assert_eq!((reply.path.as_str(), reply.created), ("/w/x/y", true));
        assert!(!make(&tree, "/w/x").expect("it is there").created);
        assert_eq!(make(&tree, "a").expect_err("a file").code, "exist");
        assert_eq!(
            make(&tree, "a/b").expect_err("in a file").code,
            "not-directory"
        );
    }
}
