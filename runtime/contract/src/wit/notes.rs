//! Names that stand for types of other names.

use wit_parser::{Resolve, TypeDefKind, TypeId, TypeOwner};

use super::output::COMMENT;
use crate::scope::Scope;

/// What there is to say of each name that stands for a type of another name, past every alias.
pub(super) fn find(scope: &Scope) -> Vec<(TypeId, String)> {
    let types = scope.resolve.types.iter();
    types
        .filter_map(|(id, ty)| {
            let (name, TypeDefKind::Type(_)) = (ty.name.as_ref()?, &ty.kind) else {
                return None;
            };
            let defined = scope.definition(id).ok()?;
            let is = scope.type_name(defined);
            // What has no name is written out.
            if is.name.is_empty() || *is.name == **name {
                return None;
            }
            let note = match &*is.interface {
                "" => format!("{name} is {}", is.name),
                interface => format!("{name} is {interface}#{}", is.name),
            };
            Some((id, note))
        })
        .collect()
}

/// Puts each where the printer comes by. What it is to write for the number of each.
pub(super) fn put(resolve: &mut Resolve, notes: Vec<(TypeId, String)>) -> Vec<String> {
    let mut numbered = Vec::new();
    for (id, note) in notes {
        let owner = match resolve.types[id].kind {
            TypeDefKind::Type(wit_parser::Type::Id(of)) => resolve.types[of].owner,
            _ => TypeOwner::None,
        };
        let ty = &mut resolve.types[id];
        if owner == ty.owner {
            // `type a = b`, which may have documentation.
            let docs = ty.docs.contents.take().unwrap_or_default();
            ty.docs.contents = Some(format!("{COMMENT}{note}\n{docs}"));
        } else {
            ty.external_id = Some(numbered.len().to_string());
            numbered.push(note);
        }
    }
    numbered
}
