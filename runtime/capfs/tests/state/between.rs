//! What others do between two steps of a process that goes on.

use crate::bench::{Bench, conflict};
use bailiwick_capfs::ErrorCode;
use bailiwick_capfs::state::{ApplyError, Fault, StateError};
use std::path::PathBuf;

/// Change `a` and `b`, let others do something when `a` is changed, and refuse `b` then.
fn between(bench: &Bench, others: impl FnOnce()) -> ApplyError {
    let set = bench.set().replace("a", "2").replace("b", "2").set;
    bench.state.fault(Fault::Pause(5));
    std::thread::scope(|scope| {
        let applied = scope.spawn(|| bench.apply(&set));
        while bench.tree()["a"] != "2" {
            std::thread::yield_now();
        }
        others();
        bench.state.fault(Fault::Fail(0, ErrorCode::Io));
        applied
            .join()
            .expect("it ends")
            .expect_err("a step is refused")
    })
}

#[test]
fn what_cannot_be_taken_back_is_named() {
    let bench = Bench::new(&[("a", "1"), ("b", "1")]);
    let error = between(&bench, || bench.write("a", "theirs"));
    assert_eq!(conflict(error), ["a"]);
    let tree = bench.tree();
    assert_eq!((&tree["a"][..], &tree["b"][..]), ("theirs", "1"));
    assert_eq!(bench.kept("history").len(), 1);
}

#[test]
fn what_cannot_even_be_written_down_is_said() {
    let bench = Bench::new(&[("a", "1"), ("b", "1")]);
    let mut in_the_way = PathBuf::new();
    let error = between(&bench, || {
        bench.write("a", "theirs");
        let name = bench.kept("journal").remove(0);
        in_the_way = bench.state_path().join("history").join(name);
        std::fs::create_dir(&in_the_way).expect("a directory");
    });
    assert!(
        matches!(error, ApplyError::State(StateError::Stuck { .. })),
        "{error:?}"
    );
    assert_eq!(bench.kept("journal").len(), 1);
    std::fs::remove_dir(&in_the_way).expect("it is removed");
    bench.other();
    assert_eq!(bench.tree()["a"], "theirs");
    assert!(bench.kept("journal").is_empty());
}
