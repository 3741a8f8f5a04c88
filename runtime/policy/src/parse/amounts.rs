//! Amounts in a file: `"64MiB"`, or a bare number.

use std::time::Duration;

use toml::de::DeValue;

use super::section::Section;
use crate::amount::{self, AmountError};
use crate::error::{Code, PolicyError, Problems};
use crate::keys::Shape;
use crate::nearest;

/// How an amount is read from text.
type Read = fn(&str) -> Result<u64, AmountError>;

impl Section<'_> {
    /// A key's bytes or count, as its shape says.
    pub(crate) fn amount(
        &self,
        key: &'static str,
        shape: Shape,
        problems: &mut Problems,
    ) -> Option<u64> {
        let value = self.value(key)?;
        let (read, wanted): (Read, _) = match shape {
            Shape::Bytes => (amount::bytes, "bytes, as text or a whole number"),
            _ => (amount::count, "a count, as text or a whole number"),
        };
        let (said, found) = match value.get_ref() {
            DeValue::String(text) => (text.to_string(), read(text)),
            DeValue::Integer(number) => {
                let whole = u64::from_str_radix(number.as_str(), number.radix());
                (
                    number.to_string(),
                    whole.map_err(|_| out_of_range(number.as_str())),
                )
            }
            _ => {
                self.wrong_type(key, wanted, value, problems);
                return None;
            }
        };
        self.found(key, &said, value.span(), found, problems)
    }

    /// A key's time that a call can be given.
    pub(crate) fn deadline(&self, key: &'static str, problems: &mut Problems) -> Option<Duration> {
        self.timed(key, amount::deadline, problems)
    }

    /// A key's time.
    pub(crate) fn time(&self, key: &'static str, problems: &mut Problems) -> Option<Duration> {
        self.timed(key, amount::time, problems)
    }

    fn timed(
        &self,
        key: &'static str,
        read: fn(&str) -> Result<Duration, AmountError>,
        problems: &mut Problems,
    ) -> Option<Duration> {
        let value = self.value(key)?;
        let (said, found) = match value.get_ref() {
            DeValue::String(text) => (text.to_string(), read(text)),
            // Nobody can tell seconds from milliseconds: it needs a unit.
            DeValue::Integer(number) => (number.to_string(), read(&number.to_string())),
            _ => {
                self.wrong_type(key, "a time in quotes", value, problems);
                return None;
            }
        };
        self.found(key, &said, value.span(), found, problems)
    }

    fn found<T>(
        &self,
        key: &str,
        said: &str,
        span: std::ops::Range<usize>,
        found: Result<T, AmountError>,
        problems: &mut Problems,
    ) -> Option<T> {
        found
            .map_err(|error| {
                let message = format!("`{key}` cannot be `{}`", nearest::quote(said));
                problems
                    .push(PolicyError::new(Code::BadAmount, span, message).help(error.to_string()));
            })
            .ok()
    }
}

fn out_of_range(number: &str) -> AmountError {
    match number.starts_with('-') {
        true => AmountError::Count { near: None },
        false => AmountError::TooMuch,
    }
}
