//! Whether a component is valid, as far as its structure and its types go.

use wasmparser::{
    BinaryReader, ComponentAlias, ComponentExternName, ComponentImport, ComponentType,
    ComponentTypeRef, CoreType, Parser, Validator, WasmFeatures,
};

use super::sections::{self, Section};
use super::{DEEPEST, invalid, malformed};
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
    sections::all(bytes, &mut |section| {
        if section.in_component && section.id == TYPES {
            measure_types(section)
        } else {
            Ok(())
        }
    })?;
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

/// The id of a component's section of types.
const TYPES: u8 = 7;

/// Refuses a section of types that are nested too deeply. The reader of such types is recursive; this is not.
fn measure_types(section: Section<'_>) -> Result<(), Error> {
    let mut reader = BinaryReader::new(section.data, section.offset);
    let count = reader.read_var_u32().map_err(invalid)?;
    // How many items are left at each level; the first level is the section itself, which holds types only.
    let mut left = vec![count];
    while let Some(last) = left.last_mut() {
        let Some(fewer) = last.checked_sub(1) else {
            left.pop();
            continue;
        };
        *last = fewer;
        let is_type = left.len() == 1 || declaration(&mut reader).map_err(invalid)?;
        if !is_type {
            continue;
        }
        if let Some(inside) = nested_declarations(&mut reader).map_err(invalid)? {
            if left.len() == DEEPEST {
                return Err(malformed(
                    "types are nested too deeply",
                    reader.original_position(),
                ));
            }
            left.push(inside);
        }
    }
    Ok(())
}

/// Reads a declaration in a component's or instance's type. True when it is a type, of which only the first byte was read.
fn declaration(reader: &mut BinaryReader<'_>) -> Result<bool, wasmparser::Error> {
    match reader.read_u8()? {
        0x00 => {
            reader.read::<CoreType<'_>>()?;
        }
        0x01 => return Ok(true),
        0x02 => {
            reader.read::<ComponentAlias<'_>>()?;
        }
        0x03 => {
            reader.read::<ComponentImport<'_>>()?;
        }
        // An export. What is none of these is an error for the validator, which gets no further than here.
        _ => {
            reader.read::<ComponentExternName<'_>>()?;
            reader.read::<ComponentTypeRef>()?;
        }
    }
    Ok(false)
}

/// Reads a type; of one that holds declarations only how many there are.
fn nested_declarations(reader: &mut BinaryReader<'_>) -> Result<Option<u32>, wasmparser::Error> {
    let mut ahead = reader.clone();
    if matches!(ahead.read_u8()?, 0x41 | 0x42) {
        *reader = ahead;
        return reader.read_var_u32().map(Some);
    }
    reader.read::<ComponentType<'_>>()?;
    Ok(None)
}
