//! The engine: which WebAssembly there is, how it is metered, and the pool that instances come from.
//!
//! wasmtime fixes metering, asynchrony and pool sizes per engine, so an [`Engine`] is one flavour of them. It is made once and
//! shared: it holds the pool and nothing of any session.

use std::num::NonZeroUsize;

use bailiwick_contract::Digest;
use wasmtime::{
    Config, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, WasmBacktraceDetails,
};

use crate::compile::Compiling;
use crate::error::EngineError;
use crate::link::Links;

/// Address space for one linear memory: all that 32 bits can reach, so that compiled code needs no bounds checks.
const MEMORY_RESERVATION: u64 = 4 << 30;

/// Memories that can exist at one time, over all calls.
const MEMORIES: u32 = 256;

/// Bytes of a memory that stay mapped in its slot for the next call (zeroed), which spares page faults.
const KEEP_RESIDENT: usize = 2 << 20;

/// Stack of WebAssembly code, in bytes. At it: `stack-exhausted`.
pub(crate) const WASM_STACK: usize = 512 << 10;

/// Stack of a call, in bytes: the guest's and what the host functions need beyond it.
const ASYNC_STACK: usize = 2 << 20;

/// Compiles tools and holds the pool that calls take their memory from.
///
/// Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Engine {
    engine: wasmtime::Engine,
    links: Links,
    compiling: Compiling,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine that meters by fuel.
    ///
    /// # Errors
    ///
    /// [`EngineError`] when the machine has not the address space for the pool (about 1.1 TiB, reserved and not used), or is of a kind
    /// that code cannot be compiled for.
    pub fn new() -> Result<Self, EngineError> {
        Self::with(Compiling::default())
    }

    /// The same, which compiles as it is told.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with(compiling: Compiling) -> Result<Self, EngineError> {
        let engine = wasmtime::Engine::new(&Self::config()).map_err(EngineError::new)?;
        let links = Links::new(&engine).map_err(EngineError::new)?;
        Ok(Self {
            engine,
            links,
            compiling,
        })
    }

    /// Whether the code of the component of this digest is kept, so that loading it is a matter of milliseconds.
    #[must_use]
    pub fn has_code(&self, digest: &Digest) -> bool {
        let cache = self.compiling.cache.as_ref();
        cache.is_some_and(|cache| cache.has(&self.engine, digest))
    }

    /// The settings, for whoever measures against plain wasmtime.
    #[must_use]
    pub fn config() -> Config {
        let mut config = Config::new();
        config
            .consume_fuel(true)
            .cranelift_opt_level(OptLevel::Speed)
            .max_wasm_stack(WASM_STACK)
            .async_stack_size(ASYNC_STACK)
            // One frame tells an error under the guest's code from one after it; more would be for nobody.
            .wasm_backtrace_max_frames(NonZeroUsize::new(1))
            .wasm_backtrace_details(WasmBacktraceDetails::Disable)
            .generate_address_map(false)
            .memory_reservation(MEMORY_RESERVATION)
            // Only what today's compilers emit for WASI components. Several memories stay on: wasmtime's own adapters between the
            // components of a component have them, and it panics when it may not.
            .wasm_relaxed_simd(false)
            .wasm_memory64(false)
            .wasm_custom_page_sizes(false)
            .wasm_wide_arithmetic(false)
            .concurrency_support(false)
            .allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
        config
    }

    pub(crate) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.engine
    }

    pub(crate) fn compiling(&self) -> &Compiling {
        &self.compiling
    }

    pub(crate) fn links(&self) -> &Links {
        &self.links
    }
}

/// Wide where [`crate::Limits`] decides, so that a component is refused by a limit with a name and not by the pool.
fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(1_000)
        .total_core_instances(2_000)
        .total_memories(MEMORIES)
        .total_tables(1_000)
        .total_stacks(MEMORIES)
        .max_core_instances_per_component(200)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(200)
        .max_memory_size(MEMORY_RESERVATION as usize)
        .table_elements(100_000)
        .max_component_instance_size(4 << 20)
        .max_core_instance_size(4 << 20)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(64 << 10)
        .async_stack_keep_resident(64 << 10);
    pool
}
