//! How large a contract may become. WIT types share their parts and JSON Schema has no references here, so what a component
//! names once is shown wherever it is meant: without bounds, a short component would fill a model's memory, or a host's.

use crate::types::{Case, Field, Named, Type, TypeName};

/// The bytes of a name in a signature: of a function, parameter, field, case or type.
pub(crate) const NAME: usize = 128;

/// The bytes of an interface's name, with its package and version.
pub(crate) const INTERFACE: usize = 256;

/// The bytes of one text of documentation, and of one example.
pub(crate) const TEXT: usize = 16 << 10;

/// The bytes of all that is shown of one function.
pub(crate) const FUNCTION: u64 = 1 << 20;

/// The bytes of all that is shown of all functions.
pub(crate) const COMPONENT: u64 = 16 << 20;

/// The bytes of a component's WIT, without documentation.
pub(crate) const WIT: u64 = 32 << 20;

/// How many problems of one function's documentation are told.
pub(crate) const PROBLEMS: usize = 16;

/// A name that is too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LongName {
    pub(crate) what: &'static str,
    /// How it begins.
    pub(crate) name: String,
    pub(crate) length: usize,
    pub(crate) most: usize,
}

/// Refuses a name that is too long.
pub(crate) fn name(what: &'static str, name: &str, most: usize) -> Result<(), LongName> {
    if name.len() <= most {
        return Ok(());
    }
    Err(LongName {
        what,
        name: front(name, 40),
        length: name.len(),
        most,
    })
}

/// A text, cut after so many characters.
pub(crate) fn front(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}

/// How many bytes a text is in JSON, or somewhat more.
pub(crate) fn text(text: &str) -> u64 {
    let of_byte = |byte| match byte {
        b'"' | b'\\' | b'\n' | b'\t' | b'\r' => 2,
        0..0x20 => 6,
        _ => 1,
    };
    text.bytes().map(of_byte).sum()
}

/// The same as a `description`; none for no text.
pub(crate) fn description(docs: &str) -> u64 {
    if docs.is_empty() { 0 } else { text(docs) + 20 }
}

/// How many bytes a type takes in a schema and in a signature at most, without its parts and without documentation.
pub(crate) fn of_type(ty: &Type) -> u64 {
    match ty {
        Type::S64 | Type::U64 | Type::F32 | Type::F64 | Type::Option(_) => 160,
        Type::Result { .. } => 256,
        Type::Record(named) => of_named(&named.name, named.items.iter().map(of_field)),
        Type::Variant(named) => of_named(
            &named.name,
            named.items.iter().map(|case| of_key(case) + 140),
        ),
        Type::Enum(named) | Type::Flags(named) => {
            of_named(&named.name, named.items.iter().map(of_key))
        }
        Type::Mount(mount) => of_named(&mount.record.name, std::iter::empty()),
        Type::Handle(handle) => of_named(&handle.resource, std::iter::empty()),
        _ => 100,
    }
}

/// How many bytes a field takes, without its type: it stands among the properties and again among what is required.
pub(crate) fn of_field(field: &Field) -> u64 {
    2 * bytes(&field.key) + 10
}

fn of_key(case: &Case) -> u64 {
    bytes(&case.key) + 5
}

fn of_named(name: &TypeName, items: impl Iterator<Item = u64>) -> u64 {
    100 + bytes(&name.interface) + bytes(&name.name) + items.sum::<u64>()
}

/// How many bytes the documentation of a type takes, without that of its parts.
pub(crate) fn of_docs(ty: &Type) -> u64 {
    match ty {
        Type::Record(named) => {
            let fields = named.items.iter().map(|field| description(&field.docs));
            description(&named.docs) + fields.sum::<u64>()
        }
        Type::Mount(mount) => description(&mount.record.docs),
        Type::Variant(named) | Type::Enum(named) | Type::Flags(named) => of_cases(named),
        _ => 0,
    }
}

fn of_cases(named: &Named<Case>) -> u64 {
    let documented = named.items.iter().filter(|case| !case.docs.is_empty());
    let cases = documented.map(|case| description(&case.docs) + bytes(&case.key));
    description(&named.docs) + 20 + cases.sum::<u64>()
}

fn bytes(text: &str) -> u64 {
    text.len() as u64
}
