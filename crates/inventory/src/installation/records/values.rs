//! Converts values between the records format and the database.

use ironwood_base::decimal::{self, DecimalError, Excess};
use ironwood_base::{Error, clock};
use ironwood_rest::table::{Column, ColumnType, Default, Table};
use ironwood_store::{Value, ValueRef};
use serde_json::Value as Json;

/// Between the parts of a natural key that has several.
const JOINT: &str = "\u{1}";

/// The stored form of what a record says, for every kind but links. The error is a reason in a few
/// words.
pub(super) fn stored(column: &Column, given: Json) -> Result<Value, String> {
    match column.kind {
        ColumnType::Int { min, max } => {
            let number = integer(&given)?;
            if number < min || number > max {
                return Err(format!("{number} is out of range"));
            }
            Ok(Value::Int(number))
        }
        ColumnType::Bool => match given {
            Json::Bool(value) => Ok(Value::Bool(value)),
            Json::Number(n) if n.as_i64() == Some(0) => Ok(Value::Bool(false)),
            Json::Number(n) if n.as_i64() == Some(1) => Ok(Value::Bool(true)),
            other => Err(wrong(&other, "true or false")),
        },
        ColumnType::Text | ColumnType::Url | ColumnType::Email | ColumnType::File | ColumnType::Image => match given {
            Json::String(value) => checked_text(column, value).map(Value::Text),
            other => Err(wrong(&other, "a string")),
        },
        ColumnType::Decimal { places, digits } => {
            let text = match &given {
                Json::String(text) => text.clone(),
                Json::Number(number) => number.to_string(),
                other => return Err(wrong(other, "a decimal number")),
            };
            let value = decimal::parse(&text, places, Excess::Refuse).map_err(|error| match error {
                DecimalError::Malformed => format!("{} is not a decimal number", short(&text)),
                DecimalError::TooPrecise => format!("{} has more than {places} decimal places", short(&text)),
                DecimalError::OutOfRange => format!("{} is out of range", short(&text)),
            })?;
            if digits < 19 && value.unsigned_abs() >= decimal::scale(digits).unsigned_abs() {
                return Err(format!("{} is out of range: it has more than {digits} digits", short(&text)));
            }
            Ok(Value::Int(value))
        }
        ColumnType::Real => {
            let number = match &given {
                Json::Number(number) => number.to_string().parse::<f64>().ok(),
                Json::String(text) => text.trim().parse::<f64>().ok(),
                other => return Err(wrong(other, "a number")),
            };
            match number {
                Some(number) if number.is_finite() => Ok(Value::Real(number)),
                _ => Err(format!("{} is not a finite number", short(&given.to_string()))),
            }
        }
        ColumnType::Date | ColumnType::Time => {
            let day = matches!(column.kind, ColumnType::Date);
            let Json::String(text) = &given else {
                return Err(wrong(&given, if day { "a date" } else { "a date and time" }));
            };
            let read = if day { clock::parse_date(text) } else { clock::parse_time(text) };
            let what = if day { "date (YYYY-MM-DD)" } else { "date and time (ISO 8601)" };
            read.map(Value::Text).ok_or_else(|| format!("{} is not a {what}", short(text)))
        }
        ColumnType::Json => Ok(Value::Text(given.to_string())),
        ColumnType::Model => {
            let name = match &given {
                Json::Array(parts) => match parts.as_slice() {
                    [Json::String(app), Json::String(model)] => format!("{app}.{model}"),
                    _ => return Err(wrong(&given, "a model, [\"app\", \"model\"]")),
                },
                Json::String(name) if name.matches('.').count() == 1 => name.clone(),
                other => return Err(wrong(other, "a model, [\"app\", \"model\"]")),
            };
            checked_text(column, name).map(Value::Text)
        }
        ColumnType::Link(..) | ColumnType::Many { .. } => Err("a relation cannot be given as a plain value".into()),
    }
}

/// What a column holds where the record does not name it. `now` is the moment of the import.
pub(super) fn missing(column: &Column, now: &str) -> Result<Value, String> {
    match column.default {
        Default::Int(value) => Ok(match column.kind {
            ColumnType::Decimal { places, .. } => Value::Int(value.saturating_mul(decimal::scale(places))),
            ColumnType::Real => Value::Real(value as f64),
            _ => Value::Int(value),
        }),
        Default::Bool(value) => Ok(Value::Bool(value)),
        Default::Text(value) => match column.kind {
            ColumnType::Decimal { places, .. } => {
                decimal::parse(value, places, Excess::Refuse).map(Value::Int).map_err(|error| error.to_string())
            }
            _ => Ok(Value::Text(value.to_owned())),
        },
        _ if column.null => Ok(Value::Null),
        Default::Now | Default::Changed => {
            Ok(Value::Text(if matches!(column.kind, ColumnType::Date) { now[..10].to_owned() } else { now.to_owned() }))
        }
        Default::None => Err("required, but missing".into()),
    }
}

/// A key of a row; whole and positive.
pub(super) fn key(given: &Json) -> Result<i64, String> {
    let number = match given {
        Json::Number(_) => integer(given)?,
        other => return Err(wrong(other, "a key")),
    };
    // keys that are given out later count on from the largest
    if !(0..1 << 62).contains(&number) {
        return Err(format!("{number} is out of range"));
    }
    Ok(number)
}

fn integer(given: &Json) -> Result<i64, String> {
    let text = match given {
        Json::Number(number) => match number.as_i64() {
            Some(value) => return Ok(value),
            None => number.to_string(),
        },
        Json::String(text) => text.clone(),
        other => return Err(wrong(other, "a whole number")),
    };
    decimal::parse(&text, 0, Excess::Refuse).map_err(|error| match error {
        DecimalError::OutOfRange => format!("{} is out of range", short(&text)),
        _ => format!("{} is not a whole number", short(&text)),
    })
}

fn checked_text(column: &Column, value: String) -> Result<String, String> {
    if value.contains('\0') {
        return Err("the text contains a null character".into());
    }
    // bytes are never fewer than characters
    if column.max > 0 && value.len() > column.max as usize {
        let count = value.chars().count();
        if count > column.max as usize {
            return Err(format!("{count} characters; at most {} are allowed", column.max));
        }
    }
    Ok(value)
}

/// "a list, not a text"
pub(super) fn wrong(given: &Json, wanted: &str) -> String {
    let found = match given {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    };
    format!("found {found}, expected {wanted}")
}

/// A text for a message: in quotation marks, on one line, not long.
pub(super) fn short(text: &str) -> String {
    let mut cut: String = text.chars().take(60).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    Json::String(cut).to_string()
}

/// A natural key as one text, for comparison.
pub(super) fn natural_key(parts: &[Json]) -> Option<String> {
    let mut key = String::new();
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            key.push_str(JOINT);
        }
        match part {
            Json::String(text) => key.push_str(text),
            Json::Number(number) => key.push_str(&number.to_string()),
            _ => return None,
        }
    }
    Some(key)
}

/// The natural key of a row from the values of its columns.
pub(super) fn natural_key_of<'a>(parts: impl Iterator<Item = ValueRef<'a>>) -> String {
    let mut key = String::new();
    for (i, part) in parts.enumerate() {
        if i > 0 {
            key.push_str(JOINT);
        }
        match part {
            ValueRef::Text(text) => key.push_str(text),
            ValueRef::Int(number) => key.push_str(&number.to_string()),
            _ => {}
        }
    }
    key
}

/// A natural key as it stands in messages.
pub(super) fn show_natural(key: &str) -> String {
    let parts: Vec<String> = key.split(JOINT).map(short).collect();
    format!("[{}]", parts.join(", "))
}

/// Writes what a column holds as JSON. Links are written by the caller.
pub(super) fn write(out: &mut Vec<u8>, column: &Column, table: &Table, value: ValueRef<'_>) -> Result<(), Error> {
    let bad = || Error::Internal(format!("column {} of {} has a value of another type", column.name, table.name));
    if value.is_null() {
        out.extend_from_slice(b"null");
        return Ok(());
    }
    match column.kind {
        ColumnType::Int { .. } => number(out, value.as_int().ok_or_else(bad)?),
        ColumnType::Bool => {
            out.extend_from_slice(if value.as_bool().ok_or_else(bad)? { b"true" } else { b"false" });
        }
        ColumnType::Decimal { places, .. } => {
            out.push(b'"');
            decimal::write(out, value.as_int().ok_or_else(bad)?, places);
            out.push(b'"');
        }
        ColumnType::Real => match value {
            ValueRef::Real(real) => text_of(out, &real),
            ValueRef::Int(whole) => text_of(out, &(whole as f64)),
            _ => return Err(bad()),
        },
        ColumnType::Json => out.extend_from_slice(value.as_text().ok_or_else(bad)?.as_bytes()),
        ColumnType::Time => {
            let text = value.as_text().ok_or_else(bad)?;
            match text.strip_suffix(".000Z") {
                Some(seconds) => {
                    text_of(out, seconds);
                    out.pop();
                    out.extend_from_slice(b"Z\"");
                }
                None => text_of(out, text),
            }
        }
        ColumnType::Model => {
            let text = value.as_text().ok_or_else(bad)?;
            let (app, model) = text.split_once('.').ok_or_else(bad)?;
            text_of(out, &[app, model]);
        }
        ColumnType::Text
        | ColumnType::Url
        | ColumnType::Email
        | ColumnType::File
        | ColumnType::Image
        | ColumnType::Date => {
            text_of(out, value.as_text().ok_or_else(bad)?);
        }
        ColumnType::Link(..) | ColumnType::Many { .. } => return Err(bad()),
    }
    Ok(())
}

/// Anything as JSON; writing to memory does not fail.
pub(super) fn text_of<T: serde::Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    let _ = serde_json::to_writer(out, value);
}

/// A whole number.
pub(super) fn number(out: &mut Vec<u8>, value: i64) {
    use std::io::Write as _;
    let _ = write!(out, "{value}");
}

#[cfg(test)]
mod tests {
    use ironwood_rest::table::{self, Table};

    use super::*;

    static T: Table = Table::new("t", "a.t");

    fn back(column: &Column, given: Json) -> String {
        let value = stored(column, given).unwrap();
        let mut out = Vec::new();
        write(&mut out, column, &T, value.borrow()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_come_back_as_they_went_in() {
        let json = |text: &str| serde_json::from_str::<Json>(text).unwrap();
        for (column, text) in [
            (table::int("x"), "-7"),
            (table::flag("x", false), "true"),
            (table::text("x", 3), "\"äöü\""),
            (table::decimal("x", 15, 5), "\"10.00000\""),
            (table::decimal("x", 18, 10), "\"0.3048000000\""),
            (table::real("x"), "50.0"),
            (table::real("x"), "1e-7"),
            (table::date("x"), "\"2023-02-21\""),
            (table::time("x"), "\"2023-02-21T11:25:36Z\""),
            (table::time("x"), "\"2023-02-21T11:25:36.071Z\""),
            (table::json("x"), "{\"b\":1.50,\"a\":[12345678901234567890]}"),
            (table::model("x"), "[\"part\",\"part\"]"),
        ] {
            assert_eq!(back(&column, json(text)), text);
        }
        assert_eq!(back(&table::decimal("x", 15, 5), json("1.10")), "\"1.10000\"");
        assert_eq!(back(&table::int("x"), json("75.0")), "75");
        assert_eq!(back(&table::model("x"), json("\"part.part\"")), "[\"part\",\"part\"]");
    }

    #[test]
    fn values_of_another_kind_are_refused_with_the_reason() {
        let json = |text: &str| serde_json::from_str::<Json>(text).unwrap();
        for (column, text, reason) in [
            (table::natural("x"), "-1", "-1 is out of range"),
            (table::int("x"), "9223372036854775808", "\"9223372036854775808\" is out of range"),
            (table::int("x"), "1.5", "\"1.5\" is not a whole number"),
            (table::int("x"), "true", "found true or false, expected a whole number"),
            (table::flag("x", false), "\"yes\"", "found a string, expected true or false"),
            (table::text("x", 3), "\"abcd\"", "4 characters; at most 3 are allowed"),
            (table::text("x", 3), "5", "found a number, expected a string"),
            (table::text("x", 3), "\"a\\u0000\"", "the text contains a null character"),
            (table::decimal("x", 15, 5), "\"1.000001\"", "\"1.000001\" has more than 5 decimal places"),
            (table::decimal("x", 7, 5), "100", "\"100\" is out of range: it has more than 7 digits"),
            (table::decimal("x", 19, 5), "1e300", "\"1e+300\" is out of range"),
            (table::decimal("x", 19, 5), "\"NaN\"", "\"NaN\" is not a decimal number"),
            (table::real("x"), "1e999", "\"1e+999\" is not a finite number"),
            (table::date("x"), "\"2023-02-30\"", "\"2023-02-30\" is not a date (YYYY-MM-DD)"),
            (table::time("x"), "12", "found a number, expected a date and time"),
            (table::model("x"), "[\"part\"]", "found a list, expected a model, [\"app\", \"model\"]"),
        ] {
            assert_eq!(stored(&column, json(text)), Err(reason.to_owned()));
        }
    }

    #[test]
    fn a_missing_value_is_the_default_or_null_or_refused() {
        let now = "2026-11-24T10:00:00.000Z";
        assert_eq!(missing(&table::decimal("x", 15, 5).default(Default::Int(1)), now), Ok(Value::Int(100_000)));
        assert_eq!(missing(&table::date("x").default(Default::Now), now), Ok(Value::Text("2026-11-24".into())));
        assert_eq!(missing(&table::text("x", 9).null(), now), Ok(Value::Null));
        assert!(missing(&table::text("x", 9), now).is_err());
    }
}
