//! Names that are told apart only by somebody who looks twice.

use std::collections::HashMap;

/// Pairs of names that look alike, in the order of the second. Names of WIT are ASCII, so there are few ways: `0` and `o`, `1` and `l`, `rn` and
/// `m`, `vv` and `w`, and where words are parted.
pub(super) fn pairs<'a>(names: impl Iterator<Item = &'a str>) -> Vec<(&'a str, &'a str)> {
    let mut first = HashMap::new();
    let mut pairs = Vec::new();
    for name in names {
        match first.get(&skeleton(name)) {
            Some(other) => pairs.push((*other, name)),
            None => {
                first.insert(skeleton(name), name);
            }
        }
    }
    pairs
}

fn skeleton(name: &str) -> String {
    name.to_ascii_lowercase()
        .replace(['_', '-'], "")
        .replace('0', "o")
        .replace('1', "l")
        .replace("rn", "m")
        .replace("vv", "w")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike() {
        let alike = |a, b| pairs([a, b].into_iter()) == [(a, b)];
        assert!(alike("read_file", "readfile"));
        assert!(alike("tool1", "tooll"));
        assert!(alike("log0", "logo"));
        assert!(alike("return_it", "retum_it"));
        assert!(alike("view", "vievv"));
        assert!(!alike("read", "write"));
        assert!(!alike("line1", "line2"));
    }
}
