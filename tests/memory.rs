//! Memory and tables of a call: summed over its instances, exact at the limit, and the outcome when they are denied.

use bailiwick_host::{Code, Limits};
use serde_json::json;

use crate::bounds::{bound, limits, run_wat};
use crate::guests::{call, wat};

#[test]
fn memory_is_summed_over_instances_and_exact() {
    let text = wat("instances");
    let sum = 40 * 64 * 65_536;
    let outcome = run_wat(&text, "run", json!({}), Limits::default());
    bound(&outcome, Code::MemoryExceeded, Limits::default().memory);
    let outcome = run_wat(&text, "run", json!({}), limits(|l| l.memory = sum));
    assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
    assert_eq!(outcome.usage.memory, sum);
    let outcome = run_wat(&text, "run", json!({}), limits(|l| l.memory = sum - 1));
    bound(&outcome, Code::MemoryExceeded, sum - 1);
}

#[test]
fn memory_that_is_denied_is_the_outcome_however_the_guest_fails() {
    for function in ["allocate", "try_allocate", "at_once"] {
        let outcome = call("grow", function, json!({ "mib": 100 }));
        bound(&outcome, Code::MemoryExceeded, Limits::default().memory);
        let outcome = call("grow", function, json!({ "mib": 20 }));
        assert_eq!(outcome.code, Code::Ok, "{function}: {}", outcome.text());
        assert!(outcome.usage.memory >= 20 << 20);
    }
}

#[test]
fn tables_count_as_memory() {
    let outcome = run_wat(
        &wat("tables"),
        "run",
        json!({}),
        limits(|l| l.memory = 100_000),
    );
    bound(&outcome, Code::MemoryExceeded, 100_000);
}

#[test]
fn memories_are_counted_also_when_they_are_empty() {
    let text = |count: usize| {
        let instances = "(core instance (instantiate $m))".repeat(count);
        let text = format!(
            r#"(component (core module $m (memory 0)) {instances} (core module $t (func (export "run")))
            (core instance $t (instantiate $t)) (func (export "run") (canon lift (core func $t "run"))))"#
        );
        wat::parse_str(text).unwrap()
    };
    let run = |count| run_wat(&text(count), "run", json!({}), Limits::default());
    assert_eq!(run(64).code, Code::Ok, "{}", run(64).text());
    assert_eq!(run(65).code, Code::MemoryExceeded, "{}", run(65).text());
}
