//! Bailiwick from outside: through the library's front door and the command line, with real components.
//!
//! One module a concern. Guests are built by `cargo xtask build --release`, before.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    missing_docs,
    reason = "tests stand at the edge, and a test that panics fails"
)]

mod arguments;
mod attacks;
mod audit;
/// Components with documentation that nobody checked, as the contract's tests make them.
#[path = "../runtime/contract/tests/contract/audit_made.rs"]
#[allow(dead_code, reason = "the contract's tests need more of it")]
mod audit_made;
mod bombs;
mod bounds;
mod budget;
mod calls;
mod changes;
mod cli;
mod compile;
/// Components from WIT, as the contract's tests make them.
#[path = "../runtime/contract/tests/contract/component.rs"]
#[allow(dead_code, reason = "the contract's tests need more of it")]
mod component;
mod desk;
mod edit;
mod files;
mod gates;
mod guests;
mod handles;
mod identity;
mod javascript;
mod load;
mod log;
mod measure;
mod memory;
mod metering;
mod mounts;
mod policy;
mod python;
mod remote;
mod returned;
mod values;
mod writes;
