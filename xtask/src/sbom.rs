//! The bill of materials of what is shipped, in CycloneDX, by cargo-cyclonedx.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::project::{self, Project};
use crate::run::{self, say};

/// The tool, and the version that was tried.
const TOOL: (&str, &str) = ("cargo-cyclonedx", "0.5.9");

/// What each bill is of: the package in a workspace that is shipped, and the file that it becomes.
const BILLS: [(&str, &str, &str); 3] = [
    (".", "bailiwick", "bailiwick.cdx.json"),
    ("guest-tools", "files", "files.cdx.json"),
    ("guest-tools", "edit", "edit.cdx.json"),
];

/// Writes one bill for the host and one for each tool into `target/sbom`.
pub(crate) fn sbom(project: &Project) -> Result<()> {
    let program = program()?;
    let folder = project.target.join("sbom");
    fs::create_dir_all(&folder)?;
    for (workspace, package, name) in BILLS {
        let root = project.root.join(workspace);
        let mut command = run::cargo();
        // The tool is a subcommand of cargo, and is looked for by name: it is called with the words that cargo would give it.
        let cargo = command.get_program().to_os_string();
        command = std::process::Command::new(&program);
        command
            .env("CARGO", cargo)
            .args(["cyclonedx", "--format", "json", "--spec-version", "1.5"])
            .args(["--override-filename", "sbom.cdx"])
            .current_dir(&root);
        run::run_quietly(&mut command)?;
        let written = manifest_folder(&root, package)?.join("sbom.cdx.json");
        let bill = fs::read(&written)
            .with_context(|| format!("no bill for {package} at {}", project.shown(&written)))?;
        let to = folder.join(name);
        fs::write(&to, &bill)?;
        sweep(&root)?;
        say(&format!("{} ({} bytes)", project.shown(&to), bill.len()));
    }
    Ok(())
}

/// The tool, installed into the cache folder when it is not there.
fn program() -> Result<PathBuf> {
    let (name, version) = TOOL;
    let folder = project::cache()?.join(format!("{name}-{version}"));
    let program = folder.join("bin").join(name);
    if program.is_file() {
        return Ok(program);
    }
    say(&format!(
        "installing {name} {version} with cargo into the cache folder: some minutes, once"
    ));
    run::run_quietly(
        run::cargo()
            .args(["install", "--locked", "--version", version, "--root"])
            .arg(&folder)
            .arg(name),
    )?;
    if !program.is_file() {
        bail!("{name} {version} has no program");
    }
    Ok(program)
}

/// The folder of a package's manifest in a workspace.
fn manifest_folder(root: &Path, package: &str) -> Result<PathBuf> {
    if package == "bailiwick" {
        return Ok(root.to_path_buf());
    }
    let folder = root.join(package);
    if !folder.join("Cargo.toml").is_file() {
        bail!("there is no package `{package}` in `{}`", root.display());
    }
    Ok(folder)
}

/// Takes away what the tool leaves beside every manifest of the workspace.
fn sweep(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is = |name: &str| path.file_name().is_some_and(|found| found == name);
        if is("sbom.cdx.json") {
            fs::remove_file(&path)?;
        } else if path.is_dir() && !path.is_symlink() && !is("target") && !is(".git") {
            sweep(&path)?;
        }
    }
    Ok(())
}
