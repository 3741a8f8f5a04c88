//! What a call from nothing costs: the whole process `bailiwick call` of a tool whose code is kept, beside `true` and beside a native process that does
//! the same work, all started by this one, in one run.
//!
//! Two tools: `files`, a small one in Rust, and the Python guest of the tests, filled up to 25 MB. Each by its path, with no policy; and under a policy, trusted and locked,
//! with a lock that is held against the tool's facts at every call.
//!
//! Rounds of all take turns, so that whatever else the machine does hits all alike; the figure of each is the median of its rounds, with the quickest beside it.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench stands at the edge, and one that panics fails"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 41;

/// The most that a call may take beyond `true`, in milliseconds.
const MOST_FILES: f64 = 15.0;
const MOST_PYTHON: f64 = 40.0;

/// How large the Python component is made.
const SIZE: usize = 25_000_000;

/// The word by which this program does the work of a tool.
const NATIVE: &str = "do-it-natively";

/// What is read.
const ROWS: &str = "name,cents\n\"tea, green\",350\n";

const POLICY: &str = r#"
[grants.work]
path = "work"
rights = "ro"

[tools.files]
component = "FILES"
grants = ["work"]

[tools.desk]
component = "tools/desk.wasm"
grants = ["work"]
"#;

/// Something that is measured.
struct Variant {
    name: &'static str,
    command: Vec<String>,
    /// The place of the native process that does the same, and the most that it may take beyond `true`.
    against: Option<(usize, Option<f64>)>,
    times: Vec<Duration>,
}

impl Variant {
    fn new(name: &'static str, command: &[&str], against: Option<(usize, Option<f64>)>) -> Self {
        Self {
            name,
            command: command.iter().map(ToString::to_string).collect(),
            against,
            times: Vec::new(),
        }
    }
}

/// A folder with a cache, a state folder and a home of its own.
struct Place(tempfile::TempDir);

impl Place {
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, words: &[String]) -> Command {
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .current_dir(self.0.path())
            .env("HOME", self.path("home"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("BAILIWICK_STATE", self.path("state"))
            .env("BAILIWICK_CACHE", self.path("cache"))
            .stdin(Stdio::null())
            .stderr(Stdio::inherit());
        command
    }

    /// What it prints.
    fn output(&self, words: &[String]) -> String {
        let output = self.command(words).output().unwrap();
        assert!(output.status.success(), "{words:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn time(&self, words: &[String]) -> Duration {
        let mut command = self.command(words);
        command.stdout(Stdio::null());
        let start = Instant::now();
        let status = command.status().unwrap();
        let took = start.elapsed();
        assert!(status.success(), "{words:?}");
        took
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    if let [_, word, path] = words.as_slice()
        && word == NATIVE
    {
        native(Path::new(path));
        return ExitCode::SUCCESS;
    }
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    let Ok(python) = std::fs::read(target.join("guests/py/desk.wasm")) else {
        println!(
            "NOT MEASURED: the Python guest is not there; `cargo xtask test --step python` builds it"
        );
        return ExitCode::FAILURE;
    };
    let place = Place(tempfile::tempdir().unwrap());
    for folder in ["work", "tools", "home"] {
        std::fs::create_dir(place.path(folder)).unwrap();
    }
    std::fs::write(place.path("work/rows.csv"), ROWS).unwrap();
    std::fs::write(place.path("tools/desk.wasm"), filled(python)).unwrap();
    let files = target.join("release/tools/files.wasm");
    let files = files.to_str().unwrap();
    std::fs::write(place.path("bailiwick.toml"), POLICY.replace("FILES", files)).unwrap();

    let this = std::env::current_exe().unwrap();
    let mut variants = variants(this.to_str().unwrap(), files);
    println!("compiling the tools, once");
    let program = env!("CARGO_BIN_EXE_bailiwick").to_owned();
    place.output(&[program.clone(), "lock".into()]);
    place.output(&[program, "trust".into(), "--yes".into()]);
    for variant in &variants {
        let printed = place.output(&variant.command);
        // All do the same work.
        assert!(
            variant.name == "true" || printed.contains("tea, green"),
            "{printed}"
        );
    }
    // A file that was written a moment ago is not taken for what it was: `docs/speed.md` says why.
    std::thread::sleep(Duration::from_secs(3));
    for round in 0..ROUNDS + 2 {
        for variant in &mut variants {
            let took = place.time(&variant.command);
            // The first two warm up.
            if round > 1 {
                variant.times.push(took);
            }
        }
    }
    if report(&mut variants) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn variants(this: &str, files: &str) -> Vec<Variant> {
    let program = env!("CARGO_BIN_EXE_bailiwick");
    let mut variants = vec![
        Variant::new("true", &["true"], None),
        Variant::new("native, in Rust", &[this, NATIVE, "work/rows.csv"], None),
    ];
    let interpreter = interpreter();
    let python = match &interpreter {
        Some(program) => {
            let work = "import csv, json, sys; print(json.dumps(list(csv.reader(open(sys.argv[1], newline='')))))";
            variants.push(Variant::new(
                "native, in Python",
                &[program, "-c", work, "work/rows.csv"],
                None,
            ));
            variants.len() - 1
        }
        None => {
            println!(
                "NO BASELINE: there is no python3, so the Python tool is held against the one in Rust"
            );
            1
        }
    };
    let read = ["read", "file=/work/rows.csv"];
    let table = ["table", "input=/work/rows.csv"];
    let by_path = |tool, words: [&'static str; 2]| {
        vec![
            program,
            "call",
            tool,
            words[0],
            words[1],
            "--grant",
            "work=work:ro",
        ]
    };
    let locked = |tool, words: [&'static str; 2]| {
        vec![
            program,
            "call",
            tool,
            words[0],
            words[1],
            "--policy",
            "bailiwick.toml",
        ]
    };
    variants.extend([
        Variant::new(
            "files, by its path",
            &by_path(files, read),
            Some((1, Some(MOST_FILES))),
        ),
        Variant::new("files, locked", &locked("files", read), Some((1, None))),
        Variant::new(
            "Python tool, by its path",
            &by_path("tools/desk.wasm", table),
            Some((python, Some(MOST_PYTHON))),
        ),
        Variant::new(
            "Python tool, locked",
            &locked("desk", table),
            Some((python, None)),
        ),
    ]);
    variants
}

/// The interpreter itself, and not a script that looks for one.
fn interpreter() -> Option<String> {
    let output = Command::new("python3")
        .args(["-c", "import sys; print(sys.executable)"])
        .output()
        .ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| path.trim().to_owned())
}

/// The work of the tools: a file, opened and read and shown as JSON.
fn native(path: &Path) {
    let text = std::fs::read_to_string(path).unwrap();
    let count = text.lines().count();
    let size = text.len();
    println!(
        "{{\"path\":{path:?},\"from_line\":1,\"count\":{count},\"text\":{text:?},\"size\":{size}}}"
    );
}

/// The component with a custom section at its end, so that it is as large as it should be.
fn filled(mut component: Vec<u8>) -> Vec<u8> {
    let left = SIZE.saturating_sub(component.len() + 16);
    if left == 0 {
        return component;
    }
    component.push(0);
    // Its size, then its name, which is `fill`: LEB128 in five bytes and in one.
    let size = left as u32 + 5;
    component.extend((0..5).map(|byte| {
        let more = if byte < 4 { 0x80 } else { 0 };
        (size >> (7 * byte)) as u8 & 0x7f | more
    }));
    component.extend(b"\x04fill");
    component.extend((0..left).map(|at| (at * 31) as u8));
    component
}

/// Prints all figures. Whether all are as they should be.
fn report(variants: &mut [Variant]) -> bool {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?");
    println!("whole processes, median of {ROUNDS} rounds; load average {load}\n");
    println!(
        "{:<26} {:>9} {:>9} {:>11} {:>10}",
        "", "median", "quickest", "beyond true", "to native"
    );
    let figures: Vec<(f64, f64)> = variants
        .iter_mut()
        .map(|variant| {
            variant.times.sort();
            let ms = |time: Duration| time.as_secs_f64() * 1e3;
            (
                ms(variant.times[variant.times.len() / 2]),
                ms(variant.times[0]),
            )
        })
        .collect();
    let of_true = figures[0].0;
    let mut verdicts = Vec::new();
    for (variant, (median, least)) in variants.iter().zip(&figures) {
        let beyond = median - of_true;
        let ratio = variant.against.map_or_else(String::new, |(native, _)| {
            format!("{:.2}", median / figures[native].0)
        });
        println!(
            "{:<26} {median:>6.1} ms {least:>6.1} ms {beyond:>8.1} ms {ratio:>10}",
            variant.name
        );
        if let Some((_, Some(most))) = variant.against {
            verdicts.push((variant.name, beyond, most));
        }
    }
    println!();
    let mut met = true;
    for (name, beyond, most) in verdicts {
        let verdict = if beyond <= most { "met" } else { "NOT MET" };
        println!("{name}: {beyond:.1} ms beyond `true`; at most {most:.0} ms: {verdict}");
        met &= beyond <= most;
    }
    met
}
