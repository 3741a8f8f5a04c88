//! Reads what nobody would write: made components and changed ones, by the hundred thousand.
//!
//! `fuzz --seconds N [--seed S] [--keep FOLDER] [FILE | FOLDER]…` makes components and changes those of the files, and has everything read them that
//! reads components. It prints how many there were, how many ended in a panic (or in the end of the process) and how many took longer than 5 s, and
//! keeps those in FOLDER. An input follows from the seed, its number and the files. `fuzz --read FILE…` reads files as they are.
//!
//! Inputs are read in a process of their own, in a thread with a small stack, so that it is seen also when one exhausts the stack or the memory.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    missing_docs,
    reason = "a program for testing stands at the edge"
)]

mod child;
#[path = "../../tests/contract/component.rs"]
#[allow(dead_code, reason = "the tests need more of it")]
mod component;
mod inputs;
mod mutate;
mod parent;
mod random;
mod reading;
mod smith;
mod wit;

use std::path::PathBuf;
use std::process::ExitCode;

/// What the program is asked to do.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    seconds: u64,
    seed: u64,
    keep: Option<PathBuf>,
    files: Vec<PathBuf>,
    /// As the process that reads: from which input on, and every how many.
    child: Option<(u64, u64)>,
    /// Files as they are.
    read: bool,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(asked) = asked(&words) else {
        eprintln!(
            "usage: fuzz --seconds N [--seed S] [--keep FOLDER] [FILE | FOLDER]…, or fuzz --read FILE…"
        );
        return ExitCode::from(2);
    };
    match asked.child {
        Some((first, step)) => child::run(&asked, first, step),
        None if asked.read => child::read(&asked.files),
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
            "--seed" => asked.seed = number()?,
            "--child" => asked.child = Some((number()?, number()?)),
            "--read" => asked.read = true,
            "--keep" => asked.keep = Some(words.next()?.into()),
            word if word.starts_with('-') => return None,
            file => asked.files.push(file.into()),
        }
    }
    let is_something = asked.seconds > 0 || asked.child.is_some() || asked.read;
    is_something.then_some(asked)
}
