//! The policy of a machine's owner: what no policy of a folder can pass.
//!
//! It lies outside of every folder that a tool is granted. Limits are lowered to it; a tool or a grant that goes beyond
//! it is refused by name, since less of it would be something else than what was asked for.

mod grants;

use std::collections::BTreeMap;
use std::path::PathBuf;

use bailiwick_contract::audit::Tier;

use crate::error::{PolicyError, Problems};
use crate::keys::OWNER;
use crate::nearest;
use crate::parse::{self, limits, section::Section};
use crate::policy::{BudgetPolicy, LimitsPolicy, Metering, Policy, Rights};

pub use grants::Ground;

/// An owner's policy. What is absent sets no ceiling.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owner {
    /// The most that a tool may be able to do.
    pub max_tier: Option<Tier>,
    /// Where all that is granted has to lie. None: anywhere. Empty: nowhere, so nothing can be granted.
    pub grants: Option<Vec<OwnerGrant>>,
    /// The most that any call is given.
    pub limits: LimitsPolicy,
    /// The most that all calls of a session are given together.
    pub budget: BudgetPolicy,
    /// Whether a tool has to be in a lock.
    pub require_lock: bool,
    /// Whether a tool's lock has to carry an approval that holds.
    pub require_approval: bool,
}

/// A place that grants may lie in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerGrant {
    /// As it was written: absolute, or below `~`.
    pub path: PathBuf,
    /// The most that may be granted there.
    pub rights: Rights,
}

/// Where a policy goes beyond its owner's. It names grants and tools as the policy does; [`message`](Self::message) and
/// [`help`](Self::help) are safe to print.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Breach {
    /// Kebab case and stable: `tier-over-ceiling`, `tier-unknown`, `grant-outside`, `grant-rights`,
    /// `unmetered`.
    pub code: &'static str,
    /// The grant or tool.
    pub name: String,
    /// What goes beyond: a lower-case fragment.
    pub message: String,
    /// What would not.
    pub help: String,
}

impl Owner {
    /// Reads an owner's policy.
    ///
    /// # Errors
    ///
    /// All mistakes, in the order of the text. None of it may be used then, and nothing may run.
    pub fn parse(text: &str) -> Result<Owner, Vec<PolicyError>> {
        let document = parse::document(text)?;
        let mut problems = Problems::default();
        let root = Section::root(&document, &OWNER, &mut problems);
        let tier = root.word("max-tier", &mut problems);
        let owner = Owner {
            max_tier: tier.and_then(|tier| tier.parse().ok()),
            grants: grants::read(&root, &mut problems),
            limits: limits::read(&root, &mut problems),
            budget: limits::budget(&root, &mut problems),
            require_lock: root.flag("require-lock", &mut problems).unwrap_or_default(),
            require_approval: root
                .flag("require-approval", &mut problems)
                .unwrap_or_default(),
        };
        problems.none_or(owner)
    }

    /// Reads the file of an owner's policy.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse), and for what is no text.
    pub fn read(bytes: &[u8]) -> Result<Owner, Vec<PolicyError>> {
        Owner::parse(parse::text(bytes)?)
    }

    /// Where a policy goes beyond. Empty when it does not. `tiers` says the most that each of its tools can do, as an
    /// audit of the bytes found: [`tier_mounted`](bailiwick_contract::audit::Audit::tier_mounted) for one that has
    /// something writable mounted. A tool that is not in it is taken to be able to do anything.
    ///
    /// Paths are compared name by name, after [`Ground::real`] said where they lead.
    #[must_use]
    pub fn check(
        &self,
        policy: &Policy,
        ground: &Ground<'_>,
        tiers: &BTreeMap<String, Tier>,
    ) -> Vec<Breach> {
        let mut breaches = Vec::new();
        if let Some(allowed) = &self.grants {
            for name in &policy.order {
                if let Some(grant) = policy.grants.get(name) {
                    breaches.extend(grants::breach(allowed, name, grant, ground));
                }
            }
        }
        if let Some(most) = self.max_tier {
            for name in policy.tools.keys() {
                breaches.extend(tier_breach(most, name, tiers.get(name).copied()));
            }
        }
        let counted = [("limits", self.limits.fuel), ("budget", self.budget.fuel)];
        if let Some((table, _)) = counted.iter().find(|(_, fuel)| fuel.is_some()) {
            let timed = |name: &&String| policy.tools[*name].metering == Metering::Time;
            let names = policy.tools.keys().filter(timed);
            breaches.extend(names.map(|name| unmetered(table, name)));
        }
        breaches
    }

    /// Lowers a policy's limits to the owner's, for all tools and for each. `defaults` are what the host gives where a
    /// policy says nothing: where those are more than the owner's, the owner's are put in.
    pub fn lower(&self, policy: &mut Policy, defaults: &LimitsPolicy) {
        let lowered = |limits: &LimitsPolicy| limits.lowered(&self.limits);
        let unsaid = lowered(&defaults.or(&self.limits)).only(&self.limits);
        policy.limits = lowered(&policy.limits).or(&unsaid);
        policy.budget = policy.budget.within(&self.budget);
        for tool in policy.tools.values_mut() {
            tool.limits = lowered(&tool.limits);
        }
    }
}

/// A tool whose fuel is not counted, where the owner bounds it.
fn unmetered(table: &str, name: &str) -> Breach {
    let shown = nearest::quote(name);
    Breach {
        code: "unmetered",
        name: name.to_owned(),
        message: format!(
            "tool `{shown}` is metered by time, and this machine's owner bounds fuel in `{table}`"
        ),
        help: "leave `metering` out, or have the owner bound only time".to_owned(),
    }
}

fn tier_breach(most: Tier, name: &str, tier: Option<Tier>) -> Option<Breach> {
    let shown = nearest::quote(name);
    let (code, message) = match tier {
        Some(tier) if tier <= most => return None,
        Some(tier) => (
            "tier-over-ceiling",
            format!("tool `{shown}` is `{tier}`, and this machine's owner allows `{most}` at most"),
        ),
        // Pure to unbounded is all that it could be.
        None if most == Tier::Unbounded => return None,
        None => (
            "tier-unknown",
            format!(
                "nobody could tell what tool `{shown}` can do, and this machine's owner allows `{most}` at most"
            ),
        ),
    };
    Some(Breach {
        code,
        name: name.to_owned(),
        message,
        help: format!(
            "remove it, or have the owner raise `max-tier`; `bailiwick audit {shown}` says why"
        ),
    })
}
