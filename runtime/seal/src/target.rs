//! The component to seal, decoded: what it imports, in words of its own types.

use std::collections::HashMap;

use wit_parser::decoding::{self, DecodedWasm};
use wit_parser::{InterfaceId, Resolve, Type, TypeDefKind, TypeId, WorldId, WorldItem, WorldKey};

use crate::error::SealError;
use crate::frame;

/// What a component imports: an interface or function. Types that a world imports by themselves are not among them.
pub(crate) struct Import {
    pub(crate) key: WorldKey,
    /// As it is written in the component.
    pub(crate) name: String,
    pub(crate) item: WorldItem,
}

impl Import {
    pub(crate) fn interface(&self) -> Option<InterfaceId> {
        match self.item {
            WorldItem::Interface { id, .. } => Some(id),
            _ => None,
        }
    }
}

pub(crate) struct Target {
    pub(crate) resolve: Resolve,
    pub(crate) world: WorldId,
    /// In the order of the component.
    pub(crate) imports: Vec<Import>,
    /// Where the import of an interface is in `imports`.
    pub(crate) by_interface: HashMap<InterfaceId, usize>,
}

impl Target {
    /// Decodes a component of which the contract has been read.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Target, SealError> {
        let failed = |what: String| SealError::Composition(what);
        // Documentation in this section, wherever it is, is for WIT packages: it makes a component undecodable.
        let stripped = frame::strip(bytes, &|name| name != "package-docs")
            .map_err(|error| failed(error.to_string()))?;
        let decoded = decoding::decode(&stripped).map_err(|error| failed(format!("{error:#}")))?;
        let DecodedWasm::Component(resolve, world) = decoded else {
            return Err(bailiwick_contract::Error::WitPackage.into());
        };
        let mut imports = Vec::new();
        let mut by_interface = HashMap::new();
        for (key, item) in &resolve.worlds[world].imports {
            if let WorldItem::Type { .. } = item {
                continue;
            }
            if let WorldItem::Interface { id, .. } = item {
                by_interface.insert(*id, imports.len());
            }
            imports.push(Import {
                name: resolve.name_world_key(key),
                key: key.clone(),
                item: item.clone(),
            });
        }
        Ok(Target {
            resolve,
            world,
            imports,
            by_interface,
        })
    }

    /// The names of some imports, by their places.
    pub(crate) fn names(&self, is_wanted: impl Fn(usize) -> bool) -> Vec<String> {
        let imports = self.imports.iter().enumerate();
        imports
            .filter(|(place, _)| is_wanted(*place))
            .map(|(_, import)| import.name.clone())
            .collect()
    }

    /// The functions of an import.
    pub(crate) fn functions<'a>(&'a self, import: &'a Import) -> Vec<&'a wit_parser::Function> {
        match &import.item {
            WorldItem::Interface { id, .. } => {
                self.resolve.interfaces[*id].functions.values().collect()
            }
            WorldItem::Function(function) => vec![function],
            WorldItem::Type { .. } => Vec::new(),
        }
    }

    /// Whether an interface gives nothing but names of types: no function, and no resource, which a host has to have.
    pub(crate) fn gives_only_types(&self, place: usize) -> bool {
        let Some(id) = self.imports[place].interface() else {
            return false;
        };
        let interface = &self.resolve.interfaces[id];
        let mut types = interface.types.values();
        let is_resource =
            |ty: &TypeId| matches!(self.resolve.types[*ty].kind, TypeDefKind::Resource);
        interface.functions.is_empty() && !types.any(is_resource)
    }

    /// The imports whose types `import` names, right or by way of others, in the order of the component.
    pub(crate) fn needs(&self, import: &Import) -> Vec<usize> {
        let mut needed = vec![false; self.imports.len()];
        let mut left: Vec<InterfaceId> = import.interface().into_iter().collect();
        while let Some(interface) = left.pop() {
            for on in self.resolve.interface_direct_deps(interface) {
                match self.by_interface.get(&on) {
                    Some(index) if !needed[*index] => {
                        needed[*index] = true;
                        left.push(on);
                    }
                    _ => {}
                }
            }
        }
        (0..needed.len()).filter(|index| needed[*index]).collect()
    }
}

/// The type that `ty` stands for, past every alias.
pub(crate) fn definition(resolve: &Resolve, mut ty: Type) -> Type {
    while let Type::Id(id) = ty {
        match resolve.types[id].kind {
            TypeDefKind::Type(next) => ty = next,
            _ => break,
        }
    }
    ty
}
