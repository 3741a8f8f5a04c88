//! JSON ↔ an engine's values.
//!
//! What fits a contract is decided by [`bailiwick_contract::json`]; here is only what wasmtime wants instead, and the way back.

mod lift;

use std::sync::Arc;

use bailiwick_contract::json::{Build, LowerError, lower};
use bailiwick_contract::{Case, Field, Function, Handle, Mount, Named};
use wasmtime::Store;
use wasmtime::component::{Resource, ResourceAny, Val};

pub(crate) use lift::{content, lift};

use crate::fs::{Dir, File, WriteDir, WriteFile};
use crate::layers::Layers;
use crate::namespace::{self, NameError, Namespace, Wanted};
use crate::outcome::Code;
use crate::state::State;
use crate::tool::wanted;
use crate::wasi::Unmountable;

/// The values of a call's arguments, handles resolved and put into the store.
pub(crate) fn arguments(
    store: &mut Store<State>,
    namespace: &Namespace,
    layers: &mut Layers,
    function: &Function,
    json: serde_json::Value,
) -> Result<Vec<Val>, LowerError<NameError>> {
    let mut values = Values {
        store,
        namespace,
        layers,
    };
    lower(&mut values, function, json)
}

struct Values<'a> {
    store: &'a mut Store<State>,
    namespace: &'a Namespace,
    layers: &'a mut Layers,
}

fn boxed(value: Option<Val>) -> Option<Box<Val>> {
    value.map(Box::new)
}

impl Build for Values<'_> {
    type Value = Val;
    type Error = NameError;

    fn bool(&mut self, value: bool) -> Val {
        Val::Bool(value)
    }

    fn s8(&mut self, value: i8) -> Val {
        Val::S8(value)
    }

    fn u8(&mut self, value: u8) -> Val {
        Val::U8(value)
    }

    fn s16(&mut self, value: i16) -> Val {
        Val::S16(value)
    }

    fn u16(&mut self, value: u16) -> Val {
        Val::U16(value)
    }

    fn s32(&mut self, value: i32) -> Val {
        Val::S32(value)
    }

    fn u32(&mut self, value: u32) -> Val {
        Val::U32(value)
    }

    fn s64(&mut self, value: i64) -> Val {
        Val::S64(value)
    }

    fn u64(&mut self, value: u64) -> Val {
        Val::U64(value)
    }

    fn f32(&mut self, value: f32) -> Val {
        Val::Float32(value)
    }

    fn f64(&mut self, value: f64) -> Val {
        Val::Float64(value)
    }

    fn char(&mut self, value: char) -> Val {
        Val::Char(value)
    }

    fn string(&mut self, value: String) -> Val {
        Val::String(value)
    }

    fn bytes(&mut self, value: Vec<u8>) -> Val {
        Val::List(value.into_iter().map(Val::U8).collect())
    }

    fn list(&mut self, items: Vec<Val>) -> Val {
        Val::List(items)
    }

    fn tuple(&mut self, items: Vec<Val>) -> Val {
        Val::Tuple(items)
    }

    fn record(&mut self, ty: &Arc<Named<Field>>, fields: Vec<Val>) -> Val {
        Val::Record(
            ty.items
                .iter()
                .zip(fields)
                .map(|(field, val)| (field.name.to_string(), val))
                .collect(),
        )
    }

    fn variant(&mut self, ty: &Arc<Named<Case>>, case: usize, payload: Option<Val>) -> Val {
        Val::Variant(ty.items[case].name.to_string(), boxed(payload))
    }

    fn enum_(&mut self, ty: &Arc<Named<Case>>, case: usize) -> Val {
        Val::Enum(ty.items[case].name.to_string())
    }

    fn flags(&mut self, ty: &Arc<Named<Case>>, set: &[usize]) -> Val {
        Val::Flags(
            set.iter()
                .map(|&flag| ty.items[flag].name.to_string())
                .collect(),
        )
    }

    fn option(&mut self, value: Option<Val>) -> Val {
        Val::Option(boxed(value))
    }

    fn result(&mut self, value: Result<Option<Val>, Option<Val>>) -> Val {
        Val::Result(value.map(boxed).map_err(boxed))
    }

    fn mount(&mut self, mount: &Mount, name: &str) -> Result<Val, NameError> {
        let wanted = Wanted::Mount {
            writes: mount.writes,
        };
        let resource = self.namespace.resolve(self.layers, name, wanted)?;
        let namespace::Resource::Mount(mounted) = resource else {
            return Err(NameError {
                code: Code::HostError,
                message: format!("`{name}` cannot be mounted"),
                hint: None,
                allow: None,
            });
        };
        let path = self.store.data_mut().preopens.argument(mounted);
        let path = path.map_err(|error| match error {
            Unmountable::Otherwise => NameError {
                code: Code::InvalidArguments,
                message: format!(
                    "`{name}` is handed over twice, to be read and to be changed, and the tool finds both under one name"
                ),
                hint: Some("hand over a copy of it to be read".to_owned()),
                allow: None,
            },
            Unmountable::TooMany => too_many(name),
        })?;
        Ok(Val::Record(vec![("path".to_owned(), Val::String(path))]))
    }

    fn handle(&mut self, handle: &Handle, name: &str) -> Result<Val, NameError> {
        let failed = |message: &str| NameError {
            code: Code::HostError,
            message: format!("`{name}` cannot be handed over: {message}"),
            hint: None,
            allow: None,
        };
        let wanted = wanted(&handle.resource).ok_or_else(|| failed("no such resource"))?;
        let any = match self.namespace.resolve(self.layers, name, wanted)? {
            namespace::Resource::ReadDir(dir) => give(self.store, Dir::argument(dir)),
            namespace::Resource::ReadFile(file) => give(self.store, File::argument(file)),
            namespace::Resource::WriteDir(dir) => give(self.store, WriteDir::argument(dir)),
            namespace::Resource::WriteFile(file) => give(self.store, WriteFile::argument(file)),
            namespace::Resource::Mount(_) => return Err(failed("it is no mount")),
        };
        any.map(Val::Resource).ok_or_else(|| too_many(name))
    }
}

fn too_many(name: &str) -> NameError {
    NameError {
        code: Code::HandlesExceeded,
        message: format!("`{name}` is one handle too many for one call"),
        hint: Some("hand over fewer".to_owned()),
        allow: None,
    }
}

/// Puts something of the host's into the store, as a handle; none when there is no room.
fn give<T: Send + 'static>(store: &mut Store<State>, thing: T) -> Option<ResourceAny> {
    let resource: Resource<T> = store.data_mut().table.push(thing).ok()?;
    ResourceAny::try_from_resource(resource, store).ok()
}
