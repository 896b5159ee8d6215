//! The triggers that write the change log, and those that count changes ([`COUNTED`]), made from the table descriptions.
//!
//! They are no part of the numbered migrations: each start compares what the descriptions ask for with what the
//! database has, and makes them anew where that differs. So a new column is logged without being named here.
//!
//! SQLite runs a trigger for each row. PostgreSQL runs one for each statement over the rows that it touched
//! (transition tables), which costs a statement of many rows a fraction.

use std::fmt::Write;

use ironwood_base::{Error, Result};
use ironwood_rest::selected;
use ironwood_rest::table::{Column, ColumnType, Table};
use ironwood_store::{Backend, Connection, Database, Fragment, Origin, fragment};
use sha2::{Digest, Sha256};

use super::values::{ColumnList, columns, is_logged};
use crate::platform::users::secret::hex;
use crate::schema::TABLES;
use crate::schema::versions::{COUNTED, SLOTS, VERSION};

/// Arguments that a function of PostgreSQL takes, with some to spare.
const ARGUMENTS: usize = 60;

/// What stands in the log for a value that must not be kept.
pub(super) const SECRET: &str = "changed";

/// How the names of the triggers end, by what they follow.
const EVENTS: [(&str, &str); 3] =
    [("_logged_add", "INSERT"), ("_logged_change", "UPDATE"), ("_logged_delete", "DELETE")];
/// The same of those that count changes.
const COUNTING: [(&str, &str); 3] =
    [("_counted_add", "INSERT"), ("_counted_change", "UPDATE"), ("_counted_delete", "DELETE")];
/// Most that a counter goes up by at once.
const STEP: i64 = 1 << 24;

/// Brings the triggers of a database up to date with the descriptions.
///
/// # Errors
/// Those of the database.
pub fn install(database: &Database) -> Result<()> {
    let statements = statements(database.backend(), TABLES);
    let mark = hex(&Sha256::digest(statements.join(";\n").as_bytes()));
    let known = mark.clone();
    if database.read(move |conn| has(conn, &known))? {
        return Ok(());
    }
    database.write(&Origin::migration("triggers of the change log"), move |conn| {
        if conn.backend() == Backend::Postgres {
            // of several servers that start at once, one makes them
            conn.batch("LOCK TABLE ironwood_log_state IN EXCLUSIVE MODE")?;
            if has(conn, &mark)? {
                return Ok(());
            }
        }
        drop_all(conn)?;
        for statement in &statements {
            conn.batch(Fragment::generated(statement))?;
        }
        conn.execute("UPDATE ironwood_log_state SET triggers = $1 WHERE id = 1", &[mark.as_str().into()])?;
        Ok(())
    })
}

fn has(conn: &mut Connection, mark: &str) -> Result<bool> {
    let row = conn.one("SELECT triggers FROM ironwood_log_state WHERE id = 1", &[])?;
    let row = row.ok_or_else(|| Error::Internal("the change log lost its state".into()))?;
    Ok(row.text(0) == mark)
}

selected! {
    /// A database trigger.
    struct Trigger {
        name: String = "t.name",
        table: String = "t.on_table",
    }
}

/// Drops the triggers that there are, those of tables that are logged no more included.
///
/// # Errors
/// Those of the database.
pub fn drop_all(conn: &mut Connection) -> Result<()> {
    let (from, on) = match conn.backend() {
        Backend::Sqlite => {
            ("FROM (SELECT name, tbl_name AS on_table FROM sqlite_master WHERE type = 'trigger') t", false)
        }
        Backend::Postgres => (
            "FROM (SELECT t.tgname::text AS name, c.relname::text AS on_table FROM pg_trigger t \
             JOIN pg_class c ON c.oid = t.tgrelid \
             WHERE NOT t.tgisinternal AND c.relnamespace = CAST(current_schema() AS regnamespace)) t",
            true,
        ),
    };
    for Trigger { name, table } in selected::all(conn, from, &[])? {
        let is_ours = EVENTS.iter().chain(&COUNTING).any(|(end, _)| name.strip_suffix(end) == Some(table.as_str()));
        if is_ours || name == OUTSIDE {
            let (Some(name), Some(table)) = (Fragment::name(&name), Fragment::name(&table)) else { continue };
            let on = if on { fragment!(" ON {table}") } else { Fragment::new() };
            conn.batch(fragment!("DROP TRIGGER {name}{on}"))?;
        }
    }
    Ok(())
}

/// The statements that make the functions and triggers for these tables.
pub(crate) fn statements(backend: Backend, tables: &[&Table]) -> Vec<String> {
    let mut all = match backend {
        Backend::Sqlite => vec![OUTSIDE_SQLITE.to_owned()],
        Backend::Postgres => vec![TRANSACTION_POSTGRES.to_owned()],
    };
    for table in tables.iter().filter(|table| is_logged(table)) {
        match backend {
            Backend::Sqlite => all.extend(sqlite(table)),
            Backend::Postgres => all.extend(postgres(table)),
        }
    }
    all.extend(counting(backend, tables));
    all
}

/// The statements that count changes of those of these tables that are counted.
fn counting(backend: Backend, tables: &[&Table]) -> Vec<String> {
    let version = VERSION.name;
    let is_here = |table: &&&Table| tables.iter().any(|known| known.name == table.name);
    let counted: Vec<(i64, &Table)> =
        COUNTED.iter().flat_map(|(counter, of)| of.iter().filter(is_here).map(|table| (*counter, *table))).collect();
    if counted.is_empty() {
        return Vec::new();
    }
    let mut all: Vec<String> = COUNTED
        .iter()
        .map(|(counter, _)| {
            format!(
                "INSERT INTO {version} (\"counter\", \"slot\", \"number\") SELECT {counter}, 0, 0 WHERE NOT EXISTS \
                 (SELECT 1 FROM {version} WHERE \"counter\" = {counter} AND \"slot\" = 0)"
            )
        })
        .collect();
    if backend == Backend::Postgres {
        // by its key: a look at all slots would be one at those of other writers
        all.push(format!(
            "CREATE OR REPLACE FUNCTION ironwood_count_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             INSERT INTO {version} (\"counter\", \"slot\", \"number\") \
             VALUES (TG_ARGV[0]::bigint, pg_backend_pid() % {SLOTS}, 1 + floor(random() * {STEP})::bigint) \
             ON CONFLICT (\"counter\", \"slot\") DO UPDATE SET \"number\" = {version}.\"number\" + EXCLUDED.\"number\"; \
             RETURN NULL; END $$"
        ));
    }
    for (counter, table) in counted {
        let (name, columns) = (table.name, columns(table).map(|c| format!("\"{}\"", c.name)).collect::<Vec<_>>());
        for (end, event) in COUNTING {
            let of = if event == "UPDATE" { format!(" OF {}", columns.join(", ")) } else { String::new() };
            let head = format!("CREATE TRIGGER {name}{end} AFTER {event}{of} ON {name}");
            all.push(match backend {
                Backend::Sqlite => format!(
                    "{head} BEGIN UPDATE {version} SET \"number\" = \"number\" + 1 + abs(random() % {STEP}) \
                     WHERE \"counter\" = {counter} AND \"slot\" = 0; END"
                ),
                Backend::Postgres => {
                    format!("{head} FOR EACH ROW EXECUTE FUNCTION ironwood_count_change('{counter}')")
                }
            });
        }
    }
    all
}

/// Name of the trigger that gives changes by other programs a transaction.
const OUTSIDE: &str = "ironwood_change_outside";

/// A change without a transaction of this program comes from another one: it is a transaction of its own.
const OUTSIDE_SQLITE: &str = "CREATE TRIGGER ironwood_change_outside AFTER INSERT ON ironwood_change \
    WHEN NEW.\"transaction\" = 0 BEGIN \
    UPDATE ironwood_log_state SET \"transaction\" = \"transaction\" + 1 WHERE id = 1; \
    INSERT INTO ironwood_transaction (id, \"time\", \"kind\") SELECT \"transaction\", \
    strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'outside' FROM ironwood_log_state WHERE id = 1; \
    UPDATE ironwood_change SET \"transaction\" = (SELECT \"transaction\" FROM ironwood_log_state WHERE id = 1) \
    WHERE id = NEW.id; END";

/// Number of the transaction: its first change writes down where it comes from, as the program said at its begin.
const TRANSACTION_POSTGRES: &str = "CREATE OR REPLACE FUNCTION ironwood_log_transaction() RETURNS BIGINT \
    LANGUAGE plpgsql AS $$ DECLARE known TEXT := current_setting('ironwood.transaction', true); origin JSON; \
    number BIGINT; BEGIN \
    IF known <> '' THEN RETURN known::bigint; END IF; \
    origin := NULLIF(current_setting('ironwood.origin', true), '')::json; \
    INSERT INTO ironwood_transaction (\"time\", \"kind\", \"task\", \"user\", \"username\", \"sign_in\", \"address\", \
    \"request\", \"method\", \"path\") VALUES (COALESCE(origin ->> 'time', to_char(clock_timestamp() AT TIME ZONE 'UTC', \
    'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')), COALESCE(origin ->> 'kind', 'outside'), origin ->> 'task', \
    (origin ->> 'user')::bigint, CASE WHEN origin IS NULL THEN session_user::text ELSE origin ->> 'username' END, \
    origin ->> 'sign_in', origin ->> 'address', origin ->> 'request', origin ->> 'method', origin ->> 'path') \
    RETURNING id INTO number; \
    PERFORM set_config('ironwood.transaction', number::text, true); \
    RETURN number; END $$";

fn sqlite(table: &Table) -> Vec<String> {
    let name = table.name;
    let trigger = |event: usize, entry: &str| {
        let (end, event) = EVENTS[event];
        format!(
            "CREATE TRIGGER {name}{end} AFTER {event} ON {name} BEGIN INSERT INTO ironwood_change (\"transaction\", \
             \"table\", \"key\", \"action\", \"changes\") SELECT {entry}; END"
        )
    };
    const NUMBER: &str = "CASE open WHEN 1 THEN \"transaction\" ELSE 0 END";
    const STATE: &str = "FROM ironwood_log_state WHERE id = 1 AND open < 2";
    let list = ColumnList::of(table);
    let whole = |row: &str, action: &str| {
        let values: String = columns(table).map(|column| format!(", {}", sqlite_value(row, column))).collect();
        format!("{NUMBER}, '{name}', {row}.id, '{action}', json_array({}{values}) {STATE}", list.number())
    };
    // without the limit the text would be put together twice, for the condition and to be written
    let changed = format!(
        "c.number, '{name}', NEW.id, 'change', '{{' || substr(c.changes, 2) || '}}' FROM (SELECT {NUMBER} AS number, \
         {} AS changes {STATE} LIMIT 1) c WHERE c.changes <> ''",
        sqlite_differences(table)
    );
    vec![list.insert(), trigger(0, &whole("NEW", "add")), trigger(1, &changed), trigger(2, &whole("OLD", "delete"))]
}

/// A value for JSON as the database holds it. What it means is told by whoever reads it ([`super::values`]): that
/// keeps the triggers short, which each connection reads when it is opened.
fn sqlite_value(row: &str, column: &Column) -> String {
    let field = format!("{row}.\"{}\"", column.name);
    match column.kind {
        _ if column.secret => format!("CASE WHEN {field} <> '' THEN '{SECRET}' END"),
        // seventeen digits tell any two numbers apart
        ColumnType::Real => format!("CASE WHEN {field} IS NOT NULL THEN printf('%!.17g', {field}) END"),
        _ => field,
    }
}

/// The members for the columns that differ: `,"name":["Bolt","Screw"],"quantity":[100000,250000,5]`, where the third
/// number says how many digits are decimal places; an empty text where none differs.
fn sqlite_differences(table: &Table) -> String {
    let members = columns(table).map(|column| {
        let name = column.name;
        let [was, is] = ["OLD", "NEW"].map(|row| sqlite_value(row, column));
        let change = match column.kind {
            _ if column.secret => format!("',\"{name}\":\"{SECRET}\"'"),
            ColumnType::Decimal { places, .. } => format!("',\"{name}\":' || json_array({was}, {is}, {places})"),
            _ => format!("',\"{name}\":' || json_array({was}, {is})"),
        };
        format!("CASE WHEN OLD.\"{name}\" IS NOT NEW.\"{name}\" THEN {change} ELSE '' END")
    });
    let members: Vec<String> = members.collect();
    if members.is_empty() { "''".to_owned() } else { halved(&members) }
}

fn postgres(table: &Table) -> Vec<String> {
    let name = table.name;
    let insert = |key: &str, action: &str, changes: &str, from: &str| {
        format!(
            "INSERT INTO ironwood_change (\"transaction\", \"table\", \"key\", \"action\", \"changes\") \
             SELECT (SELECT ironwood_log_transaction()), '{name}', {key}, '{action}', '{{' || substr({changes}, 2) || '}}' \
             FROM {from};"
        )
    };
    let changed = format!(
        "(SELECT n.id, {} AS changes FROM old_rows o JOIN new_rows n ON n.id = o.id OFFSET 0) c WHERE c.changes <> ''",
        differences("o", "n", table)
    );
    // The plan of the join is kept from its first run, of one row as a rule: nested loops would make the next
    // statement of many rows take for ever.
    let function = format!(
        "CREATE OR REPLACE FUNCTION ironwood_log_{name}() RETURNS trigger LANGUAGE plpgsql \
         SET enable_nestloop = off AS $$ BEGIN \
         IF current_setting('ironwood.log', true) = 'off' THEN RETURN NULL; \
         ELSIF TG_OP = 'UPDATE' THEN {} ELSIF TG_OP = 'INSERT' THEN {} ELSE {} END IF; RETURN NULL; END $$",
        insert("c.id", "change", "c.changes", &changed),
        insert("n.id", "add", &values("n", table), "new_rows n"),
        insert("o.id", "delete", &values("o", table), "old_rows o"),
    );
    let tables = ["NEW TABLE AS new_rows", "OLD TABLE AS old_rows NEW TABLE AS new_rows", "OLD TABLE AS old_rows"];
    let triggers = EVENTS.iter().zip(tables).map(|((end, event), rows)| {
        format!(
            "CREATE TRIGGER {name}{end} AFTER {event} ON {name} REFERENCING {rows} FOR EACH STATEMENT \
             EXECUTE FUNCTION ironwood_log_{name}()"
        )
    });
    std::iter::once(function).chain(triggers).collect()
}

/// The members of a JSON object with the values of a row, those that are null left out: `,"name":"Bolt","part":7`.
fn values(row: &str, table: &Table) -> String {
    joined(columns(table).map(|column| {
        let (name, field) = (column.name, format!("{row}.\"{}\"", column.name));
        if column.secret {
            return format!("CASE WHEN {field} <> '' THEN ',\"{name}\":\"{SECRET}\"' ELSE '' END");
        }
        let member = format!("',\"{name}\":' || {}", value(&field, column));
        if column.null { format!("COALESCE({member}, '')") } else { member }
    }))
}

/// The members for the columns that differ: `,"name":["Bolt","Screw"]`; an empty text where none does.
fn differences(old: &str, new: &str, table: &Table) -> String {
    joined(columns(table).map(|column| {
        let name = column.name;
        let [before, after] = [old, new].map(|row| format!("{row}.\"{name}\""));
        let change = if column.secret {
            format!("',\"{name}\":\"{SECRET}\"'")
        } else {
            let [was, is] = [&before, &after].map(|field| {
                let value = value(field, column);
                if column.null { format!("COALESCE({value}, 'null')") } else { value }
            });
            format!("',\"{name}\":[' || {was} || ',' || {is} || ']'")
        };
        format!("CASE WHEN {before} IS DISTINCT FROM {after} THEN {change} ELSE '' END")
    }))
}

/// All of these texts, one after the other.
fn joined(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() {
        return "''".to_owned();
    }
    let lots = parts.chunks(ARGUMENTS).map(|lot| format!("concat({})", lot.join(", ")));
    lots.collect::<Vec<_>>().join(" || ")
}

/// Texts joined by twos: joined one by one, the beginning would be copied for each. Not by a function that older
/// programs for SQLite files lack, because these run the triggers, too.
fn halved(parts: &[String]) -> String {
    match parts {
        [part] => part.clone(),
        parts => {
            let (left, right) = parts.split_at(parts.len() / 2);
            format!("({} || {})", halved(left), halved(right))
        }
    }
}

/// A value as the text of JSON; null where it is null. Exact decimals are texts with all their places.
fn value(field: &str, column: &Column) -> String {
    match column.kind {
        ColumnType::Int { .. } | ColumnType::Link(..) | ColumnType::Bool => format!("{field}::text"),
        ColumnType::Decimal { places, .. } => {
            let mut unit = String::from("0.");
            let _ = write!(unit, "{:0>1$}", 1, usize::from(places));
            format!("'\"' || ({field} * {unit}) || '\"'")
        }
        _ => format!("to_json({field})::text"),
    }
}
