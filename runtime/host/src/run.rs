//! One call, from JSON to its outcome, in a store of its own.

use std::sync::Arc;
use std::time::Instant;

use bailiwick_capfs::{Capability, GuestPath, Rights};
use bailiwick_contract::json::LowerError;
use bailiwick_contract::{Function, Type, known};
use serde_json::Value;
use wasmtime::Store;
use wasmtime::component::Val;

use crate::bounded::{Watch, bounded, watch};
use crate::call::Reporter;
use crate::ending::{self, Ending, ended};
use crate::files::{Dropped, Files, Settled};
use crate::handed::Keeper;
use crate::layers::{Layers, WritePlace};
use crate::limits::{Limits, YIELD_INTERVAL};
use crate::namespace::{NameError, Namespace};
use crate::outcome::{Code, Failure, Outcome, Usage};
use crate::places;
use crate::state::State;
use crate::tool::Tool;
use crate::value;

/// What a call is made of.
pub(crate) struct Request {
    /// The tool's name as it was asked for.
    pub(crate) name: String,
    pub(crate) tool: Tool,
    /// Which of the contract's functions.
    pub(crate) function: usize,
    pub(crate) arguments: Value,
    pub(crate) namespace: Namespace,
    /// Names that are mounted for tools that use files by themselves.
    pub(crate) mounts: Vec<Arc<str>>,
    pub(crate) limits: Limits,
    /// The call's name in its session.
    pub(crate) call: String,
    pub(crate) files: Arc<Files>,
}

/// Runs a call to its end, whatever that is.
pub(crate) async fn run(mut request: Request, reporter: Reporter) -> Outcome {
    let start = Instant::now();
    let limits = request.limits;
    let watch = Watch::new(start + limits.deadline, reporter.shared().clone());
    let files = request.files.clone();
    files.sweep();
    // Dropped after the layers: then their places are free, and whoever waits for one looks again.
    let _free = files.free();
    let mut outcome = match begin(&request, &watch).await {
        Err(outcome) => *outcome,
        Ok(mut layers) => {
            let arguments = std::mem::take(&mut request.arguments);
            let outcome = match store(&request, &watch, reporter.clone()) {
                Ok(store) => {
                    let call = call(&request, arguments, store, &mut layers, &watch, &reporter);
                    call.await
                }
                Err(_) => {
                    let failure = Failure::new("the host could not make a store for the call");
                    Outcome::failed(&request.name, Code::HostError, failure)
                }
            };
            settle(&request, outcome, layers).await
        }
    };
    outcome.call = std::mem::take(&mut request.call);
    outcome.usage.wall = start.elapsed();
    if let (Code::DeadlineExceeded, Some(failure)) = (outcome.code, &mut outcome.failure) {
        failure.used = Some(outcome.usage.wall.as_millis() as u64);
    }
    reporter.finished(outcome.code);
    outcome.text_limit(limits.text)
}

/// The layers of a call, its places locked: before anything of it runs, and without the engine.
async fn begin(request: &Request, watch: &Watch) -> Result<Layers, Box<Outcome>> {
    let (function, _) = request.tool.function(request.function);
    let mut places = Vec::new();
    if places::writes(function) {
        places = places::of(&request.namespace, function, &request.arguments)
            .map_err(|error| Box::new(refused(&request.name, function, error)))?;
    }
    for capability in mounted(request) {
        if capability.rights().allows(Rights::READ_WRITE) {
            places.push(WritePlace {
                volume: capability.volume().clone(),
                path: capability.place(&GuestPath::default()),
            });
        }
    }
    if places.is_empty() {
        return Ok(Layers::default());
    }
    let waiting = async {
        loop {
            let freed = request.files.freed();
            let mut freed = std::pin::pin!(freed);
            // From here on no release is missed.
            freed.as_mut().enable();
            if let Some(layers) = request.files.try_lock(&places) {
                return layers;
            }
            freed.await;
        }
    };
    bounded(waiting, watch)
        .await
        .map_err(|stopped| Box::new(ending::waited(&request.name, stopped, &request.limits)))
}

/// The capabilities that the tool sees as mounts.
fn mounted(request: &Request) -> impl Iterator<Item = Capability> {
    let names = if request.tool.mounts() {
        request.mounts.as_slice()
    } else {
        &[]
    };
    names
        .iter()
        .filter_map(|name| request.namespace.capability(name))
}

/// Keeps what a call changed when it ended well, and drops it otherwise.
async fn settle(request: &Request, mut outcome: Outcome, layers: Layers) -> Outcome {
    let (files, call, name) = (
        request.files.clone(),
        request.call.clone(),
        request.name.clone(),
    );
    if !layers.can_write() {
        if outcome.code == Code::Ok {
            // What was read is what the session saw; there is nothing that could fail.
            let _ = layers.commit(&name);
        }
        return outcome;
    }
    let ok = outcome.code == Code::Ok;
    // It waits for the disk, and other calls may be on this thread. It goes on when the call is dropped meanwhile: what is begun is ended.
    let settled = tokio::task::spawn_blocking(move || {
        if ok {
            files.commit(layers, &call, &name)
        } else {
            Settled::Discarded(files.discard(layers, &call))
        }
    });
    match settled.await {
        Ok(Settled::Committed(committed)) => {
            outcome.changes = committed.changes;
            outcome.pending = committed.pending;
            outcome.undo = committed.record.map(|record| record.id);
            outcome
        }
        Ok(Settled::Discarded(dropped)) => without(outcome, dropped),
        Ok(Settled::Refused(error, dropped)) => {
            let mut refused = ending::not_taken(&request.name, error);
            refused.usage = outcome.usage;
            (refused.stdout, refused.stderr) = (outcome.stdout, outcome.stderr);
            without(refused, dropped)
        }
        Err(_) => {
            let failure = Failure::new("the host failed as it took over what the call changed");
            Outcome::failed(&request.name, Code::HostError, failure)
        }
    }
}

/// An outcome, with what was dropped and what stays.
fn without(mut outcome: Outcome, dropped: Dropped) -> Outcome {
    outcome.discarded = dropped.changes;
    outcome.kept = dropped.kept;
    outcome.left_out = dropped.left_out;
    outcome.changes = dropped.stays;
    outcome
}

fn store(request: &Request, watched: &Watch, reporter: Reporter) -> wasmtime::Result<Store<State>> {
    let limits = &request.limits;
    let engine = request.tool.component().engine();
    let mut store = Store::try_new(engine, State::new(limits, reporter))?;
    watch(&mut store, watched.clone());
    store.limiter(|state| &mut state.memory);
    store.set_fuel(limits.fuel)?;
    store.fuel_async_yield_interval(Some(YIELD_INTERVAL))?;
    store.set_hostcall_fuel(limits.crossing);
    store.set_max_component_handles(limits.component_handles);
    Ok(store)
}

/// Runs the function in its store, and takes from the store what the outcome says.
async fn call(
    request: &Request,
    arguments: Value,
    mut store: Store<State>,
    layers: &mut Layers,
    watch: &Watch,
    reporter: &Reporter,
) -> Outcome {
    let mut outcome = guest(request, arguments, &mut store, layers, watch, reporter).await;
    let state = store.data();
    (outcome.stdout, outcome.stderr) = (state.stdout.take(), state.stderr.take());
    outcome.usage = Usage {
        fuel: outcome.usage.fuel,
        wall: outcome.usage.wall,
        memory: state.memory.used(),
        read: state.io.read(),
        written: state.io.written(),
        host_calls: state.io.calls(),
    };
    outcome
}

async fn guest(
    request: &Request,
    arguments: Value,
    store: &mut Store<State>,
    layers: &mut Layers,
    watch: &Watch,
    reporter: &Reporter,
) -> Outcome {
    let name = &request.name;
    let (function, export) = request.tool.function(request.function);
    for capability in mounted(request) {
        let writes = capability.rights().allows(Rights::READ_WRITE);
        let layer = layers.of(&capability);
        let failed = |code, why: &str| {
            let message = format!("`{}` cannot be mounted: {why}", capability.name());
            Outcome::failed(name, code, Failure::new(message))
        };
        let mount = match layer.mount(&capability, &GuestPath::default(), writes) {
            Ok(mount) => mount,
            Err(code) => return failed(Code::Denied, &code.to_string()),
        };
        if store.data_mut().preopens.mount(mount).is_err() {
            return failed(Code::HandlesExceeded, "there are too many mounts");
        }
    }
    let arguments = match value::arguments(store, &request.namespace, layers, function, arguments) {
        Ok(arguments) => arguments,
        Err(error) => return refused(name, function, error),
    };
    reporter.started();
    let mut results = vec![Val::Bool(false); usize::from(function.result.is_some())];
    let run = async {
        let instance = request
            .tool
            .component()
            .instantiate_async(&mut *store)
            .await?;
        let func = instance
            .get_func(&mut *store, export)
            .ok_or_else(|| wasmtime::format_err!("the export is no function"))?;
        func.call_async(&mut *store, &arguments, &mut results).await
    };
    let ending = match bounded(run, watch).await {
        Ok(Ok(())) => Ending::Returned,
        Ok(Err(error)) => Ending::Failed(error),
        Err(stopped) => Ending::Stopped(stopped),
    };
    let fuel = billed(store, &ending, request.limits.fuel);
    let mut outcome = match ended(name, ending, store.data(), &request.limits) {
        Some(outcome) => outcome,
        None => {
            let keeper = Keeper {
                tool: name,
                call: &request.call,
                limits: &request.limits,
                results: request.files.results(),
                watch,
                copies: None,
            };
            returned(function, results.pop(), store, keeper)
        }
    };
    if store.data().io.refused_quota() && is_fault(outcome.code) {
        outcome = ending::over_quota(name, layers, outcome);
    }
    outcome.usage.fuel = fuel;
    outcome
}

/// Whether the tool gave up or crashed by itself, so that what it was refused before may be why.
fn is_fault(code: Code) -> bool {
    matches!(code, Code::ToolError | Code::Trapped)
}

/// The fuel to charge. After a trap wasmtime reports only what was used up to the last yield, so that is rounded up to the next: a tool
/// that traps on purpose is not cheaper for it.
fn billed(store: &Store<State>, ending: &Ending, limit: u64) -> u64 {
    let used = limit.saturating_sub(store.get_fuel().unwrap_or(0));
    match ending {
        Ending::Returned => used,
        _ => limit.min((used / YIELD_INTERVAL + 1) * YIELD_INTERVAL),
    }
}

fn refused(name: &str, function: &Function, error: LowerError<NameError>) -> Outcome {
    let example = || format!("for example: {}", function.example());
    match error {
        LowerError::Mismatch(mismatch) => {
            let failure = Failure::new(mismatch.to_string()).hint(example());
            Outcome::failed(name, Code::InvalidArguments, failure)
        }
        LowerError::Handle { path, error } => {
            let failure = Failure::new(format!("{path}: {}", error.message)).hint(error.hint);
            Outcome::failed(name, error.code, failure)
        }
    }
}

/// The outcome of a call whose function returned. Copies of files stay when the outcome names them.
fn returned(
    function: &Function,
    val: Option<Val>,
    store: &mut Store<State>,
    mut keeper: Keeper<'_>,
) -> Outcome {
    let (Some(ty), Some(val)) = (&function.result, val) else {
        return Outcome::ok(keeper.tool, Value::Null, Vec::new());
    };
    match lifted(ty, val, store, &mut keeper) {
        Ok(mut outcome) => {
            outcome.left_out = keeper.left_out();
            outcome
        }
        Err(outcome) => {
            keeper.forget();
            *outcome
        }
    }
}

/// The outcome with what the function returned, ok or err; otherwise that of a value that cannot be told.
fn lifted(
    ty: &Type,
    val: Val,
    store: &mut Store<State>,
    keeper: &mut Keeper<'_>,
) -> Result<Outcome, Box<Outcome>> {
    let name = keeper.tool;
    let (ty, val, is_error) = match (ty, val) {
        (Type::Result { ok, .. }, Val::Result(Ok(val))) => (ok.as_deref(), val, false),
        (Type::Result { err, .. }, Val::Result(Err(val))) => (err.as_deref(), val, true),
        (ty, val) => (Some(ty), Some(Box::new(val)), false),
    };
    let mut told = None;
    if let (Some(ty), Some(mut val)) = (ty, val) {
        keeper.keep(store, &mut val)?;
        let content = value::content(ty, &val);
        let value = value::lift(ty, *val);
        let value = value.map_err(|error| Box::new(host_error(name, &error)))?;
        told = Some((value, content));
    }
    let limits = keeper.limits;
    if is_error {
        let error = told.map(|(error, _)| error);
        let outcome = tool_error(name, ty, error, store.data(), limits);
        return match outcome.code {
            Code::OutputExceeded => Err(Box::new(outcome)),
            _ => Ok(outcome),
        };
    }
    let (result, content) = told.unwrap_or_default();
    let limit = limits.result;
    let size = size(&result, limit);
    if size > limit {
        let failure = Failure::new(format!("the result is larger than {limit} bytes"))
            .hint("ask for less, or for a part of it".to_owned())
            .of(size as u64, limit as u64);
        let outcome = Outcome::failed(name, Code::OutputExceeded, failure);
        return Err(Box::new(outcome));
    }
    Ok(Outcome::ok(name, result, content))
}

fn host_error(name: &str, error: &dyn std::error::Error) -> Outcome {
    Outcome::failed(name, Code::HostError, Failure::new(error.to_string()))
}

/// The outcome of a function that returned err. `tool-error` is read as such; any other type is shown as it is.
fn tool_error(
    name: &str,
    ty: Option<&Type>,
    error: Option<Value>,
    state: &State,
    limits: &Limits,
) -> Outcome {
    let is_tool_error = ty.is_some_and(known::is_tool_error);
    let text = |error: &Value, key: &str| error[key].as_str().map(str::to_owned);
    let mut failure = match error {
        Some(error) if is_tool_error => Failure::new(text(&error, "message").unwrap_or_default())
            .hint(text(&error, "hint"))
            .coded(error["code"].as_str().unwrap_or_default()),
        Some(Value::String(message)) => Failure::new(message).coded("error"),
        Some(error) if size(&error, limits.result) > limits.result => {
            let limit = limits.result as u64;
            let failure = Failure::new(format!("the tool's error is larger than {limit} bytes"));
            return Outcome::failed(name, Code::OutputExceeded, failure.of(limit, limit));
        }
        Some(error) => {
            let mut failure = Failure::new("the tool returned an error").coded("error");
            failure.value = Some(error);
            failure
        }
        None => Failure::new("the tool failed").coded("error"),
    };
    // A guest that was told `quota` and gave up failed at that bound.
    if state.io.denied_descriptor() {
        let limit = u64::from(state.io.open_limit());
        failure = failure.of(limit, limit);
        return Outcome::failed(name, Code::HandlesExceeded, failure);
    }
    if state.memory.denied() {
        failure = failure.of(state.memory.used(), limits.memory);
        return Outcome::failed(name, Code::MemoryExceeded, failure);
    }
    Outcome::failed(name, Code::ToolError, failure)
}

/// The length of a value as compact JSON, counted up to a little over `limit` and never built.
fn size(value: &Value, limit: usize) -> usize {
    struct Counter {
        bytes: usize,
        limit: usize,
    }
    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.bytes += bytes.len();
            if self.bytes > self.limit {
                return Err(std::io::ErrorKind::FileTooLarge.into());
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter { bytes: 0, limit };
    // The only error is the counter's own.
    let _ = serde_json::to_writer(&mut counter, value);
    counter.bytes
}
