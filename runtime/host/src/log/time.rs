//! Times as RFC 3339 writes them, in UTC.

use std::time::Duration;

/// `2026-11-23T09:08:07.006Z`, of the time since 1970.
pub(super) fn rfc3339(since: Duration) -> String {
    let seconds = since.as_secs();
    let (year, month, day) = civil(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let ms = since.subsec_millis();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

/// Year, month and day of a day counted from 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn civil(days: u64) -> (u64, u64, u64) {
    let z = days + 719_468;
    let era = z / 146_097;
    let of_era = z % 146_097;
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    (year + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        for (seconds, time) in [
            (0, "1970-01-01T00:00:00.006Z"),
            (951_782_399, "2000-02-28T23:59:59.006Z"),
            (951_782_400, "2000-02-29T00:00:00.006Z"),
            (1_795_424_887, "2026-11-23T09:08:07.006Z"),
            (1_798_761_600, "2027-01-01T00:00:00.006Z"),
        ] {
            let since = Duration::from_secs(seconds) + Duration::from_millis(6);
            assert_eq!(rfc3339(since), time);
        }
    }
}
