//! The texts of a component that a model is told, or a reviewer shown, and where each stands.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use super::handles;
use crate::contract::Contract;
use crate::types::{Function, Named, Type};

/// Who reads a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// A model, and so everybody.
    Model,
    /// Whoever reviews the component.
    Reviewer,
}

/// One text.
pub(super) struct Text<'a> {
    pub(super) reader: Reader,
    pub(super) text: &'a str,
    place: &'a dyn Fn() -> String,
}

impl Text<'_> {
    /// Where it stands, in words.
    pub(super) fn place(&self) -> String {
        (self.place)()
    }
}

type Visit<'v> = dyn FnMut(Text<'_>) + 'v;

/// Visits every text once.
pub(super) fn each(contract: &Contract, visit: &mut Visit<'_>) {
    tell(visit, &contract.docs, &|| "the documentation".into());
    let mut seen = HashSet::new();
    for function in &contract.functions {
        each_of(function, &mut seen, visit);
    }
    for (field, name, version) in &contract.producers {
        for text in [field, name, version] {
            visit(Text {
                reader: Reader::Reviewer,
                text,
                place: &|| "what it says about who made it".into(),
            });
        }
    }
}

fn tell(visit: &mut Visit<'_>, text: &str, place: &dyn Fn() -> String) {
    visit(Text {
        reader: Reader::Model,
        text,
        place,
    });
}

/// `seen` are the types whose texts were told: functions share them.
fn each_of(function: &Function, seen: &mut HashSet<*const ()>, visit: &mut Visit<'_>) {
    let name = &function.name;
    tell(visit, &function.docs.text, &|| {
        format!("the documentation of function `{name}`")
    });
    for param in &function.params {
        tell(visit, &param.docs, &|| {
            format!(
                "the documentation of parameter `{}` of function `{name}`",
                param.key
            )
        });
    }
    for example in &function.docs.examples {
        strings(example, &mut |text| {
            tell(visit, text, &|| format!("an @example of function `{name}`"));
        });
    }
    let params = function.params.iter().map(|param| &param.ty);
    for ty in params.chain(&function.result) {
        handles::walk(ty, &mut |ty| each_of_type(ty, seen, visit));
    }
}

fn each_of_type(ty: &Type, seen: &mut HashSet<*const ()>, visit: &mut Visit<'_>) {
    match ty {
        Type::Record(record) => {
            let fields = record.items.iter();
            let fields = fields.map(|field| (&*field.name, &*field.docs));
            named(record, fields, seen, visit);
        }
        Type::Mount(mount) => named(&mount.record, std::iter::empty(), seen, visit),
        Type::Variant(cases) | Type::Enum(cases) | Type::Flags(cases) => {
            let items = cases.items.iter();
            let items = items.map(|case| (&*case.name, &*case.docs));
            named(cases, items, seen, visit);
        }
        _ => {}
    }
}

fn named<'a, T>(
    named: &'a Arc<Named<T>>,
    items: impl Iterator<Item = (&'a str, &'a str)>,
    seen: &mut HashSet<*const ()>,
    visit: &mut Visit<'_>,
) {
    if !seen.insert(Arc::as_ptr(named).cast()) {
        return;
    }
    let name = &named.name.name;
    tell(visit, &named.docs, &|| {
        format!("the documentation of type `{name}`")
    });
    for (item, docs) in items {
        tell(visit, docs, &|| {
            format!("the documentation of `{item}` of type `{name}`")
        });
    }
}

/// The strings in a JSON value, names of properties included. As deep as the value, which a parser has bounded.
fn strings(value: &Value, visit: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(items) => items.iter().for_each(|item| strings(item, visit)),
        Value::Object(object) => {
            for (key, value) in object {
                visit(key);
                strings(value, visit);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
