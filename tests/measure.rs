//! `bailiwick measure`: what calls use, as limits under which they end well again.

use std::process::Command;

use serde_json::{Value, json};

use crate::guests::{cache, probe_path};

/// What the program prints, and its exit code.
fn bailiwick(words: &[&str]) -> (i32, String) {
    let state = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_bailiwick"))
        .env("BAILIWICK_CACHE", cache())
        .env("BAILIWICK_LOG", cache().with_file_name("log"))
        .env("BAILIWICK_STATE", state.path())
        .args(words)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), text)
}

fn measured(words: &[&str]) -> Value {
    let (code, text) = bailiwick(&[&["measure"], words, &["--json"]].concat());
    assert_eq!(code, 0, "{text}");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn what_is_suggested_is_enough_for_what_was_measured_and_for_no_more_than_twice() {
    let spin = probe_path("spin");
    let spin = spin.to_str().unwrap();
    let found = measured(&[spin, "burn", "rounds=1000000", "--runs", "3"]);
    assert_eq!(found["calls"], 3);
    let most = found["used"]["fuel"]["max"].as_u64().unwrap();
    assert_eq!(found["used"]["fuel"]["min"], most, "fuel is deterministic");
    let fuel = found["limits"]["fuel"].as_str().unwrap();
    let (code, text) = bailiwick(&["call", spin, "burn", "rounds=1000000", "--fuel", fuel]);
    assert_eq!(code, 0, "{text}");
    let more = ["call", spin, "burn", "rounds=3000000", "--fuel", fuel];
    let (code, text) = bailiwick(&[&more[..], &["--json"]].concat());
    assert_eq!(code, 1, "{text}");
    let outcome: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(outcome["code"], "fuel-exhausted");
    assert!(outcome["error"]["limit"].as_u64().unwrap() >= 2 * most);
}

#[test]
fn the_line_is_one_that_a_policy_can_have() {
    let grant = format!("src={}:ro", env!("CARGO_MANIFEST_DIR"));
    let words = ["measure", "files", "read"];
    let of = |file: &str| json!({ "file": file, "max_lines": 3 }).to_string();
    let (one, two) = (of("/src/README.md"), of("/src/CHANGELOG.md"));
    let (code, text) = bailiwick(&[&words[..], &[&one, &two, "--grant", &grant]].concat());
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("10 calls of files read\n"), "{text}");
    let (_, lines) = text.split_once("[tools.files]\n").unwrap();
    let policy = format!("[tools.files]\ncomponent = \"files.wasm\"\n{lines}");
    bailiwick_policy::Policy::parse(&policy).unwrap();
}

#[test]
fn what_was_measured_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let grant = format!("work={}:rw", folder.path().display());
    let words = ["edit", "write", "file=/work/a", "content=a"];
    let found = measured(&[&words[..], &["--grant", &grant]].concat());
    assert!(found["used"]["transfer"]["max"].as_u64().unwrap() > 0);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn nothing_is_suggested_of_a_call_that_does_not_end_well() {
    let spin = probe_path("spin");
    let words = ["measure", spin.to_str().unwrap(), "trap", "rounds=1"];
    let (code, text) = bailiwick(&[&words[..], &["--json"]].concat());
    assert_eq!(code, 1);
    let outcome: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(outcome["code"], "trapped");
    assert!(outcome.get("limits").is_none());
}
