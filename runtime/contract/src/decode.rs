//! Component or WIT package → wit-parser's `Resolve`, from bytes that may be hostile.

use std::panic::{self, AssertUnwindSafe};

use wit_parser::decoding::{self, DecodedWasm};

use crate::bytes;
use crate::error::Error;

/// Decodes a valid component. Only its types count: custom sections are left out, and documentation in the one where wit-parser keeps it would
/// make a component undecodable; so are code and data, which the decoder would copy.
pub(crate) fn component(bytes: &[u8]) -> Result<DecodedWasm, Error> {
    guarded(&bytes::skeleton(bytes)?)
}

/// Decodes a WIT package with its documentation, after checking it.
pub(crate) fn package(bytes: &[u8]) -> Result<DecodedWasm, Error> {
    bytes::sniff(bytes)?;
    bytes::validate(bytes, false)?;
    guarded(bytes)
}

/// The decoder is not meant for hostile bytes and has assertions of its own: a panic is an error here.
fn guarded(bytes: &[u8]) -> Result<DecodedWasm, Error> {
    let decoded = panic::catch_unwind(AssertUnwindSafe(|| decoding::decode(bytes)));
    let message = match decoded {
        Ok(Ok(decoded)) => return Ok(decoded),
        Ok(Err(error)) => format!("{error:#}"),
        Err(_) => "its types cannot be told in WIT".into(),
    };
    Err(Error::Malformed {
        message,
        offset: None,
    })
}
