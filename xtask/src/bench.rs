//! Measures against the nearest thing that has no bounds: raw wasmtime, its own files, ripgrep, wasm-tools.

use anyhow::Result;

use crate::build;
use crate::debian;
use crate::project::{self, Profile, Project};
use crate::run::{self, say};
use crate::{python, wit};

/// The benches, by the names that cargo knows.
pub(crate) const NAMES: [&str; 10] = [
    "audit", "beside", "bombs", "call", "cold", "fs", "grep", "log", "metering", "seal",
];

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
    let mut wasm_tools = None;
    if names.contains(&"audit") || names.contains(&"cold") {
        python::build(project)?;
    }
    if names.contains(&"audit") {
        match wit::wasm_tools() {
            Ok(program) => wasm_tools = Some(program),
            Err(error) => say(&format!(
                "NO BASELINE: wasm-tools cannot be had ({error:#})"
            )),
        }
    }
    for name in names {
        // The bench profile is the release profile, so wasmtime is not built again.
        run::run(
            run::cargo()
                .args(["bench", "--bench", name, "--locked"])
                .envs(wasm_tools.iter().map(|program| ("WASM_TOOLS", program)))
                .current_dir(&project.root),
        )?;
    }
    Ok(())
}
