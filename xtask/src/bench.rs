//! Measures against the nearest thing that has no bounds: raw wasmtime, its own files, ripgrep.

use anyhow::Result;

use crate::build;
use crate::debian;
use crate::project::{self, Profile, Project};
use crate::run::{self, say};

/// The benches, by the names that cargo knows.
pub(crate) const NAMES: [&str; 3] = ["call", "fs", "grep"];

/// Builds for release, then runs benches one after the other.
pub(crate) fn bench(project: &Project, names: &[&str]) -> Result<()> {
    build::build(project, Profile::Release)?;
    if names.contains(&"grep")
        && project::on_path("rg").is_none()
        && let Err(error) = debian::install(&["ripgrep"])
    {
        say(&format!(
            "NO BASELINE: ripgrep is not here and was not installed ({error:#})"
        ));
    }
    for name in names {
        // The bench profile is the release profile, so wasmtime is not built again.
        run::run(
            run::cargo()
                .args(["bench", "--bench", name, "--locked"])
                .current_dir(&project.root),
        )?;
    }
    Ok(())
}
