//! What is charged for good: by how much calls that ended made the base grow, and on whose count.
//!
//! A handle can have a share of the quota, and what it wrote is charged there. When that shrinks or goes, in whichever
//! call, the share has to get it back, or it is used up in the end by one file that is written again and again. Nothing
//! says which bytes of the base were whose, so what shrinks is given back to whoever changed something last, as far as
//! that made the base grow, and then to the others.

use crate::ledger::{Amount, Ledger};

/// By count, who changed something last at the end.
#[derive(Debug, Default)]
pub(super) struct Standing(Vec<(Ledger, Amount)>);

impl Standing {
    /// Handles with these counts changed something, in this order.
    pub(super) fn wrote(&mut self, ledgers: &[Ledger]) {
        self.fold();
        for ledger in ledgers {
            if let Some(at) = self.0.iter().position(|(it, _)| it.is(ledger)) {
                self.0[at..].rotate_left(1);
            }
        }
    }

    /// The base grew, and this stays charged.
    pub(super) fn grew(&mut self, ledger: &Ledger, more: Amount) {
        if more == Amount::default() {
            return;
        }
        match self.0.iter_mut().find(|(it, _)| it.is(ledger)) {
            Some((_, amount)) => *amount = sum(*amount, more),
            None => self.0.push((ledger.clone(), more)),
        }
    }

    /// The base shrank: give back as much, but no more than it grew by before.
    pub(super) fn shrank(&mut self, mut less: Amount) {
        for (ledger, amount) in self.0.iter_mut().rev() {
            let back = Amount {
                bytes: amount.bytes.min(less.bytes),
                entries: amount.entries.min(less.entries),
            };
            if back != Amount::default() {
                ledger.give_back(back);
                *amount = minus(*amount, back);
                less = minus(less, back);
            }
        }
        self.0.retain(|(_, amount)| *amount != Amount::default());
    }

    /// Nobody can write on a share any more whose handles are gone: what is charged there is its origin's. There would
    /// be one more with every call otherwise.
    fn fold(&mut self) {
        for (mut ledger, amount) in std::mem::take(&mut self.0) {
            while let Some(above) = ledger.origin_if_unused() {
                ledger = above;
            }
            self.grew(&ledger, amount);
        }
    }
}

fn sum(a: Amount, b: Amount) -> Amount {
    Amount {
        bytes: a.bytes + b.bytes,
        entries: a.entries + b.entries,
    }
}

fn minus(a: Amount, b: Amount) -> Amount {
    Amount {
        bytes: a.bytes - b.bytes,
        entries: a.entries - b.entries,
    }
}
