//! The frame of sections, at every depth.

use std::borrow::Cow;

use wasm_encoder::Encode as _;
use wasmparser::BinaryReader;

use super::{COMPONENT, DEEPEST, MODULE, invalid, malformed};
use crate::error::Error;

const CUSTOM: u8 = 0;
const NESTED_MODULE: u8 = 1;
const NESTED_COMPONENT: u8 = 4;
const CORE_ELEMENTS: u8 = 9;
const CORE_CODE: u8 = 10;
const CORE_DATA: u8 = 11;
const CORE_DATA_COUNT: u8 = 12;

/// One section, of the component itself or of what is nested in it.
#[derive(Clone, Copy)]
pub(super) struct Section<'a> {
    pub(super) id: u8,
    /// Its header and its contents.
    whole: &'a [u8],
    pub(super) data: &'a [u8],
    /// Where `data` begins in the file.
    pub(super) offset: usize,
    /// Whether it is in a component, and not in a core module.
    pub(super) in_component: bool,
    /// 0 in the outermost component.
    pub(super) depth: usize,
}

/// A custom section's name and contents.
#[derive(Clone, Copy)]
pub(crate) struct Custom<'a> {
    pub(crate) name: &'a str,
    pub(crate) data: &'a [u8],
    /// 0 in the outermost component.
    pub(crate) depth: usize,
}

impl<'a> Section<'a> {
    fn custom(&self) -> Option<Custom<'a>> {
        if self.id != CUSTOM {
            return None;
        }
        let mut reader = BinaryReader::new(self.data, 0);
        let name = reader.read_string().ok()?;
        let data = reader.read_bytes(reader.bytes_remaining()).ok()?;
        Some(Custom {
            name,
            data,
            depth: self.depth,
        })
    }

    pub(super) fn is_nested(&self) -> bool {
        self.in_component && matches!(self.id, NESTED_MODULE | NESTED_COMPONENT)
    }
}

type Visit<'v, 'a> = dyn FnMut(Section<'a>) -> Result<(), Error> + 'v;

/// Visits the sections right in `bytes`, a module or component that begins at `offset` of the file.
pub(super) fn each<'a>(
    bytes: &'a [u8],
    offset: usize,
    depth: usize,
    visit: &mut Visit<'_, 'a>,
) -> Result<(), Error> {
    let in_component = bytes.starts_with(COMPONENT);
    if !in_component && !bytes.starts_with(MODULE) {
        return Err(malformed(
            "what is nested here is neither a component nor a module",
            offset,
        ));
    }
    let mut reader = BinaryReader::new(&bytes[MODULE.len()..], offset + MODULE.len());
    while !reader.eof() {
        let start = reader.original_position() - offset;
        let id = reader.read_u8().map_err(invalid)?;
        let size = reader.read_var_u32().map_err(invalid)? as usize;
        let data_at = reader.original_position();
        let data = reader.read_bytes(size).map_err(invalid)?;
        let whole = &bytes[start..reader.original_position() - offset];
        visit(Section {
            id,
            whole,
            data,
            offset: data_at,
            in_component,
            depth,
        })?;
    }
    Ok(())
}

/// Visits the sections right in a component.
pub(super) fn outermost<'a>(bytes: &'a [u8], visit: &mut Visit<'_, 'a>) -> Result<(), Error> {
    each(bytes, 0, 0, visit)
}

/// Visits the sections at every depth, a nested component or module before what is in it.
pub(super) fn all<'a>(bytes: &'a [u8], visit: &mut Visit<'_, 'a>) -> Result<(), Error> {
    within(bytes, 0, 0, visit)
}

/// As deep as components are nested, which is bounded here.
fn within<'a>(
    bytes: &'a [u8],
    offset: usize,
    depth: usize,
    visit: &mut Visit<'_, 'a>,
) -> Result<(), Error> {
    each(bytes, offset, depth, &mut |section| {
        visit(section)?;
        if !section.is_nested() {
            return Ok(());
        }
        if depth == DEEPEST {
            return Err(malformed(
                "components are nested too deeply",
                section.offset,
            ));
        }
        within(section.data, section.offset, depth + 1, visit)
    })
}

/// The custom sections of these names, at every depth.
pub(crate) fn customs<'a>(
    bytes: &'a [u8],
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Custom<'a>>, Error> {
    let mut customs = Vec::new();
    all(bytes, &mut |section| {
        customs.extend(section.custom().filter(|custom| wanted(custom.name)));
        Ok(())
    })?;
    Ok(customs)
}

/// The bytes without the custom sections, at every depth, whose names are not to be kept.
pub(crate) fn strip<'a>(
    bytes: &'a [u8],
    keep: &dyn Fn(&str) -> bool,
) -> Result<Cow<'a, [u8]>, Error> {
    let mut as_it_is = true;
    all(bytes, &mut |section| {
        as_it_is &= section.custom().is_none_or(|custom| keep(custom.name));
        Ok(())
    })?;
    if as_it_is {
        Ok(bytes.into())
    } else {
        rewrite(bytes, 0, keep).map(Cow::Owned)
    }
}

/// As deep as components are nested, which [`all`] has bounded.
fn rewrite(bytes: &[u8], depth: usize, keep: &dyn Fn(&str) -> bool) -> Result<Vec<u8>, Error> {
    let mut out = bytes[..MODULE.len()].to_vec();
    each(bytes, 0, depth, &mut |section| {
        if section.is_nested() {
            append(
                &mut out,
                section.id,
                &rewrite(section.data, depth + 1, keep)?,
            );
        } else if section.custom().is_none_or(|custom| keep(custom.name)) {
            out.extend(section.whole);
        }
        Ok(())
    })?;
    Ok(out)
}

/// The bytes without what no type depends on: custom sections, code (each body is an empty one) and data, at every depth.
pub(crate) fn skeleton(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    bare(bytes, 0)
}

/// As deep as components are nested, which is bounded where a component is validated.
fn bare(bytes: &[u8], depth: usize) -> Result<Vec<u8>, Error> {
    let mut out = bytes[..MODULE.len()].to_vec();
    each(bytes, 0, depth, &mut |section| {
        match section.id {
            CUSTOM => {}
            _ if section.is_nested() => {
                append(&mut out, section.id, &bare(section.data, depth + 1)?);
            }
            CORE_ELEMENTS | CORE_DATA | CORE_DATA_COUNT if !section.in_component => {}
            CORE_CODE if !section.in_component => {
                let count = BinaryReader::new(section.data, section.offset).read_var_u32();
                append(&mut out, section.id, &empty_bodies(count.map_err(invalid)?));
            }
            _ => out.extend(section.whole),
        }
        Ok(())
    })?;
    Ok(out)
}

fn empty_bodies(count: u32) -> Vec<u8> {
    let mut code = Vec::new();
    count.encode(&mut code);
    for _ in 0..count {
        // Of two bytes: no locals, end.
        code.extend([2, 0, 0x0b]);
    }
    code
}

fn append(out: &mut Vec<u8>, id: u8, data: &[u8]) {
    out.push(id);
    data.encode(out);
}

/// Adds a custom section at the end of a component.
pub(crate) fn append_custom(out: &mut Vec<u8>, name: &str, data: &[u8]) {
    let mut section = Vec::new();
    name.encode(&mut section);
    section.extend(data);
    append(out, CUSTOM, &section);
}
