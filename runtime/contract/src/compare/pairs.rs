//! Which of the new ones is which of the old ones.

use std::collections::{HashMap, VecDeque};

/// Who belongs together.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pairs {
    /// For each of the new ones the place of its counterpart among the old ones.
    pub(super) counterpart: Vec<Option<usize>>,
    /// The places of the old ones that have none.
    pub(super) gone: Vec<usize>,
}

impl Pairs {
    /// By what `keys` say of each, the first of them before the others. Nobody is the counterpart of two.
    pub(super) fn of<T>(old: &[T], new: &[T], keys: &[&dyn Fn(&T) -> String]) -> Pairs {
        let mut counterpart = vec![None; new.len()];
        let mut taken = vec![false; old.len()];
        for key in keys {
            let mut left: HashMap<String, VecDeque<usize>> = HashMap::new();
            for (index, item) in old.iter().enumerate() {
                if !taken[index] {
                    left.entry(key(item)).or_default().push_back(index);
                }
            }
            if left.is_empty() {
                break;
            }
            for (counterpart, item) in counterpart.iter_mut().zip(new) {
                if counterpart.is_none() {
                    *counterpart = left.get_mut(&key(item)).and_then(VecDeque::pop_front);
                    if let Some(index) = *counterpart {
                        taken[index] = true;
                    }
                }
            }
        }
        let gone = (0..old.len()).filter(|index| !taken[*index]).collect();
        Pairs { counterpart, gone }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_key_first_and_each_once() {
        let whole = |name: &&str| (*name).to_owned();
        let front = |name: &&str| name.split('@').next().unwrap_or("").to_owned();
        let pairs = |old: &[&'static str], new: &[&'static str]| {
            let pairs = Pairs::of(old, new, &[&whole, &front]);
            (pairs.counterpart, pairs.gone)
        };
        assert_eq!(
            pairs(&["a@1", "a@2", "b@1"], &["a@2", "a@3", "a@4"]),
            (vec![Some(1), Some(0), None], vec![2])
        );
        assert_eq!(
            pairs(&["a@1"], &["a@2", "a@1"]),
            (vec![None, Some(0)], vec![])
        );
        assert_eq!(pairs(&[], &["a"]), (vec![None], vec![]));
        assert_eq!(pairs(&["a"], &[]), (vec![], vec![0]));
    }
}
