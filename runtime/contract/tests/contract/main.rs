//! The contract crate from outside. Components are made from WIT with code that does nothing, so no guest toolchain is needed.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that panics fails")]

mod budget;
mod component;
mod hostile;
mod lower;
mod packing;
mod random;
mod reading;
mod refusals;
mod schemas;
