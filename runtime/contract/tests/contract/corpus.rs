//! Every file of `tests/corpus` is an answer or an error. There are components that are made to be hard to read, and what fuzzing found.
#![allow(
    clippy::disallowed_methods,
    reason = "the files of the tests are opened where they are"
)]

use std::path::Path;

use bailiwick_contract::audit::Audit;
use bailiwick_contract::compare::{Side, compare};
use bailiwick_contract::{Contract, wit};

use crate::printing::parsed;

#[test]
fn each_is_an_answer_or_an_error() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let (mut answers, mut errors) = (0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "wasm") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let contract = Contract::read(&bytes);
        let audit = Audit::read("tool", &bytes);
        assert_eq!(contract.err(), audit.err(), "{}", path.display());
        if let Ok(text) = wit::print(&bytes) {
            parsed(&text);
        }
        match Side::read("tool", &bytes) {
            Ok(side) => {
                assert_eq!(compare(&side, &side).impact, None, "{}", path.display());
                answers += 1;
            }
            Err(_) => errors += 1,
        }
    }
    assert!(answers > 0 && errors > 0, "{answers} {errors}");
}
