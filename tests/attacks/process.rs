//! What this process has, as the kernel says it.

use std::fs;

/// A figure of `/proc/self/status`, in bytes.
fn figure(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.unwrap().trim_start_matches(':').trim();
    let kib = kib.strip_suffix(" kB").unwrap();
    kib.parse::<u64>().unwrap() << 10
}

/// Memory that is there now, in bytes.
pub(crate) fn resident() -> u64 {
    figure("VmRSS")
}

/// The most that was there since [`forget_peak`], in bytes.
pub(crate) fn peak() -> u64 {
    figure("VmHWM")
}

/// Makes the peak what is there now.
pub(crate) fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// Open descriptors, the one that looks left out.
pub(crate) fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count() - 1
}

/// Threads.
pub(crate) fn threads() -> usize {
    fs::read_dir("/proc/self/task").unwrap().count()
}
