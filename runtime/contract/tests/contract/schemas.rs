//! The schemas that models are shown.

use bailiwick_contract::Contract;
use serde_json::{Value, json};

use crate::component::{contract, documented, files, said};

/// The input schema of a function `f` with one parameter `x` of a type.
fn schema_of(ty: &str) -> Value {
    let contract = contract(&format!("world w {{ export f: func(x: {ty}); }}"));
    contract.functions[0].input_schema()["properties"]["x"].clone()
}

#[test]
fn grep_has_the_words_of_its_documentation() {
    let contract = Contract::read(&files()).unwrap();
    let schema = contract.function("grep").unwrap().input_schema();
    let documentation = said("grep: func(");
    let described = |param: &str, mut schema: Value| {
        let start = format!("- `{param}`: ");
        let line = documentation
            .lines()
            .find_map(|line| line.strip_prefix(&start))
            .unwrap();
        schema["description"] = line.into();
        schema
    };
    let string = json!({"type": "string"});
    let count = json!({"type": "integer", "minimum": 0, "maximum": 4_294_967_295_u32});
    let expected = json!({
        "type": "object",
        "properties": {
            "dir": described("dir", string.clone()),
            "pattern": described("pattern", string.clone()),
            "glob": described("glob", string),
            "ignore_case": described("ignore-case", json!({"type": "boolean"})),
            "context": described("context", count.clone()),
            "max_matches": described("max-matches", count),
        },
        "required": ["dir", "pattern"],
        "additionalProperties": false,
    });
    assert_eq!(schema, expected);
    // Models read in order, so the order is that of the signature.
    let keys: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "dir",
            "pattern",
            "glob",
            "ignore_case",
            "context",
            "max_matches"
        ]
    );
}

#[test]
fn a_listing_has_the_words_of_its_documentation() {
    let contract = Contract::read(&files()).unwrap();
    let schema = contract.function("list").unwrap().output_schema();
    let nullable = |schema: Value| json!([schema, {"type": "null"}]);
    let size = json!({"anyOf": [
        {"type": "integer", "minimum": 0, "maximum": u64::MAX},
        {"type": "string", "pattern": "^-?\\d+$"},
    ]});
    let kinds = json!(["file", "directory", "symlink", "other"]);
    let item = json!({
        "description": said("record item {"),
        "type": "object",
        "properties": {
            "path": {"description": "Its path.", "type": "string"},
            "kind": {"description": said("kind: kind,"), "type": "string", "enum": kinds},
            "size": {"description": said("size: option<u64>,"), "anyOf": nullable(size)},
        },
        "required": ["path", "kind"],
        "additionalProperties": false,
    });
    let expected = json!({
        "description": said("record listing {"),
        "type": "object",
        "properties": {
            "items": {"description": said("items: list<item>,"), "type": "array", "items": item},
            "total": {
                "description": "How many there are in all, also those that are not in `items`.",
                "type": "integer",
                "minimum": 0,
                "maximum": u32::MAX,
            },
            "note": {
                "description": "What was left out, and how to see it.",
                "anyOf": nullable(json!({"type": "string"})),
            },
        },
        "required": ["items", "total"],
        "additionalProperties": false,
    });
    assert_eq!(schema, expected);
}

#[test]
fn every_type_has_a_schema() {
    let string = json!({"type": "string"});
    let cases = [
        ("bool", json!({"type": "boolean"})),
        (
            "s8",
            json!({"type": "integer", "minimum": -128, "maximum": 127}),
        ),
        (
            "u8",
            json!({"type": "integer", "minimum": 0, "maximum": 255}),
        ),
        (
            "s16",
            json!({"type": "integer", "minimum": -32768, "maximum": 32767}),
        ),
        (
            "u16",
            json!({"type": "integer", "minimum": 0, "maximum": 65535}),
        ),
        (
            "s32",
            json!({"type": "integer", "minimum": i32::MIN, "maximum": i32::MAX}),
        ),
        (
            "u32",
            json!({"type": "integer", "minimum": 0, "maximum": u32::MAX}),
        ),
        (
            "s64",
            json!({"anyOf": [
                {"type": "integer", "minimum": i64::MIN, "maximum": i64::MAX},
                {"type": "string", "pattern": "^-?\\d+$"},
            ]}),
        ),
        (
            "f32",
            json!({"anyOf": [
                {"type": "number"},
                {"type": "string", "enum": ["NaN", "Infinity", "-Infinity"]},
            ]}),
        ),
        (
            "char",
            json!({"type": "string", "minLength": 1, "maxLength": 1}),
        ),
        ("string", string.clone()),
        (
            "list<u8>",
            json!({"type": "string", "contentEncoding": "base64"}),
        ),
        ("list<string>", json!({"type": "array", "items": string})),
        (
            "tuple<bool, string>",
            json!({
                "type": "array",
                "prefixItems": [{"type": "boolean"}, string],
                "minItems": 2,
                "maxItems": 2,
            }),
        ),
        ("option<string>", string.clone()),
        (
            "list<option<string>>",
            json!({"type": "array", "items": {"anyOf": [string, {"type": "null"}]}}),
        ),
        (
            "option<option<string>>",
            json!({"anyOf": [
                {
                    "type": "object",
                    "properties": {"some": {"anyOf": [string, {"type": "null"}]}},
                    "required": ["some"],
                    "additionalProperties": false,
                },
                {"type": "null"},
            ]}),
        ),
        (
            "result<string>",
            json!({"oneOf": [
                {
                    "type": "object",
                    "properties": {"ok": string},
                    "required": ["ok"],
                    "additionalProperties": false,
                },
                {
                    "type": "object",
                    "properties": {"err": {"type": "null"}},
                    "required": ["err"],
                    "additionalProperties": false,
                },
            ]}),
        ),
    ];
    for (ty, expected) in cases {
        assert_eq!(schema_of(ty), expected, "{ty}");
    }
}

const SHAPES: &str = "interface i {
  /// What is drawn.
  variant shape {
    /// Nothing at all.
    nothing,
    /// Round.
    circle(f64),
    /// Perhaps named.
    other(option<string>),
  }
  /// Sides.
  flags sides {
    /// Towards the top.
    up,
    down,
  }
  /// How thick.
  enum width { thin, thick-ish }
  /// A drawing.
  record drawing {
    /// What is on it,
    /// in order.
    shapes: list<shape>,
    sides: sides,
    /// Of every line.
    width: width,
    wide-as: option<width>,
  }
  /// Draw it.
  ///
  /// - `it`: the drawing.
  draw: func(it: drawing, raw: list<u8>) -> result<list<shape>, width>;
  /// Write it.
  /// @text
  write: func(raw: list<u8>) -> list<u8>;
  /// Do nothing.
  nothing: func();
  fail: func() -> result;
  perhaps: func() -> option<drawing>;
}
world w { export i; }";

#[test]
fn named_types_have_schemas_with_their_documentation() {
    let contract = documented(SHAPES);
    let draw = contract.function("draw").unwrap();
    let kind = |name: &str| json!({"type": "string", "const": name});
    let shape = json!({"description": "What is drawn.", "oneOf": [
        {
            "description": "Nothing at all.",
            "type": "object",
            "properties": {"kind": kind("nothing")},
            "required": ["kind"],
            "additionalProperties": false,
        },
        {
            "description": "Round.",
            "type": "object",
            "properties": {"kind": kind("circle"), "value": {"anyOf": [
                {"type": "number"},
                {"type": "string", "enum": ["NaN", "Infinity", "-Infinity"]},
            ]}},
            "required": ["kind", "value"],
            "additionalProperties": false,
        },
        {
            "description": "Perhaps named.",
            "type": "object",
            "properties": {
                "kind": kind("other"),
                "value": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            },
            "required": ["kind"],
            "additionalProperties": false,
        },
    ]});
    let width = json!({"type": "string", "enum": ["thin", "thick-ish"]});
    let mut of_every_line = width.clone();
    of_every_line["description"] = "Of every line.".into();
    let mut how_thick = width;
    how_thick["description"] = "How thick.".into();
    let expected = json!({
        "type": "object",
        "properties": {
            "it": {
                "description": "the drawing.",
                "type": "object",
                "properties": {
                    "shapes": {
                        "description": "What is on it,\nin order.",
                        "type": "array",
                        "items": shape,
                    },
                    "sides": {
                        "description": "Sides.\n\n- `up`: Towards the top.",
                        "type": "array",
                        "items": {"type": "string", "enum": ["up", "down"]},
                        "uniqueItems": true,
                    },
                    "width": of_every_line,
                    "wide_as": {"anyOf": [how_thick, {"type": "null"}]},
                },
                "required": ["shapes", "sides", "width"],
                "additionalProperties": false,
            },
            "raw": {"type": "string", "contentEncoding": "base64"},
        },
        "required": ["it", "raw"],
        "additionalProperties": false,
    });
    assert_eq!(draw.input_schema(), expected);
    let result = json!({
        "type": "object",
        "properties": {"result": {"type": "array", "items": shape}},
        "required": ["result"],
        "additionalProperties": false,
    });
    assert_eq!(draw.output_schema(), result);
}

#[test]
fn results_are_objects() {
    let contract = documented(SHAPES);
    let result = |name: &str| contract.function(name).unwrap().output_schema();
    let wrapped = |schema: Value| {
        json!({
            "type": "object",
            "properties": {"result": schema},
            "required": ["result"],
            "additionalProperties": false,
        })
    };
    assert_eq!(result("write"), wrapped(json!({"type": "string"})));
    assert_eq!(result("nothing"), wrapped(json!({"type": "null"})));
    assert_eq!(result("fail"), wrapped(json!({"type": "null"})));
    let perhaps = &result("perhaps")["properties"]["result"]["anyOf"];
    assert_eq!(perhaps[0]["description"], "A drawing.");
    assert_eq!(perhaps[1], json!({"type": "null"}));
}

#[test]
fn text_is_said_of_one_function_alone() {
    let contract = documented(SHAPES);
    let of =
        |name: &str| contract.function(name).unwrap().input_schema()["properties"]["raw"].clone();
    assert_eq!(of("write"), json!({"type": "string"}));
    assert_eq!(
        of("draw"),
        json!({"type": "string", "contentEncoding": "base64"})
    );
}
