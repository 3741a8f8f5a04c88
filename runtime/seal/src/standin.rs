//! The component that stands in for interfaces: it exports them and imports no more than types of others.

use std::collections::{HashMap, HashSet};

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{InterfaceId, TypeDefKind, TypeId, World, WorldItem, WorldKey};

use crate::error::SealError;
use crate::frame;
use crate::inert::Maker;
use crate::module::{Closed, module};
use crate::special::answer;
use crate::target::Target;

pub(crate) struct StandIn {
    pub(crate) bytes: Vec<u8>,
    /// Functions that end the call, as `interface#function`.
    pub(crate) traps: Vec<String>,
}

/// Builds the stand-in for some imports, by their places in the target.
pub(crate) fn build(target: &mut Target, places: &[usize]) -> Result<StandIn, SealError> {
    let failed = |error: String| SealError::Composition(error);
    let (module, traps) = code(target, places)?;
    let world = world(target, places);
    let mut module = module;
    embed_component_metadata(&mut module, &target.resolve, world, StringEncoding::UTF8)
        .map_err(|error| failed(format!("{error:#}")))?;
    let encoded = ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| failed(format!("{error:#}")))?;
    // Names and producers of this little component would only be mistaken for those of the tool.
    let bytes = frame::strip(&encoded, &|_| false)
        .map_err(|error| failed(error.to_string()))?
        .into_owned();
    Ok(StandIn { bytes, traps })
}

/// Shares the imports that are closed out among stand-ins, each after those that it takes types from.
///
/// Most often one is enough. But an interface that is exported must not name an imported one that names, in turn, types
/// of one that is exported with it: they would come from inside and from outside. So when a kept interface names a
/// closed one, those that name the kept one are in a stand-in after it.
pub(crate) fn share(target: &Target, closed: &[usize]) -> Vec<Vec<usize>> {
    let is_closed = |place: &usize| closed.contains(place);
    let mut levels: HashMap<usize, usize> = closed.iter().map(|place| (*place, 0)).collect();
    let mut named_by_kept = HashSet::new();
    // A place comes after all that it needs.
    for place in closed {
        let needs = target.needs(&target.imports[*place]);
        let mut level = 0;
        for need in needs {
            if is_closed(&need) {
                level = level.max(levels[&need]);
                continue;
            }
            let through = target.needs(&target.imports[need]);
            for through in through.into_iter().filter(is_closed) {
                level = level.max(levels[&through] + 1);
                named_by_kept.insert(through);
            }
        }
        levels.insert(*place, level);
    }
    // The rest goes together, so that they share their resources.
    let last = levels.values().copied().max().unwrap_or_default();
    let mut shares = vec![Vec::new(); last + 1];
    for place in closed {
        let level = if named_by_kept.contains(place) {
            levels[place]
        } else {
            last
        };
        shares[level].push(*place);
    }
    shares.retain(|share| !share.is_empty());
    shares
}

fn code(target: &Target, places: &[usize]) -> Result<(Vec<u8>, Vec<String>), SealError> {
    let mut own = HashSet::new();
    let mut keys = HashMap::new();
    let mut functions = Vec::new();
    let mut names = Vec::new();
    for place in places {
        let import = &target.imports[*place];
        let interface = import.interface().map(|id| {
            own.insert(id);
            keys.extend(resources(target, id).map(|resource| (resource, import.key.clone())));
            &import.key
        });
        let unversioned = import.name.split('@').next().unwrap_or(&import.name);
        for function in target.functions(import) {
            functions.push(Closed {
                interface,
                function,
                answer: answer(unversioned, &function.name),
            });
            names.push(match interface {
                Some(_) => format!("{}#{}", import.name, function.name),
                None => function.name.clone(),
            });
        }
    }
    let mut maker = Maker::new(&target.resolve, &own);
    let (module, traps) = module(&mut maker, &functions, &keys)?;
    let traps = traps.into_iter().map(|place| names[place].clone());
    Ok((module, traps.collect()))
}

fn resources(target: &Target, id: InterfaceId) -> impl Iterator<Item = TypeId> {
    let types = target.resolve.interfaces[id].types.values().copied();
    types.filter(|ty| matches!(target.resolve.types[*ty].kind, TypeDefKind::Resource))
}

/// Adds the world that exports the places.
fn world(target: &mut Target, places: &[usize]) -> wit_parser::WorldId {
    let mut needed: Vec<usize> = places
        .iter()
        .flat_map(|place| target.needs(&target.imports[*place]))
        .filter(|place| !places.contains(place))
        .collect();
    needed.sort_unstable();
    needed.dedup();
    let items = |places: &[usize]| -> Vec<(WorldKey, WorldItem)> {
        let imports = places.iter().map(|place| &target.imports[*place]);
        imports
            .map(|import| (import.key.clone(), import.item.clone()))
            .collect()
    };
    let (imports, exports) = (items(&needed), items(places));
    let package = target.resolve.worlds[target.world].package;
    let name = format!("stand-in-{}", target.resolve.worlds.len());
    let world = target.resolve.worlds.alloc(World {
        name: name.clone(),
        imports: imports.into_iter().collect(),
        exports: exports.into_iter().collect(),
        package,
        docs: Default::default(),
        stability: Default::default(),
        includes: Vec::new(),
        span: Default::default(),
    });
    if let Some(package) = package {
        target.resolve.packages[package].worlds.insert(name, world);
    }
    world
}
