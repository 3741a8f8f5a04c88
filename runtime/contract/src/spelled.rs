//! Types and functions as WIT spells them, in one line, handles by their defining type.
//!
//! A name stands without its interface, so two types may read the same; [`TypeName`] tells them apart. Whoever needs
//! that in the line itself takes [`Function::signature`].

use crate::types::{Function, Type, TypeName};

/// A type in WIT, in one line: `option<list<string>>`, `borrow<read-dir>`. A type that has a name is its name, without its interface.
pub fn ty(ty: &Type) -> String {
    let mut out = String::new();
    write(&mut out, ty, &bare);
    out
}

/// A function in WIT, in one line: `grep: func(root: borrow<read-dir>, pattern: string) -> result<matches, tool-error>`.
pub fn function(function: &Function) -> String {
    with_names(function, &bare)
}

/// Writes the name of a type.
type WriteName<'a> = &'a dyn Fn(&mut String, &TypeName);

fn bare(out: &mut String, name: &TypeName) {
    out.push_str(&name.name);
}

/// A function in one line, with names of types as `name` writes them.
pub(crate) fn with_names(function: &Function, name: WriteName<'_>) -> String {
    let mut out = format!("{}: func(", function.export);
    for (index, param) in function.params.iter().enumerate() {
        out.push_str(if index > 0 { ", " } else { "" });
        out.push_str(&param.name);
        out.push_str(": ");
        write(&mut out, &param.ty, name);
    }
    out.push(')');
    if let Some(result) = &function.result {
        out.push_str(" -> ");
        write(&mut out, result, name);
    }
    out
}

/// As deep as the type, which is bounded where it was read.
fn write(out: &mut String, ty: &Type, name: WriteName<'_>) {
    let word = match ty {
        Type::Bool => "bool",
        Type::S8 => "s8",
        Type::U8 => "u8",
        Type::S16 => "s16",
        Type::U16 => "u16",
        Type::S32 => "s32",
        Type::U32 => "u32",
        Type::S64 => "s64",
        Type::U64 => "u64",
        Type::F32 => "f32",
        Type::F64 => "f64",
        Type::Char => "char",
        Type::String => "string",
        Type::Bytes { .. } => "list<u8>",
        Type::Record(named) => return name(out, &named.name),
        Type::Mount(mount) => return name(out, &mount.record.name),
        Type::Variant(named) | Type::Enum(named) | Type::Flags(named) => {
            return name(out, &named.name);
        }
        Type::Handle(handle) => {
            out.push_str(if handle.own { "own<" } else { "borrow<" });
            name(out, &handle.resource);
            ">"
        }
        Type::List(item) => return write_with(out, "list", [Some(&**item)], name),
        Type::Option(inner) => return write_with(out, "option", [Some(&**inner)], name),
        Type::Tuple(types) => return write_with(out, "tuple", types.iter().map(Some), name),
        Type::Result {
            ok: None,
            err: None,
        } => "result",
        Type::Result { ok, err: None } => return write_with(out, "result", [ok.as_deref()], name),
        Type::Result { ok, err } => {
            return write_with(out, "result", [ok.as_deref(), err.as_deref()], name);
        }
    };
    out.push_str(word);
}

/// A word with types behind it; none is `_`.
fn write_with<'a>(
    out: &mut String,
    word: &str,
    types: impl IntoIterator<Item = Option<&'a Type>>,
    name: WriteName<'_>,
) {
    out.push_str(word);
    out.push('<');
    for (index, ty) in types.into_iter().enumerate() {
        out.push_str(if index > 0 { ", " } else { "" });
        match ty {
            Some(ty) => write(out, ty, name),
            None => out.push('_'),
        }
    }
    out.push('>');
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::types::{Case, Docs, Field, Handle, Mount, Named};

    fn name(interface: &str, name: &str) -> TypeName {
        TypeName {
            interface: interface.into(),
            name: name.into(),
        }
    }

    fn record(interface: &str, of: &str) -> Arc<Named<Field>> {
        Arc::new(Named {
            name: name(interface, of),
            docs: String::new(),
            items: vec![field("path", Type::String)],
        })
    }

    fn cases(of: &str) -> Arc<Named<Case>> {
        Arc::new(Named {
            name: name("a:b/c@1.0.0", of),
            docs: String::new(),
            items: Vec::new(),
        })
    }

    fn field(name: &str, ty: Type) -> Field {
        Field {
            name: name.into(),
            key: name.into(),
            docs: String::new(),
            ty,
        }
    }

    fn handle(own: bool) -> Type {
        Type::Handle(Handle {
            resource: name("bailiwick:fs/read@0.1.0", "read-dir"),
            own,
        })
    }

    #[test]
    fn every_type() {
        let some = |ty: Type| Some(Arc::new(ty));
        let cases = [
            (Type::Bool, "bool"),
            (Type::S8, "s8"),
            (Type::U8, "u8"),
            (Type::S16, "s16"),
            (Type::U16, "u16"),
            (Type::S32, "s32"),
            (Type::U32, "u32"),
            (Type::S64, "s64"),
            (Type::U64, "u64"),
            (Type::F32, "f32"),
            (Type::F64, "f64"),
            (Type::Char, "char"),
            (Type::String, "string"),
            (Type::Bytes { text: false }, "list<u8>"),
            (Type::Bytes { text: true }, "list<u8>"),
            (Type::List(Type::String.into()), "list<string>"),
            (
                Type::Tuple([Type::U8, Type::List(Type::Bool.into())].into()),
                "tuple<u8, list<bool>>",
            ),
            (Type::Record(record("a:b/c@1.0.0", "entry")), "entry"),
            (Type::Variant(cases("content")), "content"),
            (Type::Enum(cases("kind")), "kind"),
            (Type::Flags(cases("rights")), "rights"),
            (
                Type::Option(Type::Option(Type::U8.into()).into()),
                "option<option<u8>>",
            ),
            (
                Type::Result {
                    ok: None,
                    err: None,
                },
                "result",
            ),
            (
                Type::Result {
                    ok: some(Type::U8),
                    err: None,
                },
                "result<u8>",
            ),
            (
                Type::Result {
                    ok: None,
                    err: some(Type::String),
                },
                "result<_, string>",
            ),
            (
                Type::Result {
                    ok: some(handle(true)),
                    err: some(Type::Enum(cases("code"))),
                },
                "result<own<read-dir>, code>",
            ),
            (handle(false), "borrow<read-dir>"),
            (handle(true), "own<read-dir>"),
            (
                Type::Mount(Mount {
                    record: record("bailiwick:fs/paths@0.1.0", "writable"),
                    writes: true,
                }),
                "writable",
            ),
        ];
        for (given, expected) in cases {
            assert_eq!(ty(&given), expected);
        }
    }

    #[test]
    fn functions() {
        let mut grep = Function {
            name: "grep_all".into(),
            interface: Some("a:b/c@1.0.0".into()),
            export: "grep-all".into(),
            params: vec![
                field("root", handle(false)),
                field("max-matches", Type::Option(Type::U32.into())),
            ],
            result: Some(Type::Result {
                ok: Some(Type::Record(record("a:b/c@1.0.0", "matches")).into()),
                err: Some(Type::Record(record("bailiwick:tool/types@0.1.0", "tool-error")).into()),
            }),
            docs: Docs::default(),
        };
        assert_eq!(
            function(&grep),
            "grep-all: func(root: borrow<read-dir>, max-matches: option<u32>) -> result<matches, tool-error>"
        );
        grep.params.clear();
        grep.result = None;
        assert_eq!(function(&grep), "grep-all: func()");
    }
}
