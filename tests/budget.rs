//! What all calls of a session may use together, and who waits for whom.

use std::time::Duration;

use bailiwick_host::{Budget, Code, EngineOptions, Limits, Session, Tool};
use serde_json::json;

use crate::guests::{probe, probe_path, runtime, session_within, wait};

fn budget(change: impl FnOnce(&mut Budget)) -> Budget {
    let mut budget = Budget::default();
    change(&mut budget);
    budget
}

fn limits(fuel: u64) -> Limits {
    let mut limits = Limits::default();
    limits.fuel = fuel;
    limits
}

/// Row "a tool that traps on purpose again and again".
#[test]
fn a_tool_that_traps_on_purpose_runs_out_of_its_sessions_budget() {
    let session = session_within(probe("spin"), limits(1_000_000));
    session.set_budget(budget(|budget| budget.fuel = 5_000_000));
    let mut trapped = 0;
    let over = loop {
        let outcome = wait(session.call("spin_trap", json!({ "rounds": 20_000 })));
        match outcome.code {
            Code::Trapped => trapped += 1,
            _ => break outcome,
        }
        assert!(outcome.usage.fuel >= 20_000, "{:?}", outcome.usage);
        assert!(trapped < 1_000, "{:?}", session.spent());
    };
    assert_eq!(over.code, Code::BudgetExhausted, "{}", over.text());
    assert!(trapped > 3);
    let failure = over.failure.unwrap();
    assert_eq!(
        (failure.used, failure.limit),
        (Some(5_000_000), Some(5_000_000))
    );
    assert_eq!(session.spent().fuel, 5_000_000);
    // And stays so.
    let next = wait(session.call("spin_burn", json!({ "rounds": 1 })));
    assert_eq!(next.code, Code::BudgetExhausted, "{}", next.text());
    assert_eq!(session.spent().calls, trapped + 1);
    // Another session has its own.
    let other = session_within(probe("spin"), limits(1_000_000));
    assert_eq!(
        wait(other.call("spin_burn", json!({ "rounds": 1 }))).code,
        Code::Ok
    );
}

/// Calls that run side by side cannot pass the budget together, and all of it can be used.
#[test]
fn a_budget_holds_for_calls_side_by_side() {
    let session = session_within(probe("spin"), limits(1_000_000));
    session.set_budget(budget(|budget| budget.fuel = 4_500_000));
    let codes = runtime().block_on(async {
        let calls = (0..8).map(|_| session.call("spin_forever", json!({})));
        let calls: Vec<_> = calls.map(tokio::spawn).collect();
        let mut codes = Vec::new();
        for call in calls {
            codes.push(call.await.unwrap().code);
        }
        codes
    });
    let count = |code| codes.iter().filter(|known| **known == code).count();
    assert_eq!(count(Code::FuelExhausted), 4, "{codes:?}");
    assert_eq!(count(Code::BudgetExhausted), 4, "{codes:?}");
    assert_eq!(session.spent().fuel, 4_500_000);
}

#[test]
fn calls_wall_time_and_bytes_have_a_budget_too() {
    let session = session_within(probe("echo"), Limits::default());
    session.set_budget(budget(|budget| budget.calls = 2));
    let call = || wait(session.call("echo_echo", json!({ "text": "x" })));
    assert_eq!([call().code, call().code], [Code::Ok, Code::Ok]);
    let over = call();
    assert_eq!(over.code, Code::BudgetExhausted);
    assert!(over.text().contains("2 calls"), "{}", over.text());

    let session = session_within(probe("sleep"), Limits::default());
    session.set_budget(budget(|budget| budget.wall = Duration::from_millis(100)));
    let over = wait(session.call("sleep_forever", json!({})));
    assert_eq!(over.code, Code::BudgetExhausted, "{}", over.text());
    assert!(session.spent().wall_ms >= 100);

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a"), vec![b'a'; 100_000]).unwrap();
    let session = session_within(probe("files"), Limits::default());
    crate::guests::grant(&session, "w", folder.path());
    session.set_budget(budget(|budget| budget.transfer = 150_000));
    let read = || wait(session.call("files_read", json!({ "file": "/w/a" })));
    assert_eq!(read().code, Code::Ok);
    let over = read();
    assert_eq!(over.code, Code::BudgetExhausted, "{}", over.text());
    assert!(session.spent().transfer >= 100_000);
}

/// A call that is dropped pays for what it did, and no more.
#[test]
fn a_call_that_is_dropped_pays_for_what_it_did() {
    let session = session_within(probe("spin"), limits(1_000_000_000_000));
    runtime().block_on(async {
        let call = session.call("spin_forever", json!({}));
        let turn = tokio::time::timeout(Duration::from_millis(50), call);
        assert!(turn.await.is_err());
    });
    let spent = session.spent();
    assert!(
        spent.fuel >= 100_000 && spent.fuel < 1_000_000_000_000,
        "{spent:?}"
    );
    assert_eq!(spent.calls, 1);
}

/// When the pool is full a call waits its turn, and is `busy` when that does not come before its deadline.
#[test]
fn a_call_waits_for_its_turn_and_is_busy_at_its_deadline() {
    let engine = bailiwick_host::Engine::with(EngineOptions::default().calls(2)).unwrap();
    let bytes = std::fs::read(probe_path("sleep")).unwrap();
    let session = Session::new();
    session
        .add(Tool::load(&engine, "sleep", &bytes).unwrap())
        .unwrap();
    runtime().block_on(async {
        let hold: Vec<_> = (0..2)
            .map(|_| {
                let call = session.call("sleep_forever", json!({}));
                let (cancel, mut events) = (call.cancel(), call.events());
                let call = tokio::spawn(call);
                (cancel, async move { events.next().await }, call)
            })
            .collect();
        let mut held = Vec::new();
        for (cancel, started, call) in hold {
            assert!(started.await.is_some());
            held.push((cancel, call));
        }
        let mut soon = Limits::max();
        soon.deadline = Duration::from_millis(50);
        let late = session
            .call_within("sleep_sleep", json!({ "ms": 1 }), soon)
            .await;
        assert_eq!(late.code, Code::Busy, "{}", late.text());
        let turn = tokio::spawn(session.call("sleep_sleep", json!({ "ms": 1 })));
        tokio::task::yield_now().await;
        for (cancel, call) in held {
            cancel.cancel();
            assert_eq!(call.await.unwrap().code, Code::Cancelled);
        }
        let outcome = turn.await.unwrap();
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
    });
}
