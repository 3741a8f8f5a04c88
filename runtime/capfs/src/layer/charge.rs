//! What a changed file or a new name counts in the quota, as long as anything has it.

use crate::ErrorCode;
use crate::ledger::{Amount, Ledger};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is charged for one node. Clones of a node (savepoints, what is pending) share what is charged: it is as much as the
/// largest of them needs, and given back with the last of them.
#[derive(Clone, Debug)]
pub(crate) struct Charge {
    amount: Amount,
    held: Arc<Held>,
}

/// In the order in which it was charged: whoever makes a file longer pays for that.
#[derive(Debug)]
struct Held(Mutex<Vec<(Ledger, Amount)>>);

impl Charge {
    /// Charge this much, or nothing: [`Quota`](ErrorCode::Quota).
    pub(crate) fn new(ledger: &Ledger, bytes: u64, entries: u64) -> Result<Self, ErrorCode> {
        let amount = Amount { bytes, entries };
        ledger.charge(amount)?;
        Ok(Self {
            amount,
            held: Arc::new(Held(Mutex::new(vec![(ledger.clone(), amount)]))),
        })
    }

    /// Need so many bytes from now on. What is more is charged to `ledger`; [`Quota`](ErrorCode::Quota) when it does not fit, and
    /// then nothing is changed.
    pub(crate) fn resize(&mut self, ledger: &Ledger, bytes: u64) -> Result<(), ErrorCode> {
        {
            let mut parts = self.held.parts();
            let have = total(&parts).bytes;
            if bytes > have {
                let more = Amount {
                    bytes: bytes - have,
                    entries: 0,
                };
                ledger.charge(more)?;
                match parts.last_mut() {
                    Some((last, amount)) if last.is(ledger) => amount.bytes += more.bytes,
                    _ => parts.push((ledger.clone(), more)),
                }
            }
        }
        self.amount.bytes = bytes;
        self.trim();
        Ok(())
    }

    /// Give back what only clones needed that are gone.
    pub(crate) fn trim(&self) {
        if Arc::strong_count(&self.held) == 1 {
            let mut parts = self.held.parts();
            let have = total(&parts);
            release(
                &mut parts,
                Amount {
                    bytes: have.bytes.saturating_sub(self.amount.bytes),
                    entries: have.entries.saturating_sub(self.amount.entries),
                },
            );
        }
    }

    /// Leave `keep` of it charged for good, or all of it if it is less: nothing here gives that back. For what became
    /// of the base. `left` is told on which counts, and `keep` is what is still to be left somewhere.
    pub(crate) fn settle(&self, keep: &mut Amount, mut left: impl FnMut(&Ledger, Amount)) {
        for (ledger, amount) in self.held.parts().iter_mut() {
            let bytes = amount.bytes.min(keep.bytes);
            let entries = amount.entries.min(keep.entries);
            amount.bytes -= bytes;
            amount.entries -= entries;
            keep.bytes -= bytes;
            keep.entries -= entries;
            left(ledger, Amount { bytes, entries });
        }
    }
}

impl Held {
    fn parts(&self) -> MutexGuard<'_, Vec<(Ledger, Amount)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let parts = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        for (ledger, amount) in parts.drain(..) {
            ledger.give_back(amount);
        }
    }
}

fn total(parts: &[(Ledger, Amount)]) -> Amount {
    parts
        .iter()
        .fold(Amount::default(), |sum, (_, amount)| Amount {
            bytes: sum.bytes + amount.bytes,
            entries: sum.entries + amount.entries,
        })
}

/// Give back the last that was charged first.
fn release(parts: &mut Vec<(Ledger, Amount)>, mut much: Amount) {
    while let Some((ledger, amount)) = parts.last_mut() {
        let bytes = amount.bytes.min(much.bytes);
        let entries = amount.entries.min(much.entries);
        if (bytes, entries) != (0, 0) {
            ledger.give_back(Amount { bytes, entries });
        }
        amount.bytes -= bytes;
        amount.entries -= entries;
        much.bytes -= bytes;
        much.entries -= entries;
        if *amount != Amount::default() || parts.len() == 1 {
            return;
        }
        parts.pop();
    }
}
