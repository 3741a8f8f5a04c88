//! Types without parts that are not numbers.

use bailiwick_contract::Contract;
use bailiwick_contract::json::{LowerError, lower};
use bailiwick_contract::pack::Source;
use serde_json::json;

use super::{Told, function, table, told};
use crate::component::{component, contracts, documented, source};

#[test]
fn booleans() {
    table(
        "bool",
        &[
            (json!(true), Ok("true")),
            (json!(false), Ok("false")),
            (json!(0), Err("$.x: expected true or false, got 0")),
            (
                json!("true"),
                Err("$.x: expected true or false, got \"true\""),
            ),
            (json!(null), Err("$.x: expected true or false, got null")),
        ],
    );
}

#[test]
fn characters_and_strings() {
    let one = |got: &str| format!("$.x: expected a string of one character, got {got}");
    table(
        "char",
        &[
            (json!("a"), Ok("'a'")),
            (json!("\u{1f980}"), Ok("'\u{1f980}'")),
            (json!("\u{0}"), Ok("'\\0'")),
            (json!("\u{10ffff}"), Ok("'\\u{10ffff}'")),
            (json!(""), Err(&one("\"\""))),
            (json!("ab"), Err(&one("\"ab\""))),
            // A letter and a mark on it are two.
            (json!("e\u{301}"), Err(&one("\"e\u{301}\""))),
            (json!(97), Err(&one("97"))),
        ],
    );
    table(
        "string",
        &[
            (json!(""), Ok("\"\"")),
            (json!("a\"\u{0}\u{10ffff}"), Ok("\"a\\\"\\0\\u{10ffff}\"")),
            (
                json!(5),
                Err("$.x: expected a string, got 5; put it in quotation marks"),
            ),
            (json!(["a"]), Err("$.x: expected a string, got [\"a\"]")),
        ],
    );
}

#[test]
fn bytes() {
    let base64 = |got: &str, why: &str| {
        format!("$.x: expected a base64 string, got {got}; {why}: padded, without line breaks")
    };
    table(
        "list<u8>",
        &[
            (json!(""), Ok("b[]")),
            (json!("AP8="), Ok("b[0, 255]")),
            (json!("+/+/"), Ok("b[251, 255, 191]")),
            (json!("AP8"), Err(&base64("\"AP8\"", "invalid padding"))),
            (
                json!("-_-_"),
                Err(&base64("\"-_-_\"", "invalid symbol 45, offset 0.")),
            ),
            (
                json!("AP9="),
                Err(&base64("\"AP9=\"", "invalid last symbol 57, offset 2.")),
            ),
            (
                json!([0, 255]),
                Err("$.x: expected a base64 string, got [0,255]"),
            ),
        ],
    );
    let contract = documented(
        "world w {
           /// @text
           export f: func(x: list<u8>, y: option<list<list<u8>>>);
         }",
    );
    let args = json!({"x": "é", "y": ["a", ""]});
    assert_eq!(
        told(&contract.functions[0], args),
        Ok("b[195, 169], some([b[97], b[]])".into())
    );
    assert_eq!(
        told(&contract.functions[0], json!({"x": 1})),
        Err("$.x: expected a string, got 1".into())
    );
}

#[test]
fn handles() {
    table(
        "list<borrow<dir>>",
        &[
            (json!(["/a", ""]), Ok("[dir at /a, dir at ]")),
            (
                json!([{}]),
                Err("$.x[0]: expected a string that names a dir, got {}"),
            ),
        ],
    );
    table("own<dir>", &[(json!("."), Ok("own dir at ."))]);
    let function = function("list<borrow<dir>>");
    let refused = lower(&mut Told, &function, json!({"x": ["/a", "/no"]}));
    let error = "there is no `/no`".to_owned();
    assert_eq!(
        refused,
        Err(LowerError::Handle {
            path: "$.x[1]".into(),
            error
        })
    );
    assert_eq!(
        refused.unwrap_err().to_string(),
        "$.x[1]: there is no `/no`"
    );
}

fn read(sources: &[Source]) -> Contract {
    Contract::read(&component(sources, "a:b/w")).unwrap()
}

#[test]
fn mounts() {
    let mut sources = contracts();
    sources.push(source(
        "test.wit",
        "package a:b { interface i {
           use bailiwick:fs/paths@0.1.0.{readable, writable as changes};
           f: func(input: readable, output: option<changes>) -> readable;
         }
         world w { export i; } }",
    ));
    let contract = read(&sources);
    let function = &contract.functions[0];
    assert_eq!(
        told(function, json!({"input": "/docs/a.csv", "output": "b"})),
        Ok("/docs/a.csv to look at, some(b to change)".into())
    );
    assert_eq!(
        told(function, json!({"input": {"path": "/docs/a.csv"}})),
        Err(
            "$.input: expected a string that names a file or directory, got {\"path\":\"/docs/a.csv\"}"
                .into()
        )
    );
    assert_eq!(
        function.signature(),
        "f: func(input: readable, output: option<writable>) -> readable"
    );
    let schema = function.input_schema();
    assert_eq!(schema["properties"]["input"]["type"], "string");
    assert_eq!(schema["required"], json!(["input"]));
}

/// The name alone does not make a mount: a record of another shape, or of another package, is a record.
#[test]
fn what_is_only_called_like_a_mount_is_a_record() {
    for text in [
        "package bailiwick:fs@0.1.0 { interface paths { record readable { path: string, more: string } } }",
        "package other:fs@0.1.0 { interface paths { record readable { path: string } } }",
    ] {
        let package = if text.contains("other") {
            "other"
        } else {
            "bailiwick"
        };
        let world = format!(
            "package a:b {{ interface i {{ use {package}:fs/paths@0.1.0.{{readable}}; f: func(input: readable); }} world w {{ export i; }} }}"
        );
        let header = source("test.wit", "package test:header;");
        let sources = [header, source("fs.wit", text), source("tool.wit", &world)];
        let contract = read(&sources);
        let refused = told(&contract.functions[0], json!({"input": "/docs"}));
        assert!(refused.is_err_and(|error| error.contains("expected an object")));
    }
}
