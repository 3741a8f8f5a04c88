//! Amounts as people write them: `1G`, `64MiB`, `200ms`.

use std::time::Duration;

use bailiwick_host::limits::DEADLINE_CEILING;

/// A count with an optional `k`, `M` or `G` (thousands): `100M`.
pub(crate) fn count(text: &str) -> Result<u64, String> {
    let units = [
        ("k", 1_000),
        ("M", 1_000_000),
        ("G", 1_000_000_000),
        ("", 1),
    ];
    scaled(text, &units)
        .ok_or_else(|| "expected a number, with k, M or G if you like: `100M`".into())
}

/// Bytes with an optional `KiB`, `MiB` or `GiB`: `64MiB`.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    let units = [
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
        ("", 1),
    ];
    scaled(text, &units)
        .ok_or_else(|| "expected bytes, with KiB, MiB or GiB if you like: `64MiB`".into())
}

/// A time with its unit, `ms` or `s`: `200ms`.
fn duration(text: &str) -> Result<Duration, String> {
    scaled(text, &[("ms", 1), ("s", 1_000)])
        .map(Duration::from_millis)
        .ok_or_else(|| "expected a time with its unit, ms or s: `200ms`".into())
}

/// A deadline: a time that a call can be given.
pub(crate) fn deadline(text: &str) -> Result<Duration, String> {
    let wish = duration(text)?;
    if wish > DEADLINE_CEILING {
        return Err(format!("at most {}s", DEADLINE_CEILING.as_secs()));
    }
    Ok(wish)
}

fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let (_, scale) = units.iter().find(|(known, _)| *known == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        assert_eq!(count("1M"), Ok(1_000_000));
        assert_eq!(count("17"), Ok(17));
        assert_eq!(bytes("64MiB"), Ok(64 << 20));
        assert_eq!(duration("200ms"), Ok(Duration::from_millis(200)));
        assert_eq!(duration("10s"), Ok(Duration::from_secs(10)));
    }

    #[test]
    fn what_is_no_amount() {
        for text in [
            "",
            "M",
            "-1",
            "1.5G",
            "1m",
            "99999999999999999999",
            "18446744073709551615G",
        ] {
            assert!(count(text).is_err(), "{text}");
        }
        assert!(deadline("10").is_err(), "a time has a unit");
        assert!(deadline("121s").is_err() && deadline("120s").is_ok());
        assert!(bytes("64MB").is_err());
    }
}
