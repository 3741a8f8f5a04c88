//! Which lines two texts have in common, in bounded time and without a clock.
//!
//! The usual way (Myers) takes time that grows with the square of what differs, and a guest chooses what differs. So long texts are first
//! pinned to each other at the lines that each has exactly once, and what lies between two pins is compared only as long as a
//! budget lasts; beyond it, it counts as replaced whole. Either way the result turns one text into the other.

use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::collections::HashMap;

/// Pairs of lines that one comparison may look at.
const PAIRS: u64 = 1 << 24;

/// A text in lines, each with its end.
pub(super) fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// What turns `old` into `new`.
pub(super) fn compare(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let mut numbers = HashMap::new();
    let mut number = |lines: &[&str]| -> Vec<u32> {
        let next = |line: &&str, numbers: &mut HashMap<String, u32>| {
            let count = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            *numbers.entry((*line).to_owned()).or_insert(count)
        };
        lines.iter().map(|line| next(line, &mut numbers)).collect()
    };
    let (old, new) = (number(old), number(new));
    let mut search = Search {
        old: &old,
        new: &new,
        left: PAIRS,
        equal: Vec::new(),
    };
    search.between((0, old.len()), (0, new.len()), true);
    operations(search.equal, old.len(), new.len())
}

struct Search<'a> {
    old: &'a [u32],
    new: &'a [u32],
    left: u64,
    /// Runs that are equal: where in the old, where in the new, how long. In order.
    equal: Vec<(usize, usize, usize)>,
}

type Range = (usize, usize);

impl Search<'_> {
    fn between(&mut self, old: Range, new: Range, pin: bool) {
        let (mut a, mut b) = (&self.old[old.0..old.1], &self.new[new.0..new.1]);
        let head = a.iter().zip(b).take_while(|(a, b)| a == b).count();
        self.found(old.0, new.0, head);
        (a, b) = (&a[head..], &b[head..]);
        let tail = a
            .iter()
            .rev()
            .zip(b.iter().rev())
            .take_while(|(a, b)| a == b)
            .count();
        (a, b) = (&a[..a.len() - tail], &b[..b.len() - tail]);
        let (from_old, from_new) = (old.0 + head, new.0 + head);
        let pairs = (a.len() as u64).saturating_mul(b.len() as u64);
        if pairs <= self.left / 16 || (!pin && pairs <= self.left) {
            self.left -= pairs;
            for op in capture_diff_slices(Algorithm::Myers, a, b) {
                if let DiffOp::Equal {
                    old_index,
                    new_index,
                    len,
                } = op
                {
                    self.found(from_old + old_index, from_new + new_index, len);
                }
            }
        } else if pin {
            let (mut at_old, mut at_new) = (from_old, from_new);
            for (in_old, in_new) in pins(a, b) {
                let (in_old, in_new) = (from_old + in_old, from_new + in_new);
                self.between((at_old, in_old), (at_new, in_new), false);
                self.found(in_old, in_new, 1);
                (at_old, at_new) = (in_old + 1, in_new + 1);
            }
            self.between((at_old, old.1 - tail), (at_new, new.1 - tail), false);
        }
        self.found(old.1 - tail, new.1 - tail, tail);
    }

    fn found(&mut self, old: usize, new: usize, count: usize) {
        match self.equal.last_mut() {
            _ if count == 0 => {}
            Some((last_old, last_new, last))
                if *last_old + *last == old && *last_new + *last == new =>
            {
                *last += count;
            }
            _ => self.equal.push((old, new, count)),
        }
    }
}

/// The most lines that each has exactly once and that come in the same order in both.
fn pins(old: &[u32], new: &[u32]) -> Vec<(usize, usize)> {
    let once = |lines: &[u32]| {
        let mut places: HashMap<u32, Option<usize>> = HashMap::new();
        for (place, line) in lines.iter().enumerate() {
            places
                .entry(*line)
                .and_modify(|place| *place = None)
                .or_insert(Some(place));
        }
        places
    };
    let (in_old, in_new) = (once(old), once(new));
    let both: Vec<Range> = old
        .iter()
        .enumerate()
        .filter(|(_, line)| in_old.get(line).is_some_and(Option::is_some))
        .filter_map(|(place, line)| Some((place, (*in_new.get(line)?)?)))
        .collect();
    // The longest rising run: for each length the pair that ends it lowest, and for each pair the one before it.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(both.len());
    for (index, pair) in both.iter().enumerate() {
        let length = ends.partition_point(|end| both[*end].1 < pair.1);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(index);
        } else {
            ends[length] = index;
        }
    }
    let mut run = Vec::with_capacity(ends.len());
    let mut next = ends.last().copied();
    while let Some(index) = next {
        run.push(both[index]);
        next = before[index];
    }
    run.reverse();
    run
}

/// The runs that are equal, and what is between them.
fn operations(equal: Vec<(usize, usize, usize)>, old: usize, new: usize) -> Vec<DiffOp> {
    let mut ops = Vec::new();
    let (mut old_index, mut new_index) = (0, 0);
    for (at_old, at_new, len) in equal.into_iter().chain([(old, new, 0)]) {
        let (old_len, new_len) = (at_old - old_index, at_new - new_index);
        match (old_len, new_len) {
            (0, 0) => {}
            (0, _) => ops.push(DiffOp::Insert {
                old_index,
                new_index,
                new_len,
            }),
            (_, 0) => ops.push(DiffOp::Delete {
                old_index,
                old_len,
                new_index,
            }),
            _ => ops.push(DiffOp::Replace {
                old_index,
                old_len,
                new_index,
                new_len,
            }),
        }
        if len > 0 {
            ops.push(DiffOp::Equal {
                old_index: at_old,
                new_index: at_new,
                len,
            });
        }
        (old_index, new_index) = (at_old + len, at_new + len);
    }
    ops
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The new text, from the old one and the lines that the operations bring.
    fn apply(ops: &[DiffOp], old: &[&str], new: &[&str]) -> Vec<String> {
        let mut out = Vec::new();
        for op in ops {
            let from = match op {
                DiffOp::Equal { .. } => &old[op.old_range()],
                _ => &new[op.new_range()],
            };
            out.extend(from.iter().map(|line| (*line).to_owned()));
        }
        out
    }

    fn covers(ops: &[DiffOp], old: usize, new: usize) -> bool {
        let mut at = (0, 0);
        for op in ops {
            if (op.old_range().start, op.new_range().start) != at {
                return false;
            }
            at = (op.old_range().end, op.new_range().end);
        }
        at == (old, new)
    }

    proptest! {
        #[test]
        fn operations_turn_one_into_the_other(old in "[ab\n]{0,40}", new in "[ab\n]{0,40}") {
            let (old, new) = (split(&old), split(&new));
            let ops = compare(&old, &new);
            prop_assert!(covers(&ops, old.len(), new.len()));
            prop_assert_eq!(apply(&ops, &old, &new), new);
        }
    }

    #[test]
    fn few_changes_in_a_long_text_are_few() {
        let old: Vec<String> = (0..50_000).map(|n| format!("line {n}\n")).collect();
        let mut new = old.clone();
        new[10] = "another\n".into();
        new.remove(25_000);
        new.push("last\n".into());
        let (old, new): (Vec<&str>, Vec<&str>) = (
            old.iter().map(String::as_str).collect(),
            new.iter().map(String::as_str).collect(),
        );
        let ops = compare(&old, &new);
        assert_eq!(apply(&ops, &old, &new), new);
        let changed: usize = ops
            .iter()
            .filter(|op| !matches!(op, DiffOp::Equal { .. }))
            .map(|op| op.new_range().len() + op.old_range().len())
            .sum();
        assert_eq!(changed, 4, "one line replaced, one gone, one new");
    }

    #[test]
    fn texts_made_to_be_slow_end() {
        // No line is there once, and nothing is in the same place.
        let old: Vec<&str> = (0..500_000)
            .map(|n| ["a\n", "b\n", "c\n"][n * n % 7 % 3])
            .collect();
        let new: Vec<&str> = (0..500_000)
            .map(|n| ["c\n", "a\n", "b\n"][n * n % 11 % 3])
            .collect();
        let ops = compare(&old, &new);
        assert!(covers(&ops, old.len(), new.len()));
        assert_eq!(apply(&ops, &old, &new), new);
    }
}
