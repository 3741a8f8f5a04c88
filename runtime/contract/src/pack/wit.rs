//! WIT sources → the author's world, and the packages that it is made of.

use std::collections::{BTreeSet, HashSet};

use wit_parser::{InterfaceId, PackageId, Resolve, SourceMap, WorldId, WorldItem};

use super::PackError;
use crate::embedded;
use crate::names::nearest;

/// One WIT file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The folder that it is in, by any number. Files of one folder make up one package, together with the packages that are
    /// nested in them.
    pub group: usize,
    /// Its name, for messages.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// Parses sources. The order of groups and of files makes no difference.
pub(super) fn parse(sources: &[Source]) -> Result<Resolve, PackError> {
    let numbers: BTreeSet<usize> = sources.iter().map(|source| source.group).collect();
    let mut groups = Vec::new();
    for number in numbers {
        let mut map = SourceMap::default();
        for source in sources.iter().filter(|source| source.group == number) {
            map.push_str(&source.name, source.text.as_str());
        }
        groups.push(
            map.parse()
                .map_err(|(map, error)| PackError::Wit(error.render(&map)))?,
        );
    }
    let mut resolve = Resolve::default();
    let mut groups = groups.into_iter();
    if let Some(first) = groups.next() {
        let pushed = resolve.push_groups(first, groups.collect());
        pushed.map_err(|error| PackError::Wit(error.render(&resolve.source_map)))?;
    }
    Ok(resolve)
}

/// The world that `wanted` names: `bailiwick:files/tool@0.1.0`, the same without the version, or `tool` when only one
/// package has it.
pub(super) fn select(resolve: &Resolve, wanted: &str) -> Result<WorldId, PackError> {
    let mut all = Vec::new();
    for (id, world) in resolve.worlds.iter() {
        if let Some(package) = world.package {
            all.push((id, resolve.id_of_name(package, &world.name), &*world.name));
        }
    }
    let is_wanted = |full: &str, name: &str| {
        full == wanted
            || name == wanted
            || full.split_once('@').map(|(path, _)| path) == Some(wanted)
    };
    let found: Vec<_> = all
        .iter()
        .filter(|(_, full, name)| is_wanted(full, name))
        .collect();
    match found[..] {
        [(id, ..)] => Ok(*id),
        [] => {
            let near = nearest(wanted, all.iter().map(|(_, full, _)| &**full), 5);
            let known = match near[..] {
                [] => all.iter().map(|(_, full, _)| full.clone()).collect(),
                _ => near.into_iter().map(str::to_owned).collect(),
            };
            Err(PackError::UnknownWorld {
                world: wanted.into(),
                known,
            })
        }
        _ => Err(PackError::AmbiguousWorld {
            world: wanted.into(),
            known: found.into_iter().map(|(_, full, _)| full.clone()).collect(),
        }),
    }
}

/// Packages whose documentation goes with a component of this world: its own first, then those that its imports and
/// exports come from. WASI's, and those that every reader of contracts has, do not.
pub(super) fn closure(resolve: &Resolve, world: WorldId) -> Vec<PackageId> {
    let world = &resolve.worlds[world];
    let mut next: Vec<InterfaceId> = Vec::new();
    for item in world.imports.values().chain(world.exports.values()) {
        match item {
            WorldItem::Interface { id, .. } => next.push(*id),
            WorldItem::Type { id, .. } => next.extend(resolve.type_interface_dep(*id)),
            WorldItem::Function(_) => {}
        }
    }
    let mut seen = HashSet::new();
    let mut packages = HashSet::new();
    while let Some(interface) = next.pop() {
        if seen.insert(interface) {
            packages.extend(resolve.interfaces[interface].package);
            next.extend(resolve.interface_direct_deps(interface));
        }
    }
    let is_needed = |id: &PackageId| {
        let name = resolve.id_of_name(*id, "");
        packages.contains(id)
            && world.package != Some(*id)
            && !name.starts_with("wasi:")
            && !embedded::is_built_in(&name)
    };
    let others = resolve.topological_packages().into_iter().filter(is_needed);
    world.package.into_iter().chain(others).collect()
}
