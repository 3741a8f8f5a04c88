//! Works without end, too deep, or into a trap: it must end as `fuel-exhausted` or `deadline-exceeded`, as
//! `stack-exhausted`, or as `trapped`, and what it used before must be charged.

use std::hint::black_box;

#[allow(clippy::all, missing_docs, unreachable_pub)]
mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "probe:spin/probe" });
}

struct Probe;

/// Work that no compiler does ahead.
fn work(rounds: u64) -> u64 {
    let mut state = black_box(0x9E37_79B9_7F4A_7C15_u64);
    for _ in 0..rounds {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    black_box(state)
}

/// Calls itself `levels` times. Through a pointer that the compiler cannot see through, so that every level has a
/// frame.
fn deeper(levels: u64) -> u64 {
    if levels == 0 {
        return 0;
    }
    let next: fn(u64) -> u64 = black_box(deeper);
    next(levels - 1).wrapping_add(1)
}

impl bindings::Guest for Probe {
    fn forever() {
        loop {
            work(1_000);
        }
    }

    fn burn(rounds: u64) -> u64 {
        work(rounds)
    }

    fn trap(rounds: u64) {
        work(rounds);
        #[cfg(target_arch = "wasm32")]
        core::arch::wasm32::unreachable();
    }

    fn panic(rounds: u64, message: String) {
        work(rounds);
        panic!("{message}");
    }

    fn recurse(levels: u64) -> u64 {
        deeper(levels)
    }
}

bindings::export!(Probe with_types_in bindings);
