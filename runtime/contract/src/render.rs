//! A function's signature in one line, for people.

use std::fmt::Write as _;

use crate::types::{Function, Type, TypeName};

impl Function {
    /// The signature as a reviewer reads it, types by their defining names:
    /// `grep: func(dir: borrow<read-dir>, pattern: string) -> result<matches, tool-error>`.
    ///
    /// A bare name is one of the function's own interface, of the world, or of Bailiwick's contracts; others have their
    /// interface in front: `borrow<wasi:io/streams.input-stream>`.
    pub fn signature(&self) -> String {
        let mut out = format!("{}: func(", self.export);
        for (index, param) in self.params.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            let _ = write!(out, "{comma}{}: ", param.name);
            self.write_type(&mut out, &param.ty);
        }
        out.push(')');
        if let Some(result) = &self.result {
            out.push_str(" -> ");
            self.write_type(&mut out, result);
        }
        out
    }

    fn write_type(&self, out: &mut String, ty: &Type) {
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
            Type::Record(named) => return self.write_name(out, &named.name),
            Type::Mount(mount) => return self.write_name(out, &mount.record.name),
            Type::Variant(named) | Type::Enum(named) | Type::Flags(named) => {
                return self.write_name(out, &named.name);
            }
            Type::Handle(handle) => {
                out.push_str(if handle.own { "own<" } else { "borrow<" });
                self.write_name(out, &handle.resource);
                return out.push('>');
            }
            Type::List(item) => return self.write_types(out, "list", &[Some(item)]),
            Type::Option(inner) => return self.write_types(out, "option", &[Some(inner)]),
            Type::Tuple(types) => {
                let types: Vec<_> = types.iter().map(Some).collect();
                return self.write_types(out, "tuple", &types);
            }
            Type::Result {
                ok: None,
                err: None,
            } => "result",
            Type::Result { ok, err: None } => {
                return self.write_types(out, "result", &[ok.as_deref()]);
            }
            Type::Result { ok, err } => {
                return self.write_types(out, "result", &[ok.as_deref(), err.as_deref()]);
            }
        };
        out.push_str(word);
    }

    fn write_types(&self, out: &mut String, word: &str, types: &[Option<&Type>]) {
        out.push_str(word);
        for (index, ty) in types.iter().enumerate() {
            out.push_str(if index > 0 { ", " } else { "<" });
            match ty {
                Some(ty) => self.write_type(out, ty),
                None => out.push('_'),
            }
        }
        out.push('>');
    }

    fn write_name(&self, out: &mut String, name: &TypeName) {
        let interface = &*name.interface;
        let is_near = interface.is_empty()
            || self.interface.as_deref() == Some(interface)
            || crate::embedded::is_built_in(interface);
        if !is_near {
            let path = interface
                .split_once('@')
                .map_or(interface, |(path, _)| path);
            let _ = write!(out, "{path}.");
        }
        out.push_str(&name.name);
    }
}
