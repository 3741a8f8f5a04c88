//! What a call that waits costs the host beyond the guest's own pages: stores, stacks, tables.

use std::fs;
use std::time::Duration;

use bailiwick_host::{Engine, EngineOptions, Limits, Session, Tool};

/// Calls that are under way at one time.
pub(crate) const LIVE: usize = 1_000;

/// Address space that is reserved for guests' memories is one stretch, and nothing else is as long.
const MEMORIES: u64 = 1 << 40;

/// Bytes of the host's own memory for each of [`LIVE`] calls, and of the guests' pages for each.
pub(crate) fn measured(runtime: &tokio::runtime::Runtime, bytes: &[u8]) -> (f64, f64) {
    let engine = Engine::with(EngineOptions::default().calls(LIVE as u32)).unwrap();
    let mut limits = Limits::default();
    limits.deadline = Duration::from_secs(120);
    let session = Session::with_limits(limits);
    session
        .add(Tool::load(&engine, "sleep", bytes).unwrap())
        .unwrap();
    runtime.block_on(async {
        // Once, so that what is made at the first call is there.
        drop(hold(&session, 1).await);
        let (host, pages) = resident();
        let held = hold(&session, LIVE).await;
        let (host_then, pages_then) = resident();
        drop(held);
        let each = |then: u64, before: u64| then.saturating_sub(before) as f64 / LIVE as f64;
        (each(host_then, host), each(pages_then, pages))
    })
}

/// Calls that wait in the host. Cancelled when they are dropped.
async fn hold(session: &Session, count: usize) -> tokio::task::JoinSet<()> {
    let mut held = tokio::task::JoinSet::new();
    let mut started = Vec::new();
    for _ in 0..count {
        let call = session.call("sleep_forever", serde_json::json!({}));
        started.push(call.events());
        held.spawn(async move {
            call.await;
        });
    }
    for mut events in started {
        assert!(events.next().await.is_some());
    }
    // Started is said before the instance is made; each is in the host after a few turns.
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    held
}

/// Bytes in memory: of this process without the guests' memories, and of those.
fn resident() -> (u64, u64) {
    let maps = fs::read_to_string("/proc/self/smaps").unwrap();
    // Ranges that touch are one stretch: from, to, bytes in memory.
    let mut stretches: Vec<(u64, u64, u64)> = Vec::new();
    for line in maps.lines() {
        if let Some(rest) = line.strip_prefix("Rss:") {
            let kib: u64 = rest.trim().trim_end_matches(" kB").trim().parse().unwrap();
            stretches.last_mut().unwrap().2 += kib << 10;
        } else if let Some((from, to)) = range(line) {
            match stretches.last_mut() {
                Some(last) if last.1 == from => last.1 = to,
                _ => stretches.push((from, to, 0)),
            }
        }
    }
    let is_pool = |(from, to, _): &&(u64, u64, u64)| to - from >= MEMORIES;
    let all: u64 = stretches.iter().map(|stretch| stretch.2).sum();
    let pages: u64 = stretches
        .iter()
        .filter(is_pool)
        .map(|stretch| stretch.2)
        .sum();
    assert!(
        stretches.iter().any(|stretch| is_pool(&stretch)),
        "there is no pool"
    );
    (all - pages, pages)
}

/// The range that a line of the map begins with.
fn range(line: &str) -> Option<(u64, u64)> {
    let (from, rest) = line.split_once('-')?;
    let (to, _) = rest.split_once(' ')?;
    let number = |text| u64::from_str_radix(text, 16).ok();
    Some((number(from)?, number(to)?))
}
