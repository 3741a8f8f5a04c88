//! Types of arguments and results, resolved, so that whoever maps JSON needs neither a WIT parser nor an engine.
//!
//! A [`Type`] is a tree: what WIT names is looked up once, when the component is read, and its size is bounded there.

use std::sync::Arc;

/// A function that a component exports: a tool for a model.
#[derive(Debug, Clone)]
pub struct Function {
    /// Snake case and unique in the component: `grep`; with `<interface>_` in front when two interfaces export the name.
    pub name: String,
    /// The interface that exports it (`bailiwick:files/files@0.1.0`), or none when the world does by itself.
    pub interface: Option<String>,
    /// Its name there, as WIT spells it: `grep`.
    pub export: String,
    /// In the order of the signature.
    pub params: Vec<Field>,
    /// What it returns; none for nothing. A `result` here is the call's success or failure.
    pub result: Option<Type>,
    /// What its documentation says.
    pub docs: Docs,
}

/// What a function's documentation says, taken apart. Empty when the component carries none.
#[derive(Debug, Clone, Default)]
pub struct Docs {
    /// The text without the list of parameters and without tags, paragraphs kept.
    pub text: String,
    /// From `@example`: calls that work.
    pub examples: Vec<serde_json::Value>,
    /// From `@text`: `list<u8>` is UTF-8 text in JSON, and not base64.
    pub bytes_as_text: bool,
    /// From `@idempotent`: the author says that a second call changes nothing more.
    pub idempotent: bool,
    /// From `@destructive`: the author says that it may remove or overwrite.
    pub destructive: bool,
}

/// A parameter, or a field of a record.
#[derive(Debug, Clone)]
pub struct Field {
    /// As WIT spells it: `max-matches`. What an engine wants.
    pub name: Arc<str>,
    /// As JSON spells it: `max_matches`.
    pub key: Arc<str>,
    /// What its documentation says, or empty.
    pub docs: String,
    /// Its type.
    pub ty: Type,
}

/// A case of a variant, enum or flags type.
#[derive(Debug, Clone)]
pub struct Case {
    /// As WIT spells it. What an engine wants.
    pub name: Arc<str>,
    /// As JSON spells it: the same, for these are values and not names of fields.
    pub key: Arc<str>,
    /// What its documentation says, or empty.
    pub docs: String,
    /// The payload of a variant's case; always none in an enum or flags.
    pub ty: Option<Type>,
}

/// The name of a type and where it was defined, past every alias: `bailiwick:tool/types@0.1.0` and `content`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TypeName {
    /// The interface that defines it, with its version; empty for one that the world itself defines.
    pub interface: Arc<str>,
    /// The name there.
    pub name: Arc<str>,
}

/// A record, variant, enum or flags type, shared by all who refer to it.
#[derive(Debug)]
pub struct Named<T> {
    /// Who it is.
    pub name: TypeName,
    /// What its documentation says, or empty.
    pub docs: String,
    /// Fields of a record in order, or cases of a variant, enum or flags type.
    pub items: Vec<T>,
}

/// A handle to a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle {
    /// The resource, always by its defining interface and name, never by an alias.
    pub resource: TypeName,
    /// `own`, and not `borrow`.
    pub own: bool,
}

/// A type of a value. Comments name the JSON that stands for it.
#[derive(Debug, Clone)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A number from -2^7 to 2^7-1.
    S8,
    /// A number from 0 to 2^8-1.
    U8,
    /// A number from -2^15 to 2^15-1.
    S16,
    /// A number from 0 to 2^16-1.
    U16,
    /// A number from -2^31 to 2^31-1.
    S32,
    /// A number from 0 to 2^32-1.
    U32,
    /// A number, or a decimal string past 2^53.
    S64,
    /// A number, or a decimal string past 2^53.
    U64,
    /// A number, or `"NaN"`, `"Infinity"`, `"-Infinity"`.
    F32,
    /// A number, or `"NaN"`, `"Infinity"`, `"-Infinity"`.
    F64,
    /// A string of one character (one Unicode scalar value).
    Char,
    /// A string.
    String,
    /// `list<u8>`: a base64 string (RFC 4648, section 4, padded), or with `text` UTF-8.
    Bytes {
        /// UTF-8 text, and not base64.
        text: bool,
    },
    /// An array.
    List(Arc<Type>),
    /// An array of fixed length.
    Tuple(Arc<[Type]>),
    /// An object. A field that is an option may be absent.
    Record(Arc<Named<Field>>),
    /// `{"kind": …, "value": …}`, without `value` for a case that has no payload.
    Variant(Arc<Named<Case>>),
    /// A string.
    Enum(Arc<Named<Case>>),
    /// An array of strings.
    Flags(Arc<Named<Case>>),
    /// The value, or null. An option in an option: `{"some": …}` or null.
    Option(Arc<Type>),
    /// `{"ok": …}` or `{"err": …}`, with null for no payload.
    Result {
        /// The payload of success.
        ok: Option<Arc<Type>>,
        /// The payload of failure.
        err: Option<Arc<Type>>,
    },
    /// A string: a name of the session's namespace.
    Handle(Handle),
    /// One of the records of `bailiwick:fs/paths`, and a string in JSON: a name of the session's namespace, mounted for the call. The
    /// component gets its path.
    Mount(Mount),
}

/// A record that asks for a mount: `readable` or `writable` of `bailiwick:fs/paths`.
#[derive(Debug, Clone)]
pub struct Mount {
    /// The record, which has the one field `path`.
    pub record: Arc<Named<Field>>,
    /// To change, and not only to look at.
    pub writes: bool,
}
