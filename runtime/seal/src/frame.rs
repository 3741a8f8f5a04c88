//! The frame of sections: what a component or module is made of, one level at a time.

use std::borrow::Cow;

use wasm_encoder::Encode as _;
use wasmparser::BinaryReader;

/// Ids of sections of a component.
pub(crate) mod id {
    pub(crate) const CUSTOM: u8 = 0;
    pub(crate) const MODULE: u8 = 1;
    pub(crate) const COMPONENT: u8 = 4;
    pub(crate) const IMPORTS: u8 = 10;
}

/// The length of what a component or module begins with.
pub(crate) const HEADER: usize = 8;

const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// One section.
#[derive(Clone, Copy)]
pub(crate) struct Section<'a> {
    pub(crate) id: u8,
    /// Its header and its contents.
    pub(crate) whole: &'a [u8],
    pub(crate) data: &'a [u8],
}

impl<'a> Section<'a> {
    pub(crate) fn reader(&self) -> BinaryReader<'a> {
        BinaryReader::new(self.data, 0)
    }

    /// The name of a custom section. Empty when it has none that can be read.
    pub(crate) fn custom_name(&self) -> Option<&'a str> {
        let mut reader = self.reader();
        (self.id == id::CUSTOM).then(|| reader.read_string().unwrap_or(""))
    }
}

/// The sections right in a component or module, which has been validated.
pub(crate) fn sections(bytes: &[u8]) -> Result<Vec<Section<'_>>, wasmparser::Error> {
    let mut sections = Vec::new();
    let mut reader = BinaryReader::new(bytes, 0);
    reader.read_bytes(HEADER)?;
    while !reader.eof() {
        let start = reader.original_position();
        let id = reader.read_u8()?;
        let size = reader.read_var_u32()? as usize;
        let data = reader.read_bytes(size)?;
        let whole = &bytes[start..reader.original_position()];
        sections.push(Section { id, whole, data });
    }
    Ok(sections)
}

pub(crate) fn append(out: &mut Vec<u8>, id: u8, data: &[u8]) {
    out.push(id);
    data.encode(out);
}

/// The bytes without the custom sections, at every depth, whose names are not to be kept.
///
/// As deep as components are nested, which reading the contract has bounded.
pub(crate) fn strip<'a>(
    bytes: &'a [u8],
    keep: &dyn Fn(&str) -> bool,
) -> Result<Cow<'a, [u8]>, wasmparser::Error> {
    let in_component = bytes.starts_with(COMPONENT);
    let mut out = Vec::from(bytes.get(..HEADER).unwrap_or(bytes));
    let mut as_it_is = true;
    for section in sections(bytes)? {
        if in_component && matches!(section.id, id::MODULE | id::COMPONENT) {
            match strip(section.data, keep)? {
                Cow::Borrowed(_) => out.extend(section.whole),
                Cow::Owned(stripped) => {
                    as_it_is = false;
                    append(&mut out, section.id, &stripped);
                }
            }
        } else if section.custom_name().is_none_or(keep) {
            out.extend(section.whole);
        } else {
            as_it_is = false;
        }
    }
    Ok(if as_it_is {
        bytes.into()
    } else {
        Cow::Owned(out)
    })
}
