//! Days as they are written in a lock and in the store of trusted policies.

/// Whether a text is a day of the Gregorian calendar as RFC 3339 writes it: `2027-01-31`. Such texts compare as the
/// days do.
pub fn is_day(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shape = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shape {
        return false;
    }
    let number = |of: &[u8]| {
        of.iter()
            .fold(0, |sum: u32, digit| sum * 10 + u32::from(digit - b'0'))
    };
    let (year, month, day) = (
        number(&bytes[..4]),
        number(&bytes[5..7]),
        number(&bytes[8..]),
    );
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=last).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for day in [
            "2026-11-23",
            "2028-02-29",
            "2000-02-29",
            "0000-01-01",
            "9999-12-31",
        ] {
            assert!(is_day(day), "{day}");
        }
        for text in [
            "",
            "2026-11-2",
            "2026-11-023",
            "2026-13-01",
            "2026-00-01",
            "2026-01-00",
            "2026-04-31",
            "2027-02-29",
            "2100-02-29",
            "2026/11/23",
            "2026-1-023",
            "+026-11-23",
            "2026-11-2３",
            " 026-11-23",
            "2026-11-23T00:00:00Z",
        ] {
            assert!(!is_day(text), "{text}");
        }
    }
}
