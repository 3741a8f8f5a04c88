//! Work that waits for the disk, on threads of its own.
//!
//! A runtime's own threads for such work are few and shared, and the runtime waits for them when it ends. A disk that hangs must neither keep
//! others waiting nor the process from ending, so here each piece of work has a thread for itself, which nobody waits for but whoever wants the
//! result. Threads are kept for a while for the next piece.

use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

/// How long a thread waits for more work before it ends.
const IDLE: Duration = Duration::from_secs(2);

/// How many wait at most.
const KEPT: usize = 4;

type Work = Box<dyn FnOnce() + Send>;

/// The threads that have nothing to do, and work that one of them is about to take.
struct Pool {
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    waiting: usize,
    work: Vec<Work>,
}

static POOL: Pool = Pool {
    state: Mutex::new(State {
        waiting: 0,
        work: Vec::new(),
    }),
    work: Condvar::new(),
};

/// There could be no thread, or the work panicked.
#[derive(Debug, thiserror::Error)]
#[error("the work was not done")]
pub(crate) struct NotDone;

/// Does the work on another thread. It goes on to its end when nobody waits for it any more.
pub(crate) async fn run<T, F>(work: F) -> Result<T, NotDone>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let (give, take) = oneshot::channel();
    POOL.hand(Box::new(move || {
        // Whoever wanted it may be gone.
        let _ = give.send(work());
    }))?;
    take.await.map_err(|_| NotDone)
}

impl Pool {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hand(&'static self, work: Work) -> Result<(), NotDone> {
        let mut state = self.lock();
        if state.waiting > state.work.len() {
            state.work.push(work);
            drop(state);
            self.work.notify_one();
            return Ok(());
        }
        drop(state);
        let thread = thread::Builder::new().name("bailiwick-disk".to_owned());
        thread
            .spawn(move || self.serve(work))
            .map(drop)
            .map_err(|_| NotDone)
    }

    fn serve(&self, first: Work) {
        let mut next = Some(first);
        while let Some(work) = next {
            // A panic is the work's own: its result is then never given, and this thread does the next.
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            next = self.next();
        }
    }

    /// More work. None when there was none for a while, or enough threads wait.
    fn next(&self) -> Option<Work> {
        let mut state = self.lock();
        if state.waiting >= KEPT {
            return None;
        }
        state.waiting += 1;
        let (mut state, _) = self
            .work
            .wait_timeout_while(state, IDLE, |state| state.work.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        state.work.pop()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn wait<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(future)
    }

    #[test]
    fn one_that_hangs_keeps_nobody_waiting() {
        wait(async {
            let hung: Vec<_> = std::iter::repeat_with(|| {
                let (sender, receiver) = mpsc::channel::<()>();
                (sender, Box::pin(run(move || receiver.recv().is_err())))
            })
            .take(20)
            .collect();
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            let mut hung: Vec<_> = hung
                .into_iter()
                .map(|(sender, mut work)| {
                    assert!(work.as_mut().poll(&mut context).is_pending());
                    (sender, work)
                })
                .collect();
            assert_eq!(run(|| 7).await.ok(), Some(7));
            for (sender, work) in hung.drain(..) {
                drop(sender);
                assert_eq!(work.await.ok(), Some(true));
            }
        });
    }

    #[test]
    fn one_that_panics_is_not_done_and_the_next_is() {
        assert!(wait(run(|| panic!("on purpose"))).is_err());
        assert_eq!(wait(run(|| 1)).ok(), Some(1));
    }
}
