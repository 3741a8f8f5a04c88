//! Component bytes → [`Contract`].

mod aliases;
mod naming;
mod reader;
mod room;

use serde::{Deserialize, Serialize};
use wit_parser::decoding::DecodedWasm;

use crate::digest::Digest;
use crate::embedded::{Embedded, SECTION};
use crate::error::Error;
use crate::scope::Scope;
use crate::types::Function;
use crate::{budget, bytes, decode};
use reader::{Reader, asynchronous_import};

/// What a component wants of its host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// An interface with its version, `wasi:cli/stdout@0.2.6`, or the name of a function that the world imports by itself.
    pub name: String,
    /// The functions in it, as WIT spells them (`[method]read-dir.name`).
    pub functions: Vec<String>,
    /// The resources that it defines, by name: a host must have them, also when they have no functions.
    pub resources: Vec<String>,
}

impl Import {
    /// Whether it only names types: there is nothing in it that a host would have to provide.
    pub fn is_only_types(&self) -> bool {
        self.functions.is_empty() && self.resources.is_empty()
    }
}

/// An export that is not a tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extra {
    /// An interface, or the name of a function that the world exports by itself, or of one in an interface after a `#`.
    pub name: String,
    /// Why it is not a tool.
    pub reason: String,
}

/// Something odd in a component that keeps nobody from calling it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Kebab case and stable: `docs-unreadable`, `docs-mismatch`, `docs-problem`, `docs-too-large`, `example-mismatch`,
    /// `export-missing`; of what misleads `look-alike-name`, `renamed-authority`, `renamed-handle`. [`CODES`](crate::audit::findings::CODES) has all that an
    /// [`Audit`](crate::audit::Audit) knows.
    pub code: &'static str,
    /// What was found: a lower-case fragment.
    pub message: String,
}

impl Finding {
    /// One text of documentation that is left out: what it is about.
    pub(crate) fn docs_too_large(what: &str) -> Finding {
        Finding {
            code: "docs-too-large",
            message: format!(
                "documentation of {what} is left out: a text may have at most {} KiB",
                budget::TEXT >> 10
            ),
        }
    }
}

/// The facts about a component.
#[derive(Debug, Clone)]
pub struct Contract {
    /// Of the bytes as they were given.
    pub digest: Digest,
    /// The tools, in the order in which they are exported.
    pub functions: Vec<Function>,
    /// In the order in which they are imported.
    pub imports: Vec<Import>,
    /// Exports that are not tools.
    pub extra: Vec<Extra>,
    /// What is odd about it.
    pub findings: Vec<Finding>,
    /// Names in its WIT, or in the WIT that its author put into it, that make a handle out to be another. Nothing in this contract goes by
    /// them.
    pub misleading: Vec<Finding>,
    /// What its documentation says about all of it: that of the interface when one exports everything, or of the world, or
    /// of the package. Empty when there is none.
    pub docs: String,
    /// What made it, from the `producers` sections: field, name, version; the component's own before those of what is in it. Claims, not
    /// facts.
    pub producers: Vec<(String, String, String)>,
}

impl Contract {
    /// Reads a component. Runs nothing of it, and holds for any bytes: time and memory are bounded by their length.
    ///
    /// Bodies of functions are not looked at; whoever compiles them checks them.
    pub fn read(bytes: &[u8]) -> Result<Contract, Error> {
        bytes::sniff(bytes)?;
        let validity = bytes::validate(bytes, false)?;
        if let Some((import, what)) = bytes::strange_imports(bytes)?.into_iter().next() {
            return Err(Error::UnsupportedImport { import, what });
        }
        let DecodedWasm::Component(resolve, world) = decode::component(bytes)? else {
            return Err(Error::WitPackage);
        };
        let scope = Scope::new(resolve, Some(world));
        let mut customs = bytes::customs(bytes, &|name| name == SECTION || name == "producers")?;
        customs.sort_by_key(|custom| custom.depth);
        let contract = Reader {
            scope: &scope,
            world,
            embedded: Embedded::read(&customs).into(),
        }
        .contract(Digest::of(bytes), bytes::producers(&customs))?;
        match validity {
            bytes::Validity::Valid => Ok(contract),
            // No tool uses such a type, but something does.
            bytes::Validity::ValidWithAllTypes(error) => {
                let import = asynchronous_import(&scope, world);
                Err(import.map_or(error, |import| Error::UnsupportedImport {
                    import,
                    what: "function that waits (async, stream or future)",
                }))
            }
        }
    }

    /// The tool of that name, in snake case.
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.name == name)
    }
}
