//! What a search costs: `files_grep` through `Session::call`, beside Debian's ripgrep with one thread, over the same tree, in the same run.
//!
//! The tree is a copy of the sources of this project's own dependencies, from cargo's registry folder. ripgrep's time is that
//! of its process; ours is that of the call, of a tool that is loaded.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench stands at the edge, and one that panics fails"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use bailiwick_host::{Code, Engine, Grant, Limits, Rights, Session, Tool, ambient_authority};
use serde_json::{Value, json};

const ROUNDS: usize = 9;

/// Where cargo keeps the sources of the packages whose names begin so.
fn sources(prefixes: &[&str]) -> Vec<PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .filter(|package| !package["source"].is_null())
        .filter(|package| {
            let name = package["name"].as_str().unwrap();
            prefixes.iter().any(|prefix| name.starts_with(prefix))
        })
        .map(|package| PathBuf::from(package["manifest_path"].as_str().unwrap()))
        .map(|manifest| manifest.parent().unwrap().to_owned())
        .collect()
}

fn copy(from: &Path, to: &Path) -> usize {
    std::fs::create_dir_all(to).unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            files += copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
            files += 1;
        }
    }
    files
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e3
}

fn main() {
    let tree = tempfile::tempdir().unwrap();
    let packages = sources(&[
        "wasmtime",
        "cranelift",
        "wit-",
        "wasm",
        "tokio",
        "regex",
        "serde",
        "rustix",
    ]);
    let files: usize = packages
        .iter()
        .map(|package| copy(package, &tree.path().join(package.file_name().unwrap())))
        .sum();
    assert!(files >= 1_000, "the tree has only {files} files");

    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/target/release/tools/files.wasm"
    );
    let bytes = std::fs::read(path).expect("run `cargo xtask bench grep`, which builds the tools");
    let mut limits = Limits::default();
    limits.fuel = 100_000_000_000;
    limits.deadline = Duration::from_secs(100);
    let session = Session::with_limits(limits);
    session
        .add(Tool::load(&Engine::new().unwrap(), "files", &bytes).unwrap())
        .unwrap();
    let grant = Grant::open_ambient(tree.path(), Rights::READ, ambient_authority()).unwrap();
    session.grant("src", grant).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();

    println!(
        "grep over {files} files of {} packages, median of {ROUNDS} rounds\n",
        packages.len()
    );
    println!(
        "{:<28} {:>8} {:>10} {:>10} {:>6}",
        "pattern", "lines", "ripgrep", "files", "ratio"
    );
    let mut worst: f64 = 0.0;
    for pattern in [
        "unsafe fn",
        "fn [a-z_]+_mut\\(",
        "(?i)todo|fixme",
        "nowhere-to-be-found",
    ] {
        let (mut theirs, mut ours) = (Vec::new(), Vec::new());
        let mut lines = (0, 0);
        for round in 0..=ROUNDS {
            let start = Instant::now();
            let output = Command::new("rg")
                .args([
                    "-j1",
                    "--no-config",
                    "--no-require-git",
                    "-n",
                    "--",
                    pattern,
                    ".",
                ])
                .current_dir(tree.path())
                .output()
                .expect("ripgrep is not there: `apt-get install ripgrep`");
            let rg = start.elapsed();
            lines.0 = output.stdout.iter().filter(|&&byte| byte == b'\n').count();

            let arguments = json!({ "dir": "/src", "pattern": pattern, "max_matches": 100_000 });
            let start = Instant::now();
            let outcome = runtime.block_on(session.call("files_grep", arguments));
            let call = start.elapsed();
            assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
            lines.1 = outcome.result.unwrap()["total"].as_u64().unwrap() as usize;
            // The first round warms up.
            if round > 0 {
                theirs.push(rg);
                ours.push(call);
            }
        }
        assert_eq!(lines.0, lines.1, "the two do not find the same lines");
        let (rg, call) = (median(theirs), median(ours));
        worst = worst.max(call / rg);
        println!(
            "{pattern:<28} {:>8} {rg:>7.1} ms {call:>7.1} ms {:>6.2}",
            lines.1,
            call / rg
        );
    }
    let met = worst <= 4.0;
    println!(
        "\nworst ratio {worst:.2}; at most 4: {}",
        if met { "met" } else { "NOT MET" }
    );
    if !met {
        std::process::exit(1);
    }
}
