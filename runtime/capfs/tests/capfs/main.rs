//! Attacks on the handles, and what must come of them. One module a concern.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "a test makes its own files, and has failed when it cannot"
)]

mod deep;
mod files;
mod grants;
mod links;
mod near;
mod paths;
mod races;
mod rules;
mod special;
mod tree;
mod unreadable;
mod walks;
