//! Which types a type is made of.

use std::collections::HashSet;

use wit_parser::{Handle, Resolve, Type, TypeDefKind, TypeId};

/// The types that `roots` are made of, past every alias and handle, without those that are in `seen`, to which they
/// are added.
pub(crate) fn reach(
    resolve: &Resolve,
    roots: Vec<Type>,
    seen: &mut HashSet<TypeId>,
) -> Vec<TypeId> {
    let mut reached = Vec::new();
    let mut left = roots;
    while let Some(ty) = left.pop() {
        let Type::Id(id) = ty else { continue };
        if !seen.insert(id) {
            continue;
        }
        reached.push(id);
        match &resolve.types[id].kind {
            TypeDefKind::Record(record) => left.extend(record.fields.iter().map(|field| field.ty)),
            TypeDefKind::Tuple(tuple) => left.extend(&tuple.types),
            TypeDefKind::Variant(variant) => {
                left.extend(variant.cases.iter().filter_map(|case| case.ty));
            }
            TypeDefKind::Result(result) => left.extend(result.ok.into_iter().chain(result.err)),
            TypeDefKind::Handle(Handle::Own(resource) | Handle::Borrow(resource)) => {
                left.push(Type::Id(*resource));
            }
            TypeDefKind::Option(ty)
            | TypeDefKind::List(ty)
            | TypeDefKind::FixedLengthList(ty, _)
            | TypeDefKind::Type(ty) => left.push(*ty),
            TypeDefKind::Map(key, value) => left.extend([*key, *value]),
            TypeDefKind::Future(ty) | TypeDefKind::Stream(ty) => left.extend(ty),
            TypeDefKind::Resource
            | TypeDefKind::Flags(_)
            | TypeDefKind::Enum(_)
            | TypeDefKind::Unknown => {}
        }
    }
    reached
}
