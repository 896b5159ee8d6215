//! Filters that choose between values.

use super::FilterContext;
use crate::error::Failure;
use crate::value::Value;

pub(super) fn default(value: &Value, argument: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    Ok(if value.truth()? { value.clone() } else { argument.cloned().unwrap_or("".into()) })
}

pub(super) fn default_if_none(
    value: &Value,
    argument: Option<&Value>,
    _: &FilterContext<'_>,
) -> Result<Value, Failure> {
    Ok(if value.is_none() { argument.cloned().unwrap_or("".into()) } else { value.clone() })
}

/// `yesno:"yes,no,maybe"`
pub(super) fn yes_no(value: &Value, argument: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    let words = argument.map_or(Ok("yes,no,maybe".to_owned()), Value::to_text)?;
    let words: Vec<&str> = words.split(',').collect();
    let (yes, no) = match words.as_slice() {
        [yes, no, ..] => (*yes, *no),
        _ => return Ok(value.clone()),
    };
    Ok(Value::text(if value.is_none() {
        words.get(2).copied().unwrap_or(no)
    } else if value.truth()? {
        yes
    } else {
        no
    }))
}

/// `pluralize`, `pluralize:"es"`, `pluralize:"y,ies"`
pub(super) fn pluralize(value: &Value, argument: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    let endings = argument.map_or(Ok("s".to_owned()), Value::to_text)?;
    let (singular, plural) = endings.split_once(',').unwrap_or(("", &endings));
    let one = match value.as_number() {
        Some(number) => number == 1.into(),
        None => value.elements()?.is_some_and(|list| list.len() == 1),
    };
    Ok(Value::text(if one { singular } else { plural }))
}
