//! The lock: what was approved, so that a change is seen in a code review and nothing else runs.
//!
//! `bailiwick.lock` is TOML with a version, its entries sorted, and holds all that a reviewer approves: digests,
//! imports, signatures and the text that a model is told. `docs/lock.md` explains the format and every code of a
//! [`Mismatch`].
//!
//! ```
//! use bailiwick_contract::lock::Lock;
//!
//! let lock = Lock::default();
//! let text = lock.to_text()?;
//! assert_eq!(Lock::parse(&text)?, lock);
//! # Ok::<(), bailiwick_contract::lock::LockError>(())
//! ```

mod checked;
mod codes;
mod day;
mod error;
mod facts;
mod look_alikes;
mod parse;
mod texts;
mod verify;
mod write;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::audit::{Audit, Tier};

pub use codes::{CODES, Known};
pub use day::is_day;
pub use error::LockError;
pub use look_alikes::look_alikes;

/// The version of the file's format.
pub const VERSION: u32 = 1;

/// The bytes of a lock that is read, or written. One that is larger is refused.
pub const MOST: usize = 4 << 20;

/// A lock: what was approved of each tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Lock {
    /// [`VERSION`].
    pub version: u32,
    /// The tools, by their name in the policy.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tools: BTreeMap<String, Entry>,
}

/// One tool, as it was approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Entry {
    /// Of the component's bytes: `sha256:…`.
    #[serde(deserialize_with = "checked::digest")]
    pub digest: String,
    /// The most that it can do, nothing mounted.
    pub tier: Tier,
    /// What its documentation says of it as a whole.
    #[serde(
        default,
        skip_serializing_if = "String::is_empty",
        deserialize_with = "checked::text"
    )]
    pub docs: String,
    /// What it imports that is more than types, sorted: the name, and its class after a blank (`wasi:cli/exit@0.2.6
    /// inert`).
    #[serde(default)]
    pub imports: Vec<String>,
    /// Findings that it had, by code, sorted, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
    /// Who approved it. None: nobody in particular.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// Its functions, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub functions: BTreeMap<String, LockedFunction>,
}

/// An approval of a person. Made to be guarded by whoever owns the file in the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Approval {
    /// Who, in one line.
    #[serde(deserialize_with = "checked::line")]
    pub by: String,
    /// The last day on which it holds, `2027-01-31`. None: it holds on.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "checked::day"
    )]
    pub until: Option<String>,
    /// The highest tier that it holds for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tier: Option<Tier>,
    /// Why, in one line.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "checked::some_line"
    )]
    pub note: Option<String>,
}

/// One function, as it was approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LockedFunction {
    /// In WIT, in one line.
    pub signature: String,
    /// What follows from its types and imports, and what its author claims, sorted: `closed-world`, `deterministic`,
    /// `read-only`, `stateful`, `writes`, `claims-destructive`, `claims-idempotent`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<String>,
    /// Every place where a handle stands in its types, also in what it returns, sorted:
    /// `wrap.file: borrow bailiwick:fs/write@0.1.0#write-file`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handles: Vec<String>,
    /// What the model is told of it.
    #[serde(
        default,
        skip_serializing_if = "String::is_empty",
        deserialize_with = "checked::text"
    )]
    pub docs: String,
    /// What the model is told of each parameter and of what is in it, those with documentation, by where it is: `dir`,
    /// `scope.depth`, `edits[].line`.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "checked::texts"
    )]
    pub params: BTreeMap<String, String>,
    /// Likewise of what it returns: `matches[].line`; `.` is all of it.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "checked::texts"
    )]
    pub returns: BTreeMap<String, String>,
    /// Calls that work, as its author says, each a JSON document in one line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
    /// Of the schemas of arguments and result without their descriptions, which are in [`params`](Self::params) and
    /// [`returns`](Self::returns), as canonical JSON: `sha256:…`.
    #[serde(deserialize_with = "checked::digest")]
    pub schema: String,
}

/// What a tool is that a lock does not have as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Mismatch {
    /// The tool.
    pub tool: String,
    /// Kebab case and stable, one of [`CODES`]: `not-locked`, `digest`, `tier-raised`, `import-added`, `docs`,
    /// `signature`, `approval-expired`, ….
    pub code: &'static str,
    /// What about it: a lower-case fragment.
    pub message: String,
    /// What was approved; none when nothing was. It may quote the component: show it with
    /// [`visible::text`](crate::visible::text).
    pub locked: Option<String>,
    /// What there is; none when it is gone. It may quote the component, too.
    pub found: Option<String>,
}

impl Default for Lock {
    fn default() -> Lock {
        Lock {
            version: VERSION,
            tools: BTreeMap::new(),
        }
    }
}

impl Lock {
    /// Reads a lock. Takes LF and CRLF as ends of lines.
    ///
    /// # Errors
    ///
    /// [`LockError`], which names line and key: over [`MOST`] bytes, a character that nobody sees, not TOML, an unknown
    /// version or key, a value that is none, an approval of several lines, two tools whose names look alike.
    pub fn parse(text: &str) -> Result<Lock, LockError> {
        parse::parse(text)
    }

    /// The file's text: sorted, texts of several lines as lists of them, hidden characters written out, so that a diff
    /// of it reads well and nothing that a component says reads as a line of the lock. [`parse`](Self::parse) gives the
    /// same lock again.
    ///
    /// # Errors
    ///
    /// [`LockError::TooLarge`], [`LockError::LookAlikes`] and [`LockError::Approval`]: `parse` would not take it.
    pub fn to_text(&self) -> Result<String, LockError> {
        look_alikes::refuse(self)?;
        for (tool, entry) in &self.tools {
            entry.approval.iter().try_for_each(|it| it.check(tool))?;
        }
        let text = write::text(self);
        match text.len() {
            0..=MOST => Ok(text),
            bytes => Err(LockError::TooLarge { bytes }),
        }
    }

    /// Takes up what is approved of a tool from now on. The approval of a person stays only if nothing else changes.
    ///
    /// Gives back the approval that is gone: there was one of what was locked before, and there is none now.
    pub fn put(&mut self, tool: &str, mut entry: Entry) -> Option<Approval> {
        let mut gone = None;
        if let Some(old) = self.tools.remove(tool)
            && entry.approval.is_none()
        {
            if old.is_like(&entry) {
                entry.approval = old.approval;
            } else {
                gone = old.approval;
            }
        }
        self.tools.insert(tool.to_owned(), entry);
        gone
    }

    /// What differs, as [`Entry::verify`]; `not-locked` for a tool that is not in the lock.
    pub fn verify(&self, tool: &str, audit: &Audit, mounted: bool, today: &str) -> Vec<Mismatch> {
        match self.tools.get(tool) {
            Some(entry) => entry.verify(tool, audit, mounted, today),
            None => vec![verify::not_locked(self, tool, audit)],
        }
    }
}

impl Entry {
    /// What is approved when somebody approves this.
    pub fn of(audit: &Audit) -> Entry {
        facts::entry(audit)
    }

    /// What differs. Empty when it is what was approved, on the day `today` (`2026-11-23`). A digest that differs is
    /// always told; then what else does.
    ///
    /// The facts are compared when the digest is right, too, and whoever loads has to do so: an entry that has another
    /// digest and the facts of before looks in a review as if the tool had only been built again.
    ///
    /// `mounted`: whether something is mounted for it, so that the tier that is held to the approval is
    /// [`Audit::tier_mounted`].
    pub fn verify(&self, tool: &str, audit: &Audit, mounted: bool, today: &str) -> Vec<Mismatch> {
        let mut all = verify::mismatches(self, tool, &Entry::of(audit));
        if let Some(approval) = &self.approval {
            let tier = audit.tier_mounted.filter(|_| mounted);
            all.extend(approval.verify(tool, tier.unwrap_or(audit.tier), today));
        }
        all
    }

    /// Whether it is the same, whoever approved it.
    fn is_like(&self, other: &Entry) -> bool {
        let approval = self.approval.clone();
        *self
            == Entry {
                approval,
                ..other.clone()
            }
    }
}

impl Approval {
    /// Refuses one of several lines: in the file they would read as lines of the lock.
    fn check(&self, tool: &str) -> Result<(), LockError> {
        let mut parts = [("by", Some(&self.by)), ("note", self.note.as_ref())].into_iter();
        let broken =
            parts.find_map(|(key, text)| Some((key, text.filter(|it| checked::breaks(it))?)));
        match broken {
            None => Ok(()),
            Some((key, text)) => Err(LockError::Approval {
                tool: crate::visible::name(tool),
                key,
                text: checked::front(text),
            }),
        }
    }

    /// Why it does not hold for a tool that can do as much as `tier`, on the day `today` (`2026-11-23`). Empty when it
    /// does.
    pub fn verify(&self, tool: &str, tier: Tier, today: &str) -> Vec<Mismatch> {
        verify::approval(self, tool, tier, today)
    }
}
