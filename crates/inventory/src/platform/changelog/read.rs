//! Reading the change log.

use ironwood_base::{Result, clock};
use ironwood_rest::selected;
use ironwood_rest::table::{Column, Table};
use ironwood_store::{Connection, Fragment, Value, fragment};
use serde_json::{Map, Value as Json, json};

use super::triggers::SECRET;
use super::values::ColumnLists;
use crate::schema::keys::UserKey;
use crate::schema::{TABLES, table_by_name, table_by_record};

/// Which entries are read.
#[derive(Debug, Clone, Default)]
pub struct LogFilter {
    pub table: Option<&'static Table>,
    /// Key of a row of the table.
    pub key: Option<i64>,
    /// Name or key of a user.
    pub user: Option<String>,
    /// The moment of the oldest entry, as the database writes moments.
    pub since: Option<String>,
    /// Only entries before the one with this key.
    pub before: Option<i64>,
}

/// What happened to one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub id: i64,
    /// Number of the transaction: what has the same one happened together.
    pub transaction: i64,
    pub time: String,
    /// What acted (`request`, `job`, …), and everything else that is known of it, by name.
    pub origin: Map<String, Json>,
    /// Name of the table; empty for an entry that speaks of many.
    pub table: String,
    pub key: i64,
    pub action: String,
    /// The columns that changed; of an entry that speaks of many tables, the number of rows of each.
    pub changes: Vec<Change>,
}

/// What happened to one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub column: String,
    pub before: Json,
    pub after: Json,
    /// Its values are not kept.
    pub is_secret: bool,
}

const ORIGIN: [&str; 9] = ["kind", "task", "user", "username", "sign_in", "address", "request", "method", "path"];

/// The table that somebody means: by its name, its record model, or the model's own name (`part`).
pub fn find_table(name: &str) -> Option<&'static Table> {
    let own = || TABLES.iter().copied().find(|table| !table.record.is_empty() && table.model() == name);
    table_by_name(name).or_else(|| table_by_record(name)).or_else(own)
}

/// A moment that somebody means: `2026-11-28`, `2026-11-28T14:00`, or so long ago: `30m`, `12h`, `7d`.
pub fn find_moment(text: &str) -> Option<String> {
    let text = text.trim();
    let units = [("m", 60), ("h", 60 * 60), ("d", 24 * 60 * 60)];
    for (unit, seconds) in units {
        if let Some(number) = text.strip_suffix(unit).and_then(|number| number.parse::<u32>().ok()) {
            return Some(clock::seconds_from_now(-i64::from(number) * seconds));
        }
    }
    clock::parse_date(text).map(|day| format!("{day}T00:00:00.000Z")).or_else(|| clock::parse_time(text))
}

impl LogFilter {
    /// The same, from where another look at the log ended.
    pub fn older_than(self, before: Option<i64>) -> Self {
        LogFilter { before: before.or(self.before), ..self }
    }

    fn condition(&self) -> (Fragment, Vec<Value>) {
        let (mut parts, mut values) = (Vec::new(), Vec::new());
        let mut add = |part: &'static str, value: Value| {
            values.push(value);
            parts.push(Fragment::from(part).replace("?", Fragment::parameter(values.len())));
        };
        if let Some(table) = self.table {
            add("c.\"table\" = ?", table.name.into());
        }
        if let Some(key) = self.key {
            add("c.\"key\" = ?", key.into());
        }
        if let Some(before) = self.before {
            add("c.id < ?", before.into());
        }
        if let Some(user) = &self.user {
            add("c.\"transaction\" IN (SELECT u.id FROM ironwood_transaction u WHERE u.username = ?)", user.into());
        }
        if let Some(since) = &self.since {
            // numbers follow time closely: the first condition is for the index
            let since_then = "c.\"transaction\" >= COALESCE((SELECT MIN(f.id) FROM ironwood_transaction f \
                              WHERE f.\"time\" >= ?), 0) AND x.\"time\" >= ?";
            add(since_then, since.into());
        }
        (if parts.is_empty() { "1 = 1".into() } else { Fragment::join(&parts, " AND ") }, values)
    }
}

/// Number of entries.
///
/// # Errors
/// Those of the database.
pub fn count(conn: &mut Connection, filter: &LogFilter) -> Result<u64> {
    let (condition, values) = filter.condition();
    let join = if filter.since.is_some() { " JOIN ironwood_transaction x ON x.id = c.\"transaction\"" } else { "" };
    let sql = fragment!("SELECT COUNT(*) FROM ironwood_change c{join} WHERE {condition}");
    Ok(conn.one(&sql, &values)?.map_or(0, |row| row.int(0)).unsigned_abs())
}

/// Most bytes of changes of a page.
const MOST_BYTES: i64 = 4 << 20;

/// How many entries of a page are read at once: one at least, and no more than `MOST_BYTES` of what changed.
///
/// # Errors
/// Those of the database.
pub fn fitting(conn: &mut Connection, filter: &LogFilter, limit: u64, offset: u64) -> Result<u64> {
    let (condition, mut values) = filter.condition();
    let (n, number) = (values.len() + 1, |value: u64| Value::Int(i64::try_from(value).unwrap_or(i64::MAX)));
    let sql = fragment!(
        "SELECT LENGTH(c.changes) FROM ironwood_change c JOIN ironwood_transaction x ON x.id = c.\"transaction\" \
         WHERE {condition} ORDER BY c.id DESC LIMIT ${n} OFFSET ${}",
        n + 1
    );
    values.extend([number(limit), number(offset)]);
    let (mut fit, mut bytes) = (0, 0_i64);
    let rows = conn.rows(&sql, &values)?;
    for row in &rows {
        bytes = bytes.saturating_add(row.int(0));
        if fit > 0 && bytes > MOST_BYTES {
            return Ok(fit);
        }
        fit += 1;
    }
    Ok(limit)
}

/// Entries, the newest first.
///
/// # Errors
/// Those of the database.
pub fn entries(conn: &mut Connection, filter: &LogFilter, limit: u64, offset: u64) -> Result<Vec<Entry>> {
    let (condition, mut values) = filter.condition();
    let (n, number) = (values.len() + 1, |value: u64| Value::Int(i64::try_from(value).unwrap_or(i64::MAX)));
    let from = fragment!(
        "FROM ironwood_change c JOIN ironwood_transaction x ON x.id = c.\"transaction\" \
         WHERE {condition} ORDER BY c.id DESC LIMIT ${n} OFFSET ${}",
        n + 1
    );
    values.extend([number(limit), number(offset)]);
    let rows: Vec<Logged> = selected::all(conn, &from, &values)?;
    let lists = ColumnLists::of(conn, rows.iter().map(|row| row.changes.as_str()))?;
    rows.into_iter().map(|row| row.entry(&lists)).collect()
}

selected! {
    /// An entry as it is stored, with its transaction.
    struct Logged {
        id: i64 = "c.id",
        transaction: i64 = "c.\"transaction\"",
        time: String = "x.\"time\"",
        table: String = "c.\"table\"",
        key: i64 = "c.\"key\"",
        action: String = "c.\"action\"",
        changes: String = "c.changes",
        kind: Option<String> = "x.\"kind\"",
        task: Option<String> = "x.\"task\"",
        user: Option<UserKey> = "x.\"user\"",
        username: Option<String> = "x.\"username\"",
        sign_in: Option<String> = "x.\"sign_in\"",
        address: Option<String> = "x.\"address\"",
        request: Option<String> = "x.\"request\"",
        method: Option<String> = "x.\"method\"",
        path: Option<String> = "x.\"path\"",
    }
}

impl Logged {
    fn entry(self, lists: &ColumnLists) -> Result<Entry> {
        let known = table_by_name(&self.table);
        let members = lists.members(known, &self.changes)?;
        let changes = members.iter().map(|(column, value)| change(known, &self.action, column, value)).collect();
        let origin: [Option<Json>; ORIGIN.len()] = [
            self.kind.map(Json::from),
            self.task.map(Json::from),
            self.user.map(Json::from),
            self.username.map(Json::from),
            self.sign_in.map(Json::from),
            self.address.map(Json::from),
            self.request.map(Json::from),
            self.method.map(Json::from),
            self.path.map(Json::from),
        ];
        let origin = ORIGIN.into_iter().zip(origin);
        Ok(Entry {
            id: self.id,
            transaction: self.transaction,
            time: self.time,
            origin: origin.filter_map(|(name, value)| Some((name.to_owned(), value?))).collect(),
            table: self.table,
            key: self.key,
            action: self.action,
            changes,
        })
    }
}

fn change(table: Option<&'static Table>, action: &str, name: &str, logged: &Json) -> Change {
    let column: Option<&Column> = table.and_then(|table| table.column(name));
    let (before, after) = match (action, logged) {
        ("change", Json::Array(pair)) if pair.len() == 2 => (pair[0].clone(), pair[1].clone()),
        ("delete", value) => (value.clone(), Json::Null),
        (_, value) => (Json::Null, value.clone()),
    };
    // a column may have become a secret since: what the log keeps of it is not told
    let unkept = action == "change" && logged.as_str() == Some(SECRET);
    let is_secret = unkept || column.is_some_and(|column| column.secret);
    if is_secret {
        return Change { column: name.to_owned(), before: Json::Null, after: Json::Null, is_secret };
    }
    Change { column: name.to_owned(), before, after, is_secret }
}

impl Entry {
    /// The entry as JSON.
    pub fn json(&self) -> Json {
        let changes: Vec<Json> = self
            .changes
            .iter()
            .map(|change| {
                json!({
                    "column": change.column, "before": change.before, "after": change.after,
                    "secret": change.is_secret,
                })
            })
            .collect();
        let mut shown = json!({
            "pk": self.id, "transaction": self.transaction, "time": self.time, "table": self.table, "key": self.key,
            "action": self.action, "changes": changes,
        });
        for name in ORIGIN {
            shown[name] = self.origin.get(name).cloned().unwrap_or(Json::Null);
        }
        shown
    }

    /// The entry for a person, on one line and one more for each column.
    pub fn text(&self) -> String {
        let shown = |name: &str| self.origin.get(name).and_then(Json::as_str).unwrap_or_default();
        let who = match (shown("username"), self.origin.get("user")) {
            ("", Some(key)) => format!("user {key}"),
            ("", None) => String::new(),
            (name, _) => name.to_owned(),
        };
        let from =
            [shown("sign_in"), shown("address"), shown("method"), shown("path"), shown("task"), shown("request")];
        let from: Vec<&str> = from.into_iter().filter(|text| !text.is_empty()).collect();
        let row = if self.table.is_empty() { "records".to_owned() } else { format!("{} {}", self.table, self.key) };
        let who = if who.is_empty() { String::new() } else { format!(" {who}") };
        let mut text = format!("{} {} {row}  {}{who}", self.time, self.action, shown("kind"));
        if !from.is_empty() {
            text.push_str(&format!(" ({})", from.join(", ")));
        }
        for change in &self.changes {
            let shown = match (change.is_secret, self.action.as_str()) {
                (true, _) => "(secret)".to_owned(),
                (_, "change") => format!("{} -> {}", change.before, change.after),
                (_, "delete") => change.before.to_string(),
                _ => change.after.to_string(),
            };
            text.push_str(&format!("\n    {}: {shown}", change.column));
        }
        text
    }
}
