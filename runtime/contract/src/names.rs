//! Names: WIT's spelling → JSON's, and what somebody may have meant.

/// A WIT name as JSON spells it: `max-matches` → `max_matches`, `HTTP-code` → `http_code`.
pub fn snake_case(kebab: &str) -> String {
    kebab
        .chars()
        .map(|c| {
            if c == '-' {
                '_'
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect()
}

/// The names of `known` that are most like `wanted`, nearest first, at most `limit`. None when nothing is near.
///
/// Near is an edit distance (Damerau's, with neighbours swapped as one edit) of at most a third of the longer name, or one
/// name being a part of the other; case, `-` and `_` make no difference.
pub fn nearest<'a>(
    wanted: &str,
    known: impl Iterator<Item = &'a str>,
    limit: usize,
) -> Vec<&'a str> {
    let wanted = fold(wanted);
    let mut near: Vec<(usize, &str)> = known
        .filter_map(|name| Some((distance(&wanted, &fold(name))?, name)))
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter().map(|(_, name)| name).take(limit).collect()
}

/// Longer names are not compared letter by letter: the work is quadratic, and what was asked for may be hostile.
const LONGEST: usize = 100;

fn fold(name: &str) -> Vec<char> {
    snake_case(name).chars().take(LONGEST + 1).collect()
}

/// How far two names are from each other, or none when that is too far to have been meant.
fn distance(a: &[char], b: &[char]) -> Option<usize> {
    let longer = a.len().max(b.len());
    if longer > LONGEST {
        return None;
    }
    let edits = edits(a, b);
    if edits <= longer / 3 || (longer == 2 && edits == 1) {
        return Some(edits);
    }
    let part = |whole: &[char], part: &[char]| {
        part.len() >= 3 && whole.windows(part.len()).any(|window| window == part)
    };
    (part(a, b) || part(b, a)).then_some(edits)
}

/// The optimal string alignment distance.
///
/// The crate of the file system (`capfs`) has one of its own: neither of the two crates knows the other, and these few lines
/// are less than a third crate for both.
fn edits(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut least = (above[j] + usize::from(x != y))
                .min(above[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells_as_json() {
        assert_eq!(snake_case("grep"), "grep");
        assert_eq!(snake_case("max-matches"), "max_matches");
        assert_eq!(snake_case("HTTP-code"), "http_code");
    }

    #[test]
    fn finds_what_was_meant() {
        let known = ["pattern", "path", "max_matches", "glob", "dir"];
        let near = |wanted| nearest(wanted, known.into_iter(), 2);
        assert_eq!(near("patern"), ["pattern"]);
        assert_eq!(near("pattren"), ["pattern"]);
        assert_eq!(near("maxMatches"), ["max_matches"]);
        assert_eq!(near("max-matches"), ["max_matches"]);
        assert_eq!(near("matches"), ["max_matches"]);
        assert_eq!(near("directory"), ["dir"]);
        assert_eq!(near("zebra"), [""; 0]);
        assert_eq!(near(""), [""; 0]);
        assert_eq!(near(&"pattern".repeat(1000)), [""; 0]);
    }

    #[test]
    fn counts_edits() {
        let count = |a: &str, b: &str| edits(&fold(a), &fold(b));
        assert_eq!(count("", "abc"), 3);
        assert_eq!(count("abc", ""), 3);
        assert_eq!(count("kitten", "sitting"), 3);
        assert_eq!(count("ab", "ba"), 1);
    }
}
