//! Which entries the globs of a walk take.

use crate::rules::is_sound;
use crate::{ErrorCode, bounds};
use ignore::Match;
use ignore::overrides::{Override, OverrideBuilder};

/// What the globs say of a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// Show it.
    Shown,
    /// A directory that is not shown, but walked.
    Walked,
    /// Left out, with all below it.
    LeftOut,
}

/// The globs of one walk.
pub(crate) struct Globs {
    matcher: Override,
    size: usize,
}

impl Globs {
    /// See [`Scope::globs`](crate::Scope::globs).
    pub(crate) fn parse(globs: &[String]) -> Result<Self, ErrorCode> {
        let size = globs.iter().map(String::len).sum();
        if size > bounds::GLOBS || globs.len() > bounds::GLOBS_COUNT {
            return Err(ErrorCode::Overflow);
        }
        let mut builder = OverrideBuilder::new("");
        for glob in globs {
            // In an ignore file these two are no patterns. Here they would silently take everything.
            let is_none = glob.trim().is_empty() || glob.starts_with('#') || glob.trim() == "!";
            if is_none || !is_sound(glob) || builder.add(glob).is_err() {
                return Err(ErrorCode::Invalid);
            }
        }
        Ok(Self {
            matcher: builder.build().map_err(|_| ErrorCode::Invalid)?,
            size,
        })
    }

    /// Bytes of globs.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// `path` is relative to the handle.
    pub(crate) fn take(&self, path: &str, is_dir: bool) -> Taken {
        if self.matcher.is_empty() {
            return Taken::Shown;
        }
        match self.matcher.matched(path, is_dir) {
            Match::Whitelist(_) => Taken::Shown,
            Match::Ignore(_) => Taken::LeftOut,
            Match::None if is_dir => Taken::Walked,
            // All globs begin with `!`, and none of them matches.
            Match::None => Taken::Shown,
        }
    }
}
