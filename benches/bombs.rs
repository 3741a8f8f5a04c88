//! Compile bombs: how long a host waits for each that may compile for 5 s, and how much memory it takes meanwhile, the compiler's process not
//! counted.
//!
//! Each is loaded by a process of its own, as a host would: it reads the file and asks for the tool. Beside them the shipped `files`, which is a
//! component that compiles.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench stands at the edge, and one that panics fails"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use bailiwick_host::compile::{Child, CompileLimits, Compiler};
use bailiwick_host::{Compiling, Engine, Tool};

#[path = "../tests/bombs.rs"]
mod bombs;

/// What compiling may take, and what a host may take because of it.
const TIME: Duration = Duration::from_secs(5);
const WITHIN: Duration = Duration::from_secs(6);
const MEMORY: u64 = 200 << 20;

/// The word that says that this process is the host.
const HOST: &str = "--host";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    if let Some(at) = words.iter().position(|word| word == HOST) {
        return host(Path::new(&words[at + 1]));
    }
    let folder = tempfile::tempdir().unwrap();
    let mut all: Vec<(&str, Vec<u8>)> = bombs::three().into();
    let files = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/target/release/tools/files.wasm"
    );
    let files =
        std::fs::read(files).expect("run `cargo xtask bench bombs`, which builds the tools");
    all.push(("files, which is none", files));
    println!("loaded with {} s to compile\n", TIME.as_secs());
    println!(
        "{:<28} {:>9} {:>8} {:>10}  ended",
        "", "size", "wall", "peak RSS"
    );
    let mut met = true;
    for (name, bytes) in &all {
        let path = folder.path().join("it.wasm");
        std::fs::write(&path, bytes).unwrap();
        let program = std::env::current_exe().unwrap();
        let output = Command::new(program).arg(HOST).arg(&path).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let mut said = said.trim_end().splitn(3, ' ');
        let mut next = || said.next().unwrap_or("0");
        let (wall, peak) = (
            next().parse::<f64>().unwrap(),
            next().parse::<u64>().unwrap(),
        );
        let ended = next().to_owned();
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        println!(
            "{name:<28} {:>5.1} MiB {wall:>6.2} s {:>6.1} MiB  {ended}",
            mib(bytes.len() as u64),
            mib(peak)
        );
        met &= wall <= WITHIN.as_secs_f64() && peak <= MEMORY && output.status.success();
    }
    println!(
        "\nat most {} s and {} MiB, by an error or as a tool: {}",
        WITHIN.as_secs(),
        MEMORY >> 20,
        if met { "met" } else { "NOT MET" }
    );
    ExitCode::from(u8::from(!met))
}

/// Loads a component as a host does, and says how long that took, how much memory, and how it ended.
fn host(path: &Path) -> ExitCode {
    // The program beside the benches.
    let program = PathBuf::from(env!("CARGO_BIN_EXE_bailiwick"));
    let mut limits = CompileLimits::default();
    limits.time = TIME;
    let child = Child::new(program, vec!["compile-for-parent".into()], limits);
    let mut compiling = Compiling::default();
    compiling.compiler = Compiler::Child(child);
    let engine = Engine::with(compiling).unwrap();
    let start = Instant::now();
    let bytes = std::fs::read(path).unwrap();
    let ended = match Tool::load(&engine, "it", &bytes) {
        Ok(_) => "a tool".to_owned(),
        Err(error) => error.to_string(),
    };
    let wall = start.elapsed();
    println!("{} {} {ended}", wall.as_secs_f64(), peak());
    ExitCode::SUCCESS
}

/// The most memory that this process has had, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib << 10
}
