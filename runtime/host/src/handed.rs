//! `own` handles in a result: what they stand for is copied below `/results`, and the model gets its name.

use bailiwick_capfs::{Amount, ErrorCode};
use wasmtime::Store;
use wasmtime::component::{Resource, ResourceAny, Val};

use crate::bounded::Watch;
use crate::copies::{Copies, NotCopied, is_about_name};
use crate::ending;
use crate::fs::{Dir, File, WriteDir, WriteFile};
use crate::limits::Limits;
use crate::outcome::{Code, Failure, Outcome};
use crate::results::Results;
use crate::state::State;

/// Names of all copies of one call, with the folder that they are in.
const ENTRIES: u64 = 4096;

/// Why a file that the tool returned was not kept: the outcome of the call.
pub(crate) type Refused = Box<Outcome>;

/// What keeps the files that a call returns.
pub(crate) struct Keeper<'a> {
    /// The tool's name for models.
    pub(crate) tool: &'a str,
    /// The call's name.
    pub(crate) call: &'a str,
    pub(crate) limits: &'a Limits,
    pub(crate) results: Option<&'a Results>,
    pub(crate) watch: &'a Watch,
    /// None before the first.
    pub(crate) copies: Option<Copies>,
}

impl Keeper<'_> {
    /// Replaces every handle in `val` by the name of a copy.
    pub(crate) fn keep(&mut self, store: &mut Store<State>, val: &mut Val) -> Result<(), Refused> {
        let mut each = |val: &mut Val| self.keep(&mut *store, val);
        match val {
            Val::Resource(handle) => {
                let name = self.kept(store, *handle)?;
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

    /// How many names of what was returned are not in the copies.
    pub(crate) fn left_out(&self) -> u64 {
        self.copies.as_ref().map_or(0, Copies::left_out)
    }

    /// Removes the copies: nobody is told of them.
    pub(crate) fn forget(&self) {
        if let (Some(results), Some(_)) = (self.results, &self.copies) {
            results.forget(self.call);
        }
    }

    fn kept(&mut self, store: &mut Store<State>, handle: ResourceAny) -> Result<String, Refused> {
        let watch = self.watch;
        let copied = if let Some(dir) = taken::<Dir>(store, handle) {
            self.copies()?.directory(&dir.dir, watch)
        } else if let Some(file) = taken::<File>(store, handle) {
            self.copies()?.file(&file.file, watch)
        } else if let Some(dir) = taken::<WriteDir>(store, handle) {
            self.copies()?.directory(&dir.dir.as_read(), watch)
        } else if let Some(file) = taken::<WriteFile>(store, handle) {
            self.copies()?.file(&file.file.as_read(), watch)
        } else {
            let message = "the tool returned a handle that is none of the host's files";
            return Err(self.refused(Code::HostError, Failure::new(message)));
        };
        copied.map_err(|error| match error {
            NotCopied::Stopped(stopped) => Box::new(ending::stop(self.tool, stopped, self.limits)),
            NotCopied::Refused(code) => self.not_copied(code),
        })
    }

    fn copies(&mut self) -> Result<&mut Copies, Refused> {
        let Some(results) = self.results else {
            let message = "the tool returned a file, and this session keeps no results";
            return Err(self.refused(Code::Denied, Failure::new(message)));
        };
        let copies = match self.copies.take() {
            Some(copies) => copies,
            None => {
                let room = Amount {
                    bytes: self.limits.result as u64,
                    entries: ENTRIES,
                };
                let folder = results.folder(self.call, room);
                Copies::new(folder.map_err(|code| self.not_copied(code))?)
            }
        };
        Ok(self.copies.insert(copies))
    }

    fn not_copied(&self, code: ErrorCode) -> Refused {
        let limit = self.limits.result as u64;
        match code {
            ErrorCode::FileTooLarge | ErrorCode::Overflow | ErrorCode::Quota => {
                let failure = Failure::new(format!(
                    "the files that the tool returned are more than {limit} bytes or {ENTRIES} names, or than the session's results have room for"
                ));
                self.refused(Code::OutputExceeded, failure.of(limit, limit))
            }
            ErrorCode::BadDescriptor => {
                let message = "a file that the tool returned was taken back";
                self.refused(Code::Denied, Failure::new(message))
            }
            code if is_about_name(code) => {
                let message = format!("the tool returned a file that cannot be read: {code}");
                self.refused(Code::ToolError, Failure::new(message).coded(code.name()))
            }
            code => {
                let message = format!("a file that the tool returned cannot be kept: {code}");
                self.refused(Code::HostError, Failure::new(message))
            }
        }
    }

    fn refused(&self, code: Code, failure: Failure) -> Refused {
        Box::new(Outcome::failed(self.tool, code, failure))
    }
}

/// What a handle stands for, out of the store's table; none when it is of another type.
fn taken<T: Send + 'static>(store: &mut Store<State>, handle: ResourceAny) -> Option<T> {
    let resource: Resource<T> = handle.try_into_resource(&mut *store).ok()?;
    store.data_mut().table.delete(resource).ok()
}
