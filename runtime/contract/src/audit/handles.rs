//! What a handle in a signature lets whoever holds it do.

use super::{HandleFacts, Tier};
use crate::known;
use crate::types::{Type, TypeName};

/// The words for a handle that this host has no names for. Loading fails.
const NOBODY_CAN_TELL: &str = "nobody can tell: this host cannot hand it over, loading fails";

/// The handles in a type, wherever they stand, each once.
pub(crate) fn within(ty: &Type) -> Vec<HandleFacts> {
    let mut handles = Vec::new();
    walk(ty, &mut |ty| {
        let facts = match ty {
            Type::Handle(handle) => facts(&handle.resource, handle.own),
            Type::Mount(mount) => facts(&mount.record.name, false),
            _ => return,
        };
        if !handles.contains(&facts) {
            handles.push(facts);
        }
    });
    handles
}

/// The tier of being handed one.
pub(super) fn tier(handle: &HandleFacts) -> Tier {
    if !is_served(handle) {
        Tier::Unbounded
    } else if handle.writes {
        Tier::Edits
    } else {
        Tier::Reads
    }
}

/// Whether this host can hand it over.
pub(super) fn is_served(handle: &HandleFacts) -> bool {
    handle.may != NOBODY_CAN_TELL
}

fn facts(ty: &TypeName, own: bool) -> HandleFacts {
    let words = words(ty);
    HandleFacts {
        resource: format!("{}#{}", ty.interface, ty.name),
        may: words.unwrap_or(NOBODY_CAN_TELL).into(),
        keeps: own,
        // Of what is not known the worst is said.
        writes: words.is_none() || known::writes(ty) == Some(true),
    }
}

fn words(ty: &TypeName) -> Option<&'static str> {
    if known::is_read_dir(ty) {
        Some("looks at one directory and all below it")
    } else if known::is_read_file(ty) {
        Some("looks at one file")
    } else if known::is_write_dir(ty) {
        Some("looks at one directory and all below it, and changes it")
    } else if known::is_write_file(ty) {
        Some("looks at one file and changes it")
    } else {
        match (known::is_mount(ty), known::writes(ty)) {
            (true, Some(false)) => Some("opens one file or directory by its path, to look at"),
            (true, Some(true)) => Some("opens one file or directory by its path, to change"),
            _ => None,
        }
    }
}

/// Visits a type and all that are in it. As deep as the type, which is bounded where it was read.
pub(super) fn walk<'a>(ty: &'a Type, visit: &mut dyn FnMut(&'a Type)) {
    visit(ty);
    match ty {
        Type::List(item) | Type::Option(item) => walk(item, visit),
        Type::Tuple(items) => items.iter().for_each(|item| walk(item, visit)),
        Type::Record(record) => record.items.iter().for_each(|field| walk(&field.ty, visit)),
        Type::Variant(variant) => {
            let types = variant.items.iter().filter_map(|case| case.ty.as_ref());
            types.for_each(|ty| walk(ty, visit));
        }
        Type::Result { ok, err } => {
            let sides = [ok, err].into_iter().flatten();
            sides.for_each(|ty| walk(ty, visit));
        }
        _ => {}
    }
}
