//! What a function returned, or why it was not called, as an outcome.

use bailiwick_contract::json::LowerError;
use bailiwick_contract::{Function, Type, known};
use serde_json::Value;
use wasmtime::Store;
use wasmtime::component::Val;

use super::Request;
use crate::handed::Keeper;
use crate::limits::Limits;
use crate::namespace::NameError;
use crate::outcome::{Code, Failure, Outcome};
use crate::state::State;
use crate::value;

pub(super) fn refused(
    request: &Request,
    function: &Function,
    error: LowerError<NameError>,
) -> Outcome {
    let (name, tool) = (&request.name, request.tool.name());
    let example = || format!("for example: {}", function.example());
    match error {
        LowerError::Mismatch(mismatch) => {
            let failure = Failure::new(mismatch.to_string()).hint(example());
            Outcome::failed(name, Code::InvalidArguments, failure)
        }
        LowerError::Handle { path, error } => {
            let mut failure = Failure::new(format!("{path}: {}", error.message)).hint(error.hint);
            failure.allow = error.allow.map(|allow| allow.line(tool));
            Outcome::failed(name, error.code, failure)
        }
    }
}

/// The outcome of a call whose function returned. Copies of files stay when the outcome names them.
pub(super) fn returned(
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
