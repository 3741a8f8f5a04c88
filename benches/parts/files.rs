//! The same work with files, in plain wasmtime and in a session.

use std::fs;
use std::path::Path;
use std::time::Duration;

use bailiwick_host::{Engine, Grant, Limits, Rights, Session, Tool, ambient_authority};
use tokio::runtime::Runtime;
use wasmtime::Store;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView};

mod bindings {
    #![allow(clippy::all, unreachable_pub)]
    wasmtime::component::bindgen!({
        path: "tests/probes/io-paths/wit",
        world: "probe:io-paths/probe",
        exports: { default: async },
    });
}
use bindings::ProbePre;

/// Fuel for a call that reads all of the large file.
const FUEL: u64 = 100_000_000_000;

/// wasmtime-wasi's own files in plain wasmtime: a fresh store for each call, one directory mounted to be read.
pub(crate) struct Raw<'a> {
    engine: wasmtime::Engine,
    pre: ProbePre<Wasi>,
    folder: &'a Path,
    current_thread: bool,
}

pub(crate) struct Wasi {
    ctx: WasiCtx,
    table: ResourceTable,
}

impl WasiView for Wasi {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.ctx,
            table: &mut self.table,
        }
    }
}

impl<'a> Raw<'a> {
    pub(crate) fn new(folder: &'a Path, current_thread: bool) -> Self {
        let engine = wasmtime::Engine::new(&Engine::config()).unwrap();
        let component = Component::from_binary(&engine, &probe("io-paths")).unwrap();
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
        let pre = ProbePre::new(linker.instantiate_pre(&component).unwrap()).unwrap();
        Self {
            engine,
            pre,
            folder,
            current_thread,
        }
    }

    fn store(&self) -> Store<Wasi> {
        let mut wasi = WasiCtx::builder();
        wasi.allow_blocking_current_thread(self.current_thread)
            .preopened_dir(self.folder, "/data", FsPerms::ReadOnly)
            .unwrap();
        let (ctx, table) = (wasi.build(), ResourceTable::new());
        let mut store = Store::new(&self.engine, Wasi { ctx, table });
        // The engine meters: without fuel nothing runs.
        store.set_fuel(FUEL).unwrap();
        store
    }

    /// Opens and reads so many times, in one call.
    pub(crate) fn open(&self, runtime: &Runtime, count: u32, bytes: u32) -> u64 {
        let mut store = self.store();
        runtime.block_on(async {
            let probe = self.pre.instantiate_async(&mut store).await.unwrap();
            let call = probe.call_open_often(&mut store, "/data/small", count, bytes);
            call.await.unwrap().unwrap()
        })
    }

    /// Reads the large file to its end, so much at a time.
    pub(crate) fn read(&self, runtime: &Runtime, piece: u32) -> u64 {
        let mut store = self.store();
        runtime.block_on(async {
            let probe = self.pre.instantiate_async(&mut store).await.unwrap();
            let call = probe.call_read_through(&mut store, "/data/large", piece);
            call.await.unwrap().unwrap()
        })
    }
}

pub(crate) fn probe(name: &str) -> Vec<u8> {
    // The program stands in target/release, the guests beside that.
    let program = Path::new(env!("CARGO_BIN_EXE_bailiwick"));
    let target = program.ancestors().nth(2).unwrap();
    fs::read(target.join(format!("guests/probes/{name}.wasm")))
        .expect("run `cargo xtask bench fs`, which builds the guests")
}

/// Wide enough for the measurements, and every one of them on.
pub(crate) fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.fuel = FUEL;
    limits.deadline = Duration::from_secs(100);
    limits
}

pub(crate) fn add_tools(session: &Session) {
    let engine = Engine::new().unwrap();
    for name in ["io-handles", "io-paths"] {
        session
            .add(Tool::load(&engine, name, &probe(name)).unwrap())
            .unwrap();
    }
}

/// A session that may look at a folder, through handles and through a mount.
pub(crate) fn reader(folder: &Path) -> Session {
    let session = Session::with_limits(limits());
    add_tools(&session);
    let grant = Grant::open_ambient(folder, Rights::READ, ambient_authority()).unwrap();
    session.grant("data", grant).unwrap();
    session.mount("data").unwrap();
    session
}
