//! The state folder: what is applied is applied as a whole, can be undone, and nothing is lost.

#![allow(
    clippy::disallowed_methods,
    reason = "a test looks at files from outside"
)]
#![allow(missing_docs, reason = "a test")]

mod apply;
mod bench;
mod between;
mod crash;
#[allow(dead_code, reason = "half of it is for the test that kills")]
#[path = "../kill/driver.rs"]
mod driver;
mod fail;
mod folder;
mod pending;
mod review;
mod undo;
