//! A policy, put into effect: its grants in a session, its terms for each tool, its lock before anything loads.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use bailiwick_capfs::{AmbientAuthority, Amount, Grant, OpenError, Rights, Writes};
use bailiwick_contract::audit::Audit;
use bailiwick_contract::lock;
use bailiwick_contract::lock::Lock;
use bailiwick_policy as policy;
use bailiwick_policy::Policy;

use crate::added::ToolTerms;
use crate::budget::Budget;
use crate::compile::CompileLimits;
use crate::engine::{Engine, Metering};
use crate::error::{GrantError, LoadError};
use crate::governing::Governing;
use crate::limits::Limits;
use crate::session::{GrantOptions, Session};
use crate::tool::Tool;

/// The name of the session's own directory, which a policy can give to a tool without granting it.
const SCRATCH: &str = "scratch";

/// A policy, and where it stands.
#[derive(Debug, Clone)]
pub struct Standing<'a> {
    /// What it says.
    pub policy: &'a Policy,
    /// The folder that its paths are relative to.
    pub folder: &'a Path,
    /// What `~` means. None: such a path is an error.
    pub home: Option<&'a Path>,
    /// What must be out of reach of its grants.
    pub governing: &'a Governing,
}

/// What a policy grants cannot be granted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The policy has no tool of that name.
    #[error("the policy has no tool `{0}`")]
    Tool(String),
    /// A grant's path cannot be opened.
    #[error("[grants.{name}] `{}`: {source}", .path.display())]
    Open {
        /// The grant.
        name: String,
        /// Where it leads.
        path: PathBuf,
        /// Why not.
        source: Box<OpenError>,
    },
    /// It is written as a place in the policy's folder, and a link leads out of that.
    #[error(
        "[grants.{name}] `{}`: a link leads out of the policy's folder: write where it leads, so that it is seen",
        .path.display()
    )]
    Elsewhere {
        /// The grant.
        name: String,
        /// As it is written.
        path: PathBuf,
    },
    /// The session does not take it.
    #[error("[grants.{name}]: {source}")]
    Grant {
        /// The grant.
        name: String,
        /// Why not.
        source: GrantError,
    },
}

impl Standing<'_> {
    /// Grants a session what these tools may be handed, and nothing that only others may.
    ///
    /// # Ambient authority
    ///
    /// Opens the host paths that the policy names: whoever calls this has decided that the policy is trusted.
    ///
    /// # Errors
    ///
    /// [`PolicyError`], naming the grant. What was granted before it stays.
    pub fn grant(
        &self,
        session: &Session,
        tools: &[&str],
        writes: Option<Writes>,
        authority: AmbientAuthority,
    ) -> Result<(), PolicyError> {
        let wanted = self.wanted(tools)?;
        for name in &self.policy.order {
            let Some(rights) = wanted.get(name.as_str()) else {
                continue;
            };
            let granted = &self.policy.grants[name];
            let path = Policy::path_of(self.folder, &granted.path, self.home);
            let mut terms = self.governing.terms(*rights);
            terms.hide.clone_from(&granted.hide);
            terms.protect.clone_from(&granted.protect);
            terms.cross_mounts = granted.cross_mounts;
            terms.remote = granted.remote;
            let grant = Grant::open_with(&path, &terms, authority).map_err(|source| {
                let (name, path) = (name.clone(), path.clone());
                PolicyError::Open {
                    name,
                    path,
                    source: Box::new(source),
                }
            })?;
            // Of what comes with a folder anybody can make a link. What is written below the folder has to be there.
            if written_below(self.folder, &path) && !grant.opened_at().starts_with(self.folder) {
                let name = name.clone();
                return Err(PolicyError::Elsewhere { name, path });
            }
            let options = options(granted, writes);
            self.named(name, session.grant_with(name, grant, &options))?;
        }
        if wanted.contains_key(SCRATCH) && !self.policy.grants.contains_key(SCRATCH) {
            self.named(SCRATCH, session.scratch())?;
        }
        let default = self.policy.default.as_deref();
        match default.filter(|default| wanted.contains_key(default)) {
            Some(default) => self.named(default, session.set_default(default)),
            None => Ok(()),
        }
    }

    fn named<T>(&self, name: &str, done: Result<T, GrantError>) -> Result<T, PolicyError> {
        done.map_err(|source| PolicyError::Grant {
            name: name.to_owned(),
            source,
        })
    }

    /// The grants that these tools may be handed, each with the most rights that one of them has.
    fn wanted(&self, tools: &[&str]) -> Result<BTreeMap<&str, Rights>, PolicyError> {
        let mut wanted = BTreeMap::new();
        for tool in tools {
            let Some(tool) = self.policy.tools.get(*tool) else {
                return Err(PolicyError::Tool((*tool).to_owned()));
            };
            for handed in &tool.grants {
                let own = self.policy.grants.get(&handed.grant);
                let own = own.map_or(policy::Rights::ReadWrite, |grant| grant.rights);
                let rights = rights(handed.rights.unwrap_or(own).min(own));
                let most = wanted.entry(handed.grant.as_str()).or_insert(rights);
                if rights.allows(*most) {
                    *most = rights;
                }
            }
        }
        Ok(wanted)
    }

    /// What a tool of the policy may do in the session that [`grant`](Self::grant) made.
    ///
    /// # Errors
    ///
    /// [`PolicyError::Tool`] when the policy does not have it.
    pub fn terms(&self, tool: &str) -> Result<ToolTerms, PolicyError> {
        let Some(of) = self.policy.tools.get(tool) else {
            return Err(PolicyError::Tool(tool.to_owned()));
        };
        let grants = of.grants.iter().map(|handed| {
            let fewer = handed.rights.map(rights);
            (handed.grant.clone(), fewer)
        });
        Ok(ToolTerms {
            grants: Some(grants.collect()),
            mounts: Some(of.mounts.clone()),
            expose: of.expose.clone(),
            limits: limits(&self.policy.limits_of(of), Limits::default()),
        })
    }
}

/// Whether a path is one in the folder, or the folder, by its names alone.
fn written_below(folder: &Path, path: &Path) -> bool {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain.starts_with(folder)
}

fn rights(rights: policy::Rights) -> Rights {
    match rights {
        policy::Rights::Read => Rights::READ,
        policy::Rights::ReadWrite => Rights::READ_WRITE,
    }
}

/// `writes` is what somebody asks for who may only make it stricter.
fn options(granted: &policy::GrantPolicy, writes: Option<Writes>) -> GrantOptions {
    let said = match granted.writes {
        policy::Writes::Apply => Writes::Apply,
        policy::Writes::Review => Writes::Review,
        policy::Writes::Direct => Writes::Direct,
    };
    let mut options = GrantOptions::default();
    options.writes = writes.unwrap_or(said);
    options.quota = Amount {
        bytes: granted.quota.bytes.unwrap_or(options.quota.bytes),
        entries: granted.quota.entries.unwrap_or(options.quota.entries),
    };
    options
}

/// What a tool gets where a policy says nothing, as a policy would say it.
#[must_use]
pub fn defaults() -> policy::LimitsPolicy {
    let (limits, compiling) = (Limits::default(), CompileLimits::default());
    policy::LimitsPolicy {
        fuel: Some(limits.fuel),
        deadline: Some(limits.deadline),
        memory: Some(limits.memory),
        result: Some(limits.result as u64),
        text: Some(limits.text as u64),
        stdio: Some(limits.stdio as u64),
        host_calls: Some(limits.host_calls),
        transfer: Some(limits.transfer),
        descriptors: Some(limits.descriptors.into()),
        handles: Some(limits.component_handles as u64),
        resources: Some(limits.host_handles as u64),
        crossing: Some(limits.crossing as u64),
        compile_time: Some(compiling.time),
        compile_memory: Some(compiling.memory),
    }
}

/// The limits of a tool of a policy.
#[must_use]
pub fn limits_of(policy: &Policy, tool: &str) -> Limits {
    let said = policy.tools.get(tool).map(|tool| policy.limits_of(tool));
    said.map_or_else(Limits::default, |said| limits(&said, Limits::default()))
}

/// What compiling a tool of a policy may take.
#[must_use]
pub fn compile_limits_of(policy: &Policy, tool: &str) -> CompileLimits {
    let otherwise = CompileLimits::default();
    let said = policy.tools.get(tool).map(|tool| policy.limits_of(tool));
    let said = said.unwrap_or_else(|| policy.limits.clone());
    CompileLimits {
        time: said.compile_time.unwrap_or(otherwise.time),
        memory: said.compile_memory.unwrap_or(otherwise.memory),
    }
}

/// How a tool of a policy is metered.
#[must_use]
pub fn metering_of(policy: &Policy, tool: &str) -> Metering {
    let said = policy.tools.get(tool).map(|tool| tool.metering);
    match said.unwrap_or_default() {
        policy::Metering::Fuel => Metering::Fuel,
        policy::Metering::Time => Metering::Time,
    }
}

/// What a policy says of a session's budget, over what is the case without it.
#[must_use]
pub fn budget_of(policy: &Policy) -> Budget {
    let (said, otherwise) = (&policy.budget, Budget::default());
    Budget {
        fuel: said.fuel.unwrap_or(otherwise.fuel),
        wall: said.wall.unwrap_or(otherwise.wall),
        transfer: said.transfer.unwrap_or(otherwise.transfer),
        calls: said.calls.unwrap_or(otherwise.calls),
    }
}

/// What a policy says of limits, over what is the case without it.
fn limits(said: &policy::LimitsPolicy, otherwise: Limits) -> Limits {
    let size = |said: Option<u64>, otherwise: usize| {
        said.map_or(otherwise, |said| {
            usize::try_from(said).unwrap_or(usize::MAX)
        })
    };
    Limits {
        fuel: said.fuel.unwrap_or(otherwise.fuel),
        deadline: said.deadline.unwrap_or(otherwise.deadline),
        memory: said.memory.unwrap_or(otherwise.memory),
        result: size(said.result, otherwise.result),
        text: size(said.text, otherwise.text),
        stdio: size(said.stdio, otherwise.stdio),
        host_calls: said.host_calls.unwrap_or(otherwise.host_calls),
        transfer: said.transfer.unwrap_or(otherwise.transfer),
        descriptors: said.descriptors.map_or(otherwise.descriptors, |said| {
            u32::try_from(said).unwrap_or(u32::MAX)
        }),
        component_handles: size(said.handles, otherwise.component_handles),
        host_handles: size(said.resources, otherwise.host_handles),
        crossing: size(said.crossing, otherwise.crossing),
    }
}

impl Tool {
    /// Loads a component if it is what was approved: its digest is the lock's, of the very bytes that are compiled, the lock's facts are its
    /// own, and its approval holds on the day `today` (`2026-11-23`), with something mounted for it or not.
    ///
    /// # Errors
    ///
    /// [`LoadError::Refused`] with all that differs, and nothing was compiled; otherwise those of [`load`](Self::load).
    pub fn load_locked(
        engine: &Engine,
        name: &str,
        bytes: &[u8],
        lock: &Lock,
        mounts: bool,
        today: &str,
    ) -> Result<Self, LoadError> {
        let mismatches = mismatches(name, bytes, lock, mounts, today)?;
        if mismatches.is_empty() {
            return Self::load(engine, name, bytes);
        }
        Err(LoadError::Refused {
            tool: name.to_owned(),
            mismatches,
        })
    }
}

/// What differs from what was approved.
fn mismatches(
    name: &str,
    bytes: &[u8],
    lock: &Lock,
    mounts: bool,
    today: &str,
) -> Result<Vec<lock::Mismatch>, LoadError> {
    // All of it also when the digest is right: an entry with another digest and the facts of before would look in a review as if the tool had
    // only been built again.
    let audit = Audit::read(name, bytes).map_err(|source| LoadError::Contract {
        tool: name.to_owned(),
        source,
    })?;
    Ok(lock.verify(name, &audit, mounts, today))
}
