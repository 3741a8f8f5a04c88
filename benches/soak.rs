//! Calls of every kind and every end, all mixed, by the hundred thousand: what the process has afterwards beside what it had after the first.
//!
//! `cargo xtask soak calls` runs it. Prints the ends, the figures, and how many leaks there were.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    missing_docs,
    reason = "a long run of a test stands at the edge, and one that panics fails"
)]

#[path = "../tests/guests.rs"]
#[allow(dead_code, unused_imports, reason = "the tests need more of it")]
mod guests;

#[path = "../tests/attacks"]
mod attacks {
    pub(crate) mod mixed;
    #[allow(dead_code, reason = "the tests need more of it")]
    pub(crate) mod process;
}

use std::process::ExitCode;
use std::time::Instant;

use attacks::mixed::{Has, Mixed};

/// Calls, when nothing is said.
const CALLS: u64 = 100_000;

/// How many of them come before the first look, as a part: what a process takes once is taken by then.
const FIRST: u64 = 20;

fn main() -> ExitCode {
    // Cargo adds a word of its own.
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    let Ok(calls) = words.next().map_or(Ok(CALLS), |word| word.parse::<u64>()) else {
        eprintln!("usage: soak [CALLS]");
        return ExitCode::from(2);
    };
    let start = Instant::now();
    let report = Mixed::new(1).run((calls / FIRST).max(500), calls);
    for (code, count) in &report.codes {
        println!("{code:<20} {count:>8}");
    }
    println!("{:<20} {:>8}\n", "dropped", report.dropped);
    for (when, has) in [("before", report.before), ("after", report.after)] {
        let Has {
            descriptors,
            threads,
            resident,
        } = has;
        let mib = resident as f64 / f64::from(1 << 20);
        println!("{when:<7} {descriptors} descriptors, {threads} threads, {mib:.1} MiB");
    }
    println!(
        "{} lines written by calls that ended well, {} found; {:.1} s",
        report.written,
        report.found,
        start.elapsed().as_secs_f64()
    );
    let leaks = report.leaks();
    for leak in &leaks {
        println!("leak: {leak}");
    }
    println!("{calls} calls, {} leaks", leaks.len());
    if leaks.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
