//! Every code of a [`Line`](super::Line).

use super::Kind;

/// What is known of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Kebab case and stable.
    pub code: &'static str,
    /// What a line with it is.
    pub kind: Kind,
    /// What it means, in one line.
    pub title: &'static str,
}

/// All codes, the worst first.
pub const CODES: &[Known] = &[
    known(UNKNOWN_TOOL, Kind::Error, "the policy has no such tool"),
    known(
        UNKNOWN_FUNCTION,
        Kind::Error,
        "the policy exposes a function that the tool does not have",
    ),
    known(
        UNKNOWN_GRANT,
        Kind::Error,
        "the policy hands the tool what it does not grant",
    ),
    known(
        IMPORT_UNKNOWN,
        Kind::NeededNotGranted,
        "it imports what nobody provides, and cannot be loaded",
    ),
    known(
        WRITES_MISSING,
        Kind::NeededNotGranted,
        "it changes files, and gets nothing that it may change",
    ),
    known(
        READS_MISSING,
        Kind::NeededNotGranted,
        "it looks at files, and gets none",
    ),
    known(
        MOUNT_MISSING,
        Kind::NeededNotGranted,
        "it may open files by itself, and nothing is mounted",
    ),
    known(
        RIGHTS_UNUSED,
        Kind::GrantedNotNeeded,
        "it may change what it only looks at",
    ),
    known(
        GRANT_UNUSED,
        Kind::GrantedNotNeeded,
        "it gets what no function can be handed",
    ),
    known(
        MOUNT_UNUSED,
        Kind::GrantedNotNeeded,
        "something is mounted, and it cannot open files by itself",
    ),
    known(
        GRANT_USED,
        Kind::GrantedAndNeeded,
        "functions can be handed it",
    ),
    known(
        MOUNT_USED,
        Kind::GrantedAndNeeded,
        "it is mounted, and the tool can open files by itself",
    ),
];

pub(super) const UNKNOWN_TOOL: &str = "unknown-tool";
pub(super) const UNKNOWN_FUNCTION: &str = "unknown-function";
pub(super) const UNKNOWN_GRANT: &str = "unknown-grant";
pub(super) const IMPORT_UNKNOWN: &str = "import-unknown";
pub(super) const WRITES_MISSING: &str = "writes-missing";
pub(super) const READS_MISSING: &str = "reads-missing";
pub(super) const MOUNT_MISSING: &str = "mount-missing";
pub(super) const RIGHTS_UNUSED: &str = "rights-unused";
pub(super) const GRANT_UNUSED: &str = "grant-unused";
pub(super) const MOUNT_UNUSED: &str = "mount-unused";
pub(super) const GRANT_USED: &str = "grant-used";
pub(super) const MOUNT_USED: &str = "mount-used";

const fn known(code: &'static str, kind: Kind, title: &'static str) -> Known {
    Known { code, kind, title }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_in_kebab_case() {
        let all: BTreeSet<_> = CODES.iter().map(|known| known.code).collect();
        assert_eq!(all.len(), CODES.len());
        let kebab =
            |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
        assert!(all.iter().all(|code| code.split('-').all(kebab)), "{all:?}");
        assert!(CODES.is_sorted_by_key(|known| known.kind));
    }
}
