//! How much it takes to read a component, told before anything reads it.
//!
//! The libraries that read components take memory for each type, and again for each import, export and instance that means it: a component of a few
//! kilobytes can take gigabytes. What is counted here is about what they take, in bytes: names as often as they are meant, and so much for each
//! item. It is counted without recursion into types, so that no input can exhaust the stack.
//!
//! What cannot be told from here (a type that an instance exports) counts as much as the largest so far.

mod core;
mod declarations;

use wasmparser::{
    BinaryReader, ComponentAlias, ComponentAliasSectionReader, ComponentExportSectionReader,
    ComponentExternalKind, ComponentImportSectionReader, ComponentInstance,
    ComponentInstanceSectionReader, ComponentOuterAliasKind, ComponentTypeRef, TypeBounds,
};

use self::core::Core;
use super::sections::{self, Section};
use super::{DEEPEST, invalid, malformed};
use crate::error::Error;

/// How many bytes a component may have.
const BYTES: u64 = 256 << 20;

/// How much it may take, besides its code. Components of toolchains take some hundred kilobytes.
const MOST: u64 = 16 << 20;

/// What an item takes besides its names.
const ITEM: u64 = 128;

/// What a section takes, a core module and a component.
const SECTION: u64 = 64;
const MODULE: u64 = 1 << 10;
const COMPONENT: u64 = 16 << 10;

const CORE_INSTANCES: u8 = 2;
const CORE_TYPES: u8 = 3;
const INSTANCES: u8 = 5;
const ALIASES: u8 = 6;
const TYPES: u8 = 7;
const CANONICALS: u8 = 8;
const IMPORTS: u8 = 10;
const EXPORTS: u8 = 11;

/// What it takes to read a component with all that is nested in it; an error when that is too much, or when it is nested too deeply.
pub(crate) fn effort(bytes: &[u8]) -> Result<u64, Error> {
    if bytes.len() as u64 > BYTES {
        return Err(Error::TooLarge {
            what: "bytes",
            most: BYTES,
        });
    }
    let mut effort = Effort::default();
    effort.component(bytes, 0, 0)?;
    Ok(effort.total)
}

#[derive(Default)]
struct Effort {
    /// The components that are being read, the outermost first.
    frames: Vec<Frame>,
    total: u64,
    core: Core,
    /// The largest type of a function, and of any kind.
    largest_function: u64,
    largest: u64,
}

/// What each item of a component takes whenever it is meant.
#[derive(Default)]
struct Frame {
    types: Vec<u64>,
    components: Vec<u64>,
    instances: Vec<u64>,
    /// All that is imported and exported.
    surface: u64,
}

fn at(space: &[u64], index: u32) -> u64 {
    // An index that leads nowhere is an error for the validator.
    space.get(index as usize).copied().unwrap_or(0)
}

fn length(text: &str) -> u64 {
    text.len() as u64
}

impl Effort {
    fn add(&mut self, more: u64) -> Result<(), Error> {
        self.total = self.total.saturating_add(more);
        if self.total > MOST {
            return Err(Error::TooLarge {
                what: "bytes of types, names and sections, each counted as often as it is meant",
                most: MOST,
            });
        }
        Ok(())
    }

    /// Adds what is imported or exported.
    fn surface(&mut self, more: u64) -> Result<(), Error> {
        let frame = self.frame();
        frame.surface = frame.surface.saturating_add(more);
        self.add(more)
    }

    fn frame(&mut self) -> &mut Frame {
        if self.frames.is_empty() {
            self.frames.push(Frame::default());
        }
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    /// The component that is so many levels outside of the innermost.
    fn outer(&self, count: u32) -> Option<&Frame> {
        self.frames.iter().rev().nth(count as usize)
    }

    /// As deep as components are nested, which is bounded here.
    fn component(&mut self, bytes: &[u8], offset: usize, depth: usize) -> Result<(), Error> {
        self.frames.push(Frame::default());
        sections::each(bytes, offset, depth, &mut |section| {
            self.add(SECTION)?;
            if !section.is_nested() {
                return match section.in_component {
                    true => self.section(section),
                    false => self.core.section(section),
                };
            }
            if depth == DEEPEST {
                return Err(malformed(
                    "components are nested too deeply",
                    section.offset,
                ));
            }
            let is_component = section.data.starts_with(super::COMPONENT);
            self.add(if is_component { COMPONENT } else { MODULE })?;
            self.component(section.data, section.offset, depth + 1)
        })?;
        let ended = self.frames.pop().unwrap_or_default();
        if depth > 0 && bytes.starts_with(super::COMPONENT) {
            self.frame().components.push(ended.surface);
        }
        Ok(())
    }

    fn section(&mut self, section: Section<'_>) -> Result<(), Error> {
        let reader = reader(section);
        let bytes = section.data.len() as u64;
        match section.id {
            TYPES => self.types(reader),
            IMPORTS => {
                for import in ComponentImportSectionReader::new(reader).map_err(invalid)? {
                    let import = import.map_err(invalid)?;
                    self.import(import.name.name, import.ty)?;
                }
                Ok(())
            }
            EXPORTS => {
                for export in ComponentExportSectionReader::new(reader).map_err(invalid)? {
                    let export = export.map_err(invalid)?;
                    let takes = self.exported(export.kind, export.index);
                    self.surface(ITEM + length(export.name.name) + takes)?;
                    let frame = self.frame();
                    match export.kind {
                        ComponentExternalKind::Type => {
                            let takes = at(&frame.types, export.index);
                            frame.types.push(takes);
                        }
                        ComponentExternalKind::Instance => frame.instances.push(takes),
                        ComponentExternalKind::Component => frame.components.push(takes),
                        _ => {}
                    }
                }
                Ok(())
            }
            INSTANCES => {
                for instance in ComponentInstanceSectionReader::new(reader).map_err(invalid)? {
                    let takes = self.instance(instance.map_err(invalid)?);
                    self.add(takes)?;
                    self.frame().instances.push(takes);
                }
                Ok(())
            }
            ALIASES => {
                for alias in ComponentAliasSectionReader::new(reader).map_err(invalid)? {
                    self.alias(alias.map_err(invalid)?)?;
                }
                Ok(())
            }
            // Declarations in them are as short as four bytes.
            CORE_TYPES => self.add(bytes.saturating_mul(ITEM / 4)),
            CORE_INSTANCES | CANONICALS => {
                let count = reader.clone().read_var_u32().map_err(invalid)?;
                self.add(bytes.saturating_add(u64::from(count) * ITEM))
            }
            _ => Ok(()),
        }
    }

    fn import(&mut self, name: &str, ty: ComponentTypeRef) -> Result<(), Error> {
        let frame = self.frame();
        let takes = match ty {
            ComponentTypeRef::Func(ty) => at(&frame.types, ty),
            ComponentTypeRef::Instance(ty) => {
                let takes = at(&frame.types, ty);
                frame.instances.push(takes);
                takes
            }
            ComponentTypeRef::Component(ty) => {
                let takes = at(&frame.types, ty);
                frame.components.push(takes);
                takes
            }
            ComponentTypeRef::Type(TypeBounds::Eq(ty)) => {
                let takes = at(&frame.types, ty);
                frame.types.push(takes);
                0
            }
            ComponentTypeRef::Type(TypeBounds::SubResource) => {
                frame.types.push(ITEM);
                0
            }
            ComponentTypeRef::Module(_) | ComponentTypeRef::Value(_) => 0,
        };
        self.surface((ITEM + length(name)).saturating_add(takes))
    }

    /// What an item takes that is exported.
    fn exported(&self, kind: ComponentExternalKind, index: u32) -> u64 {
        let Some(frame) = self.frames.last() else {
            return 0;
        };
        match kind {
            ComponentExternalKind::Func => self.largest_function,
            ComponentExternalKind::Instance => at(&frame.instances, index),
            ComponentExternalKind::Component => at(&frame.components, index),
            ComponentExternalKind::Module
            | ComponentExternalKind::Value
            | ComponentExternalKind::Type => 0,
        }
    }

    fn instance(&self, instance: ComponentInstance<'_>) -> u64 {
        match instance {
            ComponentInstance::Instantiate {
                component_index,
                args,
            } => {
                let component = self.exported(ComponentExternalKind::Component, component_index);
                component.saturating_add(ITEM * (1 + args.len() as u64))
            }
            ComponentInstance::FromExports(exports) => exports
                .iter()
                .map(|export| {
                    let takes = self.exported(export.kind, export.index);
                    takes.saturating_add(ITEM + length(export.name.name))
                })
                .fold(ITEM, u64::saturating_add),
        }
    }

    fn alias(&mut self, alias: ComponentAlias<'_>) -> Result<(), Error> {
        let largest = self.largest;
        let name = match alias {
            ComponentAlias::InstanceExport {
                kind,
                instance_index,
                name,
            } => {
                let frame = self.frame();
                let takes = at(&frame.instances, instance_index);
                match kind {
                    ComponentExternalKind::Type => frame.types.push(largest),
                    ComponentExternalKind::Instance => frame.instances.push(takes),
                    ComponentExternalKind::Component => frame.components.push(takes),
                    _ => {}
                }
                name
            }
            ComponentAlias::CoreInstanceExport { name, .. } => name,
            ComponentAlias::Outer { kind, count, index } => {
                let outer = self.outer(count);
                let of = |space: fn(&Frame) -> &Vec<u64>| {
                    outer.map_or(0, |frame| at(space(frame), index))
                };
                match kind {
                    ComponentOuterAliasKind::Type => {
                        let takes = of(|frame| &frame.types);
                        self.frame().types.push(takes);
                    }
                    ComponentOuterAliasKind::Component => {
                        let takes = of(|frame| &frame.components);
                        self.frame().components.push(takes);
                    }
                    ComponentOuterAliasKind::CoreModule | ComponentOuterAliasKind::CoreType => {}
                }
                ""
            }
        };
        self.add(ITEM + length(name))
    }
}

fn reader(section: Section<'_>) -> BinaryReader<'_> {
    BinaryReader::new(section.data, section.offset)
}
