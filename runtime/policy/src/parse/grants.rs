//! `[grants.NAME]`.

use std::collections::{BTreeMap, BTreeSet};

use super::NAMES;
use super::names::{self, Names};
use super::section::{Named, Section};
use crate::error::{Code, PolicyError, Problems};
use crate::keys::{GRANT, Shape};
use crate::nearest;
use crate::policy::{GrantPolicy, Quota, Rights, Writes};

/// What is granted, and in which order it is written.
pub(super) struct Grants {
    pub(super) order: Vec<String>,
    pub(super) known: BTreeMap<String, GrantPolicy>,
    /// Those whose rights could not be read: nobody can say that a tool gets more.
    doubtful: BTreeSet<String>,
}

impl Grants {
    /// Whether a tool may have these rights of a grant.
    pub(super) fn allow(&self, name: &str, rights: Option<Rights>) -> bool {
        let most = self.known.get(name).map(|grant| grant.rights);
        rights <= most || self.doubtful.contains(name)
    }
}

pub(super) fn read(root: &Section<'_>, problems: &mut Problems) -> Grants {
    let mut grants = Grants {
        order: Vec::new(),
        known: BTreeMap::new(),
        doubtful: BTreeSet::new(),
    };
    let mut names = Names::new("grant", names::grant);
    for Named { name, span, value } in root.named("grants", NAMES, problems) {
        names.tell(&name, &span, problems);
        let what = format!("grant `{}`", nearest::quote(&name));
        let section = root.open(value, &GRANT, what, span, problems);
        // Kept with mistakes too, so that who names it makes none.
        let rights = rights(&section, problems);
        if rights.is_none() && section.value("rights").is_some() {
            grants.doubtful.insert(name.clone());
        }
        let grant = grant(&section, rights.unwrap_or_default(), problems);
        grants.order.push(name.clone());
        grants.known.insert(name, grant);
    }
    grants
}

fn grant(section: &Section<'_>, rights: Rights, problems: &mut Problems) -> GrantPolicy {
    let path = section.path("path", problems);
    GrantPolicy {
        path: path.map(|(path, _)| path).unwrap_or_default(),
        rights,
        hide: globs(section, "hide", problems),
        protect: globs(section, "protect", problems),
        writes: writes(section, problems).unwrap_or_default(),
        quota: quota(section, problems),
        cross_mounts: section.flag("cross-mounts", problems).unwrap_or_default(),
        remote: section.flag("remote", problems).unwrap_or_default(),
    }
}

/// The key `rights` of a section.
pub(crate) fn rights(section: &Section<'_>, problems: &mut Problems) -> Option<Rights> {
    Rights::of(section.word("rights", problems)?)
}

fn writes(section: &Section<'_>, problems: &mut Problems) -> Option<Writes> {
    Writes::of(section.word("writes", problems)?)
}

fn quota(section: &Section<'_>, problems: &mut Problems) -> Quota {
    let quota = section.table("quota", problems);
    Quota {
        bytes: quota.amount("bytes", Shape::Bytes, problems),
        entries: quota.amount("entries", Shape::Count, problems),
    }
}

/// Globs that name something. Whether they parse is told by who matches with them.
fn globs(section: &Section<'_>, key: &'static str, problems: &mut Problems) -> Vec<String> {
    let mut globs = Vec::new();
    let mut known = BTreeSet::new();
    for (glob, span) in section.list(key, problems).unwrap_or_default() {
        let mut wrong = |code, message: String, help: &str| {
            problems.push(PolicyError::new(code, span.clone(), message).help(help));
        };
        let shown = nearest::quote(&glob);
        if glob.trim().is_empty() || matches!(glob.trim(), "!" | "/" | "!/") {
            let message = format!("a glob in `{key}` names nothing: `{shown}`");
            wrong(
                Code::BadGlob,
                message,
                "write a name or a pattern: `**/.env*`",
            );
        } else if glob.starts_with('#') {
            let message =
                format!("a glob in `{key}` names nothing: `{shown}` is a comment in a .gitignore");
            wrong(
                Code::BadGlob,
                message,
                "a `#` at the beginning is written `\\#`",
            );
        } else if glob.contains(['\0', '\n', '\r']) {
            let message = format!("a glob in `{key}` has a line break or a NUL in it: `{shown}`");
            wrong(Code::BadGlob, message, "give each glob an entry of its own");
        } else if !known.insert(glob.clone()) {
            wrong(
                Code::Duplicate,
                format!("`{shown}` is in `{key}` twice"),
                "leave one out",
            );
        } else {
            globs.push(glob);
        }
    }
    globs
}
