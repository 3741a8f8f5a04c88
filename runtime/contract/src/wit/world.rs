//! The names of the world and of its package, which no component has: its author's, if it says so.

use wit_parser::{PackageId, Resolve, WorldId, WorldItem, WorldKey};

use super::documented;
use crate::embedded::{Embedded, is_built_in};
use crate::tree::text;

/// Names the world, and puts it into the package that its author says, where nothing speaks against that.
pub(super) fn name(resolve: &mut Resolve, world: WorldId, embedded: &Embedded) {
    let Some((authored, author)) = embedded.world() else {
        return;
    };
    let author = &authored.resolve.worlds[author];
    let Some(package) = author.package.map(|id| &authored.resolve.packages[id]) else {
        return;
    };
    // Nobody else speaks for these.
    if package.name.namespace == "wasi" || is_built_in(&package.name.interface_id("")) {
        return;
    }
    let Some(root) = resolve.worlds[world].package else {
        return;
    };
    let found = resolve
        .packages
        .iter()
        .find(|(_, found)| found.name == package.name);
    match found.map(|(id, _)| id) {
        None => {
            resolve.packages[root].name = package.name.clone();
        }
        Some(found) if can_take(resolve, found, &author.name) => {
            move_to(resolve, world, found);
        }
        Some(_) => return,
    }
    rename(resolve, world, &author.name);
    // A package of which the component has nothing but the world.
    let docs = documented::shown(&text(&package.docs));
    if let Some(id) = resolve.worlds[world].package
        && !docs.is_empty()
    {
        resolve.packages[id].docs.contents = Some(docs);
    }
}

/// Whether a world may be in a package: nothing there has its name, and no other package needs that package, which would then need itself.
fn can_take(resolve: &Resolve, package: PackageId, world: &str) -> bool {
    let is_needed = resolve.interfaces.iter().any(|(id, interface)| {
        let is_other = interface.package != Some(package);
        is_other
            && interface.name.is_some()
            && resolve
                .interface_direct_deps(id)
                .any(|needed| resolve.interfaces[needed].package == Some(package))
    });
    !is_needed && !resolve.packages[package].interfaces.contains_key(world)
}

fn move_to(resolve: &mut Resolve, world: WorldId, package: PackageId) {
    let Some(root) = resolve.worlds[world].package.replace(package) else {
        return;
    };
    resolve.packages[root].worlds.retain(|_, id| *id != world);
    let name = resolve.worlds[world].name.clone();
    resolve.packages[package].worlds.insert(name, world);
    // Interfaces that are written in the world are where it is.
    let world = &resolve.worlds[world];
    for (key, item) in world.imports.iter().chain(&world.exports) {
        if let (WorldKey::Name(_), WorldItem::Interface { id, .. }) = (key, item) {
            let interface = &mut resolve.interfaces[*id];
            if interface.name.is_none() {
                interface.package = Some(package);
            }
        }
    }
}

fn rename(resolve: &mut Resolve, world: WorldId, name: &str) {
    resolve.worlds[world].name = name.to_owned();
    if let Some(package) = resolve.worlds[world].package {
        let worlds = &mut resolve.packages[package].worlds;
        worlds.retain(|_, id| *id != world);
        worlds.insert(name.to_owned(), world);
    }
}
