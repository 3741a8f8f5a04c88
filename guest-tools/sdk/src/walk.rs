//! Walking a tree in batches.

use crate::fs::read::{ErrorCode, Page, Scope};
use crate::source::{Directory, Pages};

/// How many entries one crossing brings at most.
const BATCH: u32 = 512;

impl Scope {
    /// Everything there is, all the way down.
    pub fn all() -> Self {
        Self {
            depth: None,
            globs: Vec::new(),
            ignore: false,
            hidden: true,
        }
    }

    /// What a person would search: neither what `.gitignore` excludes nor names that begin with a dot.
    pub fn visible() -> Self {
        Self {
            depth: None,
            globs: Vec::new(),
            ignore: true,
            hidden: false,
        }
    }

    /// The same with one more glob. An entry is shown when the last glob that matches takes it.
    #[must_use]
    pub fn glob(mut self, glob: impl Into<String>) -> Self {
        self.globs.push(glob.into());
        self
    }

    /// The same, at most `levels` down; 1 lists one directory.
    #[must_use]
    pub fn depth(mut self, levels: u32) -> Self {
        self.depth = Some(levels);
        self
    }
}

/// Walk the directory at `path` below `dir`: an iterator over batches of entries, to be read to its end or to the first
/// error. `path` may be empty, for `dir` itself.
///
/// ```no_run
/// use bailiwick_guest::{fs::read::{ErrorCode, ReadDir, Scope}, walk};
///
/// fn count(dir: &ReadDir) -> Result<usize, ErrorCode> {
///     let mut found = 0;
///     for page in walk(dir, "", &Scope::visible().glob("*.rs"))? {
///         found += page?.entries.len();
///     }
///     Ok(found)
/// }
/// ```
///
/// # Errors
///
/// Those of [`ReadDir::walk`](crate::fs::read::ReadDir::walk): `invalid` when a glob does not parse.
pub fn walk<D: Directory>(
    dir: &D,
    path: &str,
    scope: &Scope,
) -> Result<Walk<D::Walker>, ErrorCode> {
    Ok(Walk {
        pages: Some(dir.walk(path, scope)?),
    })
}

/// A walk that is under way. See [`walk`].
#[derive(Debug)]
pub struct Walk<P> {
    /// Gone after the last page or an error.
    pages: Option<P>,
}

impl<P: Pages> Iterator for Walk<P> {
    type Item = Result<Page, ErrorCode>;

    fn next(&mut self) -> Option<Self::Item> {
        let page = self.pages.as_ref()?.next_page(BATCH);
        if !page.as_ref().is_ok_and(|page| page.more) {
            self.pages = None;
        }
        Some(page)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// Gives the pages that it was made from, and panics when it is asked after the end.
    struct Script(RefCell<std::vec::IntoIter<Result<Page, ErrorCode>>>);

    impl Pages for Script {
        fn next_page(&self, _: u32) -> Result<Page, ErrorCode> {
            self.0.borrow_mut().next().expect("asked after the end")
        }
    }

    fn page(skipped: u32, more: bool) -> Result<Page, ErrorCode> {
        Ok(Page {
            entries: Vec::new(),
            skipped,
            more,
        })
    }

    fn run(pages: Vec<Result<Page, ErrorCode>>) -> Vec<Result<u32, ErrorCode>> {
        let walk = Walk {
            pages: Some(Script(RefCell::new(pages.into_iter()))),
        };
        walk.map(|page| page.map(|page| page.skipped)).collect()
    }

    #[test]
    fn an_empty_page_with_more_is_not_the_end() {
        let seen = run(vec![page(1, true), page(0, true), page(2, false)]);
        assert_eq!(seen, [Ok(1), Ok(0), Ok(2)]);
    }

    #[test]
    fn an_error_ends_the_walk() {
        let seen = run(vec![page(1, true), Err(ErrorCode::Io)]);
        assert_eq!(seen, [Ok(1), Err(ErrorCode::Io)]);
    }
}
