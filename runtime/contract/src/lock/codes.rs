//! Every code of a [`Mismatch`](super::Mismatch). `docs/lock.md` explains each.

/// What is known of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Kebab case and stable.
    pub code: &'static str,
    /// What it means, in one line.
    pub title: &'static str,
}

/// All codes, in the order in which they are told.
pub const CODES: &[Known] = &[
    known(NOT_LOCKED, "the lock does not have the tool"),
    known(DIGEST, "the bytes are not those that were approved"),
    known(TIER_RAISED, "it can do more than was approved"),
    known(TIER_LOWERED, "it can do less than was approved"),
    known(
        IMPORT_ADDED,
        "it wants something of its host that was not approved",
    ),
    known(
        IMPORT_REMOVED,
        "it no longer wants something that was approved",
    ),
    known(
        IMPORT_CLASS,
        "what it wants of its host means something else than was approved",
    ),
    known(
        FINDING_ADDED,
        "a reviewer should look at something that was not there",
    ),
    known(
        DOCS,
        "the model is told something else of the tool or of a function",
    ),
    known(FUNCTION_ADDED, "it has a function that was not approved"),
    known(FUNCTION_REMOVED, "a function that was approved is gone"),
    known(SIGNATURE, "a function has other types than were approved"),
    known(
        FACTS,
        "what follows for a function, or what its author claims, is something else",
    ),
    known(
        HANDLES,
        "a function is handed or hands back something else, somewhere in its types",
    ),
    known(
        PARAMETER_DOCS,
        "the model is told something else of an argument",
    ),
    known(RESULT_DOCS, "the model is told something else of a result"),
    known(EXAMPLES, "the model is shown other examples"),
    known(SCHEMA, "a schema differs in more than its texts"),
    known(
        APPROVAL_EXPIRED,
        "the approval held until a day that is over",
    ),
    known(
        TIER_ABOVE_APPROVAL,
        "it can do more than the approval is for",
    ),
];

pub(super) const NOT_LOCKED: &str = "not-locked";
pub(super) const DIGEST: &str = "digest";
pub(super) const TIER_RAISED: &str = "tier-raised";
pub(super) const TIER_LOWERED: &str = "tier-lowered";
pub(super) const IMPORT_ADDED: &str = "import-added";
pub(super) const IMPORT_REMOVED: &str = "import-removed";
pub(super) const IMPORT_CLASS: &str = "import-class";
pub(super) const FINDING_ADDED: &str = "finding-added";
pub(super) const DOCS: &str = "docs";
pub(super) const FUNCTION_ADDED: &str = "function-added";
pub(super) const FUNCTION_REMOVED: &str = "function-removed";
pub(super) const SIGNATURE: &str = "signature";
pub(super) const FACTS: &str = "facts";
pub(super) const HANDLES: &str = "handles";
pub(super) const PARAMETER_DOCS: &str = "parameter-docs";
pub(super) const RESULT_DOCS: &str = "result-docs";
pub(super) const EXAMPLES: &str = "examples";
pub(super) const SCHEMA: &str = "schema";
pub(super) const APPROVAL_EXPIRED: &str = "approval-expired";
pub(super) const TIER_ABOVE_APPROVAL: &str = "tier-above-approval";

const fn known(code: &'static str, title: &'static str) -> Known {
    Known { code, title }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_in_kebab_case() {
        let all: BTreeSet<_> = CODES.iter().map(|known| known.code).collect();
        assert_eq!(all.len(), CODES.len());
        let is_kebab = |code: &str| {
            code.split('-')
                .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        };
        assert!(all.iter().all(|code| is_kebab(code)), "{all:?}");
    }

    #[test]
    fn each_is_explained_once_and_nothing_else_is() {
        let page = include_str!("../../../../docs/lock.md");
        let explained = page.lines().filter_map(|line| {
            let row = line.strip_prefix("| `")?;
            Some(row.split_once('`')?.0)
        });
        let known: Vec<_> = CODES.iter().map(|known| known.code).collect();
        assert_eq!(explained.collect::<Vec<_>>(), known);
    }
}
