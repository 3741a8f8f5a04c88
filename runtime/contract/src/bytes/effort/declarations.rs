//! Types, which hold declarations, which hold types. The libraries' own reader of them is recursive; this is not.

use wasmparser::{
    BinaryReader, ComponentAlias, ComponentExternName, ComponentExternalKind, ComponentImport,
    ComponentOuterAliasKind, ComponentType, ComponentTypeRef, CoreType, TypeBounds,
};

use super::{Effort, ITEM, at, length};
use crate::bytes::{DEEPEST, invalid, malformed};
use crate::error::Error;

/// What a byte of a type takes: a field or a case is as short as three.
const OF_TYPE: u64 = 16;

/// A component's or instance's type that is being read.
struct Level {
    /// How many declarations are left.
    left: u32,
    /// What each of its types takes whenever it is meant.
    types: Vec<u64>,
    /// What all of it takes.
    takes: u64,
}

enum Declaration {
    /// Of which nothing was read yet.
    Type,
    /// A type that is named: what that takes.
    Named(u64),
    /// Anything else: what it takes.
    Other(u64),
}

impl Effort {
    /// A section of types.
    pub(super) fn types(&mut self, mut reader: BinaryReader<'_>) -> Result<(), Error> {
        let mut left = reader.read_var_u32().map_err(invalid)?;
        let mut levels: Vec<Level> = Vec::new();
        loop {
            let remaining = levels.last_mut().map_or(&mut left, |level| &mut level.left);
            if *remaining == 0 {
                let Some(ended) = levels.pop() else {
                    return Ok(());
                };
                self.push(&mut levels, ended.takes);
                continue;
            }
            *remaining -= 1;
            let is_type = match levels.is_empty() {
                true => true,
                false => self.declaration(&mut reader, &mut levels)?,
            };
            if !is_type {
                continue;
            }
            let start = reader.original_position();
            let is_function = matches!(reader.clone().read_u8(), Ok(0x40 | 0x43));
            match declarations(&mut reader).map_err(invalid)? {
                None => {
                    let bytes = (reader.original_position() - start) as u64;
                    let takes = ITEM + bytes * OF_TYPE;
                    self.add(takes)?;
                    if is_function {
                        self.largest_function = self.largest_function.max(takes);
                    }
                    self.push(&mut levels, takes);
                }
                // The section itself is a level, too.
                Some(_) if levels.len() + 1 == DEEPEST => {
                    return Err(malformed(
                        "types are nested too deeply",
                        reader.original_position(),
                    ));
                }
                Some(left) => {
                    self.add(ITEM)?;
                    levels.push(Level {
                        left,
                        types: Vec::new(),
                        takes: ITEM,
                    });
                }
            }
        }
    }

    /// A type of the innermost level has ended.
    fn push(&mut self, levels: &mut [Level], takes: u64) {
        self.largest = self.largest.max(takes);
        match levels.last_mut() {
            Some(level) => {
                level.types.push(takes);
                level.takes = level.takes.saturating_add(takes);
            }
            None => self.frame().types.push(takes),
        }
    }

    /// Reads a declaration. True when it is a type, of which only the first byte was read.
    fn declaration(
        &mut self,
        reader: &mut BinaryReader<'_>,
        levels: &mut [Level],
    ) -> Result<bool, Error> {
        let (named, takes) = match self.read(reader, levels).map_err(invalid)? {
            Declaration::Type => return Ok(true),
            Declaration::Named(named) => (Some(named), ITEM),
            Declaration::Other(takes) => (None, takes.saturating_add(ITEM)),
        };
        self.add(takes)?;
        if let Some(level) = levels.last_mut() {
            level.types.extend(named);
            level.takes = level.takes.saturating_add(takes);
        }
        Ok(false)
    }

    fn read(
        &self,
        reader: &mut BinaryReader<'_>,
        levels: &[Level],
    ) -> Result<Declaration, wasmparser::Error> {
        let start = reader.original_position();
        Ok(match reader.read_u8()? {
            0x00 => {
                reader.read::<CoreType<'_>>()?;
                // As short as four bytes for each declaration in it.
                let bytes = (reader.original_position() - start) as u64;
                Declaration::Other(bytes.saturating_mul(ITEM / 4))
            }
            0x01 => Declaration::Type,
            0x02 => match reader.read::<ComponentAlias<'_>>()? {
                ComponentAlias::Outer {
                    kind: ComponentOuterAliasKind::Type,
                    count,
                    index,
                } => Declaration::Named(self.type_outside(levels, count, index)),
                ComponentAlias::InstanceExport {
                    kind: ComponentExternalKind::Type,
                    ..
                } => Declaration::Named(self.largest),
                _ => Declaration::Other(0),
            },
            0x03 => {
                let import = reader.read::<ComponentImport<'_>>()?;
                of(levels, import.name, import.ty)
            }
            // An export. What is none of these is an error for the validator, which gets no further than here.
            _ => {
                let name = reader.read::<ComponentExternName<'_>>()?;
                of(levels, name, reader.read::<ComponentTypeRef>()?)
            }
        })
    }

    /// A type that is so many levels outside of the innermost.
    fn type_outside(&self, levels: &[Level], count: u32, index: u32) -> u64 {
        let count = count as usize;
        match levels.iter().rev().nth(count) {
            Some(level) => at(&level.types, index),
            None => {
                let frame = self.frames.iter().rev().nth(count - levels.len());
                frame.map_or(0, |frame| at(&frame.types, index))
            }
        }
    }
}

/// What is imported or exported under a name.
fn of(levels: &[Level], name: ComponentExternName<'_>, ty: ComponentTypeRef) -> Declaration {
    let ty_at = |index| levels.last().map_or(0, |level| at(&level.types, index));
    match ty {
        ComponentTypeRef::Func(ty)
        | ComponentTypeRef::Instance(ty)
        | ComponentTypeRef::Component(ty) => {
            Declaration::Other(ty_at(ty).saturating_add(length(name.name)))
        }
        ComponentTypeRef::Type(TypeBounds::Eq(ty)) => Declaration::Named(ty_at(ty)),
        ComponentTypeRef::Type(TypeBounds::SubResource) => Declaration::Named(ITEM),
        ComponentTypeRef::Module(_) | ComponentTypeRef::Value(_) => {
            Declaration::Other(length(name.name))
        }
    }
}

/// Reads a type; of one that holds declarations only how many there are.
fn declarations(reader: &mut BinaryReader<'_>) -> Result<Option<u32>, wasmparser::Error> {
    let mut ahead = reader.clone();
    if matches!(ahead.read_u8()?, 0x41 | 0x42) {
        *reader = ahead;
        return reader.read_var_u32().map(Some);
    }
    reader.read::<ComponentType<'_>>()?;
    Ok(None)
}
