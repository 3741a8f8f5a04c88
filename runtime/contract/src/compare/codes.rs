//! Every code that a difference can have. `docs/diff.md` explains each.

/// A code of a difference. There are no others than those below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Code(&'static str);

impl Code {
    pub(super) fn as_str(self) -> &'static str {
        self.0
    }
}

macro_rules! codes {
    ($($name:ident = $code:literal,)*) => {
        $(pub(super) const $name: Code = Code($code);)*

        /// All codes that a difference can have, sorted.
        pub const CODES: &[&str] = &[$($code),*];
    };
}

codes! {
    CLAIM_CHANGED = "claim-changed",
    DOCS_CHANGED = "docs-changed",
    EXAMPLE_ADDED = "example-added",
    EXAMPLE_REMOVED = "example-removed",
    EXPORT_ADDED = "export-added",
    EXPORT_CHANGED = "export-changed",
    EXPORT_REMOVED = "export-removed",
    EXPORT_TYPE_ADDED = "export-type-added",
    EXPORT_TYPE_CHANGED = "export-type-changed",
    EXPORT_TYPE_REMOVED = "export-type-removed",
    EXPORT_VERSION = "export-version",
    FACT_CHANGED = "fact-changed",
    FINDING_ADDED = "finding-added",
    FINDING_REMOVED = "finding-removed",
    FUNCTION_ADDED = "function-added",
    FUNCTION_MOVED = "function-moved",
    FUNCTION_REMOVED = "function-removed",
    FUNCTION_RENAMED = "function-renamed",
    HANDLE_CHANGED = "handle-changed",
    IMPORT_ADDED = "import-added",
    IMPORT_FUNCTION_ADDED = "import-function-added",
    IMPORT_FUNCTION_CHANGED = "import-function-changed",
    IMPORT_FUNCTION_REMOVED = "import-function-removed",
    IMPORT_REMOVED = "import-removed",
    IMPORT_TYPE_ADDED = "import-type-added",
    IMPORT_TYPE_CHANGED = "import-type-changed",
    IMPORT_TYPE_REMOVED = "import-type-removed",
    IMPORT_VERSION = "import-version",
    PARAMETER_ADDED = "parameter-added",
    PARAMETER_MOVED = "parameter-moved",
    PARAMETER_REMOVED = "parameter-removed",
    PARAMETER_RENAMED = "parameter-renamed",
    RESULT_CHANGED = "result-changed",
    TIER_CHANGED = "tier-changed",
    TYPE_CHANGED = "type-changed",
}
