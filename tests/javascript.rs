//! A component that another toolchain made and that nobody here has seen: npm's `componentize-qjs` makes it, from a small world with a
//! record, an option and a result.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use bailiwick_host::Code;
use serde_json::{Value, json};

use crate::guests::{load, session, wait};

/// The guest, built once. None where there is no npm.
pub(crate) fn component() -> Option<PathBuf> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    BUILT.get_or_init(build).clone()
}

/// Installs the toolchain under `target`, once, and builds the guest.
fn build() -> Option<PathBuf> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests-js");
    let program = Path::new(env!("CARGO_BIN_EXE_bailiwick"));
    let folder: PathBuf = program.ancestors().nth(2).unwrap().join("guests/js");
    if Command::new("npm").arg("--version").output().is_err() {
        return None;
    }
    std::fs::create_dir_all(&folder).unwrap();
    for file in ["package.json", "world.wit", "tool.js"] {
        std::fs::copy(sources.join(file), folder.join(file)).unwrap();
    }
    let run = |arguments: &[&str]| {
        let output = Command::new("npm")
            .args(arguments)
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "npm {arguments:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    };
    if !folder.join("node_modules/.bin/componentize-qjs").exists() {
        eprintln!("installing componentize-qjs from npm");
        // Without a lockfile: it names bindings for platforms that were never published, which `npm ci` refuses.
        run(&["install", "--no-package-lock", "--no-audit", "--no-fund"]);
    }
    run(&["run", "--silent", "build"]);
    Some(folder.join("prices.wasm"))
}

#[test]
fn a_javascript_component_works() {
    let Some(path) = component() else {
        // Not `eprintln!`, which a test that passes keeps to itself.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: there is no npm here, so no JavaScript guest was built or run"
        );
        return;
    };
    let tool = load("prices", &std::fs::read(&path).unwrap());
    let names: Vec<_> = tool
        .contract()
        .functions
        .iter()
        .map(|f| f.name.as_str())
        .collect();
    assert_eq!(names, ["total"], "and nothing that the toolchain added");
    let extra: Vec<_> = tool
        .contract()
        .extra
        .iter()
        .map(|extra| extra.name.as_str())
        .collect();
    assert!(extra.contains(&"init"), "{extra:?}");

    let session = session(tool);
    let total = |arguments: Value| wait(session.call("prices_total", arguments));
    let lines = json!([{ "name": "tea", "count": 2, "cents": 350 }, { "name": "milk", "count": 1, "cents": 99 }]);
    let outcome = total(json!({ "lines": lines }));
    assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
    assert_eq!(
        outcome.result,
        Some(json!({ "count": 3, "cents": 799, "dearest": "tea" }))
    );
    let outcome = total(json!({ "lines": lines, "percent_off": 10 }));
    assert_eq!(outcome.result.unwrap()["cents"], json!(719));
    let outcome = total(json!({ "lines": [] }));
    assert_eq!(outcome.result, Some(json!({ "count": 0, "cents": 0 })));
    let outcome = total(json!({ "lines": [], "percent_off": 0 }));
    assert_eq!(outcome.code, Code::ToolError);
    assert!(
        outcome.text().contains("expected 1 to 100"),
        "{}",
        outcome.text()
    );
    let outcome = total(json!({ "lines": [{ "name": "tea", "count": -1, "cents": 1 }] }));
    assert_eq!(outcome.code, Code::InvalidArguments);
    assert!(
        outcome.text().contains("$.lines[0].count"),
        "{}",
        outcome.text()
    );

    // The same from the command line.
    let run = |arguments: &[&str]| {
        let program = Command::new(env!("CARGO_BIN_EXE_bailiwick"))
            .env("BAILIWICK_CACHE", crate::guests::cache())
            .env(
                "BAILIWICK_LOG",
                crate::guests::cache().with_file_name("log"),
            )
            .args(arguments)
            .output()
            .unwrap();
        assert!(
            program.status.success(),
            "{}",
            String::from_utf8_lossy(&program.stderr)
        );
        String::from_utf8(program.stdout).unwrap()
    };
    let path = path.to_str().unwrap();
    let listed = run(&["tools", path]);
    assert!(
        listed.contains("total: func(lines: list<line>, percent-off: option<u8>)"),
        "{listed}"
    );
    assert!(listed.contains("not a tool: `init`"), "{listed}");
    let arguments = json!({ "lines": lines, "percent_off": 10 }).to_string();
    assert_eq!(
        run(&["call", path, "total", &arguments]),
        "{\"count\":3,\"cents\":719,\"dearest\":\"tea\"}\n"
    );
}
