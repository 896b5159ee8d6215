//! Searches: the rows in which every term of a text stands, in one of the fields that a resource names.
//!
//! The texts of columns that a table names ([`Table::searched`]) are in an index of what stands in them, three
//! letters at a time. Where nothing else narrows the rows, a term of three letters or more is looked up there, in
//! the row's own columns and in those of the rows that it links to. A term that stands in few rows, compared
//! with all, is then a condition on keys. One that stands in many rows is looked for row by row, in the order of the page, whose rows
//! are found soon; the index only counts them. Shorter terms and regular expressions look at every row.

use ironwood_base::{Error, Result};
use ironwood_store::{AsSql, Backend, Connection, Fragment, UNIT, Value, fragment};

use crate::query::{Query, ROOT};
use crate::remembered;
use crate::resource::Resource;
use crate::select::truth;
use crate::sight::Disclosure;
pub(crate) use crate::statement::Keys;
use crate::table::{ColumnType, Table};
use crate::template;
use crate::view::Sql;

/// Most characters of a search text, and most terms in it.
const CHARACTERS: usize = 500;
const TERMS: usize = 20;
/// Shortest term that the index finds.
const SHORTEST: usize = 3;
/// Rows among which a further term is looked for row by row, not by the index.
const ROW_BY_ROW: usize = 1_000;
/// Most rows of a term that are kept by their keys. Among more of them, a page is found sooner by looking at rows in its
/// order.
const MANY: usize = 20_000;

/// How a database finds a text in an expression: gives the SQL.
type Finder = fn(Backend, &Fragment, &Fragment) -> Fragment;
const CONTAINS: Finder = |backend, expression, param| backend.contains(expression, param);
const MATCHES: Finder = |backend, expression, param| backend.matches(expression, param);

/// The name of the index of the searched columns of a table: of a virtual table in SQLite.
pub fn index_of(table: &Table) -> Fragment {
    fragment!("{}_search", table.name)
}

/// The texts of a table's searched columns as one in lower case, as PostgreSQL keeps them in its index. `row` stands
/// before the names of the columns: `x.`, or nothing.
pub fn indexed_text(table: &Table, row: impl AsSql) -> Fragment {
    let columns = table.searched.iter().map(|name| fragment!("COALESCE({row}\"{name}\", '')"));
    let unit = fragment!(" || CHR({}) || ", u32::from(UNIT));
    let mut joined = Fragment::new();
    for (at, column) in columns.enumerate() {
        if at > 0 {
            joined.push(&unit);
        }
        joined.push(column);
    }
    Backend::Postgres.lower(joined)
}

/// Whether the database has the index: PostgreSQL has none where the extension pg_trgm could not be created.
///
/// # Errors
/// Those of the database.
pub fn is_indexed(conn: &mut Connection) -> Result<bool> {
    const SQL: &str = "SELECT COUNT(*) FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE a.amname = 'gin' \
                       AND c.relname LIKE '%\\_search'";
    Ok(conn.backend() == Backend::Sqlite || conn.one(SQL, &[])?.is_some_and(|row| row.int(0) > 0))
}

impl Keys {
    /// The statement; a row may be given more than once where `once` is not set.
    pub(crate) fn sql(&self, once: bool) -> Fragment {
        Fragment::join(&self.parts, if once { " UNION " } else { " UNION ALL " })
    }

    fn bind(&mut self, value: impl Into<Value>) -> Fragment {
        self.values.push(value.into());
        Fragment::parameter(self.values.len())
    }

    /// Keys of the rows of a table in one of whose columns the term stands.
    fn in_columns(&mut self, backend: Backend, table: &Table, columns: &[&'static str], term: &str) -> Fragment {
        if !has_index(table, columns) {
            let param = self.bind(term);
            let columns: Vec<Fragment> = columns.iter().map(|name| fragment!("x.\"{name}\"")).collect();
            return fragment!("SELECT x.id FROM {} x WHERE {}", table.name, backend.contains_any(&columns, &param));
        }
        let index = index_of(table);
        match backend {
            Backend::Sqlite => {
                let names: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
                let text = term.to_lowercase().replace('"', "\"\"");
                let param = self.bind(format!("{{{}}} : \"{text}\"", names.join(" ")));
                fragment!("SELECT rowid FROM {index} WHERE {index} MATCH {param}")
            }
            Backend::Postgres => {
                let mut pattern = String::from("%");
                for c in term.chars() {
                    if matches!(c, '%' | '_' | '\\') {
                        pattern.push('\\');
                    }
                    pattern.push(c);
                }
                pattern.push('%');
                let param = self.bind(pattern);
                let like = fragment!("{} LIKE {}", indexed_text(table, "x."), backend.lower(&param));
                // the index is over all searched columns
                let only = if columns.len() == table.searched.len() {
                    Fragment::new()
                } else {
                    let param = self.bind(term);
                    let columns: Vec<Fragment> = columns.iter().map(|name| fragment!("x.\"{name}\"")).collect();
                    fragment!(" AND {}", backend.contains_any(&columns, &param))
                };
                fragment!("SELECT x.id FROM {} x WHERE {like}{only}", table.name)
            }
        }
    }

    /// Keys of the rows of a table that reach rows with the term by a path of links.
    fn behind(
        &mut self,
        backend: Backend,
        table: &'static Table,
        path: &str,
        columns: &[&'static str],
        term: &str,
    ) -> Fragment {
        let mut steps = Vec::new();
        let mut at = table;
        for step in path.split('.').filter(|step| !step.is_empty()) {
            let Some((link, ColumnType::Link(target, _))) = at.column(step).map(|c| (c.name, c.kind)) else { break };
            steps.push((at, link));
            at = target;
        }
        let found = self.in_columns(backend, at, columns, term);
        steps.iter().rev().fold(found, |found, (table, link)| {
            fragment!("SELECT x.id FROM {} x WHERE x.\"{link}\" IN ({found})", table.name)
        })
    }

    /// Keys of the rows that an expression of a search other than a column finds; none where that takes joins.
    fn by_expression(&mut self, query: &mut Query<'_>, field: Sql, term: &str) -> Option<Fragment> {
        if template::follows(field) {
            return None;
        }
        let backend = query.backend;
        let set = field.strip_prefix("{id} IN (").and_then(|rest| rest.strip_suffix(')'));
        let Some((start, inner)) = field.find("{match ").map(|start| (start, &field[start + 7..])) else {
            let param = self.bind(term);
            let condition = matching(query, field, CONTAINS, &param);
            return Some(fragment!("SELECT {ROOT}.id FROM {} {ROOT} WHERE {condition}", query.table.name));
        };
        let end = inner.find('}')?;
        let found = match column_of(query, field, &inner[..end]) {
            Some((alias, table, column)) => {
                fragment!("{alias}.id IN ({})", self.in_columns(backend, table, &[column], term))
            }
            None => {
                let param = self.bind(term);
                backend.contains(&inner[..end], param)
            }
        };
        let rest = &inner[end + 1..];
        let (start, rest) = match set {
            Some(_) => (&field["{id} IN (".len()..start], &rest[..rest.len() - 1]),
            None => (&field[..start], rest),
        };
        let whole = query.resolve(fragment!("{start}{found}{rest}"));
        Some(match set {
            Some(_) => whole,
            None => fragment!("SELECT {ROOT}.id FROM {} {ROOT} WHERE {whole}", query.table.name),
        })
    }
}

/// Whether the columns are in the index of their table.
fn has_index(table: &Table, columns: &[&str]) -> bool {
    columns.iter().all(|name| table.searched.contains(name))
}

/// The alias, table and searched column that `m."MPN"` in an expression means.
fn column_of(
    query: &Query<'_>,
    field: &str,
    expression: &'static str,
) -> Option<(&'static str, &'static Table, &'static str)> {
    let (alias, column) = expression.split_once('.')?;
    let column = column.strip_prefix('"')?.strip_suffix('"')?;
    let mut words = field.split(|c: char| c.is_whitespace() || c == '(' || c == ')').peekable();
    let mut name = None;
    while let Some(word) = words.next() {
        if words.peek() == Some(&alias) {
            name = Some(word);
            break;
        }
    }
    let resources = &query.registry?.resources;
    let table = resources.iter().map(|r| r.view.table).find(|table| Some(table.name) == name)?;
    table.searched.iter().find(|known| **known == column).map(|known| (alias, table, *known))
}

/// A field that is a column of the row, or of one that it links to: the path of links, and the column.
fn plain(field: Sql) -> Option<(&'static str, &'static str)> {
    let name = field.strip_prefix('{')?.strip_suffix('}')?;
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
    is_name.then(|| name.rsplit_once('.').unwrap_or(("", name)))
}

/// The keys of the rows in which a term stands, where an index helps to find them.
fn keys_of(query: &mut Query<'_>, fields: &[Sql], term: &str) -> Option<Keys> {
    if term.to_lowercase().chars().count() < SHORTEST || term.chars().count() < SHORTEST {
        return None;
    }
    let mut groups: Vec<(&str, Vec<&'static str>)> = Vec::new();
    let mut others = Vec::new();
    for field in fields {
        match plain(field) {
            Some((path, column)) => match groups.iter_mut().find(|(of, _)| *of == path) {
                Some((_, columns)) => columns.push(column),
                None => groups.push((path, vec![column])),
            },
            None => others.push(*field),
        }
    }
    let (backend, table) = (query.backend, query.table);
    if groups.is_empty() || groups.iter().any(|(path, columns)| path.is_empty() && !has_index(table, columns)) {
        return None;
    }
    let mut keys = Keys::default();
    for (path, columns) in &groups {
        let part = keys.behind(backend, table, path, columns, term);
        keys.parts.push(part);
    }
    for field in others {
        let part = keys.by_expression(query, field, term)?;
        keys.parts.push(part);
    }
    Some(keys)
}

/// What looking a term up in the index gave.
enum Found {
    /// The keys of the rows, each once, in their order.
    Rows(Vec<i64>),
    /// Too many: the statement that finds them.
    Many(Keys),
}

fn look_up(conn: &mut Connection, keys: Keys) -> Result<Found> {
    let sql = fragment!("{} LIMIT {}", keys.sql(false), MANY + 1);
    let mut found = remembered::numbers(conn, &sql, &keys.values)?;
    if found.len() > MANY {
        return Ok(Found::Many(keys));
    }
    found.sort_unstable();
    found.dedup();
    Ok(Found::Rows(found))
}

/// A condition that finds a text: `{match x}` in an expression, or the whole expression.
fn matching(query: &mut Query<'_>, expression: Sql, how: Finder, param: &Fragment) -> Fragment {
    let backend = query.backend;
    match expression.find("{match ") {
        None => {
            let sql = query.resolve(expression);
            how(backend, &sql, param)
        }
        Some(start) => {
            let inner = &expression[start + 7..];
            let end = inner.find('}').unwrap_or(inner.len());
            let found = how(backend, &inner[..end].into(), param);
            query.resolve(fragment!("{}{found}{}", &expression[..start], inner.get(end + 1..).unwrap_or_default()))
        }
    }
}

/// The terms of a search text, all of which have to be found: words, parted by spaces and commas, and what
/// stands between quotation marks as a whole.
pub fn terms(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let quoted = matches!(first, '"' | '\'').then(|| closing(&rest[1..], first)).flatten();
        let end = match quoted {
            Some(inner) => 1 + inner + 1,
            None => rest.find(char::is_whitespace).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(end);
        let is_whole = after.trim_start_matches(',').chars().next().is_none_or(char::is_whitespace);
        if quoted.is_some() && is_whole {
            let inner = &token[1..token.len() - 1];
            found.push(inner.replace(&format!("\\{first}"), &first.to_string()).replace("\\\\", "\\"));
            rest = after.trim_start_matches(',').trim_start();
        } else {
            // a mark that closes nothing, or that more follows, is a sign like others
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            found.extend(rest[..end].split(',').map(str::to_owned));
            rest = rest[end..].trim_start();
        }
    }
    found.iter().map(|term| term.trim()).filter(|term| !term.is_empty()).map(str::to_owned).collect()
}

/// Where the mark stands again that is not behind a backslash.
fn closing(text: &str, mark: char) -> Option<usize> {
    let mut escaped = false;
    text.char_indices()
        .find(|(_, c)| {
            let closes = *c == mark && !escaped;
            escaped = *c == '\\' && !escaped;
            closes
        })
        .map(|(at, _)| at)
}

/// The fields that a search looks into together, by the link that they lie behind; none for the row's own.
fn by_link(fields: &[Sql]) -> Vec<(Option<&'static str>, Vec<Sql>)> {
    let mut groups: Vec<(Option<&'static str>, Vec<Sql>)> = Vec::new();
    for field in fields {
        let link = field.strip_prefix('{').and_then(|f| f.strip_suffix('}')).and_then(|f| f.split_once('.'));
        let link = link.map(|(link, _)| link);
        match groups.iter_mut().find(|(of, _)| *of == link) {
            Some((_, group)) => group.push(field),
            None => groups.push((link, vec![field])),
        }
    }
    groups
}

/// How the terms of a search are looked for.
#[derive(Clone, Copy)]
struct TermSearch {
    regex: bool,
    whole: bool,
}

/// The condition that looks for a term in every row. Rows that are linked are looked through once for all (`once`),
/// or with each row. Gives the placeholder of the term, too.
fn condition(
    query: &mut Query<'_>,
    fields: &[Sql],
    term: &str,
    how: TermSearch,
    once: bool,
) -> Result<(Fragment, Fragment)> {
    let together = !how.whole && !how.regex && !term.contains(UNIT);
    let (param, finder): (Fragment, Finder) = if how.whole || how.regex {
        let core = if how.regex { term.to_owned() } else { regex::escape(term) };
        let pattern = if how.whole { format!("(^|[^[:alnum:]_])({core})([^[:alnum:]_]|$)") } else { core };
        (query.bind_pattern("search", &pattern)?, MATCHES)
    } else {
        (query.bind(term), CONTAINS)
    };
    let mut any: Vec<Fragment> = Vec::new();
    let (plain, others): (Vec<Sql>, Vec<Sql>) = fields.iter().partition(|f| together && !f.contains("{match "));
    let groups = if once { by_link(&plain) } else { vec![(None, plain)] };
    for (link, group) in groups.iter().filter(|(_, group)| !group.is_empty()) {
        let found = |query: &mut Query<'_>, skip: usize| {
            // without the link that the rows are behind
            let inner = |field: &Sql| query.resolve(fragment!("{}{}", &field[..1], &field[1 + skip..]));
            let fields: Vec<Fragment> = group.iter().map(inner).collect();
            query.backend.contains_any(&fields, &param)
        };
        any.push(match link {
            None => found(query, 0),
            Some(link) => query.among_linked(link, |inner| found(inner, link.len() + 1)),
        });
    }
    any.extend(others.iter().map(|f| matching(query, f, finder, &param)));
    Ok((Fragment::join(&any, " OR "), param))
}

/// Adds the conditions of a search. Where nothing else narrows the rows (`once`), terms are looked up in the index,
/// and those that it does not find in linked rows once for all, not for every row: there are fewer of these.
///
/// # Errors
/// [`Error::Invalid`] naming what is malformed; those of the database.
pub(crate) fn search(
    conn: &mut Connection,
    query: &mut Query<'_>,
    resource: &Resource,
    text: &str,
    mut once: bool,
) -> Result<()> {
    if text.contains('\0') || text.chars().count() > CHARACTERS {
        return Err(Error::field("search", "This search text is not valid."));
    }
    let says = |name: &str| query.request.param(name).and_then(truth).unwrap_or(false);
    let how = TermSearch { regex: says("search_regex"), whole: says("search_whole") };
    let more = resource.view.table.columns.iter().filter_map(|column| column.searched_if);
    let more = more.filter(|(parameter, _)| says(parameter)).map(|(_, template)| template);
    let mut fields: Vec<Sql> = resource.search.iter().copied().chain(more).collect();
    if fields.is_empty() {
        return Ok(());
    }
    fields.retain(|field| !Disclosure::TEXT.is_hidden(field, query.table, query.caller));
    if fields.is_empty() {
        query.and("1 = 0");
        return Ok(());
    }
    let (mut wide, mut rows) = (Vec::new(), None::<Vec<i64>>);
    let (mut indexed, mut others) = (Vec::new(), Vec::new());
    for term in terms(text).into_iter().take(TERMS) {
        // among few rows, a term is sooner looked for in each of them
        let usable = once && rows.as_ref().is_none_or(|rows| rows.len() > ROW_BY_ROW);
        let usable = usable && !how.regex && !how.whole && !term.contains(UNIT);
        let keys = if usable { keys_of(query, &fields, &term) } else { None };
        match keys.map(|keys| look_up(conn, keys)).transpose()? {
            Some(Found::Rows(found)) => {
                rows = Some(match rows {
                    None => found,
                    Some(known) => known.into_iter().filter(|key| found.binary_search(key).is_ok()).collect(),
                });
            }
            Some(Found::Many(keys)) => indexed.push((term, keys)),
            None => others.push(term),
        }
    }
    if let Some(rows) = &rows {
        query.and_found(rows);
        once = false;
    }
    for (term, keys) in indexed {
        let (sql, param) = condition(query, &fields, &term, how, false)?;
        wide.push((sql.clone(), param, keys));
        query.and_sql(sql);
    }
    for term in others {
        let (sql, _) = condition(query, &fields, &term, how, once)?;
        query.and_sql(sql);
    }
    if rows.is_some() || wide.is_empty() {
        query.looks_at_every_row();
    } else {
        wide.into_iter().for_each(|(condition, param, keys)| query.counted_among(condition, param, keys));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::terms;

    #[test]
    fn terms_are_words_or_stand_between_quotation_marks() {
        for (text, wanted) in [
            ("red paint, blue", &["red", "paint", "blue"] as &[&str]),
            ("a,b ,,c", &["a", "b", "c"]),
            ("\"red paint\" 5", &["red paint", "5"]),
            ("'red paint', x", &["red paint", "x"]),
            ("\"5 \\\" x\"", &["5 \" x"]),
            ("5\" pipe", &["5\"", "pipe"]),
            ("\"open end", &["\"open", "end"]),
            ("\"a b\"c", &["\"a", "b\"c"]),
            ("\"\" ''", &[]),
            ("  ", &[]),
        ] {
            assert_eq!(terms(text), wanted, "{text}");
        }
    }
}
