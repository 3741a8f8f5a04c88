//! Long runs of what the tests do in short: kills in the middle of an apply, a race with a swapped directory, random
//! operations against a model.

use anyhow::{Result, bail};

use crate::project::Project;
use crate::run::{self, say};

/// What can be soaked.
pub(crate) const NAMES: [&str; 1] = ["fs"];

/// The runs, each with what it is told.
const FILESYSTEM: [(&str, &[&str]); 3] = [
    ("soak", &["kills", "500"]),
    ("soak", &["race", "1000000"]),
    ("fuzz", &["--seeds", "5000"]),
];

/// Runs them one after the other, and stops at the first that finds something.
pub(crate) fn soak(project: &Project, name: &str) -> Result<()> {
    if !NAMES.contains(&name) {
        bail!(
            "nothing to soak called `{name}`; there is {}",
            NAMES.join(", ")
        );
    }
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
