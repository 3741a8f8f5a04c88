//! JSON arguments → values, checked against a function's types in one pass, whatever the values are for.
//!
//! The mapping is the one in ARCHITECTURE.md, "JSON and WIT". A host builds an engine's values with it ([`Build`]); a check
//! of examples builds nothing ([`Check`]). So there is one place that decides what fits a contract. The way back,
//! from values to JSON, is the host's (`value/lift`): it needs the engine's values, which this crate does not know.

mod build;
mod lower;
mod mismatch;
mod number;

pub use build::{Build, Check, Names};
pub use lower::{LowerError, lower};
pub use mismatch::{Mismatch, Problem};
