//! Whether a component is valid, as far as its structure and its types go.

use wasmparser::{Parser, Validator, WasmFeatures};

use super::{effort, invalid};
use crate::error::Error;

/// What a component may be made of: what the host's engine runs, and nothing that needs more of it. Tail calls are for
/// QuickJS, constant expressions for programs that are linked from several modules; an engine needs several memories to
/// join nested components.
fn features() -> WasmFeatures {
    WasmFeatures::WASM2
        | WasmFeatures::MULTI_MEMORY
        | WasmFeatures::TAIL_CALL
        | WasmFeatures::EXTENDED_CONST
        | WasmFeatures::COMPONENT_MODEL
}

/// As [`features`], with the types that a signature can name and that are then refused by name.
fn features_with_all_types() -> WasmFeatures {
    features()
        | WasmFeatures::CM_ASYNC
        | WasmFeatures::CM_ERROR_CONTEXT
        | WasmFeatures::CM_FIXED_LENGTH_LISTS
        | WasmFeatures::CM_MAP
}

/// What [`validate`] found.
pub(crate) enum Validity {
    /// It is what the engine runs.
    Valid,
    /// It is only if types are allowed that the engine does not run: the error without them.
    ValidWithAllTypes(Error),
}

/// Whether the structure and the types are valid, and with `bodies` also the code, which is otherwise left to whoever
/// compiles it.
pub(crate) fn validate(bytes: &[u8], bodies: bool) -> Result<Validity, Error> {
    effort(bytes)?;
    let Err(error) = validate_with(bytes, features(), bodies) else {
        return Ok(Validity::Valid);
    };
    match validate_with(bytes, features_with_all_types(), bodies) {
        Ok(()) => Ok(Validity::ValidWithAllTypes(invalid(error))),
        Err(_) => Err(invalid(error)),
    }
}

fn validate_with(
    bytes: &[u8],
    features: WasmFeatures,
    bodies: bool,
) -> Result<(), wasmparser::Error> {
    let mut validator = Validator::new_with_features(features);
    if bodies {
        return validator.validate_all(bytes).map(drop);
    }
    let mut parser = Parser::new(0);
    parser.set_features(features);
    for payload in parser.parse_all(bytes) {
        validator.payload(&payload?)?;
    }
    Ok(())
}
