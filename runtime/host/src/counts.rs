//! What a call did through the host, against its limits. Shared with what outlives one host function, such as streams.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

use bailiwick_capfs as capfs;

use crate::limits::{BYTES_PER_FUEL, FUEL_PER_HOST_CALL, Limits};

/// The counts of one call. Only the call's thread counts, so the order of memory does not matter.
#[derive(Debug)]
pub(crate) struct Counts {
    calls: AtomicU64,
    calls_limit: u64,
    read: AtomicU64,
    written: AtomicU64,
    handed: AtomicU64,
    met: AtomicU64,
    bytes_limit: u64,
    paid: AtomicU64,
    open: AtomicU32,
    open_limit: u32,
    denied_descriptor: AtomicBool,
    refused_quota: AtomicBool,
}

/// A bound on host calls was hit: ends the call, since a guest that goes on would go on asking.
#[derive(Debug, thiserror::Error)]
#[error("{used} of {limit} {unit}")]
pub(crate) struct HostCallsExceeded {
    pub(crate) used: u64,
    pub(crate) limit: u64,
    pub(crate) unit: &'static str,
}

/// A place among the guest's descriptors, or several. Free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    counts: Arc<Counts>,
    places: u32,
}

impl Slot {
    /// Takes so many places more, or none when there is no room for all of them.
    pub(crate) fn grow(&mut self, more: u32) -> bool {
        let room = self.counts.open(more);
        self.places += if room { more } else { 0 };
        room
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.counts.close(self.places);
    }
}

impl Counts {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            calls: AtomicU64::new(0),
            calls_limit: limits.host_calls,
            read: AtomicU64::new(0),
            written: AtomicU64::new(0),
            handed: AtomicU64::new(0),
            met: AtomicU64::new(0),
            bytes_limit: limits.transfer,
            paid: AtomicU64::new(0),
            open: AtomicU32::new(0),
            open_limit: limits.descriptors,
            denied_descriptor: AtomicBool::new(false),
            refused_quota: AtomicBool::new(false),
        }
    }

    /// Host calls so far.
    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Relaxed)
    }

    /// Bytes of files read so far.
    pub(crate) fn read(&self) -> u64 {
        self.read.load(Relaxed)
    }

    /// Bytes of files written so far.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Relaxed)
    }

    /// The fuel for what the host did since this was last asked.
    pub(crate) fn due(&self) -> u64 {
        let files = self.read().saturating_add(self.written());
        let bytes = files.saturating_add(self.handed.load(Relaxed));
        let calls = self.calls().saturating_add(self.met.load(Relaxed));
        let calls = calls.saturating_mul(FUEL_PER_HOST_CALL);
        let all = calls.saturating_add(bytes / BYTES_PER_FUEL);
        all.saturating_sub(self.paid.swap(all, Relaxed))
    }

    /// Counts one host call.
    pub(crate) fn enter(&self) -> wasmtime::Result<()> {
        let calls = self.calls();
        if calls >= self.calls_limit {
            return Err(self.exceeded(calls, self.calls_limit, "host calls"));
        }
        self.calls.store(calls + 1, Relaxed);
        Ok(())
    }

    /// Counts bytes that were read from files.
    pub(crate) fn moved(&self, bytes: u64) -> wasmtime::Result<()> {
        self.read.store(self.read().saturating_add(bytes), Relaxed);
        self.check_bytes()
    }

    /// Counts bytes that are to be written to files.
    pub(crate) fn wrote(&self, bytes: u64) -> wasmtime::Result<()> {
        let written = self.written().saturating_add(bytes);
        self.written.store(written, Relaxed);
        self.check_bytes()
    }

    /// Counts a call to what is not ours: it is paid, and has no bound of its own.
    pub(crate) fn met(&self) {
        self.met
            .store(self.met.load(Relaxed).saturating_add(1), Relaxed);
    }

    /// Counts bytes that the guest handed over and that are of no file: they are paid, and have no bound of their own.
    pub(crate) fn handed(&self, bytes: u64) {
        let handed = self.handed.load(Relaxed).saturating_add(bytes);
        self.handed.store(handed, Relaxed);
    }

    fn check_bytes(&self) -> wasmtime::Result<()> {
        let used = self.read().saturating_add(self.written());
        if used > self.bytes_limit {
            return Err(self.exceeded(used, self.bytes_limit, "bytes read and written"));
        }
        Ok(())
    }

    fn exceeded(&self, used: u64, limit: u64, unit: &'static str) -> wasmtime::Error {
        HostCallsExceeded { used, limit, unit }.into()
    }

    /// Counts a handle of the guest's that costs so many descriptors; whether there is room for it.
    pub(crate) fn open(&self, descriptors: u32) -> bool {
        let open = self.open.load(Relaxed).saturating_add(descriptors);
        if open > self.open_limit {
            self.denied_descriptor.store(true, Relaxed);
            return false;
        }
        self.open.store(open, Relaxed);
        true
    }

    pub(crate) fn close(&self, descriptors: u32) {
        let open = self.open.load(Relaxed).saturating_sub(descriptors);
        self.open.store(open, Relaxed);
    }

    /// As [`open`](Self::open) of one descriptor, which closes itself.
    pub(crate) fn slot(self: &Arc<Self>) -> Option<Slot> {
        self.open(1).then(|| Slot {
            counts: self.clone(),
            places: 1,
        })
    }

    pub(crate) fn open_limit(&self) -> u32 {
        self.open_limit
    }

    /// Whether the guest was refused a descriptor.
    pub(crate) fn denied_descriptor(&self) -> bool {
        self.denied_descriptor.load(Relaxed)
    }

    /// Notes a change that did not fit the quota: a guest that gives up over it failed at that bound.
    pub(crate) fn note<T>(&self, result: &Result<T, capfs::ErrorCode>) {
        if matches!(result, Err(capfs::ErrorCode::Quota)) {
            self.refused_quota.store(true, Relaxed);
        }
    }

    /// Whether the guest was refused a change that did not fit the quota.
    pub(crate) fn refused_quota(&self) -> bool {
        self.refused_quota.load(Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(change: impl FnOnce(&mut Limits)) -> Arc<Counts> {
        let mut limits = Limits::default();
        change(&mut limits);
        Arc::new(Counts::new(&limits))
    }

    #[test]
    fn bytes_read_and_written_have_one_bound_and_exactly_it_fits() {
        let counts = counts(|limits| limits.transfer = 10);
        assert!(counts.moved(4).is_ok());
        assert!(counts.wrote(6).is_ok());
        let error = counts.wrote(1).expect_err("one more");
        let exceeded: &HostCallsExceeded = error.downcast_ref().expect("its type");
        assert_eq!((exceeded.used, exceeded.limit), (11, 10));
        assert_eq!((counts.read(), counts.written()), (4, 7));
    }

    #[test]
    fn a_slot_is_free_again_when_it_is_dropped() {
        let counts = counts(|limits| limits.descriptors = 2);
        let first = counts.slot().expect("there is room for two");
        let _second = counts.slot().expect("there is room for two");
        assert!(!counts.denied_descriptor());
        assert!(counts.slot().is_none());
        assert!(counts.denied_descriptor());
        drop(first);
        assert!(counts.slot().is_some());
    }

    #[test]
    fn a_slot_that_grew_gives_back_all_that_it_took_and_nothing_that_it_did_not() {
        let counts = counts(|limits| limits.descriptors = 4);
        let mut slot = counts.slot().expect("there is room for four");
        assert!(slot.grow(2));
        assert!(!slot.grow(2));
        let last = counts.slot().expect("there is room for four");
        assert!(counts.slot().is_none());
        drop(slot);
        drop(last);
        assert!(counts.slot().is_some_and(|mut slot| slot.grow(3)));
    }

    #[test]
    fn what_the_host_does_is_due_once() {
        let counts = counts(|_| {});
        assert_eq!(counts.due(), 0);
        counts.handed(10 * BYTES_PER_FUEL);
        assert!(counts.enter().is_ok() && counts.moved(BYTES_PER_FUEL).is_ok());
        assert_eq!(counts.due(), FUEL_PER_HOST_CALL + 11);
        assert_eq!(counts.due(), 0);
    }

    #[test]
    fn calls_end_at_their_bound() {
        let counts = counts(|limits| limits.host_calls = 1);
        assert!(counts.enter().is_ok());
        assert!(counts.enter().is_err());
        assert_eq!(counts.calls(), 1);
    }
}
