//! Facts about the dependencies: each has a licence that is allowed, and all come from one registry.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::guests;
use crate::project::Project;
use crate::run;
use crate::spdx;

/// Licences that ask for no more than a notice. MPL-2.0 is not among them: it reaches into changed files.
const ALLOWED: [&str; 12] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Checks every dependency of the host, the tools and the probes, and prints how many have which licence.
pub(crate) fn licences(project: &Project) -> Result<()> {
    let mut dependencies = BTreeMap::new();
    let mut faults = BTreeSet::new();
    let mut registries = BTreeSet::new();
    let mut workspaces = vec![project.root.clone()];
    workspaces.extend(project.guest_workspaces());
    for workspace in &workspaces {
        let mut command = run::cargo();
        command
            .args(["metadata", "--format-version", "1"])
            .current_dir(workspace);
        let metadata = run::output(command.args(guests::locked(workspace)))?;
        let metadata: Value =
            serde_json::from_str(&metadata).context("failed to read cargo's metadata")?;
        for package in metadata["packages"].as_array().into_iter().flatten() {
            let (name, licence) = (name_of(package), package["license"].as_str());
            faults.extend(fault(package, &project.root).map(|fault| format!("{name}: {fault}")));
            if let Some(source) = package["source"].as_str() {
                registries.insert(source.to_string());
                dependencies.insert(name, licence.unwrap_or("none").to_string());
            }
        }
    }
    if registries.len() > 1 {
        faults.insert(format!("more than one source: {registries:?}"));
    }
    if !faults.is_empty() {
        let faults: Vec<String> = faults.into_iter().collect();
        bail!(
            "dependencies that are not allowed:\n  {}\nallowed are {}",
            faults.join("\n  "),
            ALLOWED.join(", "),
        );
    }
    print!("{}", table(&dependencies));
    Ok(())
}

fn name_of(package: &Value) -> String {
    let field = |name: &str| package[name].as_str().unwrap_or("?").to_string();
    format!("{} {}", field("name"), field("version"))
}

/// What is wrong with a package, if anything.
fn fault(package: &Value, root: &Path) -> Option<String> {
    match package["source"].as_str() {
        None => {
            let inside = package["manifest_path"]
                .as_str()
                .is_some_and(|path| Path::new(path).starts_with(root));
            if !inside {
                return Some("a folder outside of the repository".into());
            }
        }
        Some(source) => {
            if !source.starts_with("registry+") {
                return Some(format!("its source `{source}` is not a registry"));
            }
        }
    }
    let Some(licence) = package["license"].as_str() else {
        return Some("it names no licence".into());
    };
    match spdx::satisfied(licence, &ALLOWED) {
        Ok(true) => None,
        Ok(false) => Some(format!("its licence is `{licence}`")),
        Err(error) => Some(format!("its licence `{licence}` does not parse: {error}")),
    }
}

/// The most frequent licence first.
fn table(dependencies: &BTreeMap<String, String>) -> String {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for licence in dependencies.values() {
        *numbers.entry(licence).or_default() += 1;
    }
    let mut rows: Vec<_> = numbers.into_iter().collect();
    rows.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
    let mut text = format!(
        "{} dependencies, all from one registry, all with an allowed licence\n",
        dependencies.len()
    );
    for (licence, number) in rows {
        text.push_str(&format!("{number:5}  {licence}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::fault;

    const INDEX: &str = "registry+https://index.example/index";

    fn fault_of(source: Value, licence: Value) -> Option<String> {
        let package =
            json!({"source": source, "license": licence, "manifest_path": "/repo/a/Cargo.toml"});
        fault(&package, Path::new("/repo"))
    }

    #[test]
    fn a_registry_with_an_allowed_licence_is_fine() {
        assert_eq!(fault_of(json!(INDEX), json!("MIT OR GPL-3.0")), None);
    }

    #[test]
    fn a_licence_is_named_and_allowed() {
        assert!(
            fault_of(json!(INDEX), json!("MPL-2.0")).is_some_and(|fault| fault.contains("MPL-2.0"))
        );
        assert!(fault_of(json!(INDEX), json!(null)).is_some());
        assert!(
            fault_of(json!(INDEX), json!("MIT OR")).is_some_and(|fault| fault.contains("parse"))
        );
    }

    #[test]
    fn git_and_outside_folders_are_refused() {
        assert!(fault_of(json!("git+https://code.example/index"), json!("MIT")).is_some());
        assert_eq!(fault_of(json!(null), json!("MIT")), None);
        let outside =
            json!({"source": null, "license": "MIT", "manifest_path": "/else/Cargo.toml"});
        assert!(fault(&outside, Path::new("/repo")).is_some());
    }
}
