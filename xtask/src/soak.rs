//! Long runs of what the tests do in short: calls of every kind, kills in the middle of an apply, a race with a swapped directory, random
//! operations against a model.

use anyhow::{Context, Result, bail};

use crate::build;
use crate::project::{Profile, Project};
use crate::run::{self, say};

/// What can be soaked.
const NAMES: [&str; 2] = ["calls", "fs"];

/// Calls, when nothing is said.
const CALLS: u64 = 100_000;

/// The runs of the filesystem, each with what it is told.
const FILESYSTEM: [(&str, &[&str]); 3] = [
    ("soak", &["kills", "500"]),
    ("soak", &["race", "1000000"]),
    ("fuzz", &["--seeds", "5000"]),
];

/// Runs what was asked for, or all, one after the other, and stops at the first that finds something.
pub(crate) fn soak(project: &Project, words: &[&str]) -> Result<()> {
    match words {
        [] => {
            calls(project, CALLS)?;
            filesystem(project)
        }
        ["calls"] => calls(project, CALLS),
        ["calls", count] => {
            let count = count
                .parse()
                .with_context(|| format!("soak calls takes a number, not `{count}`"))?;
            calls(project, count)
        }
        ["fs"] => filesystem(project),
        _ => bail!(
            "nothing to soak called `{}`; there are {}",
            words.join(" "),
            NAMES.join(", ")
        ),
    }
}

fn calls(project: &Project, count: u64) -> Result<()> {
    build::build(project, Profile::Release)?;
    say(&format!("soak: {count} calls"));
    run::run(
        run::cargo()
            .args(["bench", "--bench", "soak", "--locked", "--"])
            .arg(count.to_string())
            .current_dir(&project.root),
    )
}

fn filesystem(project: &Project) -> Result<()> {
    for (example, words) in FILESYSTEM {
        say(&format!("soak: {} {}", example, words.join(" ")));
        run::run(
            run::cargo()
                .args([
                    "run",
                    "--quiet",
                    "--release",
                    "--locked",
                    "--package",
                    "bailiwick-capfs",
                ])
                .args(["--example", example, "--"])
                .args(words)
                .current_dir(&project.root),
        )?;
    }
    Ok(())
}
