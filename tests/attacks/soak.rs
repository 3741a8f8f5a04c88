//! Calls of every kind and every end, all mixed: afterwards the process has what it had before.

use crate::attacks::alone::alone;
use crate::attacks::mixed::{Mixed, SLACK};

/// Calls before it is looked at what there is, and calls then. `cargo xtask soak calls` makes a hundred thousand.
const FIRST: u64 = 500;
const CALLS: u64 = 2_000;

#[test]
fn two_thousand_mixed_calls_leave_nothing() {
    if !alone("attacks::soak::two_thousand_mixed_calls_leave_nothing") {
        return;
    }
    let mixed = Mixed::new(1);
    let report = mixed.run(FIRST, CALLS);
    assert_eq!(report.leaks(), Vec::<String>::new(), "{report:?}");
    assert!(report.after.resident <= report.before.resident + SLACK);
    // Each kind of end was among them.
    assert!(report.codes.len() >= 10, "{:?}", report.codes);
    assert_eq!(report.codes.values().sum::<u64>() + report.dropped, CALLS);
}
