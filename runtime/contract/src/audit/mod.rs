//! What a reviewer asks of a component: what can it do at most, and what does it tell the model?
//!
//! An [`Audit`] is the answer from the bytes alone. Its JSON is a versioned format; `docs/audit.schema.json` is its schema.

mod assemble;
mod authority;
mod bounds;
mod derived;
mod gather;
mod handles;
mod hidden;
mod instructions;
mod language;
mod look_alike;
mod places;
mod texts;
mod tier;

pub mod findings;

use serde::Serialize;

use crate::contract::{Contract, Extra};
use crate::digest::Digest;
use crate::error::Error;
use crate::kept::Facts;
use crate::severity::Severity;

pub use authority::{Class, Meaning, class_of, given};
pub use bounds::Bounds;
pub use derived::Derived;
pub use tier::{ParseTierError, Tier};

pub(crate) use handles::within as handles_within;

/// The version of an audit's JSON. It changes when a field's meaning does; new fields do not change it.
pub const VERSION: u32 = 1;

/// What can be said of a component without running it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Audit {
    /// [`VERSION`].
    pub version: u32,
    /// What it was called when it was read: the name of its file or in its policy. A claim of whoever named it.
    pub name: String,
    /// Of the bytes as they were given.
    pub digest: Digest,
    /// How many bytes there are.
    pub size: u64,
    /// The most that it can do under this host, when nothing is mounted for it.
    pub tier: Tier,
    /// The most that it can do when a policy mounts something writable for it. None when it does not use files by itself: then
    /// nothing can be mounted.
    pub tier_mounted: Option<Tier>,
    /// The most that it could do on a host that gives it all that it imports.
    pub tier_elsewhere: Tier,
    /// What its documentation says of it as a whole, as the model sees it. It may hold anything: show it with
    /// [`visible::text`](crate::visible::text).
    pub docs: String,
    /// What it wants of its host, in the order in which it is imported.
    pub imports: Vec<ImportFacts>,
    /// Its tools, in the order in which they are exported.
    pub functions: Vec<FunctionFacts>,
    /// Exports that are not tools.
    pub extra: Vec<Extra>,
    /// What made it, as it says itself: field, name, version.
    pub producers: Vec<Producer>,
    /// The language that it was written in, as its producers say. None when they do not.
    pub language: Option<String>,
    /// What its instance takes at least and at most, before anything runs.
    pub bounds: Bounds,
    /// What a reviewer should look at, the worst first.
    pub findings: Vec<AuditFinding>,
}

/// One import, and what it means.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct ImportFacts {
    /// As in [`Import`](crate::Import).
    pub name: String,
    /// The functions in it, as WIT spells them.
    pub functions: Vec<String>,
    /// What it means under this host.
    pub class: Class,
    /// What it reaches, in words for a person: a lower-case fragment.
    pub reaches: String,
    /// The tier that it is by itself under this host, when nothing is mounted.
    pub tier: Tier,
    /// The tier that it would be on a host that gives it.
    pub tier_elsewhere: Tier,
}

/// What made a component, as it says itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Producer {
    /// `language`, `processed-by` or `sdk`.
    pub field: String,
    /// Its name.
    pub name: String,
    /// Its version, or empty.
    pub version: String,
}

/// One tool: what the model is told of it, and what it can do.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct FunctionFacts {
    /// Snake case and unique in the component: `grep`.
    pub name: String,
    /// The interface that exports it, or none when the world does by itself.
    pub interface: Option<String>,
    /// Its signature in WIT, in one line, handles always by their defining type: `grep: func(root: borrow<read-dir>, pattern: string) -> result<…>`.
    pub signature: String,
    /// What its documentation says, as the model sees it: without tags and the list of parameters.
    pub docs: String,
    /// Its parameters, in the order of the signature.
    pub params: Vec<ParamFacts>,
    /// The JSON Schema of its arguments.
    pub input_schema: serde_json::Value,
    /// The JSON Schema of what it returns.
    pub output_schema: serde_json::Value,
    /// Calls that work, as its author says; each fits the schema.
    pub examples: Vec<serde_json::Value>,
    /// Every place in the signature where a handle stands, or a record that makes the host mount something, also in what it returns, sorted:
    /// `wrap.file: borrow bailiwick:fs/write@0.1.0#write-file`. `docs/lock.md` says how a place is spelled. Not in the JSON, which has them
    /// by parameter.
    #[serde(skip)]
    pub handles: Vec<String>,
    /// What follows from the types and imports.
    pub derived: Derived,
}

/// One parameter.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct ParamFacts {
    /// As JSON spells it.
    pub name: String,
    /// Its type in WIT.
    pub ty: String,
    /// Whether it may be left out.
    pub optional: bool,
    /// What its documentation says, as the model sees it.
    pub docs: String,
    /// The handles in it, wherever they stand in its type.
    pub handles: Vec<HandleFacts>,
}

/// A handle that a call is given, or a record that makes the host mount something for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct HandleFacts {
    /// The resource or record by its defining interface and name, never by an alias: `bailiwick:fs/read@0.1.0#read-dir`.
    pub resource: String,
    /// What whoever holds it may do, in words: `looks at one directory and all below it`.
    pub may: String,
    /// Whether the instance keeps it after the call (`own`).
    pub keeps: bool,
    /// Whether it can change what it stands for.
    pub writes: bool,
}

/// Something that a reviewer should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct AuditFinding {
    /// Kebab case and stable; `docs/findings.md` explains it.
    pub code: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// What was found: a lower-case fragment. It may quote the component: show it with [`visible::text`](crate::visible::text).
    pub message: String,
}

impl Audit {
    /// Reads a component, which is called `name`. Runs nothing of it; time and memory are bounded by the length of `bytes`.
    ///
    /// # Errors
    ///
    /// As [`Contract::read`](crate::Contract::read).
    pub fn read(name: &str, bytes: &[u8]) -> Result<Audit, Error> {
        Audit::of(name, &Contract::read(bytes)?, bytes)
    }

    /// The same for whoever has read the component already: `contract` is of these `bytes`.
    ///
    /// # Errors
    ///
    /// As [`Contract::read`](crate::Contract::read).
    pub fn of(name: &str, contract: &Contract, bytes: &[u8]) -> Result<Audit, Error> {
        let bounds = Bounds::read(bytes)?;
        Ok(assemble::audit(name, contract, bytes.len() as u64, bounds))
    }

    /// The same of what was read before.
    pub(crate) fn of_facts(name: &str, facts: &Facts) -> Audit {
        assemble::audit(name, &facts.contract, facts.size, facts.bounds)
    }

    /// The tool of that name, in snake case.
    pub fn function(&self, name: &str) -> Option<&FunctionFacts> {
        self.functions.iter().find(|function| function.name == name)
    }
}
