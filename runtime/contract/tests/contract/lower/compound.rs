//! Types that are made of others, and words.

use serde_json::json;

use super::{table, told};
use crate::component::contract;

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

/// A message goes to a model: it lists some of many names.
#[test]
fn many_names_are_not_all_listed() {
    let names: Vec<_> = (0..30).map(|at| format!("n{at}")).collect();
    let listed: Vec<_> = names[..24].iter().map(|name| format!("`{name}`")).collect();
    let listed = format!("one of {}, …", listed.join(", "));
    for (keyword, json, at) in [
        ("enum", json!("?"), "$.x: "),
        ("flags", json!(["?"]), "$.x[0]: "),
        ("variant", json!({"kind": "?"}), "$.x.kind: "),
    ] {
        let body = format!(
            "interface i {{ {keyword} t {{ {} }} f: func(x: t); }} world w {{ export i; }}",
            names.join(", ")
        );
        let function = contract(&body).functions.remove(0);
        assert_eq!(
            told(&function, json!({"x": json})),
            Err(format!("{at}expected {listed}, got \"?\"")),
        );
    }
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
