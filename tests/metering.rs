//! A tool that is metered by time: the clock bounds it everywhere, and nothing counts its fuel.

use std::sync::OnceLock;
use std::time::Duration;

use bailiwick_host::{Code, Engine, EngineOptions, Limits, Metering, Outcome, Session, Tool};
use serde_json::{Value, json};

use crate::bounds::{bound, limits};
use crate::guests::{probe, probe_path, runtime, wait, wat};

fn timed() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    let options = EngineOptions::default().metering(Metering::Time);
    ENGINE.get_or_init(|| Engine::with(options).unwrap())
}

fn session(bytes: &[u8], limits: Limits) -> Session {
    let tool = Tool::load(timed(), "t", bytes).unwrap();
    assert_eq!(tool.metering(), Metering::Time);
    let session = Session::with_limits(limits);
    session.add(tool).unwrap();
    session
}

fn spin(function: &str, arguments: Value, limits: Limits) -> Outcome {
    let bytes = std::fs::read(probe_path("spin")).unwrap();
    wait(session(&bytes, limits).call(&format!("t_{function}"), arguments))
}

#[test]
fn an_endless_loop_ends_at_the_deadline_wherever_it_is() {
    let soon = limits(|l| l.deadline = Duration::from_millis(50));
    bound(
        &spin("forever", json!({}), soon),
        Code::DeadlineExceeded,
        50,
    );
    for text in ["start", "post-return"] {
        let outcome = wait(session(&wat(text), soon).call("t_run", json!({})));
        bound(&outcome, Code::DeadlineExceeded, 50);
    }
}

#[test]
fn fuel_is_not_counted_and_does_not_bound() {
    let little = limits(|l| l.fuel = 1);
    let outcome = spin("burn", json!({ "rounds": 1_000_000 }), little);
    assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
    assert_eq!(outcome.usage.fuel, 0);
    // The same with fuel is bounded by it.
    let counted = Session::with_limits(little);
    counted.add(probe("spin")).unwrap();
    let outcome = wait(counted.call("spin_burn", json!({ "rounds": 1_000_000 })));
    assert_eq!(outcome.code, Code::FuelExhausted);
}

#[test]
fn the_other_bounds_are_as_they_were() {
    let outcome = spin(
        "recurse",
        json!({ "levels": 100_000_000 }),
        Limits::default(),
    );
    assert_eq!(outcome.code, Code::StackExhausted, "{}", outcome.text());
    let outcome = spin("trap", json!({ "rounds": 10 }), Limits::default());
    assert_eq!(outcome.code, Code::Trapped, "{}", outcome.text());
    let outcome = wait(session(&wat("instances"), Limits::default()).call("t_run", json!({})));
    bound(&outcome, Code::MemoryExceeded, Limits::default().memory);
}

#[test]
fn one_that_spins_is_cancelled_and_others_go_on_beside_it() {
    let bytes = std::fs::read(probe_path("spin")).unwrap();
    let session = session(&bytes, Limits::default());
    runtime().block_on(async {
        let endless = session.call("t_forever", json!({}));
        let (cancel, mut events) = (endless.cancel(), endless.events());
        let endless = tokio::spawn(endless);
        assert!(events.next().await.is_some());
        // On the same thread: it yields, or this would wait for its deadline.
        let beside = session.call("t_burn", json!({ "rounds": 10 })).await;
        assert_eq!(beside.code, Code::Ok);
        cancel.cancel();
        assert_eq!(endless.await.unwrap().code, Code::Cancelled);
    });
}

/// A tool of each kind in one session.
#[test]
fn both_kinds_are_at_home_in_one_session() {
    let bytes = std::fs::read(probe_path("spin")).unwrap();
    let session = session(&bytes, Limits::default());
    session.add(probe("spin")).unwrap();
    for (name, counts) in [("t_burn", false), ("spin_burn", true)] {
        let outcome = wait(session.call(name, json!({ "rounds": 10 })));
        assert_eq!(outcome.code, Code::Ok);
        assert_eq!(outcome.usage.fuel > 0, counts, "{name}");
    }
}
