//! Filters on lists and maps.

use std::cmp::Ordering;
use std::rc::Rc;

use super::FilterContext;
use crate::error::Failure;
use crate::html::escape;
use crate::value::{Text, Value};

fn elements(value: &Value) -> Result<Rc<Vec<Value>>, Failure> {
    value.elements()?.ok_or_else(|| Failure::new("The value is not a list."))
}

pub(super) fn make(value: &Value) -> Result<Value, Failure> {
    let text = Value::text(value.to_text()?);
    Ok(Value::List(text.elements()?.unwrap_or_default()))
}

pub(super) fn length(value: &Value) -> Result<Value, Failure> {
    let length = match value {
        Value::Text(text) => text.value.chars().count(),
        other => other.elements()?.map_or(0, |list| list.len()),
    };
    Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

pub(super) fn length_is(value: &Value, argument: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    Ok(Value::Bool(length(value)?.as_int() == argument.and_then(Value::as_int)))
}

/// Follows a path of names separated by points.
fn by_path(value: &Value, path: &str) -> Result<Value, Failure> {
    let mut value = value.clone();
    for name in path.split('.') {
        match value.lookup(name)? {
            Some(next) => value = next,
            None => return Ok(Value::None),
        }
    }
    Ok(value)
}

pub(super) fn sort(value: &Value, argument: Option<&Value>, reversed: bool) -> Result<Value, Failure> {
    let Some(argument) = argument else { return Err(Failure::new("Specify the attribute to sort by.")) };
    let path = argument.to_text()?;
    let mut keyed = Vec::new();
    for element in elements(value)?.iter() {
        keyed.push((by_path(element, &path)?, element.clone()));
    }
    keyed.sort_by(|(a, _), (b, _)| {
        let order = a.compare(b).unwrap_or_else(|| match (a.is_none(), b.is_none()) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            _ => Ordering::Equal,
        });
        if reversed { order.reverse() } else { order }
    });
    Ok(Value::from(keyed.into_iter().map(|(_, element)| element).collect::<Vec<_>>()))
}

pub(super) fn random(value: &Value, _: Option<&Value>, context: &FilterContext<'_>) -> Result<Value, Failure> {
    let list = elements(value)?;
    let nanoseconds = usize::try_from(context.now.subsec_nanosecond()).unwrap_or(0);
    Ok(list.get(nanoseconds.checked_rem(list.len()).unwrap_or(0)).cloned().unwrap_or("".into()))
}

pub(super) fn join(value: &Value, argument: Option<&Value>, context: &FilterContext<'_>) -> Result<Value, Failure> {
    let Some(list) = value.elements()? else { return Ok(value.clone()) };
    let write = |value: &Value| -> Result<String, Failure> {
        Ok(match value {
            Value::Text(Text { value, safe: true }) => value.to_string(),
            other if context.escape => escape(&other.to_text()?),
            other => other.to_text()?,
        })
    };
    let separator = argument.map_or(Ok(String::new()), write)?;
    let texts: Result<Vec<String>, Failure> = list.iter().map(write).collect();
    Ok(Value::safe(texts?.join(&separator)))
}

/// A slice as Python writes it: `"2:5"`, `":-1"`, `"::2"`. One that cannot be read changes nothing.
pub(super) fn slice(value: &Value, argument: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    let Some(list) = value.elements()? else { return Ok(value.clone()) };
    let text = argument.map_or(Ok(String::new()), Value::to_text)?;
    let mut bounds = [None; 3];
    let pieces: Vec<&str> = text.split(':').collect();
    if pieces.len() > 3 {
        return Ok(value.clone());
    }
    for (bound, piece) in bounds.iter_mut().zip(&pieces) {
        if !piece.trim().is_empty() {
            let Ok(number) = piece.trim().parse::<i64>() else { return Ok(value.clone()) };
            *bound = Some(number);
        }
    }
    if pieces.len() == 1 {
        // a single number is the end
        bounds = [None, bounds[0], None];
    }
    let picked: Vec<Value> = places(list.len(), bounds).into_iter().map(|place| list[place].clone()).collect();
    if let Value::Text(original) = value {
        let mut text = String::new();
        for piece in &picked {
            text.push_str(&piece.to_text()?);
        }
        return Ok(if original.safe { Value::safe(text) } else { Value::text(text) });
    }
    Ok(Value::from(picked))
}

/// The places of a list that a slice takes.
fn places(length: usize, [start, end, step]: [Option<i64>; 3]) -> Vec<usize> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let step = step.unwrap_or(1);
    let bound = |bound: i64, low: i64, high: i64| if bound < 0 { bound + length } else { bound }.clamp(low, high);
    let mut places = Vec::new();
    if step > 0 {
        let mut at = start.map_or(0, |start| bound(start, 0, length));
        let end = end.map_or(length, |end| bound(end, 0, length));
        while at < end {
            places.push(at);
            at = at.saturating_add(step);
        }
    } else if step < 0 {
        let mut at = start.map_or(length - 1, |start| bound(start, -1, length - 1));
        let end = end.map_or(-1, |end| bound(end, -1, length - 1));
        while at > end {
            places.push(at);
            at = at.saturating_add(step);
        }
    }
    places.into_iter().filter_map(|place| usize::try_from(place).ok()).collect()
}

pub(super) fn key_value(value: &Value, argument: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    match argument {
        Some(name) => Ok(value.lookup(&name.to_text()?)?.unwrap_or_default()),
        None => Ok(Value::None),
    }
}
