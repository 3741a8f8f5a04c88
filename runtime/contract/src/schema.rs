//! Types → JSON Schema (2020-12), in the subset that the APIs of models take.
//!
//! Used are `type`, `description`, `properties`, `required`, `additionalProperties: false`, `items`, `prefixItems`,
//! `minItems`, `maxItems`, `uniqueItems`, `enum`, `const`, `anyOf`, `oneOf`, `minimum`, `maximum`, `minLength`, `maxLength`,
//! `pattern` and `contentEncoding`. There are no references: a schema is read in one place. What fits a schema is what
//! [`crate::json::lower`] takes; that also takes null for an optional argument and `3.0` for 3, and wants base64 to be so.

use serde_json::{Map, Value, json};

use crate::types::{Case, Field, Function, Named, Type};

impl Function {
    /// The JSON Schema of the arguments: an object with one property for each parameter. The description of a property is
    /// the parameter's documentation.
    pub fn input_schema(&self) -> Value {
        let properties = self.params.iter().map(|param| {
            // An absent argument says it all; the schema of the value itself is easier to read for a model.
            let ty = match &param.ty {
                Type::Option(inner) if !matches!(**inner, Type::Option(_)) => inner,
                ty => ty,
            };
            (&*param.key, described(schema(ty), &param.docs))
        });
        object(properties, &self.params)
    }

    /// The JSON Schema of what a call returns when it succeeds, which of a `result<T, E>` is `T`: an object. A value that is
    /// not a record is its property `result`.
    pub fn output_schema(&self) -> Value {
        let success = match &self.result {
            Some(Type::Result { ok, .. }) => ok.as_deref(),
            other => other.as_ref(),
        };
        match success {
            Some(ty @ Type::Record(_)) => schema(ty),
            ty => wrapped([("result", ty.map_or_else(null, schema))]),
        }
    }
}

fn null() -> Value {
    json!({"type": "null"})
}

/// With a description in front, if there is one to give. It replaces that of the type.
fn described(schema: Value, docs: &str) -> Value {
    let Value::Object(schema) = schema else {
        return schema;
    };
    if docs.is_empty() {
        return schema.into();
    }
    let mut with = Map::new();
    with.insert("description".into(), docs.into());
    with.extend(schema.into_iter().filter(|(key, _)| key != "description"));
    with.into()
}

fn object<'a>(properties: impl Iterator<Item = (&'a str, Value)>, fields: &[Field]) -> Value {
    let required: Vec<_> = fields
        .iter()
        .filter(|field| !matches!(field.ty, Type::Option(_)))
        .map(|field| Value::from(&*field.key))
        .collect();
    let properties: Map<_, _> = properties
        .map(|(key, schema)| (key.to_owned(), schema))
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// An object whose properties are all there.
fn wrapped<const N: usize>(properties: [(&str, Value); N]) -> Value {
    let required: Vec<_> = properties
        .iter()
        .map(|(key, _)| Value::from(*key))
        .collect();
    let properties: Map<_, _> = properties
        .into_iter()
        .map(|(key, schema)| (key.to_owned(), schema))
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn schema(ty: &Type) -> Value {
    match ty {
        Type::Bool => json!({"type": "boolean"}),
        Type::S8 => integer(i8::MIN, i8::MAX),
        Type::U8 => integer(u8::MIN, u8::MAX),
        Type::S16 => integer(i16::MIN, i16::MAX),
        Type::U16 => integer(u16::MIN, u16::MAX),
        Type::S32 => integer(i32::MIN, i32::MAX),
        Type::U32 => integer(u32::MIN, u32::MAX),
        Type::S64 => wide(integer(i64::MIN, i64::MAX)),
        Type::U64 => wide(integer(u64::MIN, u64::MAX)),
        Type::F32 | Type::F64 => json!({"anyOf": [
            {"type": "number"},
            {"type": "string", "enum": ["NaN", "Infinity", "-Infinity"]},
        ]}),
        Type::Char => json!({"type": "string", "minLength": 1, "maxLength": 1}),
        Type::String | Type::Handle(_) | Type::Bytes { text: true } => json!({"type": "string"}),
        Type::Mount(mount) => described(json!({"type": "string"}), &mount.record.docs),
        Type::Bytes { text: false } => json!({"type": "string", "contentEncoding": "base64"}),
        Type::List(item) => json!({"type": "array", "items": schema(item)}),
        Type::Tuple(types) => {
            let items: Vec<_> = types.iter().map(schema).collect();
            json!({
                "type": "array",
                "prefixItems": items,
                "minItems": types.len(),
                "maxItems": types.len(),
            })
        }
        Type::Record(named) => {
            let fields = named.items.iter();
            let properties =
                fields.map(|field| (&*field.key, described(schema(&field.ty), &field.docs)));
            described(object(properties, &named.items), &named.docs)
        }
        Type::Variant(named) => {
            let cases: Vec<_> = named.items.iter().map(case).collect();
            described(json!({"oneOf": cases}), &named.docs)
        }
        Type::Enum(named) => described(words(named), &with_cases(named)),
        Type::Flags(named) => {
            let items = json!({"type": "array", "items": words(named), "uniqueItems": true});
            described(items, &with_cases(named))
        }
        Type::Option(inner) => {
            let some = match &**inner {
                ty @ Type::Option(_) => wrapped([("some", schema(ty))]),
                ty => schema(ty),
            };
            json!({"anyOf": [some, {"type": "null"}]})
        }
        Type::Result { ok, err } => {
            let side =
                |key: &str, ty: Option<&Type>| wrapped([(key, ty.map_or_else(null, schema))]);
            json!({"oneOf": [side("ok", ok.as_deref()), side("err", err.as_deref())]})
        }
    }
}

fn integer(least: impl Into<Value>, most: impl Into<Value>) -> Value {
    json!({"type": "integer", "minimum": least.into(), "maximum": most.into()})
}

/// A number is exact up to 2^53 in most languages, and a string of digits always.
fn wide(integer: Value) -> Value {
    json!({"anyOf": [integer, {"type": "string", "pattern": "^-?\\d+$"}]})
}

fn case(case: &Case) -> Value {
    let kind = json!({"type": "string", "const": &*case.key});
    let mut schema = match &case.ty {
        None => wrapped([("kind", kind)]),
        Some(ty) => wrapped([("kind", kind), ("value", schema(ty))]),
    };
    if matches!(case.ty, Some(Type::Option(_))) {
        schema["required"] = json!(["kind"]);
    }
    described(schema, &case.docs)
}

fn words(named: &Named<Case>) -> Value {
    let words: Vec<_> = named
        .items
        .iter()
        .map(|case| Value::from(&*case.key))
        .collect();
    json!({"type": "string", "enum": words})
}

/// The documentation of a type and of its cases, for `enum` has no place for the latter.
fn with_cases(named: &Named<Case>) -> String {
    let cases = named.items.iter().filter(|case| !case.docs.is_empty());
    let cases: Vec<_> = cases
        .map(|case| format!("- `{}`: {}", case.key, case.docs))
        .collect();
    let parts = [named.docs.clone(), cases.join("\n")];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n\n")
}
