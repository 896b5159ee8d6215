//! Build orders, their lines and allocations as the actions see them.

use std::collections::HashMap;

use ironwood_base::status::BuildStatus;
use ironwood_base::{Error, Quantity, Result};
use ironwood_rest::resource::Args;
use ironwood_store::{Connection, OwnedRow, Value};

/// A build order.
#[derive(Debug, Clone)]
pub struct Order {
    pub id: i64,
    pub part: i64,
    pub status: BuildStatus,
    /// Whole pieces.
    pub quantity: i64,
    /// Whole pieces.
    pub completed: i64,
    pub destination: Option<i64>,
    pub take_from: Option<i64>,
}

impl Order {
    /// Whether it is neither complete nor cancelled.
    pub fn is_open(&self) -> bool {
        matches!(self.status, BuildStatus::PENDING | BuildStatus::PRODUCTION | BuildStatus::ON_HOLD)
    }
}

/// The build order of that key, locked where the database locks rows: whatever changes its stock takes turns.
///
/// # Errors
/// [`Error::NotFound`].
pub fn order(conn: &mut Connection, id: i64) -> Result<Order> {
    let sql = format!(
        "SELECT b.id, b.part, b.status, b.quantity, b.completed, b.destination, b.take_from FROM build_build b \
         WHERE b.id = $1{}",
        conn.backend().for_update("b")
    );
    let row = conn.one(&sql, &[Value::Int(id)])?.ok_or(Error::NotFound)?;
    Ok(Order {
        id: row.int(0),
        part: row.int(1),
        status: row.cell(2),
        quantity: row.int(3),
        completed: row.int(4),
        destination: row.opt_int(5),
        take_from: row.opt_int(6),
    })
}

/// The build order that an address names.
///
/// # Errors
/// [`Error::NotFound`].
pub fn named(conn: &mut Connection, args: &Args) -> Result<Order> {
    let id = args.first().and_then(|a| a.parse().ok()).ok_or(Error::NotFound)?;
    order(conn, id)
}

/// A line of a build order.
#[derive(Debug, Clone)]
pub struct Line {
    pub id: i64,
    pub build: i64,
    pub bom_item: i64,
    pub part: i64,
    /// What one piece takes.
    pub each: Quantity,
    pub quantity: Quantity,
    pub consumed: Quantity,
    pub allocated: Quantity,
    /// The line or its part is consumed without being counted.
    pub consumable: bool,
    pub optional: bool,
    /// Its part is tracked: it is installed into outputs.
    pub trackable: bool,
    /// Variants of its part may take its place.
    pub allow_variants: bool,
}

impl Line {
    /// What is still needed, whether allocated or not.
    pub fn required(&self) -> Quantity {
        (self.quantity - self.consumed).max(Quantity::ZERO)
    }

    /// What is still needed and not allocated.
    pub fn missing(&self) -> Quantity {
        (self.required() - self.allocated).max(Quantity::ZERO)
    }
}

const LINES: &str = "SELECT l.id, l.build, l.bom_item, m.sub_part, m.quantity * m.piece_count, l.quantity, l.consumed, \
    (SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM build_builditem a WHERE a.build_line = l.id), \
    m.consumable, p.consumable, m.optional, p.trackable, m.allow_variants FROM build_buildline l JOIN part_bomitem m ON m.id = l.bom_item \
    JOIN part_part p ON p.id = m.sub_part WHERE ";

fn read_line(row: &OwnedRow) -> Line {
    Line {
        id: row.int(0),
        build: row.int(1),
        bom_item: row.int(2),
        part: row.int(3),
        each: row.quantity(4),
        quantity: row.quantity(5),
        consumed: row.quantity(6),
        allocated: row.quantity(7),
        consumable: row.bool(8) || row.bool(9),
        optional: row.bool(10),
        trackable: row.bool(11),
        allow_variants: row.bool(12),
    }
}

/// All lines of a build order.
pub fn lines(conn: &mut Connection, build: i64) -> Result<Vec<Line>> {
    let rows = conn.rows(&format!("{LINES}l.build = $1 ORDER BY l.id"), &[Value::Int(build)])?;
    Ok(rows.iter().map(read_line).collect())
}

/// Lines by their keys.
pub fn lines_of(conn: &mut Connection, keys: &[i64]) -> Result<HashMap<i64, Line>> {
    let mut found = HashMap::new();
    conn.of_keys(&format!("{LINES}l.id IN ({{keys}})"), keys, |row| {
        let line = read_line(&row.to_owned());
        found.insert(line.id, line);
    })?;
    Ok(found)
}

/// Stock that is allocated for a line.
#[derive(Debug, Clone)]
pub struct Allocation {
    pub id: i64,
    pub line: i64,
    pub build: i64,
    pub stock_item: i64,
    pub quantity: Quantity,
    pub install_into: Option<i64>,
    /// The part of the stock is tracked.
    pub trackable: bool,
    /// The stock is being made itself.
    pub in_production: bool,
}

const ALLOCATIONS: &str = "SELECT a.id, a.build_line, l.build, a.stock_item, a.quantity, a.install_into, p.trackable, \
    s.is_building FROM build_builditem a JOIN build_buildline l ON l.id = a.build_line JOIN stock_stockitem s \
    ON s.id = a.stock_item JOIN part_part p ON p.id = s.part WHERE ";

fn read_allocation(row: &OwnedRow) -> Allocation {
    Allocation {
        id: row.int(0),
        line: row.int(1),
        build: row.int(2),
        stock_item: row.int(3),
        quantity: row.quantity(4),
        install_into: row.opt_int(5),
        trackable: row.bool(6),
        in_production: row.bool(7),
    }
}

/// Which allocations.
#[derive(Debug, Clone, Copy)]
pub enum By {
    Key,
    Line,
    Output,
}

/// Allocations by their own keys, those of their lines or those of the outputs that they go into, in the
/// order of their keys.
pub fn allocations(conn: &mut Connection, by: By, keys: &[i64]) -> Result<Vec<Allocation>> {
    let column = match by {
        By::Key => "a.id",
        By::Line => "a.build_line",
        By::Output => "a.install_into",
    };
    let mut found = Vec::new();
    conn.of_keys(&format!("{ALLOCATIONS}{column} IN ({{keys}}) ORDER BY a.id"), keys, |row| {
        found.push(read_allocation(&row.to_owned()));
    })?;
    found.sort_by_key(|a| a.id);
    found.dedup_by_key(|a| a.id);
    Ok(found)
}

/// All allocations of a build order, in the order of their keys.
pub fn allocations_of(conn: &mut Connection, build: i64) -> Result<Vec<Allocation>> {
    let rows = conn.rows(&format!("{ALLOCATIONS}l.build = $1 ORDER BY a.id"), &[Value::Int(build)])?;
    Ok(rows.iter().map(read_allocation).collect())
}

/// Rows of one statement that changes many.
const ROWS: usize = 128;

/// Gives a column of many rows (by their keys) new quantities, by few statements.
pub fn set_quantities(conn: &mut Connection, table: &str, column: &str, rows: &[(i64, Quantity)]) -> Result<()> {
    write_quantities(conn, table, column, "", rows)
}

/// Adds to a column of many rows (by their keys), by few statements.
pub fn add_quantities(conn: &mut Connection, table: &str, column: &str, rows: &[(i64, Quantity)]) -> Result<()> {
    write_quantities(conn, table, column, &format!("{table}.\"{column}\" + "), rows)
}

fn write_quantities(
    conn: &mut Connection,
    table: &str,
    column: &str,
    before: &str,
    rows: &[(i64, Quantity)],
) -> Result<()> {
    for lot in rows.chunks(ROWS) {
        let room = [1, 16, ROWS].into_iter().find(|n| *n >= lot.len()).unwrap_or(ROWS);
        let mut params = Vec::with_capacity(room * 2);
        let mut places = Vec::with_capacity(room);
        for i in 0..room {
            let (key, value) = lot[i.min(lot.len() - 1)];
            params.extend([Value::Int(key), value.into()]);
            places.push(format!("(CAST(${} AS BIGINT), CAST(${} AS BIGINT))", 2 * i + 1, 2 * i + 2));
        }
        let sql = format!(
            "UPDATE {table} SET \"{column}\" = {before}v.column2 FROM (VALUES {}) v WHERE {table}.id = v.column1",
            places.join(", ")
        );
        conn.execute(&sql, &params)?;
    }
    Ok(())
}

/// Deletes allocations.
pub fn delete_allocations(conn: &mut Connection, keys: &[i64]) -> Result<()> {
    conn.execute_keys("DELETE FROM build_builditem WHERE id IN ({keys})", keys).map(|_| ())
}

/// A new allocation.
#[derive(Debug, Clone, Copy)]
pub struct NewAllocation {
    pub line: i64,
    pub stock_item: i64,
    pub quantity: Quantity,
    pub install_into: Option<i64>,
}

/// Writes new allocations, by few statements.
pub fn insert_allocations(conn: &mut Connection, rows: &[NewAllocation]) -> Result<()> {
    let rows: Vec<[Option<i64>; 4]> =
        rows.iter().map(|r| [Some(r.line), Some(r.stock_item), Some(r.quantity.scaled()), r.install_into]).collect();
    insert_numbers(conn, "build_builditem", ["build_line", "stock_item", "quantity", "install_into"], &rows)
}

/// Writes rows of whole numbers, by one statement for each [`ROWS`]. The first number of a row is never null:
/// rows without one only fill a statement up, so that few different ones are prepared.
pub fn insert_numbers<const N: usize>(
    conn: &mut Connection,
    table: &str,
    columns: [&str; N],
    rows: &[[Option<i64>; N]],
) -> Result<()> {
    let values: Vec<String> = (1..=N).map(|i| format!("v.column{i}")).collect();
    for lot in rows.chunks(ROWS) {
        let room = [1, 16, ROWS].into_iter().find(|n| *n >= lot.len()).unwrap_or(ROWS);
        let mut params: Vec<Value> = Vec::with_capacity(room * N);
        let mut places = Vec::with_capacity(room);
        for i in 0..room {
            let row = lot.get(i).copied().unwrap_or([None; N]);
            let start = params.len();
            params.extend(row.into_iter().map(Value::from));
            let row: Vec<String> = (1..=N).map(|k| format!("CAST(${} AS BIGINT)", start + k)).collect();
            places.push(format!("({})", row.join(", ")));
        }
        let sql = format!(
            "INSERT INTO {table} ({}) SELECT {} FROM (VALUES {}) v WHERE v.column1 IS NOT NULL",
            columns.join(", "),
            values.join(", "),
            places.join(", ")
        );
        conn.execute(&sql, &params)?;
    }
    Ok(())
}
