//! Compiling in a process of its own, and the code that is kept.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::time::Duration;

use bailiwick_host::compile::{Child, CompileError, CompileLimits, Compiler};
use bailiwick_host::{Cache, Code, Compiling, Engine, LoadError, Session, Tool, ambient_authority};
use serde_json::json;

use crate::bombs::{blocks, bomb, three};
use crate::guests::{probe_path, shipped, wait};

fn limits(time: Duration, memory: u64) -> CompileLimits {
    let mut limits = CompileLimits::default();
    limits.time = time;
    limits.memory = memory;
    limits
}

fn engine(limits: CompileLimits, cache: Option<Cache>) -> Engine {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_bailiwick"));
    let mut compiling = Compiling::default();
    compiling.compiler = Compiler::Child(Child::new(
        program,
        vec!["compile-for-parent".into()],
        limits,
    ));
    compiling.cache = cache;
    Engine::with(compiling).unwrap()
}

fn code_error(error: LoadError) -> CompileError {
    match error {
        LoadError::Code { source, .. } => source,
        other => panic!("{other}"),
    }
}

#[test]
fn a_child_gives_the_same_code() {
    let engine = engine(CompileLimits::default(), None);
    let tool = Tool::load(&engine, "echo", &fs::read(probe_path("echo")).unwrap()).unwrap();
    let session = Session::new();
    session.add(tool).unwrap();
    let outcome = wait(session.call("echo_no_such", json!({})));
    assert_eq!(outcome.code, Code::UnknownTool);
    let tool = Tool::load(&engine, "files", &shipped("files")).unwrap();
    session.add(tool).unwrap();
    let outcome = wait(session.call("files_read", json!({ "file": "/results/none" })));
    assert_ne!(outcome.code, Code::HostError, "{}", outcome.text());
}

/// Row "compile bombs" of what must be bounded before a call begins.
#[test]
fn compile_bombs_end_at_their_bound() {
    let time = Duration::from_millis(500);
    let engine = engine(limits(time, 2 << 30), None);
    for (name, bytes) in three() {
        if name == "50,000 nested blocks" {
            continue;
        }
        let error = code_error(Tool::load(&engine, "bomb", &bytes).unwrap_err());
        assert_eq!(error, CompileError::Time(time), "{name}");
    }
    // Deep nesting is code, or is refused: it crashes nothing.
    let nested = bomb(std::iter::once(blocks(50_000)));
    if let Err(error) = Tool::load(
        &self::engine(CompileLimits::default(), None),
        "deep",
        &nested,
    ) {
        assert!(matches!(code_error(error), CompileError::Refused(_)));
    }
    // It is not the shape: a small one is code.
    let small = bomb(std::iter::once(blocks(10)));
    Tool::load(
        &self::engine(CompileLimits::default(), None),
        "small",
        &small,
    )
    .unwrap();
}

#[test]
fn a_compiler_that_wants_more_memory_than_it_may_have_ends() {
    let engine = engine(limits(Duration::from_secs(60), 48 << 20), None);
    let error = code_error(Tool::load(&engine, "files", &shipped("files")).unwrap_err());
    // It depends on where it is refused whether it can say so.
    let is_end = matches!(
        error,
        CompileError::Memory(_) | CompileError::Refused(_) | CompileError::Process(_)
    );
    assert!(is_end, "{error:?}");
}

#[test]
fn a_program_that_does_not_answer_is_no_compiler() {
    for (program, argument) in [
        ("/bin/true", "x"),
        ("/bin/echo", "+code."),
        ("/no/such", ""),
    ] {
        let child = Child::new(
            program.into(),
            vec![argument.into()],
            limits(Duration::from_secs(10), 2 << 30),
        );
        let mut compiling = Compiling::default();
        compiling.compiler = Compiler::Child(child);
        let engine = Engine::with(compiling).unwrap();
        let bytes = bomb(std::iter::once(blocks(1)));
        let error = code_error(Tool::load(&engine, "small", &bytes).unwrap_err());
        assert!(
            matches!(error, CompileError::Process(_)),
            "{program}: {error:?}"
        );
    }
}

struct Kept {
    place: tempfile::TempDir,
    bytes: Vec<u8>,
}

impl Kept {
    fn new() -> Self {
        Self {
            place: tempfile::tempdir().unwrap(),
            bytes: bomb(std::iter::once(blocks(3))),
        }
    }

    fn folder(&self) -> PathBuf {
        self.place.path().join("code")
    }

    fn cache(&self) -> Cache {
        Cache::open_ambient(&self.folder(), ambient_authority()).unwrap()
    }

    fn load(&self) -> Engine {
        let mut compiling = Compiling::default();
        compiling.cache = Some(self.cache());
        let engine = Engine::with(compiling).unwrap();
        Tool::load(&engine, "small", &self.bytes).unwrap();
        engine
    }

    /// The one file of code.
    fn file(&self) -> PathBuf {
        let mut files = fs::read_dir(self.folder()).unwrap();
        let file = files.next().unwrap().unwrap().path();
        assert!(files.next().is_none());
        file
    }
}

#[test]
fn code_is_kept_and_taken_from_there() {
    let kept = Kept::new();
    let engine = kept.load();
    let tool = Tool::load(&engine, "again", &kept.bytes).unwrap();
    assert!(engine.has_code(&tool.contract().digest));
    let listed = kept.cache().list().unwrap();
    assert_eq!(listed.len(), 1);
    assert!(
        tool.contract()
            .digest
            .to_string()
            .ends_with(&listed[0].digest)
    );
    // It is not compiled again: a compiler that cannot be started is not missed.
    let mut compiling = Compiling::default();
    let none = Child::new("/no/such".into(), Vec::new(), CompileLimits::default());
    compiling.compiler = Compiler::Child(none);
    compiling.cache = Some(kept.cache());
    let engine = Engine::with(compiling).unwrap();
    Tool::load(&engine, "small", &kept.bytes).unwrap();
    assert_eq!(kept.cache().clear().unwrap().0, 1);
    assert!(!engine.has_code(&tool.contract().digest));
}

/// Code that somebody else could have written is taken away, and compiled anew.
#[test]
fn odd_code_is_not_run() {
    let kept = Kept::new();
    kept.load();
    let (file, good) = (kept.file(), fs::read(kept.file()).unwrap());
    let elsewhere = kept.place.path().join("elsewhere");
    let writable = |path: &PathBuf| {
        fs::set_permissions(path, fs::Permissions::from_mode(0o666)).unwrap();
    };
    let odd: [(&str, &dyn Fn()); 6] = [
        ("others may write to it", &|| writable(&file)),
        ("a link", &|| {
            fs::write(&elsewhere, &good).unwrap();
            fs::remove_file(&file).unwrap();
            symlink(&elsewhere, &file).unwrap();
        }),
        ("another name", &|| {
            fs::hard_link(&file, kept.place.path().join("other")).unwrap()
        }),
        ("cut off", &|| {
            fs::write(&file, &good[..good.len() / 2]).unwrap()
        }),
        ("empty", &|| fs::write(&file, b"").unwrap()),
        ("something else", &|| {
            fs::write(&file, b"\x7fELF and no more").unwrap()
        }),
    ];
    for (what, make) in odd {
        make();
        let engine = kept.load();
        let stat = fs::symlink_metadata(&file).unwrap();
        assert!(stat.is_file(), "{what}");
        assert_eq!(stat.permissions().mode() & 0o777, 0o600, "{what}");
        assert_eq!(fs::read(&file).unwrap().len(), good.len(), "{what}");
        drop(engine);
    }
    assert_eq!(fs::read(&elsewhere).unwrap(), good);
}

#[test]
fn a_folder_that_others_may_write_to_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("code");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    assert!(Cache::open_ambient(&folder, ambient_authority()).is_err());
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    let link = place.path().join("link");
    symlink(&folder, &link).unwrap();
    assert!(Cache::open_ambient(&link, ambient_authority()).is_err());
    Cache::open_ambient(&folder, ambient_authority()).unwrap();
}
