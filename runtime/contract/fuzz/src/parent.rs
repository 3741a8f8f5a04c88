//! The process that watches: it starts those that read, sees when one panics, dies or hangs, and keeps the input.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::Asked;
use crate::inputs::Inputs;

/// How long an input may take.
const LONGEST: Duration = Duration::from_secs(5);

/// How long a process may take until it reads the first: it makes components first.
const START: Duration = Duration::from_secs(120);

/// How much address space a process has, in KiB.
const MEMORY: u64 = 1 << 20;

/// How many failures are enough.
const ENOUGH: usize = 100;

#[derive(Default)]
struct Counts {
    inputs: u64,
    panics: usize,
    hangs: usize,
}

/// Fuzzes for as long as was asked, with as many processes as there are processors.
pub(crate) fn run(asked: &Asked) -> ExitCode {
    let made = Inputs::new(asked.seed, &asked.files);
    let counts = Mutex::new(Counts::default());
    let end = Instant::now() + Duration::from_secs(asked.seconds);
    let processes = thread::available_parallelism().map_or(1, |number| number.get() as u64);
    thread::scope(|scope| {
        for first in 0..processes {
            let (made, counts) = (&made, &counts);
            scope.spawn(move || watch(asked, made, counts, first, processes, end));
        }
    });
    let counts = counts.into_inner().unwrap();
    println!(
        "{} inputs, {} panics, {} hangs (seed {})",
        counts.inputs, counts.panics, counts.hangs, asked.seed
    );
    match counts.panics + counts.hangs {
        0 if counts.inputs > 0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// One process after the other, each going on after the input that ended the one before.
fn watch(
    asked: &Asked,
    made: &Inputs,
    counts: &Mutex<Counts>,
    first: u64,
    step: u64,
    end: Instant,
) {
    let mut next = first;
    while Instant::now() < end {
        let mut child = child(asked, next, step);
        let lines = lines(&mut child);
        let mut reading = None;
        let ended = loop {
            let patience = if reading.is_some() { LONGEST } else { START };
            let left = end.saturating_duration_since(Instant::now());
            match lines.recv_timeout(patience.min(left)) {
                Ok(line) => match line.split_once(' ') {
                    Some((">", number)) => {
                        reading = number.parse().ok();
                        counts.lock().unwrap().inputs += 1;
                    }
                    Some(("!", rest)) => {
                        let (number, message) = rest.split_once(' ').unwrap_or((rest, ""));
                        let mut counts = counts.lock().unwrap();
                        counts.panics += 1;
                        found(asked, made, number.parse().unwrap_or(0), "panic", message);
                        if counts.panics + counts.hangs >= ENOUGH {
                            break None;
                        }
                    }
                    _ => eprintln!("{line}"),
                },
                Err(_) if Instant::now() >= end => break None,
                Err(RecvTimeoutError::Timeout) => break Some("hang"),
                Err(RecvTimeoutError::Disconnected) => break Some("end"),
            }
        };
        // It may have ended by itself.
        let _ = child.kill();
        let status = child.wait();
        let Some(what) = ended else { return };
        let Some(number) = reading else {
            eprintln!("a process ended before its first input: {status:?}");
            counts.lock().unwrap().panics += 1;
            return;
        };
        next = number + step;
        if what == "hang" && is_fast_alone(&made.input(number).bytes, number) {
            // The machine was busy with something else.
            continue;
        }
        let mut counts = counts.lock().unwrap();
        match what {
            "hang" => counts.hangs += 1,
            _ => counts.panics += 1,
        }
        let message = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        found(asked, made, number, what, &message);
        if counts.panics + counts.hangs >= ENOUGH {
            return;
        }
    }
}

/// A process that reads, in as much memory as it may have.
fn child(asked: &Asked, first: u64, step: u64) -> Child {
    let own = std::env::current_exe().unwrap();
    let mut command = limited(&own);
    command
        .args(["--seed", &asked.seed.to_string()])
        .args(["--child", &first.to_string(), &step.to_string()])
        .args(&asked.files)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command.spawn().unwrap()
}

fn limited(program: &Path) -> Command {
    if !cfg!(unix) {
        return Command::new(program);
    }
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\""))
        .arg(program);
    command
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

/// Whether an input is read in time by a process of its own.
fn is_fast_alone(bytes: &[u8], number: u64) -> bool {
    let name = format!("bailiwick-fuzz-{}-{number}.wasm", std::process::id());
    let file = std::env::temp_dir().join(name);
    fs::write(&file, bytes).unwrap();
    let own = std::env::current_exe().unwrap();
    let mut child = limited(&own)
        .arg("--read")
        .arg(&file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = lines(&mut child);
    let start = lines.recv_timeout(START);
    let ended = loop {
        match lines.recv_timeout(LONGEST) {
            Ok(_) => {}
            Err(RecvTimeoutError::Disconnected) => break true,
            Err(RecvTimeoutError::Timeout) => break false,
        }
    };
    let _ = child.kill();
    let _ = child.wait();
    let _ = fs::remove_file(file);
    start.is_ok() && ended
}

/// Says what was found, and keeps the input.
fn found(asked: &Asked, made: &Inputs, number: u64, what: &str, message: &str) {
    let name = format!("{what}-{}-{number}", asked.seed);
    let short: String = message.chars().take(2_000).collect();
    eprintln!("{name}: {short}");
    if let Some(folder) = &asked.keep {
        let input = made.input(number);
        // In this order, `--read` compares the one with the other.
        let before = folder.join(format!("{name}-before.wasm"));
        let kept = fs::create_dir_all(folder)
            .and_then(|()| fs::write(before, input.before))
            .and_then(|()| fs::write(folder.join(format!("{name}.wasm")), input.bytes));
        if let Err(error) = kept {
            eprintln!("it is not kept: {error}");
        }
    }
}
