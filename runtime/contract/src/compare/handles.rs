//! Whether a handle lets its holder do more than another.

use std::collections::HashMap;

use crate::audit::HandleFacts;
use crate::known::without_version;

/// What is known to lie above another, because that can be had of it: a handle, and those that cover it.
const ABOVE: [(&str, &[&str]); 4] = [
    (
        "bailiwick:fs/paths#readable",
        &["bailiwick:fs/paths#writable"],
    ),
    (
        "bailiwick:fs/read#read-dir",
        &["bailiwick:fs/write#write-dir"],
    ),
    (
        "bailiwick:fs/read#read-file",
        &[
            "bailiwick:fs/read#read-dir",
            "bailiwick:fs/write#write-dir",
            "bailiwick:fs/write#write-file",
        ],
    ),
    (
        "bailiwick:fs/write#write-file",
        &["bailiwick:fs/write#write-dir"],
    ),
];

/// Handles that somebody is given: each without its version, and whether one of them is kept.
#[derive(Debug, Default)]
pub(super) struct Handed(HashMap<String, bool>);

impl Handed {
    pub(super) fn of<'a>(handles: impl IntoIterator<Item = &'a HandleFacts>) -> Handed {
        let mut handed = HashMap::new();
        for handle in handles {
            *handed.entry(key(handle)).or_default() |= handle.keeps;
        }
        Handed(handed)
    }

    /// Whether whoever holds these can do all that `new` lets one do.
    pub(super) fn cover(&self, new: &HandleFacts) -> bool {
        let key = key(new);
        let above = ABOVE.iter().find(|(below, _)| *below == key);
        let above = above.map_or(&[][..], |(_, above)| above).iter().copied();
        let mut held = above.chain([&*key]).filter_map(|key| self.0.get(key));
        held.any(|keeps| *keeps || !new.keeps)
    }

    /// Whether they cover all of `new`.
    pub(super) fn cover_all<'a>(&self, new: impl IntoIterator<Item = &'a HandleFacts>) -> bool {
        new.into_iter().all(|new| self.cover(new))
    }
}

/// The resource without its version: another version of it is the same.
pub(super) fn key(handle: &HandleFacts) -> String {
    let (interface, name) = handle.resource.split_once('#').unwrap_or_default();
    format!("{}#{name}", without_version(interface))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known::{FS_PATHS, FS_READ, FS_WRITE};

    fn covers(old: &HandleFacts, new: &HandleFacts) -> bool {
        Handed::of([old]).cover(new)
    }

    fn handle(resource: &str, keeps: bool) -> HandleFacts {
        HandleFacts {
            resource: resource.into(),
            may: String::new(),
            keeps,
            writes: resource.contains("write"),
        }
    }

    #[test]
    fn a_handle_covers_what_can_be_had_of_it_and_nothing_else() {
        let all = [
            "bailiwick:fs/read@0.1.0#read-file",
            "bailiwick:fs/read@0.1.0#read-dir",
            "bailiwick:fs/write@0.1.0#write-file",
            "bailiwick:fs/write@0.1.0#write-dir",
            "bailiwick:fs/paths@0.1.0#readable",
            "bailiwick:fs/paths@0.1.0#writable",
            "other:a/b@1.0.0#c",
        ];
        let covered = [
            vec![0],
            vec![0, 1],
            vec![0, 2],
            vec![0, 1, 2, 3],
            vec![4],
            vec![4, 5],
            vec![6],
        ];
        for (old, covered) in all.iter().zip(covered) {
            for (index, new) in all.iter().enumerate() {
                let got = covers(&handle(old, false), &handle(new, false));
                assert_eq!(got, covered.contains(&index), "{old} {new}");
            }
        }
        let dir = all[1];
        assert!(!covers(&handle(dir, false), &handle(dir, true)));
        assert!(covers(&handle(dir, true), &handle(dir, false)));
        let later = "bailiwick:fs/read@0.2.0#read-dir";
        assert!(covers(&handle(dir, false), &handle(later, false)));
    }

    #[test]
    fn what_is_kept_is_kept_of_the_one_that_is() {
        let kept_file = handle("bailiwick:fs/read@0.1.0#read-file", true);
        let both = [
            handle("bailiwick:fs/read@0.1.0#read-dir", false),
            handle("bailiwick:fs/write@0.1.0#write-file", false),
        ];
        assert!(!Handed::of(&both).cover(&kept_file));
        let mut one_kept = both;
        one_kept[1].keeps = true;
        assert!(Handed::of(&one_kept).cover(&kept_file));
        assert!(!Handed::default().cover(&kept_file));
        assert!(Handed::default().cover_all([]));
    }

    #[test]
    fn the_table_has_names_of_the_contracts() {
        let known = [FS_PATHS, FS_READ, FS_WRITE].map(without_version);
        for (below, above) in ABOVE {
            for name in above.iter().chain([&below]) {
                let (interface, _) = name.split_once('#').unwrap();
                assert!(known.contains(&interface), "{name}");
            }
        }
    }
}
