//! Every place in a signature where a handle stands, so that none is exchanged for another unseen.

use crate::digest::Digest;
use crate::types::{Function, Type, TypeName};

/// How many bytes are told of one function. Types share their parts, so the places in a short component may be many, each at the end of a
/// long path.
const TOLD: usize = 16 << 10;

/// The handles in a signature, one a place, sorted: `wrap.file: borrow bailiwick:fs/write@0.1.0#write-file`. A place is spelled as
/// `docs/lock.md` says. What is over [`TOLD`] bytes is one entry, with a digest of all.
pub(super) fn of(function: &Function) -> Vec<String> {
    let mut places = Places::default();
    for param in &function.params {
        places.within(&param.key, &param.ty);
    }
    if let Some(result) = &function.result {
        // With the arrow, for a parameter may be called so.
        places.within("-> result", result);
    }
    let mut told = places.told;
    told.sort_unstable();
    if places.more > 0 {
        let digest = Digest::of(places.all.as_bytes());
        told.push(format!("and {} more: {digest}", places.more));
    }
    told
}

#[derive(Default)]
struct Places {
    /// Where it is.
    at: String,
    told: Vec<String>,
    /// How many bytes there are in `told`.
    bytes: usize,
    more: usize,
    /// The way through all types, each step once, so that it is no longer than they are.
    all: String,
}

impl Places {
    fn within(&mut self, step: &str, ty: &Type) {
        let length = self.at.len();
        self.at.push_str(step);
        self.all.push_str(step);
        self.walk(ty);
        self.all.push(')');
        self.at.truncate(length);
    }

    /// As deep as the type, which is bounded where it was read.
    fn walk(&mut self, ty: &Type) {
        match ty {
            Type::Handle(handle) if handle.own => self.add("own", &handle.resource),
            Type::Handle(handle) => self.add("borrow", &handle.resource),
            Type::Mount(mount) => self.add("mount", &mount.record.name),
            Type::List(item) => self.within("[]", item),
            Type::Option(item) => self.within("", item),
            Type::Tuple(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.within(&format!("[{index}]"), item);
                }
            }
            Type::Record(record) => {
                for field in &record.items {
                    self.within(&format!(".{}", field.key), &field.ty);
                }
            }
            Type::Variant(variant) => {
                for case in &variant.items {
                    if let Some(ty) = &case.ty {
                        self.within(&format!(":{}.value", case.key), ty);
                    }
                }
            }
            Type::Result { ok, err } => {
                for (side, ty) in [(".ok", ok), (".err", err)] {
                    if let Some(ty) = ty {
                        self.within(side, ty);
                    }
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, how: &str, ty: &TypeName) {
        let what = format!(": {how} {}#{}", ty.interface, ty.name);
        self.all.push_str(&what);
        let bytes = self.at.len() + what.len();
        // One that is too long closes the list: that way it has the first ones and not any.
        if self.more > 0 || self.bytes + bytes > TOLD {
            self.more += 1;
            return;
        }
        self.bytes += bytes;
        self.told.push(format!("{}{what}", self.at));
    }
}
