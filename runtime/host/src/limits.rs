//! Every limit of a call, with its unit, its scope, its default, and what happens at it.
//!
//! All are on by default. [`Limits::lowered`] is how a caller's wishes meet a session's limits: a call can only lower.

use std::time::Duration;

/// Fuel between two looks at the clock, and the step in which a trapped call is billed: about 50 µs of work.
pub(crate) const YIELD_INTERVAL: u64 = 100_000;

/// Fuel for one call to the host's own interfaces: about as long as the quickest of them takes.
pub const FUEL_PER_HOST_CALL: u64 = 1_000;

/// How many bytes that the host reads or writes for a guest cost one unit of fuel: about as many as it copies meanwhile.
pub const BYTES_PER_FUEL: u64 = 8;

/// Instances, memories and tables of one call, however small: each takes a slot of the pool, which all calls share. Above it: `memory-exceeded`.
pub const INSTANCES: usize = 200;
/// See [`INSTANCES`].
pub const MEMORIES: usize = 64;
/// See [`INSTANCES`].
pub const TABLES: usize = 100;

pub use bailiwick_policy::amount::DEADLINE_CEILING;

/// The largest component file that is read, in bytes.
pub const COMPONENT_BYTES: usize = 64 << 20;

/// The limits of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Work of the guest, in units of fuel (about one WebAssembly operator each), and of the host for it ([`FUEL_PER_HOST_CALL`],
    /// [`BYTES_PER_FUEL`]), per call. Default 10⁹. At it: `fuel-exhausted`.
    pub fuel: u64,
    /// Wall time from the start of the call to its result, per call. Default 10 s, at most [`DEADLINE_CEILING`]. At it:
    /// `deadline-exceeded`.
    pub deadline: Duration,
    /// Linear memories and tables (8 bytes an element), in bytes, summed over all instances of a call. Default 64 MiB. At
    /// it growth is denied; when the call then fails: `memory-exceeded`.
    pub memory: u64,
    /// The result as JSON, in bytes, per call. Default 16 MiB. Above it: `output-exceeded`.
    pub result: usize,
    /// Text that a model is shown, in bytes, per call. Default 24 KiB. Above it the text is cut at a character, and says so.
    pub text: usize,
    /// Standard output and standard error, in bytes, each, per call. Default 64 KiB. Above it the rest is dropped and counted.
    pub stdio: usize,
    /// What the guest hands to the host in one crossing, in bytes; a value that is lifted dynamically counts 40. Default 8 MiB. Above
    /// it: `hostcall-exceeded`, or `output-exceeded` when it was the result.
    pub crossing: usize,
    /// Calls of the guest to Bailiwick's own interfaces and to `wasi:filesystem`, per call. Default 100,000. At it: `hostcall-exceeded`.
    pub host_calls: u64,
    /// Bytes of files that the host reads and writes for the guest, per call. Default 1 GiB. At it: `hostcall-exceeded`.
    pub transfer: u64,
    /// Handles that the guest holds of files, directories, listings and walks, per call; a walk counts 8, and so does a listing of
    /// 10,000 names. Default 64. At it the guest gets `quota`; when
    /// the call then fails: `handles-exceeded`.
    pub descriptors: u32,
    /// Entries of the component's handle tables, per call. Default 1,000. At it: `handles-exceeded`.
    pub component_handles: usize,
    /// Entries of the host's table of what those handles stand for, per call. Default 256. At it: `handles-exceeded`.
    pub host_handles: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel: 1_000_000_000,
            deadline: Duration::from_secs(10),
            memory: 64 << 20,
            result: 16 << 20,
            text: 24 << 10,
            stdio: 64 << 10,
            crossing: 8 << 20,
            host_calls: 100_000,
            transfer: 1 << 30,
            descriptors: 64,
            component_handles: 1_000,
            host_handles: 256,
        }
    }
}

impl Limits {
    /// The widest limits there are: what a call that wishes nothing asks for.
    #[must_use]
    pub fn max() -> Self {
        Self {
            fuel: u64::MAX,
            deadline: DEADLINE_CEILING,
            memory: u64::MAX,
            result: usize::MAX,
            text: usize::MAX,
            stdio: usize::MAX,
            crossing: usize::MAX,
            host_calls: u64::MAX,
            transfer: u64::MAX,
            descriptors: u32::MAX,
            component_handles: usize::MAX,
            host_handles: usize::MAX,
        }
    }

    /// These limits, each lowered to `other`'s where that is less.
    #[must_use]
    pub fn lowered(self, other: Self) -> Self {
        Self {
            fuel: self.fuel.min(other.fuel),
            deadline: self.deadline.min(other.deadline).min(DEADLINE_CEILING),
            memory: self.memory.min(other.memory),
            result: self.result.min(other.result),
            text: self.text.min(other.text),
            stdio: self.stdio.min(other.stdio),
            crossing: self.crossing.min(other.crossing),
            host_calls: self.host_calls.min(other.host_calls),
            transfer: self.transfer.min(other.transfer),
            descriptors: self.descriptors.min(other.descriptors),
            component_handles: self.component_handles.min(other.component_handles),
            host_handles: self.host_handles.min(other.host_handles),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_can_only_lower() {
        let session = Limits {
            fuel: 10,
            memory: 100,
            ..Limits::default()
        };
        let call = Limits {
            fuel: 20,
            memory: 50,
            ..Limits::default()
        };
        let both = session.lowered(call);
        assert_eq!((both.fuel, both.memory), (10, 50));
    }

    #[test]
    fn no_deadline_passes_the_ceiling() {
        let wish = Limits {
            deadline: Duration::MAX,
            ..Limits::default()
        };
        assert_eq!(wish.lowered(wish).deadline, DEADLINE_CEILING);
    }
}
