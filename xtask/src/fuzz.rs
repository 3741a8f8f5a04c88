//! Random input, for as long as one wants: bytes that pretend to be components, read or run.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::run::{self, say};

/// Something that is fuzzed: its name, and the program that does it.
struct Target {
    name: &'static str,
    program: &'static str,
    /// What was found once, and what was made to be hard. The tests of it read all of it.
    corpus: &'static str,
    /// More to begin with.
    more: &'static [&'static str],
}

/// What can be fuzzed.
const TARGETS: [Target; 2] = [
    Target {
        name: "contract",
        program: "bailiwick-contract-fuzz",
        corpus: CONTRACT,
        more: &[],
    },
    Target {
        name: "run",
        program: "bailiwick-host-fuzz",
        corpus: "runtime/host/fuzz/corpus",
        more: &[CONTRACT, "tests/probes/wat"],
    },
];

const CONTRACT: &str = "runtime/contract/tests/corpus";

/// How long, when nothing is said.
const SECONDS: u64 = 60;

/// Fuzzes what reads or runs components, with the corpus and every guest that is built. What is found is kept in the corpus.
pub(crate) fn fuzz(project: &Project, name: &str, options: &[&str]) -> Result<()> {
    let Some(target) = TARGETS.iter().find(|target| target.name == name) else {
        bail!(
            "nothing to fuzz called `{name}`; there are {}",
            TARGETS.map(|target| target.name).join(", ")
        );
    };
    let (mut seconds, mut seed) = (SECONDS, 1);
    let mut words = options.iter();
    while let Some(word) = words.next() {
        let into = match *word {
            "--seconds" => &mut seconds,
            "--seed" => &mut seed,
            _ => bail!("no option `{word}`; there is --seconds N and --seed S"),
        };
        let number = words
            .next()
            .with_context(|| format!("{word} takes a number"))?;
        *into = number
            .parse()
            .with_context(|| format!("{word} takes a number, not `{number}`"))?;
    }
    // All packages at once, as the build and the tests: for one alone, features of dependencies would be others, and wasmtime be compiled again.
    run::run(
        run::cargo()
            .args(["build", "--quiet", "--release", "--locked"])
            .args(["--workspace", "--exclude", "xtask"])
            .args(["--bin", target.program])
            .current_dir(&project.root),
    )?;
    let corpus = project.root.join(target.corpus);
    let mut command =
        std::process::Command::new(project.target.join("release").join(target.program));
    command
        .args(["--seconds", &seconds.to_string()])
        .args(["--seed", &seed.to_string()])
        .arg("--keep")
        .arg(&corpus)
        .arg(&corpus)
        .args(target.more.iter().map(|folder| project.root.join(folder)))
        .args(guests(project))
        .current_dir(&project.root);
    say(&format!("fuzzing {name} for {seconds} s, seed {seed}"));
    run::run(&mut command)
}

/// The folders of guests that are there.
fn guests(project: &Project) -> Vec<PathBuf> {
    let target = project.guest_target();
    let mut folders = vec![project.target.join("release/tools")];
    folders.extend(["probes", "unsealed", "js"].map(|name| target.join(name)));
    folders.retain(|folder| folder.is_dir());
    folders
}
