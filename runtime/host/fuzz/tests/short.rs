//! A few hundred inputs of the fuzzer, always the same: nothing panics, nothing ends the process, nothing uses more than it may.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test starts programs"
)]

use std::path::Path;
use std::process::Command;

#[test]
fn a_few_hundred_inputs_find_nothing() {
    let program = Path::new(env!("CARGO_BIN_EXE_bailiwick-host-fuzz"));
    // The guests that are built stand beside it.
    let target = program.ancestors().nth(2).unwrap();
    let output = Command::new(program)
        .args(["--inputs", "300", "--seed", "7"])
        .arg(target.join("guests/probes"))
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/probes/wat"))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
    assert_eq!(
        said, "300 inputs, 0 panics, 0 aborts, 0 overruns (seed 7)\n",
        "{errors}"
    );
}
