//! A guest's future under a deadline and a cancel that hold wherever it is.
//!
//! Fuel yields every [`YIELD_INTERVAL`](crate::limits::YIELD_INTERVAL), and the clock is read at every poll: that bounds guest code
//! without any timer. Calls to the host look at it as they begin ([`watch`]). The timer is for waits in host calls, where nothing would poll, and is only made when there is a wait.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::sync::futures::Notified;
use tokio::time::Sleep;
use wasmtime::{CallHook, Store};

use crate::call::Shared;
use crate::state::State;

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
    deadline: Instant,
    shared: Arc<Shared>,
}

impl Watch {
    pub(crate) fn new(deadline: Instant, shared: Arc<Shared>) -> Self {
        Self { deadline, shared }
    }

    /// Whether the call may go on: for work of the host's own, which nothing polls.
    pub(crate) fn check(&self) -> Result<(), Stopped> {
        if self.shared.is_cancelled() {
            return Err(Stopped::Cancelled);
        }
        if Instant::now() >= self.deadline {
            return Err(Stopped::Deadline);
        }
        Ok(())
    }
}

/// Makes every call of a guest to the host, whoever implements it, look at the clock and at the cancel first, and pay for what the host did when it
/// returns. A guest that does little but call the host burns hardly any fuel by itself, and so yields too seldom to be stopped at a poll.
pub(crate) fn watch(store: &mut Store<State>, watch: Watch) {
    store.call_hook(move |mut store, hook| {
        match hook {
            CallHook::CallingHost => watch.check().map_err(StoppedInHost)?,
            // What the engine calls for itself comes here too, and does not look at the fuel again; but then nothing is due.
            CallHook::ReturningFromHost => {
                let due = store.data().io.due();
                if due > 0 {
                    let left = store.get_fuel()?;
                    store.set_fuel(left.saturating_sub(due))?;
                }
            }
            _ => {}
        }
        Ok(())
    });
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
        if let Err(stopped) = this.watch.check() {
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
