//! What an audit costs: `bailiwick audit` of a component of 25 MB, beside `wasm-tools component wit` of the same file, in one run.
//!
//! The component is the Python guest of the tests, with core modules of its own once more, until it is that large. Both are measured as
//! processes, with what it takes to start them. `WASM_TOOLS` names the program; without it there is no baseline.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench stands at the edge, and one that panics fails"
)]

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

const ROUNDS: usize = 7;

/// How large the component is made.
const SIZE: usize = 25_000_000;

/// The most that an audit of it may take, in seconds.
const MOST: f64 = 2.0;

/// The section of a component that is a core module (component model, Binary.md).
const CORE_MODULE: u8 = 1;

/// The bytes of a component's header.
const HEADER: usize = 8;

fn main() -> ExitCode {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    let python = target.join("guests/py/desk.wasm");
    let Ok(component) = std::fs::read(&python) else {
        println!(
            "NOT MEASURED: the Python guest is not there; `cargo xtask test --step python` builds it"
        );
        return ExitCode::FAILURE;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large.wasm");
    let component = enlarged(component);
    std::fs::write(&file, &component).unwrap();
    println!("{} bytes", component.len());

    let mut commands = vec![vec![
        env!("CARGO_BIN_EXE_bailiwick").to_owned(),
        "audit".into(),
        file.to_str().unwrap().into(),
    ]];
    match std::env::var("WASM_TOOLS") {
        Ok(program) => commands.push(vec![
            program,
            "component".into(),
            "wit".into(),
            file.to_str().unwrap().into(),
        ]),
        Err(_) => println!("NO BASELINE: WASM_TOOLS does not name wasm-tools"),
    }
    let mut times = vec![Vec::new(); commands.len()];
    for round in 0..=ROUNDS {
        for (command, times) in commands.iter().zip(&mut times) {
            let start = Instant::now();
            let status = Command::new(&command[0])
                .args(&command[1..])
                .stdout(Stdio::null())
                .status()
                .unwrap();
            assert!(status.success(), "{}", command[0]);
            // The first warms up.
            if round > 0 {
                times.push(start.elapsed().as_secs_f64());
            }
        }
    }
    let medians: Vec<f64> = times
        .into_iter()
        .map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        })
        .collect();
    let audit = medians[0];
    let met = audit < MOST;
    let verdict = if met { "met" } else { "NOT MET" };
    println!("bailiwick audit: {audit:.2} s; under {MOST:.0} s: {verdict}");
    if let Some(wit) = medians.get(1) {
        println!(
            "wasm-tools component wit: {wit:.2} s, ratio {:.2}",
            audit / wit
        );
    }
    if met {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The component with its largest core module at its end, as often as it takes. Nothing instantiates it there.
fn enlarged(mut component: Vec<u8>) -> Vec<u8> {
    let mut largest = 0..0;
    let mut at = HEADER;
    while at < component.len() {
        let (size, from) = leb(&component, at + 1);
        let end = from + size;
        if component[at] == CORE_MODULE && end - at > largest.len() {
            largest = at..end;
        }
        at = end;
    }
    let module = component[largest].to_vec();
    while component.len() < SIZE {
        component.extend(&module);
    }
    component
}

/// An unsigned LEB128 number, and where it ends.
fn leb(bytes: &[u8], mut at: usize) -> (usize, usize) {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = bytes[at];
        number |= usize::from(byte & 127) << shift;
        at += 1;
        shift += 7;
        if byte & 128 == 0 {
            return (number, at);
        }
    }
}
