//! The author's side: puts the WIT of a component, with its documentation, into it, after checking one against the other.

mod wit;

use std::collections::HashMap;

use wit_parser::decoding::DecodedWasm;
use wit_parser::{Function, PackageId, Resolve, WorldId, WorldItem};

use crate::contract::Contract;
use crate::error::Error;
use crate::scope::Scope;
use crate::{bytes, decode, docs, embedded, json, tree};

pub use wit::Source;

/// A component that carries its documentation and nothing that is not needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// The component.
    pub bytes: Vec<u8>,
    /// How many functions of it are tools.
    pub functions: usize,
    /// How many `@example` lines were checked.
    pub examples: usize,
}

/// Why a component was not packed. Displays as a lower-case fragment; one about WIT's syntax has several lines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// The component cannot be read, or a function of it cannot be called.
    #[error(transparent)]
    Component(#[from] Error),
    /// The WIT does not parse: where and why.
    #[error("{0}")]
    Wit(String),
    /// No package has such a world.
    #[error("there is no world `{world}`; there is {}", quoted(known))]
    UnknownWorld {
        /// What was asked for.
        world: String,
        /// The nearest worlds, or all.
        known: Vec<String>,
    },
    /// Several packages have such a world.
    #[error(
        "the world `{world}` is in several packages: say which of {}",
        quoted(known)
    )]
    AmbiguousWorld {
        /// What was asked for.
        world: String,
        /// Those that it could be.
        known: Vec<String>,
    },
    /// The world exports something that the component does not.
    #[error("{location}: the world exports `{function}`, but the component does not")]
    NotExported {
        /// Where it is written.
        location: String,
        /// The function, with its interface.
        function: String,
    },
    /// A function of the component is not what its WIT says.
    #[error("{location}: function `{function}` is not what the component exports: `{component}`")]
    Signature {
        /// Where it is written.
        location: String,
        /// The function, with its interface.
        function: String,
        /// Its signature in the component.
        component: String,
    },
    /// The component and its WIT disagree about a type.
    #[error("{0}")]
    Disagreement(String),
    /// Something in a function's documentation does not fit the function.
    #[error("{location}: function `{function}`: {problem}")]
    Docs {
        /// Where the function is written.
        location: String,
        /// The function, with its interface.
        function: String,
        /// What does not fit.
        problem: String,
    },
}

fn quoted(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        "none".into()
    } else {
        names.join(", ")
    }
}

/// Puts the packages of `world` with their documentation into `component`, after checking that the component exports what
/// the world says, and that the documentation fits; and takes out what is not needed to run it (names, debug information,
/// WIT that a toolchain left behind). Reads no file. Packing what was packed changes nothing.
///
/// `world` is a name as `bailiwick:files/tool@0.1.0`, the same without the version, or `tool` when only one package has it.
pub fn pack(component: &[u8], sources: &[Source], world: &str) -> Result<Packed, PackError> {
    let resolve = wit::parse(sources)?;
    let world = wit::select(&resolve, world)?;
    let stripped = checked(component)?;
    let functions = written(&resolve, world);
    compare(&stripped, &resolve, world, &functions)?;

    let mut packed = stripped;
    for package in wit::closure(&resolve, world) {
        let encoded = encode(&resolve, package, world)?;
        bytes::append_custom(&mut packed, embedded::SECTION, &encoded);
    }
    let contract = Contract::read(&packed)?;
    let examples = check_docs(&contract, &resolve, &functions)?;
    // What is left is about types, for functions were checked with a place in the sources.
    match contract.findings.into_iter().next() {
        Some(finding) => Err(PackError::Disagreement(finding.message)),
        None => Ok(Packed {
            bytes: packed,
            functions: contract.functions.len(),
            examples,
        }),
    }
}

/// The component, valid with all its code, and without what is not needed.
fn checked(component: &[u8]) -> Result<Vec<u8>, PackError> {
    bytes::sniff(component)?;
    if let bytes::Validity::ValidWithAllTypes(error) = bytes::validate(component, true)? {
        // Reading may name the function that uses such a type.
        return Err(Contract::read(component).err().unwrap_or(error).into());
    }
    Ok(bytes::strip(component, &is_needed)?.into_owned())
}

fn is_needed(name: &str) -> bool {
    let dropped = [
        "name",
        "component-name",
        "package-docs",
        "target_features",
        embedded::SECTION,
    ];
    !dropped.contains(&name) && !name.starts_with(".debug_") && !name.starts_with("component-type")
}

/// A function that the author's world exports.
struct Written<'a> {
    interface: Option<String>,
    function: &'a Function,
}

impl Written<'_> {
    fn name(&self) -> String {
        match &self.interface {
            Some(interface) => format!("{interface}#{}", self.function.name),
            None => self.function.name.clone(),
        }
    }

    fn location(&self, resolve: &Resolve) -> String {
        resolve.render_location(self.function.span)
    }
}

fn written(resolve: &Resolve, world: WorldId) -> Vec<Written<'_>> {
    let mut all = Vec::new();
    for (key, item) in &resolve.worlds[world].exports {
        match item {
            WorldItem::Function(function) => all.push(Written {
                interface: None,
                function,
            }),
            WorldItem::Interface { id, .. } => {
                let interface = resolve.name_world_key(key);
                let functions = resolve.interfaces[*id].functions.values();
                all.extend(functions.map(|function| Written {
                    interface: Some(interface.clone()),
                    function,
                }));
            }
            WorldItem::Type { .. } => {}
        }
    }
    all
}

/// Each function that the world exports is exported by the component, with the same signature.
fn compare(
    component: &[u8],
    resolve: &Resolve,
    world: WorldId,
    functions: &[Written<'_>],
) -> Result<(), PackError> {
    let DecodedWasm::Component(decoded, decoded_world) = decode::component(component)? else {
        return Err(Error::WitPackage.into());
    };
    let exported: HashMap<String, Function> = written(&decoded, decoded_world)
        .into_iter()
        .map(|exported| (exported.name(), exported.function.clone()))
        .collect();
    let component = Scope::new(decoded, Some(decoded_world));
    let wit = Scope::new(resolve.clone(), Some(world));
    for written in functions {
        let (location, function) = (written.location(resolve), written.name());
        let Some(exported) = exported.get(&function) else {
            return Err(PackError::NotExported { location, function });
        };
        let shape = component.function_shape(exported, usize::MAX);
        if shape != wit.function_shape(written.function, usize::MAX) {
            return Err(PackError::Signature {
                location,
                function,
                component: shape,
            });
        }
    }
    Ok(())
}

/// One package, with no world but the component's.
fn encode(resolve: &Resolve, package: PackageId, world: WorldId) -> Result<Vec<u8>, PackError> {
    let mut resolve = resolve.clone();
    resolve.packages[package]
        .worlds
        .retain(|_, id| *id == world);
    wit_component::encode(&resolve, package).map_err(|error| PackError::Wit(format!("{error:#}")))
}

/// The documentation of each function fits it. How many examples there are.
fn check_docs(
    contract: &Contract,
    resolve: &Resolve,
    functions: &[Written<'_>],
) -> Result<usize, PackError> {
    let mut examples = 0;
    for written in functions {
        let failed = |problem: String| PackError::Docs {
            location: written.location(resolve),
            function: written.name(),
            problem,
        };
        let params: Vec<_> = written
            .function
            .params
            .iter()
            .map(|param| &*param.name)
            .collect();
        let parsed = docs::parse(&tree::text(&written.function.docs), &params);
        if let Some(problem) = parsed.problems.first() {
            return Err(failed(problem.to_string()));
        }
        let tool = contract.functions.iter().find(|tool| {
            tool.interface == written.interface && tool.export == written.function.name
        });
        let Some(tool) = tool else { continue };
        for example in parsed.docs.examples {
            let checked = json::lower(&mut json::Check, tool, example.clone());
            checked.map_err(|error| failed(format!("@example {example}: {error}")))?;
            examples += 1;
        }
    }
    Ok(examples)
}
