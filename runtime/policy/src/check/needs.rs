//! What a component needs, from its audit alone.

use bailiwick_contract::audit::{Audit, Class, FunctionFacts, HandleFacts};
use bailiwick_contract::known::{FS_PATHS, FS_READ, FS_WRITE};

/// What the functions that are exposed are handed, and what the component as a whole imports.
pub(super) struct Needs<'a> {
    /// Handles and mounts of single calls, in the order of functions and parameters.
    pub(super) uses: Vec<Use<'a>>,
    /// The first import through which it uses files by itself.
    pub(super) files: Option<&'a str>,
    /// Imports that nobody provides.
    pub(super) unknown: Vec<&'a str>,
}

/// A parameter that stands for a file or a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Use<'a> {
    pub(super) function: &'a str,
    pub(super) param: &'a str,
    /// To change, and not only to look at.
    writes: bool,
    /// It can be left out, so a call does not need it.
    optional: bool,
}

impl<'a> Needs<'a> {
    /// What it needs when these functions are exposed; all if none.
    pub(super) fn of(audit: &'a Audit, expose: Option<&[String]>) -> Self {
        let exposed =
            |function: &&FunctionFacts| expose.is_none_or(|expose| expose.contains(&function.name));
        let of_class = |class| {
            let imports = audit
                .imports
                .iter()
                .filter(move |import| import.class == class);
            imports.map(|import| import.name.as_str())
        };
        Self {
            uses: audit
                .functions
                .iter()
                .filter(exposed)
                .flat_map(uses)
                .collect(),
            files: of_class(Class::Mounts).next(),
            unknown: of_class(Class::Unknown).collect(),
        }
    }

    /// What looks.
    pub(super) fn reads(&self) -> impl Iterator<Item = &Use<'a>> {
        self.uses.iter().filter(|it| !it.writes)
    }

    /// What changes.
    pub(super) fn writes(&self) -> impl Iterator<Item = &Use<'a>> {
        self.uses.iter().filter(|it| it.writes)
    }

    /// What cannot be called without something to look at.
    pub(super) fn must_read(&self) -> impl Iterator<Item = &Use<'a>> {
        self.reads().filter(|it| !it.optional)
    }

    /// What cannot be called without something to change.
    pub(super) fn must_write(&self) -> impl Iterator<Item = &Use<'a>> {
        self.writes().filter(|it| !it.optional)
    }
}

/// Each parameter once for what it looks at, and once for what it changes.
fn uses(function: &FunctionFacts) -> Vec<Use<'_>> {
    let mut uses = Vec::new();
    for param in &function.params {
        for handle in param.handles.iter().filter(|handle| is_ours(handle)) {
            let it = Use {
                function: &function.name,
                param: &param.name,
                writes: handle.writes,
                optional: param.optional,
            };
            if !uses.contains(&it) {
                uses.push(it);
            }
        }
    }
    uses
}

/// What a grant can stand for. Other resources are not given out, and the component is not loaded.
fn is_ours(handle: &HandleFacts) -> bool {
    let interface = handle.resource.split('#').next();
    interface.is_some_and(|interface| [FS_READ, FS_WRITE, FS_PATHS].contains(&interface))
}
