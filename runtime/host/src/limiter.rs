//! Memory summed over a store.
//!
//! wasmtime's own limits are per memory: forty instances under 64 MiB each take 2.5 GiB. This one adds up whatever all of a
//! call's instances have.

use wasmtime::ResourceLimiter;

use crate::limits::{INSTANCES, MEMORIES, TABLES};

/// Bytes that one table element counts: a pointer.
const TABLE_ELEMENT: usize = 8;

/// The sum of a store's linear memories and tables, and its bound.
#[derive(Debug)]
pub(crate) struct MemoryLimiter {
    limit: u64,
    used: u64,
    denied: bool,
}

impl MemoryLimiter {
    pub(crate) fn new(limit: u64) -> Self {
        Self {
            limit,
            used: 0,
            denied: false,
        }
    }

    /// Bytes in use. Memories never shrink, so this is the peak.
    pub(crate) fn used(&self) -> u64 {
        self.used
    }

    /// Whether growth was denied because of the limit.
    pub(crate) fn denied(&self) -> bool {
        self.denied
    }

    fn grow(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> bool {
        // Past its own maximum the growth fails whatever is said here, and must neither be counted nor blamed on the limit.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return false;
        }
        let sum = self
            .used
            .saturating_add(desired.saturating_sub(current) as u64);
        if sum > self.limit {
            self.denied = true;
            return false;
        }
        self.used = sum;
        true
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn instances(&self) -> usize {
        INSTANCES
    }

    fn memories(&self) -> usize {
        MEMORIES
    }

    fn tables(&self) -> usize {
        TABLES
    }

    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(self.grow(current, desired, maximum))
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let bytes = |elements: usize| elements.saturating_mul(TABLE_ELEMENT);
        Ok(self.grow(bytes(current), bytes(desired), maximum.map(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_bounded_and_exact() {
        let mut limiter = MemoryLimiter::new(3 << 16);
        assert!(limiter.grow(0, 2 << 16, None));
        assert!(limiter.grow(0, 1 << 16, None), "exactly at the limit");
        assert!(!limiter.grow(0, 1, None), "one past it");
        assert_eq!(limiter.used(), 3 << 16);
        assert!(limiter.denied());
    }

    #[test]
    fn a_memory_past_its_own_maximum_is_not_the_limit() {
        let mut limiter = MemoryLimiter::new(1 << 30);
        assert!(!limiter.grow(0, 2 << 16, Some(1 << 16)));
        assert!(!limiter.denied());
        assert_eq!(limiter.used(), 0);
    }
}
