//! What a tool needs against what its policy gives it, before anything runs.
//!
//! What it needs follows from its component alone: the handles in the signatures of the functions that are exposed, and
//! the imports through which it uses files by itself. So a denial is told before a model meets it, and whoever writes
//! the policy sees what could be taken away.

mod changes;
mod codes;
mod needs;
mod words;

use std::fmt;

use bailiwick_contract::audit::{Audit, Tier};
use bailiwick_contract::names::nearest;
use bailiwick_contract::visible;
use serde::Serialize;

use crate::policy::{MountedGrant, Policy, Rights, ToolPolicy};
use needs::Needs;

pub use codes::{CODES, Known};

/// One thing that a policy gives a tool, or that the tool needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Line {
    /// What it is.
    pub kind: Kind,
    /// Kebab case and stable, one of [`CODES`].
    pub code: &'static str,
    /// In words: a lower-case fragment. Safe to print.
    pub message: String,
    /// What to write into the policy so that it is no longer told. None when it is fine, or when nothing there helps.
    pub change: Option<Change>,
}

/// What a [`Line`] is; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The policy names what there is not.
    Error,
    /// It will be denied.
    NeededNotGranted,
    /// It could be taken away, and nothing would be missed.
    GrantedNotNeeded,
    /// As it should be.
    GrantedAndNeeded,
}

/// Lines of a policy, in place of those with the same keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Change {
    /// The table that they are in: `tools.files`.
    pub table: String,
    /// TOML, safe to print: `grants = ["workspace:ro"]`.
    pub lines: Vec<String>,
}

/// What a tool needs and what a policy gives it, the worst first. Whatever is granted to it has a line, and so has
/// whatever it lacks.
///
/// A tool that uses files by itself may do so or not; that nothing is mounted for it is told only when no function is
/// handed files either.
///
/// ```
/// # use bailiwick_contract::audit::Audit;
/// use bailiwick_policy::check::{self, Kind};
/// # fn show(policy: &bailiwick_policy::Policy, audit: &Audit) {
/// for line in check::grants(policy, "files", audit) {
///     if line.kind != Kind::GrantedAndNeeded {
///         println!("{line}");
///     }
/// }
/// # }
/// ```
#[must_use]
pub fn grants(policy: &Policy, tool: &str, audit: &Audit) -> Vec<Line> {
    let Some(section) = policy.tools.get(tool) else {
        return vec![unknown_tool(policy, tool)];
    };
    let mut check = Check {
        policy,
        tool,
        section,
        audit,
        needs: Needs::of(audit, section.expose.as_deref()),
        lines: Vec::new(),
    };
    check.names();
    check.imports();
    check.missing();
    for grant in &section.grants {
        if let Some(rights) = policy.rights_of(section, &grant.grant) {
            check.grant(grant, rights);
        }
    }
    check.lines.sort_by_key(|line| line.kind);
    check.lines
}

fn unknown_tool(policy: &Policy, tool: &str) -> Line {
    let known = policy.tools.keys().map(String::as_str);
    let near = words::near(nearest(tool, known, 1).first().copied());
    Line {
        kind: Kind::Error,
        code: codes::UNKNOWN_TOOL,
        message: format!("the policy has no tool `{}`{near}", visible::name(tool)),
        change: None,
    }
}

struct Check<'a> {
    policy: &'a Policy,
    tool: &'a str,
    section: &'a ToolPolicy,
    audit: &'a Audit,
    needs: Needs<'a>,
    lines: Vec<Line>,
}

impl Check<'_> {
    fn push(&mut self, kind: Kind, code: &'static str, message: String, change: Option<Change>) {
        self.lines.push(Line {
            kind,
            code,
            message,
            change,
        });
    }

    /// What the policy names, and is not there.
    fn names(&mut self) {
        for name in self.section.expose.iter().flatten() {
            if self.audit.function(name).is_some() {
                continue;
            }
            let known = self
                .audit
                .functions
                .iter()
                .map(|function| function.name.as_str());
            let near = nearest(name, known, 1).first().copied();
            let shown = (
                visible::name(self.tool),
                visible::name(name),
                words::near(near),
            );
            let message = format!("{} has no function `{}`{}", shown.0, shown.1, shown.2);
            let change = self.expose(name, near);
            self.push(Kind::Error, codes::UNKNOWN_FUNCTION, message, Some(change));
        }
        for handed in &self.section.grants {
            // What is granted, or the session's own.
            if self.policy.rights_of(self.section, &handed.grant).is_some() {
                continue;
            }
            let known = self.policy.grants.keys().map(String::as_str);
            let near = words::near(nearest(&handed.grant, known, 1).first().copied());
            let grant = visible::name(&handed.grant);
            let message = format!("nothing is granted by the name of `{grant}`{near}");
            let change = self.without(&handed.grant);
            self.push(Kind::Error, codes::UNKNOWN_GRANT, message, Some(change));
        }
    }

    /// What nobody provides, whatever the policy says.
    fn imports(&mut self) {
        for import in self.needs.unknown.clone() {
            let (tool, import) = (visible::name(self.tool), visible::name(import));
            let message =
                format!("{tool} imports `{import}`, which nobody provides: it cannot be loaded");
            self.push(Kind::NeededNotGranted, codes::IMPORT_UNKNOWN, message, None);
        }
    }

    /// What no grant gives it.
    fn missing(&mut self) {
        let tool = visible::name(self.tool);
        let needs = &self.needs;
        let (reads, writes) = (
            words::uses(needs.must_read()),
            words::uses(needs.must_write()),
        );
        if let Some(writes) = writes.filter(|_| !self.has(Rights::ReadWrite)) {
            let message = format!("{tool} writes: no grant it gets is rw; {writes} will be denied");
            let change = self.granting(Rights::ReadWrite);
            self.push(
                Kind::NeededNotGranted,
                codes::WRITES_MISSING,
                message,
                Some(change),
            );
        }
        if let Some(reads) = reads.filter(|_| !self.has(Rights::Read)) {
            let message = format!("{tool} reads: it gets no grant; {reads} will be denied");
            let change = self.granting(Rights::Read);
            self.push(
                Kind::NeededNotGranted,
                codes::READS_MISSING,
                message,
                Some(change),
            );
        }
        if let (Some(import), []) = (self.needs.files, self.needs.uses.as_slice())
            && self.section.mounts.is_empty()
        {
            let import = visible::name(import);
            let message = format!(
                "{tool} imports `{import}`, and nothing is mounted: if it opens files, it finds none"
            );
            let change = self.mounting();
            self.push(
                Kind::NeededNotGranted,
                codes::MOUNT_MISSING,
                message,
                change,
            );
        }
    }

    /// Whether it gets a grant with these rights or more.
    fn has(&self, rights: Rights) -> bool {
        let mut names = self.section.grants.iter().map(|handed| &handed.grant);
        names.any(|grant| {
            let has = self.policy.rights_of(self.section, grant);
            has.is_some_and(|has| has >= rights)
        })
    }

    /// What becomes of something that it gets.
    fn grant(&mut self, handed: &MountedGrant, rights: Rights) {
        let name = handed.grant.as_str();
        let (tool, grant) = (visible::name(self.tool), visible::name(name));
        let mounted = self.section.mounts.iter().any(|mount| mount == name);
        let sees = mounted && self.needs.files.is_some();
        let changes = sees
            && self
                .audit
                .tier_mounted
                .is_none_or(|tier| tier >= Tier::Edits);
        let readers = words::uses(self.needs.reads());
        let writers = words::uses(self.needs.writes());
        let by_handle = match rights {
            Rights::Read => readers.clone(),
            Rights::ReadWrite => words::uses(self.needs.uses.iter()),
        };
        let takes_all = match rights {
            Rights::Read => readers.is_some() || sees,
            Rights::ReadWrite => writers.is_some() || changes,
        };
        if takes_all {
            if let Some(by) = by_handle {
                let message = format!("`{grant}` ({rights}) may be handed to {by}");
                self.push(Kind::GrantedAndNeeded, codes::GRANT_USED, message, None);
            }
        } else if readers.is_some() || sees {
            let message = format!("{tool} only reads: `{grant}:ro` would do");
            let change = self.lowered(name);
            self.push(
                Kind::GrantedNotNeeded,
                codes::RIGHTS_UNUSED,
                message,
                Some(change),
            );
        } else if self.needs.must_write().next().is_some() && !self.has(Rights::ReadWrite) {
            // That it cannot be written is told already, and with that it will do.
            return;
        } else {
            let why = match self.needs.uses.is_empty() {
                true => "no function that is exposed is handed files",
                false => "no function that is exposed is handed something to look at",
            };
            let message = format!("`{grant}` ({rights}): {why}");
            let change = self.without(name);
            self.push(
                Kind::GrantedNotNeeded,
                codes::GRANT_UNUSED,
                message,
                Some(change),
            );
            return;
        }
        match (mounted, sees) {
            (true, true) => {
                let message =
                    format!("`{grant}` ({rights}) is mounted: {tool} opens files by itself");
                self.push(Kind::GrantedAndNeeded, codes::MOUNT_USED, message, None);
            }
            (true, false) => {
                let message =
                    format!("`{grant}` is mounted, and {tool} cannot open files by itself");
                let change = self.unmounted(name);
                self.push(
                    Kind::GrantedNotNeeded,
                    codes::MOUNT_UNUSED,
                    message,
                    Some(change),
                );
            }
            (false, _) => {}
        }
    }
}

impl Kind {
    /// Its word: `error`, `needed-not-granted`, `granted-not-needed`, `granted-and-needed`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::NeededNotGranted => "needed-not-granted",
            Self::GrantedNotNeeded => "granted-not-needed",
            Self::GrantedAndNeeded => "granted-and-needed",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// `` `grants = ["workspace:ro"]` in `[tools.files]` ``
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.lines.iter().map(|line| format!("`{line}`")).collect();
        write!(f, "{} in `[{}]`", lines.join(" and "), self.table)
    }
}

/// In one line.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)?;
        match &self.change {
            Some(change) => write!(f, "; write {change}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
