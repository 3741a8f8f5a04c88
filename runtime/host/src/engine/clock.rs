//! What makes guests look at the clock that are metered by time: a thread that ticks while such calls run.
//!
//! wasmtime's code compares a number at every loop and call (an epoch), and yields when it has changed. The number changes every [`TICK`]; where
//! no call runs, nothing does.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use wasmtime::EngineWeak;

/// Between two looks at the clock.
const TICK: Duration = Duration::from_millis(5);

/// The clock of an engine.
#[derive(Debug)]
pub(crate) struct Clock {
    engine: Engine,
    state: Mutex<State>,
    work: Condvar,
}

/// wasmtime's has no `Debug`.
struct Engine(EngineWeak);

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}

#[derive(Debug, Default)]
struct State {
    calls: usize,
    has_thread: bool,
}

/// A call for which the clock ticks.
#[derive(Debug)]
pub(crate) struct Ticking(Arc<Clock>);

impl Clock {
    pub(crate) fn new(engine: &wasmtime::Engine) -> Arc<Self> {
        Arc::new(Self {
            engine: Engine(engine.weak()),
            state: Mutex::default(),
            work: Condvar::new(),
        })
    }

    /// Ticks until what this returns is dropped.
    ///
    /// # Errors
    ///
    /// There can be no thread.
    pub(crate) fn tick(self: &Arc<Self>) -> std::io::Result<Ticking> {
        let mut state = self.lock();
        if !state.has_thread {
            let clock = Arc::downgrade(self);
            thread::Builder::new()
                .name("bailiwick-clock".to_owned())
                .spawn(move || run(&clock))?;
            state.has_thread = true;
        }
        state.calls += 1;
        if state.calls == 1 {
            self.work.notify_one();
        }
        drop(state);
        Ok(Ticking(self.clone()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for calls, then for one tick. Whether to go on.
    fn turn(&self) -> bool {
        let mut state = self.lock();
        // Without calls it ends after a while, and the next call begins another: a thread that waits would keep the clock alive.
        if state.calls == 0 {
            let (waited, timeout) = self
                .work
                .wait_timeout_while(state, IDLE, |state| state.calls == 0)
                .unwrap_or_else(PoisonError::into_inner);
            state = waited;
            if timeout.timed_out() && state.calls == 0 {
                state.has_thread = false;
                return false;
            }
        }
        drop(state);
        thread::sleep(TICK);
        match self.engine.0.upgrade() {
            Some(engine) => engine.increment_epoch(),
            None => return false,
        }
        true
    }
}

/// How long the thread waits for the next call.
const IDLE: Duration = Duration::from_secs(1);

fn run(clock: &Weak<Clock>) {
    while clock.upgrade().is_some_and(|clock| clock.turn()) {}
}

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.lock().calls -= 1;
    }
}
