//! Several processes and one log: they take turns, they are killed, one follows what another writes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use bailiwick_host::log::VerifyError;
use bailiwick_host::{Code, Log, Outcome, ambient_authority};
use serde_json::{Value, json};

use super::{Folder, session};
use crate::guests::wait;

/// A process that goes with the test.
struct Process(std::process::Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn follow_shows_what_is_written_from_now_on() {
    let folder = Folder::new();
    let session = session(&folder, "echo");
    let mut follow = Process(
        Command::new(env!("CARGO_BIN_EXE_bailiwick"))
            .args(["log", "tail", "--follow", "--json", "--code", "ok"])
            .env("BAILIWICK_LOG", folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut lines = BufReader::new(follow.0.stdout.take().unwrap()).lines();
    for number in 1..=2 {
        wait(session.call("echo_echo", json!({ "text": "x" })));
        let record: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!(record["call"], format!("c{number}"));
    }
}

/// How many records each of two processes writes.
const EACH: usize = 500;

#[test]
#[ignore = "run by another test, twice at a time"]
fn writes_for_another_process() {
    let folder = std::env::var_os("BAILIWICK_TEST_LOG").unwrap();
    let log = Log::open_ambient(Path::new(&folder), ambient_authority()).unwrap();
    let outcome = Outcome::refused("echo_no", Code::UnknownTool, &"m".repeat(500), None);
    // Until both are there.
    std::io::stdin().read_exact(&mut [0]).unwrap();
    for _ in 0..EACH {
        assert!(log.refused(&outcome), "{:?}", log.failure());
    }
}

#[test]
fn two_processes_write_to_one_log() {
    let folder = Folder::new();
    let start = || {
        Command::new(std::env::current_exe().unwrap())
            .args([
                "log::processes::writes_for_another_process",
                "--exact",
                "--ignored",
            ])
            .env("BAILIWICK_TEST_LOG", folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    };
    let mut both = [start(), start()];
    for one in &mut both {
        one.stdin.take().unwrap().write_all(b"x").unwrap();
    }
    for one in &mut both {
        assert!(one.wait().unwrap().success());
    }
    assert_eq!(folder.verified(), 2 * EACH as u64);
}

/// A process that is killed leaves a log that verifies, at most with a part of a line that is said to be one.
#[test]
fn a_kill_in_the_middle_leaves_a_log_that_verifies() {
    let folder = Folder::new();
    for round in 1..=5 {
        let child = Process(
            Command::new(std::env::current_exe().unwrap())
                .args([
                    "log::processes::writes_until_it_is_killed",
                    "--exact",
                    "--ignored",
                ])
                .env("BAILIWICK_TEST_LOG", folder.path())
                .stdout(Stdio::null())
                .spawn()
                .unwrap(),
        );
        // It has written some more.
        loop {
            match folder.log().verify() {
                Ok(found) if found.records > round * 50 => break,
                Ok(_) => std::thread::yield_now(),
                Err(VerifyError::Broken(broken)) => panic!("{broken:?}"),
                Err(error) => panic!("{error}"),
            }
        }
        drop(child);
        folder.verified();
    }
}

#[test]
#[ignore = "run by another test, which kills it"]
fn writes_until_it_is_killed() {
    let folder = std::env::var_os("BAILIWICK_TEST_LOG").unwrap();
    let log = Log::open_ambient(Path::new(&folder), ambient_authority()).unwrap();
    let outcome = Outcome::refused("echo_no", Code::UnknownTool, "m", None);
    loop {
        assert!(log.refused(&outcome), "{:?}", log.failure());
    }
}
