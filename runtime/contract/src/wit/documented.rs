//! The author's documentation of what a component imports and exports, where it is of the same shape.

use std::collections::HashMap;

use wit_parser::{
    Function, InterfaceId, PackageId, Resolve, TypeDefKind, TypeId, WorldId, WorldItem, WorldKey,
};

use super::output::COMMENT;
use crate::budget;
use crate::embedded::Embedded;
use crate::scope::Scope;
use crate::tree::{TypeDocs, text};
use crate::visible;

/// How long a shape may be that is compared, in bytes.
const SHAPE: usize = 64 << 10;

/// How long all shapes that are compared may be. What comes after has no documentation.
const SHAPES: usize = 64 << 20;

/// What has documentation.
pub(super) enum Place {
    Package(PackageId),
    World,
    Interface(InterfaceId),
    Function(InterfaceId, String),
    Type(TypeId),
    /// A field or a case of a type, in order.
    Item(TypeId, usize),
    Import(WorldKey),
    Export(WorldKey),
}

/// Documentation as it is shown, and where.
pub(super) fn find(scope: &Scope, world: WorldId, embedded: &Embedded) -> Vec<(Place, String)> {
    let mut finder = Finder {
        scope,
        embedded,
        left: SHAPES,
        found: Vec::new(),
    };
    for (id, _) in scope.resolve.interfaces.iter() {
        finder.interface(id);
    }
    for (id, _) in scope.resolve.packages.iter() {
        finder.package(id);
    }
    finder.world(world);
    finder.found
}

/// A text as a reviewer sees it, in lines that WIT allows. Empty for no text.
pub(super) fn shown(docs: &str) -> String {
    if docs.len() > budget::TEXT {
        return format!(
            "{COMMENT}documentation of {} bytes is left out: a text may have at most {} KiB",
            docs.len(),
            budget::TEXT >> 10
        );
    }
    let mut shown = String::new();
    for c in visible::text(docs).chars() {
        // WIT does not take these either: they are deprecated in Unicode.
        match c {
            '\u{149}' | '\u{673}' | '\u{f77}' | '\u{f79}' | '\u{17a3}' | '\u{17a4}' => {
                shown.extend(c.escape_unicode());
            }
            c => shown.push(c),
        }
    }
    shown
}

struct Finder<'a> {
    scope: &'a Scope,
    embedded: &'a Embedded,
    left: usize,
    found: Vec<(Place, String)>,
}

impl<'a> Finder<'a> {
    fn add(&mut self, place: Place, docs: &str) {
        let docs = shown(docs);
        if !docs.is_empty() {
            self.found.push((place, docs));
        }
    }

    fn interface(&mut self, id: InterfaceId) {
        let (scope, embedded) = (self.scope, self.embedded);
        let name = scope.interface_name(id);
        let Some((author, written)) = embedded.find_interface(&name) else {
            return;
        };
        let (interface, written) = (
            &scope.resolve.interfaces[id],
            &author.resolve.interfaces[written],
        );
        self.add(Place::Interface(id), &text(&written.docs));
        for (name, id) in &interface.types {
            if let Some(written) = written.types.get(name) {
                self.ty(*id, author, *written);
            }
        }
        for (name, function) in &interface.functions {
            if let Some(written) = written.functions.get(name)
                && self.is_same_function(function, author, written)
            {
                self.add(Place::Function(id, name.clone()), &text(&written.docs));
            }
        }
    }

    fn ty(&mut self, id: TypeId, author: &Scope, written: TypeId) {
        let is = self.scope.type_shape(id, SHAPE);
        let says = author.type_shape(written, SHAPE);
        if !self.is_same(&is, &says) {
            return;
        }
        let docs = TypeDocs::of(author, written);
        self.add(Place::Type(id), &docs.docs);
        for (index, docs) in docs.items.iter().enumerate() {
            self.add(Place::Item(id, index), docs);
        }
    }

    fn is_same_function(&mut self, is: &Function, author: &Scope, says: &Function) -> bool {
        let is = self.scope.function_shape(is, SHAPE);
        let says = author.function_shape(says, SHAPE);
        self.is_same(&is, &says)
    }

    fn is_same(&mut self, is: &str, says: &str) -> bool {
        match self.left.checked_sub(is.len() + says.len()) {
            Some(left) => self.left = left,
            None => return false,
        }
        // One that was cut is no shape.
        is == says && is.len() <= SHAPE
    }

    fn package(&mut self, id: PackageId) {
        let (scope, embedded) = (self.scope, self.embedded);
        let mut interfaces = scope.resolve.packages[id].interfaces.values();
        let found = interfaces.find_map(|id| embedded.find_interface(&scope.interface_name(*id)));
        if let Some((author, interface)) = found
            && let Some(package) = author.resolve.interfaces[interface].package
        {
            let docs = text(&author.resolve.packages[package].docs);
            self.add(Place::Package(id), &docs);
        }
    }

    fn world(&mut self, world: WorldId) {
        let Some((author, written)) = self.embedded.world() else {
            return;
        };
        let resolve = &self.scope.resolve;
        let (world, written) = (&resolve.worlds[world], &author.resolve.worlds[written]);
        self.add(Place::World, &text(&written.docs));
        type Put = fn(WorldKey) -> Place;
        let both: [(_, _, Put); 2] = [
            (&world.imports, &written.imports, Place::Import),
            (&world.exports, &written.exports, Place::Export),
        ];
        for (items, written, place) in both {
            let written: HashMap<String, &WorldItem> = written
                .iter()
                .map(|(key, item)| (author.resolve.name_world_key(key), item))
                .collect();
            for (key, item) in items {
                let place = place(key.clone());
                match (item, written.get(&resolve.name_world_key(key))) {
                    (WorldItem::Interface { .. }, Some(WorldItem::Interface { docs, .. })) => {
                        self.add(place, &text(docs));
                    }
                    (WorldItem::Function(function), Some(WorldItem::Function(written)))
                        if self.is_same_function(function, author, written) =>
                    {
                        self.add(place, &text(&written.docs));
                    }
                    (WorldItem::Type { id, .. }, Some(WorldItem::Type { id: written, .. })) => {
                        self.ty(*id, author, *written);
                    }
                    _ => {}
                }
            }
        }
    }
}

impl Place {
    /// Puts documentation there. `world` is the component's.
    pub(super) fn put(self, resolve: &mut Resolve, world: WorldId, docs: String) {
        let place = match self {
            Place::Package(id) => Some(&mut resolve.packages[id].docs),
            Place::World => Some(&mut resolve.worlds[world].docs),
            Place::Interface(id) => Some(&mut resolve.interfaces[id].docs),
            Place::Function(id, name) => {
                let function = resolve.interfaces[id].functions.get_mut(&name);
                function.map(|function| &mut function.docs)
            }
            Place::Type(id) => Some(&mut resolve.types[id].docs),
            Place::Item(id, index) => match &mut resolve.types[id].kind {
                TypeDefKind::Record(record) => {
                    let field = record.fields.get_mut(index);
                    field.map(|field| &mut field.docs)
                }
                TypeDefKind::Variant(variant) => {
                    let case = variant.cases.get_mut(index);
                    case.map(|case| &mut case.docs)
                }
                TypeDefKind::Enum(cases) => {
                    let case = cases.cases.get_mut(index);
                    case.map(|case| &mut case.docs)
                }
                TypeDefKind::Flags(flags) => {
                    let flag = flags.flags.get_mut(index);
                    flag.map(|flag| &mut flag.docs)
                }
                _ => None,
            },
            Place::Import(key) => of_item(resolve.worlds[world].imports.get_mut(&key)),
            Place::Export(key) => of_item(resolve.worlds[world].exports.get_mut(&key)),
        };
        if let Some(place) = place {
            place.contents = Some(docs);
        }
    }
}

fn of_item(item: Option<&mut WorldItem>) -> Option<&mut wit_parser::Docs> {
    match item? {
        WorldItem::Interface { docs, .. } => Some(docs),
        WorldItem::Function(function) => Some(&mut function.docs),
        WorldItem::Type { .. } => None,
    }
}
