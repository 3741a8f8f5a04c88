//! The type of the sealed component: what stays of the imports, and all exports.

use wasmparser::{BinaryReader, ComponentTypeDeclaration, ComponentTypeSectionReader};
use wit_parser::{WorldItem, WorldKey};

use crate::compose::{composition, of_component};
use crate::error::SealError;
use crate::frame;
use crate::keep::{Choice, Stay};
use crate::target::Target;

/// The section of types in an encoded package.
const TYPES: u8 = 7;

/// Encodes the world of the sealed component as a package with nothing else in it.
pub(crate) fn encode(target: &Target, choice: &Choice) -> Result<Vec<u8>, SealError> {
    let mut resolve = target.resolve.clone();
    for (import, stay) in target.imports.iter().zip(&choice.stays) {
        if let (Some(id), Stay::Types(types)) = (import.interface(), stay) {
            let interface = &mut resolve.interfaces[id];
            interface.functions.clear();
            interface.types.retain(|_, id| types.contains(id));
        }
    }
    let world = &mut resolve.worlds[target.world];
    world.imports.retain(|key, item| {
        let place = target.imports.iter().position(|import| import.key == *key);
        match (item, place) {
            (WorldItem::Type { .. }, _) | (_, None) => true,
            (_, Some(place)) => !matches!(choice.stays[place], Stay::No),
        }
    });
    let own_type = world.exports.iter().find_map(|(key, item)| match item {
        WorldItem::Type { .. } => Some(key.clone()),
        _ => None,
    });
    if let Some(WorldKey::Name(name)) = own_type {
        return Err(composition(format_args!(
            "it exports the type `{name}` by itself"
        )));
    }
    let Some(package) = world.package else {
        return Err(composition("its world has no package"));
    };
    resolve.packages[package]
        .worlds
        .retain(|_, id| *id == target.world);
    resolve.packages[package].interfaces.clear();
    wit_component::encode(&resolve, package).map_err(|error| composition(format_args!("{error:#}")))
}

/// The declarations of the world's type in an encoded package.
pub(crate) fn declarations(package: &[u8]) -> Result<Vec<ComponentTypeDeclaration<'_>>, SealError> {
    for section in frame::sections(package).map_err(composition)? {
        if section.id != TYPES {
            continue;
        }
        let reader = BinaryReader::new(section.data, 0);
        let types = ComponentTypeSectionReader::new(reader).map_err(composition)?;
        for ty in types {
            // The type of a component that has nothing but the world, as the type of a component.
            let outer = of_component(ty.map_err(composition)?).unwrap_or_default();
            for declaration in outer {
                if let ComponentTypeDeclaration::Type(ty) = declaration
                    && let Some(declarations) = of_component(ty)
                {
                    return Ok(declarations);
                }
            }
        }
    }
    Err(composition("its world was not encoded"))
}
