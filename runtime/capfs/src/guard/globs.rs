//! A list of globs as a policy has it, compiled.

use super::GlobError;
use super::fold::fold;
use crate::bounds;
use crate::rules::is_sound;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Globs of one list. They are matched with folded paths.
#[derive(Debug)]
pub(super) struct Globs {
    matcher: Gitignore,
    /// The directories above what the globs name, as far as they name them: `/a` and `/a/*` for `a/*/b`.
    ways: Gitignore,
}

impl Globs {
    /// A list with nothing in it.
    pub(super) fn none() -> Self {
        Self {
            matcher: Gitignore::empty(),
            ways: Gitignore::empty(),
        }
    }

    pub(super) fn parse(globs: &[String]) -> Result<Self, GlobError> {
        let (mut all, mut ways) = (Vec::new(), Vec::new());
        for glob in globs {
            let refused = |reason: &str| GlobError {
                glob: glob.clone(),
                reason: reason.to_owned(),
            };
            if !is_sound(glob) {
                return Err(refused(&format!(
                    "it has more than {} braces",
                    bounds::GLOB_BRACES
                )));
            }
            let folded = fold(glob).into_owned();
            let alone = compile([folded.as_str()]).map_err(|reason| refused(&reason))?;
            // An ignore file may have lines that say nothing. A guard that guards nothing is a mistake.
            if alone.is_empty() || matches!(folded.trim(), "!" | "/" | "!/") {
                return Err(refused(
                    "it names nothing; a `#` at the beginning is written `\\#`",
                ));
            }
            ways.extend(ways_to(&folded));
            all.push(folded);
        }
        let compiled = |globs: &[String]| {
            compile(globs.iter().map(String::as_str)).map_err(|reason| GlobError {
                glob: globs.join(" "),
                reason,
            })
        };
        Ok(Self {
            matcher: compiled(&all)?,
            ways: compiled(&ways)?,
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.matcher.is_empty()
    }

    /// Whether a folded path, or a directory that it is in, is named. `!` takes a name out again, but nothing that is
    /// in a directory that is named.
    pub(super) fn take(&self, path: &str) -> bool {
        !self.is_empty()
            && (path
                .match_indices('/')
                .map(|(end, _)| &path[..end])
                .chain([path]))
            .any(|path| named(&self.matcher, path))
    }

    /// Whether a folded path is named itself.
    pub(super) fn name(&self, path: &str) -> bool {
        !self.is_empty() && named(&self.matcher, path)
    }

    /// Whether a folded path is where a directory above something named would be.
    pub(super) fn lead_through(&self, path: &str) -> bool {
        !self.ways.is_empty() && self.ways.matched(path, true).is_ignore()
    }
}

/// Nobody has looked what the path stands for, and it may stand for nothing yet: so `x/` names a file as well, and
/// `!x/` does not take one out.
fn named(matcher: &Gitignore, path: &str) -> bool {
    match matcher.matched(path, true) {
        Match::None => false,
        Match::Ignore(_) => true,
        Match::Whitelist(glob) => glob.is_only_dir() && matcher.matched(path, false).is_ignore(),
    }
}

/// The globs of the directories above what a glob names.
fn ways_to(glob: &str) -> Vec<String> {
    let glob = glob.trim_end_matches('/');
    if glob.starts_with('!') {
        return Vec::new();
    }
    let names: Vec<&str> = glob.trim_start_matches('/').split('/').collect();
    // Braces may hold slashes: then the parts of it are no globs, and there is nothing to tell the ways by.
    let whole = |way: &str| way.matches('{').count() == way.matches('}').count();
    let ways = (1..names.len()).map(|end| names[..end].join("/"));
    ways.filter(|way| whole(way) && way != "**")
        .map(|way| format!("/{way}"))
        .collect()
}

fn compile<'a>(globs: impl IntoIterator<Item = &'a str>) -> Result<Gitignore, String> {
    let mut builder = GitignoreBuilder::new("");
    // In an ignore file `[` may stand for itself. Here it is more likely a mistake.
    builder.allow_unclosed_class(false);
    let reason = |error: ignore::Error| match error {
        ignore::Error::Glob { err, .. } => err,
        error => error.to_string(),
    };
    for glob in globs {
        builder.add_line(None, glob).map_err(reason)?;
    }
    builder.build().map_err(reason)
}
