//! The arguments of a call as a whole, and how messages show them.

use bailiwick_contract::json::{Check, LowerError, lower};
use serde_json::{Value, json};

use super::{function, told};
use crate::component::contract;

#[test]
fn arguments() {
    let body = "world w { export f: func(a-dir: string, pattern: string, limit: option<u32>); export none: func(); export opt: func(x: option<bool>); }";
    let contract = contract(body);
    let f = contract.function("f").unwrap();
    let cases = [
        (
            json!({"pattern": "p", "a_dir": "d"}),
            Ok("\"d\", \"p\", none"),
        ),
        (
            json!({"a_dir": "d", "pattern": "p", "limit": null}),
            Ok("\"d\", \"p\", none"),
        ),
        (
            json!({"a_dir": "d", "pattern": "p", "limit": 3}),
            Ok("\"d\", \"p\", some(3u32)"),
        ),
        (
            json!({"a_dir": "d"}),
            Err("missing argument `pattern`, expected a string"),
        ),
        (
            json!({}),
            Err("missing argument `a_dir`, expected a string"),
        ),
        (
            Value::Null,
            Err("missing argument `a_dir`, expected a string"),
        ),
        (
            json!({"a_dir": "d", "patern": "p"}),
            Err(
                "unknown argument `patern`, expected one of `a_dir`, `pattern`, `limit`; did you mean `pattern`?",
            ),
        ),
        (
            json!({"a_dir": "d", "pattern": "p", "x y": 1}),
            Err("unknown argument `x y`, expected one of `a_dir`, `pattern`, `limit`"),
        ),
        (
            json!({"a_dir": "d", "pattern": "p", "limit": -1}),
            Err("$.limit: expected a whole number from 0 to 4294967295, got -1"),
        ),
        (
            json!("p"),
            Err("$: expected an object with `a_dir`, `pattern`, `limit`, got \"p\""),
        ),
        (
            json!([]),
            Err("$: expected an object with `a_dir`, `pattern`, `limit`, got []"),
        ),
    ];
    for (args, expected) in cases {
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(told(f, args.clone()), expected, "{args}");
    }
    let none = contract.function("none").unwrap();
    assert_eq!(told(none, Value::Null), Ok(String::new()));
    assert_eq!(told(none, json!({})), Ok(String::new()));
    assert_eq!(
        told(none, json!({"x": 1})),
        Err("unknown argument `x`, expected none".into())
    );
    assert_eq!(
        told(contract.function("opt").unwrap(), Value::Null),
        Ok("none".into())
    );
}

/// What was given is shown, but not all of it: it may be large, and it goes to a model.
#[test]
fn what_was_given_is_cut() {
    let function = function("u8");
    let long = "ä".repeat(1_000_000);
    let Err(LowerError::Mismatch(mismatch)) = lower(&mut Check, &function, json!({"x": long}))
    else {
        panic!("a string is not a number");
    };
    assert_eq!(mismatch.got, format!("\"{}…", "ä".repeat(59)));
    let deep = json!({"x": [[1, 2, {"a": [long, long]}], long]});
    let Err(LowerError::Mismatch(mismatch)) = lower(&mut Check, &function, deep) else {
        panic!("an array is not a number");
    };
    assert_eq!(
        mismatch.got,
        format!("[[1,2,{{\"a\":[\"{}…", "ä".repeat(47))
    );
    let mut args = json!({"x": 1});
    args[&long] = 1.into();
    let message = told(&function, args).unwrap_err();
    assert_eq!(
        message,
        format!("unknown argument `{}…`, expected only `x`", "ä".repeat(60))
    );
}
