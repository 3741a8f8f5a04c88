//! What a store holds: all that one call's guest can reach, and the counts of what it used.

use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::bindings::progress;
use crate::call::Reporter;
use crate::limiter::MemoryLimiter;
use crate::limits::Limits;
use crate::stdio::Capture;

/// Bytes of randomness a guest gets in one crossing.
const RANDOM_BYTES: u64 = 64 << 10;

/// The data of one call's store.
pub(crate) struct State {
    wasi: WasiCtx,
    pub(crate) table: ResourceTable,
    pub(crate) memory: MemoryLimiter,
    pub(crate) io: Io,
    pub(crate) stdout: Capture,
    pub(crate) stderr: Capture,
    reporter: Reporter,
}

impl State {
    pub(crate) fn new(limits: &Limits, reporter: Reporter) -> Self {
        let stdout = Capture::new(limits.stdio);
        let stderr = Capture::new(limits.stdio);
        // No arguments, no environment, no preopens, an empty stdin; those are the builder's defaults.
        let wasi = WasiCtx::builder()
            .stdout(stdout.clone())
            .stderr(stderr.clone())
            .max_random_size(RANDOM_BYTES)
            .build();
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits.host_handles);
        Self {
            wasi,
            table,
            memory: MemoryLimiter::new(limits.memory),
            io: Io::new(limits),
            stdout,
            stderr,
            reporter,
        }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl progress::Host for State {
    fn report(&mut self, done: u64, total: Option<u64>, message: String) -> wasmtime::Result<()> {
        self.io.enter()?;
        self.reporter.progress(done, total, message);
        Ok(())
    }
}

/// What a call did through `bailiwick:fs`, against its limits.
#[derive(Debug)]
pub(crate) struct Io {
    calls: u64,
    calls_limit: u64,
    read: u64,
    read_limit: u64,
    open: u32,
    open_limit: u32,
    pub(crate) denied_descriptor: bool,
}

/// A bound on host calls was hit: ends the call, since a guest that goes on would go on asking.
#[derive(Debug, thiserror::Error)]
#[error("{used} of {limit} {unit}")]
pub(crate) struct HostCallsExceeded {
    pub(crate) used: u64,
    pub(crate) limit: u64,
    pub(crate) unit: &'static str,
}

impl Io {
    fn new(limits: &Limits) -> Self {
        Self {
            calls: 0,
            calls_limit: limits.host_calls,
            read: 0,
            read_limit: limits.transfer,
            open: 0,
            open_limit: limits.descriptors,
            denied_descriptor: false,
        }
    }

    pub(crate) fn calls(&self) -> u64 {
        self.calls
    }

    pub(crate) fn read(&self) -> u64 {
        self.read
    }

    /// Counts one host call.
    pub(crate) fn enter(&mut self) -> wasmtime::Result<()> {
        if self.calls >= self.calls_limit {
            return Err(HostCallsExceeded {
                used: self.calls,
                limit: self.calls_limit,
                unit: "host calls",
            }
            .into());
        }
        self.calls += 1;
        Ok(())
    }

    /// Counts bytes that were read from files.
    pub(crate) fn moved(&mut self, bytes: u64) -> wasmtime::Result<()> {
        self.read = self.read.saturating_add(bytes);
        if self.read > self.read_limit {
            return Err(HostCallsExceeded {
                used: self.read,
                limit: self.read_limit,
                unit: "bytes read",
            }
            .into());
        }
        Ok(())
    }

    /// Counts a handle of the guest's that costs so many descriptors; whether there is room for it.
    pub(crate) fn open(&mut self, descriptors: u32) -> bool {
        let open = self.open.saturating_add(descriptors);
        if open > self.open_limit {
            self.denied_descriptor = true;
            return false;
        }
        self.open = open;
        true
    }

    pub(crate) fn close(&mut self, descriptors: u32) {
        self.open = self.open.saturating_sub(descriptors);
    }

    pub(crate) fn open_limit(&self) -> u32 {
        self.open_limit
    }
}
