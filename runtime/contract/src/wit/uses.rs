//! What a world takes from interfaces by name: a component's functions name types of interfaces as they are, and WIT only what is in scope.

use std::collections::{HashMap, HashSet};

use wit_parser::{
    Handle, Resolve, Span, Type, TypeDef, TypeDefKind, TypeId, TypeOwner, WorldId, WorldItem,
    WorldKey,
};

/// Puts a `use` into the world for every type of an interface that its own functions and types name, and has them name that. A second type of
/// one name gets a number. None when such a type is of an interface without a name, which no `use` can say.
pub(super) fn put(resolve: &mut Resolve, world: WorldId) -> Option<()> {
    let mut scope = there(resolve, world);
    for id in named(resolve, world) {
        if scope.contains_key(&id) {
            continue;
        }
        if let TypeOwner::Interface(of) = resolve.types[id].owner {
            resolve.interfaces[of].name.as_ref()?;
        }
        let name = free(resolve, world, resolve.types[id].name.as_ref()?);
        let alias = resolve.types.alloc(TypeDef {
            name: Some(name.clone()),
            kind: TypeDefKind::Type(Type::Id(id)),
            owner: TypeOwner::World(world),
            docs: Default::default(),
            stability: Default::default(),
            external_id: None,
            span: Span::default(),
        });
        let item = WorldItem::Type {
            id: alias,
            span: Span::default(),
        };
        let imports = &mut resolve.worlds[world].imports;
        imports.insert(WorldKey::Name(name), item);
        scope.insert(id, alias);
    }
    if !scope.is_empty() {
        rename(resolve, world, &mut scope);
    }
    Some(())
}

/// The types of interfaces that the world has a `use` for, each with the name it has here.
fn there(resolve: &Resolve, world: WorldId) -> HashMap<TypeId, TypeId> {
    let items = resolve.worlds[world].imports.values();
    let own = items.filter_map(|item| match item {
        WorldItem::Type { id, .. } => Some(*id),
        _ => None,
    });
    own.filter_map(|own| Some((used(resolve, own)?, own)))
        .collect()
}

/// What a `use` stands for; None for a type that is none.
fn used(resolve: &Resolve, id: TypeId) -> Option<TypeId> {
    match resolve.types[id].kind {
        TypeDefKind::Type(Type::Id(of)) if is_elsewhere(&resolve.types[of]) => Some(of),
        _ => None,
    }
}

fn is_elsewhere(ty: &TypeDef) -> bool {
    ty.name.is_some() && matches!(ty.owner, TypeOwner::Interface(_))
}

/// The types of interfaces that the world's own functions and types name, in the order in which they do.
fn named(resolve: &Resolve, world: WorldId) -> Vec<TypeId> {
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    let items = &resolve.worlds[world];
    for item in items.imports.values().chain(items.exports.values()) {
        let mut left = match item {
            WorldItem::Function(function) => {
                let params = function.params.iter().map(|param| param.ty);
                params.chain(function.result).collect()
            }
            WorldItem::Type { id, .. } if used(resolve, *id).is_none() => {
                parts(&resolve.types[*id].kind)
            }
            _ => continue,
        };
        left.reverse();
        while let Some(ty) = left.pop() {
            let Type::Id(id) = ty else { continue };
            if !seen.insert(id) {
                continue;
            }
            let ty = &resolve.types[id];
            // A name is as far as the text goes.
            if is_elsewhere(ty) {
                found.push(id);
            } else if ty.name.is_none() {
                left.extend(parts(&ty.kind));
            }
        }
    }
    found
}

/// The name, or the name with the first number that makes it one that the world does not have.
fn free(resolve: &Resolve, world: WorldId, name: &str) -> String {
    let world = &resolve.worlds[world];
    let has = |name: &str| {
        let key = WorldKey::Name(name.to_owned());
        world.imports.contains_key(&key) || world.exports.contains_key(&key)
    };
    let numbered = (2..).map(|number: u64| format!("{name}{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !has(name)).expect("numbers do not end")
}

/// Has the world's own functions and types say the names that types have in it.
fn rename(resolve: &mut Resolve, world: WorldId, scope: &mut HashMap<TypeId, TypeId>) {
    let mut items = std::mem::take(&mut resolve.worlds[world].imports);
    let mut exports = std::mem::take(&mut resolve.worlds[world].exports);
    for item in items.values_mut().chain(exports.values_mut()) {
        match item {
            WorldItem::Function(function) => {
                let params = function.params.iter_mut().map(|param| &mut param.ty);
                params
                    .chain(&mut function.result)
                    .for_each(|ty| *ty = here(resolve, *ty, scope));
            }
            WorldItem::Type { id, .. } if used(resolve, *id).is_none() => {
                let mut kind = resolve.types[*id].kind.clone();
                each(&mut kind, &mut |ty| *ty = here(resolve, *ty, scope));
                resolve.types[*id].kind = kind;
            }
            _ => {}
        }
    }
    resolve.worlds[world].imports = items;
    resolve.worlds[world].exports = exports;
}

/// A type with the names that the types in it have in the world. One without a name may be an interface's too and stays what it is there.
fn here(resolve: &mut Resolve, ty: Type, scope: &mut HashMap<TypeId, TypeId>) -> Type {
    let Type::Id(id) = ty else { return ty };
    if let Some(known) = scope.get(&id) {
        return Type::Id(*known);
    }
    if resolve.types[id].name.is_some() {
        return ty;
    }
    let mut copy = resolve.types[id].clone();
    each(&mut copy.kind, &mut |ty| *ty = here(resolve, *ty, scope));
    let copy = resolve.types.alloc(copy);
    scope.insert(id, copy);
    Type::Id(copy)
}

fn parts(kind: &TypeDefKind) -> Vec<Type> {
    let mut parts = Vec::new();
    each(&mut kind.clone(), &mut |ty| parts.push(*ty));
    parts
}

/// The types that stand in a type.
fn each(kind: &mut TypeDefKind, visit: &mut dyn FnMut(&mut Type)) {
    match kind {
        TypeDefKind::Handle(Handle::Own(resource) | Handle::Borrow(resource)) => {
            let mut ty = Type::Id(*resource);
            visit(&mut ty);
            if let Type::Id(id) = ty {
                *resource = id;
            }
        }
        TypeDefKind::Record(record) => {
            (record.fields.iter_mut()).for_each(|field| visit(&mut field.ty));
        }
        TypeDefKind::Variant(variant) => {
            let types = variant.cases.iter_mut().filter_map(|case| case.ty.as_mut());
            types.for_each(visit);
        }
        TypeDefKind::Tuple(tuple) => tuple.types.iter_mut().for_each(visit),
        TypeDefKind::Option(ty)
        | TypeDefKind::List(ty)
        | TypeDefKind::FixedLengthList(ty, _)
        | TypeDefKind::Type(ty) => visit(ty),
        TypeDefKind::Result(result) => {
            result.ok.iter_mut().chain(&mut result.err).for_each(visit);
        }
        TypeDefKind::Map(key, value) => [key, value].into_iter().for_each(visit),
        TypeDefKind::Future(ty) | TypeDefKind::Stream(ty) => ty.iter_mut().for_each(visit),
        TypeDefKind::Resource
        | TypeDefKind::Flags(_)
        | TypeDefKind::Enum(_)
        | TypeDefKind::Unknown => {}
    }
}
