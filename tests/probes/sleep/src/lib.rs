//! Waits in a host call, where no fuel is used: it must end as `deadline-exceeded`, at the deadline.

use std::thread;
use std::time::Duration;

#[allow(clippy::all, missing_docs, unreachable_pub)]
mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "probe:sleep/probe" });
}

struct Probe;

impl bindings::Guest for Probe {
    fn sleep(ms: u64) {
        thread::sleep(Duration::from_millis(ms));
    }

    fn forever() {
        loop {
            thread::sleep(Duration::from_secs(3_600));
        }
    }
}

bindings::export!(Probe with_types_in bindings);
