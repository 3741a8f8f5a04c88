//! A guest's future under a deadline and a cancel that hold wherever it is.
//!
//! Fuel yields every [`YIELD_INTERVAL`](crate::limits::YIELD_INTERVAL), and the clock is read at every poll: that bounds guest code
//! without any timer. Calls to the host look at it as they begin ([`watch`]), and give way there. The timer is for waits in host calls, where nothing would poll, and is only made when there is a wait.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::sync::futures::Notified;
use tokio::time::Sleep;
use wasmtime::{CallHook, CallHookHandler, Store, StoreContextMut};

use crate::call::Shared;
use crate::engine::Metering;
use crate::state::State;

/// How long a guest that calls the host may go on until others on its thread have a turn. One call of the host's is not interrupted.
const TURN: Duration = Duration::from_micros(500);

/// Why a future was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    Deadline,
    Cancelled,
}

/// The call was to be stopped, and it was noticed as the guest called the host.
#[derive(Debug, thiserror::Error)]
#[error("the call was stopped as it called the host")]
pub(crate) struct StoppedInHost(pub(crate) Stopped);

/// The deadline and the cancel of a call. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    start: Instant,
    deadline: Instant,
    shared: Arc<Shared>,
}

impl Watch {
    pub(crate) fn new(deadline: Instant, shared: Arc<Shared>) -> Self {
        Self {
            start: Instant::now(),
            deadline,
            shared,
        }
    }

    /// The same, with so much more time.
    pub(crate) fn later(&self, time: Duration) -> Self {
        let mut later = self.clone();
        later.deadline += time;
        later
    }

    /// Whether the call may go on: for work of the host's own, which nothing polls.
    pub(crate) fn check(&self) -> Result<(), Stopped> {
        self.now().map(|_| ())
    }

    /// The time, when the call may go on.
    fn now(&self) -> Result<Instant, Stopped> {
        if self.shared.is_cancelled() {
            return Err(Stopped::Cancelled);
        }
        let now = Instant::now();
        if now >= self.deadline {
            return Err(Stopped::Deadline);
        }
        Ok(now)
    }

    fn micros(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.start).as_micros() as u64
    }

    /// The call's turn begins: it is polled.
    fn begin(&self) -> Result<(), Stopped> {
        let now = self.now()?;
        self.shared.turn.store(self.micros(now), Ordering::Relaxed);
        Ok(())
    }

    /// Whether the call, if it may go on, has had its turn.
    fn look(&self) -> Result<bool, Stopped> {
        let now = self.now()?;
        let begun = self.shared.turn.load(Ordering::Relaxed);
        Ok(self.micros(now).saturating_sub(begun) >= TURN.as_micros() as u64)
    }
}

/// Makes every call of a guest to the host, whoever implements it, look at the clock and at the cancel first, and pay for what the host did when it
/// returns. A guest that does little but call the host burns hardly any fuel by itself, and so yields too seldom to be stopped at a poll: what it
/// pays even begins the interval of fuel anew. So it yields here, too.
pub(crate) fn watch(store: &mut Store<State>, watch: Watch, metering: Metering) {
    store.call_hook_async(Hook { watch, metering });
}

struct Hook {
    watch: Watch,
    metering: Metering,
}

impl Hook {
    /// What is to be done at an event: whether the call is to give way.
    fn event(
        &self,
        mut store: StoreContextMut<'_, State>,
        hook: CallHook,
    ) -> wasmtime::Result<bool> {
        match hook {
            CallHook::CallingHost => return Ok(self.watch.look().map_err(StoppedInHost)?),
            // What the engine calls for itself comes here too, and does not look at the fuel again; but then nothing is due.
            CallHook::ReturningFromHost if self.metering == Metering::Fuel => {
                let due = store.data().io.due();
                if due > 0 {
                    let left = store.get_fuel()?;
                    store.set_fuel(left.saturating_sub(due))?;
                }
            }
            _ => {}
        }
        Ok(false)
    }
}

/// What an event came to, as the engine wants it.
type Event<'a> = Pin<Box<dyn Future<Output = wasmtime::Result<()>> + Send + 'a>>;

// Not by the macro: it would allocate at each event, and there are two or more for each call to the host.
impl CallHookHandler<State> for Hook {
    fn handle_call_event<'hook, 'store, 'event>(
        &'hook self,
        store: StoreContextMut<'store, State>,
        hook: CallHook,
    ) -> Event<'event>
    where
        'hook: 'event,
        'store: 'event,
        Self: 'event,
    {
        match self.event(store, hook) {
            Ok(false) => Box::pin(Nothing),
            Ok(true) => Box::pin(async {
                tokio::task::yield_now().await;
                Ok(())
            }),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }
}

/// Nothing more to do. Of no size, so that a box of it is no allocation.
struct Nothing;

impl Future for Nothing {
    type Output = wasmtime::Result<()>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Ok(()))
    }
}

/// Runs `future` until it is done, the deadline is there or the call is cancelled.
pub(crate) async fn bounded<F: Future>(future: F, watch: &Watch) -> Result<F::Output, Stopped> {
    let future = std::pin::pin!(future);
    let wake = std::pin::pin!(watch.shared.wake.notified());
    let bounded = Bounded {
        future,
        wake,
        timer: None,
        watch,
    };
    bounded.await
}

struct Bounded<'p, 'a, F> {
    future: Pin<&'p mut F>,
    wake: Pin<&'p mut Notified<'a>>,
    timer: Option<Pin<Box<Sleep>>>,
    watch: &'a Watch,
}

impl<F: Future> Future for Bounded<'_, '_, F> {
    type Output = Result<F::Output, Stopped>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Err(stopped) = this.watch.begin() {
            return Poll::Ready(Err(stopped));
        }
        if let Poll::Ready(output) = this.future.as_mut().poll(context) {
            return Poll::Ready(Ok(output));
        }
        let timer = this
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(this.watch.deadline.into())));
        if timer.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(Stopped::Deadline));
        }
        if this.wake.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(Stopped::Cancelled));
        }
        Poll::Pending
    }
}
