//! Every code that a finding can have. `docs/findings.md` explains each.

use crate::severity::Severity;

/// What is known of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Kebab case and stable.
    pub code: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// What it means, in one line.
    pub title: &'static str,
}

const fn known(code: &'static str, severity: Severity, title: &'static str) -> Known {
    Known {
        code,
        severity,
        title,
    }
}

/// All codes, by name.
pub const CODES: &[Known] = &[
    known(
        "authority-elsewhere",
        Severity::Note,
        "it imports what is inert here and reaches something on other hosts",
    ),
    known(
        "docs-mismatch",
        Severity::Warning,
        "its documentation describes something else than it is",
    ),
    known(
        "docs-problem",
        Severity::Warning,
        "a line of its documentation is not understood",
    ),
    known(
        "docs-too-large",
        Severity::Warning,
        "some documentation is left out for its size",
    ),
    known(
        "docs-unreadable",
        Severity::Warning,
        "its documentation cannot be read",
    ),
    known(
        "example-mismatch",
        Severity::Warning,
        "an example does not fit the function",
    ),
    known(
        "export-missing",
        Severity::Warning,
        "it lacks what its author's world exports",
    ),
    known(
        "hidden-characters",
        Severity::Error,
        "a text has characters that a reader does not see",
    ),
    known(
        "instructions-in-docs",
        Severity::Warning,
        "its documentation gives the model orders",
    ),
    known(
        "keeps-handle",
        Severity::Warning,
        "a function keeps a handle after the call",
    ),
    known(
        "look-alike-name",
        Severity::Warning,
        "a name can be taken for another one",
    ),
    known(
        "memory-unbounded",
        Severity::Note,
        "a memory has no maximum of its own",
    ),
    known(
        "network-elsewhere",
        Severity::Note,
        "it imports a network, which is not there under this host",
    ),
    known(
        "no-tools",
        Severity::Warning,
        "nothing that it exports can be called",
    ),
    known(
        "renamed-authority",
        Severity::Error,
        "a handle is called by a name that says less than it can do",
    ),
    known(
        "renamed-handle",
        Severity::Warning,
        "a handle is called by another name",
    ),
    known(
        "undocumented",
        Severity::Warning,
        "a function has no documentation",
    ),
    known(
        "unknown-handle",
        Severity::Error,
        "a function wants a handle that nobody can hand over",
    ),
    known(
        "unknown-import",
        Severity::Error,
        "it imports what nobody provides",
    ),
];

/// What is known of a code; none when there is no such code.
pub fn find(code: &str) -> Option<&'static Known> {
    let at = CODES.binary_search_by(|known| known.code.cmp(code)).ok()?;
    CODES.get(at)
}
