//! What some transactions left in the granted directories, told from their steps alone.

use super::entry::{Act, Object, Step, Thing};
use std::collections::{BTreeMap, HashMap};

/// Which place, and which path in it.
type Path = (usize, String);

/// What a path should stand for.
#[derive(Clone, Debug)]
pub(super) enum State {
    Gone,
    Is(Object),
}

/// The state after the steps that were followed.
#[derive(Debug, Default)]
pub(super) struct Left {
    pub(super) at: BTreeMap<Path, State>,
    /// What was below something that was taken, by its slot.
    away: HashMap<(usize, String), Vec<(String, State)>>,
    /// Where one transaction found something else than an earlier one had left.
    pub(super) conflicts: Vec<Path>,
}

impl Left {
    /// Follow one more, oldest first.
    pub(super) fn follow(&mut self, step: &Step) {
        let path = (step.place, step.path.clone());
        let slot = (step.place, step.slot.clone());
        match &step.act {
            Act::Take(object) => {
                self.expect(&path, object);
                let below = self.below(&path);
                self.away.insert(slot, below);
                self.at.insert(path, State::Gone);
            }
            Act::Put(object) => {
                for (rest, state) in self.away.remove(&slot).unwrap_or_default() {
                    self.at.insert((path.0, format!("{}{rest}", path.1)), state);
                }
                self.at.insert(path, State::Is(object.clone()));
            }
            Act::Swap { old, new } => {
                self.expect(&path, old);
                self.at.insert(path, State::Is(new.clone()));
            }
            Act::Attributes { of, .. } => match (self.at.get_mut(&path), &of.thing) {
                (Some(State::Is(object)), Thing::File { stamp, .. })
                    if object.inode == of.inode =>
                {
                    if let Thing::File { stamp: old, .. } = &mut object.thing {
                        *old = *stamp;
                    }
                }
                (None, Thing::File { .. }) => drop(self.at.insert(path, State::Is(of.clone()))),
                _ => {}
            },
        }
    }

    fn expect(&mut self, path: &Path, found: &Object) {
        if let Some(State::Is(object)) = self.at.get(path)
            && !agree(object, found)
        {
            self.conflicts.push(path.clone());
        }
    }

    /// Take out what is below a path.
    fn below(&mut self, path: &Path) -> Vec<(String, State)> {
        let from = (path.0, format!("{}/", path.1));
        let to = (path.0, format!("{}0", path.1)); // `0` is what comes after `/`.
        let paths: Vec<Path> = self
            .at
            .range(from..to)
            .map(|(path, _)| path.clone())
            .collect();
        let take = |below: Path| {
            let state = self.at.remove(&below)?;
            Some((below.1[path.1.len()..].to_owned(), state))
        };
        paths.into_iter().filter_map(take).collect()
    }
}

/// Whether what one transaction left is what the next one found.
fn agree(left: &Object, found: &Object) -> bool {
    match (&left.thing, &found.thing) {
        (
            Thing::File {
                digest: Some(one), ..
            },
            Thing::File {
                digest: Some(other),
                ..
            },
        ) => one == other,
        (Thing::Link(one), Thing::Link(other)) => one == other,
        _ => left.inode == found.inode,
    }
}
