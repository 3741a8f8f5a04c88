//! What a linker sees of a component: each name of each interface that it imports or exports, and whether what is behind the name is the same.
//!
//! [`Contract`](crate::Contract) has the types of tools only, as trees. A linker asks for all types, also for those that no tool uses.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use wit_parser::decoding::DecodedWasm;
use wit_parser::{
    Function, Handle, InterfaceId, Type, TypeDefKind, TypeId, TypeOwner, WorldId, WorldItem,
    WorldKey,
};

use crate::digest::Digest;
use crate::error::Error;
use crate::known::without_version;
use crate::scope::Scope;
use crate::{budget, decode};

/// How much of a signature or type is shown, in characters.
const SHOWN: usize = 1_000;

/// What a component imports and exports.
#[derive(Clone)]
pub(super) struct Shape {
    scope: Arc<Scope>,
    world: WorldId,
    pub(super) imports: Vec<Interface>,
    pub(super) exports: Vec<Interface>,
}

/// An interface, or one function or type that the world has by itself: that has its own name and is its only item.
#[derive(Clone)]
pub(super) struct Interface {
    /// With its version.
    pub(super) name: String,
    id: Option<InterfaceId>,
    pub(super) items: BTreeMap<String, Item>,
}

/// What is behind a name.
#[derive(Clone)]
pub(super) struct Item {
    pub(super) kind: Kind,
    /// Equal when they are, versions and the shape of types with names of their own aside: those are items themselves.
    pub(super) digest: Digest,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Function,
    Resource,
    /// A name for a type that has another.
    Alias(TypeId),
    Type(TypeId),
}

impl Kind {
    pub(super) fn is_function(self) -> bool {
        self == Kind::Function
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |interfaces: &[Interface]| -> Vec<String> {
            let names = interfaces.iter().map(|interface| interface.name.clone());
            names.collect()
        };
        f.debug_struct("Shape")
            .field("imports", &names(&self.imports))
            .field("exports", &names(&self.exports))
            .finish()
    }
}

impl Shape {
    /// Of a component that was read before.
    pub(super) fn of(bytes: &[u8]) -> Result<Shape, Error> {
        let DecodedWasm::Component(resolve, world) = decode::component(bytes)? else {
            return Err(Error::WitPackage);
        };
        let scope = Scope::new(resolve, Some(world));
        let mut digests = Digests::new(&scope);
        let mut imports = Vec::new();
        let mut exports = Vec::new();
        let world_items = &scope.resolve.worlds[world];
        for (items, into) in [
            (&world_items.imports, &mut imports),
            (&world_items.exports, &mut exports),
        ] {
            into.extend(items.iter().map(|(key, item)| digests.interface(key, item)));
        }
        Ok(Shape {
            scope: Arc::new(scope),
            world,
            imports,
            exports,
        })
    }

    /// An item in WIT, in one line, with the interfaces of the types that it names.
    pub(super) fn text(&self, interface: &Interface, name: &str) -> String {
        let resolve = &self.scope.resolve;
        let shape = match interface.items.get(name).map(|item| item.kind) {
            None => String::new(),
            Some(Kind::Resource) => "resource".into(),
            Some(Kind::Type(id) | Kind::Alias(id)) => self.scope.type_shape(id, SHOWN),
            Some(Kind::Function) => {
                let function = match interface.id {
                    Some(id) => resolve.interfaces[id].functions.get(name),
                    None => {
                        let world = &resolve.worlds[self.world];
                        let key = WorldKey::Name(name.to_owned());
                        let items = [&world.imports, &world.exports];
                        items.iter().find_map(|items| match items.get(&key) {
                            Some(WorldItem::Function(function)) => Some(function),
                            _ => None,
                        })
                    }
                };
                function.map_or_else(String::new, |function| {
                    self.scope.function_shape(function, SHOWN)
                })
            }
        };
        budget::front(&format!("{name}: {shape}"), SHOWN)
    }
}

/// What is the same has the same digest. Each type is looked at once, however often it is named.
struct Digests<'a> {
    scope: &'a Scope,
    /// What each type stands for, past every alias.
    definitions: HashMap<TypeId, Result<TypeId, Type>>,
    /// Of types without names.
    of: HashMap<TypeId, Digest>,
    /// Names of interfaces that are here in several versions: only with the version does one say which.
    ambiguous: HashSet<String>,
}

impl<'a> Digests<'a> {
    fn new(scope: &'a Scope) -> Digests<'a> {
        let mut definitions = HashMap::new();
        // Aliases of aliases may be as long a chain as there are types. A type comes after those that it names, so each is one step.
        for (id, ty) in scope.resolve.types.iter() {
            let definition = match ty.kind {
                TypeDefKind::Type(Type::Id(next)) => match definitions.get(&next) {
                    Some(definition) => *definition,
                    None => scope.definition(next),
                },
                TypeDefKind::Type(primitive) => Err(primitive),
                _ => Ok(id),
            };
            definitions.insert(id, definition);
        }
        let mut names = HashSet::new();
        let mut ambiguous = HashSet::new();
        for (id, _) in scope.resolve.interfaces.iter() {
            let name = scope.interface_name(id);
            let name = without_version(&name);
            if !names.insert(name.to_owned()) {
                ambiguous.insert(name.to_owned());
            }
        }
        Digests {
            scope,
            definitions,
            of: HashMap::new(),
            ambiguous,
        }
    }

    fn interface(&mut self, key: &WorldKey, item: &WorldItem) -> Interface {
        let scope = self.scope;
        let resolve = &scope.resolve;
        let mut items = BTreeMap::new();
        let (name, id) = match item {
            WorldItem::Interface { id, .. } => {
                let interface = &resolve.interfaces[*id];
                for (name, id) in &interface.types {
                    items.insert(name.clone(), self.named(*id));
                }
                for (name, function) in &interface.functions {
                    items.insert(name.clone(), self.function(function));
                }
                (scope.interface_name(*id), Some(*id))
            }
            WorldItem::Function(function) => {
                items.insert(function.name.clone(), self.function(function));
                (function.name.clone(), None)
            }
            WorldItem::Type { id, .. } => {
                let name = resolve.name_world_key(key);
                items.insert(name.clone(), self.named(*id));
                (name, None)
            }
        };
        Interface { name, id, items }
    }

    fn function(&mut self, function: &Function) -> Item {
        let mut text = String::from(if function.kind.is_async() {
            "async("
        } else {
            "func("
        });
        for param in &function.params {
            let ty = self.reference(&param.ty);
            text.push_str(&format!("{}: {ty}, ", param.name));
        }
        if let Some(ty) = &function.result {
            text.push_str(&format!(") -> {}", self.reference(ty)));
        }
        Item {
            kind: Kind::Function,
            digest: Digest::of(text.as_bytes()),
        }
    }

    fn named(&mut self, id: TypeId) -> Item {
        let scope = self.scope;
        let (kind, text) = match &scope.resolve.types[id].kind {
            TypeDefKind::Resource => (Kind::Resource, "resource".to_owned()),
            TypeDefKind::Type(ty) => (Kind::Alias(id), self.reference(ty)),
            _ => (Kind::Type(id), self.kind(id)),
        };
        Item {
            kind,
            digest: Digest::of(text.as_bytes()),
        }
    }

    /// A type where it is named.
    fn reference(&mut self, ty: &Type) -> String {
        let definition = match ty {
            Type::Id(id) => match self.definitions.get(id) {
                Some(definition) => *definition,
                None => self.scope.definition(*id),
            },
            primitive => Err(*primitive),
        };
        let id = match definition {
            Ok(id) => id,
            Err(primitive) => return format!("{primitive:?}"),
        };
        let scope = self.scope;
        let ty = &scope.resolve.types[id];
        match &ty.kind {
            TypeDefKind::Record(_)
            | TypeDefKind::Variant(_)
            | TypeDefKind::Enum(_)
            | TypeDefKind::Flags(_)
            | TypeDefKind::Resource => {
                let interface = match ty.owner {
                    TypeOwner::Interface(interface) => scope.interface_name(interface),
                    TypeOwner::World(_) | TypeOwner::None => String::new(),
                };
                let short = without_version(&interface);
                let interface = match self.ambiguous.contains(short) {
                    true => &interface,
                    false => short,
                };
                format!("{interface}#{}", ty.name.as_deref().unwrap_or(""))
            }
            _ => {
                let known = self.of.get(&id).copied();
                let digest = known.unwrap_or_else(|| Digest::of(self.kind(id).as_bytes()));
                self.of.insert(id, digest);
                digest.to_string()
            }
        }
    }

    /// A type where it is defined. Recursive only through types without names, whose depth is bounded where a component is validated.
    fn kind(&mut self, id: TypeId) -> String {
        let scope = self.scope;
        let kind = &scope.resolve.types[id].kind;
        let mut text = format!("{}<", kind.as_str());
        let mut add = |name: &str, ty: Option<&Type>| {
            let ty = ty.map_or("_".into(), |ty| self.reference(ty));
            text.push_str(&format!("{name}: {ty}, "));
        };
        match kind {
            TypeDefKind::Record(record) => {
                for field in &record.fields {
                    add(&field.name, Some(&field.ty));
                }
            }
            TypeDefKind::Variant(variant) => {
                for case in &variant.cases {
                    add(&case.name, case.ty.as_ref());
                }
            }
            TypeDefKind::Enum(cases) => cases.cases.iter().for_each(|case| add(&case.name, None)),
            TypeDefKind::Flags(flags) => flags.flags.iter().for_each(|flag| add(&flag.name, None)),
            TypeDefKind::Tuple(tuple) => tuple.types.iter().for_each(|ty| add("", Some(ty))),
            TypeDefKind::Option(ty) | TypeDefKind::List(ty) | TypeDefKind::Type(ty) => {
                add("", Some(ty));
            }
            TypeDefKind::Result(result) => {
                add("ok", result.ok.as_ref());
                add("err", result.err.as_ref());
            }
            TypeDefKind::Handle(Handle::Own(resource)) => add("own", Some(&Type::Id(*resource))),
            TypeDefKind::Handle(Handle::Borrow(resource)) => {
                add("borrow", Some(&Type::Id(*resource)));
            }
            TypeDefKind::Map(key, value) => {
                add("key", Some(key));
                add("value", Some(value));
            }
            TypeDefKind::FixedLengthList(ty, length) => add(&length.to_string(), Some(ty)),
            TypeDefKind::Future(ty) | TypeDefKind::Stream(ty) => add("", ty.as_ref()),
            TypeDefKind::Resource | TypeDefKind::Unknown => {}
        }
        text
    }
}
