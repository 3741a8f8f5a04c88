//! Random operations on capfs and on a filesystem in memory, side by side: every result, every tree, and what is on disk after a call.
//!
//! `examples/fuzz.rs` runs the same on any bytes.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "a test makes its own files, and has failed when it cannot"
)]

mod bytes;
mod drive;
mod memory;
mod operations;
mod seeds;
mod shown;

/// Rounds of the test. The example takes any number.
const SEEDS: u64 = 150;

#[test]
fn what_capfs_does_is_what_memory_does() {
    let mut done = [0; drive::OPERATIONS];
    for seed in 0..SEEDS {
        match std::panic::catch_unwind(|| drive::check(&seeds::bytes(seed))) {
            Ok(more) => done
                .iter_mut()
                .zip(more)
                .for_each(|(sum, more)| *sum += more),
            Err(panic) => {
                eprintln!("seed {seed}");
                std::panic::resume_unwind(panic);
            }
        }
    }
    // Where everything is refused, nothing is compared.
    let least = done.iter().min().copied().unwrap_or_default();
    assert!(least >= 10, "how often each operation succeeded: {done:?}");
}
