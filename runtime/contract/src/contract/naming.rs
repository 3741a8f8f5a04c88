//! Names for tools: short, and unique in a component.

use std::collections::{HashMap, HashSet};

use super::reader::Tool;
use crate::names::snake_case;

/// A name for each tool: its own, or when others have that too, with as much of its interface in front as makes it unique.
pub(super) fn tool_names(tools: &[Tool<'_>]) -> Vec<String> {
    let candidates: Vec<Vec<String>> = tools.iter().map(candidates).collect();
    let mut used = vec![0; tools.len()];
    loop {
        let names: Vec<&String> = candidates
            .iter()
            .zip(&used)
            .map(|(names, used)| &names[*used])
            .collect();
        let mut count = HashMap::new();
        for name in &names {
            *count.entry(*name).or_insert(0) += 1;
        }
        let mut changed = false;
        let longer: Vec<usize> = (0..tools.len())
            .map(|index| {
                let more = count[names[index]] > 1 && used[index] + 1 < candidates[index].len();
                changed |= more;
                used[index] + usize::from(more)
            })
            .collect();
        if !changed {
            return numbered(names.into_iter().cloned().collect());
        }
        used = longer;
    }
}

/// With a number behind those that are still the same: versions that differ in nothing but punctuation.
fn numbered(mut names: Vec<String>) -> Vec<String> {
    let mut taken = HashSet::new();
    for name in &mut names {
        let mut number = 1;
        let base = name.clone();
        while !taken.insert(name.clone()) {
            number += 1;
            *name = format!("{base}_{number}");
        }
    }
    names
}

/// `grep`, `files_grep`, `search_files_grep`, …: from the interface's name, the package's, and both with the version.
fn candidates(tool: &Tool<'_>) -> Vec<String> {
    let own = snake_case(&tool.function.name);
    let mut names = vec![own.clone()];
    if let Some(interface) = &tool.interface {
        let (path, version) = interface.split_once('@').unwrap_or((interface, ""));
        let parts: Vec<_> = path.split([':', '/']).collect();
        for first in (0..parts.len()).rev() {
            names.push(format!("{}_{own}", snake_case(&parts[first..].join("_"))));
        }
        let version = version.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        names.push(format!("{}_{version}_{own}", snake_case(&parts.join("_"))));
    }
    names
}
