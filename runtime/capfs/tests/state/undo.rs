//! Undoing: several records at once, and what is refused.

use crate::apply::{FILES, everything};
use crate::bench::{Bench, conflict};
use bailiwick_capfs::ErrorCode;
use bailiwick_capfs::change_set::What;
use bailiwick_capfs::state::{ApplyError, Keep};
use std::time::Duration;

#[test]
fn what_changed_since_is_named_and_nothing_is_done() {
    let bench = Bench::new(FILES);
    let record = bench.apply(&everything(&bench)).expect("it is applied");
    bench.write("a", "AA");
    std::fs::write(bench.base().join("gone"), "again").expect("a file");
    let new = bench.base().join("new");
    std::fs::set_permissions(&new, std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .expect("chmod");
    std::fs::write(new.join("theirs"), "theirs").expect("a file");
    std::fs::remove_file(bench.base().join("new-name")).expect("it is removed");
    let before = bench.tree();
    let conflicts = conflict(
        bench
            .state
            .undo(&[record.id], "undo")
            .expect_err("others changed files"),
    );
    assert_eq!(conflicts, ["a", "gone", "new-name", "new/theirs"]);
    assert_eq!(bench.tree(), before);
}

#[test]
fn several_records_are_undone_as_one_in_any_order() {
    let bench = Bench::new(&[("a", "1"), ("d/x", "x"), ("d/y", "y")]);
    let before = bench.tree();
    let one = bench
        .apply(&bench.set().replace("a", "2").create("new", "1").set)
        .expect("applied");
    let two = bench
        .apply(&bench.set().rename("d", "e").replace("a", "3").set)
        .expect("applied");
    let three = bench
        .apply(
            &bench
                .set()
                .replace("e/x", "X")
                .take("new")
                .rename("a", "b")
                .set,
        )
        .expect("applied");
    let four = bench
        .apply(&bench.set().rename("e", "d").put("n", What::Dir(0o755)).set)
        .expect("applied");
    let five = bench
        .apply(&bench.set().create("n/in", "in").set)
        .expect("applied");
    let after = bench.tree();
    let ids = [three.id, one.id, five.id, two.id, four.id];
    let undone = bench.state.undo(&ids, "all").expect("it is undone");
    assert_eq!(bench.tree(), before);
    bench
        .state
        .undo(&[undone.id], "redo")
        .expect("it is done again");
    assert_eq!(bench.tree(), after);
}

#[test]
fn an_older_one_is_undone_alone_unless_a_newer_one_is_in_the_way() {
    let bench = Bench::new(&[("a", "1"), ("b", "1")]);
    let one = bench
        .apply(&bench.set().replace("a", "2").set)
        .expect("applied");
    let two = bench
        .apply(&bench.set().replace("b", "2").set)
        .expect("applied");
    let three = bench
        .apply(&bench.set().replace("b", "3").set)
        .expect("applied");
    assert_eq!(
        conflict(
            bench
                .state
                .undo(&[two.id], "undo")
                .expect_err("it was replaced since")
        ),
        ["b"]
    );
    bench
        .state
        .undo(&[one.id], "undo")
        .expect("nobody was there since");
    assert_eq!(bench.tree()["a"], "1");
    bench
        .state
        .undo(&[two.id, three.id], "undo")
        .expect("both together");
    assert_eq!(bench.tree()["b"], "1");
}

#[test]
fn what_others_wrote_between_two_records_is_not_undone_over() {
    let bench = Bench::new(&[("a", "1")]);
    let one = bench
        .apply(&bench.set().replace("a", "2").set)
        .expect("applied");
    bench.write("a", "theirs");
    let two = bench
        .apply(&bench.set().replace("a", "3").set)
        .expect("applied");
    let error = bench
        .state
        .undo(&[one.id, two.id], "undo")
        .expect_err("theirs would be lost");
    assert_eq!(conflict(error), ["a"]);
    bench
        .state
        .undo(&[two.id], "undo")
        .expect("theirs comes back");
    assert_eq!(bench.tree()["a"], "theirs");
}

#[test]
fn a_directory_of_many_files_comes_back_in_one_step() {
    let bench = Bench::new(&[("big/", "")]);
    for n in 0..2000 {
        bench.write(&format!("big/{n}"), "x");
    }
    let inode = |bench: &Bench| {
        std::os::unix::fs::MetadataExt::ino(
            &std::fs::metadata(bench.base().join("big")).expect("there"),
        )
    };
    let before = inode(&bench);
    let record = bench.apply(&bench.set().take("big").set).expect("applied");
    assert_eq!(record.paths, [(0, "big".to_owned())], "one step");
    bench.state.undo(&[record.id], "undo").expect("undone");
    assert_eq!(
        (inode(&bench), bench.tree().len()),
        (before, 2001),
        "the very same directory"
    );
}

#[test]
fn the_oldest_go_first_and_the_newest_stays() {
    let bench = Bench::new(&[("a", "1")]);
    let ids = |bench: &Bench| -> Vec<u64> {
        bench
            .state
            .history()
            .expect("a history")
            .iter()
            .map(|record| record.id)
            .collect()
    };
    bench.state.keep(Keep {
        records: 2,
        ..Keep::default()
    });
    for text in ["2", "3", "4"] {
        bench
            .apply(&bench.set().replace("a", text).set)
            .expect("applied");
    }
    assert_eq!(ids(&bench), [3, 2]);
    assert_eq!(bench.kept("slots").len(), 2);
    assert!(matches!(
        bench.state.undo(&[1], "undo"),
        Err(ApplyError::Failed(ErrorCode::NoEntry))
    ));
    // One block each: both do not fit, the newest does.
    let block = std::os::unix::fs::MetadataExt::blocks(
        &std::fs::metadata(bench.base().join("a")).expect("there"),
    ) * 512;
    bench.state.keep(Keep {
        bytes: block,
        ..Keep::default()
    });
    bench
        .apply(&bench.set().replace("a", "5").set)
        .expect("applied");
    assert_eq!(ids(&bench), [4]);
    bench.state.keep(Keep {
        bytes: 0,
        ..Keep::default()
    });
    bench
        .apply(&bench.set().replace("a", "6").set)
        .expect("applied");
    assert!(ids(&bench).is_empty() && bench.kept("slots").is_empty());
    bench.state.keep(Keep {
        age: Duration::from_secs(3600),
        ..Keep::default()
    });
    let next = bench
        .apply(&bench.set().replace("a", "7").set)
        .expect("applied");
    assert_eq!(next.id, 6, "numbers are not used again");
    assert_eq!(ids(&bench), [6]);
}

#[test]
fn four_thousand_levels_are_removed_undone_and_forgotten() {
    let bench = Bench::new(&[]);
    let mut here = bench.at.try_clone().expect("the base");
    for _ in 0..4000 {
        here.create_dir("d").expect("a directory");
        here = here.open_dir("d").expect("it opens");
    }
    here.write("bottom", "bottom").expect("a file");
    let record = bench.apply(&bench.set().take("d").set).expect("applied");
    assert!(!bench.base().join("d").exists());
    let undone = bench.state.undo(&[record.id], "undo").expect("undone");
    assert_eq!(
        here.read_to_string("bottom")
            .expect("it is the same directory"),
        "bottom"
    );
    bench.state.undo(&[undone.id], "redo").expect("redone");
    bench.state.keep(Keep {
        records: 1,
        ..Keep::default()
    });
    bench
        .apply(&bench.set().create("a", "a").set)
        .expect("applied");
    assert_eq!(bench.kept("slots"), Vec::<String>::new());
}

#[test]
fn the_same_contents_at_another_time_are_undone() {
    let bench = Bench::new(&[("a", "1"), ("b", "1")]);
    let record = bench
        .apply(&bench.set().replace("a", "2").replace("b", "2").set)
        .expect("applied");
    // Written again, and as another file.
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(bench.base().join("a"))
        .expect("a file");
    let times = std::fs::FileTimes::new().set_modified(std::time::UNIX_EPOCH);
    file.set_times(times).expect("it can be set");
    bench.write("other", "2");
    std::fs::rename(bench.base().join("other"), bench.base().join("b")).expect("it is replaced");
    let undone = bench.state.undo(&[record.id], "undo").expect("undone");
    assert_eq!(bench.tree()["a"], "1");
    assert_eq!(bench.tree()["b"], "1");
    bench.state.undo(&[undone.id], "redo").expect("and again");
    assert_eq!(bench.tree()["b"], "2");
}

#[test]
fn times_that_were_set_since_are_undone_with_what_they_were_set_on() {
    let bench = Bench::new(&[("a", "1")]);
    let one = bench
        .apply(&bench.set().replace("a", "2").set)
        .expect("applied");
    let times = What::Attributes(bailiwick_capfs::change_set::Attributes {
        modified: Some((1000, 0)),
        ..Default::default()
    });
    let two = bench
        .apply(&bench.set().over("a", "a", times).set)
        .expect("applied");
    bench
        .state
        .undo(&[one.id, two.id], "undo")
        .expect("both together");
    assert_eq!(bench.tree()["a"], "1");
}

#[test]
fn a_directory_goes_without_what_is_moved_out_of_it_and_again() {
    let bench = Bench::new(&[("d/e/x", "x"), ("d/y", "y")]);
    let before = bench.tree();
    let set = bench.set().rename("d/e", "e").take("d").set;
    let record = bench.apply(&set).expect("applied");
    let after = bench.tree();
    assert_eq!(after["e/x"], "x");
    let undone = bench.state.undo(&[record.id], "undo").expect("undone");
    assert_eq!(bench.tree(), before);
    let again = bench.state.undo(&[undone.id], "redo").expect("redone");
    assert_eq!(bench.tree(), after);
    let back = bench.state.undo(&[again.id], "undo").expect("undone");
    bench.write("d/new", "theirs");
    assert_eq!(
        conflict(
            bench
                .state
                .undo(&[back.id], "redo")
                .expect_err("theirs would be lost")
        ),
        ["d"]
    );
    assert_eq!(bench.tree()["d/new"], "theirs");
    assert_eq!(bench.tree()["d/e/x"], "x");
}

#[test]
fn one_record_of_another_time_takes_no_others_along() {
    let bench = Bench::new(&[("a", "1")]);
    bench.state.keep(Keep {
        age: Duration::from_secs(3600),
        ..Keep::default()
    });
    for text in ["2", "3"] {
        bench
            .apply(&bench.set().replace("a", text).set)
            .expect("applied");
    }
    // As if the clock had been wrong.
    let history = bench.state_path().join("history");
    let name = bench.kept("history").pop().expect("the second");
    let mut parts: Vec<&str> = name.split('_').collect();
    assert_eq!(parts[0], "2");
    parts[1] = "0";
    std::fs::rename(history.join(&name), history.join(parts.join("_"))).expect("renamed");
    bench
        .apply(&bench.set().replace("a", "4").set)
        .expect("applied");
    let left = bench.state.history().expect("a history");
    let left: Vec<u64> = left.iter().map(|record| record.id).collect();
    assert_eq!(left, [3, 1]);
}

#[test]
fn a_directory_that_came_back_and_was_changed_goes_again_with_the_change() {
    let bench = Bench::new(&[("d/x", "1"), ("d/y", "y")]);
    let taken = bench.apply(&bench.set().take("d").set).expect("applied");
    let back = bench.state.undo(&[taken.id], "undo").expect("undone");
    let changed = bench
        .apply(&bench.set().replace("d/x", "2").set)
        .expect("applied");
    let after = bench.tree();
    let both = bench
        .state
        .undo(&[back.id, changed.id], "both")
        .expect("both together");
    assert!(!bench.base().join("d").exists());
    bench.state.undo(&[both.id], "undo").expect("undone");
    assert_eq!(bench.tree(), after);
}
