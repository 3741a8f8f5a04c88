//! What a policy says, checked and without defaults filled in: an absent word is none.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::amount::{show_bytes, show_count, show_time};
use crate::parse::names::SCRATCH;

/// A policy. Maps are sorted by name, but [`order`](Self::order) knows how the grants were written: the first is the
/// default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// The names of the grants, as they are written.
    pub order: Vec<String>,
    /// The grant that relative paths are in. Default: the first.
    pub default: Option<String>,
    /// What is granted, by its name in the session.
    pub grants: BTreeMap<String, GrantPolicy>,
    /// The tools, by their name.
    pub tools: BTreeMap<String, ToolPolicy>,
    /// The limits of every tool that does not set its own.
    pub limits: LimitsPolicy,
    /// What all calls of a session may use together.
    pub budget: BudgetPolicy,
}

/// What may be done with what is granted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rights {
    /// `ro`: to look at.
    #[default]
    Read,
    /// `rw`: to look at and to change.
    ReadWrite,
}

/// What becomes of what a call writes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Writes {
    /// It goes to the disk when the call ends well.
    #[default]
    Apply,
    /// It stays pending until somebody accepts it.
    Review,
    /// It goes to the disk at once.
    Direct,
}

/// How much may be written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quota {
    /// By logical size.
    pub bytes: Option<u64>,
    /// By number of names.
    pub entries: Option<u64>,
}

/// `[grants.NAME]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GrantPolicy {
    /// A directory or file of the host, as it was written: relative to the policy's folder, `~` the user's home.
    /// [`Policy::path_of`] resolves it.
    pub path: PathBuf,
    /// What may be done. Default `ro`.
    pub rights: Rights,
    /// Globs: not listed, not opened, not revealed.
    pub hide: Vec<String>,
    /// Globs: readable and not writable.
    pub protect: Vec<String>,
    /// What becomes of what a call writes. Default `apply`.
    pub writes: Writes,
    /// How much may be written.
    pub quota: Quota,
    /// Whether other filesystems that are mounted inside count as inside.
    pub cross_mounts: bool,
    /// Whether a server or another program may answer for it.
    pub remote: bool,
}

/// A grant that a tool gets: `workspace`, `workspace:ro`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountedGrant {
    /// The grant's name.
    pub grant: String,
    /// Fewer rights than the grant has. None: all of them.
    pub rights: Option<Rights>,
}

/// `[tools.NAME]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolPolicy {
    /// The component, as it was written: relative to the policy's folder.
    pub component: PathBuf,
    /// What it may be handed: what is granted, and `scratch`, the session's own directory to write in. Default: nothing.
    pub grants: Vec<MountedGrant>,
    /// What is mounted for it. Each is also in `grants`. Default: nothing.
    pub mounts: Vec<String>,
    /// The functions that are tools of a session, as they are called in it (`grep`). None: all.
    pub expose: Option<Vec<String>>,
    /// Its limits.
    pub limits: LimitsPolicy,
    /// How its work is bounded.
    pub metering: Metering,
}

/// How a tool's work is bounded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Metering {
    /// `fuel`: each operator is counted.
    #[default]
    Fuel,
    /// `time`: only the clock bounds it.
    Time,
}

/// `budget = { … }`. What is absent is the host's default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BudgetPolicy {
    /// Units of fuel.
    pub fuel: Option<u64>,
    /// Wall time of the calls, added up.
    pub wall: Option<Duration>,
    /// Bytes of files read and written.
    pub transfer: Option<u64>,
    /// Calls.
    pub calls: Option<u64>,
}

/// `limits = { … }`. What is absent is the host's default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LimitsPolicy {
    /// Units of fuel a call.
    pub fuel: Option<u64>,
    /// Wall time a call.
    pub deadline: Option<Duration>,
    /// Bytes of memory a call.
    pub memory: Option<u64>,
    /// Bytes of a result.
    pub result: Option<u64>,
    /// Bytes of text that a model is shown.
    pub text: Option<u64>,
    /// Bytes of standard output and error, each.
    pub stdio: Option<u64>,
    /// Calls to the host.
    pub host_calls: Option<u64>,
    /// Bytes of files read and written.
    pub transfer: Option<u64>,
    /// Open files and directories.
    pub descriptors: Option<u64>,
    /// Handles that the guest holds.
    pub handles: Option<u64>,
    /// What they stand for on the host.
    pub resources: Option<u64>,
    /// Bytes that are handed to the host at once.
    pub crossing: Option<u64>,
    /// Wall time of compiling.
    pub compile_time: Option<Duration>,
    /// Bytes of memory of compiling.
    pub compile_memory: Option<u64>,
}

impl Policy {
    /// The limits of a tool of this policy: its own, and those of all tools where it sets none.
    #[must_use]
    pub fn limits_of(&self, tool: &ToolPolicy) -> LimitsPolicy {
        tool.limits.or(&self.limits)
    }

    /// What a tool may do with a grant: what the grant allows, or less. None when it may not be handed it, or nothing
    /// is granted by that name.
    #[must_use]
    pub fn rights_of(&self, tool: &ToolPolicy, grant: &str) -> Option<Rights> {
        let handed = tool.grants.iter().find(|handed| handed.grant == grant)?;
        let most = match self.grants.get(grant) {
            Some(grant) => grant.rights,
            // The session's own, which is there to be written to.
            None if grant == SCRATCH => Rights::ReadWrite,
            None => return None,
        };
        Some(handed.rights.map_or(most, |rights| rights.min(most)))
    }

    /// The grant that relative paths are in. None when nothing is granted.
    #[must_use]
    pub fn default_grant(&self) -> Option<&str> {
        self.default
            .as_ref()
            .or(self.order.first())
            .map(String::as_str)
    }
}

impl Rights {
    /// Its word: `ro`, `rw`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "ro",
            Self::ReadWrite => "rw",
        }
    }

    /// What a word means. None for any other.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Read, Self::ReadWrite]
            .into_iter()
            .find(|rights| rights.as_str() == word)
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Writes {
    /// Its word: `apply`, `review`, `direct`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Review => "review",
            Self::Direct => "direct",
        }
    }

    /// What a word means. None for any other.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        let all = [Self::Apply, Self::Review, Self::Direct];
        all.into_iter().find(|writes| writes.as_str() == word)
    }
}

impl fmt::Display for Writes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// `workspace`, `workspace:ro`.
impl fmt::Display for MountedGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rights {
            None => f.write_str(&self.grant),
            Some(rights) => write!(f, "{}:{rights}", self.grant),
        }
    }
}

impl LimitsPolicy {
    /// These, and `other`'s where there is none here.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        self.with(other, |a, b| a.or(b), |a, b| a.or(b))
    }

    /// These, each lowered to `most`'s where that is less. What is absent here stays absent: it is not known what it
    /// stands for.
    #[must_use]
    pub fn lowered(&self, most: &Self) -> Self {
        self.with(
            most,
            |a, b| a.map(|a| b.map_or(a, |b| a.min(b))),
            |a, b| a.map(|a| b.map_or(a, |b| a.min(b))),
        )
    }

    /// These, without those that `other` has none of.
    pub(crate) fn only(&self, other: &Self) -> Self {
        self.with(other, |a, b| b.and(a), |a, b| b.and(a))
    }

    fn with(
        &self,
        other: &Self,
        amount: fn(Option<u64>, Option<u64>) -> Option<u64>,
        time: fn(Option<Duration>, Option<Duration>) -> Option<Duration>,
    ) -> Self {
        Self {
            fuel: amount(self.fuel, other.fuel),
            deadline: time(self.deadline, other.deadline),
            memory: amount(self.memory, other.memory),
            result: amount(self.result, other.result),
            text: amount(self.text, other.text),
            stdio: amount(self.stdio, other.stdio),
            host_calls: amount(self.host_calls, other.host_calls),
            transfer: amount(self.transfer, other.transfer),
            descriptors: amount(self.descriptors, other.descriptors),
            handles: amount(self.handles, other.handles),
            resources: amount(self.resources, other.resources),
            crossing: amount(self.crossing, other.crossing),
            compile_time: time(self.compile_time, other.compile_time),
            compile_memory: amount(self.compile_memory, other.compile_memory),
        }
    }

    /// Those that are set, by key, as a policy spells them: `deadline`, `10s`.
    #[must_use]
    pub fn set(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("fuel", self.fuel.map(show_count)),
            ("deadline", self.deadline.map(show_time)),
            ("memory", self.memory.map(show_bytes)),
            ("result", self.result.map(show_bytes)),
            ("text", self.text.map(show_bytes)),
            ("stdio", self.stdio.map(show_bytes)),
            ("host-calls", self.host_calls.map(show_count)),
            ("transfer", self.transfer.map(show_bytes)),
            ("descriptors", self.descriptors.map(show_count)),
            ("handles", self.handles.map(show_count)),
            ("resources", self.resources.map(show_count)),
            ("crossing", self.crossing.map(show_bytes)),
            ("compile-time", self.compile_time.map(show_time)),
            ("compile-memory", self.compile_memory.map(show_bytes)),
        ];
        all.into_iter()
            .filter_map(|(key, amount)| Some((key, amount?)))
            .collect()
    }
}

impl Metering {
    /// Its word: `fuel`, `time`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fuel => "fuel",
            Self::Time => "time",
        }
    }

    /// What a word means. None for any other.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        let all = [Self::Fuel, Self::Time];
        all.into_iter().find(|metering| metering.as_str() == word)
    }
}

impl BudgetPolicy {
    /// This, with the less of both where `most` says something too.
    #[must_use]
    pub fn within(&self, most: &Self) -> Self {
        fn less<T: Ord>(said: Option<T>, most: Option<T>) -> Option<T> {
            said.into_iter().chain(most).min()
        }
        Self {
            fuel: less(self.fuel, most.fuel),
            wall: less(self.wall, most.wall),
            transfer: less(self.transfer, most.transfer),
            calls: less(self.calls, most.calls),
        }
    }

    /// What is set, by key, as a policy spells it: `wall`, `3600s`.
    #[must_use]
    pub fn set(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("fuel", self.fuel.map(show_count)),
            ("wall", self.wall.map(show_time)),
            ("transfer", self.transfer.map(show_bytes)),
            ("calls", self.calls.map(show_count)),
        ];
        all.into_iter()
            .filter_map(|(key, amount)| Some((key, amount?)))
            .collect()
    }
}
