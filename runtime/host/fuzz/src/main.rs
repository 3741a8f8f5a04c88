//! Runs what nobody would write: made components and changed ones, each function of them, under tiny budgets.
//!
//! `fuzz (--seconds N | --inputs N) [--seed S] [--keep FOLDER] [FILE | FOLDER]…` makes components with random code and changes those of the files,
//! loads them in-process, and calls their functions with examples and with random JSON. It prints how many there were, how many ended in a panic (or
//! in `host-error`), how many ended the process, and how many used more than they may, and keeps those in FOLDER. An input follows from the seed,
//! its number and the files. `fuzz --run FILE…` runs files as they are.
//!
//! Inputs run in a process of their own, so that it is seen when one ends it; the next process goes on after that input.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    missing_docs,
    reason = "a program for testing stands at the edge"
)]

mod arguments;
mod calls;
mod child;
mod coded;
#[path = "../../../contract/tests/contract/component.rs"]
#[allow(dead_code, reason = "the tests need more of it")]
mod component;
mod inputs;
#[path = "../../../contract/fuzz/src/mutate.rs"]
mod mutate;
mod parent;
#[path = "../../../contract/fuzz/src/random.rs"]
mod random;
#[path = "../../../contract/fuzz/src/wit.rs"]
#[allow(dead_code, reason = "here there is code behind its worlds")]
mod wit;

use std::path::PathBuf;
use std::process::ExitCode;

/// What the program is asked to do.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// When to end: after so long, or after so many.
    seconds: u64,
    inputs: u64,
    seed: u64,
    keep: Option<PathBuf>,
    files: Vec<PathBuf>,
    /// As the process that runs: from which input on, and every how many.
    child: Option<(u64, u64)>,
    /// Files as they are.
    run: bool,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(asked) = asked(&words) else {
        eprintln!(
            "usage: fuzz (--seconds N | --inputs N) [--seed S] [--keep FOLDER] [FILE | FOLDER]…, or fuzz --run FILE…"
        );
        return ExitCode::from(2);
    };
    match asked.child {
        Some((first, step)) => child::run(&asked, first, step),
        None if asked.run => child::run_files(&asked),
        None => return parent::run(&asked),
    }
    ExitCode::SUCCESS
}

fn asked(words: &[String]) -> Option<Asked> {
    let mut asked = Asked {
        seed: 1,
        ..Asked::default()
    };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut number = || words.next()?.parse().ok();
        match word.as_str() {
            "--seconds" => asked.seconds = number()?,
            "--inputs" => asked.inputs = number()?,
            "--seed" => asked.seed = number()?,
            "--child" => asked.child = Some((number()?, number()?)),
            "--run" => asked.run = true,
            "--keep" => asked.keep = Some(words.next()?.into()),
            word if word.starts_with('-') => return None,
            file => asked.files.push(file.into()),
        }
    }
    let is_something = asked.seconds > 0 || asked.inputs > 0 || asked.child.is_some() || asked.run;
    is_something.then_some(asked)
}
