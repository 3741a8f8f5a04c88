//! What a log costs a call: `Session::call` of an echo without one and with one, in one run, and with another process's worth of writers beside
//! it. The log is in a temporary folder.
//!
//! Rounds take turns, so that whatever else the machine does hits all alike; the figure of each is the median of its rounds.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench stands at the edge, and one that panics fails"
)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bailiwick_host::{Code, Engine, Log, Outcome, Session, Tool, ambient_authority};
use serde_json::json;

/// Calls in one round, and rounds.
const CALLS: u32 = 500;
const ROUNDS: usize = 41;

fn main() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/target/guests/probes/echo.wasm"
    );
    let bytes = std::fs::read(path).expect("run `cargo xtask bench log`, which builds the guests");
    let tool = Tool::load(&Engine::new().unwrap(), "echo", &bytes).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let log = Log::open_ambient(&folder.path().join("log"), ambient_authority()).unwrap();
    let (without, with) = (Session::new(), Session::new());
    without.add(tool.clone()).unwrap();
    with.set_log(log.clone());
    with.add(tool).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let call = |session: &Session| {
        let text = "x".repeat(100);
        let outcome = runtime.block_on(session.call("echo_echo", json!({ "text": text })));
        assert_eq!(outcome.code, Code::Ok);
    };
    // As the command line records what it refuses: the record alone.
    let refused = Outcome::refused(
        "echo_no",
        Code::UnknownTool,
        "there is no tool `echo_no`",
        None,
    );
    let record = || assert!(log.refused(&refused));
    let round = |run: &dyn Fn()| {
        let start = Instant::now();
        for _ in 0..CALLS {
            run();
        }
        start.elapsed() / CALLS
    };
    let variants: [(&str, &dyn Fn()); 3] = [
        ("call, no log", &|| call(&without)),
        ("call, log", &|| call(&with)),
        ("record alone", &record),
    ];
    println!("echo of 100 bytes, median of {ROUNDS} rounds of {CALLS}\n");
    let quiet = medians(&variants, &round);
    for ((name, _), median) in variants.iter().zip(&quiet) {
        println!("{name:<36} {:>7.1} µs", micros(*median));
    }
    println!(
        "{:<36} {:>+7.1} µs",
        "log over none",
        micros(quiet[1]) - micros(quiet[0])
    );
    // Another log over the same folder locks as another process does.
    let done = AtomicBool::new(false);
    let busy = std::thread::scope(|scope| {
        scope.spawn(|| {
            let path = folder.path().join("log");
            let other = Log::open_ambient(&path, ambient_authority()).unwrap();
            while !done.load(Ordering::Relaxed) {
                other.refused(&refused);
            }
        });
        let busy = medians(&variants[1..], &round);
        done.store(true, Ordering::Relaxed);
        busy
    });
    println!(
        "{:<36} {:>7.1} µs",
        "call, log that another writes to",
        micros(busy[0])
    );
    let start = Instant::now();
    let verified = log.verify().unwrap();
    let took = start.elapsed();
    println!(
        "verify: {} records in {:.0} ms; {} could not be written",
        verified.records,
        took.as_secs_f64() * 1e3,
        log.failures()
    );
}

fn medians(variants: &[(&str, &dyn Fn())], round: &dyn Fn(&dyn Fn()) -> Duration) -> Vec<Duration> {
    let mut times = vec![Vec::new(); variants.len()];
    for _ in 0..ROUNDS {
        for ((_, run), times) in variants.iter().zip(&mut times) {
            times.push(round(run));
        }
    }
    times
        .into_iter()
        .map(|mut times| {
            times.sort();
            times[times.len() / 2]
        })
        .collect()
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
