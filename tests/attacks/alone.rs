//! Tests that look at what a whole process has, its memory, its descriptors, its threads: each runs in a process of its own.

use std::process::Command;

/// Set in the process of its own, to the name of its one test.
const ALONE: &str = "BAILIWICK_TEST_ALONE";

/// Whether this is the process of its own of the test of this name. Otherwise runs it, and checks that it passed.
#[track_caller]
pub(crate) fn alone(test: &str) -> bool {
    if std::env::var_os(ALONE).is_some_and(|alone| *alone == *test) {
        return true;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(ALONE, test)
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{}: {said}", output.status);
    assert!(
        said.contains("1 passed"),
        "no test is called {test}: {said}"
    );
    false
}
