//! Why a component was not sealed.

/// Why a component was not sealed. Displays as a lower-case fragment that says what was found and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The component cannot be read.
    #[error(transparent)]
    Component(#[from] bailiwick_contract::Error),
    /// Something is to be kept that the component does not import.
    #[error(
        "`{name}` is not imported, so it cannot be kept: {}",
        instead(nearest, imports)
    )]
    NotImported {
        /// What was to be kept.
        name: String,
        /// Imports that may have been meant, the nearest first.
        nearest: Vec<String>,
        /// All imports.
        imports: Vec<String>,
    },
    /// The results of the functions to close are too large for stand-ins.
    #[error(
        "the results of the functions to close are too complex: one takes more than {} KiB, or all have more than {} \
         parts; keep the interfaces that have them",
        crate::inert::LARGEST >> 10,
        crate::inert::PARTS
    )]
    TooComplex,
    /// An import cannot be closed.
    #[error("the import `{import}` cannot be closed: {reason}; keep it")]
    Uncloseable {
        /// Its name.
        import: String,
        /// Why.
        reason: &'static str,
    },
    /// The stand-ins could not be made or put in place.
    #[error("the component cannot be sealed: {0}")]
    Composition(String),
    /// The sealed component says something else than the one that it was made of. It is thrown away.
    #[error(
        "the {0} of the sealed component would differ from those of the component: keep more of what it imports"
    )]
    Changed(&'static str),
}

fn instead(nearest: &[String], imports: &[String]) -> String {
    let quoted = |names: &[String]| {
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        names.join(", ")
    };
    if !nearest.is_empty() {
        format!("there is {}", quoted(nearest))
    } else if !imports.is_empty() {
        format!("the component imports {}", quoted(imports))
    } else {
        "the component imports nothing".into()
    }
}
