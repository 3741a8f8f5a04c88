//! The contract crate from outside. Components are made from WIT with code that does nothing, so no guest toolchain is needed.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that panics fails")]

mod audit;
mod audit_findings;
mod audit_handles;
mod audit_hostile;
mod audit_made;
mod audit_schema;
mod audit_texts;
mod bounds;
mod budget;
mod compare;
mod component;
mod corpus;
mod hostile;
mod kept;
mod limits;
mod lock;
mod lower;
mod packing;
mod printing;
mod printing_names;
mod random;
mod reading;
mod refusals;
mod schemas;
mod spelled;
