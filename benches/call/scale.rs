//! What two cores make of it: calls a second of sixteen that go on side by side, beside those of one.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many go on side by side.
pub(crate) const SIDE_BY_SIDE: usize = 16;

/// How many calls each makes in one measurement of all, and how many the one makes alone.
const EACH: usize = 200;
const ALONE: usize = EACH * SIDE_BY_SIDE;

/// Measurements of each.
const ROUNDS: usize = 7;

/// Makes one call, in the session of this number.
pub(crate) type Way = Arc<dyn Fn(usize) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Calls a second alone, and of all together: the medians.
pub(crate) struct Scaled {
    pub(crate) alone: f64,
    pub(crate) together: f64,
}

impl Scaled {
    pub(crate) fn ratio(&self) -> f64 {
        self.together / self.alone
    }
}

/// As many threads as there are cores, as a host has them.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .enable_time()
        .build()
        .unwrap()
}

/// Measures several ways of calling. They take turns.
pub(crate) fn scaled<const N: usize>(
    runtime: &tokio::runtime::Runtime,
    ways: [Way; N],
) -> [Scaled; N] {
    let mut alone = vec![Vec::new(); N];
    let mut together = vec![Vec::new(); N];
    for round in 0..=ROUNDS {
        for turn in 0..N {
            let at = (turn + round) % N;
            let one = measured(runtime, &ways[at], 1, ALONE);
            let all = measured(runtime, &ways[at], SIDE_BY_SIDE, EACH);
            // The first round warms up.
            if round > 0 {
                alone[at].push(one);
                together[at].push(all);
            }
        }
    }
    let rate = |times: &mut Vec<Duration>| {
        times.sort();
        ALONE as f64 / times[times.len() / 2].as_secs_f64()
    };
    std::array::from_fn(|at| Scaled {
        alone: rate(&mut alone[at]),
        together: rate(&mut together[at]),
    })
}

fn measured(
    runtime: &tokio::runtime::Runtime,
    way: &Way,
    sessions: usize,
    calls: usize,
) -> Duration {
    let start = Instant::now();
    runtime.block_on(async {
        let going: Vec<_> = (0..sessions)
            .map(|session| {
                let way = way.clone();
                tokio::spawn(async move {
                    for _ in 0..calls {
                        way(session).await;
                    }
                })
            })
            .collect();
        for one in going {
            one.await.unwrap();
        }
    });
    start.elapsed()
}
