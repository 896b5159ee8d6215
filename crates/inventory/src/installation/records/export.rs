//! Writes all records as a file that InvenTree and [`super::import`] read.

use std::collections::HashMap;
use std::io::Write;
use std::sync::mpsc::{SyncSender, sync_channel};

use ironwood_base::{Error, clock};
use ironwood_rest::change::default_value;
use ironwood_rest::selected;
use ironwood_rest::selected::Selected;
use ironwood_rest::table::{Column, ColumnType, PATH, Table, Tree};
use ironwood_store::{Connection, Database, Fragment, Value, ValueRef, fragment};

use super::values::{self, number, text_of};
use super::{API_VERSION, RecordsError};

/// Bytes handed over at a time.
const CHUNK: usize = 64 << 10;

/// How records are written.
#[derive(Debug, Clone, Default)]
pub struct ExportOptions {
    /// The moment that the file is said to be made at; the present where it is not given.
    pub at: Option<String>,
}

/// Writes all records, as they are at one moment, in an order that depends on nothing but them:
/// linked tables before those that link to them, then by key. Answers their number.
///
/// # Errors
/// One line: what the database or the file refused.
pub fn export(database: &Database, out: impl Write, options: &ExportOptions) -> Result<u64, RecordsError> {
    export_tables(database, super::tables(), out, options)
}

pub(super) fn export_tables(
    database: &Database,
    tables: &'static [&'static Table],
    mut out: impl Write,
    options: &ExportOptions,
) -> Result<u64, RecordsError> {
    let (sender, receiver) = sync_channel::<Vec<u8>>(16);
    let at = options.at.clone().unwrap_or_else(clock::now);
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let mut sender = Some(sender);
            database.read(move |conn| match sender.take() {
                Some(sender) => {
                    write_all(conn, tables, &mut Sink { buffer: Vec::with_capacity(2 * CHUNK), sender }, &at)
                }
                None => Err(Error::Internal("the connection was lost during the export".into())),
            })
        });
        let mut written = Ok(());
        for chunk in receiver {
            written = out.write_all(&chunk);
            if written.is_err() {
                break; // the other side finds nobody listening, and ends
            }
        }
        let written = written.and_then(|()| out.flush());
        let read = reader.join().unwrap_or_else(|_| Err(Error::Internal("the export failed".into())));
        written.map_err(|error| RecordsError(format!("cannot write the records: {error}")))?;
        read.map_err(RecordsError::from)
    })
}

struct Sink {
    buffer: Vec<u8>,
    sender: SyncSender<Vec<u8>>,
}

impl Sink {
    fn hand_over(&mut self, least: usize) -> Result<(), Error> {
        if self.buffer.len() < least {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(2 * CHUNK));
        self.sender.send(chunk).map_err(|_| Error::Internal("the export was aborted".into()))
    }
}

fn write_all(conn: &mut Connection, tables: &[&'static Table], sink: &mut Sink, at: &str) -> Result<u64, Error> {
    let head = serde_json::json!({
        "metadata": true,
        "comment": "All records of an Ironwood database, in InvenTree format",
        "exported_at": at,
        "source_version": concat!("Ironwood ", env!("CARGO_PKG_VERSION")),
        "api_version": API_VERSION,
    });
    sink.buffer.extend_from_slice(b"[\n");
    text_of(&mut sink.buffer, &head);
    let mut naturals: HashMap<&'static str, HashMap<i64, Vec<u8>>> = HashMap::new();
    let mut count = 0;
    let written: Vec<_> = tables.iter().copied().filter(|table| !table.record.is_empty() && table.exported).collect();
    for table in ordered(&written) {
        count += write_table(conn, sink, table, &mut naturals)?;
    }
    sink.buffer.extend_from_slice(b"\n]\n");
    sink.hand_over(0)?;
    Ok(count)
}

/// Linked tables first, as far as they link in no circle; apart from that as listed.
fn ordered(tables: &[&'static Table]) -> Vec<&'static Table> {
    fn visit(
        table: &'static Table,
        all: &[&'static Table],
        seen: &mut Vec<&'static str>,
        out: &mut Vec<&'static Table>,
    ) {
        if seen.contains(&table.name) {
            return;
        }
        seen.push(table.name);
        for column in table.columns {
            let (ColumnType::Link(target, _) | ColumnType::Many { target, .. }) = column.kind else { continue };
            if let Some(target) = all.iter().find(|table| table.name == target.name) {
                visit(target, all, seen, out);
            }
        }
        out.push(table);
    }
    let (mut seen, mut out) = (Vec::new(), Vec::new());
    for table in tables {
        visit(table, tables, &mut seen, &mut out);
    }
    out
}

type Naturals = HashMap<&'static str, HashMap<i64, Vec<u8>>>;

fn write_table(
    conn: &mut Connection,
    sink: &mut Sink,
    table: &'static Table,
    naturals: &mut Naturals,
) -> Result<u64, Error> {
    let columns: Vec<&'static Column> =
        table.columns.iter().filter(|column| !column.record.is_empty() && column.name != PATH).collect();
    let text_key = text_key(table);
    let mut many: Vec<HashMap<i64, Vec<i64>>> = Vec::new();
    let mut select = Fragment::from("SELECT \"id\"");
    if let Some(column) = text_key {
        select.push(fragment!(", \"{}\"", column.name));
    }
    for column in &columns {
        match column.kind {
            ColumnType::Many { link, own, other, target } => {
                natural_keys(conn, target, naturals)?;
                let sql = fragment!(
                    "SELECT {} FROM (SELECT \"{own}\" AS own, \"{other}\" AS other FROM \"{link}\") l \
                     ORDER BY l.own, l.other",
                    Pair::COLUMNS
                );
                let mut rows: HashMap<i64, Vec<i64>> = HashMap::new();
                conn.query(&sql, &[], |row| {
                    let Pair { own, other } = Pair::read(row);
                    rows.entry(own).or_default().push(other);
                    Ok(())
                })?;
                many.push(rows);
            }
            ColumnType::Link(target, _) => {
                natural_keys(conn, target, naturals)?;
                select.push(fragment!(", \"{}\"", column.name));
            }
            _ => select.push(fragment!(", \"{}\"", column.name)),
        }
    }
    select.push(fragment!(" FROM \"{}\" ORDER BY \"id\"", table.name));
    let nested = match table.tree {
        Some(tree) => Some(nested_sets(conn, table, &tree)?),
        None => None,
    };
    let rows = conn.query(&select, &[], |row| {
        let key = row.int(0);
        let mut at = 1;
        let out = &mut sink.buffer;
        out.extend_from_slice(b",\n{\"model\":");
        text_of(out, table.record);
        out.extend_from_slice(b",\"pk\":");
        if text_key.is_some() {
            text_of(out, row.text(at));
            at += 1;
        } else {
            number(out, key);
        }
        out.extend_from_slice(b",\"fields\":{");
        let mut lists = many.iter();
        for column in &columns {
            // servers that know no such column take records without it
            if column.sparse && is_default(column, row.get(at)) {
                at += 1;
                continue;
            }
            if out.last() != Some(&b'{') {
                out.push(b',');
            }
            text_of(out, column.record);
            out.push(b':');
            match column.kind {
                ColumnType::Many { target, .. } => {
                    out.push(b'[');
                    let linked = lists.next().and_then(|rows| rows.get(&key)).map_or(&[][..], Vec::as_slice);
                    for (i, other) in linked.iter().enumerate() {
                        if i > 0 {
                            out.push(b',');
                        }
                        write_link(out, target, *other, naturals);
                    }
                    out.push(b']');
                    continue;
                }
                ColumnType::Link(target, _) => match row.opt_int(at) {
                    Some(other) => write_link(out, target, other, naturals),
                    None => out.extend_from_slice(b"null"),
                },
                _ => values::write(out, column, table, row.get(at))?,
            }
            at += 1;
        }
        if let Some(nested) = &nested {
            let [left, right, tree, level] = nested.get(&key).copied().unwrap_or_default();
            for (name, value) in [("lft", left), ("rght", right), ("tree_id", tree), ("level", level)] {
                if out.last() != Some(&b'{') {
                    out.push(b',');
                }
                text_of(out, name);
                out.push(b':');
                number(out, value);
            }
        }
        out.extend_from_slice(b"}}");
        sink.hand_over(CHUNK)
    })?;
    Ok(rows as u64)
}

/// The column that stands for the key in records, where a text does.
fn text_key(table: &'static Table) -> Option<&'static Column> {
    match table.natural_key {
        [name] => table.column(name).filter(|column| column.record.is_empty()),
        _ => None,
    }
}

/// Whether a value is the one that stands where nothing is given.
fn is_default(column: &Column, value: ValueRef<'_>) -> bool {
    let default = default_value(column).unwrap_or(Value::Null);
    match (&default, value) {
        // SQLite has no truth values of its own
        (Value::Bool(flag), ValueRef::Int(value)) => *flag == (value != 0),
        (default, value) => default.borrow() == value,
    }
}

fn write_link(out: &mut Vec<u8>, target: &Table, key: i64, naturals: &Naturals) {
    match naturals.get(target.name).and_then(|keys| keys.get(&key)) {
        Some(natural) => out.extend_from_slice(natural),
        None => number(out, key),
    }
}

/// Reads how rows of a table are named, where they have natural keys.
fn natural_keys(conn: &mut Connection, table: &'static Table, naturals: &mut Naturals) -> Result<(), Error> {
    if table.natural_key.is_empty() || naturals.contains_key(table.name) {
        return Ok(());
    }
    let columns: Vec<Fragment> = table.natural_key.iter().map(|name| fragment!(", \"{name}\"")).collect();
    let as_text = text_key(table).is_some();
    let mut keys = HashMap::new();
    conn.query(&fragment!("SELECT \"id\"{} FROM \"{}\"", Fragment::join(&columns, ""), table.name), &[], |row| {
        let parts: Vec<&str> = (1..row.len()).map(|i| row.text(i)).collect();
        let mut out = Vec::new();
        if as_text {
            text_of(&mut out, parts[0]);
        } else {
            text_of(&mut out, &parts);
        }
        keys.insert(row.int(0), out);
        Ok(())
    })?;
    naturals.insert(table.name, keys);
    Ok(())
}

selected! {
    /// A pair of linked rows.
    struct Pair {
        own: i64 = "l.own",
        other: i64 = "l.other",
    }
}

selected! {
    /// A row of a tree.
    struct Node<'r> {
        id: i64 = "n.id",
        parent: Option<i64> = "n.parent",
        name: &'r str = "n.name",
    }
}

/// Left and right number, number of the tree, and level, of each row: trees in the order of their
/// roots' names, then each tree from the root down, children by name. Equal names go by key.
fn nested_sets(conn: &mut Connection, table: &Table, tree: &Tree) -> Result<HashMap<i64, [i64; 4]>, Error> {
    let sql = fragment!(
        "SELECT {} FROM (SELECT \"id\" AS id, \"{}\" AS parent, \"{}\" AS name FROM \"{}\") n",
        Node::COLUMNS,
        tree.parent,
        tree.order,
        table.name
    );
    let mut children: HashMap<Option<i64>, Vec<(Box<str>, i64)>> = HashMap::new();
    conn.query(&sql, &[], |row| {
        let Node { id, parent, name } = Node::read(row);
        children.entry(parent).or_default().push((name.into(), id));
        Ok(())
    })?;
    Ok(number_trees(children))
}

fn number_trees(mut children: HashMap<Option<i64>, Vec<(Box<str>, i64)>>) -> HashMap<i64, [i64; 4]> {
    // sorted backwards, so that the next one is taken from the end
    for list in children.values_mut() {
        list.sort_unstable_by(|a, b| b.cmp(a));
    }
    let mut numbers = HashMap::new();
    let mut roots = children.remove(&None).unwrap_or_default();
    let mut tree_id = 0;
    while let Some((_, root)) = roots.pop() {
        tree_id += 1;
        let mut next = 1;
        let mut open = vec![(root, children.remove(&Some(root)).unwrap_or_default())];
        numbers.insert(root, [next, 0, tree_id, 0]);
        while let Some((key, below)) = open.last_mut() {
            next += 1;
            match below.pop() {
                Some((_, child)) => {
                    numbers.insert(child, [next, 0, tree_id, open.len() as i64]);
                    open.push((child, children.remove(&Some(child)).unwrap_or_default()));
                }
                None => {
                    if let Some(row) = numbers.get_mut(key) {
                        row[1] = next;
                    }
                    open.pop();
                }
            }
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_are_numbered_by_name_and_from_the_root_down() {
        let rows =
            [(1, None, "b"), (2, Some(1), "z"), (3, Some(1), "B"), (4, Some(3), "x"), (5, None, "a"), (6, None, "a")];
        let mut children: HashMap<Option<i64>, Vec<(Box<str>, i64)>> = HashMap::new();
        for (key, parent, name) in rows {
            children.entry(parent).or_default().push((name.into(), key));
        }
        let numbers = number_trees(children);
        assert_eq!(numbers[&5], [1, 2, 1, 0]);
        assert_eq!(numbers[&6], [1, 2, 2, 0]);
        assert_eq!(numbers[&1], [1, 8, 3, 0]);
        assert_eq!(numbers[&3], [2, 5, 3, 1]);
        assert_eq!(numbers[&4], [3, 4, 3, 2]);
        assert_eq!(numbers[&2], [6, 7, 3, 1]);
    }
}
