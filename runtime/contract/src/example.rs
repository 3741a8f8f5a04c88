//! Arguments that fit, for a message that shows how to call a function.

use serde_json::{Map, Value, json};

use crate::types::{Field, Function, Type};

impl Function {
    /// Arguments that fit the contract: the author's first `@example`, or some made from the types, with what is
    /// optional left out.
    pub fn example(&self) -> Value {
        self.docs
            .examples
            .first()
            .cloned()
            .unwrap_or_else(|| object(&self.params))
    }
}

fn object(fields: &[Field]) -> Value {
    let needed = fields
        .iter()
        .filter(|field| !matches!(field.ty, Type::Option(_)));
    let entries: Map<_, _> = needed
        .map(|field| (field.key.to_string(), value(&field.ty)))
        .collect();
    entries.into()
}

fn value(ty: &Type) -> Value {
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
        Type::Handle(_) => ".".into(),
        Type::List(item) => vec![value(item)].into(),
        Type::Tuple(types) => types.iter().map(value).collect(),
        Type::Record(named) => object(&named.items),
        Type::Variant(named) => match named.items.first() {
            Some(case) => match &case.ty {
                Some(Type::Option(_)) | None => json!({"kind": &*case.key}),
                Some(ty) => json!({"kind": &*case.key, "value": value(ty)}),
            },
            None => Value::Null,
        },
        Type::Enum(named) => named
            .items
            .first()
            .map(|case| (*case.key).into())
            .unwrap_or_default(),
        Type::Flags(named) => named
            .items
            .iter()
            .take(1)
            .map(|case| Value::from(&*case.key))
            .collect(),
        Type::Option(_) => Value::Null,
        Type::Result { ok, .. } => json!({"ok": ok.as_deref().map(value)}),
    }
}
