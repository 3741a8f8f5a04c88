//! Loads an input, calls its functions, and holds what comes against what may come.

use std::time::Duration;

use bailiwick_host::{
    Amount, Code, Engine, Grant, GrantOptions, Limits, Outcome, Rights, Session, Tool, Writes,
    ambient_authority,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::arguments;
use crate::random::Random;

/// How much longer than its deadline a call may take before it is an overrun: other processes are running as well.
const SLACK: Duration = Duration::from_secs(2);

/// Calls of one input.
const CALLS: usize = 12;

/// What inputs run in.
pub(crate) struct Host {
    engine: Engine,
    runtime: Runtime,
    limits: Limits,
    folder: TempDir,
}

impl Host {
    pub(crate) fn new() -> Self {
        let mut limits = Limits::default();
        limits.fuel = 100_000;
        limits.memory = 2 << 20;
        limits.deadline = Duration::from_millis(200);
        limits.result = 1 << 20;
        limits.stdio = 4 << 10;
        limits.host_calls = 1_000;
        limits.transfer = 1 << 20;
        let folder = tempfile::tempdir().unwrap();
        Self {
            engine: Engine::new().unwrap(),
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build()
                .unwrap(),
            limits,
            folder,
        }
    }

    /// A session with a folder to read and one to write, as they always are at first.
    fn session(&self) -> Session {
        let session = Session::with_limits(self.limits);
        for (name, rights) in [("w", Rights::READ_WRITE), ("r", Rights::READ)] {
            let place = self.folder.path().join(name);
            // It may be gone, or full.
            let _ = std::fs::remove_dir_all(&place);
            std::fs::create_dir_all(place.join("sub")).unwrap();
            std::fs::write(place.join("a.txt"), "a text\n").unwrap();
            let grant = Grant::open_ambient(&place, rights, ambient_authority()).unwrap();
            let quota = Amount {
                bytes: 1 << 20,
                entries: 64,
            };
            let options = GrantOptions::default().writes(Writes::Direct).quota(quota);
            session.grant_with(name, grant, &options).unwrap();
            session.mount(name).unwrap();
        }
        session
    }

    /// Runs an input: what went wrong, in words.
    pub(crate) fn run(&self, bytes: &[u8], random: &mut Random) -> Ran {
        let mut ran = Ran::default();
        let tool = match Tool::load(&self.engine, "t", bytes) {
            Ok(tool) => tool,
            Err(error) => {
                // It can be told, whatever it is.
                let _ = error.to_string();
                return ran;
            }
        };
        ran.loaded = true;
        let session = self.session();
        let functions = tool.contract().functions.clone();
        session.add(tool).unwrap();
        let calls = CALLS.max(functions.len()).min(4 * CALLS);
        for function in functions.iter().cycle().take(calls) {
            let arguments = arguments::of(random, function);
            let called = format!("t_{}", function.name);
            let outcome = self
                .runtime
                .block_on(session.call(&called, arguments.clone()));
            ran.calls += 1;
            ran.started += u64::from(outcome.usage.fuel > 0);
            if let Some(over) = self.over(&outcome) {
                ran.overrun = Some(format!("{called} {}: {over}", short(&arguments)));
                return ran;
            }
        }
        ran
    }

    /// What an outcome has too much of; or that it is one that no guest may bring about.
    fn over(&self, outcome: &Outcome) -> Option<String> {
        let (usage, limits) = (&outcome.usage, &self.limits);
        assert_ne!(outcome.code, Code::HostError, "{}", outcome.text());
        assert_eq!(outcome.code == Code::Ok, outcome.failure.is_none());
        let _ = outcome.to_json().to_string();
        let text = outcome.text();
        for (what, used, limit) in [
            ("fuel", usage.fuel, limits.fuel),
            ("memory", usage.memory, limits.memory),
            ("host calls", usage.host_calls, limits.host_calls),
            // One more crossing is counted before it is refused.
            (
                "transfer",
                usage.read + usage.written,
                limits.transfer + limits.crossing as u64,
            ),
            (
                "stdout",
                outcome.stdout.bytes.len() as u64,
                limits.stdio as u64,
            ),
            (
                "stderr",
                outcome.stderr.bytes.len() as u64,
                limits.stdio as u64,
            ),
            ("text", text.len() as u64, limits.text as u64 + 1_000),
            (
                "time",
                usage.wall.as_millis() as u64,
                (limits.deadline + SLACK).as_millis() as u64,
            ),
        ] {
            if used > limit {
                return Some(format!("{what}: {used} of {limit}"));
            }
        }
        None
    }
}

/// What became of an input.
#[derive(Default)]
pub(crate) struct Ran {
    pub(crate) loaded: bool,
    pub(crate) calls: u64,
    /// Calls in which the guest's code ran.
    pub(crate) started: u64,
    pub(crate) overrun: Option<String>,
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(500).collect()
}
