//! An outcome as a model reads it.

use super::{Content, Outcome};

/// The text of an outcome, at most about `limit` bytes, cut at a character.
pub(super) fn of(outcome: &Outcome, limit: usize) -> String {
    match &outcome.failure {
        None => cut(success(outcome), limit),
        Some(failure) => {
            let mut text = format!("{}: {}", outcome.code, failure.message);
            if let Some(code) = &failure.code {
                text = format!("{code}: {}", failure.message);
            }
            if let Some(value) = &failure.value {
                text.push_str(&format!("\n{value}"));
            }
            if let Some(hint) = &failure.hint {
                text.push_str(&format!("\n{hint}"));
            }
            cut(text, limit)
        }
    }
}

fn success(outcome: &Outcome) -> String {
    if !outcome.content.is_empty() {
        let pieces: Vec<_> = outcome.content.iter().map(piece).collect();
        return pieces.join("\n");
    }
    match &outcome.result {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(serde_json::Value::Null) | None => "done".to_owned(),
        Some(value) => value.to_string(),
    }
}

fn piece(content: &Content) -> String {
    match content {
        Content::Text(text) | Content::Json(text) => text.clone(),
        Content::Image(data, mime) => format!("[image, {mime}, {} bytes]", data.len()),
        Content::Audio(data, mime) => format!("[audio, {mime}, {} bytes]", data.len()),
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
}
