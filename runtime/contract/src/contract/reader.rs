//! What a decoded component exports and imports, and what the author's WIT in it says about that.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};

use wit_parser::{InterfaceId, Resolve, TypeDefKind, TypeId, WorldId, WorldItem, WorldKey};

use super::aliases;
use super::naming::tool_names;
use super::room::Room;
use super::{Contract, Extra, Finding, Import};
use crate::digest::Digest;
use crate::embedded::Embedded;
use crate::error::Error;
use crate::scope::Scope;
use crate::tree::{Refusal, Style, Trees};
use crate::types::Function;
use crate::{budget, docs, extra, json};

/// What there is to read.
pub(super) struct Reader<'a> {
    pub(super) scope: &'a Scope,
    pub(super) world: WorldId,
    pub(super) embedded: RefCell<Embedded>,
}

/// An exported function that is a tool.
pub(super) struct Tool<'a> {
    pub(super) interface: Option<String>,
    pub(super) function: &'a wit_parser::Function,
}

impl Tool<'_> {
    /// For messages.
    pub(super) fn full_name(&self) -> String {
        full_name(self.interface.as_deref(), &self.function.name)
    }
}

fn full_name(interface: Option<&str>, function: &str) -> String {
    match interface {
        Some(interface) => format!("{interface}#{function}"),
        None => function.to_owned(),
    }
}

impl<'a> Reader<'a> {
    pub(super) fn contract(
        self,
        digest: Digest,
        producers: Vec<(String, String, String)>,
    ) -> Result<Contract, Error> {
        let mut extra = Vec::new();
        let mut findings = Vec::new();
        let tools = self.tools(&mut extra, &mut findings)?;
        let names = tool_names(&tools);
        let mut functions = Vec::new();
        let mut left = budget::COMPONENT;
        {
            let own = self.exported_interfaces();
            let look_up =
                |scope: &Scope, name: &_, id| self.embedded.borrow_mut().type_docs(scope, name, id);
            let mut trees = Trees::new(self.scope, own, Box::new(look_up));
            // All signatures before any documentation: it only gets the room that they leave, and looking it up compares
            // types as text, which may be long.
            let mut sizes = Vec::new();
            for tool in &tools {
                let bytes = signature_bytes(&mut trees, tool, left)
                    .map_err(|refusal| refused(tool, refusal))?;
                left -= bytes;
                sizes.push(bytes);
            }
            for ((tool, name), bytes) in tools.iter().zip(names).zip(sizes) {
                let mut room = Room {
                    tool,
                    of_function: budget::FUNCTION.saturating_sub(bytes),
                    of_component: &mut left,
                    findings: &mut findings,
                };
                let function = self.function(&mut trees, tool, name, &mut room)?;
                functions.push(function);
            }
        }
        let mut docs = self.docs(&tools);
        if docs.len() > budget::TEXT {
            docs.clear();
            findings.push(Finding::docs_too_large("the component as a whole"));
        }
        let imports = self.imports();
        let misleading = aliases::findings(self.scope, self.world, &self.embedded.borrow());
        findings.splice(0..0, self.embedded.into_inner().into_findings());
        Ok(Contract {
            digest,
            functions,
            imports,
            extra,
            findings,
            misleading,
            docs,
            producers,
        })
    }

    fn exported_interfaces(&self) -> HashSet<InterfaceId> {
        let exports = self.scope.resolve.worlds[self.world].exports.values();
        exports
            .filter_map(|item| match item {
                WorldItem::Interface { id, .. } => Some(*id),
                _ => None,
            })
            .collect()
    }

    /// The exported functions that are tools.
    fn tools(
        &self,
        extra: &mut Vec<Extra>,
        findings: &mut Vec<Finding>,
    ) -> Result<Vec<Tool<'a>>, Error> {
        let scope = self.scope;
        let world = &scope.resolve.worlds[self.world];
        let embedded = self.embedded.borrow();
        let authored = embedded
            .world()
            .map(|(scope, world)| exported(scope, world));
        let mut missing: BTreeSet<_> = authored.iter().flatten().cloned().collect();
        let mut tools = Vec::new();
        for (key, item) in &world.exports {
            let (interface, functions): (_, Vec<_>) = match item {
                WorldItem::Interface { id, .. } => {
                    let functions = scope.resolve.interfaces[*id].functions.values();
                    (Some((scope.interface_name(*id), *id)), functions.collect())
                }
                WorldItem::Function(function) => (None, vec![function]),
                WorldItem::Type { .. } => continue,
            };
            let name = interface.as_ref().map(|(name, _)| name.as_str());
            let known = match name {
                Some(name) => extra::interface(scope, name, &functions),
                None => functions
                    .first()
                    .and_then(|function| extra::function(scope, function)),
            };
            let mut is_tool = false;
            for function in functions {
                let tool = Tool {
                    interface: name.map(str::to_owned),
                    function,
                };
                // Each of its functions is told with its name, also one that is no tool.
                budget::name("interface", name.unwrap_or(""), budget::INTERFACE)
                    .map_err(|long| refused(&tool, long.into()))?;
                let full = (name.map(str::to_owned), function.name.clone());
                missing.remove(&full);
                let written = authored.as_ref().map(|authored| authored.contains(&full));
                match why_not_a_tool(name, known, written) {
                    None => {
                        is_tool = true;
                        budget::name("function", &function.name, budget::NAME)
                            .map_err(|long| refused(&tool, long.into()))?;
                        tools.push(tool);
                    }
                    Some(reason) => extra.push(Extra {
                        name: full_name(name, &function.name),
                        reason: reason.into(),
                    }),
                }
            }
            if let (true, WorldKey::Interface(_), Some((name, id))) = (is_tool, key, &interface)
                && world.imports.values().any(
                    |item| matches!(item, WorldItem::Interface { id: imported, .. } if imported == id),
                )
            {
                return Err(Error::BothWays { interface: name.clone() });
            }
        }
        for (interface, function) in missing {
            let name = full_name(interface.as_deref(), &function);
            let message = format!("the author's world exports `{name}`, the component does not");
            findings.push(Finding {
                code: "export-missing",
                message,
            });
        }
        Ok(tools)
    }

    fn function(
        &self,
        trees: &mut Trees<'_>,
        tool: &Tool<'_>,
        name: String,
        room: &mut Room<'_>,
    ) -> Result<Function, Error> {
        let text = self.embedded.borrow_mut().function_docs(
            self.scope,
            tool.interface.as_deref(),
            tool.function,
        );
        let params = tool.function.params.iter();
        let names: Vec<_> = params.map(|param| &*param.name).collect();
        let mut parsed = docs::parse(text.as_deref().unwrap_or(""), &names);
        for problem in parsed.problems.drain(..) {
            let message = format!("function `{}`: {problem}", tool.full_name());
            room.findings.push(Finding {
                code: "docs-problem",
                message,
            });
        }

        let refused = |refusal| refused(tool, refusal);
        room.fit_own(&mut parsed);
        let mut style = Style {
            text: parsed.docs.bytes_as_text,
            docs: true,
        };
        let mut signature = trees.function(tool.function, style).map_err(refused)?;
        if !room.take(signature.docs) {
            room.told("of the types");
            style.docs = false;
            signature = trees.function(tool.function, style).map_err(refused)?;
        }
        for (param, docs) in signature.params.iter_mut().zip(parsed.params) {
            param.docs = docs;
        }
        let examples = std::mem::take(&mut parsed.docs.examples);
        let mut function = Function {
            name,
            interface: tool.interface.clone(),
            export: tool.function.name.clone(),
            params: signature.params,
            result: signature.result,
            docs: parsed.docs,
        };
        let mut mismatches = 0;
        for example in examples {
            match json::lower(&mut json::Check, &function, example.clone()) {
                Ok(_) => function.docs.examples.push(example),
                Err(error) => {
                    let message = format!(
                        "function `{}`: @example {example}: {error}",
                        tool.full_name()
                    );
                    room.findings.push(Finding {
                        code: "example-mismatch",
                        message,
                    });
                    mismatches += 1;
                }
            }
            if mismatches == budget::PROBLEMS {
                break;
            }
        }
        Ok(function)
    }

    /// What to say of the component as a whole.
    fn docs(&self, tools: &[Tool<'_>]) -> String {
        let embedded = self.embedded.borrow();
        let of_interface = match tools {
            [first, rest @ ..] if rest.iter().all(|tool| tool.interface == first.interface) => {
                first
                    .interface
                    .as_deref()
                    .map(|name| embedded.interface_docs(name))
            }
            _ => None,
        };
        let of_interface = of_interface.filter(|docs| !docs.is_empty());
        of_interface
            .or_else(|| embedded.world_docs())
            .unwrap_or_default()
    }

    fn imports(&self) -> Vec<Import> {
        let resolve = &self.scope.resolve;
        let imports = resolve.worlds[self.world].imports.iter();
        imports
            .filter_map(|(key, item)| match item {
                WorldItem::Interface { id, .. } => {
                    let interface = &resolve.interfaces[*id];
                    let resources = interface.types.iter();
                    let resources = resources.filter(|(_, id)| is_resource(resolve, **id));
                    Some(Import {
                        name: self.scope.interface_name(*id),
                        functions: interface.functions.keys().cloned().collect(),
                        resources: resources.map(|(name, _)| name.clone()).collect(),
                    })
                }
                WorldItem::Function(function) => Some(Import {
                    name: function.name.clone(),
                    functions: vec![function.name.clone()],
                    resources: Vec::new(),
                }),
                // A type that the world names is no more than a name, unless it is a resource that the host must have.
                WorldItem::Type { id, .. } => is_resource(resolve, *id).then(|| {
                    let name = resolve.name_world_key(key);
                    Import {
                        name: name.clone(),
                        functions: Vec::new(),
                        resources: vec![name],
                    }
                }),
            })
            .collect()
    }
}

/// Whether a type is a resource by itself, and not a name for one.
fn is_resource(resolve: &Resolve, id: TypeId) -> bool {
    matches!(resolve.types[id].kind, TypeDefKind::Resource)
}

/// How many bytes a tool takes without documentation, of those that are `left`.
fn signature_bytes(trees: &mut Trees<'_>, tool: &Tool<'_>, left: u64) -> Result<u64, Refusal> {
    let plain = Style {
        text: false,
        docs: false,
    };
    let bytes = trees.function(tool.function, plain)?.bytes;
    if bytes > left {
        return Err(Refusal::TooComplex);
    }
    Ok(bytes)
}

/// Why a tool cannot be called.
fn refused(tool: &Tool<'_>, refusal: Refusal) -> Error {
    // Either part may be what is too long.
    let front = |name: &str| budget::front(name, budget::INTERFACE);
    let interface = tool.interface.as_deref().map(front);
    let function = full_name(interface.as_deref(), &front(&tool.function.name));
    match refusal {
        Refusal::TooComplex => Error::TooComplex { function },
        Refusal::Unsupported(what, why) => Error::Unsupported {
            function,
            what,
            why,
        },
        Refusal::LongName(long) => Error::LongName {
            function,
            what: long.what,
            name: long.name,
            length: long.length,
            most: long.most,
        },
    }
}

/// `known` is what is known of the export without asking its author; `written` is whether the author's world has it, if
/// there is one.
fn why_not_a_tool(
    interface: Option<&str>,
    known: Option<&'static str>,
    written: Option<bool>,
) -> Option<&'static str> {
    let is_of_wasi = interface.is_some_and(|interface| interface.starts_with("wasi:"));
    match written {
        Some(true) if !is_of_wasi => None,
        Some(false) => known.or(Some("the author's world does not export it")),
        _ => known,
    }
}

/// Exported functions of a world, each with its interface.
fn exported(scope: &Scope, world: WorldId) -> HashSet<(Option<String>, String)> {
    let mut exported = HashSet::new();
    for item in scope.resolve.worlds[world].exports.values() {
        match item {
            WorldItem::Interface { id, .. } => {
                let interface = scope.interface_name(*id);
                // Not one that a component may export, and each of its functions would be told with its name.
                if interface.len() > budget::INTERFACE {
                    continue;
                }
                let functions = scope.resolve.interfaces[*id].functions.keys();
                exported.extend(functions.map(|name| (Some(interface.clone()), name.clone())));
            }
            WorldItem::Function(function) => {
                exported.insert((None, function.name.clone()));
            }
            WorldItem::Type { .. } => {}
        }
    }
    exported
}

/// An imported function that is asynchronous or hands streams or futures over.
pub(super) fn asynchronous_import(scope: &Scope, world: WorldId) -> Option<String> {
    let resolve = &scope.resolve;
    let is_asynchronous = |function: &wit_parser::Function| {
        function.kind.is_async() || !function.find_futures_and_streams(resolve).is_empty()
    };
    resolve.worlds[world]
        .imports
        .values()
        .find_map(|item| match item {
            WorldItem::Interface { id, .. } => {
                let mut functions = resolve.interfaces[*id].functions.values();
                let function = functions.find(|function| is_asynchronous(function))?;
                Some(full_name(Some(&scope.interface_name(*id)), &function.name))
            }
            WorldItem::Function(function) => {
                is_asynchronous(function).then(|| function.name.clone())
            }
            WorldItem::Type { .. } => None,
        })
}
