//! Every attack, with 32 good calls beside it: they all end well, and the attack as it must.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::attacks::attackers;
use crate::attacks::crowd::{CALLS, Crowd};

/// Attacks of one kind at one time, and how often each comes again.
const AT_ONCE: usize = 4;
const ROUNDS: usize = 1;

/// Good calls that each of the 32 makes at least.
const LEAST: usize = 4;

#[test]
fn thirty_two_good_calls_end_well_beside_each_attack() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .unwrap();
    let crowd = Arc::new(Crowd::new());
    let attackers = attackers::all();
    assert!(attackers.len() > 20);
    for attacker in attackers {
        let good = runtime.block_on(async {
            let stop = Arc::new(AtomicBool::new(false));
            let good = {
                let (crowd, stop) = (crowd.clone(), stop.clone());
                tokio::spawn(async move { crowd.work(LEAST, stop).await })
            };
            let attacks: Vec<_> = (0..AT_ONCE)
                .map(|_| {
                    let attacker = attacker.clone();
                    tokio::spawn(async move {
                        for _ in 0..ROUNDS {
                            let other = attacker.clone().attack().await;
                            assert_eq!(other, None, "{}", attacker.name);
                        }
                    })
                })
                .collect();
            for attack in attacks {
                attack.await.unwrap();
            }
            stop.store(true, Ordering::Relaxed);
            good.await.unwrap()
        });
        assert!(
            good.len() >= CALLS * LEAST,
            "{}: {}",
            attacker.name,
            good.len()
        );
    }
}
