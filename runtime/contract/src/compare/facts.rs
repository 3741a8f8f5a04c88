//! What follows from the types and imports.

use std::collections::HashSet;

use super::{Found, Impact, codes};
use crate::audit::{Audit, AuditFinding, Derived, Tier};

/// The tiers: here, with something mounted, elsewhere. One that changes as the first does is not told again.
pub(super) fn tiers(found: &mut Found, old: &Audit, new: &Audit) {
    let mounted = |audit: &Audit| audit.tier_mounted.unwrap_or(audit.tier);
    let sides: [(&str, Tier, Tier); 3] = [
        ("the tier", old.tier, new.tier),
        (
            "the tier when something is mounted",
            mounted(old),
            mounted(new),
        ),
        (
            "the tier on a host that gives all that is imported",
            old.tier_elsewhere,
            new.tier_elsewhere,
        ),
    ];
    for (index, (at, was, is)) in sides.into_iter().enumerate() {
        let is_told = index > 0 && (was, is) == (old.tier, new.tier);
        if was == is || is_told {
            continue;
        }
        let impact = if is > was {
            Impact::Widens
        } else {
            Impact::Compatible
        };
        let (old, new) = (Some(was.to_string()), Some(is.to_string()));
        found.add(impact, codes::TIER_CHANGED, at, old, new);
    }
}

/// What is derived for a function, and what its author claims.
pub(super) fn derived(found: &mut Found, at: &str, old: &Derived, new: &Derived) {
    // Each with whether it is more when it is so.
    let facts = [
        ("closed-world", old.closed_world, new.closed_world, false),
        ("deterministic", old.deterministic, new.deterministic, false),
        ("read-only", old.read_only, new.read_only, false),
        ("stateful", old.stateful, new.stateful, true),
        ("writes", old.writes, new.writes, true),
    ];
    let mut changed = facts.iter().filter(|(_, was, is, _)| was != is);
    if changed.clone().next().is_some() {
        let impact = match changed.any(|(_, _, is, more)| is == more) {
            true => Impact::Widens,
            false => Impact::Compatible,
        };
        let was = list(facts.map(|(fact, was, ..)| (fact, was)));
        let is = list(facts.map(|(fact, _, is, _)| (fact, is)));
        found.add(impact, codes::FACT_CHANGED, at, was, is);
    }
    // Nobody can check a claim, and a host acts on it: it asks before a call, or repeats one. So in either direction a call becomes something
    // else.
    let claims = |facts: &Derived| {
        list([
            ("destructive", facts.claims_destructive),
            ("idempotent", facts.claims_idempotent),
        ])
    };
    let (was, is) = (claims(old), claims(new));
    if was != is {
        found.add(Impact::Breaking, codes::CLAIM_CHANGED, at, was, is);
    }
}

/// What is so; none when nothing is.
fn list<const N: usize>(facts: [(&str, bool); N]) -> Option<String> {
    let so: Vec<_> = facts.into_iter().filter(|(_, is)| *is).collect();
    let words: Vec<_> = so.iter().map(|(fact, _)| *fact).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// Findings, by what they say.
pub(super) fn findings(found: &mut Found, old: &Audit, new: &Audit) {
    let set = |audit: &'_ Audit| -> HashSet<(&'static str, String)> {
        let findings = audit.findings.iter();
        findings
            .map(|finding| (finding.code, finding.message.clone()))
            .collect()
    };
    let (before, after) = (set(old), set(new));
    let is_in = |set: &HashSet<(&'static str, String)>, finding: &AuditFinding| {
        set.contains(&(finding.code, finding.message.clone()))
    };
    for was in old.findings.iter().filter(|was| !is_in(&after, was)) {
        let at = format!("finding {}", was.code);
        let text = Some(was.message.clone());
        found.add(Impact::Compatible, codes::FINDING_REMOVED, at, text, None);
    }
    for is in new.findings.iter().filter(|is| !is_in(&before, is)) {
        let at = format!("finding {}", is.code);
        let text = Some(is.message.clone());
        found.add(Impact::Compatible, codes::FINDING_ADDED, at, None, text);
    }
}
