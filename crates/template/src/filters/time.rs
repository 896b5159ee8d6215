//! Filters on days and times.

use jiff::tz::TimeZone;
use jiff::{ToSpan, ZonedDateTime};

use super::FilterContext;
use crate::date;
use crate::error::Failure;
use crate::value::Value;

fn formatted(value: &Value, argument: Option<&Value>, usual: &str) -> Result<Value, Failure> {
    let letters = argument.map_or(Ok(usual.to_owned()), Value::to_text)?;
    Ok(Value::text(date::format(value, &letters).unwrap_or_default()))
}

pub(super) fn date(value: &Value, argument: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    formatted(value, argument, "DATE_FORMAT")
}

pub(super) fn time(value: &Value, argument: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    formatted(value, argument, "TIME_FORMAT")
}

/// The time between two points in its two largest units, such as `4 days, 6 hours`.
fn between(from: &ZonedDateTime, to: &ZonedDateTime) -> String {
    let seconds = (to.timestamp().as_second() - from.timestamp().as_second()).max(0);
    let units = [
        ("year", 31_536_000),
        ("month", 2_592_000),
        ("week", 604_800),
        ("day", 86_400),
        ("hour", 3600),
        ("minute", 60),
    ];
    let mut rest = seconds;
    let mut parts: Vec<(usize, String)> = Vec::new();
    for (place, (name, length)) in units.iter().enumerate() {
        let count = rest / length;
        rest %= length;
        let adjacent = parts.last().is_none_or(|(last, _)| last + 1 == place);
        if count > 0 && parts.len() < 2 && adjacent {
            parts.push((place, format!("{count}\u{a0}{name}{}", if count == 1 { "" } else { "s" })));
        }
    }
    if parts.is_empty() {
        return "0\u{a0}minutes".to_owned();
    }
    parts.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(", ")
}

pub(super) fn since(value: &Value, argument: Option<&Value>, context: &FilterContext<'_>) -> Result<Value, Failure> {
    let now = argument.and_then(|argument| date::point(argument, context.now)).unwrap_or_else(|| context.now.clone());
    Ok(Value::text(date::point(value, context.now).map_or_else(String::new, |from| between(&from, &now))))
}

pub(super) fn until(value: &Value, argument: Option<&Value>, context: &FilterContext<'_>) -> Result<Value, Failure> {
    let now = argument.and_then(|argument| date::point(argument, context.now)).unwrap_or_else(|| context.now.clone());
    Ok(Value::text(date::point(value, context.now).map_or_else(String::new, |to| between(&now, &to))))
}

pub(super) fn natural_day(
    value: &Value,
    argument: Option<&Value>,
    context: &FilterContext<'_>,
) -> Result<Value, Failure> {
    let Some(day) = date::day(value) else { return Ok(value.clone()) };
    let today = context.now.date();
    let near = [(0, "today"), (1, "tomorrow"), (-1, "yesterday")];
    for (days, name) in near {
        if today.checked_add(days.days()).is_ok_and(|other| other == day) {
            return Ok(name.into());
        }
    }
    formatted(&Value::Date(day), argument, "DATE_FORMAT")
}

pub(super) fn natural_time(value: &Value, _: Option<&Value>, context: &FilterContext<'_>) -> Result<Value, Failure> {
    let Some(point) = date::point(value, context.now) else { return Ok(value.clone()) };
    let seconds = context.now.timestamp().as_second() - point.timestamp().as_second();
    let count = seconds.unsigned_abs();
    let (number, unit) = match count {
        0 => return Ok("now".into()),
        1..60 => (count, "second"),
        60..3600 => (count / 60, "minute"),
        3600..86_400 => (count / 3600, "hour"),
        _ => {
            let text = if seconds > 0 { between(&point, context.now) } else { between(context.now, &point) };
            return Ok(Value::text(if seconds > 0 { format!("{text} ago") } else { format!("{text} from now") }));
        }
    };
    let article = if unit == "hour" { "an" } else { "a" };
    let text = if number == 1 { format!("{article} {unit}") } else { format!("{number} {unit}s") };
    Ok(Value::text(if seconds > 0 { format!("{text} ago") } else { format!("{text} from now") }))
}

pub(super) fn utc(value: &Value, _: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    Ok(match value {
        Value::DateTime(time) => Value::DateTime(Box::new(time.with_time_zone(TimeZone::UTC))),
        other => other.clone(),
    })
}

pub(super) fn timezone(value: &Value, argument: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    let (Value::DateTime(time), Some(name)) = (value, argument) else { return Ok(value.clone()) };
    let name = name.to_text()?;
    let zone = TimeZone::get(&name).map_err(|_| Failure::new(format!("Unknown time zone \"{name}\".")))?;
    Ok(Value::DateTime(Box::new(time.with_time_zone(zone))))
}
