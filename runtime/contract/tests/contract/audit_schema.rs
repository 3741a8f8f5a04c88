//! `docs/audit.schema.json` describes what an audit's JSON is, no less and no more.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::audit_made::{packed, read, test_component};
use crate::component::files;

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../../docs/audit.schema.json")).unwrap()
}

/// Checks a value against the part of JSON Schema that the file uses; a keyword that is not known here fails. What of the schema a value
/// reached is noted in `seen`.
struct Check<'a> {
    root: &'a Value,
    seen: BTreeSet<String>,
}

impl<'a> Check<'a> {
    fn value(&mut self, value: &Value, schema: &'a Value, at: &str) -> Result<(), String> {
        let schema = schema.as_object().ok_or("a schema is an object")?;
        for (keyword, wanted) in schema {
            self.keyword(keyword, wanted, value, schema, at)
                .map_err(|error| match error.starts_with('/') {
                    true => error,
                    false => format!("{at}: {keyword}: {error}: {value}"),
                })?;
        }
        Ok(())
    }

    fn keyword(
        &mut self,
        keyword: &str,
        wanted: &'a Value,
        value: &Value,
        schema: &'a Map<String, Value>,
        at: &str,
    ) -> Result<(), String> {
        let holds = |it: bool| {
            if it {
                Ok(())
            } else {
                Err(format!("not {wanted}"))
            }
        };
        match keyword {
            "description" | "title" | "$schema" | "$defs" => Ok(()),
            "$ref" => {
                let path = wanted.as_str().unwrap().strip_prefix('#').unwrap();
                let target = self.root.pointer(path).ok_or("leads nowhere")?;
                self.value(value, target, at)
            }
            "type" => {
                let types = match wanted {
                    Value::Array(types) => types.clone(),
                    one => vec![one.clone()],
                };
                holds(types.iter().any(|ty| is(value, ty.as_str().unwrap())))
            }
            "const" => holds(value == wanted),
            "enum" => {
                let values = wanted.as_array().unwrap();
                let holds = holds(values.contains(value));
                if holds.is_ok() {
                    self.seen.insert(format!("{at}={value}"));
                }
                holds
            }
            "anyOf" => {
                let mut any = false;
                for schema in wanted.as_array().unwrap() {
                    any |= self.value(value, schema, at).is_ok();
                }
                holds(any)
            }
            "minimum" => holds(value.is_null() || value.as_u64() >= wanted.as_u64()),
            "pattern" => holds(fits(value.as_str().unwrap(), wanted.as_str().unwrap())),
            "properties" => {
                for (name, value) in value.as_object().unwrap() {
                    if let Some(schema) = wanted.get(name) {
                        let at = format!("{at}/{name}");
                        self.seen.insert(at.clone());
                        self.value(value, schema, &at)?;
                    }
                }
                Ok(())
            }
            "required" => {
                let mut names = wanted.as_array().unwrap().iter();
                holds(names.all(|name| value.get(name.as_str().unwrap()).is_some()))
            }
            "additionalProperties" => {
                let known = schema["properties"].as_object().unwrap();
                let mut names = value.as_object().unwrap().keys();
                holds(names.all(|name| known.contains_key(name)))
            }
            "items" => {
                let items = value.as_array().unwrap();
                let at = format!("{at}/*");
                items
                    .iter()
                    .try_for_each(|item| self.value(item, wanted, &at))
            }
            _ => Err("no such keyword here".into()),
        }
    }
}

fn is(value: &Value, ty: &str) -> bool {
    match ty {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => panic!("{ty}"),
    }
}

/// The two patterns that there are.
fn fits(text: &str, pattern: &str) -> bool {
    match pattern {
        "^sha256:[0-9a-f]{64}$" => text
            .strip_prefix("sha256:")
            .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit())),
        "^[a-z]+(-[a-z]+)*$" => text
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase())),
        _ => panic!("{pattern}"),
    }
}

/// Audits that have everything in them once.
fn audits() -> Vec<Value> {
    let bodies = [
        "world w {
           import wasi:filesystem/preopens@0.2.6;
           import wasi:clocks/wall-clock@0.2.6;
           import wasi:sockets/tcp@0.2.6;
           import launch: func();
           export wasi:cli/run@0.2.6;
           export f: func(x: option<string>);
         }",
        "interface api { use bailiwick:fs/write@0.1.0.{write-dir as dir}; f: func(x: own<dir>); } world w { export api; }",
        "world w { export f: func(); }",
    ];
    let mut all: Vec<_> = bodies.iter().map(|body| test_component(body)).collect();
    all.push(packed(
        "interface api { /// It.\n f: func(); } world w { export api; }",
    ));
    all.push(files());
    let json = |bytes: &Vec<u8>| serde_json::to_value(read(bytes)).unwrap();
    all.iter().map(json).collect()
}

/// All that the schema has names for, as `/functions/*/params/*/ty`, and every word of its enumerations, as `/tier="pure"`.
fn names(root: &Value, schema: &Value, at: &str, names: &mut BTreeSet<String>) {
    if let Some(path) = schema.get("$ref") {
        let path = path.as_str().unwrap().strip_prefix('#').unwrap();
        self::names(root, root.pointer(path).unwrap(), at, names);
    }
    for schema in schema
        .get("anyOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        self::names(root, schema, at, names);
    }
    for value in schema
        .get("enum")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        names.insert(format!("{at}={value}"));
    }
    if let Some(items) = schema.get("items") {
        self::names(root, items, &format!("{at}/*"), names);
    }
    for (name, schema) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let at = format!("{at}/{name}");
        names.insert(at.clone());
        self::names(root, schema, &at, names);
    }
}

#[test]
fn every_audit_fits_the_schema_and_has_all_of_it() {
    let root = schema();
    let mut check = Check {
        root: &root,
        seen: BTreeSet::new(),
    };
    for audit in audits() {
        if let Err(error) = check.value(&audit, &root, "") {
            panic!("{error}\nin {audit}");
        }
    }
    let mut all = BTreeSet::new();
    names(&root, &root, "", &mut all);
    // Which words there are is enough once; where they stand is the types' business.
    let words = |names: &BTreeSet<String>| -> BTreeSet<String> {
        let words = names.iter().filter_map(|name| name.split_once('='));
        words
            .map(|(at, word)| {
                format!(
                    "{}={word}",
                    at.rsplit('/').next().unwrap().split('_').next().unwrap()
                )
            })
            .collect()
    };
    let places = |names: &BTreeSet<String>| -> BTreeSet<String> {
        names
            .iter()
            .filter(|name| !name.contains('='))
            .cloned()
            .collect()
    };
    assert_eq!(places(&check.seen), places(&all));
    assert_eq!(words(&check.seen), words(&all));
}

/// The check is one: what is wrong fails.
#[test]
fn what_does_not_fit_fails() {
    let root = schema();
    let wrong: [fn(&mut Value); 6] = [
        |audit| audit["version"] = 2.into(),
        |audit| audit["tier"] = "root".into(),
        |audit| audit["digest"] = "sha256:0".into(),
        |audit| audit["more"] = 1.into(),
        |audit| audit["functions"][0]["derived"]["writes"] = "no".into(),
        |audit| {
            audit["bounds"].as_object_mut().unwrap().remove("tables");
        },
    ];
    for change in wrong {
        let mut audit = audits().remove(0);
        change(&mut audit);
        let mut check = Check {
            root: &root,
            seen: BTreeSet::new(),
        };
        assert!(check.value(&audit, &root, "").is_err(), "{audit}");
    }
}
