//! Setting stock aside for lines of a transfer order.

use std::collections::HashMap;

use ironwood_base::{Error, Result, decimal};
use ironwood_store::{Connection, Value};

use crate::stock::available::{IN_STOCK, MOVABLE, SET_ASIDE};
use crate::stock::kernel::{ONE, each_lot};

/// So much (scaled by 10^5) of a stock item for a line.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    pub line: i64,
    pub item: i64,
    pub quantity: i64,
}

/// Number of a wish, the field that is at fault (`line_item`, `stock_item` or `quantity`), why.
pub type Fault = (usize, &'static str, String);

/// What has to be known of a stock item.
struct Stock {
    /// What is neither set aside nor gone.
    free: i64,
    serialised: bool,
    movable: bool,
    part: i64,
    /// Keys of the part and the templates above it.
    family: String,
}

fn stock_of(conn: &mut Connection, keys: &[i64], except: Option<i64>) -> Result<HashMap<i64, Stock>> {
    // stock of the allocation that is about to be changed counts as free
    let own = except.map_or_else(String::new, |allocation| {
        format!(
            " + (SELECT COALESCE(CAST(SUM(x.quantity) AS BIGINT), 0) FROM order_transferorderallocation x \
             JOIN order_transferorderlineitem y ON y.id = x.line JOIN order_transferorder z ON z.id = y.\"order\" \
             WHERE x.item = s.id AND x.id = {allocation} AND z.status IN (10, 20, 25))"
        )
    });
    let sql = format!(
        "SELECT s.id, s.quantity - {SET_ASIDE}{own}, COALESCE(s.serial, ''), \
         CASE WHEN {MOVABLE} AND NOT p.virtual THEN 1 ELSE 0 END, s.part, p.tree_path \
         FROM stock_stockitem s JOIN part_part p ON p.id = s.part WHERE s.id IN ({{keys}})"
    );
    let mut found = HashMap::with_capacity(keys.len());
    each_lot(conn, &sql, keys, |row| {
        let stock = Stock {
            free: row.int(1).max(0),
            serialised: !row.text(2).trim().is_empty(),
            movable: row.int(3) == 1,
            part: row.int(4),
            family: row.text(5).to_owned(),
        };
        found.insert(row.int(0), stock);
    })?;
    Ok(found)
}

/// The part of each of these lines, as far as they are lines of the order.
fn parts_of(conn: &mut Connection, order: i64, lines: &[i64]) -> Result<HashMap<i64, Option<i64>>> {
    let sql = "SELECT l.id, l.part, l.\"order\" FROM order_transferorderlineitem l WHERE l.id IN ({keys})";
    let mut found = HashMap::with_capacity(lines.len());
    each_lot(conn, sql, lines, |row| {
        if row.int(2) == order {
            found.insert(row.int(0), row.opt_int(1));
        }
    })?;
    Ok(found)
}

/// What speaks against wishes, each taken after the ones before it. Nothing is written; `except` is an
/// allocation that is about to be changed. Two statements, however many wishes.
///
/// # Errors
/// Those of the database.
pub fn faults(conn: &mut Connection, order: i64, wishes: &[Wish], except: Option<i64>) -> Result<Vec<Fault>> {
    let mut stock = stock_of(conn, &wishes.iter().map(|w| w.item).collect::<Vec<_>>(), except)?;
    let parts = parts_of(conn, order, &wishes.iter().map(|w| w.line).collect::<Vec<_>>())?;
    let mut faults = Vec::new();
    for (i, wish) in wishes.iter().enumerate() {
        if let Some((field, message)) = fault(wish, parts.get(&wish.line).copied(), stock.get_mut(&wish.item)) {
            faults.push((i, field, message));
        }
    }
    Ok(faults)
}

/// What speaks against one wish; where nothing does, its stock is no longer free.
fn fault(wish: &Wish, part: Option<Option<i64>>, stock: Option<&mut Stock>) -> Option<(&'static str, String)> {
    let no = |field, message: &str| Some((field, message.to_owned()));
    let Some(part) = part else { return no("line_item", "This is no line of the order.") };
    let Some(part) = part else { return no("line_item", "This line has no part.") };
    let Some(stock) = stock else { return no("stock_item", "There is no such stock item.") };
    if stock.part != part && !stock.family.contains(&format!("/{part}/")) {
        return no("stock_item", "This is stock of another part than the line's.");
    }
    if wish.quantity <= 0 {
        return no("quantity", "A quantity above zero is needed here.");
    }
    if stock.serialised && wish.quantity != ONE {
        return no("quantity", "What has a serial number is one piece.");
    }
    if !stock.movable {
        return no("stock_item", "This item is not in stock.");
    }
    if wish.quantity > stock.free {
        let left = decimal::to_string(stock.free, decimal::QUANTITY);
        let left = left.trim_end_matches('0').trim_end_matches('.');
        return Some(("quantity", format!("No more than {left} of it is available.")));
    }
    stock.free -= wish.quantity;
    None
}

/// Writes allocations that were found to be possible.
///
/// # Errors
/// Those of the database.
pub fn write(conn: &mut Connection, wishes: &[Wish]) -> Result<()> {
    for lot in wishes.chunks(256) {
        let mut params: Vec<Value> = Vec::with_capacity(lot.len() * 3);
        let mut places = Vec::with_capacity(lot.len());
        for wish in lot {
            let n = params.len();
            places.push(format!("(${}, ${}, ${})", n + 1, n + 2, n + 3));
            params.extend([Value::Int(wish.line), Value::Int(wish.item), Value::Int(wish.quantity)]);
        }
        let sql =
            format!("INSERT INTO order_transferorderallocation (line, item, quantity) VALUES {}", places.join(", "));
        conn.execute(&sql, &params)?;
    }
    Ok(())
}

/// The part of a line of the order.
///
/// # Errors
/// 400 on `line_item`.
pub fn part_of(conn: &mut Connection, order: i64, line: i64) -> Result<i64> {
    let part = parts_of(conn, order, &[line])?.get(&line).copied();
    let part = part.ok_or_else(|| Error::field("line_item", "This is no line of the order."))?;
    part.ok_or_else(|| Error::field("line_item", "This line has no part."))
}

/// Allocates the pieces of a line's part with these serial numbers.
///
/// # Errors
/// 400 on `line_item` or `serial_numbers`, with the numbers that are not there or not free.
pub fn serials(conn: &mut Connection, order: i64, line: i64, serials: &[String]) -> Result<()> {
    let part = part_of(conn, order, line)?;
    let mut pieces: HashMap<String, (i64, bool)> = HashMap::new();
    for lot in serials.chunks(500) {
        let places: Vec<String> = (0..lot.len()).map(|i| format!("${}", i + 3)).collect();
        let sql = format!(
            "SELECT s.serial, s.id, CASE WHEN {IN_STOCK} THEN 1 ELSE 0 END FROM stock_stockitem s \
             WHERE s.part = $1 AND s.quantity = $2 AND s.serial IN ({})",
            places.join(", ")
        );
        let mut params = vec![Value::Int(part), Value::Int(ONE)];
        params.extend(lot.iter().map(|s| Value::Text(s.clone())));
        for row in conn.rows(&sql, &params)? {
            pieces.entry(row.text(0).to_owned()).or_insert((row.int(1), row.int(2) == 1));
        }
    }
    let refused = |numbers: Vec<&str>, why: &str| {
        if numbers.is_empty() {
            return Ok(());
        }
        Err(Error::field("serial_numbers", format!("{why}: {}.", numbers.join(", "))))
    };
    let named = |test: &dyn Fn(&String) -> bool| serials.iter().filter(|s| test(s)).map(String::as_str).collect();
    refused(named(&|s| !pieces.contains_key(s)), "There are no items with these serial numbers")?;
    let wishes: Vec<Wish> = serials.iter().map(|s| Wish { line, item: pieces[s].0, quantity: ONE }).collect();
    let taken: Vec<usize> = faults(conn, order, &wishes, None)?.iter().map(|(i, ..)| *i).collect();
    let unavailable = (0..serials.len()).filter(|i| taken.contains(i) || !pieces[&serials[*i]].1);
    refused(unavailable.map(|i| serials[i].as_str()).collect(), "These serial numbers are not available")?;
    write(conn, &wishes)
}
