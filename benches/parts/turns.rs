//! Variants that take turns, so that whatever else the machine does hits all alike.

use std::time::{Duration, Instant};

/// What is measured by turns: a name, and one round.
pub(crate) type Variant<'a> = (&'a str, Box<dyn FnMut() + 'a>);

/// The median of each, in seconds a round. They take turns, in another order each round, so that none always comes after the same one.
pub(crate) fn rounds<'a>(
    count_of_rounds: usize,
    variants: &mut [Variant<'a>],
) -> Vec<(&'a str, f64)> {
    let count = variants.len();
    let mut times = vec![Vec::with_capacity(count_of_rounds); count];
    for round in 0..=count_of_rounds {
        for turn in 0..count {
            // Backwards in every second round.
            let turn = if round % 2 == 0 {
                turn
            } else {
                count - 1 - turn
            };
            let place = (turn + round) % count;
            let start = Instant::now();
            variants[place].1();
            // The first round warms up.
            if round > 0 {
                times[place].push(start.elapsed());
            }
        }
    }
    let median = |mut times: Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_secs_f64()
    };
    let names = variants.iter().map(|(name, _)| *name);
    names.zip(times.into_iter().map(median)).collect()
}

/// Says whether a figure is what it may be.
pub(crate) fn verdict(what: &str, figure: f64, most: f64) -> bool {
    let met = figure <= most;
    println!(
        "{what}: {figure:.2}; at most {most:.2}: {}",
        if met { "met" } else { "NOT MET" }
    );
    met
}
