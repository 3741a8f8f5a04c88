//! Rows about what comes out of a call: how much, and that it cannot be taken for anything else.

use std::process::{Command, Output};

use bailiwick_host::{Code, Limits, Outcome, visible};
use serde_json::{Value, json};

use crate::bounds::{bound, limits, run_wat};
use crate::desk::Desk;
use crate::guests::{cache, call, load, probe_path, session_within, wait, wat};

/// Row "returning a 64 MiB string": also where the guest may have the memory for it.
#[test]
fn a_string_of_64_mib_is_output_exceeded() {
    let text = String::from_utf8(std::fs::read("tests/probes/wat/huge.wat").unwrap()).unwrap();
    let larger = text.replace(
        "(memory (export \"memory\") 400)",
        "(memory (export \"memory\") 1100)",
    );
    assert_ne!(larger, text);
    let bytes = wat::parse_str(larger).unwrap();
    let wide = limits(|l| l.memory = 128 << 20);
    let outcome = run_wat(&bytes, "string", json!({ "bytes": 64 << 20 }), wide);
    bound(&outcome, Code::OutputExceeded, wide.crossing as u64);
    assert!(outcome.usage.memory >= 64 << 20);
    assert!(outcome.usage.fuel < 1_000_000, "{}", outcome.usage.fuel);
}

/// Row "10⁶ resources": the host's, and the guest's own.
#[test]
fn a_million_resources_are_handles_exceeded() {
    let outcome = run_wat(&wat("pollables"), "run", json!({}), Limits::default());
    bound(
        &outcome,
        Code::HandlesExceeded,
        Limits::default().host_handles as u64,
    );
    let session = session_within(load("t", &wat("resources")), Limits::default());
    let make = |count: u64| wait(session.call("t_make", json!({ "count": count })));
    let limit = Limits::default().component_handles as u64;
    bound(&make(1_000_000), Code::HandlesExceeded, limit);
    assert_eq!(
        make(limit).result,
        Some(json!(limit)),
        "exactly at the limit"
    );
    bound(&make(limit + 1), Code::HandlesExceeded, limit);
}

fn bailiwick(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bailiwick"))
        .args(words)
        .env("BAILIWICK_CACHE", cache())
        .env("BAILIWICK_LOG", cache().with_file_name("log"))
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap()
}

/// Row "endless stdout/stderr": what a program that calls the command line reads on stdout is one document, whatever the guest prints.
#[test]
fn the_protocol_stream_never_sees_what_a_guest_prints() {
    let chatty = probe_path("chatty");
    let chatty = chatty.to_str().unwrap();
    for words in [
        &["protocol"][..],
        &["escapes"],
        &["not_text"],
        &["flood", "bytes=10000000"],
        &["last_words", "text={\"jsonrpc\":\"2.0\"}"],
    ] {
        let all = [&["call", chatty][..], words, &["--json"]].concat();
        let output = bailiwick(&all);
        let document: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{words:?}: {error}"));
        assert!(document["code"].is_string(), "{document}");
        let printed = document["stdout"]["text"].as_str().unwrap();
        assert!(!printed.is_empty() && printed.len() <= 3 * Limits::default().stdio);
        if words[0] == "flood" {
            assert!(document["stdout"]["dropped_bytes"].as_u64() > Some(9_000_000));
        }
        let text = document["text"].as_str().unwrap();
        assert!(
            !text.contains("jsonrpc") && !text.contains('\u{1b}'),
            "{text}"
        );
        // And without it, on the other stream, made visible.
        let output = bailiwick(&all[..all.len() - 1]);
        let out = String::from_utf8(output.stdout).unwrap();
        assert!(!out.contains("jsonrpc") && !out.contains('\u{1b}'), "{out}");
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(err.contains("[stdout]") && nothing_hidden(&err), "{err}");
        for line in err.lines().filter(|line| line.contains("jsonrpc")) {
            assert!(line.starts_with("[std"), "{line}");
        }
    }
}

/// What nobody sees, or sees as something else: an escape sequence, text that runs the other way, characters without width, tags, a fake end of
/// what the tool said.
const HIDDEN: [&str; 7] = [
    "\u{1b}[2K\u{1b}[31mred",
    "\u{202e}gpj.exe",
    "a\u{200b}b\u{2060}c\u{feff}",
    "\u{e0049}\u{e0067}\u{e006e}",
    "\u{9b}31m\u{7}\u{8}",
    "x\r[stdout] y",
    "\u{2066}isolated\u{2069}",
];

fn nothing_hidden(text: &str) -> bool {
    visible::text(text) == text
}

#[track_caller]
fn is_visible(outcome: &Outcome, hidden: &str) {
    let text = outcome.text();
    assert!(nothing_hidden(&text), "{text:?}");
    assert!(!text.contains(hidden), "{text:?}");
    let escapes = text.contains("\\u{") || text.contains("\\u") || text.contains("\\r");
    assert!(escapes, "it is shown, and not left out: {text:?}");
}

/// Row "ANSI, bidi, zero-width and tag characters, fake delimiters": in results, in names of files, in errors, in stderr and in a trap.
#[test]
fn hidden_characters_of_a_call_are_made_visible() {
    for hidden in HIDDEN {
        let outcome = call("echo", "echo", json!({ "text": hidden }));
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
        assert_eq!(
            outcome.result,
            Some(json!(hidden)),
            "a program gets it as it is"
        );
        is_visible(&outcome, hidden);

        // In data: a record with text in it.
        let outcome = call("types", "some_strings", json!({ "value": [hidden] }));
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
        is_visible(&outcome, hidden);

        let outcome = call("spin", "panic", json!({ "rounds": 1, "message": hidden }));
        assert_eq!(outcome.code, Code::Trapped);
        assert!(
            outcome.stderr.text().contains(hidden),
            "the operator's, as it is"
        );
        assert!(nothing_hidden(&outcome.text()));
        assert!(!outcome.text().contains(hidden));

        // In names and in what is said of them: arguments that do not fit, names that are not there.
        let outcome = call("echo", "echo", json!({ "text": "x", hidden: 1 }));
        assert_eq!(outcome.code, Code::InvalidArguments);
        is_visible(&outcome, hidden);
        let outcome = call("echo", hidden, json!({}));
        assert_eq!(outcome.code, Code::UnknownTool);
        is_visible(&outcome, hidden);
    }
}

#[test]
fn hidden_characters_of_files_are_made_visible() {
    let desk = Desk::new(bailiwick_host::Writes::Apply, &["files"]);
    for hidden in HIDDEN {
        desk.put(hidden, &format!("needle {hidden}\n"));
    }
    for (function, arguments) in [
        ("files_find", json!({ "dir": ".", "glob": "*" })),
        ("files_list", json!({ "dir": "." })),
        ("files_grep", json!({ "dir": ".", "pattern": "needle" })),
        ("files_read", json!({ "file": HIDDEN[1] })),
    ] {
        let outcome = desk.call(function, arguments);
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
        is_visible(&outcome, HIDDEN[1]);
    }
    for hidden in HIDDEN {
        for (function, arguments) in [
            ("files_read", json!({ "file": format!("{hidden}-no") })),
            (
                "files_grep",
                json!({ "dir": ".", "pattern": format!("({hidden}") }),
            ),
        ] {
            let outcome = desk.call(function, arguments);
            assert_ne!(outcome.code, Code::Ok);
            let text = outcome.text();
            assert!(nothing_hidden(&text) && !text.contains(hidden), "{text:?}");
        }
    }
}

/// The same on a terminal: nothing of either stream is obeyed.
#[test]
fn hidden_characters_on_the_command_line_are_made_visible() {
    let (echo, spin) = (probe_path("echo"), probe_path("spin"));
    let (echo, spin) = (echo.to_str().unwrap(), spin.to_str().unwrap());
    for hidden in HIDDEN {
        let said = json!({ "text": hidden }).to_string();
        let panic = json!({ "rounds": 1, "message": hidden }).to_string();
        let more = json!({ "text": "x", hidden: 1 }).to_string();
        for words in [
            ["call", echo, "echo", &said],
            ["call", spin, "panic", &panic],
            ["call", echo, "echo", &more],
            ["call", echo, hidden, "{}"],
            ["call", hidden, "echo", "{}"],
        ] {
            let output = bailiwick(&words);
            for bytes in [&output.stdout, &output.stderr] {
                let text = std::str::from_utf8(bytes).unwrap();
                assert!(nothing_hidden(text), "{words:?}: {text:?}");
            }
        }
    }
}
