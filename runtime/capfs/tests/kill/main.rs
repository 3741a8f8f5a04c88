//! Killed at any moment, an apply is finished or taken back by the next process, and no file is anything but old or new.

#![allow(
    clippy::disallowed_methods,
    reason = "a test starts programs and looks at files from outside"
)]
#![allow(missing_docs, reason = "a test")]

mod both;
mod driver;

use std::process::Command;

/// Set for the process that is killed.
const CHILD: &str = "BAILIWICK_KILL_TEST_CHILD";

fn command() -> Command {
    of("child")
}

/// A process that is no more than one of the functions below.
fn of(child: &str) -> Command {
    let exe = std::env::current_exe().expect("this test");
    let mut command = Command::new("sh");
    // The harness takes no arguments of others, so they are handed on in the environment.
    command
        .args([
            "-c",
            "F=$2 S=$3 R=$4 exec \"$0\" --exact \"$1\" --nocapture",
        ])
        .arg(exe)
        .arg(child)
        .env(CHILD, "1");
    command
}

#[test]
fn fifty_kills_tear_nothing() {
    let outcome = driver::kill(50, 0x5eed, command);
    assert_eq!((outcome.kills, outcome.torn), (50, 0), "{outcome:?}");
}

#[test]
fn an_end_at_every_step_tears_nothing() {
    let outcome = driver::everywhere(36, command);
    assert_eq!((outcome.kills, outcome.torn), (72, 0), "{outcome:?}");
    assert!(outcome.finished > 10 && outcome.undone > 5, "{outcome:?}");
}

#[test]
fn an_end_at_any_step_leaves_what_is_pending_as_the_rest() {
    let (kept, done) = both::everywhere(|| of("child_in_two_grants"));
    assert!(kept > 2 && done > 2, "{kept} and {done}");
}

/// Not a test: the process that is killed.
#[test]
fn child_in_two_grants() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let set = |name| std::env::var(name).expect("set");
    both::child(set("F").as_ref(), set("S").parse().expect("a number"));
}

/// Not a test: the process that is killed.
#[test]
fn child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let set = |name| std::env::var(name).expect("set");
    driver::child(
        set("F").as_ref(),
        &set("S"),
        set("R").parse().expect("a number"),
    );
}
