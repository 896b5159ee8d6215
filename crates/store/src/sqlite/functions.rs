//! Functions that PostgreSQL has and SQLite lacks.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use regex::{Regex, RegexBuilder};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Result};

use crate::pattern::Patterns;

/// How the message on a malformed regular expression begins.
pub(super) const PATTERN: &str = "This is not a valid regular expression";

/// Memory that one compiled regular expression may take, in bytes.
const PATTERN_SIZE: usize = 4 << 20;

pub(super) fn register(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("greatest", -1, flags, |context| Ok(extreme(context, Ordering::Greater)))?;
    connection.create_scalar_function("least", -1, flags, |context| Ok(extreme(context, Ordering::Less)))?;
    connection.create_scalar_function("lower", 1, flags, |context| {
        Ok(text(context.get_raw(0)).map(|text| text.to_lowercase()))
    })?;
    connection.create_scalar_function("upper", 1, flags, |context| {
        Ok(text(context.get_raw(0)).map(|text| text.to_uppercase()))
    })?;
    connection.create_scalar_function("contains_fold", 2, flags, |context| {
        let folded: Arc<String> = context
            .get_or_create_aux(1, |needle| -> Result<String> { Ok(text(needle).unwrap_or_default().to_lowercase()) })?;
        let (Some(haystack), Some(_)) = (text(context.get_raw(0)), text(context.get_raw(1))) else {
            return Ok(None);
        };
        Ok(Some(contains(&haystack, &folded)))
    })?;
    connection.create_scalar_function("contains_any", -1, flags, |context| {
        let folded: Arc<String> = context
            .get_or_create_aux(0, |needle| -> Result<String> { Ok(text(needle).unwrap_or_default().to_lowercase()) })?;
        if text(context.get_raw(0)).is_none() {
            return Ok(None);
        }
        let found = (1..context.len()).filter_map(|i| text(context.get_raw(i))).any(|text| contains(&text, &folded));
        Ok(Some(found))
    })?;
    connection.create_scalar_function("regex_match_fold", 2, flags, move |context| {
        // PostgreSQL answers NULL as well where either side is NULL
        let (Some(_), Some(_)) = (text(context.get_raw(0)), text(context.get_raw(1))) else {
            return Ok(None);
        };
        let pattern: Arc<Arc<Regex>> = context.get_or_create_aux(1, compile)?;
        Ok(text(context.get_raw(0)).map(|text| pattern.is_match(&text)))
    })?;
    Ok(())
}

/// The expressions that were compiled last: a statement looks for the same one in many places, and compiling costs
/// more than looking.
static COMPILED: Mutex<VecDeque<(String, Arc<Regex>)>> = Mutex::new(VecDeque::new());

/// An expression, compiled unless that was done already: one request has few ([`Patterns::MOST`]), so each is compiled
/// once, however often its statements use it.
fn compile(pattern: ValueRef<'_>) -> Result<Arc<Regex>, Box<dyn std::error::Error + Send + Sync>> {
    let pattern = text(pattern).unwrap_or_default();
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(at) = compiled.iter().position(|(known, _)| *known == pattern)
        && let Some(found) = compiled.remove(at)
    {
        compiled.push_front(found);
    } else {
        let regex = RegexBuilder::new(&pattern)
            .case_insensitive(true)
            .size_limit(PATTERN_SIZE)
            .dfa_size_limit(PATTERN_SIZE)
            .build()
            .map_err(|_| format!("{PATTERN}."))?;
        compiled.push_front((pattern.into_owned(), Arc::new(regex)));
        compiled.truncate(2 * Patterns::MOST);
    }
    compiled.front().map(|(_, regex)| regex.clone()).ok_or_else(|| format!("{PATTERN}.").into())
}

/// A value as text, the way SQLite's own text functions take it.
fn text(value: ValueRef<'_>) -> Option<std::borrow::Cow<'_, str>> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(value) => Some(value.to_string().into()),
        ValueRef::Real(value) => Some(value.to_string().into()),
        ValueRef::Text(text) | ValueRef::Blob(text) => Some(String::from_utf8_lossy(text)),
    }
}

/// Whether `needle`, already in lower case, is in `haystack`.
fn contains(haystack: &str, needle: &str) -> bool {
    if haystack.is_ascii() {
        // the usual case, without a copy: look for the first byte, then compare
        let (haystack, needle) = (haystack.as_bytes(), needle.as_bytes());
        let Some(first) = needle.first() else { return true };
        return memchr::memchr2_iter(*first, first.to_ascii_uppercase(), haystack)
            .any(|at| haystack.get(at..at + needle.len()).is_some_and(|window| window.eq_ignore_ascii_case(needle)));
    }
    haystack.to_lowercase().contains(needle)
}

/// The greatest (or least) argument that is not NULL.
fn extreme(context: &Context<'_>, wanted: Ordering) -> Value {
    let mut best = ValueRef::Null;
    for i in 0..context.len() {
        let value = context.get_raw(i);
        if value != ValueRef::Null && (best == ValueRef::Null || compare(value, best) == wanted) {
            best = value;
        }
    }
    Value::try_from(best).unwrap_or(Value::Null)
}

fn compare(left: ValueRef<'_>, right: ValueRef<'_>) -> Ordering {
    match (left, right) {
        (ValueRef::Integer(left), ValueRef::Integer(right)) => left.cmp(&right),
        (ValueRef::Integer(left), ValueRef::Real(right)) => (left as f64).total_cmp(&right),
        (ValueRef::Real(left), ValueRef::Integer(right)) => left.total_cmp(&(right as f64)),
        (ValueRef::Real(left), ValueRef::Real(right)) => left.total_cmp(&right),
        (ValueRef::Text(left) | ValueRef::Blob(left), ValueRef::Text(right) | ValueRef::Blob(right)) => left.cmp(right),
        // as SQLite orders: numbers before texts
        (ValueRef::Integer(_) | ValueRef::Real(_), _) => Ordering::Less,
        _ => Ordering::Greater,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_compiled_once_wherever_statements_use_them() {
        let compiled = |pattern: &str| compile(ValueRef::Text(pattern.as_bytes())).unwrap();
        let first = compiled("a test of (once)");
        let connection = Connection::open_in_memory().unwrap();
        register(&connection).unwrap();
        let places = "OR regex_match_fold('b', $1) ".repeat(50);
        let sql = format!("SELECT regex_match_fold('A test of once', $1) {places}");
        for _ in 0..5 {
            assert!(connection.query_row(&sql, ["a test of (once)"], |row| row.get::<_, bool>(0)).unwrap());
        }
        assert!(Arc::ptr_eq(&first, &compiled("a test of (once)")), "one for all places");
        // what is kept is bounded
        (0..100).for_each(|i| drop(compiled(&format!("{i}+"))));
        assert!(COMPILED.lock().unwrap().len() <= 2 * Patterns::MOST);
        assert!(!Arc::ptr_eq(&first, &compiled("a test of (once)")));
    }
}
