//! The side of the process that wants code: starts the compiler's, and does not wait longer than it said.

use std::ffi::OsString;
use std::io::{Read, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::serve::{ENDS, Header, OK, REFUSED};
use super::{CompileError, CompileLimits};
use crate::engine::Metering;

/// The most code that is read, in bytes: several times what comes of the largest component.
const MOST: u64 = 1 << 30;

/// How much of what it says when it fails is read.
const TOLD: u64 = 4 << 10;

/// How long one that has closed its output may take to end.
const GRACE: Duration = Duration::from_secs(1);

/// A program that compiles: [`serve`](super::serve::serve) is what it does.
///
/// It gets no environment, the root as its folder, and nothing open but the pipes to this process.
#[derive(Debug, Clone)]
pub struct Child {
    program: PathBuf,
    arguments: Vec<OsString>,
    limits: CompileLimits,
}

impl Child {
    /// The program with these arguments: one's own, most likely, with a word that has it call [`serve`](super::serve::serve).
    pub fn new(program: PathBuf, arguments: Vec<OsString>, limits: CompileLimits) -> Self {
        Self {
            program,
            arguments,
            limits,
        }
    }

    /// Within other bounds from now on.
    pub(super) fn limit(&mut self, limits: CompileLimits) {
        self.limits = limits;
    }

    /// Compiles in a new process, for an engine that meters so. Waits for it, and kills it at its deadline.
    pub(super) fn compile(
        &self,
        metering: Metering,
        bytes: &[u8],
    ) -> Result<Vec<u8>, CompileError> {
        let failed = |error: std::io::Error| CompileError::Process(error.to_string());
        let deadline = Instant::now() + self.limits.time;
        let mut child = self.command().spawn().map_err(failed)?;
        let (Some(mut input), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(CompileError::Process("it has no pipes".to_owned()));
        };
        let header = Header::new(&self.limits, metering);
        let (answer, told) = thread::scope(|scope| {
            let (give, take) = mpsc::channel();
            // When the process is killed, the pipes are closed, and each of these ends.
            scope.spawn(move || {
                let _ = input
                    .write_all(&header.bytes())
                    .and_then(|()| input.write_all(bytes));
            });
            scope.spawn(move || {
                let _ = give.send(read(output, MOST));
            });
            let errors = scope.spawn(move || read(errors, TOLD));
            let left = deadline.saturating_duration_since(Instant::now());
            let answer = take.recv_timeout(left);
            if answer.is_err() {
                let _ = child.kill();
            }
            let told = errors.join().unwrap_or_default();
            (answer.ok(), told)
        });
        let Some(answer) = answer else {
            let _ = child.wait();
            return Err(CompileError::Time(self.limits.time));
        };
        let status = ended(&mut child);
        match answer
            .split_last()
            .map(|(end, rest)| (*end, rest.split_first()))
        {
            Some((ENDS, Some((&OK, code)))) => Ok(code.to_vec()),
            Some((ENDS, Some((&REFUSED, why)))) => Err(CompileError::Refused(
                String::from_utf8_lossy(why).into_owned(),
            )),
            _ => Err(self.cut_off(status, &told)),
        }
    }

    /// Only the edge starts programs, and this is the edge: the caller has named the program.
    #[allow(
        clippy::disallowed_methods,
        reason = "the program is what the caller passed in"
    )]
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Why it ended without an answer.
    fn cut_off(&self, status: Option<ExitStatus>, told: &[u8]) -> CompileError {
        let told = String::from_utf8_lossy(told);
        let signal = status.and_then(|status| status.signal());
        let is = |one: Signal| signal == Some(one.as_raw());
        if is(Signal::XCPU) || is(Signal::KILL) {
            return CompileError::Time(self.limits.time);
        }
        // What Rust says when it is given no more.
        if told.contains("memory allocation of") || told.contains("Cannot allocate memory") {
            return CompileError::Memory(self.limits.memory);
        }
        if is(Signal::SEGV) || is(Signal::ABORT) || is(Signal::BUS) {
            return CompileError::Refused("the compiler crashed on it".to_owned());
        }
        let last = told.lines().last().unwrap_or("it said nothing");
        CompileError::Process(last.to_owned())
    }
}

fn read(mut from: impl Read, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = from.by_ref().take(most).read_to_end(&mut bytes);
    // So that it is not held up by what nobody reads.
    let _ = std::io::copy(&mut from, &mut std::io::sink());
    bytes
}

/// How it ended. It has nothing left to do.
fn ended(child: &mut std::process::Child) -> Option<ExitStatus> {
    let until = Instant::now() + GRACE;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(1)),
            _ => {
                let _ = child.kill();
                return child.wait().ok();
            }
        }
    }
}
