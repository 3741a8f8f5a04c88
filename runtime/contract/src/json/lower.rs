//! Walks JSON and types together. As deep as the type is, which is bounded when the component is read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::build::Build;
use super::mismatch::{Mismatch, Path, keys, meant, object_with, one_of, wanted};
use super::number;
use crate::types::{Case, Field, Function, Named, Type};

/// What `B` builds, or why not.
type Lowered<B, T> = Result<T, LowerError<<B as Build>::Error>>;

/// Why arguments were not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LowerError<E> {
    /// The JSON does not fit the contract.
    #[error(transparent)]
    Mismatch(#[from] Box<Mismatch>),
    /// A handle was refused.
    #[error("{path}: {error}")]
    Handle {
        /// Where its name stands, as a JSON path.
        path: String,
        /// Why.
        error: E,
    },
}

/// The values of `args`, one for each parameter of `function`, in order.
///
/// `args` is an object with the parameters' keys. Null is the empty object. A parameter that is an option may be absent or
/// null; nothing but the parameters may be there.
pub fn lower<B: Build>(
    build: &mut B,
    function: &Function,
    args: Value,
) -> Result<Vec<B::Value>, LowerError<B::Error>> {
    let args = match args {
        Value::Object(args) => args,
        Value::Null => Map::new(),
        other => {
            return Err(Path::Root
                .mismatch(object_with(&function.params), &other)
                .into());
        }
    };
    fields(build, &Path::Root, &function.params, args)
}

fn fields<B: Build>(
    build: &mut B,
    path: &Path<'_>,
    fields: &[Field],
    mut object: Map<String, Value>,
) -> Lowered<B, Vec<B::Value>> {
    let given: Vec<Option<Value>> = fields
        .iter()
        .map(|field| object.remove(&*field.key))
        .collect();
    // Before what is missing: a misspelt name is both, and what was meant helps more.
    if let Some((key, value)) = object.iter().next() {
        let known = fields.iter().map(|field| &*field.key);
        return Err(path.unknown(key, value, known).into());
    }
    let values = fields
        .iter()
        .zip(given)
        .map(|(field, given)| match (given, &field.ty) {
            (Some(given), ty) => value(build, &Path::Key(path, &field.key), ty, given),
            (None, Type::Option(_)) => Ok(build.option(None)),
            (None, ty) => Err(path.missing(&field.key, wanted(ty)).into()),
        });
    values.collect()
}

fn value<B: Build>(build: &mut B, path: &Path<'_>, ty: &Type, json: Value) -> Lowered<B, B::Value> {
    macro_rules! integer {
        ($method:ident, $json:ident, $wide:expr) => {
            match number::integer(&$json, $wide).and_then(|whole| whole.try_into().ok()) {
                Some(whole) => build.$method(whole),
                None => return Err(not_whole(path, ty, &$json).into()),
            }
        };
    }
    Ok(match (ty, json) {
        (Type::Bool, Value::Bool(value)) => build.bool(value),
        (Type::S8, json) => integer!(s8, json, false),
        (Type::U8, json) => integer!(u8, json, false),
        (Type::S16, json) => integer!(s16, json, false),
        (Type::U16, json) => integer!(u16, json, false),
        (Type::S32, json) => integer!(s32, json, false),
        (Type::U32, json) => integer!(u32, json, false),
        (Type::S64, json) => integer!(s64, json, true),
        (Type::U64, json) => integer!(u64, json, true),
        (Type::F32, json) => match number::float(&json).and_then(number::narrow) {
            Some(float) => build.f32(float),
            None => return Err(path.mismatch(wanted(ty), &json).into()),
        },
        (Type::F64, json) => match number::float(&json) {
            Some(float) => build.f64(float),
            None => return Err(path.mismatch(wanted(ty), &json).into()),
        },
        (Type::Char, Value::String(text)) => {
            let mut chars = text.chars();
            match (chars.next(), chars.next()) {
                (Some(char), None) => build.char(char),
                _ => return Err(path.mismatch(wanted(ty), &Value::String(text)).into()),
            }
        }
        (Type::String, Value::String(text)) => build.string(text),
        (Type::Bytes { text: true }, Value::String(text)) => build.bytes(text.into_bytes()),
        (Type::Bytes { text: false }, Value::String(text)) => match STANDARD.decode(&text) {
            Ok(bytes) => build.bytes(bytes),
            Err(error) => {
                let hint = format!(
                    "{}: padded, without line breaks",
                    error.to_string().to_lowercase()
                );
                let mismatch = path.mismatch(wanted(ty), &Value::String(text));
                return Err(mismatch.with_hint(Some(hint)).into());
            }
        },
        (Type::List(item), Value::Array(items)) => {
            let values = items.into_iter().enumerate();
            let values: Result<_, _> = values
                .map(|(index, json)| value(build, &Path::Index(path, index), item, json))
                .collect();
            let values = values?;
            build.list(values)
        }
        (Type::Tuple(types), Value::Array(items)) if items.len() == types.len() => {
            let values = types.iter().zip(items).enumerate();
            let values: Result<_, _> = values
                .map(|(index, (ty, json))| value(build, &Path::Index(path, index), ty, json))
                .collect();
            let values = values?;
            build.tuple(values)
        }
        (Type::Record(ty), Value::Object(object)) => {
            let values = fields(build, path, &ty.items, object)?;
            build.record(ty, values)
        }
        (Type::Variant(named), Value::Object(object)) => {
            let (case, payload) = variant(build, path, named, object)?;
            build.variant(named, case, payload)
        }
        (Type::Enum(named), Value::String(key)) => {
            let case = find(named, &key).ok_or_else(|| not_case(path, ty, named, &key))?;
            build.enum_(named, case)
        }
        (Type::Flags(named), Value::Array(items)) => {
            let set = flags(path, named, items)?;
            build.flags(named, &set)
        }
        (Type::Option(_), Value::Null) => build.option(None),
        (Type::Option(inner), json) => {
            let some = match (&**inner, json) {
                (Type::Option(_), Value::Object(object)) => {
                    let json = only(path, ty, object, &["some"])?.1;
                    value(build, &Path::Key(path, "some"), inner, json)?
                }
                (Type::Option(_), json) => return Err(path.mismatch(wanted(ty), &json).into()),
                (_, json) => value(build, path, inner, json)?,
            };
            build.option(Some(some))
        }
        (Type::Result { ok, err }, Value::Object(object)) => {
            let (key, json) = only(path, ty, object, &["ok", "err"])?;
            let inner = Path::Key(path, key);
            let side = if key == "ok" { ok } else { err };
            let payload = payload(build, &inner, side.as_deref(), Some(json))?;
            build.result(if key == "ok" {
                Ok(payload)
            } else {
                Err(payload)
            })
        }
        (Type::Handle(handle), Value::String(name)) => {
            build
                .handle(handle, &name)
                .map_err(|error| LowerError::Handle {
                    path: path.to_string(),
                    error,
                })?
        }
        (Type::Mount(mount), Value::String(name)) => {
            build
                .mount(mount, &name)
                .map_err(|error| LowerError::Handle {
                    path: path.to_string(),
                    error,
                })?
        }
        (ty, json) => {
            let hint = match (ty, &json) {
                (Type::String, Value::Number(_)) => Some("put it in quotation marks".into()),
                _ => None,
            };
            return Err(path.mismatch(wanted(ty), &json).with_hint(hint).into());
        }
    })
}

fn not_whole(path: &Path<'_>, ty: &Type, json: &Value) -> Box<Mismatch> {
    let hint = match (ty, json) {
        (Type::S64 | Type::U64, Value::Number(number)) if number.is_f64() => number
            .as_f64()
            .is_some_and(|float| float.fract() == 0.0)
            .then(|| "from 2^53 on, give it as a decimal string".into()),
        (Type::S64 | Type::U64, _) => None,
        (_, Value::String(text)) => {
            number::decimal(text).map(|_| "leave out the quotation marks".into())
        }
        _ => None,
    };
    path.mismatch(wanted(ty), json).with_hint(hint)
}

fn find(named: &Named<Case>, key: &str) -> Option<usize> {
    named.items.iter().position(|case| *case.key == *key)
}

fn not_case(path: &Path<'_>, ty: &Type, named: &Named<Case>, key: &str) -> Box<Mismatch> {
    let hint = meant(key, keys(&named.items));
    path.mismatch(wanted(ty), &Value::from(key)).with_hint(hint)
}

fn flags(
    path: &Path<'_>,
    named: &Named<Case>,
    items: Vec<Value>,
) -> Result<Vec<usize>, Box<Mismatch>> {
    let ty = || wanted_flag(named);
    let mut seen = vec![false; named.items.len()];
    let mut set = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let path = Path::Index(path, index);
        let Value::String(key) = item else {
            return Err(path.mismatch(ty(), item));
        };
        let Some(flag) = find(named, key) else {
            let hint = meant(key, keys(&named.items));
            return Err(path.mismatch(ty(), item).with_hint(hint));
        };
        if std::mem::replace(&mut seen[flag], true) {
            return Err(path.mismatch("each at most once", item));
        }
        set.push(flag);
    }
    Ok(set)
}

fn wanted_flag(named: &Named<Case>) -> String {
    one_of(keys(&named.items))
}

fn variant<B: Build>(
    build: &mut B,
    path: &Path<'_>,
    named: &Named<Case>,
    mut object: Map<String, Value>,
) -> Lowered<B, (usize, Option<B::Value>)> {
    let kind = object.remove("kind");
    let json = object.remove("value");
    if let Some((key, value)) = object.iter().next() {
        return Err(path
            .unknown(key, value, ["kind", "value"].into_iter())
            .into());
    }
    let at_kind = Path::Key(path, "kind");
    let names = || wanted_flag(named);
    let index = match kind {
        Some(Value::String(key)) => find(named, &key).ok_or_else(|| {
            let hint = meant(&key, keys(&named.items));
            at_kind
                .mismatch(names(), &Value::from(&*key))
                .with_hint(hint)
        })?,
        Some(other) => return Err(at_kind.mismatch(names(), &other).into()),
        None => return Err(path.missing("kind", names()).into()),
    };
    let case = &named.items[index];
    if case.ty.is_some() && json.is_none() && !matches!(case.ty, Some(Type::Option(_))) {
        let expected = case.ty.as_ref().map(wanted).unwrap_or_default();
        return Err(path.missing("value", expected).into());
    }
    Ok((
        index,
        payload(build, &Path::Key(path, "value"), case.ty.as_ref(), json)?,
    ))
}

/// The payload of a case, which has the type `ty` or none. Absent is null.
fn payload<B: Build>(
    build: &mut B,
    path: &Path<'_>,
    ty: Option<&Type>,
    json: Option<Value>,
) -> Lowered<B, Option<B::Value>> {
    match (ty, json.unwrap_or(Value::Null)) {
        (Some(ty), json) => value(build, path, ty, json).map(Some),
        (None, Value::Null) => Ok(None),
        (None, json) => Err(path.mismatch("null or nothing", &json).into()),
    }
}

/// The one entry of an object that has exactly one, and that under one of `names`.
fn only<'n>(
    path: &Path<'_>,
    ty: &Type,
    object: Map<String, Value>,
    names: &[&'n str],
) -> Result<(&'n str, Value), Box<Mismatch>> {
    if object.len() == 1
        && let Some(name) = names.iter().find(|name| object.contains_key(**name))
    {
        return Ok((
            name,
            object
                .into_iter()
                .next()
                .map(|(_, json)| json)
                .unwrap_or_default(),
        ));
    }
    Err(path.mismatch(wanted(ty), &Value::Object(object)))
}
