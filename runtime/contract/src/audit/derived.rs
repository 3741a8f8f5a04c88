//! What follows for a function from its types and from what its component imports.

use serde::Serialize;

use super::{Class, ImportFacts, ParamFacts, Tier};
use crate::types::Docs;

/// What follows for a function from its types and from what its component imports, and what its author claims besides. Under this host, and
/// when nothing is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Derived {
    /// Nothing that it is given lets it change anything.
    pub read_only: bool,
    /// It is given something to change.
    pub writes: bool,
    /// It reaches nothing but what it is given: no network.
    pub closed_world: bool,
    /// The same arguments over the same files give the same result: it imports neither a clock nor random numbers that are given.
    pub deterministic: bool,
    /// It may keep something from one call to the next: a handle that it is given for good (`own`), for as long as its instance lives.
    pub stateful: bool,
    /// The author says that a second call changes nothing more. A claim.
    pub claims_idempotent: bool,
    /// The author says that it may remove or overwrite. A claim.
    pub claims_destructive: bool,
}

/// What the imports of a component mean for each of its functions.
pub(super) struct World {
    /// Nobody can tell what it reaches.
    unknown: bool,
    network: bool,
    time_or_random: bool,
}

impl World {
    pub(super) fn of(imports: &[ImportFacts]) -> World {
        let any = |is: &dyn Fn(&ImportFacts) -> bool| imports.iter().any(is);
        World {
            unknown: any(&|import| import.class == Class::Unknown),
            network: any(&|import| import.tier == Tier::Net),
            time_or_random: any(&|import| {
                let fronts = ["wasi:clocks/", "wasi:random/"];
                import.class == Class::Authority
                    && fronts.iter().any(|front| import.name.starts_with(front))
            }),
        }
    }

    /// Of a function with these parameters. Where nobody can tell, nothing good is said of it.
    pub(super) fn derive(&self, params: &[ParamFacts], docs: &Docs) -> Derived {
        let mut handles = params.iter().flat_map(|param| &param.handles);
        let writes = handles.clone().any(|handle| handle.writes);
        Derived {
            read_only: !writes && !self.unknown,
            writes,
            closed_world: !self.network && !self.unknown,
            deterministic: !self.time_or_random && !self.unknown,
            stateful: handles.any(|handle| handle.keeps),
            claims_idempotent: docs.idempotent,
            claims_destructive: docs.destructive,
        }
    }
}
