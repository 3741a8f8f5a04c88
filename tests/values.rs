//! JSON ↔ values: a guest that gives back what it is given, for every WIT type.

use bailiwick_host::{Code, Session};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::guests::{call, probe, runtime, session};

/// Numbers of a type, its edges among them more often than by chance.
macro_rules! whole {
    ($ty:ty) => {
        prop_oneof![
            Just(<$ty>::MIN),
            Just(<$ty>::MAX),
            Just(0 as $ty),
            any::<$ty>(),
        ]
        .prop_map(|n| number(n as i128))
        .boxed()
    };
}

/// As the mapping has it: a decimal string past 2^53.
fn number(n: i128) -> Value {
    if n.unsigned_abs() > 1 << 53 {
        json!(n.to_string())
    } else {
        json!(i64::try_from(n).unwrap())
    }
}

fn text() -> BoxedStrategy<Value> {
    prop_oneof![any::<String>(), Just("\0\u{1f600}\u{202e}\"\\é".to_owned())]
        .prop_map(Value::String)
        .boxed()
}

fn real() -> BoxedStrategy<Value> {
    prop_oneof![
        any::<f64>().prop_map(|x| if x.is_nan() { json!("NaN") } else { float(x) }),
        Just(json!("NaN")),
        Just(json!("Infinity")),
        Just(json!("-Infinity")),
        Just(json!(-0.0)),
        Just(json!(f64::MIN_POSITIVE)),
        Just(json!(f64::MAX)),
    ]
    .boxed()
}

fn float(x: f64) -> Value {
    if x.is_infinite() {
        json!(if x > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        json!(x)
    }
}

fn single() -> BoxedStrategy<Value> {
    // The shortest decimal form of a single, read as a double.
    any::<f32>()
        .prop_map(|x| match x {
            x if x.is_nan() => json!("NaN"),
            x if x.is_infinite() => float(x.into()),
            x => json!(x.to_string().parse::<f64>().unwrap()),
        })
        .boxed()
}

fn bytes() -> BoxedStrategy<Value> {
    use base64::Engine as _;
    prop::collection::vec(any::<u8>(), 0..50)
        .prop_map(|bytes| json!(base64::engine::general_purpose::STANDARD.encode(bytes)))
        .boxed()
}

fn list(item: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop::collection::vec(item, 0..6)
        .prop_map(Value::Array)
        .boxed()
}

fn tuple(items: Vec<BoxedStrategy<Value>>) -> BoxedStrategy<Value> {
    items.prop_map(Value::Array).boxed()
}

/// A record; null stands for an option that is absent, and is left out.
fn record(fields: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    values
        .prop_map(move |values| {
            let fields = names
                .iter()
                .zip(values)
                .filter(|(_, value)| !value.is_null());
            fields
                .map(|(name, value)| ((*name).to_owned(), value))
                .collect()
        })
        .boxed()
}

fn option(inner: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop_oneof![Just(Value::Null), inner].boxed()
}

fn one_of(names: &'static [&'static str]) -> BoxedStrategy<Value> {
    prop::sample::select(names)
        .prop_map(|name| json!(name))
        .boxed()
}

/// Any of the names, in the order of the type: that in which they come back.
fn flags(names: Vec<String>) -> BoxedStrategy<Value> {
    let count = names.len();
    prop::sample::subsequence(names, 0..=count)
        .prop_map(|set| json!(set))
        .boxed()
}

fn result(ok: BoxedStrategy<Value>, err: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop_oneof![
        ok.prop_map(|value| json!({ "ok": value })),
        err.prop_map(|value| json!({ "err": value })),
    ]
    .boxed()
}

fn null() -> BoxedStrategy<Value> {
    Just(Value::Null).boxed()
}

fn case(kind: &'static str, value: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    value
        .prop_map(move |value| json!({ "kind": kind, "value": value }))
        .boxed()
}

fn letter() -> BoxedStrategy<Value> {
    prop_oneof![
        any::<char>(),
        Just('\0'),
        Just('\u{10ffff}'),
        Just('\u{d7ff}'),
        Just('\u{e000}')
    ]
    .prop_map(|c| json!(c.to_string()))
    .boxed()
}

fn point() -> BoxedStrategy<Value> {
    record(vec![("x", whole!(i32)), ("y", whole!(i32))])
}

fn line() -> BoxedStrategy<Value> {
    record(vec![
        ("from", point()),
        ("to", point()),
        ("name", option(text())),
    ])
}

fn shape() -> BoxedStrategy<Value> {
    prop_oneof![
        Just(json!({ "kind": "empty" })),
        case("circle", real()),
        case("rectangle", tuple(vec![point(), point()])),
        case("segment", line()),
        case("polygon", list(point())),
        case("label", option(text())),
    ]
    .boxed()
}

fn colour() -> BoxedStrategy<Value> {
    one_of(&["red", "green", "blue", "light-goldenrod"])
}

fn rights() -> BoxedStrategy<Value> {
    flags(["read", "write", "run-it"].map(str::to_owned).to_vec())
}

fn everything() -> BoxedStrategy<Value> {
    record(vec![
        ("flag", any::<bool>().prop_map(|b| json!(b)).boxed()),
        ("small", whole!(u8)),
        ("large", whole!(i64)),
        ("real", real()),
        ("letter", letter()),
        ("text", text()),
        ("bytes", bytes()),
        ("points", list(point())),
        ("shape", shape()),
        ("colour", colour()),
        ("rights", rights()),
        ("maybe", option(point())),
        ("outcome", result(whole!(u32), text())),
        ("pair", tuple(vec![text(), whole!(u64)])),
    ])
}

/// Every identity function of the guest, with values of its type.
fn identities() -> Vec<(&'static str, BoxedStrategy<Value>)> {
    let some = |strategy: BoxedStrategy<Value>| {
        prop_oneof![
            Just(Value::Null),
            strategy.prop_map(|value| json!({ "some": value }))
        ]
        .boxed()
    };
    vec![
        ("a_bool", any::<bool>().prop_map(|b| json!(b)).boxed()),
        ("a_s8", whole!(i8)),
        ("a_s16", whole!(i16)),
        ("a_s32", whole!(i32)),
        ("a_s64", whole!(i64)),
        ("a_u8", whole!(u8)),
        ("a_u16", whole!(u16)),
        ("a_u32", whole!(u32)),
        ("a_u64", whole!(u64)),
        ("a_f32", single()),
        ("a_f64", real()),
        ("a_char", letter()),
        ("a_string", text()),
        ("some_bytes", bytes()),
        ("some_text", text()),
        ("some_strings", list(text())),
        ("some_numbers", list(whole!(u64))),
        ("some_lists", list(list(whole!(i16)))),
        ("some_records", list(point())),
        ("a_record", point()),
        ("a_nested_record", line()),
        ("a_large_record", everything()),
        ("a_variant", shape()),
        ("an_enum", colour()),
        ("some_flags", rights()),
        (
            "many_flags",
            flags((0..32).map(|n| format!("b{n}")).collect()),
        ),
        ("an_option", option(whole!(u32))),
        ("a_nested_option", some(option(whole!(u32)))),
        ("an_optional_record", option(point())),
        ("a_pair", tuple(vec![text(), whole!(u64)])),
        (
            "a_triple",
            tuple(vec![
                any::<bool>().prop_map(|b| json!(b)).boxed(),
                option(whole!(i8)),
                list(letter()),
            ]),
        ),
        (
            "a_result_inside",
            record(vec![
                ("both", result(whole!(u32), text())),
                ("only_ok", result(whole!(u32), null())),
                ("only_err", result(null(), text())),
                ("neither", result(null(), null())),
            ]),
        ),
        ("some_results", list(result(whole!(u32), text()))),
        ("an_optional_result", option(result(point(), colour()))),
    ]
}

fn goes_round(session: &Session, function: &str, value: &Value) {
    // Through text, as it is with a model: a parser that rounds would be found out.
    let arguments = serde_json::from_str(&json!({ "value": value }).to_string()).unwrap();
    let call = session.call(&format!("types_{function}"), arguments);
    let outcome = runtime().block_on(call);
    assert_eq!(
        outcome.code,
        Code::Ok,
        "{function} {value}: {}",
        outcome.text()
    );
    let result = outcome.result.unwrap().to_string();
    assert_eq!(result, value.to_string(), "{function}");
}

#[test]
fn every_type_goes_round() {
    let session = session(probe("types"));
    for (function, values) in identities() {
        let mut runner = TestRunner::new(Config {
            cases: 64,
            ..Config::default()
        });
        let round = |value| {
            goes_round(&session, function, &value);
            Ok(())
        };
        runner
            .run(&values, round)
            .unwrap_or_else(|error| panic!("{function}: {error}"));
    }
}

#[test]
fn every_identity_of_the_guest_is_tried() {
    let tool = probe("types");
    let tried: Vec<_> = identities().into_iter().map(|(name, _)| name).collect();
    for function in &tool.contract().functions {
        let identity = function.params.len() == 1 && function.params[0].key.as_ref() == "value";
        if identity && function.result.is_some() {
            assert!(
                tried.contains(&function.name.as_str()),
                "{} is not tried",
                function.name
            );
        }
    }
}

#[test]
fn every_example_runs() {
    let tool = probe("types");
    for function in &tool.contract().functions {
        for example in &function.docs.examples {
            let session = session(tool.clone());
            let call = session.call(&format!("types_{}", function.name), example.clone());
            let outcome = runtime().block_on(call);
            assert_eq!(
                outcome.code,
                Code::Ok,
                "{}: {}",
                function.name,
                outcome.text()
            );
        }
    }
}

#[test]
fn many_parameters_go_through_memory() {
    let arguments = json!({
        "a": true, "b": "18446744073709551615", "c": "x", "d": { "x": 1, "y": -2 },
        "e": { "kind": "circle", "value": 1.5 }, "f": ["y", "z"], "g": "light-goldenrod",
        "h": [-1, 2.5], "i": { "from": { "x": 0, "y": 0 }, "to": { "x": 3, "y": 4 } },
    });
    let outcome = call("types", "many", arguments);
    assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
    let result = outcome.result.unwrap();
    assert_eq!(result["flag"], json!(true));
    assert_eq!(result["colour"], json!("light-goldenrod"));
}

#[test]
fn a_result_in_a_result_is_shown() {
    let nested = |fail, inner| {
        call(
            "types",
            "a_nested_result",
            json!({ "fail": fail, "inner": inner }),
        )
    };
    assert!(nested(false, false).result.unwrap().get("ok").is_some());
    assert!(nested(false, true).result.unwrap().get("err").is_some());
    assert_eq!(nested(true, false).code, Code::ToolError);
}
