//! What was read of a component, as bytes, for whoever keeps it so that the component need not be read again.
//!
//! Nothing in these bytes is held against the component: they say what whoever wrote them says. So they are only for a place that nobody else can write
//! to, and only for the very program that wrote them, since another one may read the same component otherwise.

mod wire;

use sha2::{Digest as _, Sha256};

use crate::audit::{Audit, Bounds};
use crate::contract::Contract;
use crate::error::Error;

/// What a component says of itself, and all else of its bytes that an [`Audit`] is made of.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Facts {
    /// Its contract, with the digest of the bytes.
    pub contract: Contract,
    /// How many bytes there are.
    pub size: u64,
    /// What its instances take.
    pub bounds: Bounds,
}

/// How the bytes begin: the format and its version.
const HEADER: &[u8] = b"bailiwick facts 1\n";

/// The bytes of a SHA-256.
const SUM: usize = 32;

impl Facts {
    /// Reads a component, as [`Contract::read`].
    ///
    /// # Errors
    ///
    /// As [`Contract::read`].
    pub fn read(bytes: &[u8]) -> Result<Facts, Error> {
        Ok(Facts {
            contract: Contract::read(bytes)?,
            size: bytes.len() as u64,
            bounds: Bounds::read(bytes)?,
        })
    }

    /// What a reviewer asks of it, as [`Audit::read`] of the same bytes says it.
    pub fn audit(&self, name: &str) -> Audit {
        Audit::of_facts(name, self)
    }

    /// These facts, to be kept.
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = wire::write(self);
        let mut bytes = HEADER.to_vec();
        bytes.extend(Sha256::digest(&body));
        bytes.extend(body);
        bytes
    }

    /// The facts that [`to_bytes`](Self::to_bytes) made these bytes of. None for bytes that were cut off, changed, or made by another version of the
    /// format.
    pub fn from_bytes(bytes: &[u8]) -> Option<Facts> {
        let (sum, body) = bytes.strip_prefix(HEADER)?.split_at_checked(SUM)?;
        if sum != Sha256::digest(body).as_slice() {
            return None;
        }
        wire::read(body)
    }
}
