//! A delta as people are told of it: one entry for each name that changed, and what was and is in it.

use super::delta::{Delta, FileNode, Node};
use super::visit::{self, Visit};
use crate::change::{Change, ChangeKind};
use crate::change_set::{Attributes, Was};
use crate::diff::{self, Body, Diffs};
use crate::state::Blob;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes that are compared for one list of changes. Of what is beyond, lines are not counted.
const COMPARED: u64 = 16 << 20;

/// One changed name.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Plain names from the volume's root.
    pub(crate) path: String,
    pub(crate) kind: ChangeKind,
    is_dir: bool,
    from: Option<String>,
    pub(crate) old: Source,
    pub(crate) new: Source,
    attributes: Attributes,
}

/// Where contents are.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// Nowhere: there is no file.
    None,
    /// In the base's file of that path.
    Base(String),
    /// Here.
    Blob(Arc<Blob>),
}

/// All changes of a delta, in the order of the paths.
pub(crate) fn all(delta: &Delta) -> Vec<Entry> {
    let visits = visit::all(delta);
    let moved = visit::moved(&visits);
    let mut entries = Vec::new();
    for visit in &visits {
        gone(visit, &moved, &mut entries);
        here(visit, &mut entries);
    }
    sort(&mut entries);
    entries
}

/// What the base had under a name and is no more.
fn gone(visit: &Visit<'_>, moved: &HashMap<&str, &Node>, entries: &mut Vec<Entry>) {
    let (Some(was), Some(home)) = (&visit.slot.base, &visit.home) else {
        return;
    };
    // A file or link that another one replaces is a change of that one.
    let both = |node: &Node| {
        matches!(
            (was, node),
            (Was::File(_) | Was::Link(_), Node::File(_) | Node::Link(_))
        )
    };
    let replaced = visit.node.is_some_and(|(_, node)| both(node));
    if visit.is_in_place() || moved.contains_key(home.as_str()) || replaced {
        return;
    }
    entries.push(Entry {
        path: visit.path.clone(),
        kind: ChangeKind::Removed,
        is_dir: matches!(was, Was::Dir(_)),
        from: None,
        old: source_of(was, home),
        new: Source::None,
        attributes: Attributes::default(),
    });
}

/// What a name stands for, where that is a change.
fn here(visit: &Visit<'_>, entries: &mut Vec<Entry>) {
    let Some((_, node)) = visit.node else {
        return;
    };
    let from = visit.moved_from().map(str::to_owned);
    let replaces =
        !visit.is_in_place() && matches!(visit.slot.base, Some(Was::File(_) | Was::Link(_)));
    let (attributes, is_dir) = match node {
        Node::Dir(dir) => (dir.attributes, true),
        Node::File(file) => (file.attributes, false),
        Node::Link(_) => (Attributes::default(), false),
    };
    let kind = match (node, &from) {
        (_, Some(_)) => ChangeKind::Renamed,
        (Node::File(file), _) if visit.is_in_place() => {
            if file.blob.is_none() && attributes == Attributes::default() {
                return;
            }
            ChangeKind::Modified
        }
        (_, _) if visit.is_in_place() => {
            if attributes == Attributes::default() {
                return;
            }
            ChangeKind::Modified
        }
        (Node::File(_) | Node::Link(_), None) if replaces => ChangeKind::Modified,
        _ => ChangeKind::Created,
    };
    let (old, new) = match node {
        Node::File(file) => contents(file, visit),
        Node::Dir(_) | Node::Link(_) => (Source::None, Source::None),
    };
    entries.push(Entry {
        path: visit.path.clone(),
        kind,
        is_dir,
        from,
        old,
        new,
        attributes,
    });
}

/// What was in a file, and what is.
fn contents(file: &FileNode, visit: &Visit<'_>) -> (Source, Source) {
    let old = match (&file.origin, &visit.slot.base, &visit.home) {
        (Some(origin), _, _) => Source::Base(origin.path.clone()),
        (None, Some(was), Some(home)) => source_of(was, home),
        _ => Source::None,
    };
    let new = match &file.blob {
        Some(blob) => Source::Blob(Arc::clone(blob)),
        None => old.clone(),
    };
    (old, new)
}

fn source_of(was: &Was, home: &str) -> Source {
    match was {
        Was::File(_) => Source::Base(home.to_owned()),
        Was::Link(_) | Was::Dir(_) => Source::None,
    }
}

/// What of `now` is new since `before`: what is listed in both with the same contents is left out, and what was listed before and is no
/// more is gone.
pub(crate) fn since(now: Vec<Entry>, before: Vec<Entry>) -> Vec<Entry> {
    let mut before: BTreeMap<(String, bool), Entry> = (before.into_iter())
        .map(|entry| ((entry.path.clone(), entry.is_gone()), entry))
        .collect();
    let mut entries = Vec::new();
    for mut entry in now {
        match before.remove(&(entry.path.clone(), entry.is_gone())) {
            Some(was) if was.is(&entry) => {}
            Some(was) if entry.from == was.from => {
                if !entry.is_gone() {
                    entry.kind = ChangeKind::Modified;
                }
                entry.from = None;
                entry.old = was.new;
                entries.push(entry);
            }
            _ => entries.push(entry),
        }
    }
    // What was made and is there no more is gone. What was gone and is back as it was, is made.
    for ((path, was_gone), was) in before {
        let still = entries
            .iter()
            .any(|entry| entry.path == path || entry.from.as_deref() == Some(&path));
        if !still {
            entries.push(Entry {
                path,
                kind: if was_gone {
                    ChangeKind::Created
                } else {
                    ChangeKind::Removed
                },
                is_dir: was.is_dir,
                from: None,
                old: was.new,
                new: was.old,
                attributes: Attributes::default(),
            });
        }
    }
    sort(&mut entries);
    entries
}

impl Entry {
    /// Where in the base it was moved from.
    pub(crate) fn from(&self) -> Option<&str> {
        self.from.as_deref()
    }

    /// Whether it is at or below a path, or was moved from there.
    pub(crate) fn is_at(&self, path: &str) -> bool {
        let is_in = |it: &str| {
            path.is_empty()
                || it == path
                || (it.starts_with(path) && it.as_bytes().get(path.len()) == Some(&b'/'))
        };
        is_in(&self.path) || self.from().is_some_and(is_in)
    }

    fn is_gone(&self) -> bool {
        self.kind == ChangeKind::Removed
    }

    fn is(&self, other: &Entry) -> bool {
        self.kind == other.kind
            && self.is_dir == other.is_dir
            && self.from == other.from
            && self.attributes == other.attributes
            && self.new.is(&other.new)
    }
}

impl Source {
    fn is(&self, other: &Source) -> bool {
        match (self, other) {
            (Self::None, Self::None) => true,
            (Self::Base(a), Self::Base(b)) => a == b,
            (Self::Blob(a), Self::Blob(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }

    /// What is there. `base` reads files of the base.
    pub(crate) fn body(&self, base: &dyn Fn(&str) -> Body) -> Body {
        match self {
            Self::None => Body::Missing,
            Self::Base(path) => base(path),
            Self::Blob(blob) => match blob.file() {
                Ok(file) => diff::body_of(&file),
                Err(_) => Body::Opaque(blob.size().unwrap_or(0)),
            },
        }
    }
}

/// The session's names for what is in a volume.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a> {
    volume: &'a str,
    /// It is one file, whose name on the host is nobody's business.
    is_file: bool,
}

impl<'a> Names<'a> {
    pub(crate) fn new(volume: &'a str, is_file: bool) -> Self {
        Self { volume, is_file }
    }

    /// The session's word for a path.
    pub(crate) fn shown(&self, path: &str, is_dir: bool) -> String {
        let name = self.volume;
        if self.is_file {
            return format!("/{name}");
        }
        let end = if is_dir && !path.is_empty() { "/" } else { "" };
        format!("/{name}/{path}{end}")
    }

    /// Likewise, as a path below something else.
    pub(crate) fn below(&self, path: &str) -> PathBuf {
        let volume = Path::new(self.volume);
        match self.is_file {
            true => volume.to_owned(),
            false => volume.join(path),
        }
    }
}

/// Entries as changes.
pub(crate) fn changes(
    entries: &[Entry],
    names: Names<'_>,
    base: &dyn Fn(&str) -> Body,
) -> Vec<Change> {
    let mut left = COMPARED;
    let mut changes = Vec::with_capacity(entries.len());
    for entry in entries {
        let mut lines = None;
        let is_file =
            !entry.is_dir && !matches!((&entry.old, &entry.new), (Source::None, Source::None));
        if is_file && left > 0 && !entry.old.is(&entry.new) {
            let (old, new) = (entry.old.body(base), entry.new.body(base));
            lines = diff::count(&old, &new);
            left = left.saturating_sub(old.size() + new.size());
        }
        let shown = |path: &str| names.shown(path, entry.is_dir);
        changes.push(Change {
            path: shown(&entry.path),
            kind: entry.kind,
            from: entry.from.as_deref().map(shown),
            added: lines.map(|(added, _)| added),
            removed: lines.map(|(_, removed)| removed),
        });
    }
    changes
}

/// Entries as unified diffs.
pub(crate) fn diffs(
    entries: &[Entry],
    names: Names<'_>,
    base: &dyn Fn(&str) -> Body,
    diffs: &mut Diffs,
) {
    for entry in entries {
        if diffs.is_full() {
            diffs.skip();
            continue;
        }
        let path = names.shown(&entry.path, entry.is_dir);
        let from = entry
            .from
            .as_deref()
            .map(|from| names.shown(from, entry.is_dir));
        let is_file = !matches!((&entry.old, &entry.new), (Source::None, Source::None));
        if is_file {
            let (old, new) = (entry.old.body(base), entry.new.body(base));
            let diff = diff::file(from.as_deref().unwrap_or(&path), &old, &path, &new);
            if diff.is_empty() {
                diffs.push(&diff::note("only permissions or times changed:", &path));
            } else {
                diffs.push(&diff);
            }
            continue;
        }
        let what = match (entry.is_dir, entry.kind) {
            (true, ChangeKind::Created) => "new directory",
            (true, ChangeKind::Removed) => "removed with all that was in it:",
            (false, ChangeKind::Removed) => "removed link",
            (false, _) => "new link",
            (true, _) => "only permissions or times changed:",
        };
        match from {
            Some(from) => {
                diffs.push(&(diff::note("rename from", &from) + &diff::note("rename to", &path)))
            }
            None => diffs.push(&diff::note(what, &path)),
        }
    }
}

fn sort(entries: &mut [Entry]) {
    entries.sort_by(|a, b| (&a.path, !a.is_gone()).cmp(&(&b.path, !b.is_gone())));
}
