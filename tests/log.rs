//! The log, through the front door and the command line: what is in it, what is not, and that what is done to it is found.
//!
//! What is done to its files byte by byte stands in `runtime/host/src/log/tests.rs`.

mod command;
mod processes;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use bailiwick_host::{
    Attenuation, Code, GuestPath, Limits, Log, Rights, Session, ToolTerms, Writes,
    ambient_authority,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::desk::Desk;
use crate::guests::{cache, grant, load, probe, runtime, session_within, wait};

/// What must not be in a log: a tool may be handed secrets.
const SECRET: &str = "s3cret-4711";

/// A folder for a log.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("log")
    }

    fn log(&self) -> Log {
        Log::open_ambient(&self.path(), ambient_authority()).unwrap()
    }

    /// The file of records.
    fn file(&self) -> PathBuf {
        self.path().join("0000000000000001.jsonl")
    }

    fn records(&self) -> Vec<Value> {
        let mut reader = self.log().reader();
        let mut records = Vec::new();
        while let Some(entry) = reader.next().unwrap() {
            records.push(entry.record.unwrap());
        }
        records
    }

    fn of_kind(&self, kind: &str) -> Vec<Value> {
        let mut records = self.records();
        records.retain(|record| record["kind"] == kind);
        records
    }

    fn verified(&self) -> u64 {
        self.log().verify().unwrap().records
    }

    /// The command line, with this log.
    fn run(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_bailiwick"))
            .args(words)
            .env("BAILIWICK_LOG", self.path())
            .env("BAILIWICK_STATE", self.0.path().join("state"))
            .env("BAILIWICK_CACHE", cache())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// What it prints, and that it ended with this code.
    fn said(&self, code: i32, words: &[&str]) -> String {
        let output = self.run(words);
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(code), "{words:?}: {text}");
        text
    }
}

fn session(folder: &Folder, tool: &'static str) -> Session {
    let session = Session::new();
    session.set_log(folder.log());
    session.add(probe(tool)).unwrap();
    session
}

#[test]
fn a_call_is_one_line_without_what_it_was_handed_or_returned() {
    let folder = Folder::new();
    let session = session(&folder, "echo");
    let outcome = wait(session.call("echo_echo", json!({ "text": SECRET })));
    assert_eq!(outcome.code, Code::Ok);
    let calls = folder.of_kind("call");
    let [record] = calls.as_slice() else {
        panic!("{calls:?}")
    };
    assert_eq!(record["v"], 1);
    assert_eq!(
        (&record["code"], &record["call"]),
        (&json!("ok"), &json!("c1"))
    );
    assert_eq!(
        (&record["tool"], &record["function"]),
        (&json!("echo"), &json!("echo"))
    );
    let digest = probe("echo").contract().digest.to_string();
    assert_eq!(record["digest"], digest);
    assert_eq!(record["usage"], json!(outcome.usage));
    let text = fs::read_to_string(folder.file()).unwrap();
    assert!(!text.contains(SECRET), "{text}");
    // But whoever knows the arguments knows that it was these.
    let arguments = format!(r#"{{"text":"{SECRET}"}}"#);
    let arguments = bailiwick_host::contract::Digest::of(arguments.as_bytes());
    assert_eq!(record["arguments"], arguments.to_string());
}

#[test]
fn a_session_without_a_log_writes_none_and_two_sessions_are_told_apart() {
    let folder = Folder::new();
    let silent = Session::new();
    assert!(silent.log().is_none());
    silent.add(probe("echo")).unwrap();
    wait(silent.call("echo_echo", json!({ "text": "x" })));
    let [one, two] = [(); 2].map(|()| session(&folder, "echo"));
    wait(one.call("echo_echo", json!({ "text": "x" })));
    wait(two.call("echo_echo", json!({ "text": "x" })));
    let calls = folder.of_kind("call");
    assert_eq!(calls.len(), 2);
    assert_ne!(calls[0]["session"], calls[1]["session"]);
    assert_ne!(calls[0]["id"], calls[1]["id"]);
}

/// However a call ends, and also when it was none.
#[test]
fn every_end_of_a_call_is_recorded() {
    let folder = Folder::new();
    let mut limits = Limits::default();
    limits.fuel = 1_000_000;
    let session = session_within(probe("spin"), limits);
    session.set_log(folder.log());
    let outcome = wait(session.call("spin_burn", json!({ "rounds": u64::MAX.to_string() })));
    assert_eq!(outcome.code, Code::FuelExhausted);
    wait(session.call("spin_burn", json!({ "rounds": "many" })));
    wait(session.call("spin_none", json!({})));
    // One that is dropped while it runs, and one that never began.
    let call = session.call_within("spin_burn", json!({ "rounds": "1" }), Limits::max());
    drop(call);
    runtime().block_on(async {
        let mut call =
            Box::pin(session.call("spin_burn", json!({ "rounds": u64::MAX.to_string() })));
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(call.as_mut().poll(context).is_pending())
        });
        assert!(polled.await);
        drop(call);
    });
    let calls = folder.of_kind("call");
    let codes: Vec<_> = calls
        .iter()
        .map(|call| call["code"].as_str().unwrap())
        .collect();
    let expected = [
        "fuel-exhausted",
        "invalid-arguments",
        "unknown-tool",
        "cancelled",
    ];
    assert_eq!(codes, expected);
    assert_eq!(calls[0]["failure"]["used"], 1_000_000);
    assert_eq!(calls[0]["failure"]["limit"], 1_000_000);
    assert_eq!(calls[2]["tool"], "spin_none");
    assert_eq!(calls[3]["dropped"], true);
    assert!(calls[2].get("dropped").is_none());
    assert_eq!(folder.verified(), calls.len() as u64);
}

/// What the host says of its own failure is for the operator, and a model gets what finds it.
#[test]
fn a_failure_of_the_host_is_found_in_the_log() {
    let folder = Folder::new();
    let desk = Desk::new(Writes::Apply, &["edit"]);
    let session = desk.session.set_log(folder.log());
    // The disk fails, as far as the state folder can tell.
    fs::remove_dir_all(desk.state.path().join("journal")).unwrap();
    let arguments = json!({ "file": "/workspace/a.txt", "content": "a" });
    let outcome = desk.call("edit_write", arguments);
    assert_eq!(outcome.code, Code::HostError, "{}", outcome.text());
    let id = format!("{session}-c1");
    assert_eq!(outcome.record.as_deref(), Some(id.as_str()));
    assert!(outcome.text().contains(&id), "{}", outcome.text());
    assert_eq!(outcome.to_json()["record"], id);
    let calls = folder.of_kind("call");
    assert_eq!(calls[0]["id"], id);
    let detail = calls[0]["failure"]["detail"].as_str().unwrap();
    assert!(outcome.to_json()["error"].get("detail").is_none());
    let shown = folder.said(0, &["log", "tail", "--id", &id]);
    assert!(shown.contains(detail), "{shown}");
    let shown = folder.said(0, &["log", "tail", "--id", "another-c1"]);
    assert!(shown.contains("no such record"), "{shown}");
}

/// The line that would allow it is in the log, and not in what a model reads.
#[test]
fn a_denial_says_what_would_allow_it_to_the_operator_only() {
    let folder = Folder::new();
    let desk = Desk::new(Writes::Apply, &[]);
    desk.put("a.txt", "a");
    desk.grant_docs();
    let session = &desk.session;
    session.set_log(folder.log());
    let mut terms = ToolTerms::default();
    terms.grants = Some(vec![("workspace".to_owned(), Some(Rights::READ))]);
    session.add_with(probe("edit"), &terms).unwrap();
    session.add(probe("files")).unwrap();
    let write = |file: &str| desk.call("edit_write", json!({ "file": file, "content": "b" }));
    let outcomes = [
        write("/workspace/a.txt"),
        write("/docs/doc.txt"),
        write("/etc/x/passwd\"\n[grants.all]"),
        write("/workspace/../a.txt"),
        desk.call("files_read", json!({ "file": "/etc/ssl/private" })),
    ];
    let expected = [
        Some("[tools.edit] grants = [\"workspace:rw\"]"),
        Some("[tools.edit] grants = [\"docs:rw\"]"),
        Some(
            "[grants.NAME] path = \"/etc/x/passwd\\\"\\n[grants.all]\", rights = \"rw\"; [tools.edit] grants = [\"NAME:rw\"]",
        ),
        None,
        Some(
            "[grants.NAME] path = \"/etc/ssl/private\", rights = \"ro\"; [tools.files] grants = [\"NAME:ro\"]",
        ),
    ];
    let calls = folder.of_kind("call");
    for ((record, outcome), allow) in calls.iter().zip(&outcomes).zip(expected) {
        assert_eq!(
            (outcome.code, &record["code"]),
            (Code::Denied, &json!("denied"))
        );
        assert_eq!(record["allow"].as_str(), allow);
        assert!(!outcome.text().contains("grants ="), "{}", outcome.text());
        assert!(!outcome.to_json().to_string().contains("grants ="));
    }
    // Of a name that is read-only for everybody, where the tool may have all.
    session.revoke(desk.handle).unwrap();
    let open = Session::new();
    open.set_log(folder.log());
    open.add(probe("edit")).unwrap();
    grant(&open, "docs", &desk.beside("docs"));
    let outcome = wait(open.call(
        "edit_write",
        json!({ "file": "/docs/doc.txt", "content": "b" }),
    ));
    assert_eq!(outcome.code, Code::Denied);
    let calls = folder.of_kind("call");
    let allow = "[grants.docs] rights = \"rw\"; [tools.edit] grants = [\"docs:rw\"]";
    assert_eq!(calls.last().unwrap()["allow"], allow);
}

#[test]
fn what_a_session_is_given_is_recorded() {
    let folder = Folder::new();
    let desk = Desk::new(Writes::Apply, &[]);
    let session = &desk.session;
    let id = session.set_log(folder.log());
    desk.grant_docs();
    assert!(
        session
            .grant_with(
                "docs",
                bailiwick_host::Grant::open_ambient(
                    &desk.beside("docs"),
                    Rights::READ,
                    ambient_authority()
                )
                .unwrap(),
                &Default::default()
            )
            .is_err()
    );
    let narrow = Attenuation {
        rights: Some(Rights::READ),
        path: GuestPath::parse("src").unwrap(),
        ..Attenuation::default()
    };
    fs::create_dir(desk.path("src")).unwrap();
    session.attenuate(desk.handle, "src", &narrow).unwrap();
    session.mount("src").unwrap();
    session.scratch().unwrap();
    let mut terms = ToolTerms::default();
    terms.grants = Some(vec![("docs".to_owned(), None)]);
    session.add_with(probe("echo"), &terms).unwrap();
    session.revoke(desk.handle).unwrap();
    let records = folder.records();
    let kinds: Vec<_> = records
        .iter()
        .map(|record| record["kind"].as_str().unwrap())
        .collect();
    let expected = [
        "grant",
        "grant",
        "attenuate",
        "mount",
        "grant",
        "tool",
        "revoke",
    ];
    assert_eq!(kinds, expected);
    let docs = desk.beside("docs").canonicalize().unwrap();
    assert_eq!(records[0]["path"], docs.to_str().unwrap());
    assert!(records[1]["refused"].as_str().unwrap().contains("docs"));
    assert_eq!(
        (&records[2]["from"], &records[2]["rights"]),
        (&json!("/workspace"), &json!("ro"))
    );
    assert_eq!(
        (&records[4]["name"], records[4].get("path")),
        (&json!("scratch"), None)
    );
    assert_eq!(records[5]["grants"], json!(["docs"]));
    assert_eq!(
        (&records[6]["name"], &records[6]["handles"]),
        (&json!("/workspace"), &json!(2))
    );
    assert!(records.iter().all(|record| record["session"] == id));
}

/// A tool that returns an error of its own making.
fn liar(message: &str) -> Vec<u8> {
    let escaped: String = message
        .bytes()
        .map(|byte| format!("\\{byte:02x}"))
        .collect();
    let length = message.len();
    wat::parse_str(format!(
        r#"(component
            (core module $m
                (memory (export "memory") 1)
                (data (i32.const 64) "{escaped}")
                (func (export "go") (result i32)
                    (i32.store8 (i32.const 0) (i32.const 1))
                    (i32.store (i32.const 4) (i32.const 64))
                    (i32.store (i32.const 8) (i32.const {length}))
                    (i32.const 0)))
            (core instance $i (instantiate $m))
            (func (export "go") (result (result (error string)))
                (canon lift (core func $i "go") (memory (core memory $i "memory")))))"#
    ))
    .unwrap()
}

#[test]
fn a_message_of_a_guest_stays_in_its_line() {
    let folder = Folder::new();
    let message = "x\"}\n{\"v\":1,\"seq\":1,\"kind\":\"call\",\"code\":\"ok\"}\r\n\u{1b}[2J\u{202e}\u{2028}\u{7f}";
    let session = Session::new();
    session.add(load("liar", &liar(message))).unwrap();
    session.set_log(folder.log());
    let outcome = wait(session.call("liar_go", json!({})));
    assert_eq!(outcome.code, Code::ToolError, "{}", outcome.text());
    let text = fs::read_to_string(folder.file()).unwrap();
    assert_eq!(text.lines().count(), 1);
    let harmless = |c: char| !(c.is_control() || ['\u{202e}', '\u{2028}'].contains(&c));
    assert!(text.trim_end().chars().all(harmless), "{text}");
    assert_eq!(folder.verified(), 1);
    // Nor does what shows it obey.
    let shown = folder.said(0, &["log"]);
    assert_eq!(shown.lines().count(), 1, "{shown}");
    assert!(
        shown.trim_end().chars().all(harmless) && shown.contains("\\u{1b}[2J"),
        "{shown}"
    );
    let document = folder.said(0, &["log", "tail", "--json"]);
    let document: Value = serde_json::from_str(&document).unwrap();
    let said = document["records"][0]["failure"]["message"]
        .as_str()
        .unwrap();
    assert!(said.contains("\\u{1b}[2J") && said.contains('\n'), "{said}");
}
