//! What `.gitignore` and `.ignore` files leave out of a walk.
//!
//! The patterns are matched by ripgrep's `ignore` crate, but that crate opens nothing here: the files are read
//! through our own opens, which follow no link, take only regular files, and stop at a size.

use crate::at;
use crate::bounds;
use crate::file_ref::FileRef;
use crate::open::{self, Node, Opened};
use crate::place::Place;
use crate::read_file::read_at;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The name of the file that git reads.
pub(crate) const GITIGNORE: &str = ".gitignore";
/// The name of the file that search tools read besides, and that decides where both match.
pub(crate) const IGNORE: &str = ".ignore";

/// The rules of one directory.
struct Rules {
    ignore: Gitignore,
    gitignore: Gitignore,
    /// Where in a path what is relative to that directory begins.
    base: usize,
    /// Bytes of patterns.
    size: usize,
}

/// The rules of a directory and of those above it, innermost last.
#[derive(Default)]
pub(crate) struct RuleStack {
    rules: Vec<Rules>,
    size: usize,
}

impl RuleStack {
    /// Add the rules of `place`, in the ignore files of the names `named`, of which `most` bytes are read. `base` is
    /// where in a path what is relative to it begins. Returns the bytes that were read.
    pub(crate) fn add(&mut self, place: &Place, base: usize, named: &[&str], most: u64) -> u64 {
        let (mut size, mut left) = (0, most);
        let mut read = |name: &str| {
            if !named.contains(&name) || self.size + size >= bounds::RULES_HELD {
                return Gitignore::empty();
            }
            let text = text(place, name, left.min(bounds::RULES_FILE)).unwrap_or_default();
            left -= text.len() as u64;
            let patterns = patterns(&text);
            let bytes = patterns.iter().map(|line| line.len()).sum::<usize>();
            let fits = bytes <= bounds::RULES
                && patterns.len() <= bounds::RULES_LINES
                && self.size + size + bytes <= bounds::RULES_HELD;
            if !fits {
                return Gitignore::empty();
            }
            size += bytes;
            compile(&patterns)
        };
        let (ignore, gitignore) = (read(IGNORE), read(GITIGNORE));
        if size > 0 {
            self.size += size;
            self.rules.push(Rules {
                ignore,
                gitignore,
                base,
                size,
            });
        }
        most - left
    }

    /// How many directories have rules.
    pub(crate) fn len(&self) -> usize {
        self.rules.len()
    }

    /// Bytes of patterns in all of them.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Whether there is no room for more patterns.
    pub(crate) fn is_full(&self) -> bool {
        self.size >= bounds::RULES_HELD
    }

    /// Forget all but the outermost `len`.
    pub(crate) fn truncate(&mut self, len: usize) {
        for rules in self.rules.drain(len..) {
            self.size -= rules.size;
        }
    }

    /// Whether `path` is left out. An `.ignore` decides over any `.gitignore`, an inner one over an outer one.
    pub(crate) fn leave_out(&self, path: &[u8], is_dir: bool) -> bool {
        let mut git = Match::None;
        for rules in self.rules.iter().rev() {
            let below = Path::new(OsStr::from_bytes(&path[rules.base..]));
            let decided = rules.ignore.matched(below, is_dir);
            if !decided.is_none() {
                return decided.is_ignore();
            }
            if git.is_none() {
                git = rules.gitignore.matched(below, is_dir);
            }
        }
        git.is_ignore()
    }
}

/// The text of a regular file of at most `most` bytes.
fn text(place: &Place, name: &str, most: u64) -> Option<Vec<u8>> {
    let max = u32::try_from(most).unwrap_or(u32::MAX);
    match open::node(place, OsStr::new(name)).ok()? {
        // What only rules are read for, no guest has seen.
        Opened::It(Node::Base(file, stat)) if at::size(&stat) <= most => {
            read_at(&file, at::size(&stat), 0, max).ok()
        }
        Opened::It(Node::Made(id)) => {
            let chunk = FileRef::of_node(place, id).ok()?.read(0, max).ok()?;
            (chunk.size <= most).then_some(chunk.bytes)
        }
        _ => None,
    }
}

/// The lines of an ignore file that are patterns. Those that are not UTF-8 or not sound are passed over.
fn patterns(text: &[u8]) -> Vec<&str> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let lines = text
        .split(|byte| *byte == b'\n')
        .filter_map(|line| std::str::from_utf8(line).ok());
    lines
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#') && is_sound(line))
        .collect()
}

fn compile(patterns: &[&str]) -> Gitignore {
    let mut builder = GitignoreBuilder::new("");
    for pattern in patterns {
        // One that does not parse is reported here and to nobody else: git passes over it too.
        let _ = builder.add_line(None, pattern);
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

/// Whether the matcher can take a glob: it works down nested braces by recursion.
pub(crate) fn is_sound(glob: &str) -> bool {
    glob.bytes().filter(|byte| *byte == b'{').count() <= bounds::GLOB_BRACES
}
