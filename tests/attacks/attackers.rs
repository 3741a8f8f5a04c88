//! One attacker of each kind, for what is measured beside it.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use bailiwick_host::compile::{Child, CompileLimits, Compiler};
use bailiwick_host::{
    Amount, Code, Compiling, Engine, Grant, GrantOptions, Limits, LoadError, Rights, Session, Tool,
    Writes, ambient_authority,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::guests::{load, probe, session_within, wat};

/// What is attacked with, each time anew: `None` when it ended as it must, and otherwise how.
pub(crate) struct Attacker {
    pub(crate) name: &'static str,
    what: What,
}

enum What {
    Call {
        session: Session,
        function: String,
        arguments: Value,
        expected: Code,
        _folder: Option<TempDir>,
    },
    /// A component that is loaded, in a process of its own.
    Load { engine: Box<Engine>, bytes: Vec<u8> },
}

impl Attacker {
    pub(crate) async fn attack(self: Arc<Self>) -> Option<String> {
        match &self.what {
            What::Call {
                session,
                function,
                arguments,
                expected,
                ..
            } => {
                let outcome = session.call(function, arguments.clone()).await;
                (outcome.code != *expected).then(|| outcome.text())
            }
            What::Load { .. } => {
                let attacker = self.clone();
                tokio::task::spawn_blocking(move || attacker.load())
                    .await
                    .unwrap()
            }
        }
    }

    fn load(&self) -> Option<String> {
        let What::Load { engine, bytes } = &self.what else {
            return Some("nothing to load".to_owned());
        };
        match Tool::load(engine, "bomb", bytes) {
            Err(LoadError::Code { .. }) => None,
            Err(error) => Some(error.to_string()),
            Ok(_) => Some("it was compiled".to_owned()),
        }
    }
}

fn call(
    name: &'static str,
    tool: Tool,
    function: &str,
    arguments: Value,
    expected: Code,
    change: impl FnOnce(&mut Limits),
) -> Attacker {
    let mut limits = Limits::default();
    change(&mut limits);
    let function = format!("{}_{function}", tool.name());
    let session = session_within(tool, limits);
    Attacker {
        name,
        what: What::Call {
            session,
            function,
            arguments,
            expected,
            _folder: None,
        },
    }
}

/// One with a folder to work in, which has a FIFO and a file.
fn with_folder(mut attacker: Attacker, rights: Rights) -> Attacker {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f"), vec![b'x'; 64 << 10]).unwrap();
    let fifo = folder.path().join("fifo");
    assert!(Command::new("mkfifo").arg(fifo).status().unwrap().success());
    let grant = Grant::open_ambient(folder.path(), rights, ambient_authority()).unwrap();
    if let What::Call {
        session, _folder, ..
    } = &mut attacker.what
    {
        let quota = Amount {
            bytes: 1 << 20,
            entries: 200,
        };
        let options = GrantOptions::default().writes(Writes::Direct).quota(quota);
        session.grant_with("w", grant, &options).unwrap();
        *_folder = Some(folder);
    }
    attacker
}

fn soon(limits: &mut Limits) {
    (limits.deadline, limits.fuel) = (Duration::from_millis(50), u64::MAX);
}

/// At each step of 100,000 a guest stands at the end of the line again, behind all others.
fn little(limits: &mut Limits) {
    limits.fuel = 10_000_000;
}

fn nothing(_: &mut Limits) {}

/// One of each kind.
pub(crate) fn all() -> Vec<Arc<Attacker>> {
    let text = |name: &str| load("t", &wat(name));
    let none = || json!({});
    use Code::{
        DeadlineExceeded, FuelExhausted, HandlesExceeded, HostcallExceeded, MemoryExceeded, Ok,
        OutputExceeded, StackExhausted, ToolError, Trapped,
    };
    let spin = |name, function: &str, arguments, code, change: fn(&mut Limits)| {
        call(name, probe("spin"), function, arguments, code, change)
    };
    let handles = |name, function: &str, arguments, code, change: fn(&mut Limits)| {
        let attacker = call(name, probe("handles"), function, arguments, code, change);
        with_folder(attacker, Rights::READ)
    };
    let writer = |name, function: &str, arguments, code| {
        let attacker = call(name, probe("writer"), function, arguments, code, nothing);
        with_folder(attacker, Rights::READ_WRITE)
    };
    let mut all = vec![
        spin(
            "a busy guest that does nothing wrong",
            "burn",
            json!({ "rounds": 1_000_000 }),
            Ok,
            nothing,
        ),
        spin("an endless loop", "forever", none(), FuelExhausted, little),
        call(
            "an endless start function",
            text("start"),
            "run",
            none(),
            FuelExhausted,
            little,
        ),
        call(
            "an endless post-return",
            text("post-return"),
            "run",
            none(),
            FuelExhausted,
            little,
        ),
        spin(
            "an endless loop without fuel",
            "forever",
            none(),
            DeadlineExceeded,
            soon,
        ),
        spin(
            "burn fuel and trap",
            "trap",
            json!({ "rounds": 100_000 }),
            Trapped,
            nothing,
        ),
        call(
            "an endless sleep",
            probe("sleep"),
            "forever",
            none(),
            DeadlineExceeded,
            soon,
        ),
        call(
            "an endless poll",
            text("poll"),
            "run",
            none(),
            DeadlineExceeded,
            soon,
        ),
        call(
            "memory.grow",
            probe("grow"),
            "allocate",
            json!({ "mib": 1_000 }),
            MemoryExceeded,
            nothing,
        ),
        call(
            "table.grow",
            text("tables"),
            "run",
            none(),
            MemoryExceeded,
            |l| l.memory = 100_000,
        ),
        call(
            "forty instances",
            text("instances"),
            "run",
            none(),
            MemoryExceeded,
            nothing,
        ),
        spin(
            "deep recursion",
            "recurse",
            json!({ "levels": 1_000_000_000 }),
            StackExhausted,
            nothing,
        ),
        call(
            "deep recursion into the host",
            text("deep"),
            "calls",
            none(),
            StackExhausted,
            nothing,
        ),
        call(
            "a long string",
            text("huge"),
            "string",
            json!({ "bytes": 20 << 20 }),
            OutputExceeded,
            nothing,
        ),
        call(
            "a string that is long as JSON",
            text("huge"),
            "string",
            json!({ "bytes": 4 << 20 }),
            OutputExceeded,
            nothing,
        ),
        call(
            "a million timers",
            text("pollables"),
            "run",
            none(),
            HandlesExceeded,
            nothing,
        ),
        call(
            "a million resources",
            text("resources"),
            "make",
            json!({ "count": 1_000_000 }),
            HandlesExceeded,
            nothing,
        ),
        call(
            "endless stdout",
            probe("chatty"),
            "flood",
            json!({ "bytes": u64::MAX.to_string() }),
            DeadlineExceeded,
            soon,
        ),
        call(
            "10,000 host calls of a megabyte",
            text("megabytes"),
            "run",
            json!({ "count": u32::MAX, "bytes": 1_000_000 }),
            DeadlineExceeded,
            soon,
        ),
        call(
            "endless randomness",
            text("random"),
            "run",
            none(),
            DeadlineExceeded,
            soon,
        ),
        handles(
            "endless host calls",
            "call_many",
            json!({ "dir": "/w", "path": "f", "count": u32::MAX }),
            HostcallExceeded,
            |l| l.host_calls = 5_000,
        ),
        handles(
            "endless reading",
            "read_many",
            json!({ "file": "/w/f", "max": 64 << 10, "count": u32::MAX }),
            DeadlineExceeded,
            soon,
        ),
        handles(
            "a FIFO",
            "try_open",
            json!({ "dir": "/w", "path": "fifo" }),
            ToolError,
            nothing,
        ),
        handles(
            "open without close",
            "open_many",
            json!({ "dir": "/w", "path": "f", "count": 1_000_000 }),
            Ok,
            nothing,
        ),
        writer(
            "a million files",
            "fill",
            json!({ "root": "/w", "bytes": 0, "entries": 1_000_000 }),
            Ok,
        ),
        writer(
            "paths that lead out",
            "attack",
            json!({ "root": "/w", "other": "/w", "outside": ["/etc/passwd"] }),
            Ok,
        ),
    ];
    all.push(bomb());
    all.into_iter().map(Arc::new).collect()
}

/// A compile bomb: one function of nested blocks so long that no compiler is done with it in time.
fn bomb() -> Attacker {
    let (block, end) = ("(block ".repeat(2_000), ")".repeat(2_000));
    let functions = format!("(func {block}{end})").repeat(500);
    let text = format!(
        r#"(component (core module $bomb {functions})
        (core module $tool (func (export "run")))
        (core instance $tool (instantiate $tool))
        (func (export "run") (canon lift (core func $tool "run"))))"#
    );
    let mut limits = CompileLimits::default();
    limits.time = Duration::from_millis(100);
    let program = PathBuf::from(env!("CARGO_BIN_EXE_bailiwick"));
    let words = vec!["compile-for-parent".into()];
    let mut compiling = Compiling::default();
    compiling.compiler = Compiler::Child(Child::new(program, words, limits));
    Attacker {
        name: "a compile bomb",
        what: What::Load {
            engine: Box::new(Engine::with(compiling).unwrap()),
            bytes: wat::parse_str(text).unwrap(),
        },
    }
}
