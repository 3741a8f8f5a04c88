//! What all calls of a session may use together.
//!
//! Each limit of a call is for one call, and an agent can make as many as it likes: the budget bounds them together. A call reserves the most that
//! it could use before it begins, and pays what it used when it has ended, however it ended. So calls that run side by side cannot pass it together.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Notify;

use crate::limits::Limits;

/// What all calls of a session may use together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Budget {
    /// Units of fuel. Default 10¹³: 10,000 calls that use all that a call may. Calls that are metered by time use none.
    pub fuel: u64,
    /// Wall time of the calls, added up. Default 24 h.
    pub wall: Duration,
    /// Bytes of files read and written. Default 64 TiB.
    pub transfer: u64,
    /// Calls. Default 1,000,000.
    pub calls: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            fuel: 10_000_000_000_000,
            wall: Duration::from_secs(24 * 60 * 60),
            transfer: 64 << 40,
            calls: 1_000_000,
        }
    }
}

/// What a session's calls have used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Spent {
    /// Units of fuel.
    pub fuel: u64,
    /// Wall time of the calls, added up, in milliseconds.
    pub wall_ms: u64,
    /// Bytes of files read and written.
    pub transfer: u64,
    /// Calls that were begun.
    pub calls: u64,
}

/// One thing that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Fuel,
    Wall,
    Transfer,
    Calls,
}

/// What is counted while calls run, in the order of [`Unit`]: wall time in microseconds.
type Amounts = [u64; 3];

const UNITS: [Unit; 3] = [Unit::Fuel, Unit::Wall, Unit::Transfer];

/// The budget of a session and what is left of it.
#[derive(Debug)]
pub(crate) struct Ledger {
    books: Mutex<Books>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct Books {
    most: Amounts,
    calls_most: u64,
    used: Amounts,
    held: Amounts,
    holders: u64,
    calls: u64,
}

/// The budget is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exhausted {
    pub(crate) unit: Unit,
    pub(crate) used: u64,
    pub(crate) limit: u64,
}

/// What a call may use at most. What was not said to be used when it is dropped is paid in full.
#[derive(Debug)]
pub(crate) struct Reserved {
    ledger: Arc<Ledger>,
    held: Amounts,
    /// What the call asked for.
    asked: Amounts,
    used: Amounts,
}

impl Default for Ledger {
    fn default() -> Self {
        let ledger = Self {
            books: Mutex::default(),
            freed: Notify::new(),
        };
        ledger.set(&Budget::default());
        ledger
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Units of fuel that nothing uses in a microsecond, and bytes that nothing moves in one: a call without a limit of its own asks for no more than it could use
/// before its deadline, so that others can run beside it.
const FUEL_PER_MICRO: u64 = 40_000;
const BYTES_PER_MICRO: u64 = 20_000;

fn asked(limits: &Limits) -> Amounts {
    let wall = micros(limits.deadline);
    [
        limits.fuel.min(wall.saturating_mul(FUEL_PER_MICRO)),
        wall,
        limits.transfer.min(wall.saturating_mul(BYTES_PER_MICRO)),
    ]
}

fn sum(a: Amounts, b: Amounts) -> Amounts {
    std::array::from_fn(|at| a[at].saturating_add(b[at]))
}

fn less(a: Amounts, b: Amounts) -> Amounts {
    std::array::from_fn(|at| a[at].saturating_sub(b[at]))
}

impl Ledger {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another budget, for the calls that begin from now on. What was used stays used.
    pub(crate) fn set(&self, budget: &Budget) {
        let mut books = self.books();
        books.most = [budget.fuel, micros(budget.wall), budget.transfer];
        books.calls_most = budget.calls;
        drop(books);
        self.freed.notify_waiters();
    }

    pub(crate) fn spent(&self) -> Spent {
        let books = self.books();
        Spent {
            fuel: books.used[0],
            wall_ms: books.used[1] / 1_000,
            transfer: books.used[2],
            calls: books.calls,
        }
    }

    /// Reserves what a call under these limits could use. Where less is left than that, it waits for the calls that hold the rest; when none does, the call
    /// gets what is left.
    pub(crate) async fn reserve(
        self: &Arc<Self>,
        limits: &Limits,
        counts_fuel: bool,
    ) -> Result<Reserved, Exhausted> {
        let mut asked = asked(limits);
        if !counts_fuel {
            asked[0] = 0;
        }
        loop {
            let mut freed = std::pin::pin!(self.freed.notified());
            // From here on no release is missed.
            freed.as_mut().enable();
            if let Some(reserved) = self.try_reserve(asked)? {
                return Ok(reserved);
            }
            freed.await;
        }
    }

    fn try_reserve(self: &Arc<Self>, asked: Amounts) -> Result<Option<Reserved>, Exhausted> {
        let mut books = self.books();
        books.check(asked)?;
        let left = less(less(books.most, books.used), books.held);
        let is_enough = (0..asked.len()).all(|at| asked[at] <= left[at]);
        if !is_enough && books.holders > 0 {
            return Ok(None);
        }
        let held = std::array::from_fn(|at| asked[at].min(left[at]));
        books.held = sum(books.held, held);
        books.holders += 1;
        books.calls += 1;
        Ok(Some(Reserved {
            ledger: self.clone(),
            held,
            asked,
            used: held,
        }))
    }
}

impl Books {
    /// Whether anything is left for a call that asks for this.
    fn check(&self, asked: Amounts) -> Result<(), Exhausted> {
        if self.calls >= self.calls_most {
            return Err(Exhausted {
                unit: Unit::Calls,
                used: self.calls,
                limit: self.calls_most,
            });
        }
        for (at, unit) in UNITS.into_iter().enumerate() {
            if asked[at] > 0 && self.used[at] >= self.most[at] {
                return Err(self.exhausted(at, unit));
            }
        }
        Ok(())
    }

    fn exhausted(&self, at: usize, unit: Unit) -> Exhausted {
        let shown = |amount: u64| match unit {
            Unit::Wall => amount / 1_000,
            _ => amount,
        };
        Exhausted {
            unit,
            used: shown(self.used[at].min(self.most[at])),
            limit: shown(self.most[at]),
        }
    }
}

impl Reserved {
    /// The limits of the call, lowered to what is left.
    pub(crate) fn lower(&self, limits: &mut Limits) {
        if self.asked[0] > 0 {
            limits.fuel = limits.fuel.min(self.held[0]);
        }
        limits.deadline = limits.deadline.min(Duration::from_micros(self.held[1]));
        limits.transfer = limits.transfer.min(self.held[2]);
    }

    /// Says what the call has used, which is all that it pays.
    pub(crate) fn used(&mut self, fuel: u64, wall: Duration, transfer: u64) {
        let fuel = if self.asked[0] > 0 { fuel } else { 0 };
        self.used = [fuel, micros(wall), transfer];
    }

    /// Whether the budget left the call less of a unit than it asked for: then it was the budget that ended it.
    pub(crate) fn exhausted(&self, unit: Unit) -> Option<Exhausted> {
        let at = UNITS.iter().position(|known| *known == unit)?;
        if self.held[at] >= self.asked[at] {
            return None;
        }
        let mut exhausted = self.ledger.books().exhausted(at, unit);
        // Its own use is booked when it is dropped.
        exhausted.used = exhausted.limit;
        Some(exhausted)
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        let mut books = self.ledger.books();
        books.held = less(books.held, self.held);
        books.used = sum(books.used, self.used);
        books.holders -= 1;
        drop(books);
        self.ledger.freed.notify_waiters();
    }
}

impl Unit {
    /// What of, in words.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fuel => "units of fuel",
            Self::Wall => "ms of wall time",
            Self::Transfer => "bytes read and written",
            Self::Calls => "calls",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(change: impl FnOnce(&mut Budget)) -> Arc<Ledger> {
        let mut budget = Budget::default();
        change(&mut budget);
        let ledger = Arc::new(Ledger::default());
        ledger.set(&budget);
        ledger
    }

    fn now<T>(future: impl Future<Output = T>) -> Option<T> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match std::pin::pin!(future).poll(&mut context) {
            std::task::Poll::Ready(value) => Some(value),
            std::task::Poll::Pending => None,
        }
    }

    fn limits(fuel: u64) -> Limits {
        Limits {
            fuel,
            ..Limits::default()
        }
    }

    #[test]
    fn what_runs_side_by_side_cannot_pass_it_together() {
        let ledger = ledger(|budget| budget.fuel = 100);
        let first = now(ledger.reserve(&limits(60), true))
            .expect("at once")
            .expect("enough");
        // 40 are left, and the first may give some back: the second waits for that.
        assert!(now(ledger.reserve(&limits(60), true)).is_none());
        let small = now(ledger.reserve(&limits(40), true))
            .expect("at once")
            .expect("enough");
        drop(small);
        drop(first);
        assert_eq!(
            ledger.spent().fuel,
            100,
            "a dropped call pays all that it held"
        );
        let over = now(ledger.reserve(&limits(1), true)).expect("at once");
        let over = over.expect_err("nothing is left");
        assert_eq!((over.unit, over.used, over.limit), (Unit::Fuel, 100, 100));
    }

    #[test]
    fn a_call_gets_what_is_left_and_pays_what_it_used() {
        let ledger = ledger(|budget| (budget.fuel, budget.transfer) = (100, 1_000));
        let mut first = now(ledger.reserve(&limits(70), true))
            .expect("at once")
            .expect("enough");
        assert_eq!(first.exhausted(Unit::Fuel), None);
        first.used(50, Duration::from_millis(3), 400);
        drop(first);
        let second = now(ledger.reserve(&limits(70), true))
            .expect("at once")
            .expect("some");
        let mut lowered = limits(70);
        second.lower(&mut lowered);
        assert_eq!((lowered.fuel, lowered.transfer), (50, 600));
        assert!(second.exhausted(Unit::Fuel).is_some());
        assert_eq!(second.exhausted(Unit::Wall), None);
        let spent = ledger.spent();
        assert_eq!((spent.fuel, spent.wall_ms, spent.transfer), (50, 3, 400));
        assert_eq!(spent.calls, 2);
    }

    #[test]
    fn calls_are_counted_whatever_they_use() {
        let ledger = ledger(|budget| budget.calls = 1);
        let mut one = now(ledger.reserve(&limits(1), true))
            .expect("at once")
            .expect("one");
        one.used(0, Duration::ZERO, 0);
        drop(one);
        let over = now(ledger.reserve(&limits(1), true)).expect("at once");
        assert_eq!(over.expect_err("no more").unit, Unit::Calls);
    }

    #[test]
    fn who_is_metered_by_time_needs_no_fuel() {
        let ledger = ledger(|budget| budget.fuel = 10);
        let timed = now(ledger.reserve(&limits(1_000), false))
            .expect("at once")
            .expect("enough");
        let mut lowered = limits(1_000);
        timed.lower(&mut lowered);
        assert_eq!(lowered.fuel, 1_000);
        drop(timed);
        assert_eq!(ledger.spent().fuel, 0);
    }
}
