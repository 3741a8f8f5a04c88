//! Random types, and random JSON for them.

use bailiwick_contract::json::{Check, lower};
use bailiwick_contract::{Contract, Field, Function, Type};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use crate::component::contract;

/// A type in WIT; named types are defined on the way.
#[derive(Debug, Clone)]
enum Shape {
    Simple(&'static str),
    List(Box<Shape>),
    Option(Box<Shape>),
    Tuple(Vec<Shape>),
    Result(Option<Box<Shape>>, Option<Box<Shape>>),
    Record(Vec<Shape>),
    Variant(Vec<Option<Shape>>),
    Enum(usize),
    Flags(usize),
}

impl Shape {
    fn wit(&self, named: &mut Vec<String>) -> String {
        let define = |keyword: &str, items: Vec<String>, named: &mut Vec<String>| {
            let name = format!("t{}", named.len());
            named.push(format!("{keyword} {name} {{ {} }}", items.join(", ")));
            name
        };
        match self {
            Shape::Simple(name) => (*name).to_owned(),
            Shape::List(item) => format!("list<{}>", item.wit(named)),
            Shape::Option(inner) => format!("option<{}>", inner.wit(named)),
            Shape::Tuple(items) => {
                let items: Vec<_> = items.iter().map(|item| item.wit(named)).collect();
                format!("tuple<{}>", items.join(", "))
            }
            Shape::Result(ok, err) => {
                let mut side =
                    |ty: &Option<Box<Shape>>| ty.as_ref().map_or("_".into(), |ty| ty.wit(named));
                match (side(ok), side(err)) {
                    (ok, err) if ok == "_" && err == "_" => "result".into(),
                    (ok, err) if err == "_" => format!("result<{ok}>"),
                    (ok, err) => format!("result<{ok}, {err}>"),
                }
            }
            Shape::Record(fields) => {
                let fields = fields.iter().enumerate();
                let fields: Vec<_> = fields
                    .map(|(at, ty)| format!("field-{at}: {}", ty.wit(named)))
                    .collect();
                define("record", fields, named)
            }
            Shape::Variant(cases) => {
                let mut items = Vec::new();
                for (at, case) in cases.iter().enumerate() {
                    let payload = case.as_ref().map(|ty| format!("({})", ty.wit(named)));
                    items.push(format!("case-{at}{}", payload.unwrap_or_default()));
                }
                define("variant", items, named)
            }
            Shape::Enum(count) => define(
                "enum",
                (0..*count).map(|at| format!("case-{at}")).collect(),
                named,
            ),
            Shape::Flags(count) => define(
                "flags",
                (0..*count).map(|at| format!("flag-{at}")).collect(),
                named,
            ),
        }
    }
}

fn shape() -> impl Strategy<Value = Shape> {
    let simple = prop::sample::select(&[
        "bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "f32", "f64", "char",
        "string",
    ]);
    let leaf = prop_oneof![
        4 => simple.prop_map(Shape::Simple),
        1 => (1..20_usize).prop_map(Shape::Enum),
        1 => (1..33_usize).prop_map(Shape::Flags),
    ];
    leaf.prop_recursive(5, 24, 4, |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        prop_oneof![
            boxed.clone().prop_map(Shape::List),
            boxed.clone().prop_map(Shape::Option),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Shape::Tuple),
            (prop::option::of(boxed.clone()), prop::option::of(boxed))
                .prop_map(|(ok, err)| Shape::Result(ok, err)),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Shape::Record),
            prop::collection::vec(prop::option::of(inner), 1..4).prop_map(Shape::Variant),
        ]
    })
}

/// JSON that fits a type.
fn fitting(ty: &Type) -> BoxedStrategy<Value> {
    fn integers<T: Arbitrary + Into<Value> + Copy + 'static>() -> BoxedStrategy<Value> {
        any::<T>().prop_map(Into::into).boxed()
    }
    fn wide<T: Arbitrary + Into<Value> + Copy + ToString + 'static>() -> BoxedStrategy<Value> {
        let text = any::<T>().prop_map(|value| value.to_string().into());
        prop_oneof![integers::<T>(), text].boxed()
    }
    let words = prop::sample::select(&["NaN", "Infinity", "-Infinity"]).prop_map(Value::from);
    match ty {
        Type::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Type::S8 => integers::<i8>(),
        Type::U8 => integers::<u8>(),
        Type::S16 => integers::<i16>(),
        Type::U16 => integers::<u16>(),
        Type::S32 => integers::<i32>(),
        Type::U32 => integers::<u32>(),
        Type::S64 => wide::<i64>(),
        Type::U64 => wide::<u64>(),
        Type::F32 => {
            let finite = prop::num::f32::NORMAL | prop::num::f32::SUBNORMAL | prop::num::f32::ZERO;
            prop_oneof![finite.prop_map(Value::from), words].boxed()
        }
        Type::F64 => {
            let finite = prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO;
            prop_oneof![finite.prop_map(Value::from), words].boxed()
        }
        Type::Char => any::<char>()
            .prop_map(|char| char.to_string().into())
            .boxed(),
        Type::String | Type::Handle(_) | Type::Mount(_) | Type::Bytes { text: true } => {
            any::<String>().prop_map(Value::from).boxed()
        }
        Type::Bytes { text: false } => prop::collection::vec("[A-Za-z0-9+/]{4}", 0..4)
            .prop_map(|quads| quads.concat().into())
            .boxed(),
        Type::List(item) => prop::collection::vec(fitting(item), 0..4)
            .prop_map(Value::from)
            .boxed(),
        Type::Tuple(types) => {
            let items: Vec<_> = types.iter().map(fitting).collect();
            items.prop_map(Value::from).boxed()
        }
        Type::Record(named) => object(&named.items),
        Type::Variant(named) => {
            let cases = named.items.iter().map(|case| {
                let kind = case.key.to_string();
                match &case.ty {
                    None => Just(json!({"kind": kind})).boxed(),
                    Some(ty) => fitting(ty)
                        .prop_map(move |value| json!({"kind": kind, "value": value}))
                        .boxed(),
                }
            });
            prop::strategy::Union::new(cases).boxed()
        }
        Type::Enum(named) => {
            let keys: Vec<_> = named
                .items
                .iter()
                .map(|case| case.key.to_string())
                .collect();
            prop::sample::select(keys).prop_map(Value::from).boxed()
        }
        Type::Flags(named) => {
            let keys: Vec<_> = named
                .items
                .iter()
                .map(|case| case.key.to_string())
                .collect();
            let count = 0..=keys.len();
            prop::sample::subsequence(keys, count)
                .prop_map(Value::from)
                .boxed()
        }
        Type::Option(inner) => {
            let nested = matches!(**inner, Type::Option(_));
            let some = fitting(inner).prop_map(move |value| {
                if nested {
                    json!({"some": value})
                } else {
                    value
                }
            });
            prop_oneof![some, Just(Value::Null)].boxed()
        }
        Type::Result { ok, err } => {
            let side = |key: &'static str, ty: Option<&Type>| {
                let payload = ty.map_or(Just(Value::Null).boxed(), fitting);
                payload.prop_map(move |value| json!({key: value}))
            };
            prop_oneof![side("ok", ok.as_deref()), side("err", err.as_deref())].boxed()
        }
    }
}

fn object(fields: &[Field]) -> BoxedStrategy<Value> {
    let entries: Vec<_> = fields
        .iter()
        .map(|field| {
            let key = field.key.to_string();
            let given = fitting(&field.ty).prop_map(move |value| Some((key.clone(), value)));
            match field.ty {
                Type::Option(_) => prop_oneof![3 => given, 1 => Just(None)].boxed(),
                _ => given.boxed(),
            }
        })
        .collect();
    entries
        .prop_map(|entries| entries.into_iter().flatten().collect::<Map<_, _>>().into())
        .boxed()
}

fn function(shapes: &[Shape]) -> (Contract, Vec<String>) {
    let mut named = Vec::new();
    let params: Vec<_> = shapes
        .iter()
        .enumerate()
        .map(|(at, shape)| format!("param-{at}: {}", shape.wit(&mut named)))
        .collect();
    let body = format!(
        "interface i {{ {} f: func({}); }} world w {{ export i; }}",
        named.join(" "),
        params.join(", ")
    );
    (contract(&body), params)
}

fn takes(function: &Function, args: &Value) -> Result<(), TestCaseError> {
    match lower(&mut Check, function, args.clone()) {
        Ok(values) => prop_assert_eq!(values.len(), function.params.len()),
        Err(error) => prop_assert!(false, "{}: {}", error, args),
    }
    Ok(())
}

/// Whether a value fits a schema, for the words that ours are made of. What is not one of these fails.
fn fits(schema: &Value, value: &Value) -> bool {
    schema
        .as_object()
        .unwrap()
        .iter()
        .all(|(word, says)| match word.as_str() {
            "description" | "contentEncoding" | "additionalProperties" => true,
            "type" => match says.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                "null" => value.is_null(),
                "number" => value.is_number(),
                "integer" => value.is_i64() || value.is_u64(),
                other => panic!("the type {other}"),
            },
            "properties" => value.as_object().is_none_or(|object| {
                object
                    .iter()
                    .all(|(key, value)| says.get(key).is_some_and(|says| fits(says, value)))
            }),
            "required" => says
                .as_array()
                .unwrap()
                .iter()
                .all(|key| value.get(key.as_str().unwrap()).is_some()),
            "items" => value
                .as_array()
                .is_none_or(|items| items.iter().all(|item| fits(says, item))),
            "prefixItems" => value.as_array().is_none_or(|items| {
                items
                    .iter()
                    .zip(says.as_array().unwrap())
                    .all(|(item, says)| fits(says, item))
            }),
            "minItems" => value
                .as_array()
                .is_none_or(|items| items.len() as u64 >= says.as_u64().unwrap()),
            "maxItems" => value
                .as_array()
                .is_none_or(|items| items.len() as u64 <= says.as_u64().unwrap()),
            "uniqueItems" => value.as_array().is_none_or(|items| {
                items
                    .iter()
                    .enumerate()
                    .all(|(at, item)| !items[..at].contains(item))
            }),
            "enum" => says.as_array().unwrap().contains(value),
            "const" => says == value,
            "anyOf" => says
                .as_array()
                .unwrap()
                .iter()
                .any(|says| fits(says, value)),
            "oneOf" => {
                says.as_array()
                    .unwrap()
                    .iter()
                    .filter(|says| fits(says, value))
                    .count()
                    == 1
            }
            "minimum" => whole(value).is_none_or(|value| value >= whole(says).unwrap()),
            "maximum" => whole(value).is_none_or(|value| value <= whole(says).unwrap()),
            "minLength" => value
                .as_str()
                .is_none_or(|text| text.chars().count() as u64 >= says.as_u64().unwrap()),
            "maxLength" => value
                .as_str()
                .is_none_or(|text| text.chars().count() as u64 <= says.as_u64().unwrap()),
            "pattern" => {
                assert_eq!(says, "^-?\\d+$");
                value
                    .as_str()
                    .is_none_or(|text| text.parse::<i128>().is_ok())
            }
            other => panic!("the word {other}"),
        })
}

fn whole(value: &Value) -> Option<i128> {
    value
        .as_i64()
        .map(i128::from)
        .or_else(|| value.as_u64().map(i128::from))
}

/// JSON like `value` with one part of it replaced.
fn damaged(value: &Value, at: &prop::sample::Index, with: &Value) -> Value {
    let text = value.to_string();
    let mut places: Vec<usize> = text
        .match_indices([':', '[', ','])
        .map(|(at, _)| at)
        .collect();
    places.push(0);
    let place = places[at.index(places.len())];
    let mut stream = serde_json::Deserializer::from_str(&text[place + 1..]).into_iter::<Value>();
    match stream.next() {
        Some(Ok(_)) => {
            let end = place + 1 + stream.byte_offset();
            let new = format!("{}{with}{}", &text[..=place], &text[end..]);
            serde_json::from_str(&new).unwrap_or_else(|_| value.clone())
        }
        _ => value.clone(),
    }
}

#[test]
fn what_fits_is_taken_and_what_does_not_is_refused() {
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(150)
    });
    let shapes = prop::collection::vec(shape(), 0..4);
    let result = runner.run(&shapes, |shapes| {
        let (contract, params) = function(&shapes);
        let function = &contract.functions[0];
        let schema = function.input_schema();
        let shown = function.signature();
        for param in &params {
            prop_assert!(shown.contains(param.as_str()), "{shown}: {param}");
        }
        let example = function.example();
        takes(function, &example)?;
        prop_assert!(fits(&schema, &example), "{example} in {schema}");

        let with = prop::sample::select(vec![
            json!(null),
            json!(-1),
            json!("x"),
            json!([]),
            json!({}),
            json!(1.5),
        ]);
        let strategy = (object(&function.params), any::<prop::sample::Index>(), with);
        let mut inner = TestRunner::new(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::with_cases(30)
        });
        let ran = inner.run(&strategy, |(args, at, with)| {
            takes(function, &args)?;
            let damaged = damaged(&args, &at, &with);
            let taken = lower(&mut Check, function, damaged.clone());
            if let Err(error) = &taken {
                prop_assert!(error.to_string().len() > 10);
            }
            // The schema and the check agree, but for three things: null in place of an argument that may be left out, whole numbers
            // with a fraction of zero, and base64, of which the schema only has the name.
            let fits = fits(&schema, &damaged) || fits(&schema, &without_nulls(function, &damaged));
            let says_less = schema.to_string().contains("contentEncoding")
                || damaged.to_string().contains(".0");
            if !says_less {
                prop_assert_eq!(
                    taken.is_ok(),
                    fits,
                    "{:?} for {} in {}",
                    taken,
                    damaged,
                    schema
                );
            }
            Ok(())
        });
        ran.map_err(|error| TestCaseError::fail(error.to_string()))
    });
    result.unwrap();
}

/// Without arguments that may be left out and are null.
fn without_nulls(function: &Function, args: &Value) -> Value {
    let Value::Object(args) = args else {
        return args.clone();
    };
    let mut args = args.clone();
    for param in &function.params {
        if matches!(param.ty, Type::Option(_)) && args.get(&*param.key) == Some(&Value::Null) {
            args.remove(&*param.key);
        }
    }
    args.into()
}
