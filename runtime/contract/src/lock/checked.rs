//! Values of the file that have a form, checked as they are read, so that the error knows the line.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Value;

use super::day::is_day;
use crate::digest::Digest;
use crate::visible;

/// A digest, as text.
pub(super) fn digest<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Digest::deserialize(deserializer).map(|digest| digest.to_string())
}

/// A day, as text: a string, or a date of TOML's, which is what a person writes.
pub(super) fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        value => value.to_string(),
    };
    if is_day(&text) {
        return Ok(Some(text));
    }
    let text: String = text.chars().take(40).collect();
    Err(D::Error::custom(format!(
        "`{text}` is not a day: expected one like \"2027-01-31\""
    )))
}

/// A text: a string, or its lines as an array of strings.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Text::deserialize(deserializer).map(|text| text.0)
}

/// Texts by where they belong.
pub(super) fn texts<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, String>, D::Error> {
    let texts = BTreeMap::<String, Text>::deserialize(deserializer)?;
    Ok(texts.into_iter().map(|(at, text)| (at, text.0)).collect())
}

/// What a person writes, in one line.
pub(super) fn line<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let line = String::deserialize(deserializer)?;
    match breaks(&line) {
        true => Err(D::Error::custom(format!(
            "`{}` is more than one line: write it in one",
            front(&line)
        ))),
        false => Ok(line),
    }
}

/// The same where there may be none.
pub(super) fn some_line<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    line(deserializer).map(Some)
}

/// Whether a text has a line break in it, in any script.
pub(super) fn breaks(text: &str) -> bool {
    text.contains([
        '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}',
    ])
}

/// How a text begins, for a message.
pub(super) fn front(text: &str) -> String {
    visible::name(&text.chars().take(40).collect::<String>())
}

struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
        struct Lines;

        impl<'de> Visitor<'de> for Lines {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an array of strings")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Text, A::Error> {
                let mut lines = Vec::new();
                while let Some(line) = seq.next_element::<String>()? {
                    lines.push(line);
                }
                Ok(Text(lines.join("\n")))
            }
        }

        deserializer.deserialize_any(Lines)
    }
}
