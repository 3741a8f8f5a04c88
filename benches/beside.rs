//! What 32 good calls notice of an attack beside them: the time of a call alone and beside one attacker of each kind, in one run.
//!
//! A good call is an `echo` or a read of a file of 4 KiB, in a session of its own. 32 of them are under way all the time, on a runtime of two threads,
//! each a task: its time goes from when it was asked for to its end, so that waiting for a thread is part of it. An attacker is one call of a hostile
//! guest, again as soon as it has ended. A guest that computes takes its turns as one task more; so the first line is one that does nothing wrong,
//! which is the least that any other could be compared with. Rounds alone and rounds beside take turns, so that whatever else the machine does hits
//! both alike.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench stands at the edge, and one that panics fails"
)]

#[path = "../tests/guests.rs"]
#[allow(dead_code, unused_imports, reason = "the tests need more of it")]
mod guests;

#[path = "../tests/attacks"]
mod attacks {
    pub(crate) mod attackers;
    pub(crate) mod crowd;
}

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use attacks::attackers::{self, Attacker};
use attacks::crowd::Crowd;
use tokio::runtime::Runtime;

/// How much slower the slowest hundredth of the good calls may get.
const MOST: f64 = 3.0;

/// Rounds of each kind, and how long one is.
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_millis(300);

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .unwrap();
    let crowd = Arc::new(Crowd::new());
    // Warms up.
    round(&runtime, &crowd, None);
    println!("32 good calls, 2 threads; p99 in µs, alone and beside one attacker\n");
    println!(
        "{:<38} {:>8} {:>8} {:>6}  {:>8} {:>8}",
        "", "alone", "beside", "ratio", "good/s", "attacks"
    );
    // Cargo adds a word of its own. Another is part of the name of an attacker: then only those.
    let wanted = std::env::args().skip(1).find(|word| word != "--bench");
    let wanted = wanted.unwrap_or_default();
    let mut met = true;
    for attacker in attackers::all() {
        if !attacker.name.contains(&wanted) {
            continue;
        }
        let (mut alone, mut beside, mut attacks) = (Vec::new(), Vec::new(), 0);
        for _ in 0..ROUNDS {
            alone.extend(round(&runtime, &crowd, None).0);
            let (times, count) = round(&runtime, &crowd, Some(&attacker));
            beside.extend(times);
            attacks += count;
        }
        let rate = beside.len() as f64 / (ROUND * ROUNDS as u32).as_secs_f64();
        let (alone, beside) = (p99(alone), p99(beside));
        let ratio = beside / alone;
        met &= ratio <= MOST;
        println!(
            "{:<38} {alone:>8.0} {beside:>8.0} {ratio:>6.2}  {rate:>8.0} {attacks:>8}{}",
            attacker.name,
            if ratio <= MOST { "" } else { "  NOT MET" }
        );
    }
    println!(
        "\np99 beside / alone: at most {MOST:.1}: {}",
        if met { "met" } else { "NOT MET" }
    );
    if !met {
        std::process::exit(1);
    }
}

/// The times of the good calls of one round, and how many attacks there were beside them.
fn round(
    runtime: &Runtime,
    crowd: &Arc<Crowd>,
    attacker: Option<&Arc<Attacker>>,
) -> (Vec<Duration>, u64) {
    runtime.block_on(async {
        let stop = Arc::new(AtomicBool::new(false));
        let attacks = Arc::new(AtomicU64::new(0));
        let attack = attacker.map(|attacker| {
            let (attacker, stop, attacks) = (attacker.clone(), stop.clone(), attacks.clone());
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    // A task of its own, as the good ones are: one that is short would otherwise keep its thread for the next.
                    let attack = tokio::spawn(attacker.clone().attack());
                    let other = attack.await.unwrap();
                    assert_eq!(other, None, "{}", attacker.name);
                    attacks.fetch_add(1, Ordering::Relaxed);
                }
            })
        });
        let good = {
            let (crowd, stop) = (crowd.clone(), stop.clone());
            tokio::spawn(async move { crowd.work(1, stop).await })
        };
        tokio::time::sleep(ROUND).await;
        stop.store(true, Ordering::Relaxed);
        let times = good.await.unwrap();
        if let Some(attack) = attack {
            attack.await.unwrap();
        }
        (times, attacks.load(Ordering::Relaxed))
    })
}

/// The time that 99 of a hundred stay below, in µs.
fn p99(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() * 99 / 100].as_secs_f64() * 1e6
}
