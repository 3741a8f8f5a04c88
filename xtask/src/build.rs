//! Builds everything that a first call needs: the guests' compiler, the host, the guests.

use anyhow::{Result, bail};

use crate::guests;
use crate::project::{Profile, Project};
use crate::run;
use crate::toolchain;

/// Builds the host and the guests, and packs the guests with the host that was just built.
pub(crate) fn build(project: &Project, profile: Profile) -> Result<()> {
    let toolchain = toolchain::prepare(project)?;
    toolchain.announce();
    let mut command = run::cargo();
    command.current_dir(&project.root).arg("build");
    if profile == Profile::Release {
        command.arg("--release");
    }
    // xtask is running; where a running program cannot be replaced, building it would fail.
    run::run(command.args(["--workspace", "--exclude", "xtask", "--locked"]))?;
    let binary = project.bailiwick(profile);
    if !binary.is_file() {
        bail!("cargo built no `{}`", project.shown(&binary));
    }
    guests::build(project, &toolchain, profile)
}
