//! Every bound, from a guest that goes past it: the code, what was used of what limit, and that the host goes on.

use std::path::Path;
use std::time::Duration;

use bailiwick_host::limits::{BYTES_PER_FUEL, FUEL_PER_HOST_CALL};
use bailiwick_host::{Code, Event, Limits, Outcome};
use serde_json::{Value, json};

use crate::guests::{
    call, grant, load, probe, probe_path, runtime, session, session_within, wait, wat,
};

pub(crate) fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

fn call_within(tool: &'static str, function: &str, arguments: Value, limits: Limits) -> Outcome {
    wait(session_within(probe(tool), limits).call(&format!("{tool}_{function}"), arguments))
}

pub(crate) fn run_wat(text: &[u8], function: &str, arguments: Value, limits: Limits) -> Outcome {
    wait(session_within(load("t", text), limits).call(&format!("t_{function}"), arguments))
}

#[track_caller]
pub(crate) fn bound(outcome: &Outcome, code: Code, limit: u64) {
    assert_eq!(outcome.code, code, "{}", outcome.text());
    let failure = outcome.failure.as_ref().unwrap();
    assert_eq!(failure.limit, Some(limit));
    let used = failure.used.unwrap();
    // Time is only noticed after it has passed; everything else is never passed.
    assert!(
        if code == Code::DeadlineExceeded {
            used >= limit
        } else {
            used <= limit
        },
        "{used}"
    );
    assert!(outcome.result.is_none());
}

#[test]
fn an_endless_loop_uses_exactly_its_fuel() {
    let outcome = call_within("spin", "forever", json!({}), limits(|l| l.fuel = 1_000_000));
    bound(&outcome, Code::FuelExhausted, 1_000_000);
    assert_eq!(outcome.usage.fuel, 1_000_000);
    assert_eq!(outcome.failure.unwrap().used, Some(1_000_000));
}

#[test]
fn an_endless_start_function_and_post_return_are_bounded_alike() {
    let less = limits(|l| l.fuel = 1_000_000);
    for text in [wat("start"), wat("post-return")] {
        let outcome = run_wat(&text, "run", json!({}), less);
        bound(&outcome, Code::FuelExhausted, 1_000_000);
        assert_eq!(outcome.usage.fuel, 1_000_000);
    }
}

#[test]
fn a_trap_is_charged_for_what_came_before_it() {
    let done = call("spin", "burn", json!({ "rounds": 1_000_000 }));
    let trapped = call("spin", "trap", json!({ "rounds": 1_000_000 }));
    assert_eq!(done.code, Code::Ok, "{}", done.text());
    assert_eq!(trapped.code, Code::Trapped);
    assert!(done.usage.fuel > 1_000_000);
    assert!(
        trapped.usage.fuel >= done.usage.fuel,
        "{} for a trap, {} for as much work without",
        trapped.usage.fuel,
        done.usage.fuel
    );
}

#[test]
fn a_trap_tells_the_model_no_backtrace() {
    let outcome = call(
        "spin",
        "panic",
        json!({ "rounds": 1, "message": "the secret place" }),
    );
    assert_eq!(outcome.code, Code::Trapped);
    let text = outcome.text();
    for sign in [
        "wasm",
        "0x",
        "backtrace",
        ".rs",
        "secret",
        "core::",
        "Error {",
    ] {
        assert!(!text.contains(sign), "{sign:?} in {text:?}");
    }
    assert!(
        outcome.stderr.text().contains("the secret place"),
        "the operator sees stderr"
    );
}

#[test]
fn sleeping_in_a_host_call_ends_at_the_deadline() {
    let soon = limits(|l| l.deadline = Duration::from_millis(50));
    for (function, arguments) in [
        ("forever", json!({})),
        ("sleep", json!({ "ms": 3_600_000 })),
    ] {
        let outcome = call_within("sleep", function, arguments, soon);
        bound(&outcome, Code::DeadlineExceeded, 50);
        assert!(outcome.usage.wall >= Duration::from_millis(50));
    }
}

#[test]
fn guest_code_ends_at_the_deadline_too() {
    let soon = limits(|l| (l.deadline, l.fuel) = (Duration::from_millis(50), u64::MAX));
    let outcome = call_within("spin", "forever", json!({}), soon);
    bound(&outcome, Code::DeadlineExceeded, 50);
}

#[test]
fn a_flood_of_output_ends_at_the_deadline_though_it_burns_little_fuel() {
    let soon = limits(|l| (l.deadline, l.fuel) = (Duration::from_millis(50), u64::MAX));
    let outcome = call_within(
        "chatty",
        "flood",
        json!({ "bytes": u64::MAX.to_string() }),
        soon,
    );
    bound(&outcome, Code::DeadlineExceeded, 50);
    assert_eq!(outcome.stdout.bytes.len(), Limits::default().stdio);
    assert!(outcome.stdout.dropped > 0);
}

#[test]
fn deep_recursion_exhausts_the_stack_and_not_the_host() {
    let outcome = call("spin", "recurse", json!({ "levels": 1_000_000_000 }));
    assert_eq!(outcome.code, Code::StackExhausted, "{}", outcome.text());
    assert_eq!(
        call("spin", "recurse", json!({ "levels": 10 })).code,
        Code::Ok
    );
}

#[test]
fn a_result_past_what_one_crossing_moves_is_output_exceeded() {
    let text = wat("huge");
    let outcome = run_wat(
        &text,
        "string",
        json!({ "bytes": 20 << 20 }),
        Limits::default(),
    );
    bound(
        &outcome,
        Code::OutputExceeded,
        Limits::default().crossing as u64,
    );
    // NUL is six bytes in JSON: past the limit for results long before the other.
    let outcome = run_wat(
        &text,
        "string",
        json!({ "bytes": 4 << 20 }),
        Limits::default(),
    );
    assert_eq!(outcome.code, Code::OutputExceeded);
    assert_eq!(
        outcome.failure.unwrap().limit,
        Some(Limits::default().result as u64)
    );
    let outcome = run_wat(&text, "string", json!({ "bytes": 1000 }), Limits::default());
    assert_eq!(outcome.result, Some(json!("\0".repeat(1000))));
}

#[test]
fn text_for_a_model_is_cut_and_says_so() {
    let outcome = run_wat(
        &wat("huge"),
        "string",
        json!({ "bytes": 100_000 }),
        Limits::default(),
    );
    let text = outcome.text();
    assert!(text.len() < Limits::default().text + 200);
    assert!(
        text.contains("of 500000 bytes"),
        "{}",
        &text[text.len() - 100..]
    );
}

#[test]
fn output_is_kept_up_to_the_cap_and_counted() {
    // Whole lines of 62 bytes: what a guest leaves in its own buffer is not printed.
    let outcome = call("chatty", "say", json!({ "out": 62 * 2_000, "err": 10 }));
    assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
    let cap = Limits::default().stdio;
    assert_eq!(outcome.stdout.bytes.len(), cap);
    assert_eq!(outcome.stdout.dropped, 62 * 2_000 - cap as u64);
    assert_eq!(
        (outcome.stderr.bytes.len(), outcome.stderr.dropped),
        (10, 0)
    );
}

#[test]
fn what_a_guest_prints_is_not_in_what_a_model_reads() {
    for function in ["protocol", "escapes", "not_text"] {
        let outcome = call("chatty", function, json!({}));
        assert_eq!(outcome.code, Code::Ok);
        assert_eq!(outcome.text(), "done");
        assert!(!outcome.stdout.bytes.is_empty());
    }
}

#[test]
fn handles_of_the_host_are_capped() {
    let outcome = run_wat(&wat("pollables"), "run", json!({}), Limits::default());
    assert_eq!(outcome.code, Code::HandlesExceeded, "{}", outcome.text());
    // The other of the two tables: that of the component.
    let fewer = limits(|l| l.component_handles = 10);
    let outcome = run_wat(&wat("pollables"), "run", json!({}), fewer);
    bound(&outcome, Code::HandlesExceeded, 10);
}

#[test]
fn a_call_sees_nothing_of_the_one_before() {
    let session = session(load("t", &wat("counter")));
    for _ in 0..3 {
        assert_eq!(
            wait(session.call("t_count", json!({}))).result,
            Some(json!(1))
        );
    }
    // More often than the pool has slots that stay warm, so that they are used again.
    let session = self::session(load("t", &wat("residue")));
    for _ in 0..20 {
        assert_eq!(
            wait(session.call("t_scrawl", json!({}))).result,
            Some(json!(0))
        );
    }
}

#[test]
fn a_call_can_be_cancelled_in_guest_code_and_in_a_wait() {
    for tool in ["spin", "sleep"] {
        let long = limits(|l| (l.fuel, l.deadline) = (u64::MAX, Duration::from_secs(120)));
        let session = session_within(probe(tool), long);
        let call = session.call(&format!("{tool}_forever"), json!({}));
        let mut events = call.events();
        let cancel = call.cancel();
        let outcome = runtime().block_on(async {
            let on_start = async {
                assert_eq!(events.next().await, Some(Event::Started));
                cancel.cancel();
            };
            tokio::join!(call, on_start).0
        });
        assert_eq!(outcome.code, Code::Cancelled);
        let last = runtime().block_on(async { events.next().await });
        assert_eq!(
            last,
            Some(Event::Finished {
                code: Code::Cancelled
            })
        );
    }
}

#[test]
fn a_call_that_is_dropped_gives_its_slot_back() {
    let session = session(probe("sleep"));
    runtime().block_on(async {
        // More than the pool has memories.
        for _ in 0..300 {
            let mut call = session.call("sleep_forever", json!({}));
            let mut events = call.events();
            tokio::select! {
                biased;
                outcome = &mut call => panic!("it ended: {}", outcome.text()),
                event = events.next() => assert_eq!(event, Some(Event::Started)),
            }
        }
        let outcome = session.call("sleep_sleep", json!({ "ms": 1 })).await;
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
    });
}

#[test]
fn a_guest_sees_nothing_of_the_host() {
    let secret = tempfile::tempdir().unwrap();
    let canary = secret.path().join("canary");
    std::fs::write(&canary, "sentinel-in-a-file").unwrap();
    let paths = [
        canary.to_str().unwrap(),
        "/etc/passwd",
        "/proc/self/environ",
        "/dev/zero",
    ];
    for guest in ["environ", "stdfs"] {
        sees_nothing(guest, &paths, secret.path());
    }
    assert_eq!(
        std::fs::read_to_string(&canary).unwrap(),
        "sentinel-in-a-file"
    );
    assert_eq!(
        std::fs::read_dir(secret.path()).unwrap().count(),
        1,
        "nothing was written"
    );
}

fn sees_nothing(guest: &str, paths: &[&str], folder: &Path) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_bailiwick"))
        .env("BAILIWICK_CACHE", crate::guests::cache())
        .env(
            "BAILIWICK_LOG",
            crate::guests::cache().with_file_name("log"),
        )
        .args(["call", probe_path(guest).to_str().unwrap(), "look"])
        .args([&json!({ "paths": paths }).to_string(), "--json"])
        .env("BAILIWICK_SENTINEL", "sentinel-in-a-variable")
        .current_dir(folder)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let seen: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(seen["code"], "ok", "{text}");
    let lines = seen["result"].as_array().unwrap();
    assert!(lines.len() >= 4);
    for line in lines {
        let line = line.as_str().unwrap();
        assert!(!line.contains("sentinel"), "{line}");
        assert!(!line.starts_with("env "), "{line}");
        if line.starts_with("read /") || line.starts_with("list /") || line.starts_with("write /") {
            assert!(line.contains("Err("), "{line}");
        }
    }
}

/// Row "10,000 host calls under a deadline": what the host does for a guest is paid in fuel, so that a guest that does little else ends, too.
#[test]
fn work_of_the_host_is_paid_in_fuel() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f"), vec![7; 64 << 10]).unwrap();
    let run = |function: &str, arguments: &Value, limits: Limits| {
        let session = session_within(probe("handles"), limits);
        grant(&session, "w", folder.path());
        wait(session.call(&format!("handles_{function}"), arguments.clone()))
    };
    let many = json!({ "dir": "/w", "path": "f", "count": 10_000 });
    let read = json!({ "file": "/w/f", "max": 64 << 10, "count": 1_000 });
    for (function, arguments) in [("call_many", &many), ("read_many", &read)] {
        let outcome = run(function, arguments, Limits::default());
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
        let usage = &outcome.usage;
        let of_host = usage.host_calls * FUEL_PER_HOST_CALL + usage.read / BYTES_PER_FUEL;
        assert!(of_host > 8_000_000, "{of_host}");
        assert!(usage.fuel >= of_host, "{} of {of_host}", usage.fuel);
        let outcome = run(function, arguments, limits(|l| l.fuel = of_host / 2));
        bound(&outcome, Code::FuelExhausted, of_host / 2);
        assert_eq!(outcome.usage.fuel, of_host / 2);
    }
}

#[test]
fn host_calls_and_bytes_are_counted_and_capped() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f"), vec![7; 1000]).unwrap();
    let run = |function: &str, arguments: Value, limits: Limits| {
        let session = session_within(probe("handles"), limits);
        grant(&session, "w", folder.path());
        wait(session.call(&format!("handles_{function}"), arguments))
    };
    let many = json!({ "dir": "/w", "path": "f", "count": 10_000 });
    let outcome = run("call_many", many.clone(), limits(|l| l.host_calls = 5_000));
    bound(&outcome, Code::HostcallExceeded, 5_000);
    assert_eq!(outcome.usage.host_calls, 5_000);
    assert_eq!(run("call_many", many, Limits::default()).code, Code::Ok);

    let read = json!({ "file": "/w/f", "max": 1000, "count": 10 });
    let outcome = run("read_many", read.clone(), limits(|l| l.transfer = 10_000));
    assert_eq!(outcome.result, Some(json!(10_000)), "exactly at the limit");
    assert_eq!(outcome.usage.read, 10_000);
    let outcome = run("read_many", read, limits(|l| l.transfer = 9_999));
    assert_eq!(outcome.code, Code::HostcallExceeded, "one past it");
}

#[test]
fn descriptors_are_capped_and_given_back() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f"), "x").unwrap();
    std::fs::create_dir(folder.path().join("d")).unwrap();
    let session = session(probe("handles"));
    grant(&session, "w", folder.path());
    let opened = |function: &str, path: &str, count: u32| {
        let mut arguments = json!({ "dir": "/w", "count": count });
        if !path.is_empty() {
            arguments["path"] = json!(path);
        }
        let outcome = wait(session.call(&format!("handles_{function}"), arguments));
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
        outcome.result.unwrap()
    };
    assert_eq!(opened("open_many", "f", 1_000), 64);
    assert_eq!(opened("open_many_dirs", "d", 1_000), 64);
    assert_eq!(
        opened("walk_many", "", 1_000),
        8,
        "a walk holds eight directories open"
    );
    assert_eq!(opened("open_and_close", "f", 1_000), 1_000);
}

#[test]
fn a_call_lowers_the_limits_of_its_session_and_cannot_raise_them() {
    let session = session_within(probe("spin"), limits(|l| l.fuel = 1_000_000));
    let call = |fuel| session.call_within("spin_forever", json!({}), limits(|l| l.fuel = fuel));
    assert_eq!(wait(call(500_000)).usage.fuel, 500_000);
    assert_eq!(wait(call(1_000_000_000)).usage.fuel, 1_000_000);
}

#[test]
fn a_guest_cannot_choose_its_outcome_by_names_of_its_own() {
    for function in ["handles", "crossing", "memories"] {
        let outcome = run_wat(&wat("forge"), function, json!({}), Limits::default());
        assert_eq!(outcome.code, Code::Trapped, "{}", outcome.text());
    }
}

#[test]
fn an_import_of_another_type_than_it_has_is_the_guests_fault() {
    let outcome = run_wat(&wat("sockets"), "run", json!({}), Limits::default());
    assert_eq!(outcome.code, Code::Trapped, "{}", outcome.text());
}

#[test]
fn sockets_can_be_asked_for_and_there_are_none() {
    let outcome = run_wat(&wat("network"), "run", json!({}), Limits::default());
    assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
}

#[test]
fn work_of_wasi_functions_ends_at_the_deadline_though_it_burns_little_fuel() {
    let soon = limits(|l| (l.deadline, l.fuel) = (Duration::from_millis(50), u64::MAX));
    let outcome = run_wat(&wat("random"), "run", json!({}), soon);
    bound(&outcome, Code::DeadlineExceeded, 50);
}

#[test]
fn a_long_error_of_a_tool_is_cut_and_visible() {
    let outcome = run_wat(
        &wat("complaint"),
        "complain",
        json!({ "bytes": 5 << 20 }),
        Limits::default(),
    );
    assert_eq!(outcome.code, Code::ToolError);
    let text = outcome.text();
    assert!(
        text.len() <= Limits::default().text + 200,
        "{} bytes",
        text.len()
    );
    assert!(
        text.starts_with("tool-error: error: \\u{0}"),
        "{}",
        &text[..60]
    );
    assert!(outcome.to_json().to_string().len() < 200_000);
}

#[test]
fn a_guest_that_only_calls_the_host_can_be_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let long = limits(|l| {
        (l.fuel, l.deadline) = (u64::MAX, Duration::from_secs(120));
        l.host_calls = u64::MAX;
    });
    let session = session_within(probe("handles"), long);
    grant(&session, "w", folder.path());
    let arguments = json!({ "dir": "/w", "path": "", "count": u32::MAX });
    let call = session.call("handles_call_many", arguments);
    let mut events = call.events();
    let cancel = call.cancel();
    let watcher = std::thread::spawn(move || {
        runtime().block_on(async {
            assert_eq!(events.next().await, Some(Event::Started));
            cancel.cancel();
        });
    });
    let outcome = wait(call);
    watcher.join().unwrap();
    assert_eq!(outcome.code, Code::Cancelled, "{}", outcome.text());
}
