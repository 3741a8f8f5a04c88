//! What metering costs a guest that only computes: the same loop native, in WebAssembly without metering, with fuel and with time.
//!
//! The loop is a chain in which each step needs the one before (xorshift64), so that neither compiler can do it ahead nor side by side. Rounds take
//! turns; the figure of each is the median of its rounds. Without metering it is raw wasmtime; with it a whole `Session::call`, whose own cost is
//! thousands of times less than the loop's.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench stands at the edge, and one that panics fails"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use bailiwick_host::{Code, Engine, EngineOptions, Limits, Metering, Session, Tool};
use wasmtime::Store;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// Steps of the loop in one measurement, and measurements.
const STEPS: u64 = 50_000_000;
const ROUNDS: usize = 11;

struct State {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// As the guest has it.
fn native(rounds: u64) -> u64 {
    let mut state = black_box(0x9E37_79B9_7F4A_7C15_u64);
    for _ in 0..rounds {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    black_box(state)
}

fn session(bytes: &[u8], metering: Metering) -> Session {
    let engine = Engine::with(EngineOptions::default().metering(metering).calls(1)).unwrap();
    let mut limits = Limits::default();
    limits.fuel = u64::MAX;
    limits.deadline = Duration::from_secs(120);
    let session = Session::with_limits(limits);
    session
        .add(Tool::load(&engine, "spin", bytes).unwrap())
        .unwrap();
    session
}

fn main() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/target/guests/probes/spin.wasm"
    );
    let bytes =
        std::fs::read(path).expect("run `cargo xtask bench metering`, which builds the guests");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();

    let mut config = Engine::config();
    config.consume_fuel(false);
    let engine = wasmtime::Engine::new(&config).unwrap();
    let component = Component::from_binary(&engine, &bytes).unwrap();
    let mut linker = Linker::<State>::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
    let pre = linker.instantiate_pre(&component).unwrap();
    let unmetered = || {
        runtime.block_on(async {
            let state = State {
                wasi: WasiCtx::builder().build(),
                table: ResourceTable::new(),
            };
            let mut store = Store::new(&engine, state);
            let instance = pre.instantiate_async(&mut store).await.unwrap();
            let burn = instance
                .get_typed_func::<(u64,), (u64,)>(&mut store, "burn")
                .unwrap();
            burn.call_async(&mut store, (STEPS,)).await.unwrap().0
        })
    };
    let (by_fuel, by_time) = (
        session(&bytes, Metering::Fuel),
        session(&bytes, Metering::Time),
    );
    let metered = |session: &Session| {
        let call = session.call("spin_burn", serde_json::json!({ "rounds": STEPS }));
        let outcome = runtime.block_on(call);
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
        outcome.usage.fuel
    };
    let variants: [(&str, &dyn Fn() -> u64); 4] = [
        ("native", &|| native(STEPS)),
        ("not metered", &unmetered),
        ("by fuel", &|| metered(&by_fuel)),
        ("by time", &|| metered(&by_time)),
    ];
    let mut times = vec![Vec::with_capacity(ROUNDS); variants.len()];
    let mut fuel = 0;
    for round in 0..=ROUNDS {
        for turn in 0..variants.len() {
            let at = (turn + round) % variants.len();
            let start = Instant::now();
            let answer = black_box(variants[at].1());
            // The first round warms up.
            if round > 0 {
                times[at].push(start.elapsed());
            }
            if at == 2 {
                fuel = answer;
            }
        }
    }
    let medians: Vec<f64> = times
        .iter_mut()
        .map(|times| {
            times.sort();
            times[times.len() / 2].as_secs_f64() * 1e3
        })
        .collect();
    println!("{STEPS} steps of xorshift64, median of {ROUNDS}\n");
    println!(
        "{:<14} {:>10} {:>10} {:>14}",
        "", "", "to native", "to not metered"
    );
    for ((name, _), median) in variants.iter().zip(&medians) {
        let (native, plain) = (median / medians[0], median / medians[1]);
        println!("{name:<14} {median:>7.1} ms {native:>10.2} {plain:>14.2}");
    }
    println!(
        "\nfuel: {:.1} units a step, {:.2} G units a second",
        fuel as f64 / STEPS as f64,
        fuel as f64 / medians[2] / 1e6
    );
}
