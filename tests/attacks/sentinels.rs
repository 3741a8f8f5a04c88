//! Row "sentinels in the host's environment, paths and memory": what the host has is in no output of any guest, and in no error that a model
//! reads.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::guests::probe_path;

/// In a variable, in the names of all folders, and in files beside those that are granted.
const SENTINEL: &str = "sentinel-4c81e0";

fn run(at: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bailiwick"))
        .args(words)
        .current_dir(at.join("here"))
        .env("BAILIWICK_STATE", at.join("state"))
        .env("BAILIWICK_CACHE", at.join("cache"))
        .env("HOME", at.join("home"))
        .env("TMPDIR", at.join("tmp"))
        .env("BAILIWICK_PLANTED", SENTINEL)
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap()
}

/// Every way to be told something: what a guest sees, what it says, and how a call can fail.
fn calls() -> Vec<(&'static str, &'static str, Value)> {
    let outside = [
        "/etc/passwd",
        "/proc/self/environ",
        "/proc/self/cwd",
        "../beside.txt",
        "/w/../beside.txt",
        "/w/out",
        ".",
        "~",
    ];
    let mut calls = vec![
        ("environ", "look", json!({ "paths": outside })),
        ("stdfs", "look", json!({ "paths": outside })),
        ("chatty", "say", json!({ "out": 100, "err": 100 })),
        ("spin", "panic", json!({ "rounds": 1, "message": "no" })),
        ("spin", "trap", json!({ "rounds": 1 })),
        ("spin", "forever", json!({})),
        ("spin", "recurse", json!({ "levels": 1_000_000_000 })),
        ("grow", "allocate", json!({ "mib": 1_000 })),
        ("sleep", "forever", json!({})),
        ("handles", "dir_name", json!({ "dir": "/w" })),
        (
            "handles",
            "try_walk",
            json!({ "dir": "/w", "path": "", "globs": [], "ignore": false, "hidden": true, "batch": 10 }),
        ),
        ("handles", "no_such", json!({})),
        ("echo", "echo", json!({ "text": 1 })),
        ("writer", "check", json!({ "root": "/w" })),
        ("writer", "edit_then_trap", json!({ "root": "/w" })),
        (
            "writer",
            "make_file",
            json!({ "root": "/w", "path": "made.txt", "text": "x" }),
        ),
        (
            "writer",
            "append_line",
            json!({ "file": "/w/.git/config", "line": "x" }),
        ),
        ("filesystem", "check", json!({ "root": "/w" })),
        (
            "filesystem",
            "attack",
            json!({ "root": "/w", "outside": outside }),
        ),
    ];
    for path in outside {
        calls.push(("handles", "file_name", json!({ "file": path })));
        calls.push(("handles", "try_open", json!({ "dir": "/w", "path": path })));
        calls.push((
            "handles",
            "try_read_link",
            json!({ "dir": "/w", "path": path }),
        ));
        calls.push((
            "writer",
            "append_line",
            json!({ "file": path, "line": "x" }),
        ));
    }
    calls
}

#[test]
fn sentinels_of_the_host_are_in_no_output() {
    let place = tempfile::tempdir().unwrap();
    let at = place.path().join(SENTINEL);
    for folder in ["here/.git", "state", "cache", "home", "tmp"] {
        fs::create_dir_all(at.join(folder)).unwrap();
    }
    fs::write(at.join("beside.txt"), SENTINEL).unwrap();
    fs::write(at.join("here/.git/config"), "[core]").unwrap();
    for name in ["a.txt", "b.txt", "c.txt"] {
        fs::write(at.join("here").join(name), "inside").unwrap();
    }
    std::os::unix::fs::symlink(at.join("beside.txt"), at.join("here/out")).unwrap();
    let mut codes = std::collections::BTreeSet::new();
    for (tool, function, arguments) in calls() {
        let component = probe_path(tool);
        let output = run(
            &at,
            &[
                "call",
                component.to_str().unwrap(),
                function,
                &arguments.to_string(),
                "--grant",
                "w=.:rw",
                "--mount",
                "w",
                "--fuel",
                "100M",
                "--deadline",
                "5s",
                "--json",
            ],
        );
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(
            !said.contains(SENTINEL),
            "{tool} {function} {arguments}: {said}"
        );
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            !errors.contains(SENTINEL),
            "{tool} {function} {arguments}: {errors}"
        );
        let document: Value = serde_json::from_str(&said)
            .unwrap_or_else(|_| panic!("{tool} {function}: {said}{errors}"));
        codes.insert(document["code"].as_str().unwrap().to_owned());
    }
    // It was not one error that hid all others.
    for code in [
        "ok",
        "trapped",
        "fuel-exhausted",
        "memory-exceeded",
        "stack-exhausted",
        "denied",
        "unknown-tool",
        "invalid-arguments",
        "tool-error",
    ] {
        assert!(codes.contains(code), "{code} is not in {codes:?}");
    }
}
