//! Random input, for as long as one wants: bytes that pretend to be components.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::run::{self, say};

/// What can be fuzzed.
pub(crate) const NAMES: [&str; 1] = ["contract"];

/// How long, when nothing is said.
const SECONDS: u64 = 60;

/// What was found once, and what was made to be hard to read. The tests read all of it.
const CORPUS: &str = "runtime/contract/tests/corpus";

/// Fuzzes what reads components, with the corpus and every guest that is built. What is found is kept in the corpus.
pub(crate) fn fuzz(project: &Project, name: &str, options: &[&str]) -> Result<()> {
    if !NAMES.contains(&name) {
        bail!(
            "nothing to fuzz called `{name}`; there is {}",
            NAMES.join(", ")
        );
    }
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
    let corpus = project.root.join(CORPUS);
    let mut command = run::cargo();
    command
        .args(["run", "--quiet", "--release", "--locked"])
        .args(["--package", "bailiwick-contract-fuzz", "--"])
        .args(["--seconds", &seconds.to_string()])
        .args(["--seed", &seed.to_string()])
        .arg("--keep")
        .arg(&corpus)
        .arg(&corpus)
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
