//! Files that a tool returns as handles of its own: what of them is copied below `/results`, and for how long the call works on that.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use bailiwick_host::{Code, GrantOptions, Limits, Outcome};
use serde_json::json;

use crate::desk::{Desk, tree};
use crate::guests::{load, runtime};

/// Returns what it is handed, as ok, as err, and many times.
const RETURNS: &str = r#"(component
  (import "bailiwick:fs/read@0.1.0" (instance $read
    (export "read-dir" (type (sub resource)))
    (export "read-file" (type (sub resource)))))
  (alias export $read "read-dir" (type $dir))
  (alias export $read "read-file" (type $file))
  (core module $m
    (memory (export "memory") 1)
    (func (export "same") (param i32) (result i32) (local.get 0))
    (func (export "err") (param i32) (result i32)
      (i32.store8 (i32.const 0) (i32.const 1))
      (i32.store (i32.const 4) (local.get 0))
      (i32.const 0))
    (func (export "both") (param i32 i32) (result i32)
      (i32.store (i32.const 0) (local.get 0))
      (i32.store (i32.const 4) (local.get 1))
      (i32.const 0)))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (func (export "dir") (param "dir" (own $dir)) (result (own $dir))
    (canon lift (core func $i "same")))
  (func (export "file") (param "file" (own $file)) (result (own $file))
    (canon lift (core func $i "same")))
  (func (export "err") (param "dir" (own $dir)) (result (result (error (own $dir))))
    (canon lift (core func $i "err") (memory $memory)))
  (func (export "both") (param "dir" (own $dir)) (param "file" (own $file))
    (result (tuple (own $dir) (own $file)))
    (canon lift (core func $i "both") (memory $memory)))
)"#;

/// With more time than a busy machine needs to copy thousands of files, unless that is what it is about.
fn patient() -> Limits {
    let mut limits = Limits::default();
    limits.deadline = Duration::from_secs(120);
    limits
}

fn desk(limits: Limits) -> Desk {
    let desk = Desk::within(limits, GrantOptions::default(), &["files"]);
    let bytes = wat::parse_str(RETURNS).unwrap();
    desk.session.add(load("returns", &bytes)).unwrap();
    desk
}

/// Where the copies are on the host, and what is in them.
fn copies(desk: &Desk) -> Vec<String> {
    let paths = tree(&desk.beside("state/rooms")).into_keys();
    // The first name is the room's own.
    let below = paths.filter_map(|path| {
        let mut names = path.iter().map(|name| name.to_str().unwrap());
        let room = names.next()?.starts_with("results");
        let below = names.collect::<Vec<_>>().join("/");
        (room && !below.is_empty()).then_some(below)
    });
    below.collect()
}

fn is_read(desk: &Desk, file: &str, text: &str) {
    let read = desk.call("files_read", json!({ "file": file }));
    assert_eq!(read.code, Code::Ok, "{}", read.text());
    assert!(read.text().contains(text), "{}", read.text());
}

/// A person may take a copy to where such a name governs something.
#[test]
fn protected_names_and_links_are_left_out_and_it_is_said() {
    let desk = desk(Limits::default());
    desk.lay_bait();
    fs::remove_file(desk.path("fifo")).unwrap();
    fs::remove_dir_all(desk.path("links")).unwrap();
    symlink("inside.txt", desk.path("link")).unwrap();
    desk.put("sub/.vscode/settings.json", "{}");
    desk.put("sub/deep/kept.txt", "kept");
    let outcome = desk.call("returns_dir", json!({ "dir": "/workspace" }));
    assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
    assert_eq!(outcome.result, Some(json!("/results/c1/workspace")));
    let expected = [
        "c1",
        "c1/workspace",
        "c1/workspace/inside.txt",
        "c1/workspace/sub",
        "c1/workspace/sub/deep",
        "c1/workspace/sub/deep/kept.txt",
    ];
    assert_eq!(copies(&desk), expected);
    // `.git` with three names in it, `.mcp.json`, `bailiwick.lock`, `bailiwick.toml`, `link`, `sub/.vscode` with one.
    assert_eq!(outcome.left_out, 10, "{}", outcome.text());
    assert_eq!(outcome.to_json()["left_out"], json!(10));
    assert!(outcome.text().contains("10 names"), "{}", outcome.text());
    is_read(&desk, "/results/c1/workspace/sub/deep/kept.txt", "kept");
}

#[test]
fn what_has_a_protected_name_itself_gets_another() {
    let desk = desk(Limits::default());
    desk.put(".mcp.json", "servers");
    desk.put(".vscode/settings.json", "settings");
    let outcome = desk.call("returns_file", json!({ "file": ".mcp.json" }));
    assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
    assert_eq!(outcome.result, Some(json!("/results/c1/result")));
    is_read(&desk, "/results/c1/result", "servers");
    let arguments = json!({ "dir": ".vscode", "file": ".mcp.json" });
    let outcome = desk.call("returns_both", arguments);
    let names = json!(["/results/c3/result", "/results/c3/result.2"]);
    assert_eq!(outcome.result, Some(names), "{}", outcome.text());
    is_read(&desk, "/results/c3/result/settings.json", "settings");
    is_read(&desk, "/results/c3/result.2", "servers");
    assert_eq!(outcome.left_out, 0);
}

#[test]
fn a_handle_in_an_error_is_kept_as_in_a_result() {
    let desk = desk(Limits::default());
    desk.put("sub/a.txt", "partly done");
    let outcome = desk.call("returns_err", json!({ "dir": "sub" }));
    assert_eq!(outcome.code, Code::ToolError, "{}", outcome.text());
    assert!(
        outcome.text().contains("/results/c1/sub"),
        "{}",
        outcome.text()
    );
    is_read(&desk, "/results/c1/sub/a.txt", "partly done");
}

#[test]
fn what_cannot_be_read_is_the_tools_error_or_left_out() {
    let desk = desk(Limits::default());
    desk.put("sub/a.txt", "a");
    desk.put("sub/b.txt", "b");
    fs::remove_file(desk.path("sub/b.txt")).unwrap();
    symlink("nowhere", desk.path("sub/b.txt")).unwrap();
    let outcome = desk.call("returns_dir", json!({ "dir": "sub" }));
    assert_eq!(
        (outcome.code, outcome.left_out),
        (Code::Ok, 1),
        "{}",
        outcome.text()
    );
}

/// More names than a call can return: none of them stays.
#[test]
fn too_many_names_are_not_kept() {
    let desk = desk(patient());
    for name in 0..4095 {
        desk.put(&format!("many/{name}"), "");
    }
    let outcome = desk.call("returns_dir", json!({ "dir": "many" }));
    assert_eq!(outcome.code, Code::OutputExceeded, "{}", outcome.text());
    assert_eq!(copies(&desk), [""; 0]);
}

#[test]
fn too_many_bytes_are_not_kept() {
    let mut limits = Limits::default();
    limits.result = 1000;
    let desk = desk(limits);
    desk.put("sub/one", &"1".repeat(600));
    desk.put("sub/two", &"2".repeat(401));
    let returned = || desk.call("returns_dir", json!({ "dir": "sub" }));
    assert_eq!(returned().code, Code::OutputExceeded);
    assert_eq!(copies(&desk), [""; 0]);
    desk.put("sub/two", &"2".repeat(400));
    assert_eq!(returned().code, Code::Ok);
}

/// Files that take much longer to copy than the call has time.
fn many(desk: &Desk) {
    for name in 0..4000 {
        desk.put(&format!("{name}"), "some text");
    }
}

#[track_caller]
fn is_stopped(desk: &Desk, outcome: &Outcome, code: Code) {
    assert_eq!(outcome.code, code, "{}", outcome.text());
    assert_eq!(copies(desk), [""; 0]);
}

#[test]
fn copying_ends_at_the_deadline() {
    let mut limits = Limits::default();
    limits.deadline = Duration::from_millis(60);
    let desk = desk(limits);
    many(&desk);
    let outcome = desk.call("returns_dir", json!({ "dir": "" }));
    is_stopped(&desk, &outcome, Code::DeadlineExceeded);
    let over = outcome.usage.wall - limits.deadline;
    eprintln!("{over:?} over the deadline");
    assert!(over < Duration::from_millis(500), "{over:?}");
}

#[test]
fn copying_ends_when_the_call_is_cancelled() {
    let desk = desk(patient());
    many(&desk);
    let outcome = runtime().block_on(async {
        let call = desk.session.call("returns_dir", json!({ "dir": "" }));
        let (cancel, rooms) = (call.cancel(), desk.beside("state/rooms"));
        let cancelled = std::thread::spawn(move || {
            // Once something is copied.
            let is_copied = || tree(&rooms).keys().any(|path| path.iter().count() > 3);
            while !is_copied() {
                std::thread::yield_now();
            }
            cancel.cancel();
        });
        let outcome = call.await;
        cancelled.join().unwrap();
        outcome
    });
    is_stopped(&desk, &outcome, Code::Cancelled);
}
