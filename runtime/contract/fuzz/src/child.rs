//! The process that reads. It says on its standard output what it does: `> NUMBER` before each input, `! NUMBER MESSAGE` after a panic.

use std::io::Write as _;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;

use crate::inputs::{Input, Inputs};
use crate::{Asked, inputs, reading};

/// The stack on which inputs are read: half of what a thread has otherwise.
const STACK: usize = 1 << 20;

/// Reads every `step`th input from `first` on, until it is ended.
pub(crate) fn run(asked: &Asked, first: u64, step: u64) {
    let made = Inputs::new(asked.seed, &asked.files);
    let message = quiet();
    let numbers = (0..).map(|at: u64| first + at * step);
    each(
        message,
        numbers.map(|number| (number.to_string(), made.input(number))),
    );
}

/// Reads files as they are, each compared with the one before.
pub(crate) fn read(paths: &[PathBuf]) {
    let message = quiet();
    let files = inputs::components(paths, u64::MAX);
    let mut before = Vec::new();
    let read = files.into_iter().filter_map(move |path| {
        let bytes = std::fs::read(&path).ok()?;
        let before = std::mem::replace(&mut before, bytes.clone());
        Some((path.display().to_string(), Input { before, bytes }))
    });
    each(message, read);
}

/// The last panic's message, which is printed nowhere: the libraries below panic, too, and that is caught.
fn quiet() -> Arc<Mutex<String>> {
    let message = Arc::new(Mutex::new(String::new()));
    let last = Arc::clone(&message);
    panic::set_hook(Box::new(move |info| {
        if let Ok(mut last) = last.lock() {
            *last = info.to_string();
        }
    }));
    message
}

fn each(message: Arc<Mutex<String>>, inputs: impl Iterator<Item = (String, Input)>) {
    let (give, take) = mpsc::sync_channel::<(String, Input)>(1);
    let reading = move || {
        for (number, input) in take {
            say(&format!("> {number}"));
            if panic::catch_unwind(AssertUnwindSafe(|| reading::read(&input))).is_err() {
                let message = message.lock().map(|last| last.replace('\n', " ⏎ "));
                say(&format!("! {number} {}", message.unwrap_or_default()));
            }
        }
    };
    let builder = thread::Builder::new().stack_size(STACK);
    let thread = builder.spawn(reading).expect("a thread");
    for input in inputs {
        if give.send(input).is_err() {
            break;
        }
    }
    drop(give);
    thread.join().expect("it has caught everything");
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody listens any more: the run has ended.
    if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}
