//! Values of the file that have a form, checked as they are read, so that the error knows the line.

use serde::{Deserialize, Deserializer, de::Error};
use toml::Value;

use super::day::is_day;
use crate::digest::Digest;

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
