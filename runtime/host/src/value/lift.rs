//! An engine's values → JSON.

use bailiwick_contract::known::is_content;
use bailiwick_contract::{Case, Field, Named, Type};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Number, Value, json};
use wasmtime::component::Val;

use crate::outcome::Content;

/// Integers beyond this are strings: a JSON reader that has only doubles would change them.
const EXACT: u64 = 1 << 53;

/// The JSON of a value of a type.
///
/// # Errors
///
/// When the value is not of the type, which would be the engine's fault.
pub(crate) fn lift(ty: &Type, val: Val) -> Result<Value, Mistyped> {
    Ok(match (ty, val) {
        (Type::Bool, Val::Bool(value)) => Value::Bool(value),
        (Type::S8, Val::S8(value)) => value.into(),
        (Type::U8, Val::U8(value)) => value.into(),
        (Type::S16, Val::S16(value)) => value.into(),
        (Type::U16, Val::U16(value)) => value.into(),
        (Type::S32, Val::S32(value)) => value.into(),
        (Type::U32, Val::U32(value)) => value.into(),
        (Type::S64, Val::S64(value)) if value.unsigned_abs() <= EXACT => value.into(),
        (Type::S64, Val::S64(value)) => value.to_string().into(),
        (Type::U64, Val::U64(value)) if value <= EXACT => value.into(),
        (Type::U64, Val::U64(value)) => value.to_string().into(),
        (Type::F32, Val::Float32(value)) => float(shortest(value)),
        (Type::F64, Val::Float64(value)) => float(value),
        (Type::Char, Val::Char(value)) => value.to_string().into(),
        (Type::String, Val::String(value)) => Value::String(value),
        (Type::Bytes { text }, Val::List(items)) => {
            let bytes = bytes(items)?;
            Value::String(if *text {
                lossy(bytes)
            } else {
                STANDARD.encode(bytes)
            })
        }
        (Type::List(item), Val::List(items)) => items
            .into_iter()
            .map(|val| lift(item, val))
            .collect::<Result<_, _>>()?,
        (Type::Tuple(types), Val::Tuple(items)) if types.len() == items.len() => types
            .iter()
            .zip(items)
            .map(|(ty, val)| lift(ty, val))
            .collect::<Result<_, _>>()?,
        (Type::Record(ty), Val::Record(fields)) => record(ty, fields)?,
        // In JSON it is the path, in either direction.
        // A file that the tool returned: it was kept, and this is its name.
        (Type::Handle(_), Val::String(name)) => Value::String(name),
        (Type::Mount(mount), Val::Record(fields)) => record(&mount.record, fields)?["path"].take(),
        (Type::Variant(ty), Val::Variant(name, payload)) => {
            let case = case(ty, &name)?;
            let mut object = Map::new();
            object.insert("kind".to_owned(), Value::String(case.key.to_string()));
            if let (Some(ty), Some(val)) = (&case.ty, payload) {
                object.insert("value".to_owned(), lift(ty, *val)?);
            }
            Value::Object(object)
        }
        (Type::Enum(ty), Val::Enum(name)) => Value::String(case(ty, &name)?.key.to_string()),
        (Type::Flags(ty), Val::Flags(names)) => names
            .iter()
            .map(|name| Ok(Value::String(case(ty, name)?.key.to_string())))
            .collect::<Result<_, _>>()?,
        (Type::Option(_), Val::Option(None)) => Value::Null,
        (Type::Option(inner), Val::Option(Some(val))) => match &**inner {
            Type::Option(_) => json!({ "some": lift(inner, *val)? }),
            _ => lift(inner, *val)?,
        },
        (Type::Result { ok, err }, Val::Result(result)) => {
            let (key, ty, payload) = match result {
                Ok(payload) => ("ok", ok, payload),
                Err(payload) => ("err", err, payload),
            };
            let value = match (ty, payload) {
                (Some(ty), Some(val)) => lift(ty, *val)?,
                _ => Value::Null,
            };
            json!({ key: value })
        }
        _ => return Err(Mistyped),
    })
}

/// The pieces of a result that is content (`bailiwick:tool/types.content`, or a list of it); none when it is data.
pub(crate) fn content(ty: &Type, val: &Val) -> Vec<Content> {
    match (ty, val) {
        (Type::List(item), Val::List(items)) if is_content(item) => {
            items.iter().filter_map(piece).collect()
        }
        (ty, val) if is_content(ty) => piece(val).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn piece(val: &Val) -> Option<Content> {
    let Val::Variant(case, Some(payload)) = val else {
        return None;
    };
    match (case.as_str(), &**payload) {
        ("text", Val::String(text)) => Some(Content::Text(text.clone())),
        ("json", Val::String(text)) => Some(Content::Json(text.clone())),
        ("image" | "audio", Val::Record(fields)) => {
            let [(_, Val::List(data)), (_, Val::String(mime))] = fields.as_slice() else {
                return None;
            };
            let data = bytes(data.clone()).ok()?;
            Some(match case.as_str() {
                "image" => Content::Image(data, mime.clone()),
                _ => Content::Audio(data, mime.clone()),
            })
        }
        _ => None,
    }
}

/// A value is not of the type that the contract says.
#[derive(Debug, thiserror::Error)]
#[error("the engine gave a value of another type than the contract says")]
pub(crate) struct Mistyped;

fn record(ty: &Named<Field>, fields: Vec<(String, Val)>) -> Result<Value, Mistyped> {
    if fields.len() != ty.items.len() {
        return Err(Mistyped);
    }
    let mut object = Map::new();
    for (field, (_, val)) in ty.items.iter().zip(fields) {
        // Absent and null say the same of an option, and absent is shorter.
        if !matches!((&field.ty, &val), (Type::Option(_), Val::Option(None))) {
            object.insert(field.key.to_string(), lift(&field.ty, val)?);
        }
    }
    Ok(Value::Object(object))
}

fn case<'a>(ty: &'a Named<Case>, name: &str) -> Result<&'a Case, Mistyped> {
    ty.items
        .iter()
        .find(|case| &*case.name == name)
        .ok_or(Mistyped)
}

fn bytes(items: Vec<Val>) -> Result<Vec<u8>, Mistyped> {
    let byte = |val| match val {
        Val::U8(byte) => Ok(byte),
        _ => Err(Mistyped),
    };
    items.into_iter().map(byte).collect()
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The double whose shortest decimal form is that of the single: 0.1, and not 0.10000000149011612.
fn shortest(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| value.into())
}

fn float(value: f64) -> Value {
    match Number::from_f64(value) {
        Some(number) => Value::Number(number),
        None if value.is_nan() => "NaN".into(),
        None if value > 0.0 => "Infinity".into(),
        None => "-Infinity".into(),
    }
}
