//! `own` handles in a result: what they stand for is copied below `/results`, and the model gets its name.

use bailiwick_capfs::ErrorCode;
use wasmtime::Store;
use wasmtime::component::{Resource, ResourceAny, Val};

use crate::fs::{Dir, File, WriteDir, WriteFile};
use crate::outcome::{Code, Failure};
use crate::results::Results;
use crate::state::State;

/// Why a file that the tool returned was not kept.
pub(crate) type Refused = Box<(Code, Failure)>;

/// Replaces every handle in `val` by the name of a copy. `left` bytes can be copied.
pub(crate) fn keep(
    store: &mut Store<State>,
    results: Option<&Results>,
    call: &str,
    val: &mut Val,
    left: &mut u64,
) -> Result<(), Refused> {
    let mut each = |val: &mut Val| keep(&mut *store, results, call, val, left);
    match val {
        Val::Resource(handle) => {
            let name = kept(store, results, call, *handle, left)?;
            *val = Val::String(name);
            Ok(())
        }
        Val::List(items) | Val::Tuple(items) => items.iter_mut().try_for_each(each),
        Val::Record(fields) => fields.iter_mut().try_for_each(|(_, val)| each(val)),
        Val::Variant(_, Some(val)) | Val::Option(Some(val)) => each(val),
        Val::Result(Ok(Some(val)) | Err(Some(val))) => each(val),
        _ => Ok(()),
    }
}

fn kept(
    store: &mut Store<State>,
    results: Option<&Results>,
    call: &str,
    handle: ResourceAny,
    left: &mut u64,
) -> Result<String, Refused> {
    let Some(results) = results else {
        let failure = Failure::new("the tool returned a file, and this session keeps no results");
        return Err(Box::new((Code::Denied, failure)));
    };
    let limit = *left;
    let name = if let Some(dir) = taken::<Dir>(store, handle) {
        results.directory(call, &dir.dir, left)
    } else if let Some(file) = taken::<File>(store, handle) {
        results.file(call, &file.file, left)
    } else if let Some(dir) = taken::<WriteDir>(store, handle) {
        results.directory(call, &dir.dir.as_read(), left)
    } else if let Some(file) = taken::<WriteFile>(store, handle) {
        results.file(call, &file.file.as_read(), left)
    } else {
        let failure = Failure::new("the tool returned a handle that is none of the host's files");
        return Err(Box::new((Code::HostError, failure)));
    };
    name.map_err(|code| Box::new(match code {
        ErrorCode::FileTooLarge | ErrorCode::Quota => {
            let failure = Failure::new(format!(
                "the files that the tool returned are more than {limit} bytes, or than the session's results have room for"
            ));
            (Code::OutputExceeded, failure.of(limit, limit))
        }
        code => {
            let failure = Failure::new(format!("a file that the tool returned cannot be kept: {code}"));
            (Code::HostError, failure)
        }
    }))
}

/// What a handle stands for, out of the store's table; none when it is of another type.
fn taken<T: Send + 'static>(store: &mut Store<State>, handle: ResourceAny) -> Option<T> {
    let resource: Resource<T> = handle.try_into_resource(&mut *store).ok()?;
    store.data_mut().table.delete(resource).ok()
}
