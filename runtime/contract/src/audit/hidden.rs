//! Characters that a reader does not see, or that a terminal obeys.

use super::texts::Text;
use crate::visible;

/// How much of a text is shown before and behind the first, in characters.
const BEFORE: usize = 30;
const BEHIND: usize = 60;

/// How many are told by their numbers.
const TOLD: usize = 4;

/// What to say of a text that has such characters.
pub(super) fn told(text: &Text<'_>) -> Option<String> {
    let shown = visible::text(text.text);
    if shown == text.text {
        return None;
    }
    let (mut count, mut kinds) = (0, Vec::new());
    for c in text.text.chars().filter(|c| is_hidden(*c)) {
        count += 1;
        if kinds.len() <= TOLD && !kinds.contains(&c) {
            kinds.push(c);
        }
    }
    let mut names: Vec<_> = kinds
        .iter()
        .take(TOLD)
        .map(|c| format!("U+{:04X}", u32::from(*c)))
        .collect();
    if kinds.len() > TOLD {
        names.push("…".into());
    }
    let characters = if count == 1 {
        "a character".to_owned()
    } else {
        format!("{count} characters")
    };
    Some(format!(
        "{} has {characters} that a reader does not see ({}): `{}`",
        text.place(),
        names.join(", "),
        excerpt(&shown, first_difference(text.text, &shown))
    ))
}

fn is_hidden(c: char) -> bool {
    // What is written out is longer than it was.
    visible::text(c.encode_utf8(&mut [0; 4])).len() > c.len_utf8()
}

/// What is hidden is written with a backslash in front, which no hidden character begins with: up to there both texts are the same.
fn first_difference(text: &str, shown: &str) -> usize {
    let pairs = text.bytes().zip(shown.bytes());
    pairs.take_while(|(a, b)| a == b).count()
}

/// Some of a text around a place in it, in one line.
fn excerpt(text: &str, at: usize) -> String {
    let (front, back) = text.split_at_checked(at).unwrap_or((text, ""));
    let start = front.char_indices().rev().nth(BEFORE);
    let end = back.char_indices().nth(BEHIND);
    let (start, end) = (
        start.map_or(0, |(start, _)| start),
        end.map_or(back.len(), |(end, _)| end),
    );
    let (dots_before, dots_behind) = (
        if start > 0 { "…" } else { "" },
        if end < back.len() { "…" } else { "" },
    );
    let part = format!("{}{}", &front[start..], &back[..end]);
    let words: Vec<_> = part.split_whitespace().collect();
    format!("{dots_before}{}{dots_behind}", words.join(" "))
}
