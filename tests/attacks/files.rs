//! Rows about files and handles that need a whole session, or several.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bailiwick_host::{Amount, Code, GrantOptions, Limits, Writes};
use serde_json::json;

use crate::desk::{Desk, tree};
use crate::guests::{grant, probe, runtime, session};

const ALL: [Writes; 3] = [Writes::Apply, Writes::Review, Writes::Direct];

fn threads(count: usize) -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(count)
        .enable_time()
        .build()
        .unwrap()
}

/// First test "a FIFO in a granted directory, while a second session works on". On plain wasmtime-wasi each of the 900 takes a thread for ever:
/// then neither the second session nor the end of the runtime would come.
#[test]
fn nine_hundred_fifos_take_nothing_from_a_second_session() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    fs::write(folder.path().join("a.txt"), "text").unwrap();
    let first = session(probe("handles"));
    grant(&first, "w", folder.path());
    let second = session(probe("handles"));
    grant(&second, "w", folder.path());
    second.add(probe("echo")).unwrap();
    let runtime = threads(2);
    runtime.block_on(async {
        let mut attacks = Vec::new();
        for number in 0..900 {
            let call = match number % 3 {
                0 => first.call("handles_file_name", json!({ "file": "/w/fifo" })),
                1 => first.call("handles_try_open", json!({ "dir": "/w", "path": "fifo" })),
                _ => first.call(
                    "handles_try_read_files",
                    json!({ "dir": "/w", "paths": ["fifo", "a.txt"], "max": 10 }),
                ),
            };
            attacks.push(tokio::spawn(call));
        }
        for _ in 0..50 {
            let read = second.call(
                "handles_try_read",
                json!({ "file": "/w/a.txt", "offset": 0, "max": 10 }),
            );
            let echo = second.call("echo_echo", json!({ "text": "on" }));
            let (read, echo) = tokio::join!(tokio::spawn(read), tokio::spawn(echo));
            for outcome in [read.unwrap(), echo.unwrap()] {
                assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
            }
        }
        for (number, attack) in attacks.into_iter().enumerate() {
            let outcome = attack.await.unwrap();
            let expected = match number % 3 {
                0 => Code::InvalidArguments,
                1 => Code::ToolError,
                _ => Code::Ok,
            };
            assert_eq!(outcome.code, expected, "{}", outcome.text());
            if expected == Code::Ok {
                let came = outcome.result.unwrap();
                assert_eq!(came[0], json!({ "err": "unsupported" }));
                assert_eq!(came[1], json!({ "ok": ["text", 4] }));
            }
        }
    });
    // It waits for its threads: one that is stuck would keep it.
    drop(runtime);
}

/// Row "a million files": exactly as many as the quota has, the default one and others, and one more is refused.
#[test]
fn a_million_files_end_at_the_quota() {
    let default = GrantOptions::default().quota;
    for (writes, entries) in [
        (Writes::Apply, 256),
        (Writes::Review, 256),
        (Writes::Direct, default.entries),
    ] {
        let quota = Amount { entries, ..default };
        let mut limits = Limits::default();
        // A disk takes its time over thousands of files, on a busy machine.
        limits.deadline = Duration::from_secs(120);
        let options = GrantOptions::default().writes(writes).quota(quota);
        let desk = Desk::within(limits, options, &["writer"]);
        let arguments = json!({ "root": "/workspace", "bytes": 0, "entries": 1_000_000 });
        let outcome = desk.call("writer_fill", arguments);
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
        if writes == Writes::Review {
            desk.session.apply(&[]).unwrap();
        }
        let report = outcome.result.unwrap();
        // The file that was to be long is one of them.
        let files = format!("{} quota", entries - 1);
        for tried in [
            json!(["files", files]),
            json!(["one directory more", "quota"]),
        ] {
            assert!(report.as_array().unwrap().contains(&tried), "{report}");
        }
        assert_eq!(tree(&desk.path("")).len() as u64, entries);
    }
}

/// Row "sparse files; `set_size`": what counts is how long a file is said to be, exactly; the disk never has more.
#[test]
fn a_sparse_file_counts_as_long_as_it_is() {
    for writes in ALL {
        let quota = Amount {
            bytes: 1 << 20,
            entries: 16,
        };
        let options = GrantOptions::default().writes(writes).quota(quota);
        let desk = Desk::with(options, &["writer"]);
        let arguments = json!({ "root": "/workspace", "bytes": 1_u64 << 40, "entries": 0 });
        let outcome = desk.call("writer_fill", arguments);
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
        let report = outcome.result.unwrap();
        for (what, came) in [
            ("set-size 8 TiB", "quota"),
            ("write at 8 TiB", "quota"),
            ("set-size", "1048576 quota"),
            ("append one", "quota"),
            ("size", "1048576"),
        ] {
            let tried = json!([what, came]);
            assert!(
                report.as_array().unwrap().contains(&tried),
                "{tried}: {report}"
            );
        }
        if writes == Writes::Review {
            desk.session.apply(&[]).unwrap();
        }
        assert_eq!(fs::metadata(desk.path("long.bin")).unwrap().len(), 1 << 20);
    }
}

/// The same when the guest gives up over it: then the bound is the outcome.
#[test]
fn a_call_that_fails_at_its_quota_is_quota_exceeded() {
    let quota = Amount {
        bytes: 10,
        entries: 1,
    };
    let desk = Desk::with(GrantOptions::default().quota(quota), &["edit"]);
    let write =
        |file: &str, text: &str| desk.call("edit_write", json!({ "file": file, "content": text }));
    let outcome = write("a.txt", "eleven byte");
    assert_eq!(outcome.code, Code::QuotaExceeded, "{}", outcome.text());
    let failure = outcome.failure.unwrap();
    assert!(
        failure.limit.is_some() && failure.used <= failure.limit,
        "{failure:?}"
    );
    assert!(tree(&desk.path("")).is_empty());
    assert_eq!(
        write("a.txt", "ten bytes!").code,
        Code::Ok,
        "exactly at the limit"
    );
    assert_eq!(
        write("b.txt", "").code,
        Code::QuotaExceeded,
        "one name more"
    );
}

/// Row "open without close": the outcome, when the call fails over it.
#[test]
fn open_without_close_is_handles_exceeded() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("f"), "x").unwrap();
    let session = session(probe("handles"));
    grant(&session, "w", folder.path());
    let arguments = json!({ "dir": "/w", "path": "f", "count": 1_000_000 });
    let outcome = runtime().block_on(session.call("handles_open_many", arguments));
    assert_eq!(
        outcome.result,
        Some(json!(Limits::default().descriptors)),
        "{}",
        outcome.text()
    );
}

/// Row "revoke while 64 calls write".
#[test]
fn nothing_succeeds_after_revoke_while_64_calls_write() {
    const CALLS: usize = 64;
    for writes in ALL {
        let desk = Desk::new(writes, &["writer"]);
        for number in 0..CALLS {
            desk.put(&format!("{number}/f"), "as it was");
        }
        let runtime = threads(2);
        let revoked = Arc::new(AtomicBool::new(false));
        let late = Arc::new(AtomicUsize::new(0));
        let (then, outcomes) = runtime.block_on(async {
            let calls: Vec<_> = (0..CALLS)
                .map(|number| {
                    let file = format!("/workspace/{number}/f");
                    let arguments = json!({ "file": file, "most": 2_000 });
                    let call = desk.session.call("writer_write_until_refused", arguments);
                    let (revoked, late) = (revoked.clone(), late.clone());
                    tokio::spawn(async move {
                        let is_late = revoked.load(Ordering::SeqCst);
                        let outcome = call.await;
                        if is_late && outcome.code == Code::Ok {
                            late.fetch_add(1, Ordering::SeqCst);
                        }
                        outcome
                    })
                })
                .collect();
            let (session, handle) = (desk.session.clone(), desk.handle);
            let path = desk.path("");
            // In the middle: one has written where that can be seen from outside.
            let revoking = std::thread::spawn(move || {
                if writes == Writes::Direct {
                    while fs::read_to_string(path.join("0/f")).unwrap() == "as it was" {
                        std::thread::yield_now();
                    }
                }
                session.revoke(handle).unwrap();
                revoked.store(true, Ordering::SeqCst);
                tree(&path)
            });
            let mut outcomes = Vec::new();
            for call in calls {
                outcomes.push(call.await.unwrap());
            }
            (revoking.join().unwrap(), outcomes)
        });
        assert_eq!(late.load(Ordering::SeqCst), 0, "{writes:?}");
        assert_eq!(
            tree(&desk.path("")),
            then,
            "{writes:?}: it changed afterwards"
        );
        let mut refused = 0;
        for outcome in outcomes {
            let whole = outcome.result == Some(json!([2_000, ""]));
            refused += usize::from(!whole);
            let codes = [Code::Ok, Code::Denied, Code::UnknownHandle];
            assert!(codes.contains(&outcome.code), "{}", outcome.text());
        }
        assert!(refused > 0, "{writes:?}: all were done before");
    }
}
