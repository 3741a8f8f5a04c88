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

/// Makes every call of a guest to the host, whoever implements it, look at the clock and at the cancel first. A guest that does
/// little but call the host burns hardly any fuel, and so yields too seldom to be stopped at a poll.
pub(crate) fn watch(store: &mut Store<State>, deadline: Instant, shared: Arc<Shared>) {
    store.call_hook(move |_, hook| {
        if !matches!(hook, CallHook::CallingHost) {
            return Ok(());
        }
        if shared.is_cancelled() {
            return Err(StoppedInHost(Stopped::Cancelled).into());
        }
        if Instant::now() >= deadline {
            return Err(StoppedInHost(Stopped::Deadline).into());
        }
        Ok(())
    });
}

/// Runs `future` until it is done, `deadline` is there or the call is cancelled.
pub(crate) async fn bounded<F: Future>(
    future: F,
    deadline: Instant,
    shared: &Shared,
) -> Result<F::Output, Stopped> {
    let future = std::pin::pin!(future);
    let wake = std::pin::pin!(shared.wake.notified());
    let bounded = Bounded {
        future,
        wake,
        timer: None,
        deadline,
        shared,
    };
    bounded.await
}

struct Bounded<'p, 'a, F> {
    future: Pin<&'p mut F>,
    wake: Pin<&'p mut Notified<'a>>,
    timer: Option<Pin<Box<Sleep>>>,
    deadline: Instant,
    shared: &'a Shared,
}

impl<F: Future> Future for Bounded<'_, '_, F> {
    type Output = Result<F::Output, Stopped>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.shared.is_cancelled() {
            return Poll::Ready(Err(Stopped::Cancelled));
        }
        if Instant::now() >= this.deadline {
            return Poll::Ready(Err(Stopped::Deadline));
        }
        if let Poll::Ready(output) = this.future.as_mut().poll(context) {
            return Poll::Ready(Ok(output));
        }
        let timer = this
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(this.deadline.into())));
        if timer.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(Stopped::Deadline));
        }
        if this.wake.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(Stopped::Cancelled));
        }
        Poll::Pending
    }
}
