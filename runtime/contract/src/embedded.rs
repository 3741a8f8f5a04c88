//! The author's WIT in a component: the custom sections `bailiwick:wit`, each one encoded package with its documentation.
//!
//! Toolchains drop documentation, so it travels beside the component's own types and may contradict them. It is trusted
//! only where name and shape are the same on both sides; what is not is a [`Finding`]. Documentation of the packages
//! `bailiwick:fs` and `bailiwick:tool` is never taken from a component: this crate has it.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use wit_parser::decoding::DecodedWasm;
use wit_parser::{Function, InterfaceId, Resolve, SourceMap, TypeId, WorldId, WorldItem, WorldKey};

use crate::budget;
use crate::bytes::{self, Custom};
use crate::contract::Finding;
use crate::decode;
use crate::scope::Scope;
use crate::tree::{TypeDocs, text};
use crate::types::TypeName;

/// The name of the custom section.
pub(crate) const SECTION: &str = "bailiwick:wit";

/// How many sections are read.
const MOST: usize = 100;

/// How many bytes of sections are read, and how much reading them may take.
const LARGEST: u64 = 16 << 20;

/// How much of a signature or type is shown in a finding, in characters.
const SHOWN: usize = 1_000;

/// One documented package.
struct Package {
    scope: Scope,
    interfaces: HashMap<String, InterfaceId>,
    world: Option<WorldId>,
}

impl Package {
    fn new(resolve: Resolve, package: wit_parser::PackageId, world: Option<WorldId>) -> Package {
        let scope = Scope::new(resolve, world);
        let ids = scope.resolve.packages[package].interfaces.values();
        let interfaces = ids.map(|id| (scope.interface_name(*id), *id)).collect();
        Package {
            scope,
            interfaces,
            world,
        }
    }
}

/// What is known of the documentation of one component.
pub(crate) struct Embedded {
    packages: Vec<Package>,
    findings: Vec<Finding>,
    told: HashSet<TypeName>,
}

/// Packages whose documentation this crate has.
pub(crate) fn is_built_in(interface: &str) -> bool {
    interface.starts_with("bailiwick:fs/") || interface.starts_with("bailiwick:tool/")
}

impl Embedded {
    /// Reads the sections among `customs`. Those of nested components are not the author's.
    pub(crate) fn read(customs: &[Custom<'_>]) -> Embedded {
        let mut embedded = Embedded {
            packages: Vec::new(),
            findings: Vec::new(),
            told: HashSet::new(),
        };
        let mut left = LARGEST;
        let is_section = |custom: &&Custom<'_>| custom.depth == 0 && custom.name == SECTION;
        for (index, custom) in customs.iter().filter(is_section).enumerate() {
            if index == MOST {
                embedded.unreadable("there are too many of them");
                break;
            }
            let size = custom.data.len() as u64;
            // What cannot be measured cannot be decoded either.
            let effort = bytes::effort(custom.data).unwrap_or(0);
            match left.checked_sub(size.max(effort)) {
                Some(less) => left = less,
                None => {
                    embedded.unreadable("there is too much documentation");
                    continue;
                }
            }
            match decode::package(custom.data) {
                Ok(DecodedWasm::WitPackage(resolve, package)) => embedded.add(resolve, package),
                Ok(DecodedWasm::Component(..)) => {
                    embedded.unreadable("it holds a component and not a WIT package");
                }
                Err(error) => embedded.unreadable(&error.to_string()),
            }
        }
        embedded
    }

    fn unreadable(&mut self, why: &str) {
        let message = format!("a section `{SECTION}` is left out: {why}");
        self.findings.push(Finding {
            code: "docs-unreadable",
            message,
        });
    }

    fn add(&mut self, resolve: Resolve, package: wit_parser::PackageId) {
        let mut worlds = resolve.packages[package].worlds.values();
        let world = match (worlds.next(), worlds.next()) {
            (Some(world), None) => Some(*world),
            (None, _) => None,
            (Some(_), Some(_)) => {
                return self
                    .unreadable("it has more than one world, and only one is the component's");
            }
        };
        if world.is_some() && self.packages.iter().any(|package| package.world.is_some()) {
            return self.unreadable("another section has the component's world already");
        }
        self.packages.push(Package::new(resolve, package, world));
    }

    /// The author's world.
    pub(crate) fn world(&self) -> Option<(&Scope, WorldId)> {
        self.packages
            .iter()
            .find_map(|package| Some((&package.scope, package.world?)))
    }

    /// All that the author documented.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = (&Scope, Option<WorldId>)> {
        self.packages
            .iter()
            .map(|package| (&package.scope, package.world))
    }

    /// Documentation of the author's world, and of its package.
    pub(crate) fn world_docs(&self) -> Option<String> {
        let (scope, world) = self.world()?;
        let world = &scope.resolve.worlds[world];
        let of_package = world
            .package
            .map(|package| text(&scope.resolve.packages[package].docs));
        [text(&world.docs), of_package.unwrap_or_default()]
            .into_iter()
            .find(|docs| !docs.is_empty())
    }

    /// An interface by its name, as its author wrote it.
    pub(crate) fn find_interface(&self, name: &str) -> Option<(&Scope, InterfaceId)> {
        if is_built_in(name) {
            let package = built_in()
                .iter()
                .find(|package| package.interfaces.contains_key(name))?;
            return Some((&package.scope, package.interfaces[name]));
        }
        let named = self
            .packages
            .iter()
            .find_map(|package| package.interfaces.get(name).map(|id| (&package.scope, *id)));
        named.or_else(|| {
            let (scope, world) = self.world()?;
            let world = &scope.resolve.worlds[world];
            let key = WorldKey::Name(name.to_owned());
            match world.exports.get(&key).or(world.imports.get(&key))? {
                WorldItem::Interface { id, .. } => Some((scope, *id)),
                _ => None,
            }
        })
    }

    /// Documentation of an interface.
    pub(crate) fn interface_docs(&self, name: &str) -> String {
        match self.find_interface(name) {
            Some((scope, id)) => text(&scope.resolve.interfaces[id].docs),
            None => String::new(),
        }
    }

    /// Documentation of a function that `interface` exports, or the world by itself.
    pub(crate) fn function_docs(
        &mut self,
        scope: &Scope,
        interface: Option<&str>,
        function: &Function,
    ) -> Option<String> {
        let (documented_in, documented) = match interface {
            Some(interface) => {
                let (scope, id) = self.find_interface(interface)?;
                (
                    scope,
                    scope.resolve.interfaces[id].functions.get(&function.name)?,
                )
            }
            None => {
                let (scope, world) = self.world()?;
                let exports = &scope.resolve.worlds[world].exports;
                match exports.get(&WorldKey::Name(function.name.clone()))? {
                    WorldItem::Function(documented) => (scope, documented),
                    _ => return None,
                }
            }
        };
        // The types of the function have been checked; those of its documentation have not, and need only be the same.
        let is = scope.function_shape(function, usize::MAX);
        let says = documented_in.function_shape(documented, is.len().max(SHOWN));
        let docs = text(&documented.docs);
        if is != says {
            let what = format!("function `{}`", function.name);
            self.mismatch(&what, &is, &says);
            return None;
        }
        Some(docs)
    }

    /// Documentation of a type of the component.
    pub(crate) fn type_docs(&mut self, scope: &Scope, name: &TypeName, id: TypeId) -> TypeDocs {
        let found = if name.interface.is_empty() {
            self.world()
                .and_then(|(scope, world)| Some((scope, world_type(scope, world, name)?)))
        } else {
            self.find_interface(&name.interface)
                .and_then(|(scope, interface)| {
                    let id = scope.resolve.interfaces[interface].types.get(&*name.name)?;
                    Some((scope, scope.definition(*id).ok()?))
                })
        };
        let Some((documented_in, documented)) = found else {
            return TypeDocs::default();
        };
        let is = scope.type_shape(id, usize::MAX);
        let says = documented_in.type_shape(documented, is.len().max(SHOWN));
        if is == says {
            let mut docs = TypeDocs::of(documented_in, documented);
            let texts = std::iter::once(&mut docs.docs).chain(&mut docs.items);
            let large: Vec<_> = texts.filter(|text| text.len() > budget::TEXT).collect();
            let is_large = !large.is_empty();
            large.into_iter().for_each(String::clear);
            if is_large && self.told.insert(name.clone()) {
                let what = format!("type `{}` or of a part of it", name.name);
                self.findings.push(Finding::docs_too_large(&what));
            }
            return docs;
        }
        if self.told.insert(name.clone()) {
            let what = format!("type `{}`", name.name);
            self.mismatch(&what, &is, &says);
        }
        TypeDocs::default()
    }

    fn mismatch(&mut self, what: &str, is: &str, says: &str) {
        let (is, says) = (budget::front(is, SHOWN), budget::front(says, SHOWN));
        let message =
            format!("{what} is not what its documentation describes: it is `{is}`, not `{says}`");
        self.findings.push(Finding {
            code: "docs-mismatch",
            message,
        });
    }

    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}

/// A type that the world itself defines.
fn world_type(scope: &Scope, world: WorldId, name: &TypeName) -> Option<TypeId> {
    match scope.resolve.worlds[world]
        .imports
        .get(&WorldKey::Name(name.name.to_string()))?
    {
        WorldItem::Type { id, .. } => scope.definition(*id).ok(),
        _ => None,
    }
}

/// The sources of the contracts that every tool shares, as `(file, text)`.
pub(crate) const SHARED: [(&str, &str); 3] = [
    ("contracts.wit", include_str!("../../../wit/contracts.wit")),
    ("fs.wit", include_str!("../../../wit/fs.wit")),
    ("tool.wit", include_str!("../../../wit/tool.wit")),
];

fn built_in() -> &'static [Package] {
    static PACKAGES: OnceLock<Vec<Package>> = OnceLock::new();
    PACKAGES.get_or_init(|| {
        let mut sources = SourceMap::default();
        for (name, text) in SHARED {
            sources.push_str(name, text);
        }
        let mut resolve = Resolve::default();
        // That these parse is tested; without them there would only be no documentation.
        let pushed = sources
            .parse()
            .ok()
            .and_then(|group| resolve.push_group(group).ok());
        let ids: Vec<_> = pushed
            .map(|_| resolve.packages.iter().map(|(id, _)| id).collect())
            .unwrap_or_default();
        ids.into_iter()
            .map(|id| Package::new(resolve.clone(), id, None))
            .collect()
    })
}
