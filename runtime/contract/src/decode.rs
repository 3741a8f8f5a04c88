//! Component or WIT package → wit-parser's `Resolve`, from bytes that may be hostile.

use std::panic::{self, AssertUnwindSafe};

use wit_parser::decoding::{self, DecodedWasm};

use crate::bytes;
use crate::embedded::SECTION;
use crate::error::Error;

/// The section in which wit-parser keeps documentation. One in a component makes it undecodable, so it is taken out.
const PACKAGE_DOCS: &str = "package-docs";

/// Decodes a valid component. Its documentation is left out: it has sections of its own.
pub(crate) fn component(bytes: &[u8]) -> Result<DecodedWasm, Error> {
    let without_docs = bytes::strip(bytes, &|name| name != PACKAGE_DOCS && name != SECTION)?;
    guarded(&without_docs)
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
