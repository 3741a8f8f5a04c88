//! Rows about what is loaded: a file that is another one by then, and names that read as another's.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use bailiwick_host::contract::Digest;
use bailiwick_host::contract::audit::Audit;
use bailiwick_host::contract::lock::{Entry, Lock};

use crate::guests::{cache, probe_path, shipped};

const POLICY: &str = "[grants.workspace]\npath = \".\"\n\n[tools.files]\ncomponent = \"tools/files.wasm\"\ngrants = [\"workspace\"]\n";

fn run(folder: &Path, words: &[&str]) -> Output {
    run_in(folder, "work", words)
}

fn run_in(folder: &Path, here: &str, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bailiwick"))
        .args(words)
        .current_dir(folder.join(here))
        .env("HOME", folder.join("home"))
        .env("XDG_CONFIG_HOME", folder.join("config"))
        .env("BAILIWICK_STATE", folder.join("state"))
        .env("BAILIWICK_CACHE", cache())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    [&output.stdout[..], &output.stderr]
        .map(String::from_utf8_lossy)
        .concat()
}

fn place(policy: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("work/tools")).unwrap();
    fs::create_dir_all(folder.path().join("home")).unwrap();
    fs::write(
        folder.path().join("work/tools/files.wasm"),
        shipped("files"),
    )
    .unwrap();
    fs::write(folder.path().join("work/a.txt"), "text\n").unwrap();
    fs::write(folder.path().join("work/bailiwick.toml"), policy).unwrap();
    folder
}

/// Row "the file changes between audit and load": what was audited and locked is what runs, or nothing is; also where the compiled code of both is
/// kept already, and where the change is undone and made again.
#[test]
fn a_file_that_changed_between_audit_and_load_is_refused() {
    let folder = place(POLICY);
    let at = folder.path();
    let component = at.join("work/tools/files.wasm");
    for words in [&["lock"][..], &["trust", "--yes"], &["verify"]] {
        let output = run(at, words);
        assert!(output.status.success(), "{words:?}: {}", said(&output));
    }
    let audit = |words: &[&str]| {
        let output = run(at, words);
        assert!(output.status.success(), "{}", said(&output));
    };
    let read = ["call", "files", "read", "file=/workspace/a.txt"];
    let good = fs::read(&component).unwrap();
    let mut other = good.clone();
    // The last byte is one of a custom section: it is a component still, and does the same.
    *other.last_mut().unwrap() ^= 1;
    // Its code is kept now, as that of a file that somebody runs without a policy.
    let aside = at.join("home/other.wasm");
    fs::write(&aside, &other).unwrap();
    let output = run_in(
        at,
        "home",
        &["call", aside.to_str().unwrap(), "read", "file=/none"],
    );
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    for _ in 0..3 {
        audit(&["audit", "tools/files.wasm"]);
        let output = run(at, &read);
        assert!(
            output.status.success() && said(&output).contains("text"),
            "{}",
            said(&output)
        );
        for changed in [&other, &fs::read(probe_path("echo")).unwrap()] {
            fs::write(&component, changed).unwrap();
            let output = run(at, &read);
            assert_eq!(output.status.code(), Some(3), "{}", said(&output));
            assert!(said(&output).contains("files"), "{}", said(&output));
            assert!(!said(&output).contains("text\n"));
        }
        // In another file of the same name and the same length.
        let new = at.join("work/tools/new.wasm");
        fs::write(&new, &other).unwrap();
        fs::rename(&new, &component).unwrap();
        assert_eq!(run(at, &read).status.code(), Some(3));
        fs::write(&component, &good).unwrap();
    }
}

/// The lock of the library: another digest is another component.
#[test]
fn a_locked_digest_is_of_the_bytes_that_are_loaded() {
    let bytes = shipped("files");
    let entry = Entry::of(&Audit::read("files", &bytes).unwrap());
    let mut other = bytes.clone();
    *other.last_mut().unwrap() ^= 1;
    assert_ne!(Digest::of(&bytes), Digest::of(&other));
    let found = entry.verify(
        "files",
        &Audit::read("files", &other).unwrap(),
        false,
        "2026-11-23",
    );
    assert!(!found.is_empty());
}

/// Row "look-alike names": neither in a lock nor in a policy.
#[test]
fn names_that_look_alike_are_refused() {
    let entry = Entry::of(&Audit::read("files", &shipped("files")).unwrap());
    for (one, two) in [
        ("files", "fi1es"),
        ("my-tool", "my_tool"),
        ("files", "Files"),
        ("py", "ру"),
    ] {
        let mut lock = Lock {
            version: bailiwick_host::contract::lock::VERSION,
            tools: Default::default(),
        };
        lock.put(one, entry.clone());
        lock.put(two, entry.clone());
        let refused = lock.to_text().is_err();
        assert!(refused, "{one} and {two}");
    }
    let tool = |name: &str| {
        format!("\n[tools.{name}]\ncomponent = \"tools/files.wasm\"\ngrants = [\"workspace\"]\n")
    };
    for (one, two) in [("fi1es", "files"), ("fil-es", "fil_es")] {
        let policy = format!(
            "[grants.workspace]\npath = \".\"\n{}{}",
            tool(one),
            tool(two)
        );
        let folder = place(&policy);
        let at = folder.path();
        let locked = run(at, &["lock"]);
        let trusted = run(at, &["trust", "--yes"]);
        let called = run(at, &["call", two, "read", "file=/workspace/a.txt"]);
        assert!(
            !called.status.success(),
            "{one} and {two}: {}",
            said(&called)
        );
        assert!(!said(&called).contains("text\n"));
        let all = [locked, trusted, called]
            .map(|output| said(&output))
            .concat();
        assert!(all.contains(one) && all.contains(two), "{all}");
    }
}
