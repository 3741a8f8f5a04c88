//! Rows about memory: the host's own beside the cap, and what a call leaves in a slot of the pool.

use std::time::Duration;

use bailiwick_host::{Code, Event, Limits, Session};
use serde_json::{Value, json};

use crate::attacks::alone::alone;
use crate::attacks::process;
use crate::bounds::{bound, limits};
use crate::guests::{load, probe, runtime, session_within, wait, wat};

const MIB: u64 = 1 << 20;

/// How much more than a call's cap the host may have.
const SLACK: u64 = 8 * MIB;

/// What a slot of the pool keeps of a memory for the next call, and how many memories of 4 MiB fit below the cap.
const RESIDENT: u64 = 2 * MIB;
const HOGS: u64 = 16;

/// A component of so many core instances, each with a memory of 4 MiB that it writes to as it starts.
fn hogs(count: usize) -> Vec<u8> {
    let instances = "(core instance (instantiate $hog))".repeat(count);
    wat::parse_str(format!(
        r#"(component
            (core module $hog (memory 64)
              (func $fill (memory.fill (i32.const 0) (i32.const 1) (i32.const 4194304)))
              (start $fill))
            {instances}
            (core module $tool (func (export "run")))
            (core instance $tool (instantiate $tool))
            (func (export "run") (canon lift (core func $tool "run"))))"#
    ))
    .unwrap()
}

/// What the host had more than before while a call ran, and has more afterwards.
fn more(session: &Session, function: &str, arguments: Value) -> (u64, u64) {
    let cap = Limits::default().memory;
    let before = process::resident();
    process::forget_peak();
    let outcome = wait(session.call(function, arguments));
    let peak = process::peak().saturating_sub(before);
    bound(&outcome, Code::MemoryExceeded, cap);
    assert!(outcome.usage.memory <= cap);
    (peak, process::resident().saturating_sub(before))
}

/// Row "memory.grow, table.grow, many memories": the host has no more than the cap and 8 MiB, and less again afterwards.
#[test]
fn the_hosts_memory_stays_within_the_cap() {
    if !alone("attacks::memory::the_hosts_memory_stays_within_the_cap") {
        return;
    }
    let cap = Limits::default().memory;
    let session = session_within(probe("grow"), Limits::default());
    session.add(load("hogs", &hogs(40))).unwrap();
    session.add(load("tables", &wat("tables"))).unwrap();
    // What the first call of a process takes is not the attack's.
    let first = wait(session.call("grow_allocate", json!({ "mib": 1 })));
    assert_eq!(first.code, Code::Ok, "{}", first.text());
    for (function, arguments, least) in [
        ("grow_allocate", json!({ "mib": 1_000 }), cap / 2),
        ("grow_try_allocate", json!({ "mib": 1_000 }), cap / 2),
        ("grow_at_once", json!({ "mib": 1_000 }), 0),
        ("hogs_run", json!({}), cap / 2),
        ("grow_allocate", json!({ "mib": 1_000 }), cap / 2),
    ] {
        let (peak, after) = more(&session, function, arguments);
        assert!(
            (least..=cap + SLACK).contains(&peak),
            "{function}: {} MiB more at the peak",
            peak / MIB
        );
        assert!(
            after <= SLACK + HOGS * RESIDENT,
            "{function}: {} MiB more afterwards",
            after / MIB
        );
    }
    // A table cannot get so large: the pool has its own bound. It ends all the same, and takes little.
    let tables = limits(|l| l.memory = 100_000);
    let before = process::resident();
    process::forget_peak();
    let outcome = wait(session.call_within("tables_run", json!({}), tables));
    bound(&outcome, Code::MemoryExceeded, 100_000);
    assert!(process::peak() <= before + SLACK);
}

/// The same with many at one time: each has its own cap, and what is over is given back.
#[test]
fn the_hosts_memory_returns_after_many_at_one_time() {
    if !alone("attacks::memory::the_hosts_memory_returns_after_many_at_one_time") {
        return;
    }
    let session = session_within(probe("grow"), Limits::default());
    let all = || {
        runtime().block_on(async {
            let calls: Vec<_> = (0..8)
                .map(|_| tokio::spawn(session.call("grow_allocate", json!({ "mib": 1_000 }))))
                .collect();
            for call in calls {
                let outcome = call.await.unwrap();
                assert_eq!(outcome.code, Code::MemoryExceeded, "{}", outcome.text());
            }
        });
    };
    // Slots that stay warm keep their first pages.
    all();
    let before = process::resident();
    process::forget_peak();
    all();
    let peak = process::peak() - before.min(process::peak());
    assert!(
        peak <= 8 * Limits::default().memory + SLACK,
        "{} MiB",
        peak / MIB
    );
    assert!(process::resident() <= before + SLACK);
}

/// Row "memory left by the last call in a pooled slot", after every end that a call can have.
#[test]
fn memory_left_by_the_last_call_is_zeros() {
    let session = session_within(load("t", &wat("leftover")), Limits::default());
    let looked = || {
        let outcome = wait(session.call("t_look", json!({})));
        assert_eq!(outcome.result, Some(json!(0)), "{}", outcome.text());
    };
    let little = limits(|l| l.fuel = 50_000_000);
    let soon = limits(|l| (l.deadline, l.fuel) = (Duration::from_millis(20), u64::MAX));
    looked();
    for (function, limits, code) in [
        ("t_scrawl", little, Code::Ok),
        ("t_scrawl_and_trap", little, Code::Trapped),
        ("t_scrawl_and_spin", little, Code::FuelExhausted),
        ("t_scrawl_and_spin", soon, Code::DeadlineExceeded),
    ] {
        for _ in 0..4 {
            let outcome = wait(session.call_within(function, json!({}), limits));
            assert_eq!(outcome.code, code, "{}", outcome.text());
            looked();
        }
    }
    // Dropped and cancelled in the middle, and several at one time.
    runtime().block_on(async {
        for _ in 0..8 {
            let mut calls = Vec::new();
            for _ in 0..8 {
                let mut call = session.call("t_scrawl_and_spin", json!({}));
                let mut events = call.events();
                tokio::select! {
                    biased;
                    event = events.next() => assert_eq!(event, Some(Event::Started)),
                    outcome = &mut call => panic!("it ended: {}", outcome.text()),
                }
                calls.push(call);
            }
            drop(calls);
        }
    });
    for _ in 0..16 {
        looked();
    }
}

/// Row "sentinels in the host's memory": what the host has on its heap and its stack is nowhere in a guest's.
#[test]
fn nothing_of_the_hosts_memory_is_in_a_guests() {
    let sentinel = b"sentinel-in-the-hosts-memory";
    let session = session_within(load("t", &wat("leftover")), Limits::default());
    for round in 0..8 {
        // In blocks that are given back, of every size that what is made for a call may get again.
        let sizes = (4..20).map(|bits| 1_usize << bits);
        let blocks: Vec<Vec<u8>> = sizes.map(|size| sentinel.repeat(size / 16)).collect();
        std::hint::black_box(&blocks);
        drop(blocks);
        let stack = std::hint::black_box([sentinel; 1_000]);
        let outcome = wait(session.call("t_look", json!({})));
        assert_eq!(
            outcome.result,
            Some(json!(0)),
            "round {round}: {}",
            outcome.text()
        );
        std::hint::black_box(&stack);
    }
}
