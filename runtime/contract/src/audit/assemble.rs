//! Bytes → [`Audit`].

use super::derived::World;
use super::{
    Audit, Bounds, FunctionFacts, ImportFacts, ParamFacts, Producer, Tier, VERSION, authority,
    gather, handles, language, places,
};
use crate::budget;
use crate::contract::{Contract, Import};
use crate::spelled;
use crate::types::{Field, Function, Type};

/// How many characters of a producer's name or version are told.
const PRODUCER: usize = 200;

/// The interface through which a component finds what is mounted for it.
const PREOPENS: &str = "wasi:filesystem/preopens";

pub(super) fn audit(name: &str, contract: &Contract, size: u64, bounds: Bounds) -> Audit {
    let imports: Vec<_> = contract.imports.iter().map(import).collect();
    let world = World::of(&imports);
    let functions: Vec<_> = contract
        .functions
        .iter()
        .map(|of| function(of, &world))
        .collect();
    let producers: Vec<_> = contract.producers.iter().map(producer).collect();
    let findings = gather::findings(contract, &imports, &functions, &bounds);
    let handed = handed(contract);
    let tier = most(imports.iter().map(|import| import.tier)).max(handed);
    let mounts = contract.imports.iter().any(|import| {
        !import.is_only_types() && crate::known::without_version(&import.name) == PREOPENS
    });
    Audit {
        version: VERSION,
        name: name.into(),
        digest: contract.digest,
        size,
        tier,
        tier_mounted: mounts.then(|| tier.max(Tier::Edits)),
        tier_elsewhere: most(imports.iter().map(|import| import.tier_elsewhere)).max(handed),
        docs: contract.docs.clone(),
        imports,
        functions,
        extra: contract.extra.clone(),
        language: language::of(&producers, &contract.extra),
        producers,
        bounds,
        findings,
    }
}

fn most(tiers: impl Iterator<Item = Tier>) -> Tier {
    tiers.max().unwrap_or(Tier::Pure)
}

/// The tier of what its functions are handed, and of what they hand back.
fn handed(contract: &Contract) -> Tier {
    let types = contract.functions.iter().flat_map(|function| {
        let params = function.params.iter().map(|param| &param.ty);
        params.chain(&function.result)
    });
    most(
        types
            .flat_map(handles::within)
            .map(|handle| handles::tier(&handle)),
    )
}

fn import(import: &Import) -> ImportFacts {
    let meaning = authority::class_of(&import.name, import.is_only_types());
    ImportFacts {
        name: import.name.clone(),
        functions: import.functions.clone(),
        class: meaning.class,
        reaches: meaning.reaches,
        tier: meaning.tier,
        tier_elsewhere: meaning.tier_elsewhere,
    }
}

fn function(function: &Function, world: &World) -> FunctionFacts {
    let params: Vec<_> = function.params.iter().map(param).collect();
    FunctionFacts {
        name: function.name.clone(),
        interface: function.interface.clone(),
        signature: spelled::function(function),
        docs: function.docs.text.clone(),
        derived: world.derive(&params, &function.docs),
        params,
        input_schema: function.input_schema(),
        output_schema: function.output_schema(),
        examples: function.docs.examples.clone(),
        handles: places::of(function),
    }
}

fn param(param: &Field) -> ParamFacts {
    ParamFacts {
        name: param.key.to_string(),
        ty: spelled::ty(&param.ty),
        optional: matches!(param.ty, Type::Option(_)),
        docs: param.docs.clone(),
        handles: handles::within(&param.ty),
    }
}

fn producer((field, name, version): &(String, String, String)) -> Producer {
    Producer {
        field: budget::front(field, PRODUCER),
        name: budget::front(name, PRODUCER),
        version: budget::front(version, PRODUCER),
    }
}
