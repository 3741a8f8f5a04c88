//! From how a guest's run ended to an outcome: each bound by its own code, with used and limit.

use bailiwick_capfs::CommitError;
use bailiwick_capfs::state::ApplyError;
use wasmtime::component::ResourceTableError;
use wasmtime::{PoolConcurrencyLimitError, Trap, WasmBacktrace};

use crate::bounded::{Stopped, StoppedInHost};
use crate::budget::{Exhausted, Reserved, Unit};
use crate::counts::HostCallsExceeded;
use crate::engine::WASM_STACK;
use crate::layers::Layers;
use crate::limits::Limits;
use crate::outcome::{Code, Failure, Outcome};
use crate::state::State;

/// What a model is told to try when a bound on work was hit.
const LESS: &str = "ask for less work: a smaller directory, a narrower pattern, fewer items";

/// How the run ended.
#[derive(Debug)]
pub(crate) enum Ending {
    /// The function returned, ok or err.
    Returned,
    /// wasmtime says that it failed.
    Failed(wasmtime::Error),
    /// The deadline came, or the caller gave up.
    Stopped(Stopped),
}

/// The outcome of a run that did not return; none for one that did.
pub(crate) fn ended(name: &str, ending: Ending, state: &State, limits: &Limits) -> Option<Outcome> {
    let error = match ending {
        Ending::Returned => return None,
        Ending::Stopped(stopped) => return Some(stop(name, stopped, limits)),
        Ending::Failed(error) => error,
    };
    if let Some(StoppedInHost(stopped)) = error.downcast_ref() {
        return Some(stop(name, *stopped, limits));
    }
    let (code, failure) = failed(&error, state, limits);
    Some(Outcome::failed(name, code, failure))
}

/// The outcome of a call that waited for others until it was stopped.
pub(crate) fn waited(name: &str, stopped: Stopped, limits: &Limits, why: &str) -> Outcome {
    match stopped {
        Stopped::Cancelled => stop(name, stopped, limits),
        Stopped::Deadline => {
            let failure = Failure::new(why).hint("wait, and try again".to_owned());
            Outcome::failed(name, Code::Busy, failure)
        }
    }
}

/// The outcome of a call for which the session's budget had nothing left.
pub(crate) fn over_budget(name: &str, exhausted: Exhausted) -> Outcome {
    let Exhausted { unit, used, limit } = exhausted;
    let failure = Failure::new(format!(
        "this session has used all of its {limit} {}",
        unit.name()
    ))
    .hint("no call can be made in this session any more: say so to whoever runs it".to_owned())
    .of(used, limit);
    Outcome::failed(name, Code::BudgetExhausted, failure)
}

/// The outcome, which is the budget's where that left the call less than the bound at which it ended.
pub(crate) fn by_budget(outcome: Outcome, reserved: &Reserved, limits: &Limits) -> Outcome {
    let moved = outcome.usage.read.saturating_add(outcome.usage.written);
    let unit = match outcome.code {
        Code::FuelExhausted => Unit::Fuel,
        Code::DeadlineExceeded => Unit::Wall,
        Code::HostcallExceeded if moved > limits.transfer => Unit::Transfer,
        _ => return outcome,
    };
    let Some(exhausted) = reserved.exhausted(unit) else {
        return outcome;
    };
    let mut over = over_budget(&outcome.tool, exhausted);
    over.usage = outcome.usage;
    (over.stdout, over.stderr) = (outcome.stdout, outcome.stderr);
    over
}

/// The outcome of a call that ended well, but whose changes were not taken over.
pub(crate) fn not_taken(name: &str, error: CommitError) -> Outcome {
    match error {
        CommitError::Conflict(conflicts) => {
            let files: Vec<_> = conflicts
                .iter()
                .map(|conflict| format!("`{}`", conflict.path))
                .collect();
            let failure = Failure::new(format!(
                "changed by others since it was last read here, and nothing was written: {}",
                files.join(", ")
            ))
            .hint("read it again, and then make the change that is still wanted".to_owned());
            let mut outcome = Outcome::failed(name, Code::Conflict, failure);
            outcome.conflicts = conflicts;
            outcome
        }
        CommitError::Revoked => {
            let message = "a handle was taken back during the call, and nothing of it was kept";
            Outcome::failed(name, Code::Denied, Failure::new(message))
        }
        error => {
            // The state folder's own words are for the operator: they name places of the host.
            let why = match &error {
                CommitError::Apply(ApplyError::Failed(code)) => format!(": {code}"),
                _ => String::new(),
            };
            let failure = Failure::new(format!(
                "the host could not take over what the call changed, and nothing was{why}"
            ));
            Outcome::failed(name, Code::HostError, failure.detail(&error))
        }
    }
}

/// The outcome of a call that failed after it was told `quota`.
pub(crate) fn over_quota(name: &str, layers: &Layers, was: Outcome) -> Outcome {
    let mut failure = match was.failure {
        Some(failure) if was.code == Code::ToolError => failure,
        _ => Failure::new("the tool wanted to write more than the quota lets")
            .hint("write less, or remove what is not needed".to_owned()),
    };
    if let Some((used, limit)) = layers.quota() {
        failure = failure.of(used, limit);
    }
    Outcome::failed(name, Code::QuotaExceeded, failure)
}

/// The outcome of a call that was stopped.
pub(crate) fn stop(name: &str, stopped: Stopped, limits: &Limits) -> Outcome {
    match stopped {
        Stopped::Deadline => deadline(name, limits),
        Stopped::Cancelled => {
            let failure = Failure::new("the call was cancelled");
            Outcome::failed(name, Code::Cancelled, failure)
        }
    }
}

fn deadline(name: &str, limits: &Limits) -> Outcome {
    let limit = limits.deadline.as_millis() as u64;
    let failure = Failure::new(format!("the tool did not finish within {limit} ms"))
        .hint(LESS.to_owned())
        .of(limit, limit);
    Outcome::failed(name, Code::DeadlineExceeded, failure)
}

fn failed(error: &wasmtime::Error, state: &State, limits: &Limits) -> (Code, Failure) {
    if let Some(exceeded) = error.downcast_ref::<HostCallsExceeded>() {
        let failure = Failure::new(format!(
            "the tool used all of its {} {}",
            exceeded.limit, exceeded.unit
        ))
        .hint(LESS.to_owned())
        .of(exceeded.used, exceeded.limit);
        return (Code::HostcallExceeded, failure);
    }
    let trap = error.downcast_ref::<Trap>();
    if trap == Some(&Trap::OutOfFuel) {
        let failure = Failure::new(format!(
            "the tool used all of its {} units of fuel",
            limits.fuel
        ))
        .hint(LESS.to_owned())
        .of(limits.fuel, limits.fuel);
        return (Code::FuelExhausted, failure);
    }
    // Before the trap itself: a guest whose allocator was told no ends in `unreachable`.
    if state.memory.denied() {
        let (used, limit) = (state.memory.used(), limits.memory);
        let failure = Failure::new(format!(
            "the tool needed more memory than its {limit} bytes"
        ))
        .hint(LESS.to_owned())
        .of(used, limit);
        return (Code::MemoryExceeded, failure);
    }
    if trap == Some(&Trap::StackOverflow) {
        let failure = Failure::new("the tool used all of its stack")
            .hint("give it something that is nested less deeply".to_owned())
            .of(WASM_STACK as u64, WASM_STACK as u64);
        return (Code::StackExhausted, failure);
    }
    if error.is::<PoolConcurrencyLimitError>() {
        let failure = Failure::new("the host has no room for another call now")
            .hint("wait, and try again".to_owned());
        return (Code::Busy, failure);
    }
    if matches!(error.downcast_ref(), Some(ResourceTableError::Full)) {
        let limit = limits.host_handles as u64;
        let failure =
            Failure::new(format!("the tool held {limit} handles at one time")).of(limit, limit);
        return (Code::HandlesExceeded, failure);
    }
    // wasmtime has no types for these two; the texts are pinned by tests. Only the root of the error is looked at: what is around it
    // has names of the guest's own.
    let text = if trap.is_none() {
        error.root_cause().to_string()
    } else {
        String::new()
    };
    if text.contains("store handle limit exceeded") {
        let limit = limits.component_handles as u64;
        let failure =
            Failure::new(format!("the tool held {limit} handles at one time")).of(limit, limit);
        return (Code::HandlesExceeded, failure);
    }
    if text.contains("fuel allocated for hostcalls has been exhausted") {
        let limit = limits.crossing as u64;
        // Guest code on the stack: it was handing something to a host function, and not returning its result.
        return if error.downcast_ref::<WasmBacktrace>().is_some() {
            let failure = Failure::new(format!(
                "the tool handed more than {limit} bytes to the host at once"
            ))
            .of(limit, limit);
            (Code::HostcallExceeded, failure)
        } else {
            let failure = Failure::new(format!(
                "the result takes more than {limit} bytes, at 40 and more for each value in it"
            ))
            .hint("ask for less, or for a part of it".to_owned())
            .of(limit, limit);
            (Code::OutputExceeded, failure)
        };
    }
    if text.starts_with("resource limit exceeded") {
        let failure = Failure::new(
            "the tool is made of more instances, memories or tables than a call may have",
        );
        return (Code::MemoryExceeded, failure);
    }
    if state.io.denied_descriptor() {
        let limit = u64::from(state.io.open_limit());
        let failure =
            Failure::new(format!("the tool had {limit} files open at one time")).of(limit, limit);
        return (Code::HandlesExceeded, failure);
    }
    (Code::Trapped, Failure::new(crash(error, trap)))
}

/// What a model is told of a crash: no backtrace, no names of the guest's, no words of the engine's.
fn crash(error: &wasmtime::Error, trap: Option<&Trap>) -> &'static str {
    match trap {
        Some(Trap::MemoryOutOfBounds | Trap::TableOutOfBounds) => {
            "the tool crashed: it reached beyond its memory"
        }
        Some(
            Trap::IntegerOverflow | Trap::IntegerDivisionByZero | Trap::BadConversionToInteger,
        ) => "the tool crashed in a computation",
        Some(_) => "the tool crashed",
        None if error.is::<wasmtime_wasi::I32Exit>() => "the tool ended itself",
        None => "the tool crashed",
    }
}
