//! How a component becomes code: where it is compiled, within which bounds, and where the code is kept for the next time.
//!
//! Compiling is the one thing that a component's author can make take minutes and gigabytes before any limit of a call begins. So whoever loads
//! components that others wrote compiles them in a [`Child`]: a process of its own that is killed when it takes more than it may. The library does
//! it in its own process unless it is told otherwise, for it knows no program that it could start.

mod cache;
mod child;
mod facts;
mod identity;
mod serve;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use bailiwick_contract::Digest;
use wasmtime::component::Component;

use crate::engine::Metering;

pub use cache::{Cache, CacheError, Cached};
pub use child::Child;
pub(crate) use identity::Identity;
pub use serve::serve;

/// How components are compiled, and whether their code is kept.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Compiling {
    /// Where they are compiled.
    pub compiler: Compiler,
    /// Where their code is kept. None: nowhere.
    pub cache: Option<Cache>,
}

/// Where components are compiled.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Compiler {
    /// In this process, on the calling thread and others, without bounds: for components that one has reason to trust.
    #[default]
    InProcess,
    /// In a process of its own, within bounds.
    Child(Child),
}

/// What compiling one component may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompileLimits {
    /// Wall time. Default 60 s. At it the process is killed.
    pub time: Duration,
    /// Address space of the process, in bytes. Default 2 GiB. At it the compiler gives up.
    pub memory: u64,
}

impl Default for CompileLimits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(60),
            memory: 2 << 30,
        }
    }
}

/// Why there is no code. Displays as a lower-case fragment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompileError {
    /// The compiler refuses it.
    #[error("{0}")]
    Refused(String),
    /// It took more time than it may.
    #[error("compiling it takes more than {} s, which is the limit", .0.as_secs_f64())]
    Time(Duration),
    /// It took more memory than it may.
    #[error("compiling it takes more than {} MiB of memory, which is the limit", .0 >> 20)]
    Memory(u64),
    /// The process in which it is compiled cannot be started, or failed.
    #[error("the compiler's process failed: {0}")]
    Process(String),
}

impl Compiling {
    /// Compiles within these bounds from now on, where it has any.
    pub(crate) fn limit(&mut self, limits: CompileLimits) {
        if let Compiler::Child(child) = &mut self.compiler {
            child.limit(limits);
        }
    }
}

impl From<wasmtime::Error> for CompileError {
    fn from(error: wasmtime::Error) -> Self {
        Self::Refused(format!("{error:#}"))
    }
}

impl Compiling {
    /// The code of a component, whose digest this is, when it is kept.
    pub(crate) fn kept(&self, engine: &wasmtime::Engine, digest: &Digest) -> Option<Component> {
        self.cache.as_ref()?.load(engine, digest)
    }

    /// The code of a component, whose digest this is, compiled now and kept.
    pub(crate) fn compile(
        &self,
        engine: &wasmtime::Engine,
        metering: Metering,
        digest: &Digest,
        bytes: &[u8],
    ) -> Result<Component, CompileError> {
        let code = match &self.compiler {
            Compiler::InProcess => precompiled(engine, bytes)?,
            Compiler::Child(child) => child.compile(metering, bytes)?,
        };
        // Without it the next load compiles again, which is no reason to fail this one.
        if let Some(cache) = &self.cache
            && cache.keep(engine, digest, &code).is_ok()
        {
            // Mapped, and not a second time in memory.
            if let Some(component) = cache.load(engine, digest) {
                return Ok(component);
            }
        }
        deserialized(engine, &code)
    }
}

/// Compiles, and takes a panic of the compiler for an error: it is a large program that reads hostile bytes, and nothing of its state is
/// kept after one.
fn precompiled(engine: &wasmtime::Engine, bytes: &[u8]) -> Result<Vec<u8>, CompileError> {
    // It would take text, too.
    if !bytes.starts_with(b"\0asm") {
        return Err(CompileError::Refused("it is not a binary".to_owned()));
    }
    let compile = || engine.precompile_component(bytes);
    match std::panic::catch_unwind(AssertUnwindSafe(compile)) {
        Ok(code) => Ok(code?),
        Err(_) => Err(CompileError::Refused(
            "the compiler failed on it".to_owned(),
        )),
    }
}

/// A component of code that this program's compiler made just now.
#[allow(unsafe_code, reason = "only here code comes from bytes in memory")]
fn deserialized(engine: &wasmtime::Engine, code: &[u8]) -> Result<Component, CompileError> {
    // SAFETY: `code` is what `Engine::precompile_component` returned, in this process or in the child that this one started and read from, by a pipe
    // that nobody else has.
    Ok(unsafe { Component::deserialize(engine, code) }?)
}
