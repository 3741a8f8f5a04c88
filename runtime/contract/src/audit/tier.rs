//! The most that a component can do, in one word.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The most that a component can do, in one word. Each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// It computes, and tells how far it is. The time and random numbers are no more than that.
    Pure,
    /// It sees what it is handed to look at.
    Reads,
    /// It changes what it is handed to change.
    Edits,
    /// It reaches a network.
    Net,
    /// Nobody can tell: it imports what is not known.
    Unbounded,
}

impl Tier {
    /// All of them, the least first.
    pub const ALL: [Tier; 5] = [
        Tier::Pure,
        Tier::Reads,
        Tier::Edits,
        Tier::Net,
        Tier::Unbounded,
    ];

    /// Its word: `pure`, `reads`, `edits`, `net`, `unbounded`.
    pub fn as_str(self) -> &'static str {
        match self {
            Tier::Pure => "pure",
            Tier::Reads => "reads",
            Tier::Edits => "edits",
            Tier::Net => "net",
            Tier::Unbounded => "unbounded",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is no tier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a tier: there are pure, reads, edits, net and unbounded")]
pub struct ParseTierError(String);

impl FromStr for Tier {
    type Err = ParseTierError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let found = Tier::ALL.into_iter().find(|tier| tier.as_str() == word);
        found.ok_or_else(|| ParseTierError(word.to_owned()))
    }
}
