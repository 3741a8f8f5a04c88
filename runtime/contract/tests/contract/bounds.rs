//! What can be bounded before anything runs, as an audit says it. How it is counted is tested where it is.

use bailiwick_contract::audit::{Audit, Bounds};

use crate::component::files;

const PAGE: u64 = 65_536;

fn bounds(bytes: &[u8]) -> Bounds {
    Audit::read("tool", bytes).unwrap().bounds
}

#[test]
fn of_a_component() {
    let bytes = wat::parse_str(
        r#"(component
             (core module $m
               (memory 2 17)
               (table 3 5 funcref)
               (func (export "f")))
             (core instance $i (instantiate $m))
             (core instance (instantiate $m))
             (func (export "f") (canon lift (core func $i "f"))))"#,
    )
    .unwrap();
    assert_eq!(
        bounds(&bytes),
        Bounds {
            core_modules: 1,
            core_instances: 2,
            memories: 2,
            memory_min: 4 * PAGE,
            memory_max: Some(34 * PAGE),
            tables: 2,
            table_min: 6,
            table_max: Some(10),
        }
    );
}

#[test]
fn of_a_tool_without_code() {
    let bounds = bounds(&files());
    assert!(bounds.core_modules > 0 && bounds.core_instances > 0 && bounds.memories > 0);
    assert!(
        bounds
            .memory_max
            .is_none_or(|most| most >= bounds.memory_min)
    );
}

/// Each component has the one before in it, and instantiates it ten times.
#[test]
fn of_what_multiplies() {
    let mut wat = String::from(
        "(component $c0 (core module $m (memory 1 1)) (core instance (instantiate $m)))",
    );
    for level in 1..=10 {
        let instances = "(instance (instantiate 0))".repeat(10);
        wat = format!("(component $c{level} {wat} {instances})");
    }
    let bounds = bounds(&wat::parse_str(&wat).unwrap());
    assert_eq!(
        (bounds.core_modules, bounds.core_instances),
        (1, 10_u64.pow(10))
    );
    assert_eq!(bounds.memory_max, Some(10_u64.pow(10) * PAGE));
}

#[test]
fn in_json() {
    let audit = Audit::read("tool", &wat::parse_str("(component)").unwrap()).unwrap();
    let json = serde_json::to_value(&audit).unwrap();
    assert_eq!(
        json["bounds"],
        serde_json::json!({
            "core_modules": 0, "core_instances": 0,
            "memories": 0, "memory_min": 0, "memory_max": 0,
            "tables": 0, "table_min": 0, "table_max": 0,
        })
    );
}
