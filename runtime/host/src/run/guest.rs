//! The guest of a call, in a store of its own.

use std::time::Instant;

use bailiwick_capfs::{GuestPath, Rights};
use serde_json::Value;
use wasmtime::Store;
use wasmtime::component::Val;

use super::told::{refused, returned};
use super::{Request, host_failed, mounted};
use crate::bounded::{Watch, bounded, watch};
use crate::budget::Reserved;
use crate::call::Reporter;
use crate::ending::{self, Ending, ended};
use crate::engine::{Clock, Metering};
use crate::handed::Keeper;
use crate::layers::Layers;
use crate::limits::YIELD_INTERVAL;
use crate::outcome::{Code, Failure, Outcome, Usage};
use crate::state::State;
use crate::value;

/// Runs a call that has a place, in a store of its own, which is gone when this returns.
pub(super) async fn stored(
    request: &Request,
    arguments: Value,
    layers: &mut Layers,
    reserved: &mut Reserved,
    watch: &Watch,
    reporter: &Reporter,
) -> Outcome {
    let Ok(_ticking) = request.tool.clock().map(Clock::tick).transpose() else {
        return host_failed(&request.name, "the host could not start its clock");
    };
    let Ok(store) = store(request, watch, reporter.clone()) else {
        return host_failed(
            &request.name,
            "the host could not make a store for the call",
        );
    };
    let running = Running {
        store,
        reserved,
        fuel: request.limits.fuel,
        start: Instant::now(),
    };
    call(request, arguments, running, layers, watch, reporter).await
}

/// A store, and who pays for what is done in it: also when the call is dropped before its end.
struct Running<'a> {
    store: Store<State>,
    reserved: &'a mut Reserved,
    /// Of the call's limits.
    fuel: u64,
    start: Instant,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let fuel = billed(&self.store, true, self.fuel);
        let io = &self.store.data().io;
        let transfer = io.read().saturating_add(io.written());
        self.reserved.used(fuel, self.start.elapsed(), transfer);
    }
}

fn store(request: &Request, watched: &Watch, reporter: Reporter) -> wasmtime::Result<Store<State>> {
    let limits = &request.limits;
    let engine = request.tool.component().engine();
    let mut store = Store::try_new(engine, State::new(limits, reporter))?;
    let metering = request.tool.metering();
    watch(&mut store, watched.clone(), metering);
    store.limiter(|state| &mut state.memory);
    match metering {
        Metering::Fuel => {
            store.set_fuel(limits.fuel)?;
            store.fuel_async_yield_interval(Some(YIELD_INTERVAL))?;
        }
        Metering::Time => {
            store.set_epoch_deadline(1);
            store.epoch_deadline_async_yield_and_update(1);
        }
    }
    store.set_hostcall_fuel(limits.crossing);
    store.set_max_component_handles(limits.component_handles);
    Ok(store)
}

/// Runs the function in its store, and takes from the store what the outcome says.
async fn call(
    request: &Request,
    arguments: Value,
    mut running: Running<'_>,
    layers: &mut Layers,
    watch: &Watch,
    reporter: &Reporter,
) -> Outcome {
    let store = &mut running.store;
    let mut outcome = guest(request, arguments, store, layers, watch, reporter).await;
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
        Err(error) => return refused(request, function, error),
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
    let cut_off = !matches!(ending, Ending::Returned);
    let fuel = billed(store, cut_off, request.limits.fuel);
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
/// that traps on purpose is not cheaper for it. None of it is counted where time is.
fn billed(store: &Store<State>, cut_off: bool, limit: u64) -> u64 {
    let Ok(left) = store.get_fuel() else { return 0 };
    let used = limit.saturating_sub(left);
    match cut_off {
        false => used,
        true => limit.min((used / YIELD_INTERVAL + 1) * YIELD_INTERVAL),
    }
}
