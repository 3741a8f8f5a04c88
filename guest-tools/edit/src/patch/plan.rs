//! What a patch would change, found out without changing anything.

use std::collections::BTreeMap;

use bailiwick_guest::fs::read::ErrorCode;
use bailiwick_guest::note::grouped;
use bailiwick_guest::{At, Directory, ToolError, path};

use super::fit;
use super::hunks;
use super::parse::{self, FilePatch};
use crate::argument;
use crate::nearest::{Of, nearest};
use crate::text::{self, MAX, Text};

/// How many bytes of text all files may have in all, after the patch.
const TOTAL: u64 = 4 * MAX;
/// How many hunks that failed are named.
const NAMED: usize = 5;

/// What happens to one file.
pub(super) struct Change {
    /// Its path below the directory, when the patch is done.
    pub(super) path: String,
    /// Its path before, when it is renamed.
    pub(super) from: Option<String>,
    pub(super) is_new: bool,
    pub(super) is_gone: bool,
    /// What it holds then; none when that does not change, or when it is gone.
    pub(super) bytes: Option<Vec<u8>>,
    pub(super) added: u32,
    pub(super) removed: u32,
    pub(super) notes: Vec<String>,
}

/// What a patch would change.
pub(super) struct Plan<'d, D> {
    dir: &'d D,
    name: &'d str,
    /// What is at a path as far as the patch was planned: text, something, or nothing.
    now: BTreeMap<String, Now>,
    changes: Vec<Change>,
    failures: Vec<Failure>,
    total: u64,
}

#[derive(Clone)]
enum Now {
    Text(Text),
    /// A file that was renamed without a look into it: this was its name.
    Moved(String),
    Nothing,
}

/// Why a part of the patch does not apply.
struct Failure {
    /// The file, and the hunk.
    place: String,
    what: String,
    hint: String,
}

impl<'d, D: Directory> Plan<'d, D> {
    pub(super) fn new(dir: &'d D, name: &'d str) -> Self {
        Self {
            dir,
            name,
            now: BTreeMap::new(),
            changes: Vec::new(),
            failures: Vec::new(),
            total: 0,
        }
    }

    /// Plans what the patch does to one file. Hunks that do not fit are kept for [`finish`](Self::finish).
    pub(super) fn add(&mut self, file: &FilePatch<'_>) -> Result<(), ToolError> {
        let old = file.old.as_deref().map(|path| self.plain(path));
        let new = file.new.as_deref().map(|path| self.plain(path));
        match (old.transpose()?, new.transpose()?) {
            (None, None) => Ok(()),
            (None, Some(new)) => self.create(file, new),
            (Some(old), None) => self.delete(file, old),
            (Some(old), Some(new)) if file.renames && old != new => self.rename(file, old, new),
            (Some(old), Some(new)) => {
                // Without a word about renaming, the two are one file: the one that is there.
                let path = match old == new || self.exists(&new)? {
                    true => new,
                    false => old,
                };
                self.change(file, path)
            }
        }
    }

    /// The changes, when all of the patch applies.
    pub(super) fn finish(self) -> Result<Vec<Change>, ToolError> {
        let Some((first, others)) = self.failures.split_first() else {
            return Ok(self.changes);
        };
        let mut message = format!("{}: {}", first.place, first.what);
        if !others.is_empty() {
            let named = others.iter().take(NAMED).map(|other| other.place.as_str());
            let more = match others.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {} more", grouped(more as u64)),
            };
            let named = named.collect::<Vec<_>>().join(", ");
            message.push_str(&format!("; nor do {named}{more}"));
        }
        Err(ToolError::new("patch-failed", message)
            .hint(format!("nothing was written; {}", first.hint)))
    }

    fn create(&mut self, file: &FilePatch<'_>, new: String) -> Result<(), ToolError> {
        if self.exists(&new)? {
            self.fail(
                &new,
                "does not apply: it would be created, and exists already",
                "a patch of an existing file begins with `--- a/NAME`; write overwrites",
            );
            return Ok(());
        }
        let Some(mut change) = self.patched(file, &new, &Text::default())? else {
            return Ok(());
        };
        change.is_new = true;
        // A file may be new and empty.
        change.bytes.get_or_insert_default();
        self.changes.push(change);
        Ok(())
    }

    fn delete(&mut self, file: &FilePatch<'_>, old: String) -> Result<(), ToolError> {
        let Some(text) = self.text(&old)? else {
            return Ok(());
        };
        let Some(mut change) = self.patched(file, &old, &text)? else {
            return Ok(());
        };
        let rest = match change.bytes.take() {
            Some(bytes) => bytes.len(),
            None => text.body.len(),
        };
        // A byte order mark is no text.
        if rest > 0 && !(text.mark && rest == '\u{FEFF}'.len_utf8()) {
            let what = "does not apply: it would be deleted, and has more text than the patch says";
            self.fail(&old, what, "read the file, and use remove if it can go");
            return Ok(());
        }
        self.now.insert(old, Now::Nothing);
        change.is_gone = true;
        self.changes.push(change);
        Ok(())
    }

    fn change(&mut self, file: &FilePatch<'_>, path: String) -> Result<(), ToolError> {
        if file.hunks.is_empty() {
            return Ok(());
        }
        let Some(text) = self.text(&path)? else {
            return Ok(());
        };
        let change = self.patched(file, &path, &text)?;
        self.changes.extend(change);
        Ok(())
    }

    fn rename(&mut self, file: &FilePatch<'_>, old: String, new: String) -> Result<(), ToolError> {
        if self.exists(&new)? {
            self.fail(
                &new,
                "does not apply: another file would get this name, and it exists",
                "move with `overwrite`: true replaces a file",
            );
            return Ok(());
        }
        let change = if file.hunks.is_empty() {
            if !self.exists(&old)? {
                self.missing(&old);
                return Ok(());
            }
            let now = self.now.get(&old).cloned();
            self.now
                .insert(new.clone(), now.unwrap_or(Now::Moved(old.clone())));
            Some(Change::of(new))
        } else {
            match self.text(&old)? {
                Some(text) => self.patched(file, &new, &text)?,
                None => None,
            }
        };
        if let Some(mut change) = change {
            self.now.insert(old.clone(), Now::Nothing);
            change.from = Some(old);
            self.changes.push(change);
        }
        Ok(())
    }

    /// What the hunks make of `text`, which is at `path` from then on. None when they do not all fit.
    fn patched(
        &mut self,
        file: &FilePatch<'_>,
        path: &str,
        text: &Text,
    ) -> Result<Option<Change>, ToolError> {
        let mut change = Change::of(path.to_owned());
        let mut now = text.clone();
        match hunks::apply(&text.body, &file.hunks) {
            Ok(patched) => {
                let whole = path::join(self.name, path);
                if !file.hunks.is_empty() {
                    now.body = patched.body;
                    change.bytes = Some(now.bytes(now.body.clone(), &whole)?);
                }
                self.total += now.body.len() as u64;
                if self.total > TOTAL {
                    let total = grouped(TOTAL);
                    return Err(ToolError::new(
                        text::TOO_LARGE,
                        format!("patch: its files have more than {total} bytes in all"),
                    )
                    .hint("apply it in parts"));
                }
                (change.added, change.removed) = (patched.added, patched.removed);
                change.notes = patched.notes;
            }
            Err(failed) => {
                for i in failed {
                    self.hunk_failed(file, i, path, &text.body);
                }
                return Ok(None);
            }
        }
        self.now.insert(path.to_owned(), Now::Text(now));
        Ok(Some(change))
    }

    fn hunk_failed(&mut self, file: &FilePatch<'_>, i: usize, path: &str, body: &str) {
        let hunk = &file.hunks[i];
        let wanted: Vec<&str> = fit::old(hunk).map(|line| fit::bare(line.text)).collect();
        let result: Vec<&str> = fit::new(hunk).map(|line| fit::bare(line.text)).collect();
        let there = |lines: &[&str]| {
            let file: Vec<&str> = body.lines().collect();
            !lines.is_empty() && file.windows(lines.len()).any(|window| window == lines)
        };
        let (what, hint) = if wanted.is_empty() {
            (
                String::new(),
                "give some lines of context around what is added".to_owned(),
            )
        } else if there(&result) {
            let hint = "the new text is there already: leave this hunk out";
            (String::new(), hint.to_owned())
        } else if there(&wanted) {
            let hint = "its lines are in the file, but before those of the hunk before: give the hunks in the order of the file";
            (String::new(), hint.to_owned())
        } else {
            match nearest(body, &wanted.join("\n"), Of::Hunk) {
                Some(near) => (format!("; the nearest is {}", near.place()), near.text()),
                None => (
                    ", and nothing in the file is like it".to_owned(),
                    "read the file, and make the patch from what is there".to_owned(),
                ),
            }
        };
        let place = format!("hunk {} (line {})", i + 1, hunk.start);
        self.failures.push(Failure {
            place: format!("{}: {place}", path::join(self.name, path)),
            what: format!("does not apply{what}"),
            hint,
        });
    }

    fn fail(&mut self, path: &str, what: &str, hint: &str) {
        self.failures.push(Failure {
            place: path::join(self.name, path),
            what: what.to_owned(),
            hint: hint.to_owned(),
        });
    }

    fn missing(&mut self, path: &str) {
        self.fail(
            path,
            "does not apply: there is no such file",
            "paths are relative to dir, without `a/` and `b/`",
        );
    }

    /// The text at `path`; none, and a failure, when there is no file.
    fn text(&mut self, path: &str) -> Result<Option<Text>, ToolError> {
        let source = match self.now.get(path) {
            Some(Now::Text(text)) => return Ok(Some(text.clone())),
            Some(Now::Nothing) => {
                self.missing(path);
                return Ok(None);
            }
            Some(Now::Moved(from)) => from.clone(),
            None => path.to_owned(),
        };
        let whole = path::join(self.name, path);
        match self.dir.open_file(&source) {
            Ok(file) => text::load(&file, &whole).map(Some),
            Err(ErrorCode::NoEntry | ErrorCode::NotDirectory) => {
                self.missing(path);
                Ok(None)
            }
            Err(code) => Err(code.at(whole)),
        }
    }

    /// Whether there is something at `path`.
    fn exists(&self, path: &str) -> Result<bool, ToolError> {
        match self.now.get(path) {
            Some(Now::Nothing) => return Ok(false),
            Some(_) => return Ok(true),
            None => (),
        }
        match self.dir.stat(path) {
            Ok(_) => Ok(true),
            Err(ErrorCode::NoEntry | ErrorCode::NotDirectory) => Ok(false),
            Err(code) => Err(code).at(|| path::join(self.name, path)),
        }
    }

    /// A name of the patch as a path below the directory, spelled in one way only.
    fn plain(&self, path: &str) -> Result<String, ToolError> {
        let path = argument::below("patch", self.name, path)?;
        let names = path.split('/').filter(|name| !matches!(*name, "" | "."));
        let names: Vec<&str> = names.collect();
        if names.contains(&"..") {
            return Err(parse::bad(format!("there is `..` in the name `{path}`"))
                .hint("give dir further up, and names below it"));
        }
        Ok(names.join("/"))
    }
}

impl Change {
    fn of(path: String) -> Self {
        Self {
            path,
            from: None,
            is_new: false,
            is_gone: false,
            bytes: None,
            added: 0,
            removed: 0,
            notes: Vec::new(),
        }
    }
}
