//! What a call costs: `Session::call`, JSON in and JSON out with all bounds on, beside raw wasmtime with typed bindings, the
//! same engine settings, a fresh store and the same component, in one run. Then each bound switched on alone.
//!
//! Prints a table and the ratio. Rounds of all variants take turns, so that whatever else the machine does hits all alike; the
//! figure of each is the median of its rounds.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench stands at the edge, and one that panics fails"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use bailiwick_host::{Code, Engine, Limits, Session, Tool};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{ResourceLimiter, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

mod bindings {
    #![allow(clippy::all, unreachable_pub)]
    wasmtime::component::bindgen!({
        inline: "package bench:echo; world echo { export echo: func(text: string) -> string; }",
        exports: { default: async },
    });
}
use bindings::EchoPre;

/// Calls in one round, and rounds.
const CALLS: u32 = 500;
const ROUNDS: usize = 41;

/// Which bounds a raw call has.
#[derive(Clone, Copy, Default)]
struct Bounds {
    fuel_yield: bool,
    memory: bool,
    crossing: bool,
    handles: bool,
    stdio: bool,
    deadline: bool,
}

struct State {
    wasi: WasiCtx,
    table: ResourceTable,
    limiter: Sum,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// The least that sums memory.
struct Sum {
    used: usize,
}

impl ResourceLimiter for Sum {
    fn memory_growing(
        &mut self,
        now: usize,
        then: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.used += then - now;
        Ok(self.used <= 64 << 20)
    }

    fn table_growing(
        &mut self,
        now: usize,
        then: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.used += 8 * (then - now);
        Ok(self.used <= 64 << 20)
    }
}

async fn raw(
    engine: &wasmtime::Engine,
    pre: &EchoPre<State>,
    text: &str,
    bounds: Bounds,
) -> String {
    let mut wasi = WasiCtx::builder();
    if bounds.stdio {
        let pipe = || wasmtime_wasi::p2::pipe::MemoryOutputPipe::new(64 << 10);
        wasi.stdout(pipe()).stderr(pipe());
    }
    let mut table = ResourceTable::new();
    if bounds.handles {
        table.set_max_capacity(256);
    }
    let mut store = Store::new(
        engine,
        State {
            wasi: wasi.build(),
            table,
            limiter: Sum { used: 0 },
        },
    );
    // The engine meters: without fuel nothing runs.
    store.set_fuel(1_000_000_000).unwrap();
    if bounds.fuel_yield {
        store.fuel_async_yield_interval(Some(100_000)).unwrap();
    }
    if bounds.memory {
        store.limiter(|state| &mut state.limiter);
    }
    if bounds.crossing {
        store.set_hostcall_fuel(8 << 20);
    }
    if bounds.handles {
        store.set_max_component_handles(1_000);
    }
    let call = async {
        let echo = pre.instantiate_async(&mut store).await.unwrap();
        echo.call_echo(&mut store, text).await.unwrap()
    };
    if bounds.deadline {
        tokio::time::timeout(Duration::from_secs(10), call)
            .await
            .unwrap()
    } else {
        call.await
    }
}

async fn session_call(session: &Session, arguments: &str) -> String {
    let arguments = serde_json::from_str(arguments).unwrap();
    let outcome = session.call("echo_echo", arguments).await;
    serde_json::to_string(&outcome.result).unwrap()
}

fn main() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/target/guests/probes/echo.wasm"
    );
    let bytes = std::fs::read(path).expect("run `cargo xtask bench call`, which builds the guests");
    let text = "x".repeat(100);
    let json = serde_json::json!({ "text": text }).to_string();

    let session = Session::new();
    session
        .add(Tool::load(&Engine::new().unwrap(), "echo", &bytes).unwrap())
        .unwrap();

    let engine = wasmtime::Engine::new(&Engine::config()).unwrap();
    let component = Component::from_binary(&engine, &bytes).unwrap();
    let mut linker = Linker::<State>::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
    let pre = EchoPre::new(linker.instantiate_pre(&component).unwrap()).unwrap();

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let none = Bounds::default();
    let variants: Vec<(&str, Option<Bounds>)> = vec![
        ("raw wasmtime, typed, fresh store", Some(none)),
        (
            "  + fuel yields every 100k",
            Some(Bounds {
                fuel_yield: true,
                ..none
            }),
        ),
        (
            "  + memory summed",
            Some(Bounds {
                memory: true,
                ..none
            }),
        ),
        (
            "  + bytes a crossing",
            Some(Bounds {
                crossing: true,
                ..none
            }),
        ),
        (
            "  + handles capped",
            Some(Bounds {
                handles: true,
                ..none
            }),
        ),
        (
            "  + stdout and stderr captured",
            Some(Bounds {
                stdio: true,
                ..none
            }),
        ),
        (
            "  + deadline by a timer",
            Some(Bounds {
                deadline: true,
                ..none
            }),
        ),
        ("Session::call, JSON, all bounds", None),
    ];
    let mut times = vec![Vec::with_capacity(ROUNDS); variants.len()];
    for round in 0..=ROUNDS {
        // In another order each round, so that none always comes after the same one.
        let stride = [1, 3, 5, 7][round % 4];
        for turn in 0..variants.len() {
            let place = (turn * stride + round) % variants.len();
            let (variant, times) = (&variants[place], &mut times[place]);
            let start = Instant::now();
            runtime.block_on(async {
                for _ in 0..CALLS {
                    match variant.1 {
                        Some(bounds) => {
                            black_box(raw(&engine, &pre, black_box(&text), bounds).await)
                        }
                        None => black_box(session_call(&session, black_box(&json)).await),
                    };
                }
            });
            // The first round warms up.
            if round > 0 {
                times.push(start.elapsed() / CALLS);
            }
        }
    }
    let medians: Vec<f64> = times
        .iter_mut()
        .map(|times| {
            times.sort();
            times[times.len() / 2].as_secs_f64() * 1e6
        })
        .collect();
    let base = medians[0];
    println!("echo of 100 bytes, median of {ROUNDS} rounds of {CALLS} calls\n");
    println!("{:<36} {:>9} {:>9}", "", "a call", "over raw");
    for ((name, _), median) in variants.iter().zip(&medians) {
        println!("{name:<36} {median:>6.1} µs {:>+6.1} µs", median - base);
    }
    let ours = medians[medians.len() - 1];
    let allowed = (base + 40.0).max(base * 1.5);
    let mut met = verdict(
        "ratio",
        ours / base,
        ours <= allowed,
        &format!("{allowed:.1} µs"),
    );

    let late = overshoot(&runtime);
    met &= verdict(
        "\nwait in a host call under a deadline of 200 ms, ms",
        late,
        late < 250.0,
        "250 ms",
    );
    if !met {
        std::process::exit(1);
    }
}

/// Wall time of a guest that sleeps for ever, by the outcome's own usage, in milliseconds: the worst of a few.
fn overshoot(runtime: &tokio::runtime::Runtime) -> f64 {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/target/guests/probes/sleep.wasm"
    );
    let mut limits = Limits::default();
    limits.deadline = Duration::from_millis(200);
    let session = Session::with_limits(limits);
    let bytes = std::fs::read(path).unwrap();
    session
        .add(Tool::load(&Engine::new().unwrap(), "sleep", &bytes).unwrap())
        .unwrap();
    let wall = |_| {
        let outcome = runtime.block_on(session.call("sleep_forever", serde_json::json!({})));
        assert_eq!(outcome.code, Code::DeadlineExceeded, "{}", outcome.text());
        outcome.usage.wall
    };
    (0..5).map(wall).max().unwrap().as_secs_f64() * 1e3
}

fn verdict(what: &str, figure: f64, met: bool, most: &str) -> bool {
    println!(
        "{what}: {figure:.2}; at most {most}: {}",
        if met { "met" } else { "NOT MET" }
    );
    met
}
