//! Worlds to be compared: one as WIT, and what can be changed about it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A world `w` of the package `test:test`, with two interfaces that it exports and one that holds types for them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct World {
    /// The last number of the package's version.
    pub(super) version: usize,
    pub(super) docs: String,
    pub(super) imports: BTreeSet<usize>,
    pub(super) types: Vec<Named>,
    pub(super) functions: Vec<Function>,
}

/// What a world may import. Of the packages that are here twice only one may be.
pub(super) const IMPORTS: [&str; 13] = [
    "wasi:clocks/wall-clock@0.2.3",
    "wasi:clocks/wall-clock@0.2.6",
    "wasi:clocks/wall-clock@0.3.0",
    "acme:box/lid@1.0.0",
    "acme:box/lid@1.1.0",
    "acme:box/lid@2.0.0",
    "wasi:random/random@0.2.6",
    "wasi:http/outgoing-handler@0.2.6",
    "wasi:sockets/tcp@0.2.6",
    "wasi:cli/environment@0.2.6",
    "wasi:cli/stdout@0.2.6",
    "wasi:filesystem/preopens@0.2.6",
    "bailiwick:fs/write@0.1.0",
];

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Named {
    name: String,
    docs: String,
    /// In the interface of types, and not in the first of those that are exported.
    shared: bool,
    /// Called by another name where it is used.
    alias: bool,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Record(Vec<Item>),
    Variant(Vec<Item>),
    Enum(Vec<Item>),
    Flags(Vec<Item>),
}

/// A parameter, field or case.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) ty: Ty,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ty {
    Simple(&'static str),
    Option(Box<Ty>),
    List(Box<Ty>),
    Result(Box<Ty>, Box<Ty>),
    /// One of [`World::types`]; a string where it cannot be named.
    Named(usize),
    /// One of [`HANDLES`].
    Handle(usize, bool),
    /// One of [`MOUNTS`].
    Mount(usize),
}

pub(super) const HANDLES: [(&str, &str); 4] = [
    ("read", "read-dir"),
    ("read", "read-file"),
    ("write", "write-dir"),
    ("write", "write-file"),
];

pub(super) const MOUNTS: [&str; 2] = ["readable", "writable"];

pub(super) const SIMPLE: [&str; 6] = ["bool", "u8", "u32", "s64", "string", "char"];

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) tags: BTreeSet<usize>,
    pub(super) params: Vec<Item>,
    pub(super) result: Option<Ty>,
    /// In the second interface.
    pub(super) more: bool,
}

const TAGS: [&str; 5] = [
    "@text",
    "@idempotent",
    "@destructive",
    "@example {}",
    "@example {\"a0\": 1}",
];

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Shared,
    Api,
    More,
}

impl World {
    /// The package, in a version of the caller's.
    pub(super) fn text(&self, version: &str) -> String {
        format!("package test:test@{version};\n{}", self.body())
    }

    /// What is in the package.
    pub(super) fn body(&self) -> String {
        let mut text = String::new();
        for (place, name) in [
            (Place::Shared, "shared"),
            (Place::Api, "api"),
            (Place::More, "more"),
        ] {
            let _ = writeln!(
                text,
                "interface {name} {{\n{}}}",
                Printing { world: self, place }.text()
            );
        }
        let _ = writeln!(text, "{}world w {{", doc(&self.docs));
        for import in &self.imports {
            let _ = writeln!(text, "import {};", IMPORTS[*import]);
        }
        text.push_str("export api;\nexport more;\n}\n");
        text
    }
}

fn doc(docs: &str) -> String {
    match docs {
        "" => String::new(),
        docs => format!("/// {docs}\n"),
    }
}

struct Printing<'a> {
    world: &'a World,
    place: Place,
}

impl Printing<'_> {
    fn text(&self) -> String {
        let mut uses = BTreeSet::new();
        let mut text = String::new();
        let here = |ty: &Named| match self.place {
            Place::Shared => ty.shared,
            Place::Api => !ty.shared,
            Place::More => false,
        };
        for (index, named) in self.world.types.iter().enumerate() {
            if !here(named) {
                continue;
            }
            let (word, items) = match &named.kind {
                Kind::Record(items) => ("record", items),
                Kind::Variant(items) => ("variant", items),
                Kind::Enum(items) => ("enum", items),
                Kind::Flags(items) => ("flags", items),
            };
            let _ = writeln!(text, "{}{word} {} {{", doc(&named.docs), named.name);
            for item in items {
                // Only of what stands before it, so that there are no circles.
                let ty = self.ty(&item.ty, index, &mut uses);
                let ty = match named.kind {
                    Kind::Record(_) => format!(": {ty}"),
                    Kind::Variant(_) => format!("({ty})"),
                    Kind::Enum(_) | Kind::Flags(_) => String::new(),
                };
                let _ = writeln!(text, "{}{}{ty},", doc(&item.docs), item.name);
            }
            text.push_str("}\n");
        }
        let functions = self.world.functions.iter();
        let is_here = |function: &&Function| match self.place {
            Place::Shared => false,
            Place::Api => !function.more,
            Place::More => function.more,
        };
        for function in functions.filter(is_here) {
            text.push_str(&doc(&function.docs));
            for param in function
                .params
                .iter()
                .filter(|param| !param.docs.is_empty())
            {
                let _ = writeln!(text, "/// - `{}`: {}", param.name, param.docs);
            }
            for tag in &function.tags {
                let _ = writeln!(text, "/// {}", TAGS[*tag]);
            }
            let all = self.world.types.len();
            let params = function.params.iter();
            let params: Vec<_> = params
                .map(|param| format!("{}: {}", param.name, self.ty(&param.ty, all, &mut uses)))
                .collect();
            let result = function.result.as_ref();
            let result = result.map(|ty| format!(" -> {}", self.ty(ty, all, &mut uses)));
            let _ = writeln!(
                text,
                "{}: func({}){};",
                function.name,
                params.join(", "),
                result.unwrap_or_default()
            );
        }
        let uses: String = uses.into_iter().collect();
        format!("{uses}{text}")
    }

    /// `before`: how many of the types may be named.
    fn ty(&self, ty: &Ty, before: usize, uses: &mut BTreeSet<String>) -> String {
        match ty {
            Ty::Simple(name) => (*name).to_owned(),
            Ty::Option(ty) => format!("option<{}>", self.ty(ty, before, uses)),
            Ty::List(ty) => format!("list<{}>", self.ty(ty, before, uses)),
            Ty::Result(ok, err) => {
                let ok = self.ty(ok, before, uses);
                format!("result<{ok}, {}>", self.ty(err, before, uses))
            }
            Ty::Handle(index, own) => {
                let (interface, name) = HANDLES[*index];
                uses.insert(format!("use bailiwick:fs/{interface}@0.1.0.{{{name}}};\n"));
                let word = if *own { "own" } else { "borrow" };
                format!("{word}<{name}>")
            }
            Ty::Mount(index) => {
                let name = MOUNTS[*index];
                uses.insert(format!("use bailiwick:fs/paths@0.1.0.{{{name}}};\n"));
                name.to_owned()
            }
            Ty::Named(index) => {
                let named = self.world.types.get(*index);
                match named.filter(|_| *index < before) {
                    None => "string".to_owned(),
                    Some(named) => self.name(named, uses),
                }
            }
        }
    }

    fn name(&self, named: &Named, uses: &mut BTreeSet<String>) -> String {
        let from = match (named.shared, self.place) {
            (true, Place::Shared) | (false, Place::Api) => return named.name.clone(),
            (false, Place::Shared) => return "string".to_owned(),
            (true, _) => "shared",
            (false, Place::More) => "api",
        };
        let name = &named.name;
        match named.alias {
            false => {
                uses.insert(format!("use {from}.{{{name}}};\n"));
                name.clone()
            }
            true => {
                uses.insert(format!("use {from}.{{{name} as {name}-too}};\n"));
                format!("{name}-too")
            }
        }
    }
}

/// How many kinds of changes there are.
pub(super) const CHANGES: usize = 40;

/// Changes a world. `a` and `b` say what of it; where there is nothing of the kind, nothing is changed.
pub(super) fn change(world: &mut World, kind: usize, a: usize, b: usize) {
    match kind {
        0 => import(world, a),
        1 => {
            let imports: Vec<_> = world.imports.iter().copied().collect();
            if let Some(import) = pick(&imports, a) {
                world.imports.remove(import);
            }
        }
        2 => world.version += 1,
        3 => world.docs = text(a),
        4..=13 => change_type(world, kind, a, b),
        14 => {
            if world.functions.len() > 1 {
                let index = a % world.functions.len();
                world.functions.remove(index);
            }
        }
        15 => {
            let name = format!("g{}", world.functions.len());
            let handle = Ty::Handle(b % HANDLES.len(), a.is_multiple_of(7));
            let params = vec![
                item("a0", text(b), handle),
                item("a1", String::new(), simple(b)),
            ];
            add_function(world, name, params, a);
        }
        16 => add_function(world, format!("h{}", world.functions.len()), Vec::new(), a),
        17 => {
            let index = a % world.functions.len();
            world.functions.rotate_left(index);
        }
        _ => {
            let index = a % world.functions.len();
            let named = world.types.len();
            change_function(&mut world.functions[index], named, kind, b);
        }
    }
    let names: BTreeSet<_> = world
        .functions
        .iter()
        .map(|of| (&of.name, of.more))
        .collect();
    assert_eq!(names.len(), world.functions.len());
}

/// Of the versions of one interface only one is imported: `semver_check`, which forgets versions, cannot tell two.
pub(super) fn import(world: &mut World, which: usize) {
    let which = which % IMPORTS.len();
    let name = |import: usize| IMPORTS[import].split('@').next();
    world.imports.retain(|import| name(*import) != name(which));
    world.imports.insert(which);
}

fn pick<T>(of: &[T], which: usize) -> Option<&T> {
    of.get(which.checked_rem(of.len())?)
}

fn add_function(world: &mut World, name: String, params: Vec<Item>, which: usize) {
    let more = which.is_multiple_of(2);
    let taken = |of: &Function| of.name == name && of.more == more;
    if !world.functions.iter().any(taken) {
        world.functions.push(Function {
            name,
            docs: text(which),
            tags: BTreeSet::new(),
            params,
            result: None,
            more,
        });
    }
}

fn change_type(world: &mut World, kind: usize, a: usize, b: usize) {
    let count = world.types.len();
    if count == 0 {
        return;
    }
    let index = a % count;
    let taken: BTreeSet<_> = world.types.iter().map(|ty| ty.name.clone()).collect();
    let named = &mut world.types[index];
    match kind {
        4 => named.docs = text(b),
        5 => named.shared = !named.shared,
        6 => named.alias = !named.alias,
        7 => {
            let name = format!("u{b}");
            if !taken.contains(&name) {
                named.name = name;
            }
        }
        8 => {
            world.types.push(Named {
                name: format!("v{count}"),
                docs: text(b),
                shared: false,
                alias: false,
                kind: Kind::Record(vec![item("a0", text(a), simple(b))]),
            });
        }
        // What named it names a string then.
        9 => drop(world.types.pop()),
        10..=13 => {
            let (Kind::Record(items)
            | Kind::Variant(items)
            | Kind::Enum(items)
            | Kind::Flags(items)) = &mut named.kind;
            change_items(items, kind - 10, index, b);
        }
        _ => unreachable!(),
    }
}

/// `named`: how many types may be named.
fn change_items(items: &mut Vec<Item>, kind: usize, named: usize, which: usize) {
    let taken = |items: &[Item], name: &str| items.iter().any(|item| item.name == name);
    let at = which % items.len().max(1);
    match kind {
        0 => {
            let name = format!("b{which}");
            if !taken(items, &name) {
                let ty = some_type(which, named);
                items.insert(at.min(items.len()), item(&name, text(which), ty));
            }
        }
        1 => {
            if items.len() > 1 {
                items.remove(at);
            }
        }
        2 => {
            let name = format!("c{which}");
            if !taken(items, &name)
                && let Some(item) = items.get_mut(at)
            {
                item.name = name;
            }
        }
        _ => {
            if let Some(item) = items.get_mut(at) {
                match which % 3 {
                    0 => item.docs = text(which + 1),
                    1 => item.ty = some_type(which, named),
                    _ => items.rotate_left(1),
                }
            }
        }
    }
}

fn change_function(function: &mut Function, named: usize, kind: usize, b: usize) {
    let params = &mut function.params;
    let at = b % params.len().max(1);
    match kind {
        18 => function.docs = text(b),
        19 => function.more = !function.more && !function.name.starts_with(['g', 'h']),
        20 => {
            let tag = b % TAGS.len();
            if !function.tags.remove(&tag) {
                function.tags.insert(tag);
            }
        }
        21 => {
            function.result = match &function.result {
                None => Some(some_type(b, named)),
                Some(_) if b.is_multiple_of(3) => None,
                Some(ty) if b % 3 == 1 => {
                    Some(Ty::Result(ty.clone().into(), Ty::Simple("string").into()))
                }
                Some(_) => Some(some_type(b, named)),
            }
        }
        22 => params.rotate_left(at),
        23..=26 => change_items(params, kind - 23, named, b),
        27..=31 => {
            if let Some(param) = params.get_mut(at) {
                param.ty = match (kind, &param.ty) {
                    (27, Ty::Option(ty)) => (**ty).clone(),
                    (27 | 28, ty) => Ty::Option(ty.clone().into()),
                    (29, ty) => Ty::List(ty.clone().into()),
                    (30, _) => Ty::Mount(b % MOUNTS.len()),
                    (_, _) => some_type(b, named),
                };
            }
        }
        // Of handles there is most to be seen.
        _ => {
            let handles = params.iter_mut().map(|param| &mut param.ty);
            let mut handles: Vec<_> = handles
                .filter(|ty| matches!(ty, Ty::Handle(..) | Ty::Mount(_)))
                .collect();
            let count = handles.len().max(1);
            let Some(ty) = handles.get_mut(b % count) else {
                if let Some(param) = params.get_mut(at) {
                    param.ty = Ty::Handle(b % HANDLES.len(), false);
                }
                return;
            };
            **ty = match (kind, &**ty) {
                (32..=34, Ty::Handle(index, own)) => {
                    Ty::Handle((index + kind - 31) % HANDLES.len(), *own)
                }
                (35 | 36, Ty::Handle(index, own)) => Ty::Handle(*index, !own),
                (_, Ty::Handle(index, own)) => Ty::Option(Ty::Handle(*index, *own).into()),
                (_, Ty::Mount(index)) => Ty::Mount(1 - index),
                (_, ty) => (*ty).clone(),
            };
        }
    }
}

pub(super) fn item(name: &str, docs: String, ty: Ty) -> Item {
    Item {
        name: name.into(),
        docs,
        ty,
    }
}

/// One of many, and sometimes none.
pub(super) fn text(which: usize) -> String {
    match which % 4 {
        0 => String::new(),
        _ => format!("Says {which}."),
    }
}

fn simple(which: usize) -> Ty {
    Ty::Simple(SIMPLE[which % SIMPLE.len()])
}

/// `named`: how many types may be named.
pub(super) fn some_type(which: usize, named: usize) -> Ty {
    let rest = which / 5;
    match which % 5 {
        0 if named > 0 => Ty::Named(rest % named),
        1 => Ty::List(Ty::Simple("u8").into()),
        2 => Ty::Option(simple(rest).into()),
        3 if named > 0 => Ty::List(Ty::Named(rest % named).into()),
        _ => simple(rest),
    }
}

/// A type with so many items.
pub(super) fn named(index: usize, kind: usize, items: usize, which: usize) -> Named {
    let items = (0..items.max(1))
        .map(|at| {
            item(
                &format!("a{at}"),
                text(which + at),
                some_type(which + at, index),
            )
        })
        .collect();
    Named {
        name: format!("t{index}"),
        docs: text(which),
        shared: which.is_multiple_of(2),
        alias: which.is_multiple_of(5),
        kind: match kind % 4 {
            0 | 1 => Kind::Record(items),
            2 => Kind::Variant(items),
            _ => match which % 2 {
                0 => Kind::Enum(items),
                _ => Kind::Flags(items),
            },
        },
    }
}
