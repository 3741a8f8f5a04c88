//! A directory to grant, with something beside it that must never be seen.

use crate::view::View;
use bailiwick_capfs::{
    ErrorCode, Grant, GuestPath, Page, ReadDir, Resolved, Rights, Scope, Walker, ambient_authority,
};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What is in the file outside. It must never come out.
pub(crate) const CANARY: &str = "the canary outside of the grant";

/// `inside` is granted; `outside` holds the canary, as `outside/secret`.
pub(crate) struct Tree {
    whole: TempDir,
}

impl Tree {
    pub(crate) fn new() -> Self {
        Self::on(tempfile::tempdir().unwrap())
    }

    /// For many files: in memory, where there is room for them that can be granted.
    pub(crate) fn large() -> Self {
        let memory = tempfile::tempdir_in("/dev/shm").ok();
        let open =
            |dir: &TempDir| Grant::open_ambient(dir.path(), Rights::READ, ambient_authority());
        Self::on(
            memory
                .filter(|dir| open(dir).is_ok())
                .unwrap_or_else(|| tempfile::tempdir().unwrap()),
        )
    }

    fn on(whole: TempDir) -> Self {
        let tree = Self { whole };
        fs::create_dir(tree.inside()).unwrap();
        fs::create_dir(tree.outside()).unwrap();
        fs::write(tree.outside().join("secret"), CANARY).unwrap();
        tree
    }

    pub(crate) fn inside(&self) -> PathBuf {
        self.whole.path().join("inside")
    }

    pub(crate) fn outside(&self) -> PathBuf {
        self.whole.path().join("outside")
    }

    pub(crate) fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.inside().join(path)
    }

    pub(crate) fn dir(&self, path: &str) -> &Self {
        fs::create_dir_all(self.at(path)).unwrap();
        self
    }

    /// A file, and the directories that it is in.
    pub(crate) fn file(&self, path: &str, contents: &str) -> &Self {
        fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        fs::write(self.at(path), contents).unwrap();
        self
    }

    pub(crate) fn link(&self, path: &str, target: impl AsRef<OsStr>) -> &Self {
        symlink(target.as_ref(), self.at(path)).unwrap();
        self
    }

    pub(crate) fn grant(&self) -> Grant {
        Grant::open_ambient(&self.inside(), Rights::READ, ambient_authority()).unwrap()
    }

    /// The whole grant as a handle, called `/g`.
    pub(crate) fn handle(&self) -> ReadDir {
        View::of("g", self.grant()).dir("")
    }
}

pub(crate) fn directory(resolved: Resolved) -> ReadDir {
    match resolved {
        Resolved::Dir(dir) => dir,
        Resolved::File(file) => panic!("{file:?} is a file"),
    }
}

pub(crate) fn path(text: &str) -> GuestPath {
    GuestPath::parse(text).unwrap()
}

/// The contents of a file through all the ways to them, which must agree.
pub(crate) fn read(dir: &ReadDir, path: &str) -> Result<String, ErrorCode> {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let opened = dir.open_file(path).map(|file| {
        let chunk = file.read(0, u32::MAX).unwrap();
        assert_eq!(chunk.size, file.stat().unwrap().size);
        text(chunk.bytes)
    });
    // Alone, and again with the directory that it is in already known.
    let listed = dir.read_files(&[path.to_owned(), path.to_owned()], u32::MAX);
    assert_eq!(listed.len(), 2);
    for result in listed {
        assert_eq!(result.map(|chunk| text(chunk.bytes)), opened, "{path}");
    }
    opened
}

/// All pages of a walk as one.
pub(crate) fn rest(mut walker: Walker, max: u32) -> Page {
    let mut whole = Page::default();
    loop {
        let page = walker.next(max).unwrap();
        assert!(page.entries.len() <= max as usize);
        whole.entries.extend(page.entries);
        whole.skipped += page.skipped;
        if !page.more {
            let after = walker.next(max).unwrap();
            assert_eq!(after, Page::default(), "after the end");
            return whole;
        }
    }
}

/// The paths that a walk shows.
pub(crate) fn walk(dir: &ReadDir, path: &str, scope: &Scope) -> Vec<String> {
    let page = rest(dir.walk(path, scope).unwrap(), 4096);
    page.entries.into_iter().map(|entry| entry.path).collect()
}

/// How many pages a walk takes when each is as large as it may be.
pub(crate) fn pages(dir: &ReadDir, scope: &Scope) -> usize {
    let mut walker = dir.walk("", scope).unwrap();
    let mut pages = 1;
    while walker.next(u32::MAX).unwrap().more {
        pages += 1;
    }
    pages
}
