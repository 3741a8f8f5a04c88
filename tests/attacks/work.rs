//! Rows about work: fuel, time and stack, in guest code and in the host.

use std::time::Duration;

use bailiwick_host::limits::FUEL_PER_HOST_CALL;
use bailiwick_host::{Code, Event, Limits, Outcome};
use serde_json::{Value, json};

use crate::bounds::{bound, limits, run_wat};
use crate::guests::{grant, load, probe, runtime, session, session_within, wait, wat};

/// Row "endless sleep or poll in a host call": the poll.
#[test]
fn an_endless_poll_ends_at_the_deadline() {
    let soon = limits(|l| l.deadline = Duration::from_millis(50));
    let outcome = run_wat(&wat("poll"), "run", json!({}), soon);
    bound(&outcome, Code::DeadlineExceeded, 50);
    assert!(outcome.usage.wall >= Duration::from_millis(50));
    assert!(
        outcome.usage.fuel < 1_000_000,
        "it waited, and did not work"
    );
}

/// Row "deep recursion, also into a host call".
#[test]
fn deep_recursion_into_the_host_exhausts_the_stack() {
    let tool = load("t", &wat("deep"));
    let session = session_within(tool, Limits::default());
    let run = |function: &str, arguments: Value| {
        let outcome = wait(session.call(&format!("t_{function}"), arguments));
        assert_eq!(outcome.code, Code::StackExhausted, "{}", outcome.text());
        let failure = outcome.failure.as_ref().unwrap();
        assert!(failure.used <= failure.limit && failure.limit > Some(0));
        assert!(outcome.usage.fuel > 0 && outcome.usage.fuel < Limits::default().fuel);
    };
    run("calls", json!({}));
    run("back", json!({}));
    // From the first frame to one beyond the last: the host is entered with every rest of the stack that there can be.
    for levels in (0..20_000).step_by(97) {
        run("both", json!({ "levels": levels }));
    }
}

fn spin(function: &str, arguments: Value, limits: Limits) -> Outcome {
    let session = session_within(probe("spin"), limits);
    wait(session.call(&format!("spin_{function}"), arguments))
}

/// First test "burn fuel, trap, repeat: the bill".
#[test]
fn burning_fuel_and_trapping_again_and_again_is_billed_each_time() {
    let rounds = json!({ "rounds": 1_000_000 });
    let done = spin("burn", rounds.clone(), Limits::default());
    assert_eq!(done.code, Code::Ok, "{}", done.text());
    let mut bill = 0;
    for _ in 0..20 {
        let trapped = spin("trap", rounds.clone(), Limits::default());
        assert_eq!(trapped.code, Code::Trapped, "{}", trapped.text());
        bill += trapped.usage.fuel;
    }
    assert!(bill >= 20 * done.usage.fuel, "{bill}");
    // The bill of a trap is no more than the limit, also where the next full step is.
    let just = done.usage.fuel + 50_000;
    let trapped = spin("trap", rounds, limits(|l| l.fuel = just));
    assert_eq!(trapped.code, Code::Trapped, "{}", trapped.text());
    assert_eq!(trapped.usage.fuel, just);
}

/// First test "10,000 host calls of 1 MB under a 50 ms deadline".
#[test]
fn ten_thousand_host_calls_of_a_megabyte_end_at_the_deadline() {
    let soon = limits(|l| (l.deadline, l.fuel) = (Duration::from_millis(50), u64::MAX));
    let arguments = |count: u32| json!({ "count": count, "bytes": 1_000_000 });
    let outcome = run_wat(&wat("megabytes"), "run", arguments(u32::MAX), soon);
    bound(&outcome, Code::DeadlineExceeded, 50);
    assert!(outcome.usage.host_calls < Limits::default().host_calls);
    // With all the time there is, it ends at the calls.
    let long = limits(|l| {
        (l.deadline, l.fuel) = (Duration::from_secs(100), u64::MAX);
        l.host_calls = 1_000;
    });
    let outcome = run_wat(&wat("megabytes"), "run", arguments(10_000), long);
    bound(&outcome, Code::HostcallExceeded, 1_000);
    assert_eq!(outcome.usage.host_calls, 1_000);
    // More than one crossing may move ends it at once.
    let outcome = run_wat(
        &wat("megabytes"),
        "run",
        arguments(10),
        limits(|l| l.crossing = 999_999),
    );
    bound(&outcome, Code::HostcallExceeded, 999_999);
}

/// The same: each byte is paid in fuel, whatever it is that is handed over.
#[test]
fn what_is_handed_to_the_host_is_paid_in_fuel() {
    let run = |bytes: u32| {
        let arguments = json!({ "count": 100, "bytes": bytes });
        let outcome = run_wat(&wat("megabytes"), "run", arguments, Limits::default());
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
        outcome.usage.fuel
    };
    let (small, large) = (run(0), run(1_000_000));
    assert!(small >= 100 * FUEL_PER_HOST_CALL);
    assert!(
        large - small >= 100 * 1_000_000 / bailiwick_host::limits::BYTES_PER_FUEL,
        "{small} and {large}"
    );
}

/// The same, for those beside it: a guest that only calls the host, and burns hardly any fuel by itself, lets others on its thread have their turn.
#[test]
fn a_guest_that_only_calls_the_host_gives_way() {
    let folder = tempfile::tempdir().unwrap();
    let long = limits(|l| {
        (l.fuel, l.deadline) = (u64::MAX, Duration::from_secs(120));
        l.host_calls = 1_000_000;
    });
    let calling = session_within(probe("handles"), long);
    grant(&calling, "w", folder.path());
    let handing = session_within(load("t", &wat("megabytes")), long);
    let other = session(probe("echo"));
    let many = json!({ "dir": "/w", "path": "", "count": u32::MAX });
    let megabytes = json!({ "count": u32::MAX, "bytes": 100_000 });
    // One thread for all of them.
    runtime().block_on(async {
        for call in [
            calling.call("handles_call_many", many),
            handing.call("t_run", megabytes),
        ] {
            let mut events = call.events();
            let call = tokio::spawn(call);
            assert_eq!(events.next().await, Some(Event::Started));
            for _ in 0..3 {
                let echo = other.call("echo_echo", json!({ "text": "meanwhile" }));
                let outcome = tokio::spawn(echo).await.unwrap();
                assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
            }
            assert!(
                !call.is_finished(),
                "it came to its end before others had a turn"
            );
            call.abort();
            assert!(call.await.is_err_and(|error| error.is_cancelled()));
        }
    });
}
