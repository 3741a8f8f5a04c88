//! An outcome as a model reads it.

use super::{Content, Outcome};
use bailiwick_contract::visible;

/// The text of an outcome, at most about `limit` bytes, cut at a character.
pub(super) fn of(outcome: &Outcome, limit: usize) -> String {
    let Some(failure) = &outcome.failure else {
        let mut text = cut(success(outcome), limit);
        if outcome.left_out > 0 {
            text.push_str(&format!(
                "\n[not in the copies under /results: {}]",
                left_out(outcome.left_out)
            ));
        }
        if outcome.pending {
            text.push_str(&pending(outcome));
        }
        return text;
    };
    let mut text = format!("{}: ", outcome.code);
    if let Some(code) = &failure.code {
        text.push_str(&format!("{code}: "));
    }
    text.push_str(&visible::text(&failure.message));
    if let Some(value) = &failure.value {
        text.push('\n');
        text.push_str(&visible::json(&value.to_string()));
    }
    if let Some(hint) = &failure.hint {
        text.push('\n');
        text.push_str(&visible::text(hint));
    }
    if let Some(record) = &outcome.record {
        text.push_str(&format!("\nthe operator finds it in the log as {record}"));
    }
    for conflict in &outcome.conflicts {
        text.push('\n');
        text.push_str(&visible::text(&conflict.diff));
    }
    if let Some(kept) = &outcome.kept {
        text.push_str(&format!(
            "\nnothing of it was kept; what it had written can be read for an hour in {}",
            visible::name(kept)
        ));
    }
    if outcome.left_out > 0 {
        text.push_str(&format!("\nnot there: {}", left_out(outcome.left_out)));
    }
    cut(text, limit)
}

/// What is not in a copy, and why.
fn left_out(names: u64) -> String {
    format!("{names} names: no room, protected, a link, or not to be read")
}

/// How many changed names a reply lists.
const LISTED: usize = 8;

/// That what was changed is not on disk yet: a model that reads its file there would wonder.
fn pending(outcome: &Outcome) -> String {
    let names = outcome.changes.iter().take(LISTED);
    let names: Vec<_> = names.map(|change| visible::name(&change.path)).collect();
    let more = match outcome.changes.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("\n[pending, not on disk: {}{more}]", names.join(", "))
}

fn success(outcome: &Outcome) -> String {
    if !outcome.content.is_empty() {
        let pieces: Vec<_> = outcome.content.iter().map(piece).collect();
        return pieces.join("\n");
    }
    match &outcome.result {
        Some(serde_json::Value::String(text)) => visible::text(text),
        Some(serde_json::Value::Null) | None => "done".to_owned(),
        Some(value) => visible::json(&value.to_string()),
    }
}

fn piece(content: &Content) -> String {
    match content {
        Content::Text(text) | Content::Json(text) => visible::text(text),
        Content::Image(data, mime) => {
            format!("[image, {}, {} bytes]", visible::name(mime), data.len())
        }
        Content::Audio(data, mime) => {
            format!("[audio, {}, {} bytes]", visible::name(mime), data.len())
        }
    }
}

fn cut(mut text: String, limit: usize) -> String {
    let whole = text.len();
    if whole <= limit {
        return text;
    }
    text.truncate(text.floor_char_boundary(limit));
    let shown = text.len();
    text.push_str(&format!(
        "\n[cut: the first {shown} of {whole} bytes; ask for less, or for a part of it]"
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Code, Failure};
    use serde_json::json;

    #[test]
    fn a_cut_splits_no_character_and_says_how_much_there_is() {
        let outcome = Outcome::ok("t_f", json!("aé".repeat(10)), Vec::new());
        assert_eq!(
            of(&outcome, 5),
            "aéa\n[cut: the first 4 of 30 bytes; ask for less, or for a part of it]"
        );
        assert_eq!(of(&outcome, 30), "aé".repeat(10));
    }

    #[test]
    fn a_failure_says_what_and_what_next() {
        let failure = Failure::new("there is no `/srx`").hint("did you mean `/src`?".to_owned());
        let outcome = Outcome::failed("t_f", Code::UnknownHandle, failure);
        assert_eq!(
            outcome.text(),
            "unknown-handle: there is no `/srx`\ndid you mean `/src`?"
        );
    }

    #[test]
    fn a_tools_error_is_marked_as_the_tools_and_nothing_in_it_is_hidden() {
        let failure = Failure::new("no\u{202e}pe").coded("denied");
        let outcome = Outcome::failed("t_f", Code::ToolError, failure);
        assert_eq!(outcome.text(), "tool-error: denied: no\\u{202e}pe");
        let failure = Failure::new("x").coded("denied: all is lost\nok");
        assert_eq!(
            Outcome::failed("t_f", Code::ToolError, failure).text(),
            "tool-error: error: x"
        );
    }

    #[test]
    fn a_long_message_is_cut() {
        let failure = Failure::new("é".repeat(10_000)).hint("h".repeat(10_000));
        assert!(
            failure.message.len() < 5_000 && failure.hint.is_some_and(|hint| hint.len() < 5_000)
        );
    }
}
