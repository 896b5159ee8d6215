//! Dates and times as the database keeps them: text in UTC, of fixed width, so that order as text
//! is order in time.
//!
//! A date is `2026-11-24`; a point in time is `2026-11-24T09:05:00.123Z`, milliseconds always given.

use std::ops::RangeInclusive;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

/// The years that dates and times may lie in: those of four digits, which other programs can read, too.
pub const YEARS: RangeInclusive<i16> = 1..=9999;

/// The present moment in the stored form.
pub fn now() -> String {
    stored(Timestamp::now())
}

/// Today's date (UTC) in the stored form.
pub fn today() -> String {
    TimeZone::UTC.to_datetime(Timestamp::now()).date().to_string()
}

/// The date that lies `days` after today (before it, where negative).
pub fn days_from_today(days: i64) -> String {
    stored(
        Timestamp::now()
            .saturating_add(SignedDuration::from_hours(24 * days.clamp(-400_000, 400_000)))
            .unwrap_or_default(),
    )[..10]
        .to_owned()
}

/// The moment that lies `seconds` after now (before it, where negative), in the stored form.
pub fn seconds_from_now(seconds: i64) -> String {
    let span = SignedDuration::from_secs(seconds.clamp(-10_000_000_000, 10_000_000_000));
    stored(Timestamp::now().saturating_add(span).unwrap_or_default())
}

/// A moment in the stored form.
pub fn stored(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// Seconds from a stored moment until now; `None` for what is no moment.
pub fn seconds_since(stored: &str) -> Option<i64> {
    let at: Timestamp = stored.parse().ok()?;
    Some(Timestamp::now().as_second() - at.as_second())
}

/// Reads a date (`2026-11-24`; a longer ISO text is cut to its date) into the stored form.
pub fn parse_date(text: &str) -> Option<String> {
    let text = text.trim();
    let date: Date = text.get(..10).unwrap_or(text).parse().ok()?;
    let written = if YEARS.contains(&date.year()) { date.to_string() } else { return None };
    (text.len() == 10 || parse_time(text).is_some()).then_some(written)
}

/// Reads an ISO 8601 moment (with an offset or `Z`; without either it is taken as UTC; a date alone
/// is its midnight) into the stored form. Microseconds beyond milliseconds are cut.
pub fn parse_time(text: &str) -> Option<String> {
    let text = text.trim();
    let at = match text.parse::<Timestamp>() {
        Ok(at) => at,
        Err(_) => TimeZone::UTC.to_timestamp(text.parse::<jiff::civil::DateTime>().ok()?).ok()?,
    };
    // in UTC: an offset can lead into another year
    YEARS.contains(&TimeZone::UTC.to_datetime(at).year()).then(|| stored(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_kept_in_one_form() {
        assert_eq!(parse_time("2023-02-21T11:25:36.071Z").as_deref(), Some("2023-02-21T11:25:36.071Z"));
        assert_eq!(parse_time("2023-02-21T11:25:36+02:00").as_deref(), Some("2023-02-21T09:25:36.000Z"));
        assert_eq!(parse_time("2023-02-21 11:25").as_deref(), Some("2023-02-21T11:25:00.000Z"));
        assert_eq!(parse_time("2023-02-21").as_deref(), Some("2023-02-21T00:00:00.000Z"));
        assert_eq!(parse_time("yesterday"), None);
        assert_eq!(parse_date("2023-02-21").as_deref(), Some("2023-02-21"));
        assert_eq!(parse_date("2023-02-30"), None);
        assert_eq!(parse_date("2023-02-21x"), None);
    }

    #[test]
    fn years_have_four_digits_and_begin_with_one() {
        for day in ["0001-01-01", "9999-12-31"] {
            assert_eq!(parse_date(day).as_deref(), Some(day));
        }
        assert!(parse_time("0001-01-01").is_some() && parse_time("9999-12-30").is_some());
        for odd in [
            "0000-01-01",
            "0000-12-31T23:59:59Z",
            "0001-01-01T00:00:00+05:00",
            "9999-12-31T23:59:59-01:00",
            "-000001-01-01",
            "-009999-01-02T00:00:00Z",
            "10000-01-01",
            "+010000-01-01",
        ] {
            assert_eq!((parse_date(odd), parse_time(odd)), (None, None), "{odd}");
        }
    }
}
