//! Counting what is instantiated, without doing it.
//!
//! What a component instantiates is counted once, where it ends; whoever instantiates it adds that sum. Everything in a component refers only to
//! what stands before it, so one pass is enough, without recursion. Sums saturate: a hundred components that each instantiate the one before
//! twice make 2^100 instances.

use std::collections::HashMap;

use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind,
    ComponentTypeRef, Instance, MemoryType, Parser, Payload, TableType,
};

use super::Bounds;
use crate::bytes::invalid;
use crate::error::Error;

/// A module, component or instance, as far as it can be told: its place in the list of its kind. None when it is only given.
type Known = Option<usize>;

/// What there is under a name, when it is of a kind that counts.
#[derive(Clone, Copy)]
enum Item {
    Module(Known),
    Component(Known),
    Instance(Known),
}

/// What is exported under which name.
type Exports<'a> = HashMap<&'a str, Item>;

/// All that is known, in lists, so that a long chain of references is no chain of owners.
#[derive(Default)]
struct Counted<'a> {
    modules: Vec<Bounds>,
    components: Vec<Component>,
    instances: Vec<Exports<'a>>,
}

/// A component that has been read to its end.
struct Component {
    sum: Bounds,
    /// What its instances export: the place in the list of instances.
    exports: usize,
}

/// A component that is being read: its index spaces, and what it takes so far.
#[derive(Default)]
struct Frame<'a> {
    modules: Vec<Known>,
    components: Vec<Known>,
    instances: Vec<Known>,
    exports: Exports<'a>,
    sum: Bounds,
}

/// What is being read, the outermost first.
enum Level<'a> {
    Component(Frame<'a>),
    Module(Bounds),
}

pub(super) fn bounds(bytes: &[u8]) -> Result<Bounds, Error> {
    let mut counted = Counted::default();
    let mut levels: Vec<Level<'_>> = Vec::new();
    let mut modules = 0_u64;
    let mut next_is_module = false;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(invalid)? {
            Payload::Version { .. } if next_is_module => levels.push(Level::Module(none())),
            Payload::Version { .. } => levels.push(Level::Component(Frame {
                sum: none(),
                ..Frame::default()
            })),
            Payload::ModuleSection { .. } => {
                modules += 1;
                next_is_module = true;
                continue;
            }
            Payload::End(_) => {
                let ended = levels.pop();
                let outer = levels.last_mut();
                if let Some(sum) = end(&mut counted, ended, outer) {
                    return Ok(Bounds {
                        core_modules: modules,
                        ..sum
                    });
                }
            }
            payload => match levels.last_mut() {
                Some(Level::Module(sum)) => in_module(sum, payload).map_err(invalid)?,
                Some(Level::Component(_)) => {
                    in_component(&mut counted, &mut levels, payload).map_err(invalid)?;
                }
                None => {}
            },
        }
        next_is_module = false;
    }
    Ok(unknown())
}

/// Ends a module or component. The sum, when it is the outermost.
fn end<'a>(
    counted: &mut Counted<'a>,
    ended: Option<Level<'a>>,
    outer: Option<&mut Level<'a>>,
) -> Option<Bounds> {
    match (ended, outer) {
        (Some(Level::Module(sum)), Some(Level::Component(outer))) => {
            outer.modules.push(Some(counted.modules.len()));
            counted.modules.push(sum);
            None
        }
        (Some(Level::Component(frame)), Some(Level::Component(outer))) => {
            outer.components.push(Some(counted.components.len()));
            counted.components.push(Component {
                sum: frame.sum,
                exports: counted.instances.len(),
            });
            counted.instances.push(frame.exports);
            None
        }
        (Some(Level::Component(frame)), None) => Some(frame.sum),
        _ => Some(unknown()),
    }
}

fn in_module(sum: &mut Bounds, payload: Payload<'_>) -> Result<(), wasmparser::Error> {
    match payload {
        Payload::MemorySection(memories) => {
            for memory in memories {
                add_memory(sum, &memory?);
            }
        }
        Payload::TableSection(tables) => {
            for table in tables {
                add_table(sum, &table?.ty);
            }
        }
        _ => {}
    }
    Ok(())
}

/// One section of the innermost component.
fn in_component<'a>(
    counted: &mut Counted<'a>,
    levels: &mut [Level<'a>],
    payload: Payload<'a>,
) -> Result<(), wasmparser::Error> {
    if let Payload::ComponentAliasSection(aliases) = payload {
        for alias in aliases {
            let item = aliased(counted, levels, alias?);
            if let (Some(item), Some(Level::Component(frame))) = (item, levels.last_mut()) {
                frame.push(item);
            }
        }
        return Ok(());
    }
    let Some(Level::Component(frame)) = levels.last_mut() else {
        return Ok(());
    };
    match payload {
        Payload::ComponentImportSection(imports) => {
            for import in imports {
                match import?.ty {
                    ComponentTypeRef::Module(_) => frame.push(Item::Module(None)),
                    ComponentTypeRef::Component(_) => frame.push(Item::Component(None)),
                    ComponentTypeRef::Instance(_) => frame.push(Item::Instance(None)),
                    _ => {}
                }
            }
        }
        Payload::InstanceSection(instances) => {
            for instance in instances {
                if let Instance::Instantiate { module_index, .. } = instance? {
                    let module = known(&frame.modules, module_index);
                    let sum = module.and_then(|module| counted.modules.get(module));
                    frame.add(sum.copied().unwrap_or(unknown()));
                    frame.sum.core_instances = frame.sum.core_instances.saturating_add(1);
                }
            }
        }
        Payload::ComponentInstanceSection(instances) => {
            for instance in instances {
                let instance = match instance? {
                    ComponentInstance::Instantiate {
                        component_index, ..
                    } => {
                        let component = known(&frame.components, component_index);
                        let component = component.and_then(|known| counted.components.get(known));
                        frame.add(component.map_or(unknown(), |component| component.sum));
                        component.map(|component| component.exports)
                    }
                    ComponentInstance::FromExports(exports) => {
                        let items = exports.iter().filter_map(|export| {
                            Some((export.name.name, frame.item(export.kind, export.index)?))
                        });
                        counted.instances.push(items.collect());
                        Some(counted.instances.len() - 1)
                    }
                };
                frame.push(Item::Instance(instance));
            }
        }
        Payload::ComponentExportSection(exports) => {
            for export in exports {
                let export = export?;
                if let Some(item) = frame.item(export.kind, export.index) {
                    frame.exports.insert(export.name.name, item);
                    // An export has an index of its own.
                    frame.push(item);
                }
            }
        }
        _ => {}
    }
    Ok(())
}

fn aliased(counted: &Counted<'_>, levels: &[Level<'_>], alias: ComponentAlias<'_>) -> Option<Item> {
    match alias {
        ComponentAlias::InstanceExport {
            kind,
            instance_index,
            name,
        } => {
            let Some(Level::Component(frame)) = levels.last() else {
                return None;
            };
            let exports =
                known(&frame.instances, instance_index).and_then(|at| counted.instances.get(at));
            let found = exports.and_then(|exports| exports.get(name)).copied();
            match (kind, found) {
                (ComponentExternalKind::Module, Some(Item::Module(_)))
                | (ComponentExternalKind::Component, Some(Item::Component(_)))
                | (ComponentExternalKind::Instance, Some(Item::Instance(_))) => found,
                _ => of_kind(kind, None),
            }
        }
        ComponentAlias::Outer { kind, count, index } => {
            let kind = match kind {
                ComponentOuterAliasKind::CoreModule => ComponentExternalKind::Module,
                ComponentOuterAliasKind::Component => ComponentExternalKind::Component,
                ComponentOuterAliasKind::CoreType | ComponentOuterAliasKind::Type => return None,
            };
            let level = levels.iter().rev().nth(count as usize);
            match level {
                Some(Level::Component(frame)) => frame.item(kind, index),
                _ => of_kind(kind, None),
            }
        }
        ComponentAlias::CoreInstanceExport { .. } => None,
    }
}

fn of_kind(kind: ComponentExternalKind, known: Known) -> Option<Item> {
    match kind {
        ComponentExternalKind::Module => Some(Item::Module(known)),
        ComponentExternalKind::Component => Some(Item::Component(known)),
        ComponentExternalKind::Instance => Some(Item::Instance(known)),
        ComponentExternalKind::Func
        | ComponentExternalKind::Value
        | ComponentExternalKind::Type => None,
    }
}

fn known(space: &[Known], index: u32) -> Known {
    space.get(index as usize).copied().flatten()
}

impl Frame<'_> {
    /// What is at an index of a kind that counts.
    fn item(&self, kind: ComponentExternalKind, index: u32) -> Option<Item> {
        let space = match kind {
            ComponentExternalKind::Module => &self.modules,
            ComponentExternalKind::Component => &self.components,
            _ => &self.instances,
        };
        of_kind(kind, known(space, index))
    }

    fn push(&mut self, item: Item) {
        match item {
            Item::Module(known) => self.modules.push(known),
            Item::Component(known) => self.components.push(known),
            Item::Instance(known) => self.instances.push(known),
        }
    }

    fn add(&mut self, more: Bounds) {
        let sum = &mut self.sum;
        let both = |a: Option<u64>, b: Option<u64>| Some(a?.saturating_add(b?));
        sum.core_instances = sum.core_instances.saturating_add(more.core_instances);
        sum.memories = sum.memories.saturating_add(more.memories);
        sum.memory_min = sum.memory_min.saturating_add(more.memory_min);
        sum.memory_max = both(sum.memory_max, more.memory_max);
        sum.tables = sum.tables.saturating_add(more.tables);
        sum.table_min = sum.table_min.saturating_add(more.table_min);
        sum.table_max = both(sum.table_max, more.table_max);
    }
}

fn add_memory(sum: &mut Bounds, memory: &MemoryType) {
    // 64 KiB, if the memory does not say.
    let page = 1_u64
        .checked_shl(memory.page_size_log2.unwrap_or(16))
        .unwrap_or(u64::MAX);
    let bytes = |pages: u64| pages.saturating_mul(page);
    sum.memories = sum.memories.saturating_add(1);
    sum.memory_min = sum.memory_min.saturating_add(bytes(memory.initial));
    sum.memory_max = sum
        .memory_max
        .zip(memory.maximum)
        .map(|(sum, most)| sum.saturating_add(bytes(most)));
}

fn add_table(sum: &mut Bounds, table: &TableType) {
    sum.tables = sum.tables.saturating_add(1);
    sum.table_min = sum.table_min.saturating_add(table.initial);
    sum.table_max = sum
        .table_max
        .zip(table.maximum)
        .map(|(sum, most)| sum.saturating_add(most));
}

/// Nothing is instantiated.
fn none() -> Bounds {
    Bounds {
        memory_max: Some(0),
        table_max: Some(0),
        ..Bounds::default()
    }
}

/// Something is instantiated that cannot be told.
fn unknown() -> Bounds {
    Bounds {
        core_modules: 0,
        core_instances: u64::MAX,
        memories: u64::MAX,
        memory_min: u64::MAX,
        memory_max: None,
        tables: u64::MAX,
        table_min: u64::MAX,
        table_max: None,
    }
}
