//! A process that ends at a step, and what somebody does before the next one opens the folder.

use crate::bench::{Bench, conflict};
use crate::driver;
use bailiwick_capfs::state::{Fault, Recovered};
use bailiwick_capfs::{ChangeSet, State, ambient_authority};
use std::fs::{FileTimes, OpenOptions};

/// Begin to apply, and end at a step.
fn stop(bench: &Bench, set: &ChangeSet, steps: u64) {
    bench.state.fault(Fault::Stop(steps));
    bench.apply(set).expect_err("it ends before it is done");
}

/// What the next process recovers.
fn next(bench: &Bench) -> (State, Recovered) {
    let (state, recovered) =
        State::open_ambient(&bench.state_path(), ambient_authority()).expect("opens");
    let [recovered] = recovered.try_into().expect("one was cut off");
    (state, recovered)
}

/// Until the file is so old that nobody can change it within the tick of its last change.
fn settle(bench: &Bench, path: &str) {
    let file = bench.at.open(path).expect("a file");
    while driver::seen(&bench.vault, &file).is_recent() {
        std::thread::yield_now();
    }
}

#[test]
fn what_was_edited_after_the_end_is_not_taken_back() {
    let bench = Bench::new(&[("a", "1"), ("b", "1")]);
    stop(
        &bench,
        &bench.set().replace("a", "2").replace("b", "2").set,
        5,
    );
    let tree = bench.tree();
    assert_eq!(
        (&tree["a"][..], &tree["b"][..]),
        ("2", "1"),
        "between the two"
    );
    bench.write("a", "theirs");
    bench.write("b", "theirs as well");
    let (state, recovered) = next(&bench);
    assert!(!recovered.finished);
    let tree = bench.tree();
    assert_eq!(
        (&tree["a"][..], &tree["b"][..]),
        ("theirs", "theirs as well")
    );
    let history = state.history().expect("a history");
    assert_eq!(history.len(), 1, "what was there before is kept");
    assert_eq!(history[0].paths, [(0, "a".to_owned())]);
}

#[test]
fn what_was_edited_before_it_was_finished_is_not_undone() {
    let bench = Bench::new(&[("a", "1"), ("b", "1")]);
    stop(
        &bench,
        &bench.set().replace("a", "2").create("c", "2").set,
        6,
    );
    assert_eq!(bench.tree()["c"], "2", "all is in place");
    bench.write("a", "theirs");
    bench.write("c", "theirs");
    settle(&bench, "c");
    let (state, recovered) = next(&bench);
    assert!(recovered.finished);
    let error = state
        .undo(&[recovered.record.id], "undo")
        .expect_err("theirs would be lost");
    assert_eq!(conflict(error), ["a", "c"]);
    assert_eq!(bench.tree()["a"], "theirs");
}

#[test]
fn what_the_dead_made_ready_is_not_taken_for_what_is_done() {
    let bench = Bench::new(&[("a", "1")]);
    let (state, vault) = bench.other();
    stop(
        &bench,
        &bench.set().create("b", "b").create("c", "c").set,
        1,
    );
    assert_eq!(bench.kept("slots").len(), 1);
    let record = state
        .apply(&[(&vault, &bench.set().take("a").set)], "next")
        .expect("it is applied");
    assert!(!bench.base().join("a").exists());
    state.undo(&[record.id], "undo").expect("it is undone");
    assert_eq!(bench.tree()["a"], "1");
}

#[test]
fn what_is_put_in_a_directory_before_it_goes_stays_with_it() {
    let bench = Bench::new(&[("d/x", "x")]);
    stop(&bench, &bench.set().take("d").set, 2);
    bench.write("d/new", "theirs");
    let (_, recovered) = next(&bench);
    assert!(!recovered.finished);
    let tree = bench.tree();
    assert_eq!((&tree["d/x"][..], &tree["d/new"][..]), ("x", "theirs"));
    assert!(bench.kept("slots").is_empty());
}

#[test]
fn a_write_of_the_same_size_in_the_same_tick_is_seen() {
    loop {
        let bench = Bench::new(&[("a", "1")]);
        let set = bench.set().replace("a", "2").set;
        // The contents are the same, and it changed just now.
        bench.write("a", "1");
        stop(&bench, &set, 3);
        let journal = bench.kept("journal");
        let text = std::fs::read_to_string(bench.state_path().join("journal").join(&journal[0]))
            .expect("a journal");
        if !text.contains("\"settled\":false") {
            // It was looked at too late for that.
            continue;
        }
        let path = bench.base().join("a");
        let modified = std::fs::metadata(&path).and_then(|found| found.modified());
        bench.write("a", "9");
        let file = OpenOptions::new().write(true).open(&path).expect("a file");
        let times = FileTimes::new().set_modified(modified.expect("a time"));
        file.set_times(times).expect("it can be set");
        let (_, recovered) = next(&bench);
        assert!(!recovered.finished);
        assert_eq!(bench.tree()["a"], "9");
        return;
    }
}
