//! Types in a `Resolve` → trees of [`Type`], bounded in size and depth, with their documentation.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use wit_parser::{
    Handle as WitHandle, InterfaceId, Type as WitType, TypeDefKind, TypeId, TypeOwner,
};

use crate::budget::{self, LongName};
use crate::known;
use crate::names::snake_case;
use crate::scope::Scope;
use crate::types::{Case, Field, Handle, Named, Type, TypeName};

/// How many types one function may name, counting each time one is named. WIT types share their parts, so a short component
/// can name a tree of any size, and a schema shows it all.
pub(crate) const LARGEST: u64 = 10_000;

/// How deep the types of a function may be nested.
pub(crate) const DEEPEST: usize = 64;

/// Why a type is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A type that has no place in a call with JSON: what it is, and why not.
    Unsupported(String, &'static str),
    /// Over [`LARGEST`], [`DEEPEST`] or [`budget::FUNCTION`].
    TooComplex,
    /// A name that is too long.
    LongName(LongName),
}

impl From<LongName> for Refusal {
    fn from(long: LongName) -> Refusal {
        Refusal::LongName(long)
    }
}

/// How a tree is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Style {
    /// Bytes are text.
    pub(crate) text: bool,
    /// Types have their documentation.
    pub(crate) docs: bool,
}

/// The types of a function.
pub(crate) struct Signature {
    /// Without documentation yet.
    pub(crate) params: Vec<Field>,
    pub(crate) result: Option<Type>,
    /// How many bytes it takes in schemas and as text, at most: without documentation, and that of its types.
    pub(crate) bytes: u64,
    pub(crate) docs: u64,
}

/// What documentation says about a type: about itself, and about each of its fields or cases in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct TypeDocs {
    pub(crate) docs: String,
    pub(crate) items: Vec<String>,
}

impl TypeDocs {
    /// What stands in the `Resolve` itself.
    pub(crate) fn of(scope: &Scope, id: TypeId) -> TypeDocs {
        let ty = &scope.resolve.types[id];
        let items = match &ty.kind {
            TypeDefKind::Record(record) => {
                record.fields.iter().map(|item| text(&item.docs)).collect()
            }
            TypeDefKind::Variant(variant) => {
                variant.cases.iter().map(|item| text(&item.docs)).collect()
            }
            TypeDefKind::Enum(cases) => cases.cases.iter().map(|item| text(&item.docs)).collect(),
            TypeDefKind::Flags(flags) => flags.flags.iter().map(|item| text(&item.docs)).collect(),
            _ => Vec::new(),
        };
        TypeDocs {
            docs: text(&ty.docs),
            items,
        }
    }
}

/// A documentation comment, without blanks around it.
pub(crate) fn text(docs: &wit_parser::Docs) -> String {
    docs.contents.as_deref().unwrap_or("").trim().to_owned()
}

/// Where documentation of types is found.
pub(crate) type LookUp<'a> = dyn FnMut(&Scope, &TypeName, TypeId) -> TypeDocs + 'a;

/// Builds the trees of one component. What several functions name is built once and shared.
pub(crate) struct Trees<'a> {
    scope: &'a Scope,
    /// Interfaces that the component exports: their resources are its own.
    own: HashSet<InterfaceId>,
    docs: Box<LookUp<'a>>,
    built: HashMap<(TypeId, Style), Tree>,
}

#[derive(Clone)]
struct Tree {
    ty: Type,
    /// How many types are in it, itself included.
    size: u64,
    depth: usize,
    /// How many bytes it takes, as in [`Signature`].
    bytes: u64,
    docs: u64,
}

impl Tree {
    fn leaf(ty: Type) -> Tree {
        Tree {
            bytes: budget::of_type(&ty),
            docs: 0,
            ty,
            size: 1,
            depth: 1,
        }
    }
}

/// Size, depth and bytes of the parts of a type.
#[derive(Default)]
struct Parts {
    size: u64,
    depth: usize,
    bytes: u64,
    docs: u64,
}

impl Parts {
    fn add(&mut self, tree: Tree) -> Type {
        self.size = self.size.saturating_add(tree.size);
        self.depth = self.depth.max(tree.depth);
        self.bytes = self.bytes.saturating_add(tree.bytes);
        self.docs = self.docs.saturating_add(tree.docs);
        tree.ty
    }
}

impl<'a> Trees<'a> {
    pub(crate) fn new(
        scope: &'a Scope,
        own: HashSet<InterfaceId>,
        docs: Box<LookUp<'a>>,
    ) -> Trees<'a> {
        Trees {
            scope,
            own,
            docs,
            built: HashMap::new(),
        }
    }

    /// Types of the parameters and of the result of a function.
    pub(crate) fn function(
        &mut self,
        function: &wit_parser::Function,
        style: Style,
    ) -> Result<Signature, Refusal> {
        if function.kind.is_async() {
            return Err(Refusal::Unsupported(
                "async".into(),
                "tools are not: they are called and return",
            ));
        }
        let mut parts = Parts::default();
        let mut params = Vec::new();
        for param in &function.params {
            let ty = parts.add(self.ty(&param.ty, style, 1)?);
            let param = field("parameter", &param.name, ty)?;
            parts.bytes += budget::of_field(&param) + param.name.len() as u64;
            params.push(param);
        }
        let result = match &function.result {
            Some(ty) => Some(parts.add(self.ty(ty, style, 1)?)),
            None => None,
        };
        // The objects around arguments and result.
        let bytes = parts.bytes.saturating_add(300);
        if parts.size > LARGEST || bytes > budget::FUNCTION {
            return Err(Refusal::TooComplex);
        }
        Ok(Signature {
            params,
            result,
            bytes,
            docs: parts.docs,
        })
    }

    fn ty(&mut self, ty: &WitType, style: Style, level: usize) -> Result<Tree, Refusal> {
        let id = match ty {
            WitType::Id(id) => self.scope.definition(*id),
            primitive => Err(*primitive),
        };
        let id = match id {
            Ok(id) => id,
            Err(primitive) => return primitive_type(primitive).map(Tree::leaf),
        };
        let tree = match self.built.get(&(id, style)) {
            Some(tree) => tree.clone(),
            None if level > DEEPEST => return Err(Refusal::TooComplex),
            None => {
                let mut parts = Parts::default();
                let ty = self.build(id, style, level, &mut parts)?;
                let tree = Tree {
                    bytes: parts.bytes.saturating_add(budget::of_type(&ty)),
                    docs: parts.docs.saturating_add(budget::of_docs(&ty)),
                    ty,
                    size: parts.size.saturating_add(1),
                    depth: parts.depth + 1,
                };
                self.built.insert((id, style), tree.clone());
                tree
            }
        };
        let is_large = tree.size > LARGEST || tree.bytes > budget::FUNCTION;
        if tree.depth + level > DEEPEST + 1 || is_large {
            return Err(Refusal::TooComplex);
        }
        Ok(tree)
    }

    fn build(
        &mut self,
        id: TypeId,
        style: Style,
        level: usize,
        parts: &mut Parts,
    ) -> Result<Type, Refusal> {
        let scope = self.scope;
        let mut part = |this: &mut Self, ty: &WitType| {
            this.ty(ty, style, level + 1).map(|tree| parts.add(tree))
        };
        Ok(match &scope.resolve.types[id].kind {
            TypeDefKind::Record(record) => {
                let mut items = Vec::new();
                for item in &record.fields {
                    items.push(field("field", &item.name, part(self, &item.ty)?)?);
                }
                let (name, docs) = self.named(id, style, &mut items, |item| &mut item.docs)?;
                known::mount(Arc::new(Named { name, docs, items }))
            }
            TypeDefKind::Variant(variant) => {
                let mut items = Vec::new();
                for item in &variant.cases {
                    let ty = item.ty.as_ref().map(|ty| part(self, ty)).transpose()?;
                    items.push(case(&item.name, ty)?);
                }
                Type::Variant(self.cases(id, style, items)?)
            }
            TypeDefKind::Enum(cases) => {
                let items = cases.cases.iter().map(|item| case(&item.name, None));
                Type::Enum(self.cases(id, style, items.collect::<Result<_, _>>()?)?)
            }
            TypeDefKind::Flags(flags) => {
                let items = flags.flags.iter().map(|item| case(&item.name, None));
                Type::Flags(self.cases(id, style, items.collect::<Result<_, _>>()?)?)
            }
            TypeDefKind::Tuple(tuple) => {
                let types: Result<Vec<_>, _> =
                    tuple.types.iter().map(|ty| part(self, ty)).collect();
                Type::Tuple(types?.into())
            }
            TypeDefKind::List(item) => match part(self, item)? {
                Type::U8 => Type::Bytes { text: style.text },
                item => Type::List(Arc::new(item)),
            },
            TypeDefKind::Option(inner) => Type::Option(Arc::new(part(self, inner)?)),
            TypeDefKind::Result(result) => {
                let mut side = |ty: &Option<WitType>| {
                    ty.as_ref()
                        .map(|ty| part(self, ty).map(Arc::new))
                        .transpose()
                };
                Type::Result {
                    ok: side(&result.ok)?,
                    err: side(&result.err)?,
                }
            }
            TypeDefKind::Handle(WitHandle::Own(resource)) => self.handle(*resource, true)?,
            TypeDefKind::Handle(WitHandle::Borrow(resource)) => self.handle(*resource, false)?,
            kind => return Err(unsupported(kind)),
        })
    }

    fn cases(
        &mut self,
        id: TypeId,
        style: Style,
        mut items: Vec<Case>,
    ) -> Result<Arc<Named<Case>>, Refusal> {
        let (name, docs) = self.named(id, style, &mut items, |item| &mut item.docs)?;
        Ok(Arc::new(Named { name, docs, items }))
    }

    /// The name of a type and its documentation; that of its items goes to the items.
    fn named<T>(
        &mut self,
        id: TypeId,
        style: Style,
        items: &mut [T],
        docs_of: impl Fn(&mut T) -> &mut String,
    ) -> Result<(TypeName, String), Refusal> {
        let name = self.type_name(id)?;
        if !style.docs {
            return Ok((name, String::new()));
        }
        let found = (self.docs)(self.scope, &name, id);
        for (item, docs) in items.iter_mut().zip(found.items) {
            *docs_of(item) = docs;
        }
        Ok((name, found.docs))
    }

    fn type_name(&self, id: TypeId) -> Result<TypeName, LongName> {
        let name = self.scope.type_name(id);
        budget::name("type", &name.name, budget::NAME)?;
        budget::name("interface", &name.interface, budget::INTERFACE)?;
        Ok(name)
    }

    fn handle(&mut self, resource: TypeId, own: bool) -> Result<Type, Refusal> {
        let Ok(id) = self.scope.definition(resource) else {
            return Err(Refusal::TooComplex);
        };
        let name = self.type_name(id)?;
        if let TypeOwner::Interface(interface) = self.scope.resolve.types[id].owner
            && self.own.contains(&interface)
        {
            let what = format!("the resource `{}` of its own", name.name);
            return Err(Refusal::Unsupported(what, "cannot be called yet"));
        }
        Ok(Type::Handle(Handle {
            resource: name,
            own,
        }))
    }
}

fn unsupported(kind: &TypeDefKind) -> Refusal {
    let why = match kind {
        TypeDefKind::Stream(_) | TypeDefKind::Future(_) => "has no value that JSON could tell",
        TypeDefKind::Map(..) => "is too new: use a list of tuples",
        TypeDefKind::FixedLengthList(..) => "is too new: use a list or a tuple",
        _ => "is not the type of a value",
    };
    Refusal::Unsupported(format!("`{}`", kind.as_str()), why)
}

fn primitive_type(ty: WitType) -> Result<Type, Refusal> {
    Ok(match ty {
        WitType::Bool => Type::Bool,
        WitType::S8 => Type::S8,
        WitType::U8 => Type::U8,
        WitType::S16 => Type::S16,
        WitType::U16 => Type::U16,
        WitType::S32 => Type::S32,
        WitType::U32 => Type::U32,
        WitType::S64 => Type::S64,
        WitType::U64 => Type::U64,
        WitType::F32 => Type::F32,
        WitType::F64 => Type::F64,
        WitType::Char => Type::Char,
        WitType::String => Type::String,
        WitType::ErrorContext | WitType::Id(_) => {
            let what = "`error-context`".to_owned();
            return Err(Refusal::Unsupported(
                what,
                "has no value that JSON could tell",
            ));
        }
    })
}

fn field(what: &'static str, name: &str, ty: Type) -> Result<Field, LongName> {
    budget::name(what, name, budget::NAME)?;
    Ok(Field {
        name: name.into(),
        key: snake_case(name).into(),
        docs: String::new(),
        ty,
    })
}

fn case(name: &str, ty: Option<Type>) -> Result<Case, LongName> {
    budget::name("case", name, budget::NAME)?;
    Ok(Case {
        name: name.into(),
        key: name.into(),
        docs: String::new(),
        ty,
    })
}
