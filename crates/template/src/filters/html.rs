//! Filters that make HTML.

use std::fmt::Write;

use super::{FilterContext, int_argument};
use crate::error::Failure;
use crate::html::escape as escaped;
use crate::value::{Text, Value};

/// How deep lists nest at the most in `unordered_list`.
const MAX_DEPTH: usize = 50;

/// The text, escaped where the place asks for it and the value is not HTML already.
fn prepared(value: &Value, context: &FilterContext<'_>) -> Result<String, Failure> {
    let text = value.to_text()?;
    let safe = !context.escape || matches!(value, Value::Text(Text { safe: true, .. }));
    Ok(if safe { text } else { escaped(&text) })
}

pub(super) fn escape(value: &Value, _: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    Ok(match value {
        Value::Text(Text { safe: true, .. }) => value.clone(),
        other => Value::safe(escaped(&other.to_text()?)),
    })
}

pub(super) fn escape_each(value: &Value) -> Result<Value, Failure> {
    let mut texts = Vec::new();
    for element in value.elements()?.unwrap_or_default().iter() {
        texts.push(match element {
            Value::Text(Text { safe: true, .. }) => element.clone(),
            other => Value::safe(escaped(&other.to_text()?)),
        });
    }
    Ok(Value::from(texts))
}

pub(super) fn safe_each(value: &Value) -> Result<Value, Failure> {
    let mut texts = Vec::new();
    for element in value.elements()?.unwrap_or_default().iter() {
        texts.push(Value::safe(element.to_text()?));
    }
    Ok(Value::from(texts))
}

pub(super) fn line_breaks(value: &Value, _: Option<&Value>, context: &FilterContext<'_>) -> Result<Value, Failure> {
    let text = prepared(value, context)?.replace("\r\n", "\n").replace('\r', "\n");
    let paragraphs: Vec<String> = text
        .split("\n\n")
        .map(|paragraph| paragraph.trim_matches('\n'))
        .filter(|paragraph| !paragraph.is_empty())
        .map(|paragraph| format!("<p>{}</p>", paragraph.replace('\n', "<br>")))
        .collect();
    Ok(Value::safe(paragraphs.join("\n\n")))
}

pub(super) fn line_breaks_br(value: &Value, _: Option<&Value>, context: &FilterContext<'_>) -> Result<Value, Failure> {
    Ok(Value::safe(prepared(value, context)?.replace("\r\n", "\n").replace(['\r', '\n'], "<br>")))
}

pub(super) fn line_numbers(value: &Value, _: Option<&Value>, context: &FilterContext<'_>) -> Result<Value, Failure> {
    let text = prepared(value, context)?;
    let lines: Vec<&str> = text.split('\n').collect();
    let width = lines.len().to_string().len();
    let numbered: Vec<String> =
        lines.iter().enumerate().map(|(place, line)| format!("{:0width$}. {line}", place + 1)).collect();
    Ok(Value::safe(numbered.join("\n")))
}

pub(super) fn json_script(value: &Value, argument: Option<&Value>, _: &FilterContext<'_>) -> Result<Value, Failure> {
    let json = serde_json::to_string(&value.to_text()?).map_err(|error| Failure::new(error.to_string()))?;
    let json = json.replace('<', "\\u003C").replace('>', "\\u003E").replace('&', "\\u0026");
    let id = match argument {
        Some(id) => format!(" id=\"{}\"", escaped(&id.to_text()?)),
        None => String::new(),
    };
    Ok(Value::safe(format!("<script{id} type=\"application/json\">{json}</script>")))
}

/// Makes links of addresses; their text is shortened to the argument.
pub(super) fn urlize(value: &Value, argument: Option<&Value>, context: &FilterContext<'_>) -> Result<Value, Failure> {
    let most = argument.map(int_argument).transpose()?;
    let text = value.to_text()?;
    let safe = !context.escape || matches!(value, Value::Text(Text { safe: true, .. }));
    let mut out = String::new();
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        let (core, tail) = word.split_at(word.trim_end_matches(['.', ',', ':', ';', '!', ')']).len());
        let address = if core.starts_with("http://") || core.starts_with("https://") {
            Some(core.to_owned())
        } else if core.starts_with("www.") {
            Some(format!("https://{core}"))
        } else {
            None
        };
        match address {
            Some(address) => {
                let label: String = match most {
                    Some(most) if core.chars().count() > most => {
                        core.chars().take(most.saturating_sub(1)).chain(['…']).collect()
                    }
                    _ => core.to_owned(),
                };
                let (address, label) = (escaped(&address), escaped(&label));
                let _ = write!(out, "<a href=\"{address}\" rel=\"nofollow\">{label}</a>{}", escaped(tail));
            }
            None if safe => out.push_str(word),
            None => out.push_str(&escaped(word)),
        }
        out.push_str(&piece[word.len()..]);
    }
    Ok(Value::safe(out))
}

pub(super) fn unordered_list(value: &Value, _: Option<&Value>, context: &FilterContext<'_>) -> Result<Value, Failure> {
    fn items(value: &Value, depth: usize, context: &FilterContext<'_>, out: &mut String) -> Result<(), Failure> {
        if depth > MAX_DEPTH {
            return Err(Failure::new("The list is nested too deeply."));
        }
        let list = value.elements()?.unwrap_or_default();
        let mut place = 0;
        while let Some(item) = list.get(place) {
            let _ = write!(out, "\n{}<li>{}", "\t".repeat(depth), prepared(item, context)?);
            place += 1;
            if let Some(inner @ Value::List(_)) = list.get(place) {
                let _ = write!(out, "\n{}<ul>", "\t".repeat(depth));
                items(inner, depth + 1, context, out)?;
                let _ = write!(out, "\n{0}</ul>\n{0}", "\t".repeat(depth));
                place += 1;
            }
            out.push_str("</li>");
        }
        Ok(())
    }
    let mut out = String::new();
    items(value, 1, context, &mut out)?;
    Ok(Value::safe(out.trim_start_matches('\n').to_owned()))
}

/// Cuts HTML behind so many units of its text and closes what is open.
fn truncate(html: &str, most: usize, words: bool) -> String {
    let mut out = String::new();
    let mut open: Vec<String> = Vec::new();
    let (mut count, mut in_word) = (0, false);
    let mut rest = html;
    while let Some(c) = rest.chars().next() {
        if c == '<'
            && let Some(end) = rest.find('>')
        {
            let tag = &rest[1..end];
            let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
            if tag.starts_with('/') {
                if let Some(at) = open.iter().rposition(|other| *other == name) {
                    open.truncate(at);
                }
            } else if !tag.ends_with('/') && !matches!(&*name, "br" | "hr" | "img" | "col" | "input" | "") {
                open.push(name);
            }
            out.push_str(&rest[..=end]);
            rest = &rest[end + 1..];
            continue;
        }
        // an entity is one character
        let entity = rest.find(';').filter(|end| c == '&' && *end < 10 && !rest[..*end].contains(char::is_whitespace));
        let length = entity.map_or(c.len_utf8(), |end| end + 1);
        let starts = if words { !c.is_whitespace() && !in_word } else { true };
        in_word = !c.is_whitespace();
        if starts {
            count += 1;
            if count > most {
                let kept = out.trim_end().len();
                if words {
                    out.truncate(kept);
                    out.push(' ');
                } else {
                    out.pop();
                }
                out.push('…');
                for name in open.iter().rev() {
                    let _ = write!(out, "</{name}>");
                }
                return out;
            }
        }
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out
}

pub(super) fn truncate_chars(text: &str, argument: &Value) -> Result<String, Failure> {
    Ok(truncate(text, int_argument(argument)?, false))
}

pub(super) fn truncate_words(text: &str, argument: &Value) -> Result<String, Failure> {
    Ok(truncate(text, int_argument(argument)?, true))
}
