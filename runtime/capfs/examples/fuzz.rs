//! The model of `tests/model` on any bytes: `fuzz < INPUT` for a fuzzer, `fuzz --seeds N [FROM]` for a long run. It ends with a panic
//! that says what differs.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "a test makes its own files, and has failed when it cannot"
)]

#[path = "../tests/model/bytes.rs"]
mod bytes;
#[path = "../tests/model/drive.rs"]
mod drive;
#[path = "../tests/model/memory.rs"]
mod memory;
#[path = "../tests/model/operations.rs"]
mod operations;
#[path = "../tests/model/seeds.rs"]
mod seeds;
#[path = "../tests/model/shown.rs"]
mod shown;

use std::io::Read;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| args.get(at).and_then(|text| text.parse::<u64>().ok());
    match (args.first().map(String::as_str), number(1)) {
        (None, _) => {
            let mut data = Vec::new();
            std::io::stdin().read_to_end(&mut data).unwrap();
            let done = drive::check(&data);
            println!("{} operations", done.iter().sum::<usize>());
        }
        (Some("--seeds"), Some(count)) => {
            let from = number(2).unwrap_or(0);
            for seed in from..from.saturating_add(count) {
                if std::panic::catch_unwind(|| drive::check(&seeds::bytes(seed))).is_err() {
                    eprintln!("seed {seed}");
                    return ExitCode::FAILURE;
                }
            }
            println!("{count} seeds, 0 differences");
        }
        _ => {
            eprintln!("usage: fuzz < INPUT, or fuzz --seeds N [FROM]");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
