//! JSON → values: what is taken, what it becomes, and in which words the rest is refused.

use std::sync::Arc;

use bailiwick_contract::json::{Build, Check, LowerError, lower};
use bailiwick_contract::{Case, Field, Function, Handle, Named};
use serde_json::{Value, json};

use crate::component::{contract, documented};

/// Writes values as text that says their type.
struct Told;

impl Build for Told {
    type Value = String;
    type Error = String;

    fn bool(&mut self, value: bool) -> String {
        value.to_string()
    }
    fn s8(&mut self, value: i8) -> String {
        format!("{value}s8")
    }
    fn u8(&mut self, value: u8) -> String {
        format!("{value}u8")
    }
    fn s16(&mut self, value: i16) -> String {
        format!("{value}s16")
    }
    fn u16(&mut self, value: u16) -> String {
        format!("{value}u16")
    }
    fn s32(&mut self, value: i32) -> String {
        format!("{value}s32")
    }
    fn u32(&mut self, value: u32) -> String {
        format!("{value}u32")
    }
    fn s64(&mut self, value: i64) -> String {
        format!("{value}s64")
    }
    fn u64(&mut self, value: u64) -> String {
        format!("{value}u64")
    }
    fn f32(&mut self, value: f32) -> String {
        format!("{value:?}f32")
    }
    fn f64(&mut self, value: f64) -> String {
        format!("{value:?}f64")
    }
    fn char(&mut self, value: char) -> String {
        format!("{value:?}")
    }
    fn string(&mut self, value: String) -> String {
        format!("{value:?}")
    }
    fn bytes(&mut self, value: Vec<u8>) -> String {
        format!("b{value:?}")
    }
    fn list(&mut self, items: Vec<String>) -> String {
        format!("[{}]", items.join(", "))
    }
    fn tuple(&mut self, items: Vec<String>) -> String {
        format!("({})", items.join(", "))
    }
    fn record(&mut self, ty: &Arc<Named<Field>>, fields: Vec<String>) -> String {
        assert_eq!(ty.items.len(), fields.len());
        let fields = ty.items.iter().zip(fields);
        let fields: Vec<_> = fields
            .map(|(ty, value)| format!("{}: {value}", ty.name))
            .collect();
        format!("{}{{{}}}", ty.name.name, fields.join(", "))
    }
    fn variant(&mut self, ty: &Arc<Named<Case>>, case: usize, payload: Option<String>) -> String {
        assert_eq!(ty.items[case].ty.is_some(), payload.is_some());
        let payload = payload
            .map(|payload| format!("({payload})"))
            .unwrap_or_default();
        format!("{}{payload}", ty.items[case].name)
    }
    fn enum_(&mut self, ty: &Arc<Named<Case>>, case: usize) -> String {
        ty.items[case].name.to_string()
    }
    fn flags(&mut self, ty: &Arc<Named<Case>>, set: &[usize]) -> String {
        let set: Vec<_> = set.iter().map(|flag| &*ty.items[*flag].name).collect();
        format!("{{{}}}", set.join(" | "))
    }
    fn option(&mut self, value: Option<String>) -> String {
        value.map_or("none".into(), |value| format!("some({value})"))
    }
    fn result(&mut self, value: Result<Option<String>, Option<String>>) -> String {
        let payload = |value: Option<String>| value.unwrap_or_default();
        match value {
            Ok(value) => format!("ok({})", payload(value)),
            Err(value) => format!("err({})", payload(value)),
        }
    }
    fn handle(&mut self, handle: &Handle, name: &str) -> Result<String, String> {
        let own = if handle.own { "own " } else { "" };
        match name {
            "/no" => Err("there is no `/no`".into()),
            _ => Ok(format!("{own}{} at {name}", handle.resource.name)),
        }
    }
}

fn told(function: &Function, args: Value) -> Result<String, String> {
    lower(&mut Told, function, args)
        .map(|values| values.join(", "))
        .map_err(|e| e.to_string())
}

const TYPES: &str = "interface types {
  resource dir;
  record point { x: s32, y-axis: option<s32> }
  record path { points: list<point>, name: string }
  variant shape { nothing, circle(f64), named(option<string>), line(tuple<point, point>) }
  enum colour { red, dark-blue }
  flags sides { up, down, left-side }
}
interface i {
  use types.{dir, point, path, shape, colour, sides};
";

/// A function `f` with one parameter `x` of a type, which may be one of [`TYPES`].
fn function(ty: &str) -> Function {
    let body = format!("{TYPES} f: func(x: {ty}); }} world w {{ export i; }}");
    contract(&body).functions.remove(0)
}

fn table(ty: &str, cases: &[(Value, Result<&str, &str>)]) {
    let function = function(ty);
    for (json, expected) in cases {
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(
            told(&function, json!({"x": json})),
            expected,
            "{ty}: {json}"
        );
        let checked = lower(&mut Check, &function, json!({"x": json}));
        assert_eq!(checked.is_ok(), expected.is_ok(), "{ty}: {json}");
    }
}

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
fn every_number_has_its_edges() {
    fn edges(ty: &str, least: i128, most: i128) {
        let number = |value: i128| -> Value { value.to_string().parse().unwrap() };
        let range = format!("a whole number from {least} to {most}");
        let function = function(ty);
        for value in [least, most, 0, 1] {
            let told = told(&function, json!({"x": number(value)}));
            assert_eq!(told, Ok(format!("{value}{ty}")));
        }
        let wide = ty.ends_with("64");
        for value in [least - 1, most + 1] {
            let json = number(value);
            let mut message = format!("$.x: expected {range}, got {json}");
            if wide && json.is_f64() {
                message += "; past 2^53, give it as a decimal string";
            }
            assert_eq!(told(&function, json!({"x": json})), Err(message));
        }
    }
    edges("s8", i8::MIN.into(), i8::MAX.into());
    edges("u8", u8::MIN.into(), u8::MAX.into());
    edges("s16", i16::MIN.into(), i16::MAX.into());
    edges("u16", u16::MIN.into(), u16::MAX.into());
    edges("s32", i32::MIN.into(), i32::MAX.into());
    edges("u32", u32::MIN.into(), u32::MAX.into());
    edges("s64", i64::MIN.into(), i64::MAX.into());
    edges("u64", u64::MIN.into(), u64::MAX.into());
}

#[test]
fn whole_numbers() {
    let range = |got: &str, hint: &str| {
        format!("$.x: expected a whole number from 0 to 255, got {got}{hint}")
    };
    table(
        "u8",
        &[
            (json!(3.0), Ok("3u8")),
            (serde_json::from_str("2e2").unwrap(), Ok("200u8")),
            (json!(-0.0), Ok("0u8")),
            (json!(3.5), Err(&range("3.5", ""))),
            (json!(1e300), Err(&range("1e+300", ""))),
            (
                json!("3"),
                Err(&range("\"3\"", "; leave out the quotation marks")),
            ),
            (json!("three"), Err(&range("\"three\"", ""))),
            (json!([]), Err(&range("[]", ""))),
            (json!(true), Err(&range("true", ""))),
        ],
    );
}

#[test]
fn wide_numbers() {
    let range = |got: &str| {
        format!(
            "$.x: expected a whole number from -9223372036854775808 to 9223372036854775807, got {got}"
        )
    };
    let past = format!(
        "{}; past 2^53, give it as a decimal string",
        range("9007199254740994.0")
    );
    table(
        "s64",
        &[
            (json!("9223372036854775807"), Ok("9223372036854775807s64")),
            (json!("-9223372036854775808"), Ok("-9223372036854775808s64")),
            (json!("007"), Ok("7s64")),
            (json!("-0"), Ok("0s64")),
            (json!(9_007_199_254_740_993_i64), Ok("9007199254740993s64")),
            // Exact as a float, and the last that surely is.
            (json!(9_007_199_254_740_992.0), Ok("9007199254740992s64")),
            (json!(9_007_199_254_740_994.0), Err(&past)),
            (
                json!("9223372036854775808"),
                Err(&range("\"9223372036854775808\"")),
            ),
            (json!("1e3"), Err(&range("\"1e3\""))),
            (json!("+1"), Err(&range("\"+1\""))),
            (json!(" 1"), Err(&range("\" 1\""))),
            (json!("1_000"), Err(&range("\"1_000\""))),
            (json!("-"), Err(&range("\"-\""))),
            (json!(""), Err(&range("\"\""))),
            (json!(1.5), Err(&range("1.5"))),
            (
                json!("9".repeat(60)),
                Err(&range(&format!("\"{}…", "9".repeat(59)))),
            ),
        ],
    );
    table(
        "u64",
        &[
            (json!("18446744073709551615"), Ok("18446744073709551615u64")),
            (json!(u64::MAX), Ok("18446744073709551615u64")),
            (json!("-0"), Ok("0u64")),
            (
                json!("-1"),
                Err("$.x: expected a whole number from 0 to 18446744073709551615, got \"-1\""),
            ),
        ],
    );
}

#[test]
fn floats() {
    let words = "\"NaN\", \"Infinity\" or \"-Infinity\"";
    let wide = |got: &str| format!("$.x: expected a number, {words}, got {got}");
    table(
        "f64",
        &[
            (json!(1), Ok("1.0f64")),
            (json!(-0.0), Ok("-0.0f64")),
            (json!(0.1), Ok("0.1f64")),
            (json!(f64::MAX), Ok("1.7976931348623157e308f64")),
            (json!(f64::MIN_POSITIVE), Ok("2.2250738585072014e-308f64")),
            (json!(5e-324), Ok("5e-324f64")),
            (json!(u64::MAX), Ok("1.8446744073709552e19f64")),
            (json!("NaN"), Ok("NaNf64")),
            (json!("Infinity"), Ok("inff64")),
            (json!("-Infinity"), Ok("-inff64")),
            (json!("inf"), Err(&wide("\"inf\""))),
            (json!("1.5"), Err(&wide("\"1.5\""))),
            (json!(null), Err(&wide("null"))),
        ],
    );
    let narrow = |got: &str| {
        format!("$.x: expected a number from -3.4028235e38 to 3.4028235e38, {words}, got {got}")
    };
    table(
        "f32",
        &[
            (json!(0.1), Ok("0.1f32")),
            (json!(f32::MAX), Ok("3.4028235e38f32")),
            (json!(f32::MIN), Ok("-3.4028235e38f32")),
            // Too small to be told from nothing.
            (json!(1e-60), Ok("0.0f32")),
            (json!("NaN"), Ok("NaNf32")),
            (json!("Infinity"), Ok("inff32")),
            (json!(3.5e38), Err(&narrow("3.5e+38"))),
            (json!(-1e300), Err(&narrow("-1e+300"))),
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
fn lists_and_tuples() {
    table(
        "list<s8>",
        &[
            (json!([]), Ok("[]")),
            (json!([1, -1]), Ok("[1s8, -1s8]")),
            (
                json!([1, 200]),
                Err("$.x[1]: expected a whole number from -128 to 127, got 200"),
            ),
            (
                json!({"0": 1}),
                Err("$.x: expected an array, got {\"0\":1}"),
            ),
            (json!("1"), Err("$.x: expected an array, got \"1\"")),
        ],
    );
    table(
        "tuple<bool, list<string>>",
        &[
            (json!([true, ["a"]]), Ok("(true, [\"a\"])")),
            (
                json!([true]),
                Err("$.x: expected an array of 2, got [true]"),
            ),
            (
                json!([true, [], 1]),
                Err("$.x: expected an array of 2, got [true,[],1]"),
            ),
            (
                json!([true, [1]]),
                Err("$.x[1][0]: expected a string, got 1; put it in quotation marks"),
            ),
        ],
    );
}

#[test]
fn records() {
    table(
        "path",
        &[
            (
                json!({"name": "n", "points": [{"x": 1}, {"y_axis": 2, "x": 0}, {"x": 1, "y_axis": null}]}),
                Ok(
                    "path{points: [point{x: 1s32, y-axis: none}, point{x: 0s32, y-axis: some(2s32)}, \
                    point{x: 1s32, y-axis: none}], name: \"n\"}",
                ),
            ),
            (
                json!([]),
                Err("$.x: expected an object with `points`, `name`, got []"),
            ),
            (
                json!({"points": []}),
                Err("$.x.name: missing field `name`, expected a string"),
            ),
            (
                json!({"points": [{"x": 1}, {}], "name": "n"}),
                Err(
                    "$.x.points[1].x: missing field `x`, expected a whole number from -2147483648 to 2147483647",
                ),
            ),
            (
                json!({"points": [{"x": 1, "y-axis": 2}], "name": "n"}),
                Err(
                    "$.x.points[0][\"y-axis\"]: unknown field `y-axis`, expected one of `x`, `y_axis`; did you mean `y_axis`?",
                ),
            ),
            (
                json!({"points": [], "name": "n", "extra": 1}),
                Err("$.x.extra: unknown field `extra`, expected one of `points`, `name`"),
            ),
            (
                json!({"points": [{"x": 1, "y_axis": "2"}], "name": "n"}),
                Err(
                    "$.x.points[0].y_axis: expected a whole number from -2147483648 to 2147483647, got \"2\"; leave out the quotation marks",
                ),
            ),
        ],
    );
}

#[test]
fn variants() {
    let kinds = "one of `nothing`, `circle`, `named`, `line`";
    table(
        "shape",
        &[
            (json!({"kind": "nothing"}), Ok("nothing")),
            (json!({"kind": "nothing", "value": null}), Ok("nothing")),
            (json!({"kind": "circle", "value": 2}), Ok("circle(2.0f64)")),
            (
                json!({"value": "a", "kind": "named"}),
                Ok("named(some(\"a\"))"),
            ),
            (json!({"kind": "named"}), Ok("named(none)")),
            (json!({"kind": "named", "value": null}), Ok("named(none)")),
            (
                json!({"kind": "nothing", "value": 1}),
                Err("$.x.value: expected null or nothing, got 1"),
            ),
            (
                json!({"kind": "circle"}),
                Err(
                    "$.x.value: missing field `value`, expected a number, \"NaN\", \"Infinity\" or \"-Infinity\"",
                ),
            ),
            (
                json!({"kind": "line", "value": [{"x": 1}, {"x": "a"}]}),
                Err(
                    "$.x.value[1].x: expected a whole number from -2147483648 to 2147483647, got \"a\"",
                ),
            ),
            (
                json!({"kind": "cirle", "value": 2}),
                Err(&format!(
                    "$.x.kind: expected {kinds}, got \"cirle\"; did you mean `circle`?"
                )),
            ),
            (
                json!({"kind": 1}),
                Err(&format!("$.x.kind: expected {kinds}, got 1")),
            ),
            (
                json!({}),
                Err(&format!("$.x.kind: missing field `kind`, expected {kinds}")),
            ),
            (
                json!({"kind": "nothing", "payload": 1}),
                Err("$.x.payload: unknown field `payload`, expected one of `kind`, `value`"),
            ),
            (
                json!("nothing"),
                Err(&format!(
                    "$.x: expected {{\"kind\": …, \"value\": …}} with the kind {kinds}, got \"nothing\""
                )),
            ),
        ],
    );
}

#[test]
fn enums_and_flags() {
    table(
        "colour",
        &[
            (json!("red"), Ok("red")),
            (json!("dark-blue"), Ok("dark-blue")),
            (
                json!("dark_blue"),
                Err(
                    "$.x: expected one of `red`, `dark-blue`, got \"dark_blue\"; did you mean `dark-blue`?",
                ),
            ),
            (
                json!("green"),
                Err("$.x: expected one of `red`, `dark-blue`, got \"green\""),
            ),
            (
                json!(0),
                Err("$.x: expected one of `red`, `dark-blue`, got 0"),
            ),
        ],
    );
    let sides = "one of `up`, `down`, `left-side`";
    table(
        "sides",
        &[
            (json!([]), Ok("{}")),
            (json!(["left-side", "up"]), Ok("{left-side | up}")),
            (
                json!(["up", "up"]),
                Err("$.x[1]: expected each at most once, got \"up\""),
            ),
            (
                json!(["up", "dwon"]),
                Err(&format!(
                    "$.x[1]: expected {sides}, got \"dwon\"; did you mean `down`?"
                )),
            ),
            (json!([1]), Err(&format!("$.x[0]: expected {sides}, got 1"))),
            (
                json!("up"),
                Err(&format!("$.x: expected an array of {sides}, got \"up\"")),
            ),
        ],
    );
}

#[test]
fn options_and_results() {
    table(
        "list<option<u8>>",
        &[
            (json!([1, null]), Ok("[some(1u8), none]")),
            (
                json!([""]),
                Err("$.x[0]: expected a whole number from 0 to 255, got \"\""),
            ),
        ],
    );
    table(
        "option<option<u8>>",
        &[
            (json!(null), Ok("none")),
            (json!({"some": null}), Ok("some(none)")),
            (json!({"some": 1}), Ok("some(some(1u8))")),
            (json!(1), Err("$.x: expected {\"some\": …} or null, got 1")),
            (
                json!({}),
                Err("$.x: expected {\"some\": …} or null, got {}"),
            ),
            (
                json!({"some": 1, "b": 2}),
                Err("$.x: expected {\"some\": …} or null, got {\"some\":1,\"b\":2}"),
            ),
            (
                json!({"some": -1}),
                Err("$.x.some: expected a whole number from 0 to 255, got -1"),
            ),
        ],
    );
    table(
        "option<option<option<bool>>>",
        &[(
            json!({"some": {"some": true}}),
            Ok("some(some(some(true)))"),
        )],
    );
    table(
        "result<u8, string>",
        &[
            (json!({"ok": 1}), Ok("ok(1u8)")),
            (json!({"err": "e"}), Ok("err(\"e\")")),
            (
                json!({"err": 1}),
                Err("$.x.err: expected a string, got 1; put it in quotation marks"),
            ),
            (
                json!({"ok": 1, "err": "e"}),
                Err("$.x: expected {\"ok\": …} or {\"err\": …}, got {\"ok\":1,\"err\":\"e\"}"),
            ),
            (
                json!({"Ok": 1}),
                Err("$.x: expected {\"ok\": …} or {\"err\": …}, got {\"Ok\":1}"),
            ),
            (
                json!(1),
                Err("$.x: expected {\"ok\": …} or {\"err\": …}, got 1"),
            ),
        ],
    );
    table(
        "result<_, option<u8>>",
        &[
            (json!({"ok": null}), Ok("ok()")),
            (json!({"err": null}), Ok("err(none)")),
            (
                json!({"ok": {}}),
                Err("$.x.ok: expected null or nothing, got {}"),
            ),
        ],
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
