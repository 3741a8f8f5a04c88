//! `bailiwick log`, and what `bailiwick call` writes.

use std::fs;

use serde_json::{Value, json};

use super::{Folder, SECRET, session};
use crate::guests::{self, wait};

#[test]
fn the_command_line_records_what_it_calls_and_what_it_refuses() {
    let folder = Folder::new();
    fs::write(folder.0.path().join("a.txt"), SECRET).unwrap();
    assert!(folder.said(0, &["log"]).contains("no such record"));
    assert!(folder.said(0, &["log", "verify"]).starts_with("0 records"));
    assert!(!folder.path().exists(), "looking makes none");
    let granted = format!("w={}", folder.0.path().display());
    let read = |file: &str, more: &[&str], code| {
        let file = format!("file={file}");
        let words = [&["call", "files", "read", &file, "--grant", &granted], more].concat();
        folder.said(code, &words)
    };
    assert!(read("/w/a.txt", &[], 0).contains(SECRET));
    read("/w/a.txt", &["--fuel", "1k"], 1);
    read("/w/../a.txt", &[], 1);
    read("/w/a.txt", &["--no-log"], 0);
    folder.said(2, &["call", "files", "raed"]);
    folder.said(2, &["call", "fils", "read"]);
    // What is misspelt on the command line is no call.
    folder.said(2, &["call", "files", "read", "--fuel", "lots"]);
    let text = fs::read_to_string(folder.file()).unwrap();
    assert!(!text.contains(SECRET));

    let shown = folder.said(0, &["log", "tail", "--code", "denied"]);
    assert_eq!(shown.lines().count(), 1, "{shown}");
    assert!(shown.contains("files read") && shown.contains("leaves what is granted"));
    let shown = folder.said(0, &["log", "tail", "-n", "1"]);
    assert!(shown.contains("there is no tool `fils`"), "{shown}");
    let stats = folder.said(0, &["log", "stats", "--json"]);
    let stats: Value = serde_json::from_str(&stats).unwrap();
    let functions = stats["functions"].as_array().unwrap();
    let names: Vec<_> = functions
        .iter()
        .map(|one| one["tool"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["files", "files_raed", "fils_read"]);
    let read = &functions[0];
    assert_eq!((&read["calls"], &read["ok"]), (&json!(3), &json!(1)));
    assert_eq!(
        read["codes"],
        json!({ "denied": 1, "fuel-exhausted": 1, "ok": 1 })
    );
    assert!(read["fuel"]["p99"].as_u64().unwrap() > 1000);
    let table = folder.said(0, &["log", "stats", "--tool", "files"]);
    assert_eq!(table.lines().count(), 2);
    assert!(table.contains("denied 1, fuel-exhausted 1"), "{table}");
    folder.said(2, &["log", "tail", "--code", "broken"]);
}

#[test]
fn verify_is_a_gate_that_says_where() {
    let folder = Folder::new();
    let session = session(&folder, "echo");
    for _ in 0..3 {
        wait(session.call("echo_echo", json!({ "text": "x" })));
    }
    let said = folder.said(0, &["log", "verify"]);
    assert!(said.starts_with("4 records"), "{said}");
    let whole = fs::read_to_string(folder.file()).unwrap();
    fs::write(folder.file(), whole.replacen("\"ok\"", "\"no\"", 1)).unwrap();
    let said = folder.said(3, &["log", "verify"]);
    assert!(said.contains("0000000000000001.jsonl, line 3: "), "{said}");
    let document = folder.said(3, &["log", "verify", "--json"]);
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["code"], "refused");
    assert_eq!(document["broken"]["line"], 3);
    // It goes on being written to, and being broken.
    wait(session.call("echo_echo", json!({ "text": "x" })));
    folder.said(3, &["log", "verify"]);
    fs::remove_dir_all(folder.path()).unwrap();
    std::os::unix::fs::symlink("/tmp", folder.path()).unwrap();
    folder.said(4, &["log", "verify"]);
}

#[test]
fn a_log_that_cannot_be_written_is_told_and_stops_no_call() {
    let folder = Folder::new();
    fs::write(folder.path(), "a file").unwrap();
    let echo = guests::probe_path("echo");
    let said = folder.said(0, &["call", echo.to_str().unwrap(), "echo", "text=x"]);
    assert!(
        said.contains("nothing is recorded") && said.contains('x'),
        "{said}"
    );
    fs::remove_file(folder.path()).unwrap();
    fs::create_dir(folder.path()).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    fs::set_permissions(folder.path(), mode).unwrap();
    let said = folder.said(0, &["call", echo.to_str().unwrap(), "echo", "text=x"]);
    assert!(said.contains("is not only yours"), "{said}");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    fs::set_permissions(folder.path(), mode).unwrap();
    fs::create_dir(folder.path().join("head")).unwrap();
    let said = folder.said(0, &["call", echo.to_str().unwrap(), "echo", "text=x"]);
    assert!(said.contains("could not be written to the log"), "{said}");
}

/// No grant reaches the log, to write or to read.
#[test]
fn no_grant_reaches_the_log() {
    let folder = Folder::new();
    wait(session(&folder, "echo").call("echo_echo", json!({ "text": "x" })));
    let before = fs::read(folder.file()).unwrap();
    let top = folder.0.path().display().to_string();
    for (place, rights) in [("", "rw"), ("/log", "rw"), ("/log", "ro")] {
        let granted = format!("w={top}{place}:{rights}");
        let said = folder.said(2, &["call", "files", "list", "dir=/w", "--grant", &granted]);
        assert!(said.contains("governs what a session may do"), "{said}");
    }
    let granted = format!("w={top}:ro");
    let said = folder.said(0, &["call", "files", "list", "dir=/w", "--grant", &granted]);
    assert!(!said.contains("log"), "{said}");
    let hidden = "file=/w/log/head";
    let said = folder.said(2, &["call", "files", "read", hidden, "--grant", &granted]);
    assert!(!said.contains("seq"), "{said}");
    let after = fs::read(folder.file()).unwrap();
    assert!(after.starts_with(&before));
    folder.verified();
}
