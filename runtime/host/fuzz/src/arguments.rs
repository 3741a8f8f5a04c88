//! Random JSON for a function: what fits its types mostly, and what does not.

use bailiwick_contract::{Function, Type};
use serde_json::{Map, Value, json};

use crate::random::Random;

/// Names that stand for something in the session, and names that do not.
const NAMES: [&str; 9] = [
    "/w",
    "/w/a.txt",
    "/w/sub",
    "/w/new.txt",
    "/r",
    "/r/a.txt",
    "/w/../r",
    "/etc/passwd",
    "\u{202e}\0",
];

/// An object of arguments for a function.
pub(crate) fn of(random: &mut Random, function: &Function) -> Value {
    match random.below(4) {
        0 => return function.example(),
        1 if random.one_in(4) => return any(random, 4),
        _ => {}
    }
    let mut object = Map::new();
    for param in &function.params {
        if random.one_in(24) {
            continue;
        }
        let value = fitting(random, &param.ty, 5);
        object.insert(param.name.to_string(), value);
    }
    if random.one_in(24) {
        object.insert("more".to_owned(), any(random, 2));
    }
    Value::Object(object)
}

/// A value of a type, or now and then of none.
fn fitting(random: &mut Random, ty: &Type, depth: usize) -> Value {
    if random.one_in(32) || depth == 0 {
        return any(random, 2);
    }
    match ty {
        Type::Handle(_) => json!(*random.of(&NAMES)),
        Type::Record(record) => {
            let fields = record.items.iter();
            Value::Object(
                fields
                    .map(|field| {
                        (
                            field.name.to_string(),
                            fitting(random, &field.ty, depth - 1),
                        )
                    })
                    .collect(),
            )
        }
        Type::Tuple(items) => Value::Array(
            items
                .iter()
                .map(|ty| fitting(random, ty, depth - 1))
                .collect(),
        ),
        Type::Option(item) => {
            let value = fitting(random, item, depth - 1);
            if random.one_in(2) { value } else { Value::Null }
        }
        Type::List(item) => {
            let most = 1 << random.below(8);
            let length = random.below(most);
            if random.one_in(2) {
                // Bytes are a string, whatever they are of.
                return json!("AAAA".repeat(length));
            }
            Value::Array(
                (0..length)
                    .map(|_| fitting(random, item, depth - 1))
                    .collect(),
            )
        }
        Type::Variant(variant) => {
            let case = random.of(&variant.items);
            match &case.ty {
                Some(ty) => json!({ "kind": &*case.name, "value": fitting(random, ty, depth - 1) }),
                None => json!({ "kind": &*case.name }),
            }
        }
        Type::Result { ok, err } => {
            let (key, ty) = if random.one_in(2) {
                ("ok", ok)
            } else {
                ("err", err)
            };
            let value = ty.as_ref().map(|ty| fitting(random, ty, depth - 1));
            json!({ key: value.unwrap_or_default() })
        }
        _ => plain(random),
    }
}

fn plain(random: &mut Random) -> Value {
    let most = 1 << random.below(12);
    let length = random.below(most);
    match random.below(9) {
        0 => json!(random.next()),
        1 => json!(random.next() as i64),
        2 => json!(random.below(256)),
        3 => json!(f64::from_bits(random.next())),
        4 => json!(random.one_in(2)),
        5 => json!("x".repeat(length)),
        6 => json!("NaN"),
        7 => json!("é"),
        _ => json!(*random.of(&NAMES)),
    }
}

fn any(random: &mut Random, depth: usize) -> Value {
    match random.below(4) {
        0 if depth > 0 => Value::Array(
            (0..random.below(4))
                .map(|_| any(random, depth - 1))
                .collect(),
        ),
        1 if depth > 0 => {
            let names = ["a", "kind", "value", "ok", "err", "p0_x", "dir", "file"];
            let keys = (0..random.below(4)).map(|_| (*random.of(&names)).to_owned());
            let keys: Vec<String> = keys.collect();
            Value::Object(
                keys.into_iter()
                    .map(|key| (key, any(random, depth - 1)))
                    .collect(),
            )
        }
        2 => Value::Null,
        _ => plain(random),
    }
}
