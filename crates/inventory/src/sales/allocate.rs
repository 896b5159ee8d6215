//! Setting stock aside for lines of a sales order.

use std::collections::{BTreeMap, HashMap, HashSet};

use ironwood_base::{Error, Result, decimal};
use ironwood_store::{Connection, Value};

use crate::settings;
use crate::stock::available::{IN_STOCK, SET_ASIDE};
use crate::stock::kernel::{ONE, each_lot};
use crate::stock::tested;

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
    /// Why nothing of it can be allocated; empty: it can.
    unfit: &'static str,
    part: i64,
    /// Keys of the part and the templates above it.
    family: String,
}

/// A line of the order.
struct Line {
    part: Option<i64>,
}

fn stock_of(conn: &mut Connection, keys: &[i64], except: Option<i64>) -> Result<HashMap<i64, Stock>> {
    let own = match except {
        Some(allocation) => format!(
            " + (SELECT COALESCE(CAST(SUM(x.quantity) AS BIGINT), 0) FROM order_salesorderallocation x \
             JOIN order_salesorderlineitem y ON y.id = x.line JOIN order_salesorder z ON z.id = y.\"order\" \
             LEFT JOIN order_salesordershipment w ON w.id = x.shipment WHERE x.item = s.id AND x.id = {allocation} \
             AND z.status IN (10, 15, 20, 25) AND w.shipment_date IS NULL)"
        ),
        None => String::new(),
    };
    let sql = format!(
        "SELECT s.id, s.quantity - {SET_ASIDE}{own}, COALESCE(s.serial, ''), CASE WHEN {IN_STOCK} THEN 1 ELSE 0 END, \
         CASE WHEN p.salable AND NOT p.virtual THEN 1 ELSE 0 END, s.part, p.tree_path \
         FROM stock_stockitem s JOIN part_part p ON p.id = s.part WHERE s.id IN ({{keys}})"
    );
    let mut found = HashMap::with_capacity(keys.len());
    each_lot(conn, &sql, keys, |row| {
        let unfit = match (row.int(3), row.int(4)) {
            (0, _) => "This item is not in stock.",
            (_, 0) => "This part is not sold.",
            _ => "",
        };
        let stock = Stock {
            free: row.int(1).max(0),
            serialised: !row.text(2).trim().is_empty(),
            unfit,
            part: row.int(5),
            family: row.text(6).to_owned(),
        };
        found.insert(row.int(0), stock);
    })?;
    Ok(found)
}

fn lines_of(conn: &mut Connection, order: i64, keys: &[i64]) -> Result<HashMap<i64, Line>> {
    let sql = "SELECT l.id, l.part, l.\"order\" FROM order_salesorderlineitem l WHERE l.id IN ({keys})";
    let mut found = HashMap::with_capacity(keys.len());
    each_lot(conn, sql, keys, |row| {
        if row.int(2) == order {
            found.insert(row.int(0), Line { part: row.opt_int(1) });
        }
    })?;
    Ok(found)
}

/// A quantity for people: without needless zeros.
fn shown(quantity: i64) -> String {
    let text = decimal::to_string(quantity, decimal::QUANTITY);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What speaks against wishes, each taken after the ones before it. Nothing is written; `except` is an
/// allocation whose stock counts as free, because it is about to be changed.
///
/// # Errors
/// Those of the database.
pub fn faults(conn: &mut Connection, order: i64, wishes: &[Wish], except: Option<i64>) -> Result<Vec<Fault>> {
    let items: Vec<i64> = wishes.iter().map(|w| w.item).collect();
    let mut stock = stock_of(conn, &items, except)?;
    let lines = lines_of(conn, order, &wishes.iter().map(|w| w.line).collect::<Vec<_>>())?;
    let untested = untested(conn, &items)?;
    let mut faults = Vec::new();
    for (i, wish) in wishes.iter().enumerate() {
        let Some(line) = lines.get(&wish.line) else {
            faults.push((i, "line_item", "This is no line of the order.".to_owned()));
            continue;
        };
        let Some(stock) = stock.get_mut(&wish.item) else {
            faults.push((i, "stock_item", "There is no such stock item.".to_owned()));
            continue;
        };
        let Some(part) = line.part else {
            faults.push((i, "line_item", "This line has no part.".to_owned()));
            continue;
        };
        let (field, message) = match () {
            () if !stock.unfit.is_empty() => ("stock_item", stock.unfit.to_owned()),
            () if stock.part != part && !stock.family.contains(&format!("/{part}/")) => {
                ("stock_item", "This is stock of another part than the line's.".to_owned())
            }
            () if untested.contains(&wish.item) => {
                ("stock_item", "This item has not passed all tests that it needs.".to_owned())
            }
            () if wish.quantity <= 0 => ("quantity", "A quantity above zero is needed here.".to_owned()),
            () if stock.serialised && wish.quantity != ONE => {
                ("quantity", "What has a serial number is one piece.".to_owned())
            }
            () if wish.quantity > stock.free => {
                ("quantity", format!("No more than {} of it is available.", shown(stock.free)))
            }
            () => {
                stock.free -= wish.quantity;
                continue;
            }
        };
        faults.push((i, field, message));
    }
    Ok(faults)
}

/// Which of these items have not passed the tests that they need, where the settings ask for that.
fn untested(conn: &mut Connection, items: &[i64]) -> Result<HashSet<i64>> {
    if settings::get_bool(conn, "SALESORDER_BLOCK_INCOMPLETE_ITEM_TESTS")? {
        tested::failing(conn, items)
    } else {
        Ok(HashSet::new())
    }
}

/// A shipment that stock of the order can be allocated to: one of its own that was not sent.
///
/// # Errors
/// 400 on `shipment`.
pub fn check_shipment(conn: &mut Connection, order: i64, shipment: i64) -> Result<()> {
    let sql = "SELECT \"order\", shipment_date FROM order_salesordershipment WHERE id = $1";
    let row = conn.one(sql, &[Value::Int(shipment)])?;
    match row {
        None => Err(Error::field("shipment", "There is no such shipment.")),
        Some(row) if row.opt_text(1).is_some() => Err(Error::field("shipment", "This shipment has been sent.")),
        Some(row) if row.int(0) != order => Err(Error::field("shipment", "This is a shipment of another order.")),
        Some(_) => Ok(()),
    }
}

/// Writes allocations that were found to be possible.
///
/// # Errors
/// Those of the database.
pub fn write(conn: &mut Connection, wishes: &[Wish], shipment: Option<i64>) -> Result<()> {
    for lot in wishes.chunks(200) {
        let mut params: Vec<Value> = vec![shipment.into()];
        let mut places = Vec::with_capacity(lot.len());
        for wish in lot {
            let n = params.len();
            places.push(format!("(${}, $1, ${}, ${})", n + 1, n + 2, n + 3));
            params.extend([Value::Int(wish.line), Value::Int(wish.item), Value::Int(wish.quantity)]);
        }
        let sql = format!(
            "INSERT INTO order_salesorderallocation (line, shipment, item, quantity) VALUES {}",
            places.join(", ")
        );
        conn.execute(&sql, &params)?;
    }
    Ok(())
}

/// The part of a line of the order.
///
/// # Errors
/// 400 on `line_item`.
pub fn part_of(conn: &mut Connection, order: i64, line: i64) -> Result<i64> {
    let lines = lines_of(conn, order, &[line])?;
    let line = lines.get(&line).ok_or_else(|| Error::field("line_item", "This is no line of the order."))?;
    line.part.ok_or_else(|| Error::field("line_item", "This line has no part."))
}

/// Whether all of these are lines of the order.
///
/// # Errors
/// Those of the database.
pub fn are_lines_of(conn: &mut Connection, order: i64, lines: &[i64]) -> Result<bool> {
    let found = lines_of(conn, order, lines)?;
    Ok(lines.iter().all(|line| found.contains_key(line)))
}

/// Allocates the pieces of a line's part with these serial numbers.
///
/// # Errors
/// 400 on `line_item` or `serial_numbers`, with the numbers that are not there or not free.
pub fn serials(conn: &mut Connection, order: i64, line: i64, serials: &[String], shipment: Option<i64>) -> Result<()> {
    let part = part_of(conn, order, line)?;
    let mut pieces: HashMap<String, i64> = HashMap::new();
    for lot in serials.chunks(500) {
        let places: Vec<String> = (0..lot.len()).map(|i| format!("${}", i + 3)).collect();
        let sql = format!(
            "SELECT s.serial, s.id FROM stock_stockitem s WHERE s.part = $1 AND s.quantity = $2 AND s.serial IN ({})",
            places.join(", ")
        );
        let mut params = vec![Value::Int(part), Value::Int(ONE)];
        params.extend(lot.iter().map(|s| Value::Text(s.clone())));
        for row in conn.rows(&sql, &params)? {
            pieces.entry(row.text(0).to_owned()).or_insert_with(|| row.int(1));
        }
    }
    let missing: Vec<&str> = serials.iter().filter(|s| !pieces.contains_key(*s)).map(String::as_str).collect();
    if !missing.is_empty() {
        let message = format!("There are no items with these serial numbers: {}.", missing.join(", "));
        return Err(Error::field("serial_numbers", message));
    }
    let wishes: Vec<Wish> = serials.iter().map(|s| Wish { line, item: pieces[s], quantity: ONE }).collect();
    let taken: Vec<&str> = faults(conn, order, &wishes, None)?.iter().map(|(i, ..)| serials[*i].as_str()).collect();
    if !taken.is_empty() {
        let message = format!("These serial numbers are not available: {}.", taken.join(", "));
        return Err(Error::field("serial_numbers", message));
    }
    write(conn, &wishes, shipment)
}

/// What automatic allocation takes, and in which order.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Only stock here or below.
    pub location: Option<i64>,
    /// No stock here or below.
    pub exclude_location: Option<i64>,
    /// Whether one line may be filled from several items.
    pub interchangeable: bool,
    /// `updated`, `-updated`, `quantity`, `-quantity` or `expiry_date`.
    pub sort: String,
    /// `Some(true)`: only pieces with serial numbers; `Some(false)`: only others.
    pub serialised: Option<bool>,
    /// Only these lines; empty: all.
    pub lines: Vec<i64>,
}

/// Allocates free stock to all lines of an order that want some: stock of the lines' own parts, never
/// more than what is still to be sent.
///
/// # Errors
/// Those of the database.
pub fn automatically(conn: &mut Connection, order: i64, choice: &Choice, shipment: Option<i64>) -> Result<()> {
    let sql = "SELECT l.id, l.part, l.quantity - GREATEST((SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) \
               FROM order_salesorderallocation a WHERE a.line = l.id), l.shipped) FROM order_salesorderlineitem l \
               JOIN part_part p ON p.id = l.part WHERE l.\"order\" = $1 AND NOT p.virtual ORDER BY l.id";
    let wanting: Vec<(i64, i64, i64)> = conn
        .rows(sql, &[Value::Int(order)])?
        .iter()
        .map(|row| (row.int(0), row.int(1), row.int(2)))
        .filter(|(line, _, quantity)| *quantity > 0 && (choice.lines.is_empty() || choice.lines.contains(line)))
        .collect();
    let mut parts: Vec<i64> = wanting.iter().map(|(_, part, _)| *part).collect();
    parts.sort_unstable();
    parts.dedup();
    let mut shelves = free_stock(conn, &parts, choice)?;
    let mut wishes = Vec::new();
    for (line, part, mut quantity) in wanting {
        let Some(shelf) = shelves.get_mut(&part) else { continue };
        if !choice.interchangeable && shelf.len() > 1 {
            let whole = shelf.iter_mut().find(|(_, free)| *free >= quantity);
            if let Some((item, free)) = whole {
                *free -= quantity;
                wishes.push(Wish { line, item: *item, quantity });
            }
            continue;
        }
        for (item, free) in shelf.iter_mut().filter(|(_, free)| *free > 0) {
            let taken = quantity.min(*free);
            *free -= taken;
            quantity -= taken;
            wishes.push(Wish { line, item: *item, quantity: taken });
            if quantity == 0 {
                break;
            }
        }
    }
    write(conn, &wishes, shipment)
}

/// Free stock of parts, as a choice wants it: item and what is free of it.
fn free_stock(conn: &mut Connection, parts: &[i64], choice: &Choice) -> Result<HashMap<i64, Vec<(i64, i64)>>> {
    let order = match choice.sort.as_str() {
        "-updated" => "s.updated DESC NULLS LAST",
        "quantity" => "s.quantity ASC",
        "-quantity" => "s.quantity DESC",
        "expiry_date" => "s.expiry_date ASC NULLS LAST",
        _ => "s.updated ASC NULLS FIRST",
    };
    let mut conditions = vec![IN_STOCK.to_owned(), "s.part IN ({keys})".to_owned(), "p.salable".to_owned()];
    let below = |location: i64| {
        format!(
            "SELECT l.id FROM stock_stocklocation l JOIN stock_stocklocation a ON a.id = {location} \
             WHERE l.tree_path >= a.tree_path AND l.tree_path < SUBSTR(a.tree_path, 1, LENGTH(a.tree_path) - 1) || '0'"
        )
    };
    if let Some(location) = choice.location {
        conditions.push(format!("s.location IN ({})", below(location)));
    }
    if let Some(location) = choice.exclude_location {
        conditions.push(format!("(s.location IS NULL OR s.location NOT IN ({}))", below(location)));
    }
    match choice.serialised {
        Some(true) => conditions.push(format!("COALESCE(s.serial, '') <> '' AND s.quantity = {ONE}")),
        Some(false) => conditions.push("COALESCE(s.serial, '') = ''".to_owned()),
        None => {}
    }
    let sql = format!(
        "SELECT s.part, s.id, s.quantity - {SET_ASIDE} FROM stock_stockitem s JOIN part_part p ON p.id = s.part \
         WHERE {} ORDER BY s.part, {order}, s.id",
        conditions.join(" AND ")
    );
    let mut found: BTreeMap<i64, Vec<(i64, i64)>> = BTreeMap::new();
    each_lot(conn, &sql, parts, |row| {
        found.entry(row.int(0)).or_default().push((row.int(1), row.int(2)));
    })?;
    let keys: Vec<i64> = found.values().flatten().map(|(item, _)| *item).collect();
    let untested = untested(conn, &keys)?;
    Ok(found
        .into_iter()
        .map(|(part, shelf)| (part, shelf.into_iter().filter(|(item, _)| !untested.contains(item)).collect()))
        .collect())
}
