//! What a model is told. A change of it breaks no call; it is shown because a model obeys it.

use std::collections::HashSet;

use super::{Found, Impact, Side, codes};
use crate::types::{Function, Type};

/// Texts that the old component told of its types, so that one is not told as new where another type came to have it around it.
pub(super) type Before<'a> = HashSet<&'a str>;

/// Documentation of something.
pub(super) fn text(found: &mut Found, at: &str, old: &str, new: &str) {
    if old == new {
        return;
    }
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    found.add(
        Impact::Compatible,
        codes::DOCS_CHANGED,
        at,
        some(old),
        some(new),
    );
}

/// Examples of a function.
pub(super) fn examples(
    found: &mut Found,
    at: &str,
    old: &[serde_json::Value],
    new: &[serde_json::Value],
) {
    let texts = |examples: &[serde_json::Value]| -> Vec<String> {
        examples.iter().map(ToString::to_string).collect()
    };
    let (old, new) = (texts(old), texts(new));
    let set = |texts: &[String]| -> HashSet<String> { texts.iter().cloned().collect() };
    let (before, after) = (set(&old), set(&new));
    for example in old.into_iter().filter(|example| !after.contains(example)) {
        found.add(
            Impact::Compatible,
            codes::EXAMPLE_REMOVED,
            at,
            Some(example),
            None,
        );
    }
    for example in new.into_iter().filter(|example| !before.contains(example)) {
        found.add(
            Impact::Compatible,
            codes::EXAMPLE_ADDED,
            at,
            None,
            Some(example),
        );
    }
}

/// All texts that a component tells of its types.
pub(super) fn before(side: &Side) -> Before<'_> {
    let mut before = Before::new();
    let mut seen = HashSet::new();
    for function in &side.contract.functions {
        for ty in types(function) {
            gather(&mut before, &mut seen, ty);
        }
    }
    before
}

fn types(function: &Function) -> impl Iterator<Item = &Type> {
    let params = function.params.iter().map(|param| &param.ty);
    params.chain(&function.result)
}

/// As deep as the type, which is bounded where it was read. `seen` are the types with names that were met: functions share them.
fn gather<'a>(before: &mut Before<'a>, seen: &mut HashSet<*const ()>, ty: &'a Type) {
    match ty {
        Type::List(item) | Type::Option(item) => gather(before, seen, item),
        Type::Tuple(items) => items.iter().for_each(|item| gather(before, seen, item)),
        Type::Result { ok, err } => {
            let sides = [ok, err].into_iter().flatten();
            sides.for_each(|ty| gather(before, seen, ty));
        }
        Type::Record(record) if seen.insert(super::types::identity(record)) => {
            before.insert(&record.docs);
            for field in &record.items {
                before.insert(&field.docs);
                gather(before, seen, &field.ty);
            }
        }
        Type::Variant(cases) | Type::Enum(cases) | Type::Flags(cases)
            if seen.insert(super::types::identity(cases)) =>
        {
            before.insert(&cases.docs);
            for case in &cases.items {
                before.insert(&case.docs);
                case.ty.iter().for_each(|ty| gather(before, seen, ty));
            }
        }
        _ => {}
    }
}
