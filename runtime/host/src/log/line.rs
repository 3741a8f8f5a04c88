//! One line: a record, and what binds it to the one before.

use std::time::Duration;

use bailiwick_contract::{Digest, visible};
use serde::{Deserialize, Serialize};

use super::record::Record;
use super::{VERSION, time};

/// The longest line that is read. None that is written comes near it: what is in a record is cut.
pub(super) const LONGEST: usize = 64 << 10;

/// What is in every line.
#[derive(Serialize)]
struct Line<'a> {
    v: u32,
    seq: u64,
    time: String,
    prev: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<&'a str>,
    /// How many records before this one could not be written.
    #[serde(skip_serializing_if = "is_none")]
    lost: u64,
    #[serde(flatten)]
    record: &'a Record,
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

/// The line of a record, with its line break.
pub(super) fn build(
    (seq, prev): (u64, Digest),
    now: Duration,
    session: Option<&str>,
    lost: u64,
    record: &Record,
) -> serde_json::Result<Vec<u8>> {
    let line = serde_json::to_string(&Line {
        v: VERSION,
        seq,
        time: time::rfc3339(now),
        prev,
        session,
        lost,
        record,
    })?;
    // Whoever prints the file as it is must not be at the mercy of a tool that chose a name. Most lines have nothing to hide in.
    let is_plain = line.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let mut line = if is_plain { line } else { visible::json(&line) };
    line.push('\n');
    Ok(line.into_bytes())
}

/// The hash of a line, which is without its line break.
pub(super) fn hash(line: &[u8]) -> Digest {
    Digest::of(line.strip_suffix(b"\n").unwrap_or(line))
}

/// What binds a line to the one before.
#[derive(Debug, Deserialize)]
pub(super) struct Chain {
    pub(super) v: u32,
    pub(super) seq: u64,
    pub(super) prev: Digest,
    #[serde(default)]
    pub(super) lost: u64,
    // Of a repair.
    #[serde(default)]
    pub(super) adopted: u64,
    #[serde(default)]
    pub(super) cut_bytes: u64,
    #[serde(default)]
    pub(super) lost_head: bool,
}

/// Reads it. None when the line is no record.
pub(super) fn chain(line: &[u8]) -> Option<Chain> {
    serde_json::from_slice(line).ok()
}
