//! Expressions: a constant or a path, and the filters behind it.

use std::rc::Rc;

use crate::engine::Engine;
use crate::error::Failure;
use crate::filters::Filter;
use crate::value::{Value, parse_number};

/// A constant, or names to look up one behind the other.
#[derive(Debug, Clone)]
pub(crate) enum Atom {
    Constant(Value),
    Path(Vec<Rc<str>>),
}

/// `atom|filter:atom|filter …`
#[derive(Debug, Clone)]
pub(crate) struct Expression {
    pub(crate) atom: Atom,
    pub(crate) filters: Vec<FilterCall>,
    /// As it stands in the template.
    pub(crate) source: Rc<str>,
}

#[derive(Debug, Clone)]
pub(crate) struct FilterCall {
    pub(crate) filter: Filter,
    pub(crate) argument: Option<Atom>,
}

impl Expression {
    /// Reads an expression.
    pub(crate) fn parse(source: &str, engine: &Engine) -> Result<Expression, Failure> {
        let source = source.trim();
        let invalid =
            || Failure::new(format!("Cannot parse \"{source}\". Expected a name, a number, or a quoted string."));
        let (atom, mut rest) = read_atom(source).ok_or_else(invalid)?;
        let mut filters = Vec::new();
        loop {
            rest = rest.trim_start();
            if rest.is_empty() {
                break;
            }
            let after = rest.strip_prefix('|').ok_or_else(invalid)?.trim_start();
            let length = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
            let (name, after) = after.split_at(length);
            if name.is_empty() {
                return Err(invalid());
            }
            let filter = engine.filter(name).ok_or_else(|| Failure::new(format!("Unknown filter \"{name}\".")))?;
            let argument = match after.strip_prefix(':') {
                Some(after) => {
                    let (argument, after) = read_atom(after).ok_or_else(invalid)?;
                    rest = after;
                    Some(argument)
                }
                None => {
                    rest = after;
                    None
                }
            };
            filters.push(FilterCall { filter, argument });
        }
        Ok(Expression { atom, filters, source: source.into() })
    }
}

/// Reads a constant or a path from the beginning of a text; gives what follows, too.
fn read_atom(source: &str) -> Option<(Atom, &str)> {
    if let Some(after) = source.strip_prefix("_(") {
        let (text, rest) = read_quoted(after)?;
        return Some((Atom::Constant(Value::safe(text)), rest.strip_prefix(')')?));
    }
    if source.starts_with(['"', '\'']) {
        let (text, rest) = read_quoted(source)?;
        return Some((Atom::Constant(Value::safe(text)), rest));
    }
    let end =
        source.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.' | '+' | '-')).unwrap_or(source.len());
    let (word, rest) = source.split_at(end);
    let constant = match word {
        "" => return None,
        "None" => Some(Value::None),
        "True" => Some(Value::Bool(true)),
        "False" => Some(Value::Bool(false)),
        _ if word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) => Some(read_number(word)?),
        _ => None,
    };
    if let Some(value) = constant {
        return Some((Atom::Constant(value), rest));
    }
    if word.contains(['+', '-']) {
        return None;
    }
    let path: Vec<Rc<str>> = word.split('.').map(Rc::from).collect();
    if path.iter().any(|name| name.is_empty()) {
        return None;
    }
    Some((Atom::Path(path), rest))
}

fn read_number(word: &str) -> Option<Value> {
    if word.ends_with('.') {
        return None;
    }
    if let Ok(number) = word.parse::<i64>() {
        return Some(Value::Int(number));
    }
    // a number with a point is a float in Python: it is written without zeros at its end
    let number = parse_number(word)?.normalize();
    Some(Value::Decimal(number))
}

/// Reads a quoted text with `\"`, `\'`, and `\\` in it.
fn read_quoted(source: &str) -> Option<(String, &str)> {
    let quote = source.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut text = String::new();
    let mut chars = source.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return Some((text, &source[at + 1..]));
        }
        if c != '\\' {
            text.push(c);
            continue;
        }
        let (_, escaped) = chars.next()?;
        if escaped != quote && escaped != '\\' {
            text.push('\\');
        }
        text.push(escaped);
    }
    None
}
