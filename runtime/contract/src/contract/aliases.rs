//! Names that make a type out to be another one: then what a reader of WIT sees is not what a tool is handed.
//!
//! Everywhere else in this crate a handle has its defining name, so nobody who asks the crate is misled. Whoever reads the component's own
//! WIT can be, and is told here.

use std::collections::{HashMap, HashSet};

use wit_parser::{Handle, InterfaceId, TypeDefKind, TypeId, WorldId, WorldItem};

use super::Finding;
use crate::embedded::Embedded;
use crate::scope::Scope;
use crate::types::TypeName;
use crate::{budget, known};

/// How many findings of each code are told one by one.
const MOST: usize = 16;

const RENAMED_AUTHORITY: &str = "renamed-authority";
const RENAMED_HANDLE: &str = "renamed-handle";
const LOOK_ALIKE: &str = "look-alike-name";

/// What is misleading in the types of a component and of the WIT that its author put into it.
pub(super) fn findings(scope: &Scope, world: WorldId, embedded: &Embedded) -> Vec<Finding> {
    let mut told = Told::default();
    Walk {
        scope,
        told: &mut told,
    }
    .all(Some(world));
    for (scope, world) in embedded.scopes() {
        Walk {
            scope,
            told: &mut told,
        }
        .all(world);
    }
    told.into_findings()
}

/// What is told, each thing once.
#[derive(Default)]
struct Told {
    findings: Vec<Finding>,
    messages: HashSet<String>,
    /// How many there are of a code.
    count: HashMap<&'static str, usize>,
}

impl Told {
    fn tell(&mut self, code: &'static str, message: impl FnOnce() -> String) {
        let count = self.count.entry(code).or_default();
        if *count >= MOST {
            *count += 1;
            return;
        }
        let message = message();
        if self.messages.insert(message.clone()) {
            *count += 1;
            self.findings.push(Finding { code, message });
        }
    }

    fn into_findings(mut self) -> Vec<Finding> {
        for code in [RENAMED_AUTHORITY, RENAMED_HANDLE, LOOK_ALIKE] {
            let more = self
                .count
                .get(code)
                .map_or(0, |count| count - self.of(code));
            if more > 0 {
                let message = format!("and {more} more of these");
                self.findings.push(Finding { code, message });
            }
        }
        self.findings
    }

    fn of(&self, code: &str) -> usize {
        let of_code = self.findings.iter().filter(|finding| finding.code == code);
        of_code.count()
    }
}

struct Walk<'a> {
    scope: &'a Scope,
    told: &'a mut Told,
}

impl Walk<'_> {
    fn all(&mut self, world: Option<WorldId>) {
        let resolve = &self.scope.resolve;
        let world = world.map(|world| &resolve.worlds[world]);
        let exports = world.iter().flat_map(|world| world.exports.values());
        let exported: HashSet<InterfaceId> = exports
            .filter_map(|item| match item {
                WorldItem::Interface { id, .. } => Some(*id),
                _ => None,
            })
            .collect();
        for (id, interface) in resolve.interfaces.iter() {
            let name = self.scope.interface_name(id);
            let place = Place {
                interface: Some(&name),
                is_of_author: exported.contains(&id),
            };
            for (alias, ty) in &interface.types {
                self.look(place, alias, *ty);
            }
        }
        let place = Place {
            interface: None,
            is_of_author: true,
        };
        for item in world.iter().flat_map(|world| world.imports.values()) {
            if let WorldItem::Type { id, .. } = item
                && let Some(alias) = &resolve.types[*id].name
            {
                self.look(place, alias, *id);
            }
        }
    }

    fn look(&mut self, place: Place<'_>, alias: &str, id: TypeId) {
        let Some((name, is_resource)) = self.stands_for(id) else {
            return self.look_alike(place, alias);
        };
        let writes = known::writes(&name);
        if *name.name == *alias {
            if writes.is_none() {
                self.look_alike(place, alias);
            }
            return;
        }
        // What interfaces of others call each other's resources is their business.
        if writes.is_none() && !(is_resource && place.is_of_author) {
            return;
        }
        let as_another = known::is_handle_name(alias);
        let says_less = writes == Some(true) && !says_writes(alias);
        let code = if as_another || says_less {
            RENAMED_AUTHORITY
        } else {
            RENAMED_HANDLE
        };
        self.told.tell(code, || {
            let taken_for = match (as_another, says_less) {
                (true, _) => ": whoever reads its WIT takes it for another handle",
                (false, true) => ": nothing in this name says that it can be changed",
                (false, false) => "",
            };
            format!(
                "{place} calls `{}#{}` `{}`{taken_for}",
                budget::front(&name.interface, budget::INTERFACE),
                budget::front(&name.name, budget::NAME),
                budget::front(alias, budget::NAME)
            )
        });
    }

    /// A type that has the name of one of Bailiwick's handles and is none.
    fn look_alike(&mut self, place: Place<'_>, name: &str) {
        let is_ours = |interface: &str| interface.starts_with("bailiwick:fs/");
        if known::is_handle_name(name) && !place.interface.is_some_and(is_ours) {
            self.told.tell(LOOK_ALIKE, || {
                format!("{place} has a type `{name}` that is not Bailiwick's handle of that name")
            });
        }
    }

    /// The resource that a type is, or is a handle to, or the record that asks for a mount; and whether it is a resource.
    fn stands_for(&self, id: TypeId) -> Option<(TypeName, bool)> {
        let id = self.scope.definition(id).ok()?;
        match self.scope.resolve.types[id].kind {
            TypeDefKind::Resource => Some((self.scope.type_name(id), true)),
            TypeDefKind::Handle(Handle::Own(resource) | Handle::Borrow(resource)) => Some((
                self.scope.type_name(self.scope.definition(resource).ok()?),
                true,
            )),
            TypeDefKind::Record(_) => {
                let name = self.scope.type_name(id);
                known::writes(&name).map(|_| (name, false))
            }
            _ => None,
        }
    }
}

/// Whether a name tells that what it stands for can be changed.
fn says_writes(name: &str) -> bool {
    const WORDS: [&str; 8] = [
        "edit", "editable", "editor", "edits", "writable", "write", "writer", "writes",
    ];
    let mut words = name.split('-');
    words.any(|word| WORDS.contains(&word.to_ascii_lowercase().as_str()))
}

/// Where a type has its name.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// None for the world.
    interface: Option<&'a str>,
    /// It is the component's own, and not of others that it uses.
    is_of_author: bool,
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.interface {
            Some(name) => write!(f, "interface `{}`", budget::front(name, budget::INTERFACE)),
            None => f.write_str("the world"),
        }
    }
}
