//! What sealing costs: the shipped tools as they are built, sealed, beside the same before that, in one run. In bytes, and in the time of a
//! call.
//!
//! Prints a table and ratios. Rounds of all variants take turns, so that whatever else the machine does hits all alike; the figure of each is
//! the median of its rounds.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench stands at the edge, and one that panics fails"
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bailiwick_host::{Code, Engine, Grant, Rights, Session, Tool, ambient_authority};
use serde_json::{Value, json};

/// Calls in one round, and rounds.
const CALLS: u32 = 200;
const ROUNDS: usize = 21;

/// The most that sealing may cost: in bytes, and as a ratio of the time of a call.
const MOST_BYTES: u64 = 64 << 10;
const MOST_TIME: f64 = 1.1;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let work = tempfile::tempdir().unwrap();
    std::fs::write(work.path().join("a.txt"), "one\ntwo\nthree\n").unwrap();
    let engine = Engine::new().unwrap();
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    let calls: [(&str, &str, Value); 2] = [
        ("files", "files_read", json!({ "file": "/work/a.txt" })),
        (
            "files",
            "files_grep",
            json!({ "dir": "/work", "pattern": "two" }),
        ),
    ];
    let mut met = true;
    for (tool, function, arguments) in calls {
        let paths: [PathBuf; 2] = [
            target.join(format!("guests/unsealed/{tool}.wasm")),
            target.join(format!("release/tools/{tool}.wasm")),
        ];
        let [before, after] = paths
            .each_ref()
            .map(|path| std::fs::metadata(path).unwrap().len());
        let sessions = paths.map(|path| {
            let session = Session::new();
            let bytes = std::fs::read(path).unwrap();
            session
                .add(Tool::load(&engine, tool, &bytes).unwrap())
                .unwrap();
            let grant =
                Grant::open_ambient(work.path(), Rights::READ, ambient_authority()).unwrap();
            session.grant("work", grant).unwrap();
            session
        });
        let mut times: [Vec<Duration>; 2] = Default::default();
        for round in 0..=ROUNDS {
            for (session, times) in sessions.iter().zip(&mut times) {
                let start = Instant::now();
                for _ in 0..CALLS {
                    let outcome = runtime.block_on(session.call(function, arguments.clone()));
                    assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
                }
                // The first warms up.
                if round > 0 {
                    times.push(start.elapsed() / CALLS);
                }
            }
        }
        let [unsealed, sealed] = times.map(|mut times| {
            times.sort();
            times[times.len() / 2].as_secs_f64() * 1e6
        });
        let (bytes, ratio) = (after.saturating_sub(before), sealed / unsealed);
        println!(
            "{function}: unsealed {unsealed:.1} µs, sealed {sealed:.1} µs, ratio {ratio:.2}; at most {MOST_TIME:.2}: {}",
            verdict(ratio <= MOST_TIME)
        );
        println!(
            "{tool}: unsealed {before} bytes, sealed {after}, {bytes} more; at most {MOST_BYTES}: {}",
            verdict(bytes <= MOST_BYTES)
        );
        met &= ratio <= MOST_TIME && bytes <= MOST_BYTES;
    }
    if !met {
        std::process::exit(1);
    }
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "NOT MET" }
}
