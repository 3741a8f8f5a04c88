//! What a store holds: all that one call's guest can reach, and the counts of what it used.

use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::random::WasiRandomCtx;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::bindings::progress;
use crate::call::Reporter;
use crate::counts::Counts;
use crate::limiter::MemoryLimiter;
use crate::limits::Limits;
use crate::stdio::Capture;
use crate::wasi::Preopens;

/// Bytes of randomness a guest gets in one crossing.
const RANDOM_BYTES: u64 = 64 << 10;

/// The data of one call's store.
pub(crate) struct State {
    wasi: WasiCtx,
    pub(crate) table: ResourceTable,
    pub(crate) memory: MemoryLimiter,
    pub(crate) io: Arc<Counts>,
    /// What the guest finds through its language's own file functions. A library asks as it starts.
    pub(crate) preopens: Preopens,
    pub(crate) stdout: Capture,
    pub(crate) stderr: Capture,
    reporter: Reporter,
}

impl State {
    pub(crate) fn new(limits: &Limits, reporter: Reporter) -> Self {
        let io = Arc::new(Counts::new(limits));
        let stdout = Capture::new(limits.stdio, io.clone());
        let stderr = Capture::new(limits.stdio, io.clone());
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
            io,
            preopens: Preopens::new(limits.host_handles),
            stdout,
            stderr,
            reporter,
        }
    }
}

impl State {
    /// This, with a call to WASI's own functions counted.
    pub(crate) fn met(&mut self) -> &mut Self {
        self.io.met();
        self
    }

    /// The source of randomness. Nobody says how much is asked for before it is made, so each call pays for all that it could be.
    pub(crate) fn randomness(&mut self) -> &mut WasiRandomCtx {
        self.io.handed(RANDOM_BYTES);
        self.met().wasi.random()
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
        self.io.handed(message.len() as u64);
        self.reporter.progress(done, total, message);
        Ok(())
    }
}
