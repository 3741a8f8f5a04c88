//! The process that watches: it starts those that run inputs, sees when one panics, dies or hangs, and keeps the input.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::panic;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use crate::Asked;
use crate::inputs::Inputs;

/// How long an input may take, its compilation in this machine's worst hour included: that has its own bound where it matters.
const LONGEST: Duration = Duration::from_secs(60);

/// Inputs that one process runs: what they leave in it is not looked for here.
const BATCH: u64 = 2_000;

/// How many failures are enough.
const ENOUGH: usize = 50;

#[derive(Default)]
struct Counts {
    inputs: u64,
    loaded: u64,
    calls: u64,
    started: u64,
    panics: usize,
    aborts: usize,
    overruns: usize,
}

impl Counts {
    fn found(&self) -> usize {
        self.panics + self.aborts + self.overruns
    }
}

/// How far an input is.
enum Step {
    Ran,
    Panicked(String),
    Overran(String),
    /// The process ended, or was ended.
    Ended(&'static str),
    /// The run is over.
    Over,
}

/// What is run, and when it is over.
struct Run<'a> {
    asked: &'a Asked,
    /// Only made when an input is to be kept.
    made: OnceLock<Inputs>,
    counts: Mutex<Counts>,
    end: Option<Instant>,
}

/// Fuzzes for as long as was asked, with as many processes as there are processors.
pub(crate) fn run(asked: &Asked) -> ExitCode {
    let run = Run {
        asked,
        made: OnceLock::new(),
        counts: Mutex::default(),
        end: (asked.seconds > 0).then(|| Instant::now() + Duration::from_secs(asked.seconds)),
    };
    let processes = thread::available_parallelism().map_or(1, |number| number.get() as u64);
    thread::scope(|scope| {
        for first in 0..processes {
            let run = &run;
            scope.spawn(move || run.watch(first, processes));
        }
    });
    let counts = run.counts.into_inner().unwrap();
    eprintln!(
        "{} were loaded, {} calls, {} of them ran",
        counts.loaded, counts.calls, counts.started
    );
    println!(
        "{} inputs, {} panics, {} aborts, {} overruns (seed {})",
        counts.inputs, counts.panics, counts.aborts, counts.overruns, asked.seed
    );
    // A run in which nothing ran found nothing because it did not look.
    match counts.found() {
        0 if counts.started > 0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

impl Run<'_> {
    /// One process after the other, each going on after the input that ended the one before.
    fn watch(&self, first: u64, step: u64) {
        let mut next = first;
        while !self.is_over(next) {
            let mut child = self.child(next, step);
            let lines = lines(&mut child);
            let last = next + BATCH * step;
            while next < last && !self.is_over(next) {
                let number = next;
                match self.input(&lines, number) {
                    Step::Ran => next += step,
                    Step::Panicked(message) => {
                        next += step;
                        self.found("panic", number, &message, |counts| &mut counts.panics);
                    }
                    Step::Overran(message) => {
                        next += step;
                        self.found("overrun", number, &message, |counts| &mut counts.overruns);
                    }
                    Step::Ended(what) => {
                        next += step;
                        let _ = child.kill();
                        let status = child.wait().map(|status| status.to_string());
                        let message = status.unwrap_or_else(|error| error.to_string());
                        match what {
                            "hang" => {
                                self.found(what, number, &message, |counts| &mut counts.overruns);
                            }
                            _ => self.found(what, number, &message, |counts| &mut counts.aborts),
                        }
                        break;
                    }
                    Step::Over => break,
                }
            }
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    fn is_over(&self, next: u64) -> bool {
        self.end.is_some_and(|end| Instant::now() >= end)
            || (self.asked.inputs > 0 && next >= self.asked.inputs)
            || self.counts.lock().unwrap().found() >= ENOUGH
    }

    /// Waits for one input to be run.
    fn input(&self, lines: &Receiver<String>, number: u64) -> Step {
        let started = Instant::now();
        loop {
            let mut patience = LONGEST.saturating_sub(started.elapsed());
            if let Some(end) = self.end {
                patience = patience.min(end.saturating_duration_since(Instant::now()));
            }
            let line = match lines.recv_timeout(patience) {
                Ok(line) => line,
                Err(RecvTimeoutError::Disconnected) => return Step::Ended("abort"),
                Err(RecvTimeoutError::Timeout) if started.elapsed() >= LONGEST => {
                    return Step::Ended("hang");
                }
                Err(RecvTimeoutError::Timeout) => return Step::Over,
            };
            let (sign, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match sign {
                ">" => {
                    assert_eq!(rest, number.to_string(), "the processes agree on the input");
                    self.counts.lock().unwrap().inputs += 1;
                }
                "=" => {
                    let mut numbers = rest.split(' ').map(|word| word.parse().unwrap_or(0));
                    let mut counts = self.counts.lock().unwrap();
                    counts.loaded += numbers.next().unwrap_or(0_u64);
                    counts.calls += numbers.next().unwrap_or(0);
                    counts.started += numbers.next().unwrap_or(0);
                    return Step::Ran;
                }
                "!" => return Step::Panicked(rest.to_owned()),
                "+" => return Step::Overran(rest.to_owned()),
                _ => eprintln!("{line}"),
            }
        }
    }

    fn child(&self, first: u64, step: u64) -> Child {
        let own = std::env::current_exe().unwrap();
        let mut command = Command::new(own);
        command
            .args(["--seed", &self.asked.seed.to_string()])
            .args(["--child", &first.to_string(), &step.to_string()])
            .args(&self.asked.files)
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command.spawn().unwrap()
    }

    /// Counts what was found, says it, and keeps the input.
    fn found(
        &self,
        what: &str,
        number: u64,
        message: &str,
        count: impl FnOnce(&mut Counts) -> &mut usize,
    ) {
        *count(&mut self.counts.lock().unwrap()) += 1;
        let name = format!("{what}-{}-{number}", self.asked.seed);
        let short: String = message.chars().take(2_000).collect();
        eprintln!("{name}: {short}");
        if let Some(folder) = &self.asked.keep {
            let bytes = self.input_again(number);
            let kept = fs::create_dir_all(folder)
                .and_then(|()| fs::write(folder.join(format!("{name}.wasm")), bytes));
            if let Err(error) = kept {
                eprintln!("it is not kept: {error}");
            }
        }
    }
}

impl Run<'_> {
    /// An input once more. A generator's own panics are not printed.
    fn input_again(&self, number: u64) -> Vec<u8> {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(|_| {}));
        let made = || Inputs::new(self.asked.seed, &self.asked.files);
        let (bytes, _) = self.made.get_or_init(made).input(number);
        panic::set_hook(hook);
        bytes
    }
}

fn lines(child: &mut Child) -> Receiver<String> {
    let (give, take) = mpsc::channel();
    let out = BufReader::new(child.stdout.take().unwrap());
    thread::spawn(move || {
        for line in out.lines().map_while(Result::ok) {
            if give.send(line).is_err() {
                break;
            }
        }
    });
    take
}
