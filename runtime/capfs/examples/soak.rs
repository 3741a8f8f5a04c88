//! `soak kills COUNT [SEED]`: kill as many processes while they apply and undo, and look at what they leave.
//! `soak race ROUNDS`: exchange a directory for a link that leads out while as many calls read and write below it.

#![allow(
    clippy::disallowed_methods,
    reason = "an edge: it starts programs and looks at files from outside"
)]
#![allow(missing_docs, reason = "a program")]

#[allow(dead_code, reason = "a test needs more of it")]
#[path = "../tests/kill/driver.rs"]
mod driver;
#[path = "../tests/kill/race.rs"]
mod race;

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = args.iter().skip(1).map(String::as_str).collect();
    match words.as_slice() {
        ["child", folder, steps, seed] => {
            driver::child(folder.as_ref(), steps, seed.parse().expect("a number"));
            ExitCode::SUCCESS
        }
        ["kills", count] => kills(count, "1"),
        ["kills", count, seed] => kills(count, seed),
        ["race", rounds] => race(rounds),
        _ => {
            eprintln!("usage: soak kills COUNT [SEED] | soak race ROUNDS");
            ExitCode::from(2)
        }
    }
}

fn kills(count: &str, seed: &str) -> ExitCode {
    let (Ok(count), Ok(seed)) = (count.parse(), seed.parse()) else {
        eprintln!("soak: COUNT and SEED are numbers");
        return ExitCode::from(2);
    };
    let exe = std::env::current_exe().expect("this program");
    let outcome = driver::kill(count, seed, || {
        let mut command = Command::new(&exe);
        command.arg("child");
        command
    });
    let driver::Outcome {
        kills,
        torn,
        finished,
        undone,
    } = outcome;
    println!("{kills} kills, {torn} torn, {finished} finished, {undone} undone");
    if torn == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn race(rounds: &str) -> ExitCode {
    let Ok(rounds) = rounds.parse() else {
        eprintln!("soak: ROUNDS is a number");
        return ExitCode::from(2);
    };
    let race::Race {
        rounds,
        done,
        escapes,
    } = race::race(rounds);
    println!("{rounds} rounds, {done} inside, escapes: {escapes}");
    if escapes == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
