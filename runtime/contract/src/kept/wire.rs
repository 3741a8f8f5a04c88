//! The JSON of [`Facts`]: types in one list, each after those that it is made of, so that what is shared is written once and nothing is nested.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Facts;
use crate::audit::{Bounds, findings};
use crate::contract::{Contract, Extra, Finding, Import};
use crate::digest::Digest;
use crate::types::{Case, Docs, Field, Function, Handle, Mount, Named, Type, TypeName};

/// The place of a type in the list.
type At = u32;

#[derive(Serialize, Deserialize)]
struct Wire {
    digest: Digest,
    size: u64,
    bounds: Bounds,
    types: Vec<WireType>,
    functions: Vec<WireFunction>,
    imports: Vec<Import>,
    extra: Vec<Extra>,
    findings: Vec<WireFinding>,
    misleading: Vec<WireFinding>,
    docs: String,
    producers: Vec<(String, String, String)>,
}

#[derive(Serialize, Deserialize)]
struct WireFunction {
    name: String,
    interface: Option<String>,
    export: String,
    params: Vec<WireField>,
    result: Option<At>,
    text: String,
    /// Each as text: one may be nested as deeply as JSON is read, and stands deeper here.
    examples: Vec<String>,
    bytes_as_text: bool,
    idempotent: bool,
    destructive: bool,
}

#[derive(Serialize, Deserialize)]
struct WireFinding {
    code: String,
    message: String,
}

#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct WireField {
    name: String,
    key: String,
    docs: String,
    ty: At,
}

#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct WireCase {
    name: String,
    key: String,
    docs: String,
    ty: Option<At>,
}

#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct WireNamed<T> {
    interface: String,
    name: String,
    docs: String,
    items: Vec<T>,
}

#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum WireType {
    Bool,
    S8,
    U8,
    S16,
    U16,
    S32,
    U32,
    S64,
    U64,
    F32,
    F64,
    Char,
    String,
    Bytes(bool),
    List(At),
    Tuple(Vec<At>),
    Record(WireNamed<WireField>),
    Variant(WireNamed<WireCase>),
    Enum(WireNamed<WireCase>),
    Flags(WireNamed<WireCase>),
    Option(At),
    Result(Option<At>, Option<At>),
    Handle {
        interface: String,
        name: String,
        own: bool,
    },
    Mount(WireNamed<WireField>, bool),
}

pub(super) fn write(facts: &Facts) -> Vec<u8> {
    let contract = &facts.contract;
    let mut types = Writer::default();
    let functions = contract.functions.iter();
    let functions = functions.map(|it| types.function(it)).collect();
    let wire = Wire {
        digest: contract.digest,
        size: facts.size,
        bounds: facts.bounds,
        types: types.list,
        functions,
        imports: contract.imports.clone(),
        extra: contract.extra.clone(),
        findings: contract.findings.iter().map(finding).collect(),
        misleading: contract.misleading.iter().map(finding).collect(),
        docs: contract.docs.clone(),
        producers: contract.producers.clone(),
    };
    // Strings as keys and numbers that are finite: there is nothing that JSON could not say.
    serde_json::to_vec(&wire).unwrap_or_default()
}

pub(super) fn read(body: &[u8]) -> Option<Facts> {
    let wire: Wire = serde_json::from_slice(body).ok()?;
    let mut types = Reader::default();
    for ty in wire.types {
        let ty = types.ty(ty)?;
        types.list.push(ty);
    }
    let functions = wire.functions.into_iter();
    let functions: Option<_> = functions.map(|it| types.function(it)).collect();
    let findings = |all: Vec<WireFinding>| all.into_iter().map(known).collect::<Option<_>>();
    Some(Facts {
        contract: Contract {
            digest: wire.digest,
            functions: functions?,
            imports: wire.imports,
            extra: wire.extra,
            findings: findings(wire.findings)?,
            misleading: findings(wire.misleading)?,
            docs: wire.docs,
            producers: wire.producers,
        },
        size: wire.size,
        bounds: wire.bounds,
    })
}

fn finding(finding: &Finding) -> WireFinding {
    WireFinding {
        code: finding.code.to_owned(),
        message: finding.message.clone(),
    }
}

/// A finding, if there is one of that code.
fn known(finding: WireFinding) -> Option<Finding> {
    Some(Finding {
        code: findings::find(&finding.code)?.code,
        message: finding.message,
    })
}

/// Types that were written, and where each is.
#[derive(Default)]
struct Writer {
    list: Vec<WireType>,
    places: HashMap<WireType, At>,
}

impl Writer {
    fn function(&mut self, function: &Function) -> WireFunction {
        let docs = &function.docs;
        WireFunction {
            name: function.name.clone(),
            interface: function.interface.clone(),
            export: function.export.clone(),
            params: function.params.iter().map(|it| self.field(it)).collect(),
            result: function.result.as_ref().map(|ty| self.place(ty)),
            text: docs.text.clone(),
            examples: docs.examples.iter().map(ToString::to_string).collect(),
            bytes_as_text: docs.bytes_as_text,
            idempotent: docs.idempotent,
            destructive: docs.destructive,
        }
    }

    fn field(&mut self, field: &Field) -> WireField {
        WireField {
            name: field.name.to_string(),
            key: field.key.to_string(),
            docs: field.docs.clone(),
            ty: self.place(&field.ty),
        }
    }

    fn record(&mut self, record: &Named<Field>) -> WireNamed<WireField> {
        named(record, |field| self.field(field))
    }

    fn cases(&mut self, cases: &Named<Case>) -> WireNamed<WireCase> {
        named(cases, |case| WireCase {
            name: case.name.to_string(),
            key: case.key.to_string(),
            docs: case.docs.clone(),
            ty: case.ty.as_ref().map(|ty| self.place(ty)),
        })
    }

    /// The place of a type. The contract bounds how deep it is, and how large.
    fn place(&mut self, ty: &Type) -> At {
        let ty = self.ty(ty);
        if let Some(place) = self.places.get(&ty) {
            return *place;
        }
        let place = self.list.len() as At;
        self.list.push(ty.clone());
        self.places.insert(ty, place);
        place
    }

    fn ty(&mut self, ty: &Type) -> WireType {
        let mut side = |ty: &Option<Arc<Type>>| ty.as_ref().map(|ty| self.place(ty));
        match ty {
            Type::Bool => WireType::Bool,
            Type::S8 => WireType::S8,
            Type::U8 => WireType::U8,
            Type::S16 => WireType::S16,
            Type::U16 => WireType::U16,
            Type::S32 => WireType::S32,
            Type::U32 => WireType::U32,
            Type::S64 => WireType::S64,
            Type::U64 => WireType::U64,
            Type::F32 => WireType::F32,
            Type::F64 => WireType::F64,
            Type::Char => WireType::Char,
            Type::String => WireType::String,
            Type::Bytes { text } => WireType::Bytes(*text),
            Type::List(item) => WireType::List(self.place(item)),
            Type::Tuple(items) => {
                WireType::Tuple(items.iter().map(|item| self.place(item)).collect())
            }
            Type::Record(record) => WireType::Record(self.record(record)),
            Type::Variant(cases) => WireType::Variant(self.cases(cases)),
            Type::Enum(cases) => WireType::Enum(self.cases(cases)),
            Type::Flags(cases) => WireType::Flags(self.cases(cases)),
            Type::Option(inner) => WireType::Option(self.place(inner)),
            Type::Result { ok, err } => WireType::Result(side(ok), side(err)),
            Type::Handle(handle) => WireType::Handle {
                interface: handle.resource.interface.to_string(),
                name: handle.resource.name.to_string(),
                own: handle.own,
            },
            Type::Mount(mount) => WireType::Mount(self.record(&mount.record), mount.writes),
        }
    }
}

fn named<T, W>(of: &Named<T>, item: impl FnMut(&T) -> W) -> WireNamed<W> {
    WireNamed {
        interface: of.name.interface.to_string(),
        name: of.name.name.to_string(),
        docs: of.docs.clone(),
        items: of.items.iter().map(item).collect(),
    }
}

/// Types that were read, each at its place.
#[derive(Default)]
struct Reader {
    list: Vec<Type>,
}

impl Reader {
    /// A type that stands before.
    fn at(&self, place: At) -> Option<Type> {
        self.list.get(place as usize).cloned()
    }

    fn function(&self, function: WireFunction) -> Option<Function> {
        let params = function.params.into_iter();
        let examples = function.examples.iter();
        Some(Function {
            name: function.name,
            interface: function.interface,
            export: function.export,
            params: params.map(|it| self.field(it)).collect::<Option<_>>()?,
            result: self.some(function.result)?,
            docs: Docs {
                text: function.text,
                examples: examples
                    .map(|text| serde_json::from_str(text).ok())
                    .collect::<Option<_>>()?,
                bytes_as_text: function.bytes_as_text,
                idempotent: function.idempotent,
                destructive: function.destructive,
            },
        })
    }

    fn some(&self, place: Option<At>) -> Option<Option<Type>> {
        match place {
            Some(place) => self.at(place).map(Some),
            None => Some(None),
        }
    }

    fn field(&self, field: WireField) -> Option<Field> {
        Some(Field {
            name: field.name.into(),
            key: field.key.into(),
            docs: field.docs,
            ty: self.at(field.ty)?,
        })
    }

    fn record(&self, record: WireNamed<WireField>) -> Option<Arc<Named<Field>>> {
        read_named(record, |field| self.field(field))
    }

    fn cases(&self, cases: WireNamed<WireCase>) -> Option<Arc<Named<Case>>> {
        read_named(cases, |case| {
            Some(Case {
                name: case.name.into(),
                key: case.key.into(),
                docs: case.docs,
                ty: self.some(case.ty)?,
            })
        })
    }

    fn ty(&self, ty: WireType) -> Option<Type> {
        let side = |place| Some(self.some(place)?.map(Arc::new));
        Some(match ty {
            WireType::Bool => Type::Bool,
            WireType::S8 => Type::S8,
            WireType::U8 => Type::U8,
            WireType::S16 => Type::S16,
            WireType::U16 => Type::U16,
            WireType::S32 => Type::S32,
            WireType::U32 => Type::U32,
            WireType::S64 => Type::S64,
            WireType::U64 => Type::U64,
            WireType::F32 => Type::F32,
            WireType::F64 => Type::F64,
            WireType::Char => Type::Char,
            WireType::String => Type::String,
            WireType::Bytes(text) => Type::Bytes { text },
            WireType::List(item) => Type::List(Arc::new(self.at(item)?)),
            WireType::Tuple(items) => {
                let items: Option<Vec<_>> = items.into_iter().map(|item| self.at(item)).collect();
                Type::Tuple(items?.into())
            }
            WireType::Record(record) => Type::Record(self.record(record)?),
            WireType::Variant(cases) => Type::Variant(self.cases(cases)?),
            WireType::Enum(cases) => Type::Enum(self.cases(cases)?),
            WireType::Flags(cases) => Type::Flags(self.cases(cases)?),
            WireType::Option(inner) => Type::Option(Arc::new(self.at(inner)?)),
            WireType::Result(ok, err) => Type::Result {
                ok: side(ok)?,
                err: side(err)?,
            },
            WireType::Handle {
                interface,
                name,
                own,
            } => Type::Handle(Handle {
                resource: type_name(interface, name),
                own,
            }),
            WireType::Mount(record, writes) => Type::Mount(Mount {
                record: self.record(record)?,
                writes,
            }),
        })
    }
}

fn read_named<W, T>(of: WireNamed<W>, item: impl FnMut(W) -> Option<T>) -> Option<Arc<Named<T>>> {
    Some(Arc::new(Named {
        name: type_name(of.interface, of.name),
        docs: of.docs,
        items: of.items.into_iter().map(item).collect::<Option<_>>()?,
    }))
}

fn type_name(interface: String, name: String) -> TypeName {
    TypeName {
        interface: interface.into(),
        name: name.into(),
    }
}
