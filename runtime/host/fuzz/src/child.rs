//! The process that runs inputs. It says on its standard output what it does: `> NUMBER` before each input, and after it `= LOADED CALLS STARTED`, `!
//! MESSAGE` for a panic or `+ MESSAGE` for an overrun.

use std::io::Write as _;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex};

use crate::Asked;
use crate::calls::Host;
use crate::inputs::{self, Inputs};
use crate::random::Random;

/// Runs every `step`th input from `first` on, until it is ended.
pub(crate) fn run(asked: &Asked, first: u64, step: u64) {
    let made = Inputs::new(asked.seed, &asked.files);
    let message = quiet();
    let host = Host::new();
    for number in (0..).map(|at: u64| first + at * step) {
        say(&format!("> {number}"));
        let (bytes, random) = made.input(number);
        one(&host, &message, &bytes, random);
    }
}

/// Runs files as they are.
pub(crate) fn run_files(asked: &Asked) {
    let message = quiet();
    let host = Host::new();
    for path in inputs::components(&asked.files, u64::MAX) {
        say(&format!("> {}", path.display()));
        if let Some(bytes) = inputs::read(&path) {
            one(&host, &message, &bytes, Random::new(asked.seed, 0));
        }
    }
}

fn one(host: &Host, message: &Mutex<String>, bytes: &[u8], mut random: Random) {
    match panic::catch_unwind(AssertUnwindSafe(|| host.run(bytes, &mut random))) {
        Ok(ran) => match ran.overrun {
            Some(over) => say(&format!("+ {}", over.replace('\n', " ⏎ "))),
            None => say(&format!(
                "= {} {} {}",
                u8::from(ran.loaded),
                ran.calls,
                ran.started
            )),
        },
        Err(_) => {
            let message = message.lock().map(|last| last.replace('\n', " ⏎ "));
            say(&format!("! {}", message.unwrap_or_default()));
        }
    }
}

/// The last panic's message, which is printed nowhere.
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

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody listens any more: the run has ended.
    if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}
