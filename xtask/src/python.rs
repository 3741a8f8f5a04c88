//! Builds the guest in Python, with PyPI's `componentize-py`.
//!
//! It takes 20 s, so it is built again only when something that goes into it is newer. The tests find it, or the reason why it is not there.

use std::fs;
use std::iter;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::guests::{changed, newest_below};
use crate::project::{self, Project};
use crate::pypi::Package;
use crate::run::{self, say};

const PACKAGE: Package = Package {
    name: "componentize-py",
    package: "componentize-py",
    version: "0.25.1",
    program: "bin/componentize-py",
};

const SOURCES: &str = "tests/guests-py";
const WORLD: &str = "example:desk/tool";

/// Leaves `desk.wasm` in `guests/py` of the target folder, or `absent.txt` with the reason where componentize-py cannot be had. Says so
/// loudly.
pub(crate) fn build(project: &Project) -> Result<()> {
    let folder = project.guest_target().join("py");
    let (component, absent) = (folder.join("desk.wasm"), folder.join("absent.txt"));
    project::create_folder(&folder)?;
    let tool = match PACKAGE.folder() {
        Ok(tool) => tool,
        Err(error) => {
            let reason = format!("componentize-py cannot be had ({error:#})");
            say(&format!("SKIPPED: {reason}; no Python guest was built"));
            remove(&component)?;
            return fs::write(&absent, reason)
                .with_context(|| format!("failed to write `{}`", project.shown(&absent)));
        }
    };
    remove(&absent)?;
    if is_fresh(project, &component, &tool.join(PACKAGE.program))? {
        return Ok(());
    }
    say("building the Python guest with componentize-py (about 20 s)");
    // It leaves compiled code beside what it reads.
    for source in ["app.py", "world.wit"] {
        let from = project.root.join(SOURCES).join(source);
        fs::copy(&from, folder.join(source))
            .with_context(|| format!("failed to copy `{}`", project.shown(&from)))?;
    }
    let part = component.with_extension("part");
    let mut command = Command::new(tool.join(PACKAGE.program));
    command
        .current_dir(&folder)
        .arg("--wit-path")
        .arg(project.root.join("wit"))
        .args(["--wit-path", "world.wit"])
        .args(["--world", WORLD, "componentize", "app", "--output"])
        .arg(&part)
        .env("PYTHONPATH", &tool);
    run::run_quietly(&mut command)?;
    run::replace(&part, &component)?;
    say(&format!("1 guest in {}", project.shown(&folder)));
    Ok(())
}

fn is_fresh(project: &Project, component: &Path, program: &Path) -> Result<bool> {
    let Ok(output) = changed(component) else {
        return Ok(false);
    };
    let sources = [SOURCES, "wit"].map(|folder| newest_below(&project.root.join(folder)));
    let newest: SystemTime = sources
        .into_iter()
        .chain(iter::once(changed(program)))
        .try_fold(SystemTime::UNIX_EPOCH, |newest, time| {
            time.map(|time| newest.max(time))
        })?;
    Ok(output > newest)
}

fn remove(file: &Path) -> Result<()> {
    if file.exists() {
        fs::remove_file(file).with_context(|| format!("failed to remove `{}`", file.display()))?;
    }
    Ok(())
}
