//! Arguments that fit, for a message that shows how to call a function.

use serde_json::{Map, Value, json};

use crate::budget;
use crate::types::{Field, Function, Type};

impl Function {
    /// Arguments that fit the contract: the author's first `@example`, or some made from the types, with what is
    /// optional left out. Where the types need more than 16 KiB, these are cut: they then only show how such arguments begin.
    pub fn example(&self) -> Value {
        let made = || Making { left: budget::TEXT }.object(&self.params);
        self.docs.examples.first().cloned().unwrap_or_else(made)
    }
}

/// An example in the making, and how many bytes it may still have.
struct Making {
    left: usize,
}

impl Making {
    fn take(&mut self, bytes: usize) {
        self.left = self.left.saturating_sub(bytes);
    }

    fn is_full(&self) -> bool {
        self.left == 0
    }

    fn object(&mut self, fields: &[Field]) -> Value {
        let mut object = Map::new();
        let is_needed = |field: &&Field| !matches!(field.ty, Type::Option(_));
        for field in fields.iter().filter(is_needed) {
            if self.is_full() {
                break;
            }
            self.take(field.key.len() + 4);
            object.insert(field.key.to_string(), self.value(&field.ty));
        }
        object.into()
    }

    fn value(&mut self, ty: &Type) -> Value {
        // More than any value without parts has, save for its names.
        self.take(12);
        match ty {
            Type::Bool => true.into(),
            Type::S8
            | Type::U8
            | Type::S16
            | Type::U16
            | Type::S32
            | Type::U32
            | Type::S64
            | Type::U64 => 1.into(),
            Type::F32 | Type::F64 => 1.5.into(),
            Type::Char => "a".into(),
            Type::String => "text".into(),
            Type::Bytes { text } => if *text { "text" } else { "dGV4dA==" }.into(),
            // The default grant itself.
            Type::Handle(_) | Type::Mount(_) => ".".into(),
            Type::List(_) if self.is_full() => Value::Array(Vec::new()),
            Type::List(item) => vec![self.value(item)].into(),
            Type::Tuple(types) => {
                let mut items = Vec::new();
                for ty in types.iter() {
                    if self.is_full() {
                        break;
                    }
                    items.push(self.value(ty));
                }
                items.into()
            }
            Type::Record(named) => self.object(&named.items),
            Type::Variant(named) => match named.items.first() {
                Some(case) => {
                    self.take(case.key.len() + 20);
                    match &case.ty {
                        Some(Type::Option(_)) | None => json!({"kind": &*case.key}),
                        Some(ty) => json!({"kind": &*case.key, "value": self.value(ty)}),
                    }
                }
                None => Value::Null,
            },
            Type::Enum(named) => match named.items.first() {
                Some(case) => self.key(&case.key),
                None => Value::Null,
            },
            Type::Flags(named) => {
                let first = named.items.first();
                first.map(|case| self.key(&case.key)).into_iter().collect()
            }
            Type::Option(_) => Value::Null,
            Type::Result { ok, .. } => json!({"ok": ok.as_deref().map(|ty| self.value(ty))}),
        }
    }

    fn key(&mut self, key: &str) -> Value {
        self.take(key.len());
        key.into()
    }
}
