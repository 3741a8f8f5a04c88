//! The JSON Schema of `bailiwick.toml`, for editors. `docs/bailiwick.schema.json` holds it.
//!
//! It is draft-07, since that is what editors' TOML servers read, and uses only keywords that later drafts read alike.
//! It is made from the list of keys that the parser reads, so neither knows a key that the other does not. What a
//! schema cannot say (that a tool's grant is there, for instance) only the parser checks.

use serde_json::{Map, Value, json};

use crate::keys::{BUDGET, GRANT, Item, Key, LIMITS, POLICY, Shape, Table};

/// What the name of a grant looks like, and that of a tool.
const GRANT_NAME: &str = "[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}";
const TOOL_NAME: &str = "[A-Za-z0-9_-]{1,62}";

/// The schema.
#[must_use]
pub fn json() -> Value {
    let mut schema = Map::new();
    schema.insert(
        "$schema".into(),
        "http://json-schema.org/draft-07/schema#".into(),
    );
    schema.insert("title".into(), "bailiwick.toml".into());
    if let Value::Object(policy) = table(&POLICY) {
        schema.extend(policy);
    }
    Value::Object(schema)
}

/// The schema as its file has it.
#[must_use]
pub fn text() -> String {
    format!("{:#}\n", json())
}

fn table(table: &'static Table) -> Value {
    let keys = table
        .keys
        .iter()
        .map(|key| (key.name.to_owned(), value(table, key)));
    let required: Vec<&str> = table
        .keys
        .iter()
        .filter(|key| key.required)
        .map(|key| key.name)
        .collect();
    let mut schema = json!({
        "description": table.doc,
        "type": "object",
        "additionalProperties": false,
        "properties": keys.collect::<Map<_, _>>(),
    });
    // In draft-04 an empty list is none.
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn value(parent: &'static Table, key: &'static Key) -> Value {
    // A limit of nothing is a mistake; a quota of nothing is one.
    let is = |table| std::ptr::eq(parent, table);
    let least = u8::from(is(&LIMITS) || is(&BUDGET));
    let digits = ["[0-9]+", "0*[1-9][0-9]*"][usize::from(least)];
    let amount = |units: &str| {
        json!({ "anyOf": [
            { "type": "integer", "minimum": least },
            { "type": "string", "pattern": format!("^{digits}{units}$") },
        ] })
    };
    let mut schema = match key.shape {
        Shape::Path => json!({ "type": "string", "minLength": 1 }),
        Shape::Grant => json!({ "type": "string", "pattern": format!("^{GRANT_NAME}$") }),
        Shape::Word(words) => json!({ "type": "string", "enum": words }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Bytes => amount("(KiB|MiB|GiB)?"),
        Shape::Count => amount("[kMG]?"),
        Shape::Deadline | Shape::Time => {
            json!({ "type": "string", "pattern": format!("^{digits}(ms|s)$") })
        }
        Shape::List(item) => {
            json!({ "type": "array", "uniqueItems": true, "items": text_of(item) })
        }
        Shape::Table(inner) => table(inner),
        Shape::Named(inner) => {
            let name = if std::ptr::eq(inner, &GRANT) {
                GRANT_NAME
            } else {
                TOOL_NAME
            };
            json!({
                "type": "object",
                "propertyNames": { "pattern": format!("^{name}$") },
                "additionalProperties": table(inner),
            })
        }
        Shape::Tables(inner) => json!({ "type": "array", "items": table(inner) }),
    };
    schema["description"] = key.doc.into();
    if let Some(example) = example(key) {
        schema["examples"] = json!([example]);
    }
    schema
}

fn text_of(item: Item) -> Value {
    let pattern = match item {
        Item::Glob => return json!({ "type": "string", "minLength": 1 }),
        Item::Handed => format!("^{GRANT_NAME}(:ro|:rw)?$"),
        Item::Grant => format!("^{GRANT_NAME}$"),
        Item::Function => "^[a-z][a-z0-9_]*$".to_owned(),
    };
    json!({ "type": "string", "pattern": pattern })
}

fn example(key: &Key) -> Option<Value> {
    let table: toml::Table = toml::from_str(&format!("example = {}", key.example)).ok()?;
    serde_json::to_value(table.get("example")?).ok()
}
