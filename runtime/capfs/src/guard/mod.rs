//! Names that are kept from a grant's handles: hidden ones, and ones that cannot be written.
//!
//! A guard looks at plain paths, as they are when all links are resolved, and at nothing else: so it holds whichever
//! way a tool came there. It is asked about names that do not exist yet as well.

mod alias;
mod builtin;
mod fold;
mod globs;

pub(crate) use alias::is_alias;
pub(crate) use builtin::OURS;
pub use builtin::PROTECTED;

use fold::fold;
use globs::Globs;
use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// A glob that does not parse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{glob}` is not a glob: {reason}")]
pub struct GlobError {
    /// The glob as it was written.
    pub glob: String,
    /// Why not.
    pub reason: String,
}

/// All guards of a handle: the grant's, and those that attenuation added further down. Cheap to clone.
///
/// Globs are written as in a `.gitignore`: `*.key` in any directory, `/build` and `a/b` from the root, `**/x/y` in any,
/// a directory with all that is in it, `!` to take a name out of the list again. They are matched without regard to
/// case, and to characters that nobody sees. Whatever they say, the names of [`PROTECTED`] are protected.
///
/// A letter with a mark can be written as one character or as two (NFC, NFD), and some filesystems take both for one
/// name: ext4 with `casefold`, HFS+, APFS. Guards do not. There, a glob for such a name is to be given in both forms,
/// or as one for the directory that it is in. The names of [`PROTECTED`] have no second form.
#[derive(Clone, Default)]
pub struct Guards(Arc<[Arc<Guard>]>);

/// Guards for one subtree.
struct Guard {
    /// Folded, from the grant's root, without a slash at the end; empty for the root.
    at: String,
    hide: Rules,
    protect: Rules,
}

/// What one list names, from the subtree's root.
struct Rules {
    globs: Globs,
    /// Folded paths as they are, with all that is below.
    places: Vec<String>,
}

impl Guards {
    /// Those of a grant, beside the built-in list of protected names.
    ///
    /// # Errors
    ///
    /// [`GlobError`] names the first that does not parse, or that names nothing.
    pub fn of_grant(hide: &[String], protect: &[String]) -> Result<Self, GlobError> {
        Self::default().and(Path::new(""), hide, protect)
    }

    /// With more of them, relative to `at` (plain names from the grant's root). Nothing that was guarded before is
    /// guarded less.
    ///
    /// # Errors
    ///
    /// As [`of_grant`](Self::of_grant).
    pub fn and(&self, at: &Path, hide: &[String], protect: &[String]) -> Result<Self, GlobError> {
        if hide.is_empty() && protect.is_empty() {
            return Ok(self.clone());
        }
        let rules = |globs| {
            Ok::<_, GlobError>(Rules {
                globs: Globs::parse(globs)?,
                places: Vec::new(),
            })
        };
        Ok(self.with(Guard {
            at: folded(at).trim_matches('/').to_owned(),
            hide: rules(hide)?,
            protect: rules(protect)?,
        }))
    }

    /// With these places from the grant's root guarded as they are, no globs, each with all that is below.
    pub(crate) fn and_places(&self, hide: &[&Path], protect: &[&Path]) -> Self {
        if hide.is_empty() && protect.is_empty() {
            return self.clone();
        }
        let rules = |places: &[&Path]| Rules {
            globs: Globs::none(),
            places: places
                .iter()
                .map(|place| folded(place).into_owned())
                .collect(),
        };
        self.with(Guard {
            at: String::new(),
            hide: rules(hide),
            protect: rules(protect),
        })
    }

    fn with(&self, guard: Guard) -> Self {
        Self(self.0.iter().cloned().chain([Arc::new(guard)]).collect())
    }

    /// Whether anything may be hidden besides [our own](Self::hides_name) names. When not, nobody needs to build a
    /// path to ask about it.
    pub(crate) fn may_hide(&self) -> bool {
        self.0.iter().any(|guard| !guard.hide.is_empty())
    }

    /// Whether a name is hidden wherever it is: one of our own. To be asked for each name that is looked up or listed.
    pub(crate) fn hides_name(name: &OsStr) -> bool {
        match name.as_encoded_bytes().first() {
            // Nothing else folds to one that begins with a dot.
            Some(b'.' | 0x80..) => builtin::is_ours(&folded(Path::new(name))),
            _ => false,
        }
    }

    /// Whether `path` is hidden, or is in something hidden.
    pub(crate) fn hides(&self, path: &Path) -> bool {
        let path = folded(path);
        path.split('/').any(builtin::is_ours)
            || self.any(&path, |guard, path| guard.hide.take(path))
    }

    /// As [`hides`](Self::hides), of a path in a directory that was asked about before and is not hidden: then only the
    /// path itself can be. What resolves a path name by name asks as often as it has names.
    pub(crate) fn hides_here(&self, path: &Path) -> bool {
        let path = folded(path);
        let last = path.rsplit('/').next();
        last.is_some_and(builtin::is_ours) || self.any(&path, |guard, path| guard.hide.name(path))
    }

    /// Whether `path` is protected, or is in something protected, or (for what is made or renamed to be called so)
    /// would be.
    pub(crate) fn protects(&self, path: &Path) -> bool {
        let path = folded(path);
        builtin::protects(&path) || self.any(&path, |guard, path| guard.protect.take(path))
    }

    /// Whether a symbolic link must not be made at `path` or moved there: it is protected, or something protected
    /// would be below it, and whoever looks for that would be led to where a handle can write.
    pub(crate) fn protects_link(&self, path: &Path) -> bool {
        let text = folded(path);
        self.protects(path)
            || builtin::leads_to_protected(&text)
            || self.0.iter().any(|guard| guard.leads_through(&text))
    }

    fn any(&self, path: &str, take: impl Fn(&Guard, &str) -> bool) -> bool {
        let below = |guard: &Arc<Guard>| guard.below(path).is_some_and(|path| take(guard, path));
        self.0.iter().any(below)
    }
}

impl Guard {
    /// A folded path as seen from the subtree's root; none when it is not below that.
    fn below<'a>(&self, path: &'a str) -> Option<&'a str> {
        if self.at.is_empty() {
            return Some(path);
        }
        path.strip_prefix(&self.at)?.strip_prefix('/')
    }

    /// Whether what is protected, or may be, is below a folded path.
    fn leads_through(&self, path: &str) -> bool {
        if self.protect.is_empty() {
            return false;
        }
        match self.below(path) {
            Some(below) => self.protect.lead_through(below),
            None => is_in(&self.at, path),
        }
    }
}

impl Rules {
    fn is_empty(&self) -> bool {
        self.globs.is_empty() && self.places.is_empty()
    }

    fn take(&self, path: &str) -> bool {
        self.places.iter().any(|place| is_in(path, place)) || self.globs.take(path)
    }

    /// As [`take`](Self::take), but what is in something named is not looked for.
    fn name(&self, path: &str) -> bool {
        self.places.iter().any(|place| is_in(path, place)) || self.globs.name(path)
    }

    fn lead_through(&self, path: &str) -> bool {
        self.places.iter().any(|place| is_in(place, path)) || self.globs.lead_through(path)
    }
}

/// Whether a folded path is `dir` or below it.
fn is_in(path: &str, dir: &str) -> bool {
    match path.strip_prefix(dir) {
        Some(rest) => dir.is_empty() || rest.is_empty() || rest.starts_with('/'),
        None => false,
    }
}

/// The folded form of a path. What is not UTF-8 in it counts as some character that no list names.
fn folded(path: &Path) -> Cow<'_, str> {
    match path.to_str() {
        Some(text) => fold(text),
        None => Cow::Owned(fold(&path.to_string_lossy()).into_owned()),
    }
}

impl fmt::Debug for Guards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Guards").field(&self.0.len()).finish()
    }
}

#[cfg(test)]
mod tests;
