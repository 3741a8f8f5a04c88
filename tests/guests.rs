//! The guests that tests run, and sessions with them.
//!
//! A guest that is built and that no test uses does not pass: [`PROBES`] is compared with the folder, and each must be named in the
//! module that tests it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use bailiwick_host::{Engine, Grant, Limits, Outcome, Rights, Session, Tool, ambient_authority};
use serde_json::Value;

/// The engine of all tests: the pool is large, and one is enough.
pub(crate) fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new().unwrap())
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn target() -> PathBuf {
    // The program under test stands in target/release; guests beside and above it.
    let program = Path::new(env!("CARGO_BIN_EXE_bailiwick"));
    program.ancestors().nth(2).unwrap().to_owned()
}

fn built(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; run `cargo xtask build --release` first",
            path.display()
        )
    })
}

/// Where the programs that tests start keep compiled code: in the target folder, so that each component is compiled once.
pub(crate) fn cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache")
}

/// The bytes of a shipped tool.
pub(crate) fn shipped(name: &str) -> Vec<u8> {
    built(&target().join("release/tools").join(format!("{name}.wasm")))
}

/// Where a probe is.
pub(crate) fn probe_path(name: &str) -> PathBuf {
    target().join("guests/probes").join(format!("{name}.wasm"))
}

/// The bytes of a probe that is written in WebAssembly text.
pub(crate) fn wat(name: &str) -> Vec<u8> {
    wat::parse_file(root().join("tests/probes/wat").join(format!("{name}.wat"))).unwrap()
}

/// A tool from bytes.
pub(crate) fn load(name: &str, bytes: &[u8]) -> Tool {
    Tool::load(engine(), name, bytes).unwrap()
}

/// A probe as a tool: compiled once a process.
pub(crate) fn probe(name: &'static str) -> Tool {
    static LOADED: OnceLock<std::sync::Mutex<Vec<(&'static str, Tool)>>> = OnceLock::new();
    let mut loaded = LOADED.get_or_init(Default::default).lock().unwrap();
    if let Some((_, tool)) = loaded.iter().find(|(known, _)| *known == name) {
        return tool.clone();
    }
    let bytes = if matches!(name, "edit" | "files") {
        shipped(name)
    } else {
        built(&probe_path(name))
    };
    let tool = load(name, &bytes);
    loaded.push((name, tool.clone()));
    tool
}

/// A session with one tool.
pub(crate) fn session(tool: Tool) -> Session {
    session_within(tool, Limits::default())
}

/// A session with one tool, under limits.
pub(crate) fn session_within(tool: Tool, limits: Limits) -> Session {
    let session = Session::with_limits(limits);
    session.add(tool).unwrap();
    session
}

/// Grants a directory, read-only.
pub(crate) fn grant(session: &Session, name: &str, path: &Path) {
    let grant = Grant::open_ambient(path, Rights::READ, ambient_authority()).unwrap();
    session.grant(name, grant).unwrap();
}

/// Waits for a call.
pub(crate) fn wait(call: impl Future<Output = Outcome>) -> Outcome {
    runtime().block_on(call)
}

/// A runtime as a small host has it.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
}

/// Calls a function of a probe in a session of its own.
pub(crate) fn call(tool: &'static str, function: &str, arguments: Value) -> Outcome {
    wait(session(probe(tool)).call(&format!("{tool}_{function}"), arguments))
}

/// Every probe of the Rust workspace, each with the module that tests it.
const PROBES: &[(&str, &str)] = &[
    ("chatty", "bounds"),
    ("echo", "calls"),
    ("environ", "bounds"),
    ("filesystem", "mounts"),
    ("grow", "memory"),
    ("handles", "handles"),
    ("io-handles", "mounts"),
    ("io-paths", "mounts"),
    ("sleep", "bounds"),
    ("spin", "bounds"),
    ("stdfs", "bounds"),
    ("types", "values"),
    ("writer", "writes"),
];

#[test]
fn every_probe_has_a_test() {
    let folder = root().join("tests/probes");
    let mut built: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("Cargo.toml").is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    built.sort();
    let listed: Vec<&str> = PROBES.iter().map(|(name, _)| *name).collect();
    assert_eq!(built, listed);
    for (name, module) in PROBES {
        let text = std::fs::read_to_string(root().join(format!("tests/{module}.rs"))).unwrap();
        assert!(
            text.contains(&format!("\"{name}\"")),
            "tests/{module}.rs does not run `{name}`"
        );
    }
    let mut texts: Vec<String> = std::fs::read_dir(folder.join("wat"))
        .unwrap()
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    texts.sort();
    let tests = [
        "bounds",
        "memory",
        "load",
        "calls",
        "attacks/work",
        "attacks/memory",
        "attacks/output",
    ]
    .map(|module| std::fs::read_to_string(root().join(format!("tests/{module}.rs"))).unwrap());
    for name in texts {
        let used = format!("wat(\"{name}\")");
        assert!(
            tests.iter().any(|text| text.contains(&used)),
            "no test runs wat/{name}.wat"
        );
    }
}
