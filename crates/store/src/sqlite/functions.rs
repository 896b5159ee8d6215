//! Functions that PostgreSQL has and SQLite lacks.

use std::cmp::Ordering;
use std::sync::Arc;

use regex::{Regex, RegexBuilder};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Result};

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
        let pattern: Arc<Regex> = context.get_or_create_aux(1, compile)?;
        Ok(text(context.get_raw(0)).map(|text| pattern.is_match(&text)))
    })?;
    Ok(())
}

fn compile(pattern: ValueRef<'_>) -> Result<Regex, Box<dyn std::error::Error + Send + Sync>> {
    RegexBuilder::new(&text(pattern).unwrap_or_default())
        .case_insensitive(true)
        .size_limit(PATTERN_SIZE)
        .dfa_size_limit(PATTERN_SIZE)
        .build()
        .map_err(|_| format!("{PATTERN}.").into())
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
