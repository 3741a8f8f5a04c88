//! What is accepted is applied and is not pending any more, as one.

use crate::bench::Bench;
use bailiwick_capfs::state::{ApplyError, Fault, Part, StateError};
use bailiwick_capfs::{ChangeSet, ErrorCode};

/// `a` and `b` are pending. Returns `a`, which is to be applied, and `b`, which stays pending.
fn pending(bench: &Bench) -> (ChangeSet, ChangeSet) {
    let all = bench.set().replace("a", "2").create("b", "2").set;
    bench.vault.keep_pending(&all).expect("it is kept");
    let [mut chosen, mut rest] = [all.clone(), all];
    chosen.puts.truncate(1);
    rest.puts.remove(0);
    (chosen, rest)
}

fn accept(bench: &Bench, set: &ChangeSet, rest: &ChangeSet) -> Result<(), ApplyError> {
    let part = Part {
        vault: &bench.vault,
        set,
        pending: Some(rest),
    };
    bench.state.apply_parts(&[part], "accepted").map(drop)
}

/// What `a` says, and what is pending for any process.
fn seen(bench: &Bench) -> (String, Vec<String>) {
    let all = bench.other().0.pending().expect("it can be read");
    let puts = all.into_iter().flat_map(|(_, set)| set.puts);
    (
        bench.tree()["a"].clone(),
        puts.map(|put| put.path).collect(),
    )
}

fn before() -> (String, Vec<String>) {
    ("1".into(), vec!["a".into(), "b".into()])
}

fn after() -> (String, Vec<String>) {
    ("2".into(), vec!["b".into()])
}

#[test]
fn both_or_neither_wherever_it_is_refused() {
    let bench = Bench::new(&[("a", "1")]);
    let (chosen, rest) = pending(&bench);
    let mut refused = 0;
    loop {
        bench.state.fault(Fault::Fail(refused, ErrorCode::Io));
        match accept(&bench, &chosen, &rest) {
            Ok(()) => break,
            Err(ApplyError::Failed(ErrorCode::Io)) => {}
            Err(error) => panic!("at {refused}: {error:?}"),
        }
        assert_eq!(seen(&bench), before(), "at {refused}");
        refused += 1;
    }
    assert!(refused > 5, "every step has a place to fail: {refused}");
    assert_eq!(seen(&bench), after());
    bench
        .vault
        .keep_pending(&ChangeSet::default())
        .expect("it is known what is pending");
    assert_eq!(seen(&bench).1, Vec::<String>::new());
}

#[test]
fn both_or_neither_wherever_it_ends() {
    let (mut kept, mut done) = (0, 0);
    for steps in 0.. {
        let bench = Bench::new(&[("a", "1")]);
        let (chosen, rest) = pending(&bench);
        bench.state.fault(Fault::Stop(steps));
        let ended = accept(&bench, &chosen, &rest);
        let found = seen(&bench);
        if found == before() {
            kept += 1;
        } else {
            assert_eq!(found, after(), "at {steps}");
            done += 1;
        }
        assert!(bench.kept("journal").is_empty(), "at {steps}");
        bench.vault.pending().expect("it can be read");
        if ended.is_ok() && done > 4 {
            break;
        }
    }
    assert!(kept > 2, "{kept} and {done}");
}

#[test]
fn nothing_is_applied_when_another_changed_what_is_pending() {
    let bench = Bench::new(&[("a", "1")]);
    let (chosen, rest) = pending(&bench);
    let (_state, other) = bench.other();
    other.pending().expect("it can be read");
    other
        .keep_pending(&ChangeSet::default())
        .expect("it is dropped");
    let error = accept(&bench, &chosen, &rest).expect_err("it was dropped");
    assert!(
        matches!(error, ApplyError::State(StateError::Pending { .. })),
        "{error:?}"
    );
    assert_eq!(seen(&bench), ("1".into(), Vec::new()));
}

#[test]
fn another_process_finishes_it_before_it_keeps_its_own() {
    let bench = Bench::new(&[("a", "1")]);
    let (chosen, rest) = pending(&bench);
    let (_state, other) = bench.other();
    other.pending().expect("it can be read");
    bench.state.fault(Fault::Stop(5));
    accept(&bench, &chosen, &rest).expect_err("it ends before it is done");
    assert!(matches!(
        other.keep_pending(&ChangeSet::default()),
        Err(StateError::Pending { .. })
    ));
    assert_eq!(seen(&bench), after());
}
