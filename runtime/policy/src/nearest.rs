//! What somebody may have meant, in words for a `help:` line.

use std::fmt::Display;

use bailiwick_contract::names::nearest;
use bailiwick_contract::visible;

use crate::keys::Table;

/// How many names a line lists.
const LISTED: usize = 16;

/// With how many names one is compared. There are never more than that in a policy.
const COMPARED: usize = 512;

/// How long a quoted name is, in characters.
const QUOTED: usize = 60;

/// A text of a file in an error: in one line, short, all that is hidden in it visible.
pub(crate) fn quote(text: impl Display) -> String {
    let text = text.to_string();
    let mut shown: String = text.chars().take(QUOTED).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    visible::name(&shown)
}

/// The word of `known` that is most like `said`.
pub(crate) fn word<'a>(said: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest(said, known.into_iter().take(COMPARED), 1).pop()
}

/// ``did you mean `ro`?``, or what there is.
pub(crate) fn help<'a>(said: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().take(COMPARED).collect();
    match word(said, known.iter().copied()) {
        Some(near) => format!("did you mean `{}`?", quote(near)),
        None => there_is(&known),
    }
}

/// `` there is: `a`, `b` ``
pub(crate) fn there_is(known: &[&str]) -> String {
    let more = match known.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let listed: Vec<String> = known
        .iter()
        .take(LISTED)
        .map(|name| format!("`{}`", quote(name)))
        .collect();
    format!("there is: {}{more}", listed.join(", "))
}

/// What somebody may have meant who wrote the unknown key `said` into `table`, of the file whose outermost table is
/// `root`.
pub(crate) fn key(said: &str, table: &'static Table, root: &'static Table) -> String {
    let names = || table.keys.iter().map(|key| key.name);
    let folded = said.to_lowercase().replace('_', "-");
    let other = |key: &&crate::keys::Key| key.also.contains(&folded.as_str());
    if let Some(exact) = names().find(|name| *name == folded) {
        return format!("did you mean `{exact}`?");
    }
    if let Some(key) = table.keys.iter().find(other) {
        return format!("did you mean `{}`?", key.name);
    }
    if let Some(home) = elsewhere(said, table, root) {
        return format!("`{said}` belongs in {home}");
    }
    help(said, names())
}

/// The title of another table that has this key, or those of two.
fn elsewhere(said: &str, table: &'static Table, root: &'static Table) -> Option<String> {
    let mut open = vec![root];
    let mut homes = Vec::new();
    while let Some(next) = open.pop() {
        let known = !std::ptr::eq(next, table) && next.key(said).is_some();
        if known && !homes.contains(&next.title) {
            homes.push(next.title);
        }
        open.extend(next.keys.iter().filter_map(|key| key.shape.table()));
    }
    // What is known in many places tells nothing.
    match homes.as_slice() {
        [home] => Some((*home).to_owned()),
        // The last of a table is looked at first.
        [second, first] => Some(format!("{first} or {second}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{GRANT, LIMITS, POLICY, TOOL};

    #[test]
    fn keys_that_were_meant() {
        let said = |said, table| key(said, table, &POLICY);
        assert_eq!(said("protects", &GRANT), "did you mean `protect`?");
        assert_eq!(said("cross_mounts", &GRANT), "did you mean `cross-mounts`?");
        assert_eq!(said("Path", &GRANT), "did you mean `path`?");
        assert_eq!(said("timeout", &LIMITS), "did you mean `deadline`?");
        assert_eq!(said("path", &TOOL), "did you mean `component`?");
        assert_eq!(said("grant", &POLICY), "did you mean `grants`?");
        assert_eq!(said("expose", &GRANT), "`expose` belongs in [tools.NAME]");
        assert_eq!(
            said("fuel", &TOOL),
            "`fuel` belongs in [limits] or [budget]"
        );
        assert_eq!(
            said("zebra", &GRANT),
            "there is: `path`, `rights`, `hide`, `protect`, `writes`, `quota`, `cross-mounts`, `remote`"
        );
    }

    #[test]
    fn what_is_quoted_is_short_and_harmless() {
        assert_eq!(quote("a\x1b[31m\nb"), "a\\u{1b}[31m\\u{a}b");
        assert!(quote("x".repeat(10_000)).chars().count() <= QUOTED + 1);
        let many: Vec<String> = (0..10_000).map(|n| format!("name{n}")).collect();
        assert!(help("zebra", many.iter().map(String::as_str)).len() < 300);
    }
}
