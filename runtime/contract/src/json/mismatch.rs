//! JSON that does not fit a type, told so that whoever wrote it can correct it.

use std::fmt;
use std::io::{self, Write};

use serde_json::Value;

use crate::names::nearest;
use crate::types::{Case, Field, Type};

/// The first place where JSON does not fit the contract. Displays as a lower-case fragment of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Where, as a JSON path: `$.filters[2].name`.
    pub path: String,
    /// What fits there: `a string`.
    pub expected: String,
    /// What was there, as JSON, cut after 60 characters; `nothing` when it is missing.
    pub got: String,
    /// What may have been meant.
    pub hint: Option<String>,
    /// What kind of mismatch it is.
    pub problem: Problem,
}

/// The kinds of mismatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A value that does not fit.
    Value,
    /// A field or argument that is not there, though it must be: its name.
    Missing(String),
    /// A field or argument that the type does not have: its name, cut after 60 characters.
    Unknown(String),
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mismatch {
            path,
            expected,
            got,
            hint,
            problem,
        } = self;
        // A name right below the root is an argument of the function.
        let is_argument = !path[1..].contains(['.', '[']) || path.rfind(['.', '[']) == Some(1);
        let of_argument = |f: &mut fmt::Formatter<'_>, what: &str, name: &str| {
            if is_argument {
                write!(f, "{what} argument `{name}`, expected {expected}")
            } else {
                write!(f, "{path}: {what} field `{name}`, expected {expected}")
            }
        };
        match problem {
            Problem::Value => write!(f, "{path}: expected {expected}, got {got}")?,
            Problem::Missing(name) => of_argument(f, "missing", name)?,
            Problem::Unknown(name) => of_argument(f, "unknown", name)?,
        }
        hint.iter().try_for_each(|hint| write!(f, "; {hint}"))
    }
}

impl std::error::Error for Mismatch {}

/// The place in the JSON that is being looked at: costs nothing until there is something to say.
#[derive(Clone, Copy)]
pub(crate) enum Path<'a> {
    Root,
    Key(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => f.write_str("$"),
            Path::Index(parent, index) => write!(f, "{parent}[{index}]"),
            Path::Key(parent, key) => {
                let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
                if key.chars().all(word) && !key.is_empty() && key.len() <= SHOWN {
                    write!(f, "{parent}.{key}")
                } else {
                    write!(f, "{parent}[{}]", shown(&Value::from(*key)))
                }
            }
        }
    }
}

impl Path<'_> {
    /// A value that does not fit `expected`.
    pub(crate) fn mismatch(&self, expected: impl Into<String>, got: &Value) -> Box<Mismatch> {
        Box::new(Mismatch {
            path: self.to_string(),
            expected: expected.into(),
            got: shown(got),
            hint: None,
            problem: Problem::Value,
        })
    }

    /// A field of `self` that must be there and is not.
    pub(crate) fn missing(&self, key: &str, expected: impl Into<String>) -> Box<Mismatch> {
        Box::new(Mismatch {
            path: Path::Key(self, key).to_string(),
            expected: expected.into(),
            got: "nothing".into(),
            hint: None,
            problem: Problem::Missing(key.into()),
        })
    }

    /// A field of `self` that none of `known` is.
    pub(crate) fn unknown<'a>(
        &self,
        key: &str,
        got: &Value,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> Box<Mismatch> {
        Box::new(Mismatch {
            path: Path::Key(self, key).to_string(),
            expected: one_of(known.clone()),
            got: shown(got),
            hint: meant(key, known),
            problem: Problem::Unknown(cut(key)),
        })
    }
}

impl Mismatch {
    pub(crate) fn with_hint(mut self: Box<Self>, hint: Option<String>) -> Box<Mismatch> {
        self.hint = hint;
        self
    }
}

/// How much of a value is shown, in characters.
const SHOWN: usize = 60;

/// A value as JSON, cut. Writes no more of it than is shown.
fn shown(value: &Value) -> String {
    struct Front(Vec<u8>);
    impl Write for Front {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0.len() > 4 * SHOWN {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.0.extend(&bytes[..bytes.len().min(4 * SHOWN + 4)]);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut front = Front(Vec::new());
    // The only error is that enough has been written.
    let _ = serde_json::to_writer(&mut front, value);
    cut(&String::from_utf8_lossy(&front.0))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}

/// `did you mean …`, when something is near.
pub(crate) fn meant<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let near = nearest(wanted, known, 3);
    let quoted: Vec<_> = near.iter().map(|name| format!("`{name}`")).collect();
    (!near.is_empty()).then(|| format!("did you mean {}?", quoted.join(" or ")))
}

/// How many names are listed.
const LISTED: usize = 24;

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut list = String::new();
    for (index, name) in names.enumerate() {
        if index == LISTED {
            list.push_str(", …");
            break;
        }
        let comma = if index > 0 { ", " } else { "" };
        list.push_str(&format!("{comma}`{name}`"));
    }
    list
}

/// Which names there are, in words. Not all of them when there are many.
pub(crate) fn one_of<'a>(names: impl Iterator<Item = &'a str> + Clone) -> String {
    match names.clone().take(2).count() {
        0 => "none".into(),
        1 => format!("only {}", listed(names)),
        _ => format!("one of {}", listed(names)),
    }
}

/// What JSON an object with these fields is.
pub(crate) fn object_with(fields: &[Field]) -> String {
    match fields {
        [] => "an empty object".into(),
        _ => format!(
            "an object with {}",
            listed(fields.iter().map(|field| &*field.key))
        ),
    }
}

pub(crate) fn keys(cases: &[Case]) -> impl Iterator<Item = &str> + Clone {
    cases.iter().map(|case| &*case.key)
}

/// What JSON a type wants, in words.
pub(crate) fn wanted(ty: &Type) -> String {
    match ty {
        Type::Bool => "true or false".into(),
        Type::S8 => whole(i8::MIN, i8::MAX),
        Type::U8 => whole(u8::MIN, u8::MAX),
        Type::S16 => whole(i16::MIN, i16::MAX),
        Type::U16 => whole(u16::MIN, u16::MAX),
        Type::S32 => whole(i32::MIN, i32::MAX),
        Type::U32 => whole(u32::MIN, u32::MAX),
        Type::S64 => whole(i64::MIN, i64::MAX),
        Type::U64 => whole(u64::MIN, u64::MAX),
        Type::F32 => {
            format!(
                "a number from {:e} to {:e}, {FLOAT_WORDS}",
                f32::MIN,
                f32::MAX
            )
        }
        Type::F64 => format!("a number, {FLOAT_WORDS}"),
        Type::Char => "a string of one character".into(),
        Type::String | Type::Bytes { text: true } => "a string".into(),
        Type::Bytes { text: false } => "a base64 string".into(),
        Type::List(_) => "an array".into(),
        Type::Tuple(types) => format!("an array of {}", types.len()),
        Type::Record(ty) => object_with(&ty.items),
        Type::Variant(ty) => {
            format!(
                "{{\"kind\": …, \"value\": …}} with the kind {}",
                one_of(keys(&ty.items))
            )
        }
        Type::Enum(ty) => one_of(keys(&ty.items)),
        Type::Flags(ty) => format!("an array of {}", one_of(keys(&ty.items))),
        Type::Option(inner) => match &**inner {
            Type::Option(_) => "{\"some\": …} or null".into(),
            inner => format!("{} or null", wanted(inner)),
        },
        Type::Result { .. } => "{\"ok\": …} or {\"err\": …}".into(),
        Type::Handle(handle) => format!("a string that names a {}", handle.resource.name),
        Type::Mount(_) => "a string that names a file or directory".into(),
    }
}

const FLOAT_WORDS: &str = "\"NaN\", \"Infinity\" or \"-Infinity\"";

fn whole(least: impl fmt::Display, most: impl fmt::Display) -> String {
    format!("a whole number from {least} to {most}")
}
