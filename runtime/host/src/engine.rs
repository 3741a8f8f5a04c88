//! The engine: which WebAssembly there is, how it is metered, and the pool that instances come from.
//!
//! wasmtime fixes metering, asynchrony and pool sizes per engine, so an [`Engine`] is one flavour of them. It is made once and
//! shared: it holds the pool and nothing of any session.

mod clock;
mod room;

use std::num::NonZeroUsize;
use std::sync::Arc;

use bailiwick_contract::Digest;
use wasmtime::{
    Config, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, WasmBacktraceDetails,
};

use crate::compile::{CompileLimits, Compiling};
use crate::error::EngineError;
use crate::limits::{INSTANCES, MEMORIES, TABLES};
use crate::link::Links;

pub(crate) use clock::Clock;
pub(crate) use room::{Needs, Room, Taken};

/// Address space for one linear memory: all that 32 bits can reach, so that compiled code needs no bounds checks.
const MEMORY_RESERVATION: u64 = 4 << 30;

/// Calls that run at one time, when nothing is said. More wait their turn.
const CALLS: u32 = 256;

/// Memories and tables that there are for each of them. One that has more takes from the others, and waits when none are left.
const MEMORIES_PER_CALL: u32 = 4;
const TABLES_PER_CALL: u32 = 4;

/// Instances, memories and tables with which a component is loaded at all. More than a call may have: one that has too many is told so by the
/// outcome of the call, and this is for those that no call could come near.
const PER_COMPONENT: u32 = 1_000;

/// Bytes of a memory that stay mapped in its slot for the next call (zeroed), which spares page faults.
const KEEP_RESIDENT: usize = 2 << 20;

/// Stack of WebAssembly code, in bytes. At it: `stack-exhausted`.
pub(crate) const WASM_STACK: usize = 512 << 10;

/// Stack of a call, in bytes: the guest's and what the host functions need beyond it.
const ASYNC_STACK: usize = 2 << 20;

/// How the work of guests is bounded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Metering {
    /// Each operator is counted: what a call uses is the same on every machine, and its limit is exact.
    #[default]
    Fuel,
    /// Only the clock bounds it, which costs less: [`Limits::fuel`](crate::Limits::fuel) is without effect, and
    /// [`Usage::fuel`](crate::Usage::fuel) is 0.
    Time,
}

/// What an engine is made with.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EngineOptions {
    /// How components are compiled, and whether their code is kept.
    pub compiling: Compiling,
    /// How the work of guests is bounded.
    pub metering: Metering,
    /// How many calls run at one time; more wait their turn, up to their deadline. Default 256. Address space is reserved for them, not memory: 17 GiB each.
    pub calls: u32,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            compiling: Compiling::default(),
            metering: Metering::Fuel,
            calls: CALLS,
        }
    }
}

impl EngineOptions {
    /// These, metered otherwise.
    #[must_use]
    pub fn metering(mut self, metering: Metering) -> Self {
        self.metering = metering;
        self
    }

    /// These, for another number of calls at one time.
    #[must_use]
    pub fn calls(mut self, calls: u32) -> Self {
        self.calls = calls;
        self
    }
}

impl From<Compiling> for EngineOptions {
    fn from(compiling: Compiling) -> Self {
        Self {
            compiling,
            ..Self::default()
        }
    }
}

/// Compiles tools and holds the pool that calls take their memory from.
///
/// Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Engine {
    engine: wasmtime::Engine,
    links: Links,
    compiling: Compiling,
    room: Room,
    /// Of one that meters by time.
    clock: Option<Arc<Clock>>,
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
    /// [`EngineError`] when the machine has not the address space for the pool (about 4.3 TiB, reserved and not used), or is of a kind
    /// that code cannot be compiled for.
    pub fn new() -> Result<Self, EngineError> {
        Self::with(EngineOptions::default())
    }

    /// The same, as it is told.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with(options: impl Into<EngineOptions>) -> Result<Self, EngineError> {
        let options = options.into();
        let calls = options.calls.max(1);
        let mut config = Self::config_of(options.metering);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(calls)));
        let engine = wasmtime::Engine::new(&config).map_err(EngineError::new)?;
        let links = Links::new(&engine).map_err(EngineError::new)?;
        let clock = (options.metering == Metering::Time).then(|| Clock::new(&engine));
        Ok(Self {
            engine,
            links,
            compiling: options.compiling,
            room: Room::new(calls, memories(calls), tables(calls)),
            clock,
        })
    }

    /// The same engine, which lets a component take this much of its compiler's process. Without effect on one that compiles in its own process.
    #[must_use]
    pub fn compile_limits(&self, limits: CompileLimits) -> Self {
        let mut engine = self.clone();
        engine.compiling.limit(limits);
        engine
    }

    /// How it meters.
    #[must_use]
    pub fn metering(&self) -> Metering {
        match self.clock {
            None => Metering::Fuel,
            Some(_) => Metering::Time,
        }
    }

    /// Whether the code of the component of this digest is kept, so that loading it is a matter of milliseconds.
    #[must_use]
    pub fn has_code(&self, digest: &Digest) -> bool {
        let cache = self.compiling.cache.as_ref();
        cache.is_some_and(|cache| cache.has(&self.engine, digest))
    }

    /// The settings of one that meters by fuel, for whoever measures against plain wasmtime.
    #[must_use]
    pub fn config() -> Config {
        Self::config_of(Metering::Fuel)
    }

    /// The settings, as [`config`](Self::config).
    #[must_use]
    pub fn config_of(metering: Metering) -> Config {
        let mut config = Config::new();
        match metering {
            Metering::Fuel => config.consume_fuel(true),
            Metering::Time => config.epoch_interruption(true),
        };
        config
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
            .allocation_strategy(InstanceAllocationStrategy::Pooling(pool(CALLS)));
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

    pub(crate) fn room(&self) -> &Room {
        &self.room
    }

    pub(crate) fn clock(&self) -> Option<&Arc<Clock>> {
        self.clock.as_ref()
    }
}

/// A call may have as many as it is allowed, if it has them alone.
fn memories(calls: u32) -> u32 {
    calls.saturating_mul(MEMORIES_PER_CALL).max(MEMORIES as u32)
}

fn tables(calls: u32) -> u32 {
    calls.saturating_mul(TABLES_PER_CALL).max(TABLES as u32)
}

/// Wide where [`crate::Limits`] decides, so that a component is refused by a limit with a name and not by the pool; and what [`Room`] gives out is
/// what there is. Instances are only counted, so there are enough of them for all.
fn pool(calls: u32) -> PoolingAllocationConfig {
    let instances = calls.saturating_mul(INSTANCES as u32);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(instances)
        .total_memories(memories(calls))
        .total_tables(tables(calls))
        .total_stacks(calls)
        .max_core_instances_per_component(PER_COMPONENT)
        .max_memories_per_component(PER_COMPONENT)
        .max_tables_per_component(PER_COMPONENT)
        .max_memory_size(MEMORY_RESERVATION as usize)
        .table_elements(100_000)
        .max_component_instance_size(4 << 20)
        .max_core_instance_size(4 << 20)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(64 << 10)
        .async_stack_keep_resident(64 << 10)
        // Where the kernel can say which pages were written to (Linux 6.7), only those are zeroed, and not all that may stay: a tenth of the
        // work for most calls, and a call whose memories stay untouched costs nothing for them.
        .pagemap_scan(wasmtime::Enabled::Auto);
    pool
}
