//! `wasi:filesystem` 0.2 for guests, over [`bailiwick_capfs`]: how a guest's own file functions reach what it was given.
//!
//! A guest sees [mounts](Preopens) and nothing else. A descriptor has the rights of the flags that it was opened with, and
//! never more than the mount's. Everything runs on the thread of the call, streams as well, and counts itself: calls, bytes,
//! descriptors.

#![allow(
    unreachable_pub,
    reason = "the generated bindings re-export the types of resources"
)]

mod bindings;
mod descriptor;
mod errors;
mod open;
mod preopens;
mod streams;
#[cfg(test)]
mod tests;
mod types;
mod versions;

use wasmtime::component::{Component, HasSelf, Linker};

use crate::state::State;

pub(crate) use bindings::types::ErrorCode;
pub(crate) use errors::{Errors, HasErrors};
pub(crate) use preopens::{Preopens, Unmountable};
pub(crate) use versions::Unserved;

/// Links `wasi:filesystem` for a component that imports it.
///
/// # Errors
///
/// [`Unserved`] when it imports a version that is not served. wasmtime would link any 0.2, since it takes versions that differ in the
/// last number for compatible.
pub(crate) fn link(linker: &mut Linker<State>, component: &Component) -> wasmtime::Result<()> {
    let engine = component.engine();
    let mut any = false;
    for (name, _) in component.component_type().imports(engine) {
        any |= versions::check(name)?;
    }
    if any {
        bindings::types::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
        bindings::preopens::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
    }
    Ok(())
}
