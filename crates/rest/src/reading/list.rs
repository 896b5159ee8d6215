//! Lists: filters, search, sorting and pages from query parameters.

use ironwood_base::decimal::{self, Excess};
use ironwood_base::{Error, Result, clock};
use ironwood_store::{Connection, Fragment, Value, fragment};
use serde_json::Value as Json;

use crate::context::Context;
use crate::http::{Answer, Method, Request};
use crate::query::Query;
use crate::resource::{Condition, Filter, Resource};
use crate::search::{self, terms};
use crate::seen;
use crate::select::{self, Rows, truth};
use crate::sight::Disclosure;
use crate::table::ColumnType;
use crate::view::{Sql, Type};

/// Query parameters that every list understands besides its own filters.
pub const COMMON: &[&str] = &["limit", "offset", "ordering", "search", "search_regex", "search_whole", "search_notes"];

/// Most names that a list is sorted by in one request. Databases limit the terms of a sorting, and no list has more
/// ways to be sorted that could matter.
const SORTINGS: usize = 20;
/// Most characters of a filter's value: longer than any list of keys that an address holds.
const FILTER_CHARACTERS: usize = 200_000;
/// Most keys in one filter (`exclude_id=1,2,…`).
const FILTER_KEYS: usize = 10_000;
/// Most texts in one filter, each of which is a condition of the statement.
const FILTER_TEXTS: usize = 50;

/// Reads the value of a query parameter.
///
/// # Errors
/// [`Error::Invalid`] naming the parameter.
pub fn read_param(kind: Type, name: &str, text: &str) -> Result<Value> {
    let text = text.trim();
    let refuse = |message: &str| Err(Error::field(name, message));
    match kind {
        Type::Of(ColumnType::Int { min, max }) => match text.parse::<i64>() {
            Ok(i) if i < min => Err(Error::field(name, format!("Must be at least {min}."))),
            Ok(i) if i > max => Err(Error::field(name, format!("Must be at most {max}."))),
            Ok(i) => Ok(Value::Int(i)),
            Err(_) => refuse("Must be a whole number."),
        },
        Type::Of(ColumnType::Link(..)) => match text.parse::<i64>() {
            Ok(i) => Ok(Value::Int(i)),
            Err(_) => refuse("Must be a whole number."),
        },
        Type::Of(ColumnType::Bool) => match truth(text) {
            Some(b) => Ok(Value::Bool(b)),
            None => refuse("Must be true or false."),
        },
        Type::Of(ColumnType::Decimal { places, .. }) => match decimal::parse(text, places, Excess::Round) {
            Ok(i) => Ok(Value::Int(i)),
            Err(why) => Err(Error::field(name, why.to_string())),
        },
        Type::Of(ColumnType::Real) => match text.parse::<f64>() {
            Ok(r) if r.is_finite() => Ok(Value::Real(r)),
            _ => refuse("Must be a number."),
        },
        Type::Of(ColumnType::Date) => match clock::parse_date(text) {
            Some(date) => Ok(Value::Text(date)),
            None => refuse("Must be a date (YYYY-MM-DD)."),
        },
        Type::Of(ColumnType::Time) => match clock::parse_time(text) {
            Some(time) => Ok(Value::Text(time)),
            None => refuse("Must be a date or a date and time (ISO 8601)."),
        },
        _ if text.contains('\0') => refuse("Null characters are not allowed."),
        _ => Ok(Value::Text(text.to_owned())),
    }
}

/// Adds what one filter says about the rows.
///
/// # Errors
/// [`Error::Invalid`] naming the filter where its value is malformed.
pub fn apply(query: &mut Query<'_>, filter: &Filter, text: &str) -> Result<()> {
    let asking = Disclosure::filter(filter, query.resource);
    query.asking(asking, |query| add(query, filter, text)).unwrap_or_else(|| {
        let name = filter.name;
        Err(Error::Denied(format!("{name}: You need permission to view the records that this filter uses.")))
    })
}

fn add(query: &mut Query<'_>, filter: &Filter, text: &str) -> Result<()> {
    if text.len() > FILTER_CHARACTERS {
        return Err(Error::field(filter.name, format!("Must be at most {FILTER_CHARACTERS} characters.")));
    }
    match filter.condition {
        Condition::Where(kind, template) => {
            let value = read_param(kind, filter.name, text)?;
            query.and_value(template, value);
        }
        Condition::Flag(yes, no) => match truth(text) {
            Some(true) => query.and(yes),
            Some(false) => query.and(no),
            None => return Err(Error::field(filter.name, "Must be true or false.")),
        },
        Condition::LinkOrNull(_, _, none) if matches!(text.trim().to_ascii_lowercase().as_str(), "null" | "none") => {
            query.and(none)
        }
        Condition::Link(table, template) | Condition::LinkOrNull(table, template, _) => {
            let Ok(key) = text.trim().parse::<i64>() else {
                return Err(Error::field(filter.name, "Must be the ID of a record."));
            };
            if filter.any {
                query.must_exist(table, key, filter.name);
            } else {
                query.must_be_eligible(table, key, filter.name);
            }
            query.and_tree(template, table, key);
        }
        Condition::Ints(template) => {
            let mut keys = Vec::new();
            for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
                match part.parse::<i64>() {
                    Ok(_) if keys.len() == FILTER_KEYS => {
                        return Err(Error::field(filter.name, format!("Use at most {FILTER_KEYS} IDs.")));
                    }
                    Ok(key) => keys.push(key),
                    Err(_) => return Err(Error::non_field(format!("\"{}\" is not a whole number.", shorten(part)))),
                }
            }
            if !keys.is_empty() {
                let placeholder = query.bind(Value::keys(&keys));
                let keys = fragment!("({})", query.backend.keys(placeholder));
                query.and(Fragment::from(template).replace("{value}", keys));
            }
        }
        Condition::AllOf(template) => {
            let parts: Vec<&str> = text.split(',').map(str::trim).filter(|p| !p.is_empty()).collect();
            if parts.len() > FILTER_TEXTS {
                return Err(Error::field(filter.name, format!("Use at most {FILTER_TEXTS} values.")));
            }
            for part in parts {
                let value = read_param(crate::view::TEXT, filter.name, part)?;
                query.and_value(template, value);
            }
        }
        Condition::Custom(_, add) => add(query, text)?,
        Condition::Noted(kind) => {
            read_param(kind, filter.name, text)?;
        }
    }
    Ok(())
}

fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}

/// The names that a sorting consists of, each once: the first one counts.
fn sortings(text: &str) -> Result<Vec<&str>> {
    let mut names: Vec<&str> = Vec::new();
    for name in text.split(',').map(str::trim).filter(|n| !n.is_empty()) {
        if names.iter().any(|known| known.trim_start_matches('-') == name.trim_start_matches('-')) {
            continue;
        }
        if names.len() == SORTINGS {
            return Err(Error::field("ordering", format!("Sort by at most {SORTINGS} fields.")));
        }
        names.push(name);
    }
    Ok(names)
}

/// Sorts by a template, unless it reads what the caller may not see.
fn sort(query: &mut Query<'_>, resource: &'static Resource, by: Sql, down: bool) {
    if !Disclosure::sorting(resource).is_hidden(by, query.table, query.caller) {
        query.order_by(by, down);
    }
}

/// Adds everything that the request's parameters say about which rows, and in which order.
///
/// # Errors
/// [`Error::Invalid`] naming malformed parameters.
pub fn narrow(conn: &mut Connection, query: &mut Query<'_>, resource: &'static Resource) -> Result<()> {
    query.resource = Some(resource);
    let mut narrowed = false;
    for filter in resource.filters {
        let text = query.request.param(filter.name).map(str::to_owned);
        if let Some(text) = text.filter(|t| !t.trim().is_empty()) {
            apply(query, filter, &text)?;
            // what is true or false of rows leaves many of them
            narrowed |= !matches!(filter.condition, Condition::Flag(..) | Condition::Noted(_));
        }
    }
    if let Some(text) = query.request.param("search").map(str::to_owned).filter(|t| !t.trim().is_empty()) {
        search::search(conn, query, resource, &text, !narrowed)?;
    }
    (resource.rules.list)(query)?;
    let ordering = query.request.param("ordering").unwrap_or_default().to_owned();
    for name in sortings(&ordering)? {
        let (name, down) = name.strip_prefix('-').map_or((name, false), |rest| (rest, true));
        if let Some(order) = resource.sorts.iter().find(|o| o.name == name) {
            for by in order.by {
                sort(query, resource, by, down);
            }
        }
    }
    if !query.is_ordered() {
        for by in resource.default_sort {
            let (by, down) = by.strip_prefix('-').map_or((*by, false), |rest| (rest, true));
            sort(query, resource, by, down);
        }
    }
    Ok(())
}

/// The page that a request asks for: how many rows after how many. Without a `limit` above zero there
/// is no page: everything is given. Malformed numbers were refused before ([`crate::params::check`]).
pub fn page(request: &Request, most: u64) -> Option<(u64, u64)> {
    let limit: u64 = request.param("limit")?.trim().parse().ok().filter(|l| *l > 0)?;
    let offset = request.param("offset").and_then(|o| o.trim().parse().ok()).unwrap_or(0);
    Some((limit.min(most), offset.min(i64::MAX as u64)))
}

/// Answers `{count, next, previous, results}` around rows that are JSON already.
pub fn paged(request: &Request, count: u64, limit: u64, offset: u64, rows: &[u8]) -> Answer {
    let mut body = page_head(request, count, limit, offset);
    body.reserve_exact(rows.len() + 1);
    body.extend_from_slice(rows);
    body.push(b'}');
    Answer::json_bytes(200, body)
}

/// What stands before the rows of a page, and a brace ends.
fn page_head(request: &Request, count: u64, limit: u64, offset: u64) -> Vec<u8> {
    let mut head = format!("{{\"count\":{count},\"next\":").into_bytes();
    let link = |head: &mut Vec<u8>, offset: Option<u64>| match offset {
        Some(offset) => select::write_text(head, &page_address(request, limit, offset)),
        None => head.extend_from_slice(b"null"),
    };
    link(&mut head, (offset.saturating_add(limit) < count).then(|| offset + limit));
    head.extend_from_slice(b",\"previous\":");
    link(&mut head, (offset > 0).then(|| offset.saturating_sub(limit)));
    head.extend_from_slice(b",\"results\":");
    head
}

/// Answers with rows that are all at hand: those in which every term of `search` stands, in one of the fields
/// `searched`, in the order of `ordering`, which may name the fields `sorted`; the page that the request asks
/// for, or everything.
pub fn of_rows(ctx: &Context<'_>, mut rows: Vec<Json>, searched: &[&str], sorted: &[&str]) -> Answer {
    let terms: Vec<String> =
        terms(ctx.request.param("search").unwrap_or_default()).iter().map(|t| t.to_lowercase()).collect();
    let text = |row: &Json, name: &str| row[name].as_str().unwrap_or_default().to_lowercase();
    rows.retain(|row| terms.iter().all(|term| searched.iter().any(|name| text(row, name).contains(term.as_str()))));
    // sorts are stable: by the first name last
    let names: Vec<&str> = ctx.request.param("ordering").unwrap_or_default().split(',').take(SORTINGS).collect();
    for name in names.into_iter().rev().map(str::trim) {
        let (name, down) = name.strip_prefix('-').map_or((name, false), |rest| (rest, true));
        if sorted.contains(&name) {
            let key = |row: &Json| (row[name].as_i64(), row[name].as_str().unwrap_or_default().to_owned());
            rows.sort_by(|a, b| if down { key(b).cmp(&key(a)) } else { key(a).cmp(&key(b)) });
        }
    }
    let Some((limit, offset)) = page(ctx.request, ctx.limits.page) else {
        return Answer::json(200, &Json::Array(rows));
    };
    let count = rows.len() as u64;
    let rows_of = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let shown: Vec<Json> = rows.into_iter().skip(rows_of(offset)).take(rows_of(limit)).collect();
    paged(ctx.request, count, limit, offset, Json::Array(shown).to_string().as_bytes())
}

fn page_address(request: &Request, limit: u64, offset: u64) -> String {
    let mut parts: Vec<String> = request
        .raw_query
        .split('&')
        .filter(|p| !p.is_empty() && !p.starts_with("limit=") && !p.starts_with("offset="))
        .map(str::to_owned)
        .collect();
    parts.push(format!("limit={limit}"));
    if offset > 0 {
        parts.push(format!("offset={offset}"));
    }
    format!("{}{}/?{}", request.base_url, request.path, parts.join("&"))
}

/// Reads a number that keys and depths are compared with: a fraction behind it counts nothing.
///
/// # Errors
/// [`Error::Invalid`] naming the parameter.
pub fn whole(name: &str, text: &str) -> Result<i64> {
    let text = text.trim();
    let number = text.parse::<i64>().ok().or_else(|| {
        let real = text.parse::<f64>().ok().filter(|n| n.abs() < 1e15)?;
        Some(real.floor() as i64)
    });
    number.ok_or_else(|| Error::field(name, "Must be a number."))
}

/// Query parameters of a list that is wanted as a file.
pub const EXPORT: &[&str] = &["export", "export_format", "export_plugin"];

/// Whether a list is wanted as a file.
pub fn is_export(request: &Request) -> bool {
    request.method == Method::Get && wants_file(request)
}

/// Whether a request speaks of a list as a file.
pub fn wants_file(request: &Request) -> bool {
    request.param("export").and_then(truth).unwrap_or(false)
}

/// The rows that a request's filters leave, in the order asked for.
fn chosen<'a>(ctx: &mut Context<'a>, resource: &'static Resource) -> Result<Query<'a>> {
    let snapshot = if resource.uses_snapshot { Some(ctx.snapshot()?) } else { None };
    let mut query = Query::of(ctx, resource);
    query.snapshot = snapshot;
    if let Some(read) = resource.open_params {
        read(ctx.conn, &mut query)?;
    }
    narrow(ctx.conn, &mut query, resource)?;
    query.check_links(ctx.conn)?;
    Ok(query)
}

/// All rows that a request's filters leave as a JSON list, whatever pages it asks for.
///
/// # Errors
/// [`Error::Invalid`] where there are more than the server gives at once.
pub fn all_rows(ctx: &mut Context<'_>, resource: &'static Resource) -> Result<Vec<u8>> {
    let query = chosen(ctx, resource)?;
    let (rows, count) = select::write_rows(ctx, resource.view, Rows { query, page: Some((ctx.limits.list, 0)) })?;
    if count >= ctx.limits.list {
        return Err(Error::field(
            "limit",
            "This list is too long to return at once. Request it in pages with `limit` and `offset`.",
        ));
    }
    Ok(rows)
}

/// GET on a list.
///
/// # Errors
/// 400 naming the query parameter that is not valid, 403 for a filter on what the caller may not view; those of the
/// database.
pub fn list(ctx: &mut Context<'_>, resource: &'static Resource) -> Result<Answer> {
    if is_export(ctx.request) {
        return Err(Error::field("export", "This server does not export lists."));
    }
    let Some((limit, offset)) = page(ctx.request, ctx.limits.page) else {
        return Ok(Answer::json_bytes(200, all_rows(ctx, resource)?));
    };
    let mut query = chosen(ctx, resource)?;
    let count = match query.settle(ctx.conn)? {
        Some(count) => count,
        None => {
            let count = query.count(ctx.conn)?;
            query.settle_few(ctx.conn, count)?;
            count
        }
    };
    let head = page_head(ctx.request, count, limit, offset);
    let rows = Rows { query, page: Some((limit, offset)) };
    let (mut body, _) = select::append_rows(ctx, resource.view, rows, head)?;
    body.push(b'}');
    Ok(Answer::json_bytes(200, body))
}

/// GET on one row.
///
/// # Errors
/// [`Error::NotFound`] where the caller can view no such row, [`Error::Denied`] where it belongs to a record that
/// they may not view; those of the database.
pub fn retrieve(ctx: &mut Context<'_>, resource: &'static Resource, key: i64) -> Result<Answer> {
    match row(ctx, resource, key)? {
        Some(body) => Ok(Answer::json_bytes(200, body)),
        None => Err(seen::missing(ctx, resource, key)?),
    }
}

/// One row of a resource as JSON.
///
/// # Errors
/// Those of the database.
pub fn row(ctx: &mut Context<'_>, resource: &'static Resource, key: impl Into<i64>) -> Result<Option<Vec<u8>>> {
    let query = Query::of(ctx, resource);
    select::write_row(ctx, resource.row_view(), query, key)
}
