//! Filters on numbers.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::FilterContext;
use crate::error::Failure;
use crate::value::{Value, parse_number};

/// A number with so many decimal places, rounded half away from zero.
pub(crate) fn fixed(number: Decimal, places: u32) -> String {
    let mut number = number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    number.rescale(places.min(28));
    if number.is_zero() {
        number.set_sign_positive(true);
    }
    number.to_string()
}

/// Puts commas between groups of three digits.
pub(crate) fn grouped(number: &str, separator: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, rest) = digits.find('.').map_or((digits, ""), |at| digits.split_at(at));
    let mut out = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            out.push_str(separator);
        }
        out.push(digit);
    }
    format!("{sign}{out}{rest}")
}

pub(super) fn add(value: &Value, argument: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    let Some(argument) = argument else { return Ok(value.clone()) };
    if let (Some(a), Some(b)) = (value.as_int(), argument.as_int())
        && let Some(sum) = a.checked_add(b)
    {
        return Ok(Value::Int(sum));
    }
    Ok(match (value, argument) {
        (Value::Text(a), Value::Text(b)) => {
            let text = format!("{}{}", a.value, b.value);
            if a.safe && b.safe { Value::safe(text) } else { Value::text(text) }
        }
        (Value::List(a), Value::List(b)) => Value::from(a.iter().chain(b.iter()).cloned().collect::<Vec<_>>()),
        _ => match (value.as_number(), argument.as_number()) {
            (Some(a), Some(b)) => a.checked_add(b).map_or("".into(), Value::Decimal),
            _ => "".into(),
        },
    })
}

/// `floatformat:"2"`, `:"-2"` (no zeros after a whole number), `:"2g"` (groups), `:"2u"` (as it is).
pub(super) fn float_format(value: &Value, argument: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    let Some(number) = value.as_number() else { return Ok("".into()) };
    let argument = argument.map_or(Ok("-1".to_owned()), Value::to_text)?;
    let group = argument.contains('g');
    let Ok(places) = argument.trim_end_matches(['g', 'u']).parse::<i32>() else {
        return Ok(Value::text(value.to_text()?));
    };
    if places.unsigned_abs() > 28 {
        return Ok(Value::text(value.to_text()?));
    }
    let text =
        if places < 0 && number.fract().is_zero() { fixed(number, 0) } else { fixed(number, places.unsigned_abs()) };
    Ok(Value::safe(if group { grouped(&text, ",") } else { text }))
}

pub(super) fn get_digit(value: &Value, argument: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    let (Some(number), Some(place)) = (value.as_int(), argument.and_then(Value::as_int)) else {
        return Ok(value.clone());
    };
    if place < 1 {
        return Ok(Value::Int(number));
    }
    let digits = number.to_string();
    let digit = usize::try_from(place).ok().and_then(|place| digits.bytes().rev().nth(place - 1));
    Ok(Value::Int(digit.filter(u8::is_ascii_digit).map_or(0, |digit| i64::from(digit - b'0'))))
}

pub(super) fn divisible_by(value: &Value, argument: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    let (Some(number), Some(by)) = (value.as_int(), argument.and_then(Value::as_int)) else {
        return Err(Failure::new("Both values must be whole numbers."));
    };
    number.checked_rem(by).map(|rest| Value::Bool(rest == 0)).ok_or_else(|| Failure::new("Cannot divide by zero."))
}

pub(super) fn file_size(value: &Value, _: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    let Some(bytes) = value.as_int() else { return Ok("0 bytes".into()) };
    let units = ["KB", "MB", "GB", "TB", "PB"];
    let size = bytes.unsigned_abs();
    let sign = if bytes < 0 { "-" } else { "" };
    if size < 1024 {
        return Ok(Value::text(format!("{bytes}\u{a0}{}", if bytes == 1 { "byte" } else { "bytes" })));
    }
    let power = (size.ilog2() / 10).min(5);
    let number = Decimal::from(size) / Decimal::from(1u64 << (10 * power));
    Ok(Value::text(format!("{sign}{}\u{a0}{}", fixed(number, 1), units[power as usize - 1])))
}

pub(super) fn int_comma(value: &Value, _: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    let text = value.to_text()?;
    Ok(Value::text(if parse_number(&text).is_some() { grouped(&text, ",") } else { text }))
}

pub(super) fn int_word(value: &Value, _: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    let Some(number) = value.as_int() else { return Ok(value.clone()) };
    let names = ["million", "billion", "trillion", "quadrillion", "quintillion"];
    let power = (number.unsigned_abs().max(1).ilog10() / 3) as usize;
    if power < 2 {
        return Ok(value.clone());
    }
    let power = power.min(6);
    let unit = Decimal::from(10u64.pow(u32::try_from(power * 3).unwrap_or(18)));
    Ok(Value::text(format!("{} {}", fixed(Decimal::from(number) / unit, 1), names[power - 2])))
}

pub(super) fn ordinal(value: &Value, _: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    let Some(number) = value.as_int() else { return Ok(value.clone()) };
    let suffix = match (number.unsigned_abs() % 100, number.unsigned_abs() % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    Ok(Value::text(format!("{number}{suffix}")))
}

pub(super) fn ap_number(value: &Value, _: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    let names = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let place = value.as_number().and_then(|number| number.to_usize());
    Ok(match place.and_then(|number| names.get(number.wrapping_sub(1))) {
        Some(name) => (*name).into(),
        None => value.clone(),
    })
}
