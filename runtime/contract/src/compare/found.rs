//! What was found so far, and how much of it is told.

use std::collections::HashSet;

use super::codes::Code;
use super::{Comparison, Difference, Impact, VERSION};
use crate::types::TypeName;

/// How many bytes are told of the changes of each impact. Two components can differ at every one of their types, each at the end of a long
/// path of names.
const TOLD: usize = 8 << 20;

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    differences: Vec<Difference>,
    /// How many bytes are told, by impact.
    told: [usize; 3],
    more: usize,
    worst: Option<Impact>,
    /// How many changes are not compatible.
    serious: usize,
    pub(super) types: Types,
}

/// Types in the signatures of tools: what there is to say of them is said there.
#[derive(Debug, Default)]
pub(super) struct Types {
    /// Of the old component, and of the new one.
    pub(super) old: HashSet<TypeName>,
    pub(super) new: HashSet<TypeName>,
    /// Those that were compared, at the same place of the old and the new one.
    pub(super) pairs: HashSet<(TypeName, TypeName)>,
}

impl Found {
    pub(super) fn add(
        &mut self,
        impact: Impact,
        code: Code,
        at: impl Into<String>,
        old: Option<String>,
        new: Option<String>,
    ) {
        let at = at.into();
        self.worst = self.worst.max(Some(impact));
        self.serious += usize::from(impact > Impact::Compatible);
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let told = &mut self.told[impact as usize];
        // One that is too long closes the list: that way it has the first ones and not any.
        *told += size_of::<Difference>() + at.len() + length(&old) + length(&new);
        if *told > TOLD {
            self.more += 1;
            return;
        }
        self.differences.push(Difference {
            impact,
            code: code.as_str(),
            at,
            old,
            new,
        });
    }

    /// How many changes there are so far that are not compatible.
    pub(super) fn serious(&self) -> usize {
        self.serious
    }

    pub(super) fn into_comparison(self) -> Comparison {
        let mut differences = self.differences;
        differences.sort_by_key(|difference| std::cmp::Reverse(difference.impact));
        Comparison {
            version: VERSION,
            impact: self.worst,
            differences,
            more: self.more,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::codes;

    #[test]
    fn a_flood_of_one_impact_hides_no_other() {
        let mut found = Found::default();
        for number in 0..10_000 {
            let text = Some("x".repeat(1_000));
            found.add(
                Impact::Breaking,
                codes::TYPE_CHANGED,
                format!("{number}"),
                text,
                None,
            );
        }
        found.add(Impact::Compatible, codes::DOCS_CHANGED, "docs", None, None);
        found.add(Impact::Widens, codes::TIER_CHANGED, "tier", None, None);
        let comparison = found.into_comparison();
        assert_eq!(comparison.impact, Some(Impact::Widens));
        let told: Vec<_> = comparison
            .differences
            .iter()
            .map(|told| &*told.at)
            .collect();
        assert_eq!(
            (told[0], told[1], told[told.len() - 1]),
            ("tier", "0", "docs")
        );
        assert!((7_000..8_000).contains(&told.len()), "{}", told.len());
        assert_eq!(told.len() + comparison.more, 10_002);
    }

    #[test]
    fn what_is_not_told_counts() {
        let mut found = Found::default();
        found.add(
            Impact::Widens,
            codes::TYPE_CHANGED,
            "x".repeat(TOLD),
            None,
            None,
        );
        let comparison = found.into_comparison();
        assert_eq!(comparison.impact, Some(Impact::Widens));
        assert_eq!((comparison.differences.len(), comparison.more), (0, 1));
    }
}
