//! What files cost: small ones opened and read, and a large one read to its end, through our handles, through our `wasi:filesystem`, and
//! through wasmtime-wasi's own in plain wasmtime, in one run. Then what the layers cost: a call that changes three files in a
//! large tree beside one in a small tree.
//!
//! Prints tables and ratios. Rounds of all variants take turns, so that whatever else the machine does hits all alike; the
//! figure of each is the median of its rounds.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench stands at the edge, and one that panics fails"
)]

use std::fs;
use std::path::Path;

use bailiwick_host::{
    Code, Grant, GrantOptions, Rights, Session, State, Writes, ambient_authority,
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

#[path = "parts/files.rs"]
mod files;
#[path = "parts/turns.rs"]
mod turns;

use files::{Raw, add_tools, limits, reader};
use turns::{rounds, verdict};

/// Files opened and read in one call, and how much of each.
const COUNT: u32 = 1_000;
const SMALL: u32 = 4 << 10;

/// The large file, and how much the guest asks for at a time.
const LARGE: u64 = 64 << 20;
const PIECE: u32 = 1 << 20;

/// Files in a directory of the trees, and directories in the large one. The small one has one.
const FILES: usize = 100;
const DIRECTORIES: usize = 1_000;

const ROUNDS: usize = 15;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let met = reading(&runtime) & changing(&runtime);
    if !met {
        std::process::exit(1);
    }
}

/// Whether reading costs what it may.
fn reading(runtime: &Runtime) -> bool {
    let data = tempfile::tempdir().unwrap();
    fs::write(data.path().join("small"), vec![b'x'; SMALL as usize]).unwrap();
    fs::write(data.path().join("large"), vec![b'x'; LARGE as usize]).unwrap();
    let raw = Raw::new(data.path(), false);
    let blocking = Raw::new(data.path(), true);
    let ours = reader(data.path());
    let (state, _folder) = state();
    let writer = writer(data.path(), &state, Writes::Apply);

    let small = || json!({ "dir": "/data", "path": "small", "count": COUNT, "max": SMALL });
    let small_path = || json!({ "path": "/data/small", "count": COUNT, "max": SMALL });
    let bytes = u64::from(COUNT) * u64::from(SMALL);
    let called = |session: &Session, function: &str, arguments: Value, bytes: u64| {
        assert_eq!(call(runtime, session, function, arguments), json!(bytes));
    };
    let medians = rounds(
        ROUNDS,
        &mut [
            (
                "wasmtime-wasi",
                Box::new(|| assert_eq!(raw.open(runtime, COUNT, SMALL), bytes)),
            ),
            (
                "wasmtime-wasi, on the current thread",
                Box::new(|| assert_eq!(blocking.open(runtime, COUNT, SMALL), bytes)),
            ),
            (
                "our wasi:filesystem",
                Box::new(|| called(&ours, "io-paths_open_often", small_path(), bytes)),
            ),
            (
                "our handles",
                Box::new(|| called(&ours, "io-handles_open_often", small(), bytes)),
            ),
            (
                "our handles, in one step (read-files)",
                Box::new(|| called(&ours, "io-handles_whole_often", small(), bytes)),
            ),
            (
                "our wasi:filesystem, in a layer",
                Box::new(|| called(&writer, "io-paths_open_often", small_path(), bytes)),
            ),
            (
                "our handles, in a layer",
                Box::new(|| called(&writer, "io-handles_open_often", small(), bytes)),
            ),
        ],
    );
    println!("open, read 4 KiB and close, {COUNT} times a call, median of {ROUNDS} rounds\n");
    table(&medians, f64::from(COUNT), "µs", 1e6);
    let [own, current, paths, handles, whole, ..] = figures::<7>(&medians);
    let mut met = verdict("our handles / wasmtime-wasi", handles / own, 0.25);
    met &= verdict(
        "our handles / wasmtime-wasi on the current thread",
        handles / current,
        0.6,
    );
    // The same with the one function of our interface that opens and reads.
    met &= verdict(
        "our handles, in one step / wasmtime-wasi on the current thread",
        whole / current,
        0.6,
    );
    met &= verdict(
        "our wasi:filesystem / wasmtime-wasi on the current thread",
        paths / current,
        1.0,
    );

    let large = || json!({ "file": "/data/large", "piece": PIECE });
    let large_path = || json!({ "path": "/data/large", "piece": PIECE });
    let medians = rounds(
        ROUNDS,
        &mut [
            (
                "wasmtime-wasi",
                Box::new(|| assert_eq!(raw.read(runtime, PIECE), LARGE)),
            ),
            (
                "wasmtime-wasi, on the current thread",
                Box::new(|| assert_eq!(blocking.read(runtime, PIECE), LARGE)),
            ),
            (
                "our wasi:filesystem",
                Box::new(|| called(&ours, "io-paths_read_through", large_path(), LARGE)),
            ),
            (
                "our handles",
                Box::new(|| called(&ours, "io-handles_read_through", large(), LARGE)),
            ),
            (
                "our wasi:filesystem, in a layer",
                Box::new(|| called(&writer, "io-paths_read_through", large_path(), LARGE)),
            ),
            (
                "our handles, in a layer",
                Box::new(|| called(&writer, "io-handles_read_through", large(), LARGE)),
            ),
        ],
    );
    println!("\nread 64 MiB in order, 1 MiB at a time, median of {ROUNDS} rounds\n");
    table(&medians, 1.0, "ms", 1e3);
    let [own, current, paths, handles, ..] = figures::<6>(&medians);
    let theirs = own.min(current);
    met &= verdict(
        "our handles / the faster of wasmtime-wasi's",
        handles / theirs,
        1.0,
    );
    met &= verdict(
        "our wasi:filesystem / the faster of wasmtime-wasi's",
        paths / theirs,
        1.0,
    );
    met
}

/// Whether a change costs the same in a large tree as in a small one.
fn changing(runtime: &Runtime) -> bool {
    let (small, large) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    plant(small.path(), 1);
    plant(large.path(), DIRECTORIES);
    let (state, _folder) = state();
    let mut met = true;
    for (said, writes) in [("apply", Writes::Apply), ("review", Writes::Review)] {
        let in_small = writer(small.path(), &state, writes);
        let in_large = writer(large.path(), &state, writes);
        let (mut small_text, mut large_text) = (said.to_owned(), said.to_owned());
        let change = |session: &Session, text: &mut String| {
            // Never what is there already.
            text.push('.');
            let arguments = json!({ "dir": "/data", "paths": ["0/0", "0/1", "0/2"], "text": text });
            call(runtime, session, "io-handles_change", arguments);
        };
        let medians = rounds(
            ROUNDS,
            &mut [
                (
                    "in a tree of 100",
                    Box::new(|| change(&in_small, &mut small_text)),
                ),
                (
                    "in a tree of 100,000",
                    Box::new(|| change(&in_large, &mut large_text)),
                ),
            ],
        );
        println!("\na call that changes 3 files, `{said}`, median of {ROUNDS} rounds\n");
        table(&medians, 1.0, "ms", 1e3);
        let [few, many] = figures::<2>(&medians);
        met &= verdict(
            &format!("a large tree / a small one, `{said}`"),
            many / few,
            1.5,
        );
    }
    met
}

/// Directories of files that a call can change.
fn plant(root: &Path, directories: usize) {
    for directory in 0..directories {
        let directory = root.join(directory.to_string());
        fs::create_dir(&directory).unwrap();
        for file in 0..FILES {
            fs::write(directory.join(file.to_string()), "as it was").unwrap();
        }
    }
}

/// A session that may change a folder.
fn writer(folder: &Path, state: &State, writes: Writes) -> Session {
    let session = Session::with_state(limits(), state).unwrap();
    add_tools(&session);
    let grant = Grant::open_ambient(folder, Rights::READ_WRITE, ambient_authority()).unwrap();
    let options = GrantOptions::default().writes(writes);
    session.grant_with("data", grant, &options).unwrap();
    session.mount("data").unwrap();
    session
}

/// A state folder on the filesystem of the trees.
fn state() -> (State, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (state, _) =
        State::open_ambient(&folder.path().join("state"), ambient_authority()).unwrap();
    (state, folder)
}

fn call(runtime: &Runtime, session: &Session, function: &str, arguments: Value) -> Value {
    let outcome = runtime.block_on(session.call(function, arguments));
    assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
    outcome.result.unwrap_or_default()
}

fn table(medians: &[(&str, f64)], times: f64, unit: &str, scale: f64) {
    let first = medians[0].1;
    for (name, median) in medians {
        println!(
            "{name:<40} {:>9.2} {unit} {:>6.2}",
            median / times * scale,
            median / first
        );
    }
    println!();
}

fn figures<const N: usize>(medians: &[(&str, f64)]) -> [f64; N] {
    std::array::from_fn(|place| medians[place].1)
}
