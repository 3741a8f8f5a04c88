//! What bytes are, before anything is made of them: the kind of file, the frame of sections, and whether they are valid.
//!
//! The bytes may be hostile. What is recursive in the libraries that read them (types nested in types) is measured here
//! first, without recursion, so that no input can exhaust the stack.

mod effort;
mod sections;
mod validity;

use wasmparser::{BinaryReader, ComponentImportSectionReader, ComponentTypeRef, WasmFeatures};

use crate::error::Error;

pub(crate) use effort::effort;
pub(crate) use sections::{Custom, append_custom, customs, skeleton, strip};
pub(crate) use validity::{Validity, validate};

/// Component types and components nested deeper than this are refused. Toolchains use four levels.
const DEEPEST: usize = 16;

const MODULE: &[u8] = b"\0asm\x01\0\0\0";
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// Refuses what is not the binary of a component, by what it is.
pub(crate) fn sniff(bytes: &[u8]) -> Result<(), Error> {
    if bytes.is_empty() {
        Err(Error::Empty)
    } else if bytes.starts_with(COMPONENT) {
        Ok(())
    } else if bytes.starts_with(MODULE) {
        Err(Error::CoreModule)
    } else if COMPONENT.starts_with(bytes) {
        Err(malformed("it ends in the header", bytes.len()))
    } else if bytes.starts_with(&COMPONENT[..4]) {
        let version = bytes[4..]
            .iter()
            .take(4)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Err(Error::Version(version))
    } else if is_text(bytes) {
        Err(Error::Text)
    } else {
        Err(Error::NotWasm(
            String::from_utf8_lossy(&bytes[..bytes.len().min(16)]).into_owned(),
        ))
    }
}

/// WAT begins with `(` after blanks and comments.
fn is_text(bytes: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(1 << 16)]);
    let mut rest = &*start;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let after = if rest.starts_with(";;") {
            rest.split_once('\n')
        } else if rest.starts_with("(;") {
            rest.split_once(";)")
        } else {
            return rest.starts_with('(');
        };
        match after {
            Some((_, after)) => rest = after,
            None => return true,
        }
    }
}

pub(crate) fn malformed(message: impl Into<String>, offset: usize) -> Error {
    Error::Malformed {
        message: message.into(),
        offset: Some(offset as u64),
    }
}

pub(crate) fn invalid(error: wasmparser::Error) -> Error {
    let (message, offset) = (error.message().to_owned(), error.offset());
    match error.missing_wasm_feature() {
        Some(missing) => Error::Feature {
            message,
            offset: offset as u64,
            hint: hint(missing).into(),
        },
        None => malformed(message, offset),
    }
}

/// How to do without a feature of WebAssembly.
fn hint(missing: WasmFeatures) -> &'static str {
    if missing.intersects(WasmFeatures::CM_ASYNC) {
        "; build it without asynchronous functions (componentize-qjs: `--sync`)"
    } else {
        ""
    }
}

/// Names of imports that are neither instances, functions nor types, with what they are. No WIT can name these.
pub(crate) fn strange_imports(bytes: &[u8]) -> Result<Vec<(String, &'static str)>, Error> {
    let mut strange = Vec::new();
    sections::outermost(bytes, &mut |section| {
        if section.id != IMPORTS {
            return Ok(());
        }
        let reader = BinaryReader::new(section.data, section.offset);
        for import in ComponentImportSectionReader::new(reader).map_err(invalid)? {
            let import = import.map_err(invalid)?;
            let what = match import.ty {
                ComponentTypeRef::Module(_) => "core module",
                ComponentTypeRef::Component(_) => "component",
                ComponentTypeRef::Value(_) => "value",
                _ => continue,
            };
            strange.push((import.name.name.to_owned(), what));
        }
        Ok(())
    })?;
    Ok(strange)
}

/// The id of a component's section of imports.
const IMPORTS: u8 = 10;

/// What made a component, from its `producers` sections at every depth: field, name, version, each once.
pub(crate) fn producers(customs: &[Custom<'_>]) -> Vec<(String, String, String)> {
    let mut producers = Vec::new();
    for custom in customs.iter().filter(|custom| custom.name == "producers") {
        let reader = BinaryReader::new(custom.data, 0);
        let Ok(fields) = wasmparser::ProducersSectionReader::new(reader) else {
            continue;
        };
        for field in fields.into_iter().flatten() {
            for value in field.values.into_iter().flatten() {
                let producer = (field.name.into(), value.name.into(), value.version.into());
                if !producers.contains(&producer) && producers.len() < PRODUCERS {
                    producers.push(producer);
                }
            }
        }
    }
    producers
}

/// How many producers are told.
const PRODUCERS: usize = 100;
