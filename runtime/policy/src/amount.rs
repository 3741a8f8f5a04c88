//! Amounts as people write them: `1G`, `64MiB`, `200ms`. The policy and the command line read them alike.

use std::time::Duration;

/// The most wall time that a call can be given. No policy and no command line passes it.
pub const DEADLINE_CEILING: Duration = Duration::from_secs(120);

/// What is counted in which units. The last unit is none.
const COUNTS: &[(&str, u64)] = &[
    ("k", 1_000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("", 1),
];
const BYTES: &[(&str, u64)] = &[
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("", 1),
];
const TIMES: &[(&str, u64)] = &[("ms", 1), ("s", 1_000)];

/// Other words for a unit, in lower case: what the word is for, and by how much the number grows.
const MEANT: &[(&str, &str, u64)] = &[
    ("kb", "KiB", 1),
    ("mb", "MiB", 1),
    ("gb", "GiB", 1),
    ("k", "KiB", 1),
    ("m", "MiB", 1),
    ("g", "GiB", 1),
    ("b", "", 1),
    ("bytes", "", 1),
    ("t", "G", 1_000),
    ("msec", "ms", 1),
    ("millis", "ms", 1),
    ("sec", "s", 1),
    ("secs", "s", 1),
    ("seconds", "s", 1),
    ("m", "s", 60),
    ("min", "s", 60),
    ("minutes", "s", 60),
    ("", "s", 1),
];

/// Why a text is no amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AmountError {
    /// It is no count.
    #[error("expected a number, with k, M or G if you like: `100M`{}", meant(.near))]
    Count {
        /// What was meant, perhaps.
        near: Option<String>,
    },
    /// It is no number of bytes.
    #[error("expected bytes, with KiB, MiB or GiB if you like: `64MiB`{}", meant(.near))]
    Bytes {
        /// What was meant, perhaps.
        near: Option<String>,
    },
    /// It is no time.
    #[error("expected a time with its unit, ms or s: `200ms`{}", meant(.near))]
    Time {
        /// What was meant, perhaps.
        near: Option<String>,
    },
    /// It is a number that is too large to count with.
    #[error("expected less: that is more than can be counted")]
    TooMuch,
    /// It is a time, and more than a call can be given.
    #[error(
        "at most {}, the longest that a call can take",
        show_time(DEADLINE_CEILING)
    )]
    PastCeiling,
}

fn meant(near: &Option<String>) -> String {
    match near {
        Some(near) => format!("; did you mean `{near}`?"),
        None => String::new(),
    }
}

/// A count with an optional `k`, `M` or `G` (thousands): `100M`.
///
/// # Errors
///
/// [`AmountError`], in words that fit after what was asked for.
pub fn count(text: &str) -> Result<u64, AmountError> {
    scaled(text, COUNTS, |near| AmountError::Count { near })
}

/// Bytes with an optional `KiB`, `MiB` or `GiB`: `64MiB`.
///
/// # Errors
///
/// As [`count`].
pub fn bytes(text: &str) -> Result<u64, AmountError> {
    scaled(text, BYTES, |near| AmountError::Bytes { near })
}

/// A time with its unit, `ms` or `s`: `200ms`.
///
/// # Errors
///
/// As [`count`].
pub fn time(text: &str) -> Result<Duration, AmountError> {
    scaled(text, TIMES, |near| AmountError::Time { near }).map(Duration::from_millis)
}

/// A deadline: a time that a call can be given, at most [`DEADLINE_CEILING`].
///
/// # Errors
///
/// As [`count`].
pub fn deadline(text: &str) -> Result<Duration, AmountError> {
    let fits = |wish: Duration| (wish <= DEADLINE_CEILING).then_some(wish);
    match time(text) {
        Ok(wish) => fits(wish).ok_or(AmountError::PastCeiling),
        // What was meant cannot be given either.
        Err(AmountError::Time { near: Some(near) })
            if time(&near).ok().and_then(fits).is_none() =>
        {
            Err(AmountError::PastCeiling)
        }
        Err(error) => Err(error),
    }
}

/// A count as [`count`] reads it, in the largest unit that it is a multiple of.
#[must_use]
pub fn show_count(count: u64) -> String {
    show(count, COUNTS)
}

/// Bytes as [`bytes`] reads them, in the largest unit that they are a multiple of.
#[must_use]
pub fn show_bytes(bytes: u64) -> String {
    show(bytes, BYTES)
}

/// A time as [`time`] reads it. Less than a millisecond is left out.
#[must_use]
pub fn show_time(time: Duration) -> String {
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    show(millis, TIMES)
}

fn show(amount: u64, units: &[(&str, u64)]) -> String {
    let fits = units
        .iter()
        .filter(|(_, scale)| amount >= *scale && amount.is_multiple_of(*scale));
    match fits.max_by_key(|(_, scale)| *scale) {
        Some((unit, scale)) => format!("{}{unit}", amount / scale),
        // Nothing is less than one of the smallest unit but none of it.
        None => format!(
            "0{}",
            units
                .iter()
                .min_by_key(|unit| unit.1)
                .map_or("", |unit| unit.0)
        ),
    }
}

fn scaled(
    text: &str,
    units: &[(&str, u64)],
    wrong: impl FnOnce(Option<String>) -> AmountError,
) -> Result<u64, AmountError> {
    let (number, unit) = split(text);
    let found = units.iter().find(|(known, _)| *known == unit);
    match (found, number.is_empty()) {
        (Some((_, scale)), false) => {
            let whole = number.parse::<u64>().ok();
            whole
                .and_then(|whole| whole.checked_mul(*scale))
                .ok_or(AmountError::TooMuch)
        }
        _ => Err(wrong(near(text, units))),
    }
}

/// The digits that a text begins with, and the rest.
fn split(text: &str) -> (&str, &str) {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    text.split_at(digits)
}

/// An amount in `units` that a text may have meant.
fn near(text: &str, units: &[(&str, u64)]) -> Option<String> {
    let (number, word) = split(text.trim());
    let word = word.trim().to_lowercase();
    let number = number.parse::<u64>().ok()?;
    let known = |unit: &str| units.iter().find(|(known, _)| *known == unit);
    let same = units.iter().find(|(unit, _)| unit.to_lowercase() == word);
    let (unit, times) = match same {
        Some((unit, _)) => (*unit, 1),
        None => {
            let mut meant = MEANT.iter().filter(|(other, ..)| *other == word);
            meant.find_map(|(_, unit, times)| Some((known(unit)?.0, *times)))?
        }
    };
    let scale = known(unit)?.1;
    let number = number.checked_mul(times)?;
    number.checked_mul(scale)?;
    Some(format!("{number}{unit}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts() {
        assert_eq!(count("1M"), Ok(1_000_000));
        assert_eq!(count("17"), Ok(17));
        assert_eq!(bytes("64MiB"), Ok(64 << 20));
        assert_eq!(time("200ms"), Ok(Duration::from_millis(200)));
        assert_eq!(deadline("120s"), Ok(DEADLINE_CEILING));
    }

    #[test]
    fn what_is_no_amount() {
        for text in ["", "M", "-1", "1.5G", "1m", "G1", "1 G", "\u{661}"] {
            assert!(
                matches!(count(text), Err(AmountError::Count { .. })),
                "{text}"
            );
        }
        for text in ["99999999999999999999", "18446744073709551615G"] {
            assert_eq!(count(text), Err(AmountError::TooMuch), "{text}");
        }
        assert!(deadline("10").is_err(), "a time has a unit");
        assert_eq!(deadline("121s"), Err(AmountError::PastCeiling));
        assert_eq!(deadline("5m"), Err(AmountError::PastCeiling));
        assert!(bytes("64MB").is_err());
    }

    #[test]
    fn what_was_meant() {
        let said = |error: AmountError| error.to_string();
        assert_eq!(
            said(bytes("64MB").unwrap_err()),
            "expected bytes, with KiB, MiB or GiB if you like: `64MiB`; did you mean `64MiB`?"
        );
        for (text, near) in [
            ("64 mib", "64MiB"),
            ("3g", "3GiB"),
            ("5bytes", "5"),
            ("5 B", "5"),
        ] {
            assert!(
                said(bytes(text).unwrap_err()).contains(&format!("`{near}`?")),
                "{text}"
            );
        }
        for (text, near) in [("2K", "2k"), ("7g", "7G"), ("2T", "2000G")] {
            assert!(
                said(count(text).unwrap_err()).contains(&format!("`{near}`?")),
                "{text}"
            );
        }
        for (text, near) in [
            ("10", "10s"),
            ("10 sec", "10s"),
            ("1m", "60s"),
            ("9MS", "9ms"),
        ] {
            assert!(
                said(time(text).unwrap_err()).contains(&format!("`{near}`?")),
                "{text}"
            );
        }
        assert!(!said(time("soon").unwrap_err()).contains("mean"));
        assert!(!said(time("18446744073709551615m").unwrap_err()).contains("mean"));
    }

    #[test]
    fn shows_in_the_largest_unit() {
        assert_eq!(show_bytes(64 << 20), "64MiB");
        assert_eq!(show_bytes((64 << 20) + 1), "67108865");
        assert_eq!(show_count(1_500_000), "1500k");
        assert_eq!((show_count(0), show_bytes(0)), ("0".into(), "0".into()));
        assert_eq!(show_time(Duration::from_millis(1500)), "1500ms");
        assert_eq!(show_time(Duration::from_secs(10)), "10s");
        assert_eq!(show_time(Duration::ZERO), "0ms");
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read(amount: u64) {
            prop_assert_eq!(count(&show_count(amount)), Ok(amount));
            prop_assert_eq!(bytes(&show_bytes(amount)), Ok(amount));
            prop_assert_eq!(
                time(&show_time(Duration::from_millis(amount))),
                Ok(Duration::from_millis(amount))
            );
        }

        #[test]
        fn any_text_has_an_answer(text in "[0-9]{0,22} ?[a-zA-Z\u{0}-\u{ff}]{0,5}") {
            let _ = (count(&text), bytes(&text), time(&text), deadline(&text));
        }
    }
}
