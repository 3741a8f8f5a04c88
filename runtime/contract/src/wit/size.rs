//! How long a component's WIT is, before it is printed: types without names that share their parts grow without end.

use std::collections::HashMap;

use wit_parser::{Function, Resolve, Type, TypeDefKind, TypeId, WorldItem};

use crate::budget::WIT;
use crate::error::Error;

/// Refuses what is too long to be printed. Lengths are without documentation, and somewhat more than they will be.
pub(super) fn check(resolve: &Resolve) -> Result<(), Error> {
    let mut sizes = Sizes {
        resolve,
        of: HashMap::new(),
    };
    let mut total = 0_u64;
    let mut add = |size: u64| {
        total = total.saturating_add(size);
        if total > WIT {
            Err(Error::WitTooLarge)
        } else {
            Ok(())
        }
    };
    for (id, ty) in resolve.types.iter() {
        if let Some(name) = &ty.name {
            add(AROUND + bytes(name) + sizes.kind(id))?;
        }
    }
    for (_, interface) in resolve.interfaces.iter() {
        add(AROUND + interface.name.as_deref().map_or(0, bytes))?;
        for function in interface.functions.values() {
            add(sizes.function(function))?;
        }
    }
    for (_, world) in resolve.worlds.iter() {
        for (key, item) in world.imports.iter().chain(&world.exports) {
            add(AROUND + bytes(&resolve.name_world_key(key)))?;
            if let WorldItem::Function(function) = item {
                add(sizes.function(function))?;
            }
        }
    }
    Ok(())
}

/// Words, signs, blanks and line breaks around one item.
const AROUND: u64 = 32;

struct Sizes<'a> {
    resolve: &'a Resolve,
    /// Of types without names, as they are written out where they are meant.
    of: HashMap<TypeId, u64>,
}

impl Sizes<'_> {
    fn function(&mut self, function: &Function) -> u64 {
        let mut size = AROUND + bytes(&function.name);
        for param in &function.params {
            size = size.saturating_add(AROUND + bytes(&param.name));
            size = size.saturating_add(self.ty(&param.ty));
        }
        let result = function.result.as_ref().map_or(0, |ty| self.ty(ty));
        size.saturating_add(result)
    }

    fn ty(&mut self, ty: &Type) -> u64 {
        let Type::Id(id) = ty else { return AROUND };
        if let Some(name) = &self.resolve.types[*id].name {
            return AROUND + bytes(name);
        }
        if let Some(size) = self.of.get(id) {
            return *size;
        }
        let size = self.kind(*id);
        self.of.insert(*id, size);
        size
    }

    fn types<'t>(&mut self, types: impl IntoIterator<Item = Option<&'t Type>>) -> u64 {
        let mut size = AROUND;
        for ty in types.into_iter().flatten() {
            size = size.saturating_add(self.ty(ty));
        }
        size
    }

    /// Recursive only through types without names, whose depth is bounded where a component is validated.
    fn kind(&mut self, id: TypeId) -> u64 {
        let resolve = self.resolve;
        match &resolve.types[id].kind {
            TypeDefKind::Record(record) => {
                let names = record.fields.iter().map(|field| &*field.name);
                of_names(names) + self.types(record.fields.iter().map(|field| Some(&field.ty)))
            }
            TypeDefKind::Variant(variant) => {
                let names = variant.cases.iter().map(|case| &*case.name);
                of_names(names) + self.types(variant.cases.iter().map(|case| case.ty.as_ref()))
            }
            TypeDefKind::Enum(cases) => of_names(cases.cases.iter().map(|case| &*case.name)),
            TypeDefKind::Flags(flags) => of_names(flags.flags.iter().map(|flag| &*flag.name)),
            TypeDefKind::Tuple(tuple) => self.types(tuple.types.iter().map(Some)),
            TypeDefKind::Result(result) => self.types([result.ok.as_ref(), result.err.as_ref()]),
            TypeDefKind::Map(key, value) => self.types([Some(key), Some(value)]),
            TypeDefKind::Option(ty)
            | TypeDefKind::List(ty)
            | TypeDefKind::FixedLengthList(ty, _)
            | TypeDefKind::Type(ty) => self.types([Some(ty)]),
            TypeDefKind::Future(ty) | TypeDefKind::Stream(ty) => self.types([ty.as_ref()]),
            TypeDefKind::Handle(
                wit_parser::Handle::Own(resource) | wit_parser::Handle::Borrow(resource),
            ) => AROUND + resolve.types[*resource].name.as_deref().map_or(0, bytes),
            TypeDefKind::Resource | TypeDefKind::Unknown => AROUND,
        }
    }
}

fn of_names<'a>(names: impl Iterator<Item = &'a str>) -> u64 {
    names.map(|name| AROUND + bytes(name)).sum()
}

fn bytes(text: &str) -> u64 {
    text.len() as u64
}
