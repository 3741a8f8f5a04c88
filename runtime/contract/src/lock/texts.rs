//! Takes a schema apart: the texts in it, which a reviewer reads, and the rest, of which a digest is enough.
//!
//! What is taken out is what is told by its place, so a change of either part is seen, and none is seen twice.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A schema without its descriptions, as [`canonical`] JSON, and the descriptions by where they are: `scope.depth`,
/// `edits[].line`, `answer:text.value` below a case of a variant, `.` for the whole.
pub(super) fn split(schema: &Value) -> (Value, BTreeMap<String, String>) {
    let mut texts = BTreeMap::new();
    let rest = without(schema, "", &mut texts);
    (rest, texts)
}

/// Adds a text at a place. Another text that is there already stays, and the place is marked.
pub(super) fn add(texts: &mut BTreeMap<String, String>, at: &str, text: &str) {
    let mut at = if at.is_empty() { "." } else { at }.to_owned();
    while let Some(there) = texts.get(&at) {
        if there == text {
            return;
        }
        at.push('\'');
    }
    texts.insert(at, text.to_owned());
}

/// The same document with the keys of its objects sorted, so that equal documents have equal bytes.
pub(super) fn canonical(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(canonical).collect(),
        Value::Object(object) => sorted(object, |_, value| Some(canonical(value))),
        value => value.clone(),
    }
}

/// What stands where a schema is expected. A `description` is a text only there: elsewhere it may be the name of a
/// property.
fn without(schema: &Value, at: &str, texts: &mut BTreeMap<String, String>) -> Value {
    let Value::Object(object) = schema else {
        return canonical(schema);
    };
    // Before those of its parts.
    if let Some(Value::String(text)) = object.get("description") {
        add(texts, at, text);
    }
    sorted(object, |key, value| match (key, value) {
        ("description", Value::String(_)) => None,
        ("properties", Value::Object(properties)) => Some(sorted(properties, |name, property| {
            let at = match at {
                "" => name.to_owned(),
                at => format!("{at}.{name}"),
            };
            Some(without(property, &at, texts))
        })),
        ("items", items) => Some(without(items, &format!("{at}[]"), texts)),
        ("prefixItems", Value::Array(items)) => {
            let items = items.iter().enumerate();
            Some(
                items
                    .map(|(n, item)| without(item, &format!("{at}[{n}]"), texts))
                    .collect(),
            )
        }
        ("anyOf" | "oneOf", Value::Array(sides)) => {
            let sides = sides.iter().enumerate();
            Some(
                sides
                    .map(|(n, side)| without(side, &format!("{at}{}", mark(side, n)), texts))
                    .collect(),
            )
        }
        (_, value) => Some(canonical(value)),
    })
}

/// What tells a side of an alternative from the others: the case of a variant; nothing for the first, which of an
/// option is the value.
fn mark(side: &Value, n: usize) -> String {
    let case = &side["properties"]["kind"]["const"];
    match (case, n) {
        (Value::String(case), _) => format!(":{case}"),
        (_, 0) => String::new(),
        (_, n) => format!("|{n}"),
    }
}

fn sorted(
    object: &Map<String, Value>,
    mut each: impl FnMut(&str, &Value) -> Option<Value>,
) -> Value {
    let mut keys: Vec<_> = object.iter().collect();
    keys.sort_unstable_by_key(|(key, _)| *key);
    keys.into_iter()
        .filter_map(|(key, value)| Some((key.clone(), each(key, value)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(schema: &Value) -> Vec<(String, String)> {
        split(schema).1.into_iter().collect()
    }

    fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
        pairs.map(|(at, text)| (at.into(), text.into())).into()
    }

    #[test]
    fn texts_are_told_by_their_place() {
        let schema = json!({
            "description": "all",
            "type": "object",
            "properties": {
                // A parameter may be called so.
                "description": {"type": "string", "description": "one"},
                "edits": {"type": "array", "items": {"type": "object", "description": "two", "properties": {
                    "line": {"description": "three", "anyOf": [{"description": "four"}, {"type": "null"}]},
                }}},
                "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"description": "five"}]},
                "answer": {"oneOf": [
                    {"description": "six", "properties": {"kind": {"const": "none"}}},
                    {"properties": {"kind": {"const": "some"}, "value": {"description": "seven"}}},
                ]},
                "either": {"oneOf": [{"description": "eight"}, {"description": "nine"}]},
            },
        });
        let expected = pairs([
            (".", "all"),
            ("answer:none", "six"),
            ("answer:some.value", "seven"),
            ("description", "one"),
            ("edits[]", "two"),
            ("edits[].line", "three"),
            ("edits[].line'", "four"),
            ("either", "eight"),
            ("either|1", "nine"),
            ("pair[1]", "five"),
        ]);
        assert_eq!(told(&schema), expected);
        let (rest, _) = split(&schema);
        assert!(!rest.to_string().contains("description\":\""), "{rest}");
        assert_eq!(rest["properties"]["description"], json!({"type": "string"}));
    }

    #[test]
    fn what_is_no_text_stays() {
        let schema = json!({
            "properties": {"a": {"const": {"description": "kept"}, "description": {"description": "kept"}}},
            "items": ["description"],
            "enum": [{"description": "kept"}],
            "examples": [{"description": "kept"}],
            "prefixItems": {"description": "kept"},
        });
        let (rest, texts) = split(&schema);
        assert_eq!((rest, texts), (canonical(&schema), BTreeMap::new()));
        assert_eq!(split(&json!("description")).0, json!("description"));
    }

    #[test]
    fn the_order_of_keys_does_not_matter() {
        let a: Value = serde_json::from_str(r#"{"b": [{"d": 1, "c": 2}], "a": null}"#).unwrap();
        let b: Value = serde_json::from_str(r#"{"a": null, "b": [{"c": 2, "d": 1}]}"#).unwrap();
        assert_ne!(a.to_string(), b.to_string());
        assert_eq!(canonical(&a).to_string(), canonical(&b).to_string());
        assert_eq!(
            canonical(&a).to_string(),
            r#"{"a":null,"b":[{"c":2,"d":1}]}"#
        );
    }
}
