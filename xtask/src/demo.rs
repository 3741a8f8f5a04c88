//! A scripted agent's turn over the project's own source, with every command line shown.
//!
//! It tells a story, and it is a test as well: each step has an outcome that must come, and the demo fails if one does
//! not.

mod changes;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::build;
use crate::project::{Profile, Project};
use crate::run::quoted;
use crate::transcript::{Shown, cut, grouped};

const GRANT: [&str; 2] = ["--grant", "workspace=.:ro"];

/// What a call must end as.
struct Expected<'a> {
    /// The outcome's code.
    code: &'a str,
    /// What the output must contain.
    says: &'a [&'a str],
    /// What it must not contain.
    hides: &'a [&'a str],
    /// The fuel that was used, where that is known.
    fuel: Option<&'a str>,
}

impl<'a> Expected<'a> {
    fn code(code: &'a str) -> Self {
        Self {
            code,
            says: &[],
            hides: &[],
            fuel: None,
        }
    }
}

/// The turn so far.
struct Turn {
    root: PathBuf,
    binary: PathBuf,
    rows: Vec<[String; 5]>,
    faults: Vec<String>,
}

/// Builds for release and plays the turn.
pub(crate) fn demo(project: &Project) -> Result<()> {
    build::build(project, Profile::Release)?;
    let spin = project.guest_target().join("probes/spin.wasm");
    let mut turn = Turn {
        root: project.root.clone(),
        binary: project.bailiwick(Profile::Release),
        rows: Vec::new(),
        faults: Vec::new(),
    };
    println!(
        "\nAn agent is given this repository, read-only, as /workspace, and a component with four tools."
    );
    println!(
        "Every line that begins with `$` can be repeated here; bailiwick is {}.",
        project.shown(&turn.binary)
    );
    play(&mut turn, &project.shown(&spin))?;
    changes::play(project)?;
    turn.close()
}

fn play(turn: &mut Turn, spin: &str) -> Result<()> {
    turn.tell("It learns what there is. Names, types and descriptions come from the component's WIT contract.");
    turn.tools()?;

    turn.tell("A model is given each function as a JSON Schema. This is the one of `grep`.");
    turn.schema()?;

    turn.tell("It searches. `dir` becomes a handle to that directory: the tool can reach that, and nothing else.");
    let found = Expected {
        says: &["/workspace/runtime/"],
        ..Expected::code("ok")
    };
    let words = [
        "files",
        "grep",
        "dir=/workspace/runtime",
        "pattern=pub fn open_ambient",
        "glob=*.rs",
    ];
    let reply = turn.call("search", &words, &found)?;
    let file = &reply["files"][0];
    let path = format!(
        "file={}",
        file["path"].as_str().unwrap_or("/workspace/runtime")
    );
    let line = format!("from_line={}", file["lines"][0]["number"]);

    turn.tell("A path in a reply can be given back as it is. It reads a page of that file from that line on.");
    let page = Expected {
        says: &["open_ambient", "next_line"],
        ..Expected::code("ok")
    };
    turn.call(
        "read a page",
        &["files", "read", &path, &line, "max_lines=12"],
        &page,
    )?;

    turn.tell("It makes a mistake. The error says where it is and what to try.");
    let broken = Expected {
        says: &["pattern", "help:"],
        ..Expected::code("tool-error")
    };
    turn.call(
        "bad pattern",
        &["files", "grep", "dir=wit", "pattern=func(dir", "glob=*.wit"],
        &broken,
    )?;

    turn.tell("It does as it was told. A relative path means the first grant.");
    let corrected = Expected {
        says: &["/workspace/wit/files.wit"],
        ..Expected::code("ok")
    };
    turn.call(
        "corrected",
        &[
            "files",
            "grep",
            "dir=wit",
            r"pattern=func\(dir",
            "glob=*.wit",
        ],
        &corrected,
    )?;

    turn.tell("It tries to leave its directory. The tool is not even started.");
    let root = turn.root.display().to_string();
    let denied = Expected {
        hides: &["root:", &root],
        ..Expected::code("denied")
    };
    turn.call(
        "leave",
        &["files", "read", "file=/workspace/../etc/passwd"],
        &denied,
    )?;

    turn.tell("It runs a component that never ends. Fuel stops it, after the same amount of work on every machine.");
    let stopped = Expected {
        fuel: Some("100000000"),
        ..Expected::code("fuel-exhausted")
    };
    turn.call(
        "endless loop",
        &[spin, "forever", "--fuel", "100M"],
        &stopped,
    )?;
    Ok(())
}

impl Turn {
    /// A sentence between two steps.
    fn tell(&self, sentence: &str) {
        println!("\n{sentence}");
    }

    /// `bailiwick tools files`.
    fn tools(&mut self) -> Result<()> {
        let shown = self.run(&["tools", "files"])?;
        print!("{}", cut(&shown.text()));
        self.check("tools", shown.exit == Some(0), "exit 0");
        for function in ["read", "list", "find", "grep"] {
            self.check(
                "tools",
                shown.stdout.contains(function),
                &format!("to see `{function}`"),
            );
        }
        self.row("list tools", "listed");
        Ok(())
    }

    /// The part of `bailiwick tools files --json` that a model is given for one function.
    fn schema(&mut self) -> Result<()> {
        let shown = self.run(&["tools", "files", "--json"])?;
        let document: Value = serde_json::from_str(&shown.stdout)
            .with_context(|| format!("`tools --json` printed no JSON:\n{}", shown.text()))?;
        let functions = document["tools"][0]["functions"].as_array();
        let grep = functions
            .into_iter()
            .flatten()
            .find(|function| function["name"] == "grep");
        let schema = grep.map(|function| &function["input_schema"]);
        let described =
            schema.is_some_and(|schema| schema["properties"]["pattern"]["description"].is_string());
        self.check("schema", described, "a schema with descriptions");
        print!("{}", cut(&schema.map(Value::to_string).unwrap_or_default()));
        self.row("read a schema", "listed");
        Ok(())
    }

    /// `bailiwick call …` as a person sees it, with what it used. Gives the reply.
    fn call(&mut self, step: &str, words: &[&str], expected: &Expected<'_>) -> Result<Value> {
        let mut words: Vec<&str> = [&["call"], words].concat();
        if words.iter().any(|word| word.contains('=')) {
            words.extend(GRANT);
        }
        words.push("--usage");
        let shown = self.run(&words)?;
        let text = shown.text();
        print!("{}", cut(&text));
        let exit = exit_code(expected.code);
        self.check(
            step,
            shown.exit == Some(exit),
            &format!("exit {exit}, not {:?}", shown.exit),
        );
        for part in expected.says {
            self.check(step, text.contains(part), &format!("to see `{part}`"));
        }
        for part in expected.hides {
            self.check(step, !text.contains(part), &format!("not to see `{part}`"));
        }
        let Some([code, fuel, wall, memory]) = shown.usage() else {
            self.check(step, false, "a last line that says what was used");
            return Ok(Value::Null);
        };
        self.check(
            step,
            code == expected.code,
            &format!("`{}`, not `{code}`", expected.code),
        );
        let as_known = expected.fuel.is_none_or(|known| known == fuel);
        self.check(
            step,
            as_known,
            &format!("{:?} fuel, not {fuel}", expected.fuel),
        );
        self.rows
            .push([step, code, &grouped(fuel), wall, memory].map(String::from));
        // A call that failed has no reply.
        Ok(serde_json::from_str(&shown.stdout).unwrap_or_default())
    }

    /// A step that ran no tool.
    fn row(&mut self, step: &str, outcome: &str) {
        self.rows
            .push([step, outcome, "", "", ""].map(String::from));
    }

    fn check(&mut self, step: &str, holds: bool, expected: &str) {
        if !holds {
            let fault = format!("{step}: expected {expected}");
            println!("UNEXPECTED: {fault}");
            self.faults.push(fault);
        }
    }

    /// Shows a command line and runs it.
    fn run(&self, words: &[&str]) -> Result<Shown> {
        let line: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        println!("$ bailiwick {}", line.join(" "));
        let done = Command::new(&self.binary)
            .args(words)
            .current_dir(&self.root)
            // Not in the log of whoever looks at the demo.
            .env("BAILIWICK_LOG", self.root.join("target/demo-log"))
            .output()
            .with_context(|| format!("failed to start `{}`", self.binary.display()))?;
        Ok(Shown {
            exit: done.status.code(),
            stdout: String::from_utf8_lossy(&done.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&done.stderr).into_owned(),
        })
    }

    /// The table, and the verdict.
    fn close(&self) -> Result<()> {
        println!("\nWhat each step used:\n");
        let head = ["step", "outcome", "fuel", "wall", "peak memory"].map(String::from);
        for [step, outcome, fuel, wall, memory] in std::iter::once(&head).chain(&self.rows) {
            let row = format!("  {step:<14}{outcome:<16}{fuel:>13}{wall:>11}{memory:>13}");
            println!("{}", row.trim_end());
        }
        if !self.faults.is_empty() {
            bail!(
                "the demo did not go as it must:\n  {}",
                self.faults.join("\n  ")
            );
        }
        println!("\ndemo: all {} steps ended as they must", self.rows.len());
        Ok(())
    }
}

/// The exit code that belongs to an outcome's code.
fn exit_code(code: &str) -> i32 {
    match code {
        "ok" => 0,
        "invalid-arguments" | "unknown-tool" | "unknown-handle" => 2,
        "host-error" | "load-failed" => 4,
        _ => 1,
    }
}
