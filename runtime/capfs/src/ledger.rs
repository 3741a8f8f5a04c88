//! How much may be written: one count that all handles of a subtree share.
//!
//! A share is a count of its own below another one: what is charged to it is charged to all above, in one step, or to
//! none. Nothing is ever over a limit, not for a moment and not under concurrency.

use crate::ErrorCode;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An amount of bytes by logical size, and of entries: names of files, directories and links.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Bytes.
    pub bytes: u64,
    /// Names.
    pub entries: u64,
}

/// Cheap to clone; clones are the same count.
#[derive(Clone)]
pub struct Ledger {
    /// This count first, then those that it is a share of.
    counts: Arc<[Arc<Count>]>,
    /// One for all counts that share a first ancestor, so that a charge is one step.
    gate: Arc<Mutex<()>>,
}

struct Count {
    limit: Amount,
    /// Both are only touched behind the gate.
    bytes: AtomicU64,
    entries: AtomicU64,
    refusals: AtomicU64,
}

impl Count {
    fn new(limit: Amount) -> Arc<Self> {
        Arc::new(Self {
            limit,
            bytes: AtomicU64::new(0),
            entries: AtomicU64::new(0),
            refusals: AtomicU64::new(0),
        })
    }

    fn used(&self) -> Amount {
        Amount {
            bytes: self.bytes.load(Ordering::Relaxed),
            entries: self.entries.load(Ordering::Relaxed),
        }
    }

    fn set(&self, used: Amount) {
        self.bytes.store(used.bytes, Ordering::Relaxed);
        self.entries.store(used.entries, Ordering::Relaxed);
    }

    /// What would be used with `more`; none when that does not fit.
    fn with(&self, more: Amount) -> Option<Amount> {
        let used = self.used();
        let sum = Amount {
            bytes: used.bytes.checked_add(more.bytes)?,
            entries: used.entries.checked_add(more.entries)?,
        };
        // What asks for nothing of one kind is not refused because of it.
        let fits = |more: u64, sum: u64, limit: u64| more == 0 || sum <= limit;
        (fits(more.bytes, sum.bytes, self.limit.bytes)
            && fits(more.entries, sum.entries, self.limit.entries))
        .then_some(sum)
    }
}

impl Ledger {
    /// A count of its own.
    pub fn new(limit: Amount) -> Self {
        Self {
            counts: Arc::new([Count::new(limit)]),
            gate: Arc::default(),
        }
    }

    /// A part: what is charged to it is charged to this one too, and has to fit in both.
    #[must_use]
    pub fn share(&self, limit: Amount) -> Self {
        let counts = std::iter::once(Count::new(limit)).chain(self.counts.iter().cloned());
        Self {
            counts: counts.collect(),
            gate: Arc::clone(&self.gate),
        }
    }

    /// Charge all of it or, when it does not fit, nothing. Exactly the limit fits.
    ///
    /// # Errors
    ///
    /// [`Quota`](ErrorCode::Quota) when it does not fit here or in what this is a share of. It is counted there.
    pub fn charge(&self, amount: Amount) -> Result<(), ErrorCode> {
        let _gate = self.enter();
        if let Some(full) = self
            .counts
            .iter()
            .find(|count| count.with(amount).is_none())
        {
            full.refusals.fetch_add(1, Ordering::Relaxed);
            return Err(ErrorCode::Quota);
        }
        for count in self.counts.iter() {
            if let Some(sum) = count.with(amount) {
                count.set(sum);
            }
        }
        Ok(())
    }

    /// Give back what was charged, here and in all that this is a share of. Each goes down to 0 and no further: what
    /// was there before anything was charged makes no room when it is removed.
    pub fn give_back(&self, amount: Amount) {
        let _gate = self.enter();
        for count in self.counts.iter() {
            let used = count.used();
            count.set(Amount {
                bytes: used.bytes.saturating_sub(amount.bytes),
                entries: used.entries.saturating_sub(amount.entries),
            });
        }
    }

    /// What is charged now. Never more than the limit.
    pub fn used(&self) -> Amount {
        let _gate = self.enter();
        self.counts[0].used()
    }

    /// The most that can be charged here. What this is a share of may have less left.
    pub fn limit(&self) -> Amount {
        self.counts[0].limit
    }

    /// Whether both are the same count.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.counts[0], &other.counts[0])
    }

    /// What this is a share of, when nobody else has it or a share of it.
    pub(crate) fn origin_if_unused(&self) -> Option<Self> {
        let above = self.counts.get(1..).filter(|above| !above.is_empty())?;
        let unused =
            Arc::strong_count(&self.counts) == 1 && Arc::strong_count(&self.counts[0]) == 1;
        unused.then(|| Self {
            counts: above.iter().cloned().collect(),
            gate: Arc::clone(&self.gate),
        })
    }

    /// How often something did not fit, here or in what this is a share of.
    pub fn refusals(&self) -> u64 {
        let each = self.counts.iter().map(|count| &count.refusals);
        each.map(|refusals| refusals.load(Ordering::Relaxed)).sum()
    }

    fn enter(&self) -> MutexGuard<'_, ()> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger")
            .field("used", &self.used())
            .field("limit", &self.limit())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::thread;

    const fn amount(bytes: u64, entries: u64) -> Amount {
        Amount { bytes, entries }
    }

    #[test]
    fn exactly_the_limit_fits_and_one_more_does_not() {
        let ledger = Ledger::new(amount(10, 2));
        assert_eq!(ledger.charge(amount(11, 0)), Err(ErrorCode::Quota));
        assert_eq!(ledger.charge(amount(10, 2)), Ok(()));
        assert_eq!(ledger.used(), amount(10, 2));
        assert_eq!(ledger.charge(amount(1, 0)), Err(ErrorCode::Quota));
        assert_eq!(ledger.charge(amount(0, 1)), Err(ErrorCode::Quota));
        assert_eq!(ledger.charge(amount(u64::MAX, 0)), Err(ErrorCode::Quota));
        assert_eq!(ledger.charge(Amount::default()), Ok(()));
        assert_eq!(ledger.refusals(), 4);
        ledger.give_back(amount(3, 9));
        assert_eq!(ledger.used(), amount(7, 0));
        assert_eq!(ledger.charge(amount(3, 2)), Ok(()));
    }

    #[test]
    fn a_share_has_to_fit_in_both() {
        let whole = Ledger::new(amount(10, 10));
        let (a, b) = (whole.share(amount(6, 10)), whole.share(amount(100, 100)));
        assert_eq!(a.charge(amount(7, 0)), Err(ErrorCode::Quota));
        assert_eq!(whole.used(), amount(0, 0));
        assert_eq!(a.charge(amount(6, 0)), Ok(()));
        assert_eq!(b.charge(amount(5, 1)), Err(ErrorCode::Quota));
        assert_eq!((b.used(), whole.used()), (amount(0, 0), amount(6, 0)));
        assert_eq!(b.charge(amount(4, 1)), Ok(()));
        a.give_back(amount(6, 0));
        assert_eq!(whole.used(), amount(4, 1));
        // Each refusal is seen where it happened and below.
        assert_eq!((a.refusals(), b.refusals(), whole.refusals()), (2, 1, 1));
    }

    #[test]
    fn exact_under_concurrency() {
        let whole = Ledger::new(amount(1000, 1000));
        let fitted: u64 = thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|i| {
                    let part = whole.share(amount(if i == 0 { 7 } else { 1000 }, 1000));
                    scope.spawn(move || {
                        (0..500)
                            .filter(|_| part.charge(amount(1, 1)).is_ok())
                            .count() as u64
                    })
                })
                .collect();
            let counts = threads
                .into_iter()
                .map(|thread| thread.join().expect("it ends"));
            counts.sum()
        });
        assert_eq!(fitted, 1000);
        assert_eq!(whole.used(), amount(1000, 1000));
    }

    proptest! {
        /// Over a tree of shares: nothing is ever over a limit, and a refusal changes nothing.
        #[test]
        fn never_over_a_limit(
            tree in prop::collection::vec((any::<prop::sample::Index>(), 0u64..40, 0u64..8), 1..8),
            steps in prop::collection::vec((any::<prop::sample::Index>(), 0u64..12, 0u64..4, any::<bool>()), 0..60),
        ) {
            let mut all = vec![Ledger::new(amount(50, 10))];
            for (parent, bytes, entries) in tree {
                let share = parent.get(&all).share(amount(bytes, entries));
                all.push(share);
            }
            for (which, bytes, entries, back) in steps {
                let ledger = which.get(&all);
                let before: Vec<Amount> = all.iter().map(Ledger::used).collect();
                if back {
                    ledger.give_back(amount(bytes, entries));
                } else if ledger.charge(amount(bytes, entries)).is_err() {
                    let after: Vec<Amount> = all.iter().map(Ledger::used).collect();
                    prop_assert_eq!(before, after);
                }
                for ledger in &all {
                    let (used, limit) = (ledger.used(), ledger.limit());
                    prop_assert!(used.bytes <= limit.bytes && used.entries <= limit.entries);
                }
            }
        }
    }
}
