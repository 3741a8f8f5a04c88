//! The tool `files`, on trees that are made for it.

use std::fmt::Write as _;
use std::path::Path;

use bailiwick_host::{Code, Outcome, Session};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::guests::{grant, probe, session, wait};

fn place(files: &[(&str, &[u8])]) -> (TempDir, Session) {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let session = session(probe("files"));
    grant(&session, "w", folder.path());
    (folder, session)
}

fn call(session: &Session, function: &str, arguments: Value) -> Outcome {
    wait(session.call(&format!("files_{function}"), arguments))
}

#[track_caller]
fn ok(session: &Session, function: &str, arguments: Value) -> Value {
    let outcome = call(session, function, arguments);
    assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
    outcome.result.unwrap()
}

fn paths(listing: &Value, list: &str) -> Vec<String> {
    let items = listing[list].as_array().unwrap().iter();
    items
        .map(|item| item["path"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn grep_finds_what_grep_finds() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("runtime");
    let session = session(probe("files"));
    grant(&session, "w", &project);
    let found = ok(
        &session,
        "grep",
        json!({ "dir": "/w", "pattern": "pub fn", "glob": "*.rs", "max_matches": 100_000 }),
    );
    let grep = std::process::Command::new("grep")
        .args(["-rn", "--include=*.rs", "pub fn", "."])
        .current_dir(&project)
        .output()
        .unwrap();
    let expected = String::from_utf8(grep.stdout).unwrap();
    let mut expected: Vec<_> = expected
        .lines()
        .map(|line| line.replacen("./", "/w/", 1))
        .collect();
    expected.sort();
    let mut lines = Vec::new();
    for file in found["files"].as_array().unwrap() {
        for line in file["lines"].as_array().unwrap() {
            let (number, text) = (&line["number"], line["text"].as_str().unwrap());
            lines.push(format!(
                "{}:{number}:{text}",
                file["path"].as_str().unwrap()
            ));
        }
    }
    lines.sort();
    assert_eq!(lines, expected);
    assert_eq!(found["total"], json!(expected.len()));
    assert_eq!(found["shown"], found["total"]);
}

#[test]
fn grep_leaves_out_what_is_ignored_hidden_or_binary_and_says_so() {
    let (_folder, session) = place(&[
        (".gitignore", b"*.log\nbuild/\n"),
        (".hidden", b"needle"),
        ("a.txt", b"one\nneedle two\nthree\n"),
        ("b.log", b"needle"),
        ("build/c.txt", b"needle"),
        ("d.bin", b"needle\0\x01\x02"),
        ("e.txt", b"caf\xe9 needle\n"),
        ("sub/.ignore", b"f.txt\n"),
        ("sub/f.txt", b"needle"),
        ("sub/g.txt", b"NEEDLE"),
    ]);
    let found = ok(
        &session,
        "grep",
        json!({ "dir": "/w", "pattern": "needle" }),
    );
    assert_eq!(paths(&found, "files"), ["/w/a.txt", "/w/e.txt"]);
    assert_eq!(found["total"], json!(2));
    let note = found["note"].as_str().unwrap();
    assert!(note.contains("binary") && note.contains("UTF-8"), "{note}");
    assert_eq!(
        found["files"][1]["lines"][0]["text"],
        json!("caf\u{fffd} needle")
    );

    let any = json!({ "dir": "/w", "pattern": "needle", "ignore_case": true, "glob": "sub/*" });
    assert_eq!(paths(&ok(&session, "grep", any), "files"), ["/w/sub/g.txt"]);
    // The rules above the handle hold below it.
    let below = ok(&session, "find", json!({ "dir": "/w/sub", "glob": "*" }));
    assert_eq!(paths(&below, "items"), ["/w/sub/g.txt"]);
}

#[test]
fn grep_shows_context_and_counts_what_it_does_not_show() {
    let (_folder, session) = place(&[("a.txt", b"1\nx\n3\n4\n5\nx\n7\n"), ("b.txt", b"x\n")]);
    let found = ok(
        &session,
        "grep",
        json!({ "dir": "/w", "pattern": "x", "context": 1 }),
    );
    let expected = json!([
        { "number": 1, "text": "1", "context": true },
        { "number": 2, "text": "x" },
        { "number": 3, "text": "3", "context": true },
        { "number": 5, "text": "5", "context": true },
        { "number": 6, "text": "x" },
        { "number": 7, "text": "7", "context": true },
    ]);
    assert_eq!(found["files"][0]["lines"], expected);
    let cut = ok(
        &session,
        "grep",
        json!({ "dir": "/w", "pattern": "x", "max_matches": 1 }),
    );
    assert_eq!((&cut["shown"], &cut["total"]), (&json!(1), &json!(3)));
    assert!(
        cut["note"].as_str().unwrap().contains("max_matches"),
        "{cut}"
    );
    let none = ok(
        &session,
        "grep",
        json!({ "dir": "/w", "pattern": "nowhere" }),
    );
    assert_eq!(none["total"], json!(0));
    assert!(
        none["note"].is_string(),
        "an empty reply says what was searched: {none}"
    );
}

#[test]
fn read_pages_are_the_whole_file() {
    let mut text = String::new();
    for n in 1..=1_000 {
        writeln!(text, "line {n} é").unwrap();
    }
    let (_folder, session) = place(&[("a.txt", text.as_bytes())]);
    let mut read = String::new();
    let mut next = json!(1);
    let mut pages = 0;
    while !next.is_null() {
        let page = ok(
            &session,
            "read",
            json!({ "file": "a.txt", "from_line": next, "max_lines": 300 }),
        );
        assert_eq!(page["path"], json!("/w/a.txt"));
        read.push_str(page["text"].as_str().unwrap());
        next = page["next_line"].clone();
        pages += 1;
    }
    assert_eq!(pages, 4);
    assert_eq!(read, text);
    let past = call(
        &session,
        "read",
        json!({ "file": "a.txt", "from_line": 5_000 }),
    );
    assert_eq!(past.code, Code::ToolError);
    assert!(
        past.text().contains("1000"),
        "it says how many lines there are: {}",
        past.text()
    );
}

#[test]
fn read_shows_what_is_odd_and_says_so() {
    let (_folder, session) = place(&[
        ("latin", b"caf\xe9\n"),
        ("empty", b""),
        ("binary", b"\x7fELF\0\0\0"),
        ("long", &[b'x'; 30_000]),
        ("crlf", b"a\r\nb"),
    ]);
    let latin = ok(&session, "read", json!({ "file": "latin" }));
    assert_eq!(latin["text"], json!("caf\u{fffd}\n"));
    assert!(latin["note"].as_str().unwrap().contains("UTF-8"));
    let empty = ok(&session, "read", json!({ "file": "empty" }));
    assert_eq!((&empty["text"], &empty["count"]), (&json!(""), &json!(0)));
    assert_eq!(
        call(&session, "read", json!({ "file": "binary" })).code,
        Code::ToolError
    );
    let long = ok(&session, "read", json!({ "file": "long" }));
    assert!(long["text"].as_str().unwrap().len() < 3_000);
    assert!(long["note"].is_string());
    let crlf = ok(&session, "read", json!({ "file": "crlf" }));
    assert_eq!(crlf["count"], json!(2));
}

#[test]
fn a_file_of_two_gigabytes_is_read_in_pages_and_never_loaded() {
    let (folder, session) = place(&[("large", "line\n".repeat(5_000).as_bytes())]);
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(folder.path().join("large"))
        .unwrap();
    file.set_len(2 << 30).unwrap();
    let outcome = call(&session, "read", json!({ "file": "large", "max_lines": 1 }));
    assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
    assert!(
        outcome.usage.read < 8 << 20,
        "{} bytes read",
        outcome.usage.read
    );
    let page = outcome.result.unwrap();
    assert_eq!(page["text"], json!("line\n"));
    assert_eq!(page["size"], json!(2_u64 << 30));
    assert_eq!(page["next_line"], json!(2));
}

#[test]
fn list_and_find_are_in_order_and_their_paths_can_be_given_back() {
    let (_folder, session) = place(&[
        ("b/c.rs", b"1"),
        ("b/d/e.rs", b"22"),
        ("a.rs", b"333"),
        (".dot", b""),
        ("z.txt", b""),
    ]);
    let all = ok(&session, "list", json!({ "dir": "/w", "depth": 2 }));
    assert_eq!(
        paths(&all, "items"),
        [
            "/w/.dot",
            "/w/a.rs",
            "/w/b",
            "/w/b/c.rs",
            "/w/b/d",
            "/w/z.txt"
        ]
    );
    assert_eq!(all["total"], json!(6));
    assert_eq!(
        all["items"][1],
        json!({ "path": "/w/a.rs", "kind": "file", "size": 3 })
    );
    let found = ok(&session, "find", json!({ "dir": "", "glob": "*.rs" }));
    for path in paths(&found, "items") {
        assert_eq!(
            call(&session, "read", json!({ "file": path })).code,
            Code::Ok,
            "{path}"
        );
    }
    assert_eq!(found["total"], json!(3));
    let below = ok(
        &session,
        "find",
        json!({ "dir": "/w", "glob": "b/**/*.rs" }),
    );
    assert_eq!(paths(&below, "items"), ["/w/b/c.rs", "/w/b/d/e.rs"]);
    let bad = call(&session, "find", json!({ "dir": "/w", "glob": "{a" }));
    assert_eq!(bad.code, Code::ToolError, "{}", bad.text());
}

#[test]
fn many_files_are_searched_in_a_few_host_calls() {
    let names: Vec<String> = (0..500).map(|n| format!("d{}/f{n}.txt", n % 7)).collect();
    let files: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), &b"x\n"[..]))
        .collect();
    let (_folder, session) = place(&files);
    let outcome = call(&session, "grep", json!({ "dir": "/w", "pattern": "x" }));
    assert_eq!(outcome.result.as_ref().unwrap()["total"], json!(500));
    assert!(
        outcome.usage.host_calls < 500,
        "{} host calls",
        outcome.usage.host_calls
    );
}
