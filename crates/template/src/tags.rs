//! Tags that are functions and need no database: arithmetic, texts, lists, dates, and numbers.
//!
//! Their names and arguments are those of InvenTree's template libraries `report` and `inventree_extras`.

use std::rc::Rc;

use rust_decimal::Decimal;

use crate::date;
use crate::engine::{Call, Engine};
use crate::error::Failure;
use crate::filters::text::title_case;
use crate::html::{escape, strip_tags};
use crate::locale;
use crate::value::{Value, parse_number};

type Function = fn(&Call<'_>) -> Result<Value, Failure>;

static TAGS: &[(&str, Function)] = &[
    ("define", |call| Ok(call.required(0, "value")?.clone())),
    ("to_list", |call| Ok(Value::from(call.arguments.clone()))),
    ("str2bool", str2bool),
    ("decimal", |call| decimal(call.required(0, "x")?)),
    ("render_date", render_date),
    ("getindex", get_index),
    ("getkey", get_key),
    ("add", |call| arithmetic(call, Decimal::checked_add)),
    ("subtract", |call| arithmetic(call, Decimal::checked_sub)),
    ("multiply", |call| arithmetic(call, Decimal::checked_mul)),
    ("divide", |call| arithmetic(call, Decimal::checked_div)),
    ("modulo", |call| arithmetic(call, Decimal::checked_rem)),
    ("render_html_text", render_html_text),
    ("format_number", locale::format_number),
    ("format_date", locale::format_date),
    ("format_datetime", locale::format_datetime),
    ("lowercase", |call| on_text(call, |text| text.to_lowercase())),
    ("uppercase", |call| on_text(call, |text| text.to_uppercase())),
    ("titlecase", |call| on_text(call, title_case)),
    ("strip", |call| stripped(call, |text, chars| text.trim_matches(chars).to_owned())),
    ("lstrip", |call| stripped(call, |text, chars| text.trim_start_matches(chars).to_owned())),
    ("rstrip", |call| stripped(call, |text, chars| text.trim_end_matches(chars).to_owned())),
    ("split", split),
    ("join", join),
    ("length", |call| length(call.required(0, "value")?)),
    ("replace", replace),
    ("first", |call| end_of(call, |list| list.first())),
    ("last", |call| end_of(call, |list| list.last())),
    ("reverse", reverse),
    ("truncate", truncate),
    ("clean_barcode", |call| Ok(Value::safe(strip_tags(&call.required(0, "data")?.to_text()?).replace('`', "")))),
    ("lorem", lorem),
    ("get_current_language", |_| Ok("en".into())),
    ("get_current_language_bidi", |_| Ok(false.into())),
    ("get_current_timezone", |call| Ok(Value::text(call.now.time_zone().iana_name().unwrap_or("UTC")))),
];

/// The names of all built-in tags that are functions.
pub fn names() -> impl Iterator<Item = &'static str> {
    TAGS.iter().map(|(name, _)| *name)
}

pub(crate) fn add_to(engine: &mut Engine) {
    for (name, function) in TAGS {
        engine.add_tag(name, function);
    }
}

fn str2bool(call: &Call<'_>) -> Result<Value, Failure> {
    let text = call.required(0, "x")?.to_text()?.to_lowercase();
    Ok(Value::Bool(matches!(text.trim(), "1" | "y" | "yes" | "t" | "true" | "ok" | "on")))
}

/// A number without zeros at its end; anything else as it is.
fn decimal(value: &Value) -> Result<Value, Failure> {
    Ok(match value.as_number() {
        Some(number) => Value::text(number.normalize().to_string()),
        None if value.is_none() => Value::text(""),
        None => Value::text(value.to_text()?),
    })
}

fn render_date(call: &Call<'_>) -> Result<Value, Failure> {
    let value = call.required(0, "date_object")?;
    Ok(match (date::day(value), value) {
        (Some(day), _) => Value::text(day.to_string()),
        (None, Value::Text(_)) => Value::None,
        (None, other) => other.clone(),
    })
}

fn get_index(call: &Call<'_>) -> Result<Value, Failure> {
    let list = call.required(0, "container")?.elements()?.unwrap_or_default();
    let index = call.required(1, "index")?.as_int().and_then(|index| usize::try_from(index).ok());
    Ok(index.and_then(|index| list.get(index).cloned()).unwrap_or_default())
}

fn get_key(call: &Call<'_>) -> Result<Value, Failure> {
    let key = call.required(1, "key")?.to_text()?;
    let found = match call.required(0, "container")? {
        Value::Map(map) => map.get(&*key).cloned(),
        Value::Object(object) => object.attribute(&key)?,
        _ => return Ok(Value::None),
    };
    Ok(found.or_else(|| call.argument(2, "backup_value").cloned()).unwrap_or_default())
}

fn operand(value: &Value) -> Result<Decimal, Failure> {
    match value {
        Value::None => Err(Failure::new("One of the values is missing. It must be a number.")),
        Value::Money(amount, _) => Ok(*amount),
        other => other.as_number().ok_or_else(|| Failure::new(format!("{other:?} is not a number."))),
    }
}

fn arithmetic(call: &Call<'_>, operation: fn(Decimal, Decimal) -> Option<Decimal>) -> Result<Value, Failure> {
    let (x, y) = (call.required(0, "x")?, call.required(1, "y")?);
    let (left, right) = (operand(x)?, operand(y)?);
    if let (Value::Money(_, a), Value::Money(_, b)) = (x, y)
        && a != b
    {
        return Err(Failure::new(format!("{a} and {b} are different currencies. Convert one of them first.")));
    }
    let result = operation(left, right).ok_or_else(|| {
        Failure::new(if right.is_zero() { "Cannot divide by zero." } else { "The result is too large." })
    })?;
    Ok(match (x, y) {
        // two amounts divided by each other are a plain number; that is rare, and the currency does no harm
        (Value::Money(_, currency), _) | (_, Value::Money(_, currency)) => Value::Money(result, currency.clone()),
        _ => match call.argument(2, "cast").map(Value::to_text).transpose()?.as_deref() {
            Some("int") => Value::Int(Value::Decimal(result).as_int().unwrap_or_default()),
            Some("str") => Value::text(result.to_string()),
            _ => Value::Decimal(result),
        },
    })
}

fn render_html_text(call: &Call<'_>) -> Result<Value, Failure> {
    let value = call.required(0, "text")?;
    let text = match value {
        Value::Text(text) if text.safe => text.value.to_string(),
        other => escape(&other.to_text()?),
    };
    let mut names: Vec<String> = Vec::new();
    if call.flag_or(usize::MAX, "bold", false)? {
        names.push("strong".into());
    }
    if call.flag_or(usize::MAX, "italic", false)? {
        names.push("em".into());
    }
    let heading = call.text_or(usize::MAX, "heading", "")?;
    if matches!(&*heading, "h1" | "h2" | "h3" | "h4" | "h5" | "h6") {
        names.push(heading);
    } else if !heading.is_empty() {
        return Err(Failure::new("The heading must be one of h1 to h6."));
    }
    let open: String = names.iter().map(|name| format!("<{name}>")).collect();
    let close: String = names.iter().rev().map(|name| format!("</{name}>")).collect();
    Ok(Value::safe(format!("{open}{text}{close}")))
}

/// The text of the first argument; empty where it is nothing.
fn text_of(call: &Call<'_>) -> Result<String, Failure> {
    let value = call.required(0, "value")?;
    if value.truth()? { value.to_text() } else { Ok(String::new()) }
}

fn on_text(call: &Call<'_>, change: fn(&str) -> String) -> Result<Value, Failure> {
    Ok(Value::text(change(&text_of(call)?)))
}

fn stripped(call: &Call<'_>, strip: fn(&str, &[char]) -> String) -> Result<Value, Failure> {
    let chars: Vec<char> = call.text_or(1, "chars", " ")?.chars().collect();
    Ok(Value::text(strip(&text_of(call)?, &chars)))
}

fn split(call: &Call<'_>) -> Result<Value, Failure> {
    let separator = call.text_or(1, "separator", ",")?;
    let text = text_of(call)?;
    if separator.is_empty() {
        return Err(Failure::new("The separator is empty."));
    }
    if text.is_empty() {
        return Ok(Value::List(Rc::default()));
    }
    Ok(Value::from(text.split(&*separator).map(str::trim).collect::<Vec<_>>()))
}

fn join(call: &Call<'_>) -> Result<Value, Failure> {
    let list = call.required(0, "value")?.elements()?.unwrap_or_default();
    let separator = call.text_or(1, "separator", ",")?;
    let texts: Result<Vec<String>, Failure> = list.iter().map(Value::to_text).collect();
    Ok(Value::text(texts?.join(&separator)))
}

fn length(value: &Value) -> Result<Value, Failure> {
    let length = match value {
        Value::Text(text) => text.value.chars().count(),
        other => other.elements()?.map_or(0, |list| list.len()),
    };
    Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn replace(call: &Call<'_>) -> Result<Value, Failure> {
    let (old, new) = (call.required(1, "old")?.to_text()?, call.text_or(2, "new", "")?);
    let text = text_of(call)?;
    Ok(Value::text(if old.is_empty() { text } else { text.replace(&old, &new) }))
}

fn end_of(call: &Call<'_>, end: fn(&[Value]) -> Option<&Value>) -> Result<Value, Failure> {
    let list = call.required(0, "value")?.elements()?.unwrap_or_default();
    Ok(end(&list).or(call.argument(1, "default")).cloned().unwrap_or_default())
}

fn reverse(call: &Call<'_>) -> Result<Value, Failure> {
    let value = call.required(0, "value")?;
    if let Value::Text(text) = value {
        return Ok(Value::text(text.value.chars().rev().collect::<String>()));
    }
    let list = value.elements()?.unwrap_or_default();
    Ok(Value::from(list.iter().rev().cloned().collect::<Vec<_>>()))
}

fn truncate(call: &Call<'_>) -> Result<Value, Failure> {
    let value = call.required(0, "value")?;
    let length = call.required(1, "length")?.as_int().and_then(|length| usize::try_from(length).ok());
    let length = length.ok_or_else(|| Failure::new("The length must be a whole number that is not negative."))?;
    if let Value::Text(text) = value {
        return Ok(Value::text(text.value.chars().take(length).collect::<String>()));
    }
    let list = value.elements()?.unwrap_or_default();
    Ok(Value::from(list.iter().take(length).cloned().collect::<Vec<_>>()))
}

const LOREM: &str = "Lorem ipsum dolor sit amet, consectetur adipisicing elit, sed do eiusmod tempor incididunt ut \
                     labore et dolore magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco \
                     laboris nisi ut aliquip ex ea commodo consequat. Duis aute irure dolor in reprehenderit in \
                     voluptate velit esse cillum dolore eu fugiat nulla pariatur. Excepteur sint occaecat cupidatat \
                     non proident, sunt in culpa qui officia deserunt mollit anim id est laborum.";

/// How many words or paragraphs of filler there are at the most.
const MAX_LOREM: usize = 1000;

/// `lorem 3 w`: so many words, paragraphs (`b`), or paragraphs in HTML (`p`).
fn lorem(call: &Call<'_>) -> Result<Value, Failure> {
    let count = match call.arguments.first() {
        Some(count) => count.as_number().and_then(|count| usize::try_from(count.mantissa()).ok()).unwrap_or(1),
        None => 1,
    };
    let count = count.min(MAX_LOREM);
    // `w`, `p` and `b` are words of the tag, not variables: without a value they arrive empty
    let method = call.text_or(1, "method", "b")?;
    Ok(match method.as_str() {
        "w" => Value::text(LOREM.split_whitespace().cycle().take(count).collect::<Vec<_>>().join(" ")),
        "p" => Value::safe(vec![format!("<p>{LOREM}</p>"); count].join("\n\n")),
        _ => Value::text(vec![LOREM; count].join("\n\n")),
    })
}

/// A number of an argument, if there is one.
pub(crate) fn number_argument(call: &Call<'_>, place: usize, name: &str) -> Result<Option<Decimal>, Failure> {
    match call.argument(place, name) {
        None | Some(Value::None) => Ok(None),
        Some(Value::Text(text)) => parse_number(&text.value)
            .map(Some)
            .ok_or_else(|| Failure::new(format!("The argument \"{name}\" must be a number."))),
        Some(value) => value
            .as_number()
            .map(Some)
            .ok_or_else(|| Failure::new(format!("The argument \"{name}\" must be a number."))),
    }
}
