//! What a call costs: `Session::call`, JSON in and JSON out with all bounds on, beside raw wasmtime with typed bindings, the
//! same engine settings, a fresh store and the same component, in one run. Then each bound switched on alone; a small file read in a call; sessions
//! side by side on all cores; and what a call that waits takes of the host's memory.
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
use std::sync::Arc;
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

#[path = "parts/files.rs"]
#[allow(dead_code, reason = "the bench of files needs more of it")]
mod files;
#[path = "call/live.rs"]
mod live;
#[path = "call/scale.rs"]
mod scale;
#[path = "parts/turns.rs"]
mod turns;

use files::probe;
use turns::verdict;

/// Bytes of a small file, and how often it is opened and read in one call.
const SMALL: u32 = 4 << 10;
const READS: u32 = 1_000;

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
    let bytes = probe("echo");
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
    let allowed = (base + 25.0).max(base * 1.3);
    println!("ratio: {:.2}", ours / base);
    let mut met = verdict("µs, beside raw + 25 or 1.3 times that", ours, allowed);

    met &= files(&runtime);
    met &= scaling(&session, engine, pre, &text, &json);

    let (host, pages) = live::measured(&runtime, &probe("sleep"));
    println!(
        "\n{} calls that wait: {:.1} KiB of pages each",
        live::LIVE,
        pages / 1024.0
    );
    met &= verdict("KiB of the host's memory each beside", host / 1024.0, 100.0);

    println!("\na wait without end in a host call, under a deadline of 200 ms");
    met &= verdict("ms", overshoot(&runtime), 250.0);
    if !met {
        std::process::exit(1);
    }
}

/// Whether files cost what they may: a call that opens and reads one of 4 KiB, and what each more costs in one call.
fn files(runtime: &tokio::runtime::Runtime) -> bool {
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("small"), vec![b'x'; SMALL as usize]).unwrap();
    let raw = files::Raw::new(data.path(), true);
    let ours = files::reader(data.path());
    let ours = |count: u32| {
        let arguments =
            serde_json::json!({ "dir": "/data", "path": "small", "count": count, "max": SMALL });
        let outcome = runtime.block_on(ours.call("io-handles_open_often", arguments));
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
    };
    let raw = |count| {
        black_box(raw.open(runtime, count, SMALL));
    };
    let figures = turns::rounds(
        15,
        &mut [
            (
                "wasmtime-wasi on the current thread",
                Box::new(|| raw(READS)),
            ),
            ("Session::call", Box::new(|| ours(READS))),
            ("", Box::new(|| (0..READS).for_each(|_| raw(1)))),
            ("", Box::new(|| (0..READS).for_each(|_| ours(1)))),
        ],
    );
    println!("\n4 KiB opened and read, {READS} times in one call, and in as many calls\n");
    let micros = |at: usize| figures[at].1 / f64::from(READS) * 1e6;
    for (at, (name, _)) in figures.iter().take(2).enumerate() {
        println!(
            "{name:<36} {:>6.2} µs {:>6.1} µs",
            micros(at),
            micros(at + 2)
        );
    }
    println!("ratio of whole calls: {:.2}", micros(3) / micros(2));
    verdict("ratio of reads", micros(1) / micros(0), 0.6)
}

/// Whether sixteen sessions use both cores.
fn scaling(
    first: &Session,
    engine: wasmtime::Engine,
    pre: EchoPre<State>,
    text: &str,
    json: &str,
) -> bool {
    let tools = first.tools();
    let sessions: Arc<Vec<Session>> = Arc::new(
        std::iter::repeat_with(|| {
            let session = Session::new();
            session.add(tools[0].clone()).unwrap();
            session
        })
        .take(scale::SIDE_BY_SIDE)
        .collect(),
    );
    let (text, json): (Arc<str>, Arc<str>) = (text.into(), json.into());
    let raw: scale::Way = Arc::new(move |_| {
        let (engine, pre, text) = (engine.clone(), pre.clone(), text.clone());
        Box::pin(async move {
            drop(black_box(
                raw(&engine, &pre, &text, Bounds::default()).await,
            ))
        })
    });
    let ours: scale::Way = Arc::new(move |number| {
        let (session, json) = (sessions[number].clone(), json.clone());
        Box::pin(async move { drop(black_box(session_call(&session, &json).await)) })
    });
    let [raw, ours] = scale::scaled(&scale::runtime(), [raw, ours]);
    println!(
        "\n{} sessions side by side, calls a second\n",
        scale::SIDE_BY_SIDE
    );
    println!("{:<36} {:>9} {:>9} {:>6}", "", "one", "all", "ratio");
    for (name, figures) in [("raw wasmtime", &raw), ("Session::call", &ours)] {
        let (alone, together) = (figures.alone, figures.together);
        println!(
            "{name:<36} {alone:>9.0} {together:>9.0} {:>6.2}",
            figures.ratio()
        );
    }
    let mut met = at_least("all / one", ours.ratio(), 1.6);
    met &= at_least(
        "of what raw wasmtime scales to",
        ours.ratio() / raw.ratio(),
        0.9,
    );
    met
}

fn at_least(what: &str, figure: f64, least: f64) -> bool {
    let met = figure >= least;
    let said = if met { "met" } else { "NOT MET" };
    println!("{what}: {figure:.2}; at least {least:.2}: {said}");
    met
}

/// Wall time of a guest that sleeps for ever, by the outcome's own usage, in milliseconds: the worst of a few.
fn overshoot(runtime: &tokio::runtime::Runtime) -> f64 {
    let mut limits = Limits::default();
    limits.deadline = Duration::from_millis(200);
    let session = Session::with_limits(limits);
    let bytes = probe("sleep");
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
