//! What is in core modules. Bodies of functions are not read before somebody compiles them, and data never is.

use wasmparser::{BinaryReader, ConstExpr};

use super::reader;
use crate::bytes::invalid;
use crate::bytes::sections::Section;
use crate::error::Error;

/// How many types, imports, functions, globals, exports and segments there may be in all core modules. CPython has 40,000.
const ITEMS: u64 = 1_000_000;

/// How many bytes they may have. CPython has one million.
const BYTES: u64 = 16 << 20;

/// What a byte of a type counts: a value in a signature has only one.
const OF_TYPE: u64 = 4;

/// How many bytes the expression may have that says where data goes.
const OFFSET: usize = 4 << 10;

const TYPES: u8 = 1;
const DATA: u8 = 11;

/// What there is in the core modules so far.
#[derive(Default)]
pub(super) struct Core {
    items: u64,
    bytes: u64,
}

impl Core {
    pub(super) fn section(&mut self, section: Section<'_>) -> Result<(), Error> {
        let mut reader = reader(section);
        match section.id {
            1..=7 | 9 | 13 => {
                let bytes = section.data.len() as u64;
                let times = if section.id == TYPES { OF_TYPE } else { 1 };
                self.bytes = self.bytes.saturating_add(bytes.saturating_mul(times));
            }
            DATA => return self.data(reader),
            // Custom sections, code, the start function and the number of segments.
            _ => return Ok(()),
        }
        self.add(reader.read_var_u32().map_err(invalid)?)
    }

    fn add(&mut self, items: u32) -> Result<(), Error> {
        self.items = self.items.saturating_add(items.into());
        if self.items > ITEMS {
            return Err(Error::TooLarge {
                what: "types, imports, functions, globals, exports and segments in its core modules",
                most: ITEMS,
            });
        }
        if self.bytes > BYTES {
            return Err(Error::TooLarge {
                what: "bytes of types, names, globals and elements in its core modules",
                most: BYTES,
            });
        }
        Ok(())
    }

    fn data(&mut self, mut reader: BinaryReader<'_>) -> Result<(), Error> {
        let count = reader.read_var_u32().map_err(invalid)?;
        self.add(count)?;
        for _ in 0..count {
            let flags = reader.read_var_u32().map_err(invalid)?;
            if flags == 2 {
                // Which memory.
                reader.read_var_u32().map_err(invalid)?;
            }
            // A segment that is put nowhere when the module starts has no offset.
            if flags != 1 {
                offset(&mut reader)?;
            }
            let length = reader.read_var_u32().map_err(invalid)?;
            reader.read_bytes(length as usize).map_err(invalid)?;
        }
        Ok(())
    }
}

/// Reads an expression, of which no more is looked at than it may have.
fn offset(reader: &mut BinaryReader<'_>) -> Result<(), Error> {
    let start = reader.original_position();
    let mut ahead = reader.clone();
    let most = ahead.bytes_remaining().min(OFFSET);
    let is_all = ahead.bytes_remaining() == most;
    let bytes = ahead.read_bytes(most).map_err(invalid)?;
    let mut front = BinaryReader::new(bytes, start);
    match front.read::<ConstExpr<'_>>() {
        Ok(_) => {}
        Err(error) if is_all => return Err(invalid(error)),
        Err(_) => {
            return Err(Error::TooLarge {
                what: "bytes in an expression that says where data goes",
                most: OFFSET as u64,
            });
        }
    }
    let length = front.original_position() - start;
    reader.read_bytes(length).map_err(invalid)?;
    Ok(())
}
