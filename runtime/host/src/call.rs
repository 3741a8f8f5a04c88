//! A call that is under way: a future of its outcome, with events and cancel.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use tokio::sync::{Notify, mpsc};

use crate::outcome::{Code, Outcome};

/// Events that wait to be read before further progress is dropped.
const EVENTS: usize = 64;

/// The longest message of a progress event that is kept, in bytes: events wait in memory.
const MESSAGE: usize = 1 << 10;

/// Something that happened to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The arguments fit; the tool begins.
    Started,
    /// The tool says how far it is, in units and words of its own.
    Progress {
        /// Units done.
        done: u64,
        /// Units in all, when it knows.
        total: Option<u64>,
        /// What it is doing. Text of a tool: make it visible before it reaches a terminal.
        message: String,
    },
    /// The call ended.
    Finished {
        /// How.
        code: Code,
    },
}

/// The events of one call, in order. Progress is dropped when nobody reads.
#[derive(Debug)]
pub struct Events(mpsc::Receiver<Event>);

impl Events {
    /// The next event; none after [`Event::Finished`], and none when the call was dropped.
    pub async fn next(&mut self) -> Option<Event> {
        let event = self.0.recv().await;
        if matches!(event, Some(Event::Finished { .. })) {
            self.0.close();
        }
        event
    }
}

/// Cancels a call from wherever it is held. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Cancel(Arc<Shared>);

impl Cancel {
    /// The call ends as `cancelled` at its next look at the clock, within about 50 µs of guest code. Without effect when it has ended.
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

#[derive(Debug, Default)]
pub(crate) struct Shared {
    cancelled: AtomicBool,
    pub(crate) wake: Notify,
    /// When the call's turn on its thread began, in µs since its [`Watch`](crate::bounded::Watch) was made.
    pub(crate) turn: AtomicU64,
    events: OnceLock<mpsc::Sender<Event>>,
}

impl Shared {
    pub(crate) fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
        // Two may wait: a call that runs on a thread of its own, and whoever waits for that.
        self.wake.notify_waiters();
        self.wake.notify_one();
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }

    fn send(&self, event: Event) {
        if let Some(events) = self.events.get() {
            // Full or closed: nobody reads, and no call waits for a reader.
            let _ = events.try_send(event);
        }
    }
}

/// The call's own end of its events.
#[derive(Debug, Clone)]
pub(crate) struct Reporter(Arc<Shared>);

impl Reporter {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self(shared)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0
    }

    pub(crate) fn started(&self) {
        self.0.send(Event::Started);
    }

    pub(crate) fn progress(&self, done: u64, total: Option<u64>, mut message: String) {
        if message.len() > MESSAGE {
            message.truncate(message.floor_char_boundary(MESSAGE));
            message.shrink_to_fit();
        }
        // The last place is kept for the end, which must not be dropped.
        if self
            .0
            .events
            .get()
            .is_some_and(|events| events.capacity() > 1)
        {
            self.0.send(Event::Progress {
                done,
                total,
                message,
            });
        }
    }

    pub(crate) fn finished(&self, code: Code) {
        self.0.send(Event::Finished { code });
    }
}

/// A call that is under way. Await it for its [`Outcome`]; dropping it cancels it.
///
/// Nothing happens before it is polled. It must be polled in a tokio runtime that has its timer enabled.
#[must_use = "a call does nothing until it is awaited"]
pub struct Call {
    future: Pin<Box<dyn Future<Output = Outcome> + Send>>,
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").finish_non_exhaustive()
    }
}

impl Call {
    pub(crate) fn new<F>(run: impl FnOnce(Reporter) -> F) -> Self
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        let shared = Arc::new(Shared::default());
        let reporter = Reporter::new(shared.clone());
        Self {
            future: Box::pin(run(reporter)),
            shared,
        }
    }

    /// What cancels this call while it is awaited.
    #[must_use]
    pub fn cancel(&self) -> Cancel {
        Cancel(self.shared.clone())
    }

    /// What happens to this call, from now on. Ask before it is awaited, and once: a second time there are none.
    #[must_use]
    pub fn events(&self) -> Events {
        let (sender, receiver) = mpsc::channel(EVENTS);
        let _ = self.shared.events.set(sender);
        Events(receiver)
    }
}

impl Future for Call {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        self.future.as_mut().poll(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_waits_cut() {
        let shared = Arc::new(Shared::default());
        let (sender, mut receiver) = mpsc::channel(EVENTS);
        assert!(shared.events.set(sender).is_ok());
        Reporter::new(shared).progress(1, None, "é".repeat(1 << 20));
        let Ok(Event::Progress { message, .. }) = receiver.try_recv() else {
            panic!("no event")
        };
        assert_eq!(message.len(), MESSAGE);
    }
}
