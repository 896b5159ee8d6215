//! Dates and times as texts: the format letters of the Django template language, and those of `strftime`.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{Timestamp, ZonedDateTime};

use crate::error::Failure;
use crate::value::Value;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const AP_MONTHS: [&str; 12] =
    ["Jan.", "Feb.", "March", "April", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec."];

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A value as it is written into the output: days and times in words, everything else as its text.
pub(crate) fn localized(value: &Value) -> Result<String, Failure> {
    match value {
        Value::Date(_) => Ok(format(value, "N j, Y").unwrap_or_default()),
        Value::DateTime(_) => Ok(format(value, "N j, Y, P").unwrap_or_default()),
        Value::Time(_) => Ok(format(value, "P").unwrap_or_default()),
        other => other.to_text(),
    }
}

struct Moment {
    at: DateTime,
    offset: Option<Offset>,
    zone: String,
    timestamp: Option<Timestamp>,
}

impl Moment {
    fn of(value: &Value) -> Option<Moment> {
        let plain = |at: DateTime| Moment { at, offset: None, zone: String::new(), timestamp: None };
        Some(match value {
            Value::Date(date) => plain(date.at(0, 0, 0, 0)),
            Value::Time(time) => plain(Date::constant(1900, 1, 1).to_datetime(*time)),
            Value::DateTime(time) => Moment {
                at: time.datetime(),
                offset: Some(time.offset()),
                zone: time.strftime("%Z").to_string(),
                timestamp: Some(time.timestamp()),
            },
            _ => return None,
        })
    }

    fn letter(&self, letter: char) -> Option<String> {
        let (date, time) = (self.at.date(), self.at.time());
        let (hour12, month) = ((time.hour() + 11) % 12 + 1, usize::from(date.month().unsigned_abs()) - 1);
        let day = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
        Some(match letter {
            'd' => format!("{:02}", date.day()),
            'j' => date.day().to_string(),
            'D' => DAYS[day][..3].to_owned(),
            'l' => DAYS[day].to_owned(),
            'S' => match date.day() {
                1 | 21 | 31 => "st",
                2 | 22 => "nd",
                3 | 23 => "rd",
                _ => "th",
            }
            .to_owned(),
            'w' => ((day + 1) % 7).to_string(),
            'z' => date.day_of_year().to_string(),
            'W' => date.iso_week_date().week().to_string(),
            'o' => date.iso_week_date().year().to_string(),
            'm' => format!("{:02}", date.month()),
            'n' => date.month().to_string(),
            'M' => MONTHS[month][..3].to_owned(),
            'b' => MONTHS[month][..3].to_lowercase(),
            'F' | 'E' => MONTHS[month].to_owned(),
            'N' => AP_MONTHS[month].to_owned(),
            't' => date.days_in_month().to_string(),
            'L' => if date.in_leap_year() { "True" } else { "False" }.to_owned(),
            'y' => format!("{:02}", date.year().rem_euclid(100)),
            'Y' => format!("{:04}", date.year()),
            'a' => if time.hour() < 12 { "a.m." } else { "p.m." }.to_owned(),
            'A' => if time.hour() < 12 { "AM" } else { "PM" }.to_owned(),
            'g' => hour12.to_string(),
            'h' => format!("{hour12:02}"),
            'G' => time.hour().to_string(),
            'H' => format!("{:02}", time.hour()),
            'i' => format!("{:02}", time.minute()),
            's' => format!("{:02}", time.second()),
            'u' => format!("{:06}", time.subsec_nanosecond() / 1000),
            'f' if time.minute() == 0 => hour12.to_string(),
            'f' => format!("{hour12}:{:02}", time.minute()),
            'P' => match (time.hour(), time.minute()) {
                (0, 0) => "midnight".to_owned(),
                (12, 0) => "noon".to_owned(),
                _ => format!("{} {}", self.letter('f')?, self.letter('a')?),
            },
            'e' | 'T' => self.zone.clone(),
            'I' => String::new(),
            'O' => self.offset.map_or_else(String::new, offset_text),
            'Z' => self.offset.map_or_else(String::new, |offset| offset.seconds().to_string()),
            'U' => self.timestamp.map_or_else(String::new, |timestamp| timestamp.as_second().to_string()),
            'c' => {
                let zone = self.offset.map_or_else(String::new, |offset| {
                    let text = offset_text(offset);
                    format!("{}:{}", &text[..3], &text[3..])
                });
                format!("{}{zone}", self.at.strftime("%Y-%m-%dT%H:%M:%S"))
            }
            'r' => format!("{} {}", self.at.strftime("%a, %d %b %Y %H:%M:%S"), self.letter('O')?),
            _ => return None,
        })
    }
}

fn offset_text(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

/// A format that has a name stands for letters.
fn named(format: &str) -> &str {
    match format {
        "DATE_FORMAT" => "N j, Y",
        "DATETIME_FORMAT" => "N j, Y, P",
        "TIME_FORMAT" => "P",
        "YEAR_MONTH_FORMAT" => "F Y",
        "MONTH_DAY_FORMAT" => "F j",
        "SHORT_DATE_FORMAT" => "m/d/Y",
        "SHORT_DATETIME_FORMAT" => "m/d/Y P",
        other => other,
    }
}

/// A day or time by format letters; `None` where the value is neither.
pub(crate) fn format(value: &Value, letters: &str) -> Option<String> {
    let moment = Moment::of(value)?;
    let mut out = String::new();
    let mut chars = named(letters).chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            out.extend(chars.next());
        } else {
            match moment.letter(c) {
                Some(text) => out.push_str(&text),
                None => out.push(c),
            }
        }
    }
    Some(out)
}

/// Reads a day or a point in time from a text in ISO 8601.
pub(crate) fn parse(text: &str) -> Option<Value> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(Value::DateTime(Box::new(time.to_zoned_datetime(jiff::tz::TimeZone::UTC))));
    }
    if text.len() > 10
        && let Ok(time) = text.replacen(' ', "T", 1).parse::<DateTime>()
    {
        return time.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok().map(|time| Value::DateTime(Box::new(time)));
    }
    text.parse::<Date>().ok().map(Value::Date)
}

/// The day of a value.
pub(crate) fn day(value: &Value) -> Option<Date> {
    match value {
        Value::Date(date) => Some(*date),
        Value::DateTime(time) => Some(time.date()),
        Value::Text(text) => match parse(&text.value)? {
            Value::Text(_) => None,
            other => day(&other),
        },
        _ => None,
    }
}

/// The point in time of a value; a day begins at midnight in the zone of `near`.
pub(crate) fn point(value: &Value, near: &ZonedDateTime) -> Option<ZonedDateTime> {
    match value {
        Value::DateTime(time) => Some((**time).clone()),
        Value::Date(date) => date.to_datetime(Time::midnight()).to_zoned_datetime(near.time_zone().clone()).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_those_of_the_template_language() {
        let time: ZonedDateTime = "2026-03-09T14:05:09+00:00[UTC]".parse().unwrap();
        let value = Value::DateTime(Box::new(time));
        let formatted = |letters: &str| format(&value, letters).unwrap();
        assert_eq!(formatted("Y-m-d H:i:s"), "2026-03-09 14:05:09");
        assert_eq!(formatted("D, jS F y"), "Mon, 9th March 26");
        assert_eq!(formatted("N j, Y, P"), "March 9, 2026, 2:05 p.m.");
        assert_eq!(formatted("c"), "2026-03-09T14:05:09+00:00");
        assert_eq!(formatted("\\Y z W t L"), "Y 68 11 31 False");
        assert_eq!(localized(&Value::Date(Date::constant(2026, 9, 1))).unwrap(), "Sept. 1, 2026");
    }
}
