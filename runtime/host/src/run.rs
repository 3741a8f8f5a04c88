//! One call, from JSON to its outcome, in a store of its own.

mod guest;
mod settle;
mod told;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bailiwick_capfs::{Capability, GuestPath, Rights};
use serde_json::Value;

use crate::blocking;
use crate::bounded::{Watch, bounded};
use crate::budget::{Ledger, Reserved};
use crate::call::{Reporter, Shared};
use crate::ending;
use crate::engine::{Metering, Taken};
use crate::files::Files;
use crate::layers::{Layers, WritePlace};
use crate::limits::Limits;
use crate::namespace::Namespace;
use crate::outcome::{Code, Failure, Outcome};
use crate::places;
use crate::tool::Tool;
use guest::stored;
use settle::settle;
use told::refused;

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
    /// What all calls of the session share.
    pub(crate) budget: Arc<Ledger>,
}

/// Runs a call to its end, whatever that is.
pub(crate) async fn run(mut request: Request, reporter: Reporter) -> Outcome {
    let start = Instant::now();
    let watch = Watch::new(start + request.limits.deadline, reporter.shared().clone());
    let reserved = reserve(&mut request, &watch).await;
    let arguments = std::mem::take(&mut request.arguments);
    let request = Arc::new(request);
    let limits = request.limits;
    let mut outcome = match reserved {
        Err(outcome) => *outcome,
        Ok(reserved) => {
            // It may have been left less.
            let watch = Watch::new(start + limits.deadline, reporter.shared().clone());
            let work = Work {
                request: request.clone(),
                arguments,
                layers: Layers::default(),
                reserved,
                watch,
                reporter: reporter.clone(),
            };
            work.funded(start).await
        }
    };
    outcome.call.clone_from(&request.call);
    outcome.usage.wall = start.elapsed();
    if let (Code::DeadlineExceeded, Some(failure)) = (outcome.code, &mut outcome.failure) {
        failure.used = Some(outcome.usage.wall.as_millis() as u64);
    }
    reporter.finished(outcome.code);
    outcome.text_limit(limits.text)
}

/// What the call may use of its session's budget, its limits lowered to that.
async fn reserve(request: &mut Request, watch: &Watch) -> Result<Reserved, Box<Outcome>> {
    let counts_fuel = request.tool.metering() == Metering::Fuel;
    let waiting = request.budget.reserve(&request.limits, counts_fuel);
    let mut reserved = match bounded(waiting, watch).await {
        Ok(Ok(reserved)) => reserved,
        Ok(Err(exhausted)) => {
            return Err(Box::new(ending::over_budget(&request.name, exhausted)));
        }
        Err(stopped) => {
            let why = "other calls of this session held what is left of its budget";
            let outcome = ending::waited(&request.name, stopped, &request.limits, why);
            return Err(Box::new(outcome));
        }
    };
    // Nothing has run yet.
    reserved.used(0, Duration::ZERO, 0);
    reserved.lower(&mut request.limits);
    Ok(reserved)
}

/// A call that the budget has something for.
struct Work {
    request: Arc<Request>,
    arguments: Value,
    layers: Layers,
    reserved: Reserved,
    watch: Watch,
    reporter: Reporter,
}

impl Work {
    /// Runs it to its end.
    async fn funded(mut self, start: Instant) -> Outcome {
        let request = self.request.clone();
        let files = request.files.clone();
        files.sweep();
        // Dropped after the layers: then their places are free, and whoever waits for one looks again.
        let _free = files.free();
        self.layers = match begin(&request, &self.arguments, &self.watch).await {
            Ok(layers) => layers,
            Err(outcome) => return *outcome,
        };
        let (mut done, outcome) = match self.placed().await {
            Ok(done) => done,
            Err(outcome) => return *outcome,
        };
        let outcome = ending::by_budget(outcome, &done.reserved, &request.limits);
        let outcome = settle(&request, outcome, done.layers).await;
        let transfer = outcome.usage.read.saturating_add(outcome.usage.written);
        done.reserved
            .used(outcome.usage.fuel, start.elapsed(), transfer);
        outcome
    }

    /// Runs it when there is a place for it. It is the last that is waited for, so that nobody has a place who waits for something else.
    async fn placed(self) -> Result<(Done, Outcome), Box<Outcome>> {
        let request = self.request.clone();
        match bounded(request.tool.take(), &self.watch).await {
            Ok(Some(taken)) if files_are_remote(&request) => self.apart(taken).await,
            Ok(Some(taken)) => Ok(self.run(taken).await),
            Ok(None) => {
                let why = "the host could not make room for the call";
                Err(Box::new(host_failed(&request.name, why)))
            }
            Err(stopped) => {
                let why = "the host had no room for the call";
                let outcome = ending::waited(&request.name, stopped, &request.limits, why);
                Ok((self.done(), outcome))
            }
        }
    }

    /// Runs it on a thread of its own, which nobody waits for when it hangs: where a server answers for files, a call to the kernel can take as
    /// long as that likes. What such a call had changed is never taken over.
    async fn apart(self, taken: Taken) -> Result<(Done, Outcome), Box<Outcome>> {
        let (request, watch) = (self.request.clone(), self.watch.clone());
        let _ends = Ends(self.reporter.shared().clone());
        let runtime = tokio::runtime::Handle::current();
        let work = blocking::run(move || runtime.block_on(self.run(taken)));
        match bounded(work, &watch.later(GRACE)).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(_)) => {
                let why = "the host failed as it ran the call";
                Err(Box::new(host_failed(&request.name, why)))
            }
            Err(stopped) => {
                let outcome = ending::stop(&request.name, stopped, &request.limits);
                Err(Box::new(outcome))
            }
        }
    }

    async fn run(mut self, taken: Taken) -> (Done, Outcome) {
        let arguments = std::mem::take(&mut self.arguments);
        let outcome = stored(
            &self.request,
            arguments,
            &mut self.layers,
            &mut self.reserved,
            &self.watch,
            &self.reporter,
        );
        let outcome = outcome.await;
        drop(taken);
        (self.done(), outcome)
    }

    fn done(self) -> Done {
        Done {
            layers: self.layers,
            reserved: self.reserved,
        }
    }
}

/// What is left of a call when its guest is gone.
struct Done {
    layers: Layers,
    reserved: Reserved,
}

/// How long a call that runs apart may take to notice by itself that it is over.
const GRACE: Duration = Duration::from_millis(40);

/// Ends what runs apart when nobody waits for it any more.
struct Ends(Arc<Shared>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Whether the call could wait for a server or another program.
fn files_are_remote(request: &Request) -> bool {
    let volumes = request.files.volumes();
    volumes.iter().any(|volume| volume.grant().is_remote())
}

fn host_failed(name: &str, why: &str) -> Outcome {
    Outcome::failed(name, Code::HostError, Failure::new(why))
}

/// The layers of a call, its places locked: before anything of it runs, and without the engine.
async fn begin(
    request: &Request,
    arguments: &Value,
    watch: &Watch,
) -> Result<Layers, Box<Outcome>> {
    let (function, _) = request.tool.function(request.function);
    let mut places = Vec::new();
    if places::writes(function) {
        places = places::of(&request.namespace, function, arguments)
            .map_err(|error| Box::new(refused(request, function, error)))?;
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
    let why = "other calls were writing to the same files all the time";
    bounded(waiting, watch)
        .await
        .map_err(|stopped| Box::new(ending::waited(&request.name, stopped, &request.limits, why)))
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
