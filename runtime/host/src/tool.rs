//! A component that is loaded: compiled, linked, its exports resolved. Nothing of it has run.

use std::borrow::Cow;
use std::sync::Arc;

use bailiwick_contract::{Contract, Function, Type, TypeName, known};
use wasmtime::component::{Component, ComponentExportIndex, InstancePre};

use crate::engine::{Clock, Engine, Metering, Needs, Room, Taken};
use crate::error::LoadError;
use crate::limits::COMPONENT_BYTES;
use crate::namespace::Wanted;
use crate::state::State;
use crate::wasi::Unserved;

/// How long a name for models may be, tool and function together: what the common model APIs take.
pub(crate) const NAME: usize = 64;

/// What this host provides to components, in words, for errors.
pub(crate) const PROVIDED: &str = "`bailiwick:fs`, `bailiwick:tool` and of `wasi` 0.2 cli, clocks, filesystem (0.2.0 to 0.2.12), io and random";

/// A loaded tool. Cheap to clone; clones share the code.
#[derive(Clone)]
pub struct Tool(Arc<Loaded>);

struct Loaded {
    name: String,
    contract: Contract,
    component: InstancePre<State>,
    room: Room,
    needs: Needs,
    clock: Option<Arc<Clock>>,
    /// One for each of the contract's functions, in their order.
    exports: Vec<ComponentExportIndex>,
}

impl std::fmt::Debug for Tool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tool")
            .field("name", &self.0.name)
            .field("digest", &self.0.contract.digest)
            .finish_non_exhaustive()
    }
}

impl Tool {
    /// Loads a component from its bytes, under a name of its own. Compiles it, as the engine was told to, which takes seconds for a large one;
    /// one whose code is kept is there at once. Waits for it on the calling thread.
    ///
    /// # Errors
    ///
    /// [`LoadError`]: not a component, one whose contract cannot be served, or one that imports what this host does not
    /// provide. Nothing has run then, nor when it loads.
    pub fn load(engine: &Engine, name: &str, bytes: &[u8]) -> Result<Self, LoadError> {
        let tool = || name.to_owned();
        if bytes.len() > COMPONENT_BYTES {
            let (size, limit) = (bytes.len(), COMPONENT_BYTES);
            return Err(LoadError::TooLarge {
                tool: tool(),
                size,
                limit,
            });
        }
        let contract = Contract::read(bytes).map_err(|source| LoadError::Contract {
            tool: tool(),
            source,
        })?;
        Self::of(engine, name, contract, || Ok(bytes.into()))
    }

    /// A component of this contract, which is of the bytes that are asked for when its code is not kept.
    pub(crate) fn of<'a>(
        engine: &Engine,
        name: &str,
        contract: Contract,
        bytes: impl FnOnce() -> Result<Cow<'a, [u8]>, LoadError>,
    ) -> Result<Self, LoadError> {
        let tool = || name.to_owned();
        check_names(name, &contract)?;
        for function in &contract.functions {
            check_handles(name, function)?;
        }
        let failed = |error: &wasmtime::Error| LoadError::Compile {
            tool: tool(),
            reason: format!("{error:#}"),
        };
        let (compiling, digest) = (engine.compiling(), &contract.digest);
        let component = match compiling.kept(engine.wasmtime(), digest) {
            Some(component) => component,
            None => compiling
                .compile(engine.wasmtime(), engine.metering(), digest, &bytes()?)
                .map_err(|source| LoadError::Code {
                    tool: tool(),
                    source,
                })?,
        };
        let exports = contract
            .functions
            .iter()
            .map(|function| export(&component, function))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| LoadError::Compile {
                tool: tool(),
                reason: "its exports are not those of its contract".to_owned(),
            })?;
        let needs = Needs::of(&component);
        let component = engine.links().link(&component).map_err(|error| {
            let import = match error.downcast_ref::<Unserved>() {
                Some(unserved) => Some(unserved.import.clone()),
                None => missing_import(&format!("{error:#}")),
            };
            match import {
                Some(import) => LoadError::Import {
                    tool: tool(),
                    import,
                    provided: PROVIDED,
                },
                None => failed(&error),
            }
        })?;
        Ok(Self(Arc::new(Loaded {
            name: tool(),
            contract,
            component,
            room: engine.room().clone(),
            needs,
            clock: engine.clock().cloned(),
            exports,
        })))
    }

    /// Its name, as it was loaded.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// What its bytes say of it.
    #[must_use]
    pub fn contract(&self) -> &Contract {
        &self.0.contract
    }

    /// The name of one of its functions for models: `files_grep`.
    #[must_use]
    pub fn model_name(&self, function: &Function) -> String {
        format!("{}_{}", self.0.name, function.name)
    }

    /// Whether it uses files through its language's own functions, and so sees mounts.
    pub(crate) fn mounts(&self) -> bool {
        let imports = &self.0.contract.imports;
        imports
            .iter()
            .any(|import| import.name.starts_with("wasi:filesystem/preopens@"))
    }

    /// How it is metered: as the engine that it was loaded with.
    #[must_use]
    pub fn metering(&self) -> Metering {
        match self.0.clock {
            None => Metering::Fuel,
            Some(_) => Metering::Time,
        }
    }

    /// A place for a call of it, when there is one. None when there will be none.
    pub(crate) async fn take(&self) -> Option<Taken> {
        self.0.room.take(self.0.needs).await
    }

    /// What bounds a call of it that is metered by time.
    pub(crate) fn clock(&self) -> Option<&Arc<Clock>> {
        self.0.clock.as_ref()
    }

    pub(crate) fn component(&self) -> &InstancePre<State> {
        &self.0.component
    }

    pub(crate) fn function(&self, index: usize) -> (&Function, &ComponentExportIndex) {
        (&self.0.contract.functions[index], &self.0.exports[index])
    }
}

fn export(component: &Component, function: &Function) -> Option<ComponentExportIndex> {
    let interface = match &function.interface {
        Some(interface) => Some(component.get_export_index(None, interface)?),
        None => None,
    };
    component.get_export_index(interface.as_ref(), &function.export)
}

fn check_names(tool: &str, contract: &Contract) -> Result<(), LoadError> {
    if contract.functions.is_empty() {
        let extra = match contract.extra.as_slice() {
            [] => String::new(),
            some => {
                let names: Vec<_> = some
                    .iter()
                    .map(|extra| format!("`{}`", extra.name))
                    .collect();
                format!(" (only {})", names.join(", "))
            }
        };
        return Err(LoadError::Empty {
            tool: tool.to_owned(),
            extra,
        });
    }
    let longest = contract
        .functions
        .iter()
        .map(|function| function.name.len())
        .max();
    let fits = !tool.is_empty()
        && tool
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        && longest.is_some_and(|longest| tool.len() + 1 + longest <= NAME);
    if fits {
        Ok(())
    } else {
        Err(LoadError::Name {
            tool: tool.to_owned(),
            limit: NAME,
        })
    }
}

/// What a handle type asks the session for; none when this host has no such resource.
pub(crate) fn wanted(resource: &TypeName) -> Option<Wanted> {
    if known::is_read_dir(resource) {
        Some(Wanted::Directory { writes: false })
    } else if known::is_read_file(resource) {
        Some(Wanted::File { writes: false })
    } else if known::is_write_dir(resource) {
        Some(Wanted::Directory { writes: true })
    } else if known::is_write_file(resource) {
        Some(Wanted::File { writes: true })
    } else {
        None
    }
}

fn check_handles(tool: &str, function: &Function) -> Result<(), LoadError> {
    let refused = |does, resource: &TypeName| LoadError::Handle {
        tool: tool.to_owned(),
        function: function.name.clone(),
        does,
        resource: format!("{}.{}", resource.interface, resource.name),
    };
    for param in &function.params {
        if let Some(resource) = find_handle(&param.ty, &|resource| wanted(resource).is_none()) {
            return Err(refused("takes", resource));
        }
    }
    // A borrowed handle cannot be in a result; that the component says so is checked where it is compiled.
    match function
        .result
        .as_ref()
        .and_then(|result| find_handle(result, &|resource| wanted(resource).is_none()))
    {
        Some(resource) => Err(refused("returns", resource)),
        None => Ok(()),
    }
}

/// The first handle in a type that `which` is true of. The contract bounds how deep a type is.
fn find_handle<'a>(ty: &'a Type, which: &dyn Fn(&TypeName) -> bool) -> Option<&'a TypeName> {
    let find = |ty: &'a Type| find_handle(ty, which);
    match ty {
        Type::Handle(handle) => which(&handle.resource).then_some(&handle.resource),
        Type::List(item) | Type::Option(item) => find(item),
        Type::Tuple(items) => items.iter().find_map(find),
        Type::Record(record) => record.items.iter().find_map(|field| find(&field.ty)),
        Type::Variant(variant) => variant
            .items
            .iter()
            .filter_map(|c| c.ty.as_ref())
            .find_map(find),
        Type::Result { ok, err } => [ok, err].into_iter().flatten().find_map(|ty| find(ty)),
        _ => None,
    }
}

/// The import that a linker's error is about. wasmtime has no type for it: the text is pinned by a test.
fn missing_import(error: &str) -> Option<String> {
    let (_, rest) = error.split_once("component imports ")?;
    let (_, rest) = rest.split_once('`')?;
    let (import, _) = rest.split_once('`')?;
    Some(import.to_owned())
}
