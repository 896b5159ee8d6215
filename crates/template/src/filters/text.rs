//! Filters on texts.

use std::fmt::Write;

use unicode_normalization::UnicodeNormalization;

use super::{FilterContext, int_argument};
use crate::error::Failure;
use crate::value::{Text, Value};

/// How wide a text is made at the most.
const MAX_WIDTH: usize = 10_000;

pub(super) fn add_slashes(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\'', "\\'")
}

/// The text with its first character in upper case.
pub(crate) fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The text with the first letter of every word in upper case, the others in lower case.
pub(crate) fn title_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut before, mut apostrophe) = (false, false);
    for c in text.chars() {
        if c.is_alphabetic() && !before && !apostrophe {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
        // "it's" stays one word
        apostrophe = c == '\'' && before;
        before = c.is_alphanumeric();
    }
    out
}

pub(super) fn escape_js(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        let code = u32::from(c);
        if matches!(c, '\\' | '\'' | '"' | '>' | '<' | '&' | '=' | '-' | ';' | '`' | '\u{2028}' | '\u{2029}')
            || code < 32
        {
            let _ = write!(out, "\\u{code:04X}");
        } else {
            out.push(c);
        }
    }
    out
}

fn percent_encode(text: &str, keep: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"_.-~".contains(&byte) || keep.as_bytes().contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

pub(super) fn iri_encode(text: &str) -> String {
    percent_encode(text, "/#%[]=:;$&()+,!?*@'~")
}

pub(super) fn url_encode(value: &Value, argument: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    let keep = argument.map_or(Ok("/".to_owned()), Value::to_text)?;
    Ok(Value::text(percent_encode(&value.to_text()?, &keep)))
}

pub(super) fn slugify(text: &str) -> String {
    let mut out = String::new();
    for c in text.nfkd().filter(char::is_ascii).flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() || c == '_' {
            out.push(c);
        } else if (c.is_whitespace() || c == '-') && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_matches(['-', '_']).to_owned()
}

pub(super) fn phone_to_numeric(text: &str) -> String {
    let digits = |c: char| match c.to_ascii_lowercase() {
        'a'..='c' => '2',
        'd'..='f' => '3',
        'g'..='i' => '4',
        'j'..='l' => '5',
        'm'..='o' => '6',
        'p'..='s' => '7',
        't'..='v' => '8',
        'w'..='z' => '9',
        _ => c,
    };
    text.chars().map(digits).collect()
}

pub(super) fn truncate_chars(text: &str, argument: &Value) -> Result<String, Failure> {
    let length = int_argument(argument)?;
    if text.chars().count() <= length {
        return Ok(text.to_owned());
    }
    Ok(text.chars().take(length.saturating_sub(1)).chain(['…']).collect())
}

pub(super) fn truncate_words(text: &str, argument: &Value) -> Result<String, Failure> {
    let length = int_argument(argument)?;
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() <= length {
        return Ok(words.join(" "));
    }
    Ok(format!("{} …", words[..length].join(" ")))
}

pub(super) fn word_wrap(text: &str, argument: &Value) -> Result<String, Failure> {
    let width = int_argument(argument)?;
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut current = String::new();
        for word in line.split(' ') {
            if !current.is_empty() && current.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::take(&mut current));
            } else if !current.is_empty() {
                current.push(' ');
            }
            current.push_str(word);
        }
        lines.push(current);
    }
    Ok(lines.join("\n"))
}

/// Spaces that a text lacks to a width.
fn missing(text: &str, argument: &Value) -> Result<usize, Failure> {
    let width = int_argument(argument)?;
    if width > MAX_WIDTH {
        return Err(Failure::new(format!("The width must not exceed {MAX_WIDTH}.")));
    }
    Ok(width.saturating_sub(text.chars().count()))
}

pub(super) fn left(text: &str, argument: &Value) -> Result<String, Failure> {
    Ok(format!("{text}{}", " ".repeat(missing(text, argument)?)))
}

pub(super) fn right(text: &str, argument: &Value) -> Result<String, Failure> {
    Ok(format!("{}{text}", " ".repeat(missing(text, argument)?)))
}

pub(super) fn center(text: &str, argument: &Value) -> Result<String, Failure> {
    let spaces = missing(text, argument)?;
    let width = text.chars().count() + spaces;
    // as Python does: the odd space goes to the left where the width is odd
    let before = spaces / 2 + (spaces & width & 1);
    Ok(format!("{}{text}{}", " ".repeat(before), " ".repeat(spaces - before)))
}

/// `text|replace:"old,new"`
pub(super) fn replace(text: &str, argument: &Value) -> Result<String, Failure> {
    let argument = argument.to_text()?;
    let (old, new) = argument.split_once([',', '|']).unwrap_or((&argument, ""));
    Ok(if old.is_empty() { text.to_owned() } else { text.replace(old, new) })
}

pub(super) fn cut(value: &Value, argument: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    let cut = argument.map_or(Ok(String::new()), Value::to_text)?;
    let safe = matches!(value, Value::Text(Text { safe: true, .. })) && cut != ";";
    let text = value.to_text()?.replace(&cut, "");
    Ok(if safe { Value::safe(text) } else { Value::text(text) })
}

/// `text|split:","`: the pieces, without white space around them.
pub(super) fn split(value: &Value, argument: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    let separator = argument.map_or(Ok(",".to_owned()), Value::to_text)?;
    let text = value.to_text()?;
    if separator.is_empty() {
        return Err(Failure::new("The separator is empty."));
    }
    Ok(if text.is_empty() {
        Value::List(std::rc::Rc::default())
    } else {
        Value::from(text.split(&*separator).map(|piece| Value::text(piece.trim())).collect::<Vec<_>>())
    })
}

/// Formats by a specifier such as `05d`, `.2f`, `s`, or `x`, as `%` does in Python. What cannot be formatted is empty.
pub(super) fn string_format(value: &Value, argument: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    let specifier = argument.map_or(Ok("s".to_owned()), Value::to_text)?;
    Ok(Value::text(formatted(value, specifier.trim_start_matches('%'))?.unwrap_or_default()))
}

fn formatted(value: &Value, specifier: &str) -> Result<Option<String>, Failure> {
    let flags_end = specifier.find(|c: char| !"-+ 0#".contains(c)).unwrap_or(specifier.len());
    let (flags, rest) = specifier.split_at(flags_end);
    let digits_end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let width: usize = rest[..digits_end].parse().unwrap_or(0);
    let rest = &rest[digits_end..];
    let (precision, kind) = match rest.strip_prefix('.') {
        Some(rest) => {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            (Some(rest[..end].parse::<usize>().unwrap_or(0)), &rest[end..])
        }
        None => (None, rest),
    };
    if width > MAX_WIDTH || precision.is_some_and(|precision| precision > 28) {
        return Err(Failure::new("The width or precision is too large."));
    }
    let number = value.as_number().filter(|_| !matches!(value, Value::Text(_)));
    let body = match kind {
        "s" | "" => {
            let text = value.to_text()?;
            match precision {
                Some(precision) => text.chars().take(precision).collect(),
                None => text,
            }
        }
        "r" => value.repr()?,
        "d" | "i" | "u" => match number {
            Some(number) => number.trunc().normalize().to_string(),
            None => return Ok(None),
        },
        "x" | "X" | "o" => match value {
            Value::Int(number) => {
                let digits = if kind == "o" {
                    format!("{:o}", number.unsigned_abs())
                } else {
                    format!("{:x}", number.unsigned_abs())
                };
                let digits = if kind == "X" { digits.to_uppercase() } else { digits };
                format!("{}{digits}", if *number < 0 { "-" } else { "" })
            }
            _ => return Ok(None),
        },
        "f" | "F" | "g" | "e" => match number {
            Some(number) if kind == "g" => number.normalize().to_string(),
            Some(number) => crate::filters::number::fixed(number, u32::try_from(precision.unwrap_or(6)).unwrap_or(6)),
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    let numeric = !matches!(kind, "s" | "" | "r");
    let sign = if numeric && !body.starts_with('-') {
        if flags.contains('+') {
            "+"
        } else if flags.contains(' ') {
            " "
        } else {
            ""
        }
    } else {
        ""
    };
    let body = format!("{sign}{body}");
    let missing = width.saturating_sub(body.chars().count());
    Ok(Some(if flags.contains('-') {
        format!("{body}{}", " ".repeat(missing))
    } else if flags.contains('0') && numeric {
        let (sign, digits) = body.split_at(body.find(|c: char| c.is_ascii_digit()).unwrap_or(0));
        format!("{sign}{}{digits}", "0".repeat(missing))
    } else {
        format!("{}{body}", " ".repeat(missing))
    }))
}
