//! Names in a `Resolve`: of interfaces, and of types past every alias; and the shapes of types and functions as text, with
//! full names, so that those of two `Resolve`s can be compared.

use std::collections::HashMap;
use std::fmt::{self, Write as _};

use wit_parser::{
    Function, Handle, InterfaceId, Resolve, Type, TypeDefKind, TypeId, TypeOwner, WorldId,
    WorldItem, WorldKey,
};

use crate::types::TypeName;

/// A `Resolve` and the names that only one of its worlds gives.
pub(crate) struct Scope {
    pub(crate) resolve: Resolve,
    /// Interfaces written in the world itself, with the names that it gives them.
    inline: HashMap<InterfaceId, String>,
    /// What each type stands for, by its index: a chain of aliases may be as long as there are types.
    definitions: Vec<Result<TypeId, Type>>,
}

impl Scope {
    /// A scope for `world`, or for interfaces alone.
    pub(crate) fn new(resolve: Resolve, world: Option<WorldId>) -> Scope {
        let mut inline = HashMap::new();
        if let Some(world) = world {
            let world = &resolve.worlds[world];
            for (key, item) in world.imports.iter().chain(&world.exports) {
                if let (WorldKey::Name(name), WorldItem::Interface { id, .. }) = (key, item) {
                    inline.insert(*id, name.clone());
                }
            }
        }
        let definitions = definitions(&resolve);
        Scope {
            resolve,
            inline,
            definitions,
        }
    }

    /// An interface's name with package and version, or the name that the world gives it.
    pub(crate) fn interface_name(&self, id: InterfaceId) -> String {
        match self.inline.get(&id) {
            Some(name) => name.clone(),
            None => self.resolve.id_of(id).unwrap_or_default(),
        }
    }

    /// The type that `id` stands for, past every alias, or none when that is a primitive type.
    pub(crate) fn definition(&self, id: TypeId) -> Result<TypeId, Type> {
        self.definitions[id.index()]
    }

    /// The name of a type that has one, and of its defining interface.
    pub(crate) fn type_name(&self, id: TypeId) -> TypeName {
        let ty = &self.resolve.types[id];
        let interface = match ty.owner {
            TypeOwner::Interface(interface) => self.interface_name(interface),
            TypeOwner::World(_) | TypeOwner::None => String::new(),
        };
        TypeName {
            interface: interface.into(),
            name: ty.name.as_deref().unwrap_or("").into(),
        }
    }

    /// `func(dir: borrow<bailiwick:fs/read@0.1.0#read-dir>) -> string`, cut soon after `most` bytes.
    pub(crate) fn function_shape(&self, function: &Function, most: usize) -> String {
        let mut shape = Shape {
            text: String::new(),
            most,
        };
        shape.push_str(if function.kind.is_async() {
            "async func("
        } else {
            "func("
        });
        for (index, param) in function.params.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            let _ = write!(shape, "{comma}{}: ", param.name);
            self.write_type(&mut shape, &param.ty);
        }
        shape.push_str(")");
        if let Some(result) = &function.result {
            shape.push_str(" -> ");
            self.write_type(&mut shape, result);
        }
        shape.text
    }

    /// `record { path: string, kind: bailiwick:fs/read@0.1.0#kind }`: one level, for what it names has a shape of its own.
    /// Cut soon after `most` bytes.
    pub(crate) fn type_shape(&self, id: TypeId, most: usize) -> String {
        let mut shape = Shape {
            text: String::new(),
            most,
        };
        self.write_kind(&mut shape, id);
        shape.text
    }

    fn write_type(&self, out: &mut Shape, ty: &Type) {
        if out.is_full() {
            return;
        }
        let id = match *ty {
            Type::Id(id) => self.definition(id),
            primitive => Err(primitive),
        };
        match id {
            Err(primitive) => out.push_str(primitive_name(primitive)),
            Ok(id) => match self.resolve.types[id].kind {
                TypeDefKind::Record(_)
                | TypeDefKind::Variant(_)
                | TypeDefKind::Enum(_)
                | TypeDefKind::Flags(_)
                | TypeDefKind::Resource => {
                    let name = self.type_name(id);
                    let _ = write!(out, "{}#{}", name.interface, name.name);
                }
                _ => self.write_kind(out, id),
            },
        }
    }

    fn write_types<'a>(&self, out: &mut Shape, types: impl IntoIterator<Item = Option<&'a Type>>) {
        out.push_str("<");
        for (index, ty) in types.into_iter().enumerate() {
            out.push_str(if index > 0 { ", " } else { "" });
            match ty {
                Some(ty) => self.write_type(out, ty),
                None => out.push_str("_"),
            }
        }
        out.push_str(">");
    }

    fn write_items<'a>(
        &self,
        out: &mut Shape,
        items: impl Iterator<Item = (&'a str, Option<&'a Type>)>,
    ) {
        out.push_str(" {");
        for (index, (name, ty)) in items.enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let _ = write!(out, "{comma} {name}");
            if let Some(ty) = ty {
                out.push_str(": ");
                self.write_type(out, ty);
            }
        }
        out.push_str(" }");
    }

    fn write_kind(&self, out: &mut Shape, id: TypeId) {
        let kind = &self.resolve.types[id].kind;
        if let TypeDefKind::Type(ty) = kind {
            return self.write_type(out, ty);
        }
        out.push_str(kind.as_str());
        match kind {
            TypeDefKind::Record(record) => {
                let fields = record.fields.iter();
                self.write_items(out, fields.map(|field| (&*field.name, Some(&field.ty))));
            }
            TypeDefKind::Variant(variant) => {
                let cases = variant.cases.iter();
                self.write_items(out, cases.map(|case| (&*case.name, case.ty.as_ref())));
            }
            TypeDefKind::Enum(cases) => {
                self.write_items(out, cases.cases.iter().map(|case| (&*case.name, None)));
            }
            TypeDefKind::Flags(flags) => {
                self.write_items(out, flags.flags.iter().map(|flag| (&*flag.name, None)));
            }
            TypeDefKind::Handle(Handle::Own(resource) | Handle::Borrow(resource)) => {
                self.write_types(out, [Some(&Type::Id(*resource))]);
            }
            TypeDefKind::Tuple(tuple) => self.write_types(out, tuple.types.iter().map(Some)),
            TypeDefKind::Option(inner) | TypeDefKind::List(inner) => {
                self.write_types(out, [Some(inner)]);
            }
            TypeDefKind::Result(result) => {
                self.write_types(out, [result.ok.as_ref(), result.err.as_ref()]);
            }
            TypeDefKind::Map(key, value) => self.write_types(out, [Some(key), Some(value)]),
            TypeDefKind::FixedLengthList(item, length) => {
                self.write_types(out, [Some(item)]);
                let _ = write!(out, "[{length}]");
            }
            TypeDefKind::Future(inner) | TypeDefKind::Stream(inner) => {
                self.write_types(out, [inner.as_ref()]);
            }
            TypeDefKind::Resource | TypeDefKind::Type(_) | TypeDefKind::Unknown => {}
        }
    }
}

/// What each type stands for, past every alias. A type comes after those that it names, so each is one step.
fn definitions(resolve: &Resolve) -> Vec<Result<TypeId, Type>> {
    let mut definitions: Vec<Result<TypeId, Type>> = Vec::with_capacity(resolve.types.len());
    for (id, ty) in resolve.types.iter() {
        let definition = match ty.kind {
            TypeDefKind::Type(Type::Id(next)) => match definitions.get(next.index()) {
                Some(definition) => *definition,
                None => walked(resolve, next),
            },
            TypeDefKind::Type(primitive) => Err(primitive),
            _ => Ok(id),
        };
        definitions.push(definition);
    }
    definitions
}

/// The same step by step.
fn walked(resolve: &Resolve, mut id: TypeId) -> Result<TypeId, Type> {
    loop {
        match resolve.types[id].kind {
            TypeDefKind::Type(Type::Id(next)) => id = next,
            TypeDefKind::Type(primitive) => return Err(primitive),
            _ => return Ok(id),
        }
    }
}

/// A text that is not written on when it is long enough: types without names that share their parts grow without end.
struct Shape {
    text: String,
    most: usize,
}

impl Shape {
    fn is_full(&self) -> bool {
        self.text.len() > self.most
    }

    fn push_str(&mut self, text: &str) {
        if !self.is_full() {
            self.text.push_str(text);
        }
    }
}

impl fmt::Write for Shape {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text);
        Ok(())
    }
}

fn primitive_name(ty: Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::U8 => "u8",
        Type::U16 => "u16",
        Type::U32 => "u32",
        Type::U64 => "u64",
        Type::S8 => "s8",
        Type::S16 => "s16",
        Type::S32 => "s32",
        Type::S64 => "s64",
        Type::F32 => "f32",
        Type::F64 => "f64",
        Type::Char => "char",
        Type::String => "string",
        Type::ErrorContext => "error-context",
        Type::Id(_) => "?",
    }
}
