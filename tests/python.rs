//! A component that PyPI's `componentize-py` made: Python's own file functions over a mount, and a parameter that mounts one file.

use std::io::Write as _;
use std::path::Path;

use bailiwick_host::{Code, Tool, Writes};
use serde_json::json;

use crate::desk::Desk;
use crate::guests::load;

/// What `cargo xtask test --step python` left. None where componentize-py cannot be had.
pub(crate) fn component() -> Option<Vec<u8>> {
    let program = Path::new(env!("CARGO_BIN_EXE_bailiwick"));
    let folder = program.ancestors().nth(2).unwrap().join("guests/py");
    if let Ok(reason) = std::fs::read_to_string(folder.join("absent.txt")) {
        // Not `eprintln!`, which a test that passes keeps to itself.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: {reason}, so no Python guest was run"
        );
        return None;
    }
    let path = folder.join("desk.wasm");
    let bytes = std::fs::read(&path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; run `cargo xtask test --step python` first",
            path.display()
        )
    });
    Some(bytes)
}

/// One test, since compiling it takes half a minute.
#[test]
fn a_python_component_works() {
    let Some(bytes) = component() else {
        return;
    };
    let tool = load("desk", &bytes);
    let names: Vec<_> = tool
        .contract()
        .functions
        .iter()
        .map(|function| function.name.as_str())
        .collect();
    assert_eq!(
        names,
        ["run", "table"],
        "and nothing that the toolchain added"
    );
    works_over_a_mount(&tool);
    sees_one_file(&tool);
}

fn works_over_a_mount(tool: &Tool) {
    for writes in [Writes::Apply, Writes::Review, Writes::Direct] {
        let desk = Desk::new(writes, &[]);
        desk.session.add(tool.clone()).unwrap();
        desk.put("there.txt", "there");
        let run = || desk.call("desk_run", json!({ "root": "/workspace" }));
        let without = run();
        assert_eq!(
            without.code,
            Code::ToolError,
            "nothing is mounted: {}",
            without.text()
        );
        desk.session.mount("workspace").unwrap();
        // Twice: what the first call left, which is nothing, is not in the way of the second.
        for _ in 0..2 {
            let outcome = run();
            assert_eq!(outcome.code, Code::Ok, "{writes:?}: {}", outcome.text());
            let checks = outcome.result.unwrap();
            for check in [
                "text",
                "names",
                "moves",
                "sqlite3-delete",
                "sqlite3-memory",
                "outside",
            ] {
                assert!(
                    checks.as_array().unwrap().contains(&json!(check)),
                    "{checks}"
                );
            }
        }
        assert_eq!(desk.read("there.txt"), "there");
        assert!(!desk.path("python").exists());
    }
}

fn sees_one_file(tool: &Tool) {
    let desk = Desk::new(Writes::Apply, &[]);
    desk.session.add(tool.clone()).unwrap();
    desk.put("data/rows.csv", "name,cents\n\"tea, green\",350\n");
    desk.put("data/neighbour.csv", "not,yours\n");
    let table = |input: &str| desk.call("desk_table", json!({ "input": input }));
    let outcome = table("/workspace/data/rows.csv");
    assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
    assert_eq!(
        outcome.result,
        Some(json!([["name", "cents"], ["tea, green", "350"]]))
    );
    assert!(!desk.path("data/new.csv").exists());
    std::os::unix::fs::symlink("data/rows.csv", desk.path("link.csv")).unwrap();
    let through = table("/workspace/link.csv");
    assert_eq!(through.code, Code::Ok, "{}", through.text());
    assert_eq!(through.result, outcome.result);
    let outcome = table("/workspace/data/missing.csv");
    assert_ne!(outcome.code, Code::Ok, "{}", outcome.text());
    let outcome = table("/workspace/../outside/canary.txt");
    assert_eq!(outcome.code, Code::Denied, "{}", outcome.text());
}
