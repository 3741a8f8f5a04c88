//! Types, as deep as they go. Any change of one breaks: a component is linked by the exact shape of its types.

use std::collections::HashSet;
use std::sync::Arc;

use super::pairs::Pairs;
use super::texts::{self, Before};
use super::{Found, Impact, codes};
use crate::known::without_version;
use crate::spelled;
use crate::types::{Case, Field, Function, Named, Type, TypeName};

/// What a function returns.
pub(super) fn results(
    found: &mut Found,
    before: &Before<'_>,
    function: &str,
    old: Option<&Type>,
    new: Option<&Type>,
) {
    let at = format!("{function} -> result");
    match (old, new) {
        (None, None) => {}
        (Some(old), Some(new)) => compare(found, before, &at, old, new),
        (old, new) => {
            let (was, is) = (old.map(spelled::ty), new.map(spelled::ty));
            found.add(Impact::Breaking, codes::RESULT_CHANGED, function, was, is);
            if let Some(new) = new {
                told(found, before, &at, new);
            }
        }
    }
}

/// Whether two types are the same, names of fields and cases included, documentation left out.
pub(super) fn same(old: &Type, new: &Type) -> bool {
    let mut found = Found::default();
    compare(&mut found, &Before::new(), "", old, new);
    found.serious() == 0
}

/// The differences of two types, each where it is.
pub(super) fn compare(found: &mut Found, before: &Before<'_>, at: &str, old: &Type, new: &Type) {
    Walk::new(found, before).both(at, old, new);
}

/// What a model is told of a type where it was not before.
pub(super) fn told(found: &mut Found, before: &Before<'_>, at: &str, ty: &Type) {
    Walk::new(found, before).told(at, ty);
}

/// The types with names in signatures.
pub(super) fn names(functions: &[Function]) -> HashSet<TypeName> {
    let (mut names, mut seen) = (HashSet::new(), HashSet::new());
    for function in functions {
        let params = function.params.iter().map(|param| &param.ty);
        let types = params.chain(&function.result);
        types.for_each(|ty| name(&mut names, &mut seen, ty));
    }
    names
}

fn name(into: &mut HashSet<TypeName>, seen: &mut HashSet<*const ()>, ty: &Type) {
    match ty {
        Type::List(item) | Type::Option(item) => name(into, seen, item),
        Type::Tuple(items) => items.iter().for_each(|item| name(into, seen, item)),
        Type::Result { ok, err } => {
            let sides = [ok, err].into_iter().flatten();
            sides.for_each(|ty| name(into, seen, ty));
        }
        Type::Record(record) if seen.insert(identity(record)) => {
            into.insert(record.name.clone());
            let fields = record.items.iter();
            fields.for_each(|field| name(into, seen, &field.ty));
        }
        Type::Variant(cases) | Type::Enum(cases) | Type::Flags(cases)
            if seen.insert(identity(cases)) =>
        {
            into.insert(cases.name.clone());
            let types = cases.items.iter().filter_map(|case| case.ty.as_ref());
            types.for_each(|ty| name(into, seen, ty));
        }
        _ => {}
    }
}

/// Which type it is. Names do not tell: an interface that is written down in a world may be called as another one there.
pub(super) fn identity<T>(named: &Arc<Named<T>>) -> *const () {
    Arc::as_ptr(named).cast()
}

/// A way through two types. All of it is as deep as they are, which is bounded where they were read.
struct Walk<'a> {
    found: &'a mut Found,
    before: &'a Before<'a>,
    /// Pairs of types with names that were compared already: one that is used twice is told once.
    seen: HashSet<(*const (), *const ())>,
    /// Types with names whose texts were told.
    new: HashSet<*const ()>,
}

impl<'a> Walk<'a> {
    fn new(found: &'a mut Found, before: &'a Before<'a>) -> Walk<'a> {
        Walk {
            found,
            before,
            seen: HashSet::new(),
            new: HashSet::new(),
        }
    }

    fn both(&mut self, at: &str, old: &Type, new: &Type) {
        match (old, new) {
            (Type::List(old), Type::List(new)) => self.both(&format!("{at}[]"), old, new),
            (Type::Option(old), Type::Option(new)) => self.both(at, old, new),
            (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => {
                for (index, (old, new)) in a.iter().zip(b.iter()).enumerate() {
                    self.both(&format!("{at}.{index}"), old, new);
                }
            }
            (Type::Result { ok, err }, Type::Result { ok: ok2, err: err2 })
                if ok.is_some() == ok2.is_some() && err.is_some() == err2.is_some() =>
            {
                for (side, old, new) in [("ok", ok, ok2), ("err", err, err2)] {
                    if let (Some(old), Some(new)) = (old, new) {
                        self.both(&format!("{at}.{side}"), old, new);
                    }
                }
            }
            (Type::Record(a), Type::Record(b)) => {
                if self.named(at, a, b) {
                    self.fields(at, a, b);
                }
            }
            (Type::Variant(a), Type::Variant(b))
            | (Type::Enum(a), Type::Enum(b))
            | (Type::Flags(a), Type::Flags(b)) => {
                if self.named(at, a, b) {
                    self.cases(at, a, b);
                }
            }
            (Type::Handle(a), Type::Handle(b)) => {
                if a.own != b.own || !same_name(&a.resource, &b.resource) {
                    self.changed(at, old, new);
                }
            }
            (Type::Mount(a), Type::Mount(b)) => {
                if a.writes != b.writes {
                    self.changed(at, old, new);
                }
            }
            // The same in WIT, and not in JSON.
            (Type::Bytes { text: a }, Type::Bytes { text: b }) => {
                if a != b {
                    let words = |text: &bool| if *text { "UTF-8 text" } else { "base64" };
                    self.changed_to(at, Some(words(a).into()), Some(words(b).into()));
                }
            }
            (old, new) => {
                let is_same =
                    is_simple(old) && std::mem::discriminant(old) == std::mem::discriminant(new);
                if !is_same {
                    self.changed(at, old, new);
                }
            }
        }
    }

    fn changed(&mut self, at: &str, old: &Type, new: &Type) {
        let (mut was, mut is) = (spelled::ty(old), spelled::ty(new));
        if was == is {
            // Two of one name.
            (was, is) = (in_full(old, was), in_full(new, is));
        }
        self.changed_to(at, Some(was), Some(is));
        self.told(at, new);
    }

    fn changed_to(&mut self, at: &str, old: Option<String>, new: Option<String>) {
        let found = &mut *self.found;
        found.add(Impact::Breaking, codes::TYPE_CHANGED, at, old, new);
    }

    /// Whether what is in two named types is to be compared: not when it was before.
    fn named<T>(&mut self, at: &str, old: &Arc<Named<T>>, new: &Arc<Named<T>>) -> bool {
        if !self.seen.insert((identity(old), identity(new))) {
            return false;
        }
        let pair = (old.name.clone(), new.name.clone());
        self.found.types.pairs.insert(pair);
        if !same_name(&old.name, &new.name) {
            let said = |name: &TypeName| Some(format!("{}#{}", name.interface, name.name));
            self.changed_to(at, said(&old.name), said(&new.name));
        }
        let at = format!("{at}: {}", new.name.name);
        texts::text(self.found, &at, &old.docs, &new.docs);
        true
    }

    fn fields(&mut self, at: &str, old: &Named<Field>, new: &Named<Field>) {
        let line = |field: &Field| format!("{}: {}", field.name, spelled::ty(&field.ty));
        if !same_names(&old.items, &new.items, |field| &field.name) {
            let all = |named: &Named<Field>| {
                let lines: Vec<_> = named.items.iter().map(line).collect();
                Some(format!("{{ {} }}", lines.join(", ")))
            };
            self.changed_to(at, all(old), all(new));
        }
        let pairs = Pairs::of(&old.items, &new.items, &[&|field| field.name.to_string()]);
        for (field, was) in new.items.iter().zip(pairs.counterpart) {
            let at = format!("{at}.{}", field.key);
            let Some(was) = was.map(|index| &old.items[index]) else {
                self.text(&at, &field.docs);
                self.told(&at, &field.ty);
                continue;
            };
            self.both(&at, &was.ty, &field.ty);
            texts::text(self.found, &at, &was.docs, &field.docs);
        }
    }

    fn cases(&mut self, at: &str, old: &Named<Case>, new: &Named<Case>) {
        if !same_names(&old.items, &new.items, |case| &case.name) {
            let all = |named: &Named<Case>| {
                let names: Vec<_> = named.items.iter().map(|case| &*case.name).collect();
                Some(names.join(" | "))
            };
            self.changed_to(at, all(old), all(new));
        }
        let pairs = Pairs::of(&old.items, &new.items, &[&|case| case.name.to_string()]);
        for (case, was) in new.items.iter().zip(pairs.counterpart) {
            let at = format!("{at}.{}", case.key);
            let Some(was) = was.map(|index| &old.items[index]) else {
                self.text(&at, &case.docs);
                case.ty.iter().for_each(|new| self.told(&at, new));
                continue;
            };
            match (&was.ty, &case.ty) {
                (None, None) => {}
                (Some(old), Some(new)) => self.both(&at, old, new),
                (old, new) => {
                    let said = |ty: &Option<Type>| ty.as_ref().map(spelled::ty);
                    self.changed_to(&at, said(old), said(new));
                    new.iter().for_each(|new| self.told(&at, new));
                }
            }
            texts::text(self.found, &at, &was.docs, &case.docs);
        }
    }

    fn told(&mut self, at: &str, ty: &Type) {
        match ty {
            Type::List(item) => self.told(&format!("{at}[]"), item),
            Type::Option(item) => self.told(at, item),
            Type::Tuple(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.told(&format!("{at}.{index}"), item);
                }
            }
            Type::Result { ok, err } => {
                for (side, ty) in [("ok", ok), ("err", err)] {
                    ty.iter()
                        .for_each(|ty| self.told(&format!("{at}.{side}"), ty));
                }
            }
            Type::Record(record) if self.told_of(at, record) => {
                for field in &record.items {
                    let at = format!("{at}.{}", field.key);
                    self.text(&at, &field.docs);
                    self.told(&at, &field.ty);
                }
            }
            Type::Variant(cases) | Type::Enum(cases) | Type::Flags(cases)
                if self.told_of(at, cases) =>
            {
                for case in &cases.items {
                    let at = format!("{at}.{}", case.key);
                    self.text(&at, &case.docs);
                    case.ty.iter().for_each(|ty| self.told(&at, ty));
                }
            }
            _ => {}
        }
    }

    fn told_of<T>(&mut self, at: &str, named: &Arc<Named<T>>) -> bool {
        let is_new = self.new.insert(identity(named));
        if is_new {
            self.text(&format!("{at}: {}", named.name.name), &named.docs);
        }
        is_new
    }

    fn text(&mut self, at: &str, new: &str) {
        if !self.before.contains(new) {
            texts::text(self.found, at, "", new);
        }
    }
}

fn is_simple(ty: &Type) -> bool {
    !matches!(ty, Type::Tuple(_) | Type::Result { .. })
}

/// A type that reads as another does, with what tells it from that.
fn in_full(ty: &Type, spelled: String) -> String {
    let (kind, name) = match ty {
        Type::Handle(handle) => ("", &handle.resource),
        Type::Mount(mount) => ("record ", &mount.record.name),
        Type::Record(named) => ("record ", &named.name),
        Type::Variant(named) => ("variant ", &named.name),
        Type::Enum(named) => ("enum ", &named.name),
        Type::Flags(named) => ("flags ", &named.name),
        _ => return spelled,
    };
    format!("{kind}{spelled} of {}", name.interface)
}

/// Versions aside: they are told where the interface is imported or exported.
fn same_name(old: &TypeName, new: &TypeName) -> bool {
    old.name == new.name && without_version(&old.interface) == without_version(&new.interface)
}

fn same_names<T>(old: &[T], new: &[T], name: impl Fn(&T) -> &Arc<str>) -> bool {
    old.iter().map(&name).eq(new.iter().map(&name))
}
