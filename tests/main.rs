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
mod bounds;
mod calls;
mod changes;
mod cli;
mod desk;
mod edit;
mod files;
mod guests;
mod handles;
mod javascript;
mod load;
mod memory;
mod mounts;
mod python;
mod values;
mod writes;
