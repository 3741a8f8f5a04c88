//! Everything that reads components, on one input. What does not hold is a panic.

use bailiwick_contract::audit::{Audit, findings};
use bailiwick_contract::compare::{Side, compare};
use bailiwick_contract::lock::{Entry, Lock};
use bailiwick_contract::pack::pack;
use bailiwick_contract::{Contract, Error, json, spelled, visible, wit};

use crate::component::contracts;
use crate::inputs::Input;

pub(crate) fn read(input: &Input) {
    let bytes = &input.bytes;
    let contract = Contract::read(bytes);
    let audit = Audit::read("tool", bytes);
    assert_eq!(
        contract.as_ref().err(),
        audit.as_ref().err(),
        "audit and contract disagree"
    );
    print(bytes, contract.as_ref().err());
    if bytes.len() < 100_000 {
        // Whatever the world is, the answer is a component or an error.
        if let Ok(packed) = pack(bytes, &contracts(), "bailiwick:files/tool") {
            Contract::read(&packed.bytes).expect("what was packed can be read");
        }
    }
    let (Ok(contract), Ok(audit)) = (contract, audit) else {
        return;
    };
    tell(&contract);
    check(&audit);
    let side = Side::read("tool", bytes).expect("it was read before");
    let same = compare(&side, &side);
    assert_eq!((same.impact, same.differences.len()), (None, 0));
    if let Ok(before) = Side::read("tool", &input.before) {
        let forth = compare(&before, &side);
        let back = compare(&side, &before);
        assert_eq!(
            forth.impact.is_none(),
            back.impact.is_none(),
            "one way only"
        );
    }
}

fn print(bytes: &[u8], refused: Option<&Error>) {
    let printed = match wit::print(bytes) {
        Ok(printed) => printed,
        Err(Error::WitTooLarge) => return,
        Err(_) => {
            assert!(refused.is_some(), "it is read, and cannot be printed");
            return;
        }
    };
    assert_eq!(visible::text(&printed), printed, "something is hidden");
    let mut resolve = wit_parser::Resolve {
        all_features: true,
        ..Default::default()
    };
    if let Err(error) = resolve.push_source("printed.wit", &printed) {
        panic!("what is printed does not parse: {error:?}\n{printed}");
    }
}

fn tell(contract: &Contract) {
    for function in &contract.functions {
        let schemas = [function.input_schema(), function.output_schema()];
        let told = schemas.iter().map(|schema| schema.to_string().len());
        let line = spelled::function(function);
        assert!(told.sum::<usize>() + function.signature().len() <= 1 << 20);
        assert!(line.len() <= function.signature().len() && !line.is_empty());
        let example = function.example();
        assert!(example.to_string().len() <= 20 << 10);
        for example in &function.docs.examples {
            let lowered = json::lower(&mut json::Check, function, example.clone());
            lowered.expect("an example fits");
        }
    }
}

fn check(audit: &Audit) {
    let json = serde_json::to_string(audit).expect("an audit is JSON");
    assert!(json.len() <= 256 << 20);
    for finding in &audit.findings {
        let known = findings::CODES
            .iter()
            .find(|known| known.code == finding.code);
        let known = known.unwrap_or_else(|| panic!("unknown code {}", finding.code));
        assert_eq!(known.severity, finding.severity, "{}", finding.code);
    }
    let entry = Entry::of(audit);
    assert_eq!(entry.verify("tool", audit, false, "2026-11-23"), []);
    let mut lock = Lock {
        version: bailiwick_contract::lock::VERSION,
        tools: Default::default(),
    };
    lock.put("tool", entry);
    if let Ok(text) = lock.to_text() {
        assert_eq!(Lock::parse(&text).expect("a lock can be read"), lock);
    }
}
