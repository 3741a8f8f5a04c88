//! Which places a call may write in, found from its arguments before anything runs.

use bailiwick_capfs::Rights;
use bailiwick_contract::json::{LowerError, Names, lower};
use bailiwick_contract::{Function, Handle, Mount, Type};
use serde_json::Value;

use crate::layers::{Layers, WritePlace};
use crate::namespace::{NameError, Namespace, Wanted};
use crate::tool::wanted;

/// Whether any argument of the function can be something to change.
pub(crate) fn writes(function: &Function) -> bool {
    function.params.iter().any(|param| type_writes(&param.ty))
}

/// The contract bounds how deep a type is.
fn type_writes(ty: &Type) -> bool {
    match ty {
        Type::Handle(handle) => wanted(&handle.resource).is_some_and(Wanted::writes),
        Type::Mount(mount) => mount.writes,
        Type::List(item) | Type::Option(item) => type_writes(item),
        Type::Tuple(items) => items.iter().any(type_writes),
        Type::Record(record) => record.items.iter().any(|field| type_writes(&field.ty)),
        Type::Variant(variant) => variant
            .items
            .iter()
            .filter_map(|case| case.ty.as_ref())
            .any(type_writes),
        Type::Result { ok, err } => [ok, err].into_iter().flatten().any(|ty| type_writes(ty)),
        _ => false,
    }
}

/// The places that the arguments name to be written in, links resolved.
pub(crate) fn of(
    namespace: &Namespace,
    function: &Function,
    arguments: &Value,
) -> Result<Vec<WritePlace>, LowerError<NameError>> {
    let mut places = Places {
        namespace,
        layers: Layers::default(),
        found: Vec::new(),
    };
    lower(&mut places, function, arguments.clone())?;
    Ok(places.found)
}

/// Builds nothing, and notes what is to be written.
struct Places<'a> {
    namespace: &'a Namespace,
    layers: Layers,
    found: Vec<WritePlace>,
}

impl Places<'_> {
    fn note(&mut self, name: &str) -> Result<(), NameError> {
        let place = self
            .namespace
            .locate(name)
            .map_err(|error| error.for_writing(true))?;
        if !place.capability.rights().allows(Rights::READ_WRITE) {
            // Refused when it is resolved.
            return Ok(());
        }
        let layer = self.layers.of(&place.capability);
        let path = layer
            .place(&place.capability, &place.path)
            .map_err(|code| self.namespace.failed(code, &place, layer))?;
        self.found.push(WritePlace {
            volume: place.capability.volume().clone(),
            path,
        });
        Ok(())
    }
}

impl Names for Places<'_> {
    type Error = NameError;

    fn mount(&mut self, mount: &Mount, name: &str) -> Result<(), NameError> {
        if mount.writes {
            self.note(name)
        } else {
            Ok(())
        }
    }

    fn handle(&mut self, handle: &Handle, name: &str) -> Result<(), NameError> {
        match wanted(&handle.resource) {
            Some(wanted) if wanted.writes() => self.note(name),
            _ => Ok(()),
        }
    }
}
