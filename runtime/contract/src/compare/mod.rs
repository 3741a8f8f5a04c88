//! What changed from one component to another, and what that means for whoever approved the first.
//!
//! Two things are told apart: whether calls that worked go on to work, and whether more can be reached. For the first the component model's own
//! rule is the measure: whatever is called compatible here, a component of the new shape can stand where one of the old is wanted
//! (`wasm-tools component semver-check`, versions aside). JSON is more forgiving than that, a linker is not.

mod codes;
mod exports;
mod facts;
mod found;
mod functions;
mod handles;
mod imports;
mod pairs;
mod params;
mod shape;
mod texts;
mod types;

use serde::{Deserialize, Serialize};

use crate::audit::Audit;
use crate::contract::Contract;
use crate::error::Error;

pub use codes::CODES;
use found::Found;
use shape::Shape;

/// The version of a comparison's JSON.
pub const VERSION: u32 = 1;

/// What a change means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Impact {
    /// Calls that worked go on to work, and nothing more can be reached.
    Compatible,
    /// Calls that worked may fail, or mean something else.
    Breaking,
    /// More can be reached than before. It may break calls besides.
    Widens,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Difference {
    /// What it means.
    pub impact: Impact,
    /// Kebab case and stable: one of [`CODES`].
    pub code: &'static str,
    /// Where: `import wasi:random/random@0.2.6`, `grep(dir)`. It may quote the component: show it with
    /// [`visible::name`](crate::visible::name).
    pub at: String,
    /// What it was; none when it is new. It may quote the component: show it with [`visible::text`](crate::visible::text).
    pub old: Option<String>,
    /// What it is; none when it is gone.
    pub new: Option<String>,
}

/// All changes from one component to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Comparison {
    /// [`VERSION`].
    pub version: u32,
    /// The worst of all, of those that are not told too; none when nothing that is compared has changed.
    pub impact: Option<Impact>,
    /// The worst first, then in the order of the contract.
    pub differences: Vec<Difference>,
    /// How many more there are that are not told: of each impact only the first 8 MiB are.
    pub more: usize,
}

/// A component, read to be compared.
#[derive(Debug, Clone)]
pub struct Side {
    /// What its bytes say.
    pub contract: Contract,
    /// What follows from that.
    pub audit: Audit,
    /// What a linker sees of it.
    shape: Shape,
}

impl Side {
    /// Reads a component. Runs nothing of it.
    ///
    /// # Errors
    ///
    /// As [`Contract::read`].
    pub fn read(name: &str, bytes: &[u8]) -> Result<Side, Error> {
        let contract = Contract::read(bytes)?;
        let audit = Audit::of(name, &contract, bytes)?;
        let shape = Shape::of(bytes)?;
        Ok(Side {
            contract,
            audit,
            shape,
        })
    }
}

/// Compares two components by what they say. The bytes may differ all the same.
pub fn compare(old: &Side, new: &Side) -> Comparison {
    let mut found = Found::default();
    let before = texts::before(old);
    facts::tiers(&mut found, &old.audit, &new.audit);
    imports::compare(&mut found, old, new);
    functions::compare(&mut found, &before, old, new);
    exports::compare(&mut found, old, new);
    facts::findings(&mut found, &old.audit, &new.audit);
    let (was, is) = (&old.contract.docs, &new.contract.docs);
    texts::text(&mut found, "the component", was, is);
    found.into_comparison()
}
