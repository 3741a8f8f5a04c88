//! Bytes that mean harm: whatever they are, the answer is a sealed component or an error.

use bailiwick_contract::{Contract, Error};
use bailiwick_seal::{SealError, seal};
use wasmparser::{Validator, WasmFeatures};

use crate::component::component;

const BODY: &str = "interface host {
    resource thing { get: func() -> string; }
    record r { a: option<list<u8>>, b: tuple<s64, result<thing, e>> }
    enum e { x, access }
    make: func(r: r) -> result<r, e>;
  }
  world w { import host; import now: func() -> u64; export f: func(a: string) -> u32; }";

/// Seals; what comes out is valid and imports nothing.
fn look(bytes: &[u8]) -> bool {
    let Ok(sealed) = seal(bytes, &[]) else {
        return false;
    };
    let contract = Contract::read(&sealed.bytes).unwrap();
    assert_eq!(
        contract.imports.len(),
        sealed.kept.len() + sealed.types.len()
    );
    // Code is not looked at when a component is sealed, so that it is valid only if it was.
    let validator =
        || Validator::new_with_features(WasmFeatures::WASM2 | WasmFeatures::COMPONENT_MODEL);
    let was_valid = validator().validate_all(bytes).is_ok();
    assert_eq!(validator().validate_all(&sealed.bytes).is_ok(), was_valid);
    true
}

#[test]
fn cut_off_at_every_length() {
    let bytes = component(BODY);
    let sealed = (0..bytes.len()).filter(|length| look(&bytes[..*length]));
    let sealed = sealed.count();
    assert!((1..100).contains(&sealed), "{sealed}");
}

#[test]
fn every_byte_changed() {
    let bytes = component(BODY);
    let mut sealed = 0;
    for at in 0..bytes.len() {
        for change in [1, 0x40, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] ^= change;
            sealed += usize::from(look(&bytes));
        }
    }
    assert!(sealed > 100, "{sealed}");
}

#[test]
fn what_is_no_component() {
    let error = |bytes: &[u8]| seal(bytes, &[]).unwrap_err();
    assert_eq!(error(b""), SealError::Component(Error::Empty));
    assert_eq!(
        error(b"\0asm\x01\0\0\0"),
        SealError::Component(Error::CoreModule)
    );
    let package = r#"(component
      (type (component (type (component)) (export "a:b/c" (component (type 0)))))
      (export "c" (type 0)))"#;
    assert!(seal(&wat::parse_str(package).unwrap(), &[]).is_err());
}

#[test]
fn results_without_end() {
    let wide = vec!["u64"; 9_000].join(", ");
    let body = format!(
        "interface host {{ big: func() -> tuple<{wide}>; }} world w {{ import host; export f: func(); }}"
    );
    assert_eq!(
        seal(&component(&body), &[]).unwrap_err(),
        SealError::TooComplex
    );
    let kept = seal(&component(&body), &["test:test/host"]).unwrap();
    assert_eq!(kept.sealed, [""; 0]);
    let wide = vec!["u64"; 8_000].join(", ");
    let many: String = (0..100).map(|n| format!("g{n}: func() -> big;")).collect();
    let body = format!(
        "interface host {{ type big = tuple<{wide}>; {many} }} world w {{ import host; export f: func(); }}"
    );
    assert_eq!(
        seal(&component(&body), &[]).unwrap_err(),
        SealError::TooComplex
    );
}

/// More of everything than a tool has, in a moment.
#[test]
fn many_functions_and_interfaces() {
    let functions: String = (0..100)
        .map(|n| {
            format!(
                "g{n}: func(a: list<string>) -> result<tuple<list<u8>, u{}>, e>;",
                [8, 16, 32, 64][n % 4]
            )
        })
        .collect();
    let interfaces: String = (0..10)
        .map(|n| format!("interface i{n} {{ enum e {{ no, access }} {functions} }}\n"))
        .collect();
    let imports: String = (0..10).map(|n| format!("import i{n};")).collect();
    let component = component(&format!(
        "{interfaces} world w {{ {imports} export f: func(); }}"
    ));
    let sealed = seal(&component, &[]).unwrap();
    assert_eq!(sealed.sealed.len(), 10);
    assert!(sealed.traps.is_empty());
}

/// A component of two components is sealed as a whole.
#[test]
fn components_in_a_component() {
    let text = r#"(component
      (type $host (instance (export "now" (func (result u64)))))
      (import "test:test/host" (instance $host (type $host)))
      (component $inner
        (import "test:test/host" (instance $host (export "now" (func (result u64)))))
        (alias export $host "now" (func $now))
        (core func $low (canon lower (func $now)))
        (core module $m
          (import "host" "now" (func $now (result i64)))
          (func (export "go") (result i64) call $now))
        (core instance $i (instantiate $m (with "host" (instance (export "now" (func $low))))))
        (func (export "go") (result u64) (canon lift (core func $i "go"))))
      (instance $a (instantiate $inner (with "test:test/host" (instance $host))))
      (instance $b (instantiate $inner (with "test:test/host" (instance $host))))
      (export "go" (func $a "go"))
      (export "again" (func $b "go")))"#;
    let sealed = crate::component::sealed(&wat::parse_str(text).unwrap(), &[]);
    assert_eq!(sealed.sealed, ["test:test/host"]);
    let mut running = crate::standin::Running::new(&sealed.bytes);
    for name in ["go", "again"] {
        let now = running.try_call("", name, &[]).unwrap();
        assert_eq!(now, Some(wasmtime::component::Val::U64(0)));
    }
}

#[test]
fn a_type_that_is_exported_by_itself() {
    let text = r#"(component
      (import "now" (func (result u64)))
      (type $t (record (field "a" u32)))
      (export "t" (type $t)))"#;
    let bytes = wat::parse_str(text).unwrap();
    if Contract::read(&bytes).is_ok() {
        assert!(matches!(seal(&bytes, &[]), Err(SealError::Composition(_))));
    }
}
