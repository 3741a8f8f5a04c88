//! Audits and comparisons as gates: what `bailiwick audit --deny`, `--max-tier` and `bailiwick diff --fail-on` print, and what they exit with.
//!
//! The pairs are some of those in `runtime/contract/tests/diff`, where each verdict stands.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bailiwick_host::contract::pack::{Source, pack};

use crate::audit_made::with_documentation;
use crate::component::{component, contracts, source};

fn bailiwick(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bailiwick"))
        .args(words)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A folder for components.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.0.path().join(format!("{name}.wasm"));
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn pairs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("runtime/contract/tests/diff")
}

/// The two components of a pair, with their documentation.
fn pair(name: &str) -> [Vec<u8>; 2] {
    let text = std::fs::read_to_string(pairs().join(format!("{name}.txt"))).unwrap();
    let part = |heading: &str| {
        let start = text.find(&format!("=== {heading}\n")).unwrap() + heading.len() + 5;
        text[start..].split("\n=== ").next().unwrap().to_owned()
    };
    ["old", "new"].map(|heading| {
        let others = std::fs::read_to_string(pairs().join("others.wit")).unwrap();
        let mut sources: Vec<Source> = contracts();
        // It makes the folder a package of its own, and a group of files can be but one.
        sources.retain(|source| source.name != "contracts.wit");
        sources.push(source("others.wit", &others));
        sources.push(source("test.wit", &part(heading)));
        let world = "test:test/w";
        pack(&component(&sources, world), &sources, world)
            .unwrap()
            .bytes
    })
}

/// Each is refused from its own impact on, and by nothing that asks for more.
#[test]
fn a_comparison_is_refused_as_it_was_asked() {
    let folder = Folder::new();
    let expected = [
        ("import-clock", "widens authority"),
        ("read-to-write", "widens authority"),
        ("parameter-added-handle", "widens authority"),
        ("argument-optional", "breaking"),
        ("field-renamed", "breaking"),
        ("write-to-read", "breaking"),
        ("function-removed", "breaking"),
        ("docs-of-function", "compatible"),
        ("function-added", "compatible"),
        ("example-added", "compatible"),
        ("order", "nothing that the contract says has changed"),
    ];
    for (name, verdict) in expected {
        let [old, new] = pair(name);
        let (old, new) = (folder.put("old", &old), folder.put("new", &new));
        let rank = match verdict {
            "widens authority" => 3,
            "breaking" => 2,
            "compatible" => 1,
            _ => 0,
        };
        let plain = bailiwick(&["diff", &old, &new]);
        assert_eq!(plain.status.code(), Some(0), "{name}");
        let first = said(&plain);
        let first = first.lines().next().unwrap();
        assert!(first.ends_with(verdict), "{name}: {first}");
        for (least, fail_on) in [(1, "any"), (2, "breaking"), (3, "widens")] {
            let output = bailiwick(&["diff", &old, &new, "--fail-on", fail_on]);
            let code = if rank >= least { 3 } else { 0 };
            assert_eq!(output.status.code(), Some(code), "{name} {fail_on}");
        }
    }
    let [old, _] = pair("order");
    let old = folder.put("old", &old);
    let same = bailiwick(&["diff", &old, &old, "--fail-on", "any"]);
    assert_eq!(
        (same.status.code(), said(&same).trim()),
        (Some(0), "the same bytes")
    );
}

/// Escape sequences, text that runs the other way, and what nobody sees.
#[test]
fn hidden_characters_are_shown_and_refused() {
    let folder = Folder::new();
    let world = "interface api {
          /// Adds.MARK
          add: func(x: u32) -> u32;
        }
        world w { export api; }";
    let body = world.replace("MARK", "");
    for (hidden, shown) in [
        ("\u{1b}[2K\u{1b}[31m", "\\u{1b}"),
        ("\u{202e}txt.exe", "\\u{202e}"),
        ("a\u{200b}b", "\\u{200b}"),
    ] {
        let bytes = with_documentation(&body, world, |text| text.replace("MARK", hidden));
        let path = folder.put("tool", &bytes);
        let plain = bailiwick(&["audit", &path]);
        let text = said(&plain);
        assert_eq!(plain.status.code(), Some(0), "{text}");
        assert!(text.contains(shown), "{text}");
        assert!(!text.contains(hidden), "{text}");
        assert!(text.contains("hidden-characters"), "{text}");
        let denied = bailiwick(&["audit", &path, "--deny", "hidden-characters"]);
        assert_eq!(denied.status.code(), Some(3));
        let denied = bailiwick(&["audit", &path, "--json", "--deny", "hidden-characters"]);
        assert_eq!(denied.status.code(), Some(3));
        // Programs get the text as it is, by way of escapes.
        assert!(!said(&denied).contains(hidden), "{}", said(&denied));
        let document: serde_json::Value = serde_json::from_slice(&denied.stdout).unwrap();
        let docs = document["functions"][0]["docs"].as_str().unwrap();
        assert!(docs.contains(hidden), "{docs}");
    }
    let clean = folder.put(
        "clean",
        &component(&crate::audit_made::sources(&body), "test:test/w"),
    );
    let allowed = bailiwick(&["audit", &clean, "--deny", "hidden-characters"]);
    assert_eq!(allowed.status.code(), Some(0));
}

#[test]
fn a_tier_is_a_gate() {
    for (tool, tier, code) in [
        ("files", "pure", 3),
        ("files", "reads", 0),
        ("edit", "reads", 3),
        ("edit", "edits", 0),
    ] {
        let output = bailiwick(&["audit", tool, "--max-tier", tier]);
        assert_eq!(output.status.code(), Some(code), "{tool} {tier}");
    }
}
