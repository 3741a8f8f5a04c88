//! The schema for editors, against its file and against the parser.

use bailiwick_policy::{Policy, schema};
use serde_json::Value;

/// The file that editors are pointed at.
const FILE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../docs/bailiwick.schema.json"
);

#[test]
fn the_file_is_what_is_generated() {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(FILE, schema::text()).unwrap();
    }
    let file = std::fs::read_to_string(FILE).unwrap_or_default();
    assert!(
        file == schema::text(),
        "docs/bailiwick.schema.json is not up to date: BLESS=1 writes it"
    );
}

/// The keys in a schema, with what each is a key of: `grants.*.path`.
fn keys(schema: &Value, above: &str, found: &mut Vec<(String, Value)>) {
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{above}{name}");
        found.push((path.clone(), inner.clone()));
        keys(inner, &format!("{path}."), found);
    }
    if schema["additionalProperties"].is_object() {
        keys(
            &schema["additionalProperties"],
            &format!("{above}*."),
            found,
        );
    }
}

/// A policy in which `path` has a value, and all else is as little as can be.
fn with(path: &str, value: &str) -> String {
    let path = path
        .replace("grants.*", "grants.workspace")
        .replace("tools.*", "tools.files");
    let mut text = String::new();
    let mut line = |key: &str, value: &str| {
        // What the key brings by itself, or is.
        let within = |outer: &str| key == outer || key.starts_with(&format!("{outer}."));
        if !within(&path) {
            text.push_str(&format!("{key} = {value}\n"));
        }
    };
    line("grants.workspace.path", "'x'");
    line("tools.files.component", "'y'");
    if path == "tools.files.mounts" {
        line("tools.files.grants", "['workspace']");
    }
    format!("{path} = {value}\n{text}")
}

fn toml(value: &Value) -> String {
    let pairs = |(key, value): (&String, &Value)| format!("{key} = {}", toml(value));
    match value {
        Value::Object(table) => {
            let table: Vec<String> = table.iter().map(pairs).collect();
            format!("{{ {} }}", table.join(", "))
        }
        Value::Array(list) => format!("[{}]", list.iter().map(toml).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

#[test]
fn every_key_of_the_schema_is_read_and_means_something() {
    let mut found = Vec::new();
    keys(&schema::json(), "", &mut found);
    assert!(found.len() > 30, "{}", found.len());
    for (path, inner) in &found {
        let example = &inner["examples"][0];
        assert!(!inner["description"].as_str().unwrap().is_empty(), "{path}");
        // What a policy says without this key.
        let without = match path.as_str() {
            "grants" | "tools" => Policy::default(),
            path => {
                let (above, _) = path.rsplit_once('.').unwrap_or(("", path));
                let required =
                    above == "grants.*" && path.ends_with("path") || path.ends_with("component");
                if required {
                    let missing = with(path, "''");
                    assert!(Policy::parse(&missing).is_err(), "{missing}");
                    Policy::default()
                } else {
                    let key = path.rsplit('.').next().unwrap();
                    let with = with(path, "1");
                    let without: String = with
                        .lines()
                        .filter(|line| !line.contains(&format!("{key} = 1")))
                        .map(|line| format!("{line}\n"))
                        .collect();
                    Policy::parse(&without).unwrap_or_else(|errors| panic!("{without}: {errors:?}"))
                }
            }
        };
        let text = with(path, &toml(example));
        let policy = Policy::parse(&text).unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
        assert_ne!(
            policy, without,
            "{path} is read and changes nothing:\n{text}"
        );
        // A value of another type is refused, so it is looked at.
        let wrong = with(path, "1979-05-27");
        assert!(Policy::parse(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn every_key_that_the_parser_suggests_is_in_the_schema() {
    let schema = schema::json();
    let tables = [
        ("zebra = 1", &schema),
        (
            "grants.w.zebra = 1",
            &schema["properties"]["grants"]["additionalProperties"],
        ),
        (
            "tools.w.zebra = 1",
            &schema["properties"]["tools"]["additionalProperties"],
        ),
        ("limits.zebra = 1", &schema["properties"]["limits"]),
        (
            "tools.w.limits.zebra = 1",
            &schema["properties"]["tools"]["additionalProperties"]["properties"]["limits"],
        ),
        (
            "grants.w.quota.zebra = 1",
            &schema["properties"]["grants"]["additionalProperties"]["properties"]["quota"],
        ),
    ];
    for (text, table) in tables {
        let errors = Policy::parse(text).unwrap_err();
        let help = errors
            .iter()
            .find_map(|error| error.help.as_ref()?.strip_prefix("there is: "));
        let mut said: Vec<&str> = help
            .unwrap()
            .split(", ")
            .map(|key| key.trim_matches('`'))
            .collect();
        let mut known: Vec<&str> = table["properties"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        said.sort_unstable();
        known.sort_unstable();
        assert_eq!(said, known, "{text}");
        assert_eq!(
            table["additionalProperties"].as_bool(),
            Some(false),
            "{text}"
        );
    }
}
