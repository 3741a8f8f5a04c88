//! Builds the guest workspaces, and packs each guest with its contract.
//!
//! A guest is a package with a `cdylib`. Its manifest says what it is packed with:
//!
//! ```toml
//! [package.metadata.bailiwick]
//! wit = "../../wit"                # a folder, or a list of folders, from the manifest's folder
//! world = "bailiwick:files/tool"
//! tool = "files"                   # a shipped tool's name; by default the package's
//! seal = ["bailiwick:fs/read"]     # close every other import; by default none is closed
//! ```
//!
//! A guest without that is taken as cargo built it.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

use crate::project::{self, Profile, Project};
use crate::run::{self, say};
use crate::toolchain::{self, TARGET, Toolchain};

/// One component to make.
struct Guest {
    package: String,
    /// What cargo makes.
    built: PathBuf,
    /// What is packed and found by its name.
    output: PathBuf,
    contract: Option<Contract>,
}

/// What a guest is packed with.
struct Contract {
    folders: Vec<PathBuf>,
    world: String,
    /// The imports that stay, if the others are closed.
    seal: Option<Vec<String>>,
}

/// Runs cargo in a guest workspace as the build does: with the guests' compiler, in the guests' target folder.
pub(crate) fn cargo(project: &Project, workspace: &str, words: &[&str]) -> Result<()> {
    let folder = project.root.join(workspace);
    if !folder.join("Cargo.toml").is_file() {
        bail!(
            "`{workspace}` has no Cargo.toml; there are {}",
            project::GUEST_WORKSPACES.join(", ")
        );
    }
    let toolchain = toolchain::prepare(project)?;
    run::run(guest_cargo(project, &toolchain, &folder)?.args(words))
}

fn guest_cargo(project: &Project, toolchain: &Toolchain, folder: &Path) -> Result<Command> {
    let mut command = run::cargo();
    toolchain.apply(project, &mut command)?;
    command
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", project.guest_target())
        .env("CARGO_BUILD_TARGET", TARGET);
    Ok(command)
}

/// `--locked`, once there is a lockfile.
pub(crate) fn locked(workspace: &Path) -> Option<&'static str> {
    workspace.join("Cargo.lock").is_file().then_some("--locked")
}

/// Builds and packs all guests. Guests are always built for release; `profile` is that of the host that packs them.
pub(crate) fn build(project: &Project, toolchain: &Toolchain, profile: Profile) -> Result<()> {
    let tools = project.target.join(profile.folder()).join("tools");
    let probes = project.guest_target().join("probes");
    let mut guests = Vec::new();
    for workspace in project.guest_workspaces() {
        let mut command = guest_cargo(project, toolchain, &workspace)?;
        run::run(
            command
                .args(["build", "--release"])
                .args(locked(&workspace)),
        )?;
        let shipped = workspace.ends_with("guest-tools");
        let folder = if shipped { &tools } else { &probes };
        guests.extend(find(project, &workspace, folder, shipped)?);
    }
    refuse_equal_names(&guests)?;
    let binary = project.bailiwick(profile);
    for guest in &guests {
        pack(project, guest, &binary)?;
    }
    for folder in [&tools, &probes] {
        remove_others(folder, &guests)?;
        say(&format!(
            "{} in {}",
            count(folder, &guests),
            project.shown(folder)
        ));
    }
    Ok(())
}

fn count(folder: &Path, guests: &[Guest]) -> String {
    match guests
        .iter()
        .filter(|guest| guest.output.parent() == Some(folder))
        .count()
    {
        1 => "1 guest".into(),
        count => format!("{count} guests"),
    }
}

/// The guests of a workspace, as cargo knows them.
fn find(project: &Project, workspace: &Path, folder: &Path, shipped: bool) -> Result<Vec<Guest>> {
    let mut command = run::cargo();
    command
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(workspace);
    let metadata: Value = serde_json::from_str(&run::output(command.args(locked(workspace)))?)
        .context("failed to read cargo's metadata")?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let mut guests = Vec::new();
    for package in packages {
        let name = text(&package["name"]).context("cargo names a package nothing")?;
        let Some(library) = cdylib(package) else {
            continue;
        };
        let facts = &package["metadata"]["bailiwick"];
        let manifest = PathBuf::from(text(&package["manifest_path"]).unwrap_or_default());
        let contract = contract(facts, &manifest).with_context(|| {
            format!(
                "`{}`: [package.metadata.bailiwick]",
                project.shown(&manifest)
            )
        })?;
        let stem = match text(&facts["tool"]) {
            _ if !shipped => name.clone(),
            Some(tool) => tool,
            None => tool_name(&name).to_string(),
        };
        guests.push(Guest {
            built: project
                .guest_target()
                .join(TARGET)
                .join("release")
                .join(format!("{}.wasm", library.replace('-', "_"))),
            output: folder.join(format!("{stem}.wasm")),
            package: name,
            contract,
        });
    }
    Ok(guests)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_string)
}

fn cdylib(package: &Value) -> Option<String> {
    let is_cdylib = |target: &&Value| {
        target["crate_types"]
            .as_array()
            .is_some_and(|kinds| kinds.iter().any(|kind| kind == "cdylib"))
    };
    text(&package["targets"].as_array()?.iter().find(is_cdylib)?["name"])
}

fn contract(facts: &Value, manifest: &Path) -> Result<Option<Contract>> {
    if facts.is_null() {
        return Ok(None);
    }
    let home = manifest
        .parent()
        .ok_or_else(|| anyhow!("the manifest has no folder"))?;
    let words: Vec<String> = match &facts["wit"] {
        Value::String(one) => vec![one.clone()],
        Value::Array(many) => many.iter().filter_map(text).collect(),
        _ => Vec::new(),
    };
    if words.is_empty() {
        bail!("`wit` must name a folder or a list of folders");
    }
    let world =
        text(&facts["world"]).ok_or_else(|| anyhow!("`world` must name the guest's world"))?;
    let folders = words
        .iter()
        .map(|word| {
            home.join(word)
                .canonicalize()
                .with_context(|| format!("`wit`: no folder `{word}`"))
        })
        .collect::<Result<_>>()?;
    let seal = match &facts["seal"] {
        Value::Null => None,
        Value::Array(keep) => Some(keep.iter().filter_map(text).collect()),
        _ => bail!("`seal` must be a list of the interfaces that stay"),
    };
    Ok(Some(Contract {
        folders,
        world,
        seal,
    }))
}

/// The name a shipped tool is called by: `bailiwick-files-tool` is `files`.
fn tool_name(package: &str) -> &str {
    let name = package.strip_prefix("bailiwick-").unwrap_or(package);
    name.strip_suffix("-tool").unwrap_or(name)
}

fn refuse_equal_names(guests: &[Guest]) -> Result<()> {
    let mut seen = BTreeSet::new();
    for guest in guests {
        for path in [&guest.output, &guest.built] {
            if !seen.insert(path) {
                bail!(
                    "two guests are called `{}`; one is package `{}`",
                    name_of(path),
                    guest.package
                );
            }
        }
    }
    Ok(())
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Makes a guest's output, unless it is newer than all that goes into it.
fn pack(project: &Project, guest: &Guest, binary: &Path) -> Result<()> {
    if is_fresh(guest, binary)? {
        return Ok(());
    }
    let folder = guest
        .output
        .parent()
        .ok_or_else(|| anyhow!("an output has no folder"))?;
    project::create_folder(folder)?;
    let Some(contract) = &guest.contract else {
        let part = guest.output.with_extension("part");
        fs::copy(&guest.built, &part)
            .with_context(|| format!("failed to copy `{}`", project.shown(&guest.built)))?;
        return run::replace(&part, &guest.output);
    };
    let mut command = Command::new(binary);
    command
        .current_dir(&project.root)
        .arg("pack")
        .arg(project.shown(&guest.built));
    for wit in &contract.folders {
        command.arg("--wit").arg(project.shown(wit));
    }
    // What is sealed is kept unsealed, too: benches compare the two.
    let unsealed = project.guest_target().join("unsealed");
    let packed = match &contract.seal {
        None => guest.output.clone(),
        Some(_) => {
            project::create_folder(&unsealed)?;
            unsealed.join(name_of(&guest.output))
        }
    };
    // It writes a temporary file and renames it.
    command
        .args(["--world", &contract.world, "--output"])
        .arg(project.shown(&packed));
    let said = run::output(&mut command)
        .with_context(|| format!("guest `{}` was not packed", guest.package))?;
    say(said.trim_end());
    let Some(keep) = &contract.seal else {
        return Ok(());
    };
    let mut command = Command::new(binary);
    command
        .current_dir(&project.root)
        .arg("seal")
        .arg(project.shown(&packed));
    for interface in keep {
        command.args(["--keep", interface]);
    }
    command.arg("--output").arg(project.shown(&guest.output));
    let said = run::output(&mut command)
        .with_context(|| format!("guest `{}` was not sealed", guest.package))?;
    say(said.trim_end());
    Ok(())
}

fn is_fresh(guest: &Guest, binary: &Path) -> Result<bool> {
    let Ok(output) = changed(&guest.output) else {
        return Ok(false);
    };
    let mut newest = changed(&guest.built)?;
    if let Some(contract) = &guest.contract {
        newest = newest.max(changed(binary)?);
        for folder in &contract.folders {
            newest = newest.max(newest_below(folder)?);
        }
    }
    Ok(output > newest)
}

/// When a file last changed.
pub(crate) fn changed(path: &Path) -> Result<SystemTime> {
    fs::metadata(path)
        .and_then(|facts| facts.modified())
        .with_context(|| format!("failed to look at `{}`", path.display()))
}

/// The latest change in a folder. A folder changes when an entry comes or goes.
pub(crate) fn newest_below(folder: &Path) -> Result<SystemTime> {
    let mut newest = changed(folder)?;
    for path in project::entries(folder)? {
        newest = newest.max(if path.is_dir() {
            newest_below(&path)?
        } else {
            changed(&path)?
        });
    }
    Ok(newest)
}

/// Removes components that no guest makes any more, so that nobody runs an old one.
fn remove_others(folder: &Path, guests: &[Guest]) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for path in project::entries(folder)? {
        let ours = matches!(
            path.extension().and_then(OsStr::to_str),
            Some("wasm" | "part")
        );
        if ours && !guests.iter().any(|guest| guest.output == path) {
            fs::remove_file(&path)
                .with_context(|| format!("failed to remove `{}`", path.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::{cdylib, contract, tool_name};

    #[test]
    fn a_tool_is_named_after_its_package() {
        assert_eq!(tool_name("files"), "files");
        assert_eq!(tool_name("bailiwick-files-tool"), "files");
        assert_eq!(tool_name("bailiwick-files"), "files");
    }

    #[test]
    fn a_guest_has_a_cdylib() {
        let targets = json!([
            {"name": "build", "crate_types": ["bin"]},
            {"name": "my-tool", "crate_types": ["rlib", "cdylib"]},
        ]);
        assert_eq!(
            cdylib(&json!({"targets": targets})).as_deref(),
            Some("my-tool")
        );
        assert_eq!(
            cdylib(&json!({"targets": [{"name": "sdk", "crate_types": ["lib"]}]})),
            None
        );
    }

    #[test]
    fn a_contract_is_whole_or_absent() -> anyhow::Result<()> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let read = |facts| contract(&facts, &manifest);
        assert!(read(json!(null))?.is_none());
        assert!(read(json!({"wit": "src"})).is_err());
        assert!(read(json!({"world": "a:b/c"})).is_err());
        assert!(read(json!({"wit": "no-such-folder", "world": "a:b/c"})).is_err());
        let two = read(json!({"wit": ["src", "."], "world": "a:b/c"}))?;
        assert_eq!(two.map(|contract| contract.folders.len()), Some(2));
        Ok(())
    }
}
