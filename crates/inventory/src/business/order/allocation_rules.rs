//! Allocates stock to order lines: checks and writes.

use std::collections::{HashMap, HashSet};

use ironwood_base::{Error, Quantity, Result};
use ironwood_rest::change::Change;
use ironwood_rest::selected;
use ironwood_rest::table::Table;
use ironwood_store::{Connection, Fragment, Value, fragment, sql};
use serde_json::{Map, Value as Json};

use super::order_type::OrderType;
use crate::business::stock::available::{IN_STOCK, SET_ASIDE};
use crate::schema::keys::*;

/// How orders of one kind set stock aside.
pub(crate) struct AllocationRules {
    pub order_type: &'static OrderType,
    /// The allocations: `line`, `item`, `quantity`, and what [`More`] says.
    pub table: &'static Table,
    /// SQL: the allocation `x` of an order in the state `z.status` still claims its stock.
    pub claims: &'static str,
    /// SQL over a stock item `s` and its part `p` that has to hold, and what is said where it does not.
    pub conditions: &'static [(&'static str, &'static str)],
    /// Which of these items the settings keep from being given away, and why.
    pub barred: fn(&mut Connection, &[ItemKey]) -> Result<Barred>,
    /// Refuses further columns of allocations that do not belong to the order.
    pub check: fn(&mut Connection, OrderKey, More) -> Result<()>,
    /// Writes allocations that were found to be possible.
    pub insert: fn(&mut Connection, &[AllocationRequest], More) -> Result<()>,
}

/// Items that must not be given away, with what is said of them.
pub(crate) type Barred = HashMap<ItemKey, &'static str>;

/// Further columns of allocations of a kind of order, which are shown in answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum More {
    Nothing,
    Shipment(Option<ShipmentKey>),
}

impl More {
    /// The shipment, where there is one.
    pub(crate) fn shipment(self) -> Option<ShipmentKey> {
        match self {
            More::Nothing => None,
            More::Shipment(shipment) => shipment,
        }
    }

    /// Adds it to an answer.
    pub(crate) fn show(self, answer: &mut Map<String, Json>) {
        if let More::Shipment(shipment) = self {
            answer.insert("shipment".into(), shipment.into());
        }
    }
}

/// So much of a stock item for a line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AllocationRequest {
    pub line: LineKey,
    pub item: ItemKey,
    pub quantity: Quantity,
}

/// Number of a requested, the field that is at fault (`line_item`, `stock_item` or `quantity`), why.
pub(crate) type Fault = (usize, &'static str, String);

selected! {
    /// A line, of whatever kind of order.
    struct FoundLine {
        id: LineKey = "l.id",
        part: Option<PartKey> = "l.part",
        order: OrderKey = "l.\"order\"",
    }
}

selected! {
    /// A stock item, as it is read.
    struct FoundStock {
        id: ItemKey = "x.id",
        free: Quantity = "x.free",
        serial: String = "x.serial",
        /// The number of the condition that it does not fulfill, 0: it fulfills all.
        unfit: i64 = "x.unfit",
        part: PartKey = "x.part",
        family: String = "x.tree_path",
    }
}

/// What has to be known of a stock item.
struct Stock {
    /// What is neither allocated nor gone.
    free: Quantity,
    serialised: bool,
    /// Why nothing of it can be allocated; empty: it can.
    unfit: &'static str,
    part: PartKey,
    /// Keys of the part and the templates above it.
    family: String,
}

const NO_LINE: &str = "This line does not belong to the order.";
const NO_PART: &str = "This line has no part.";

impl AllocationRules {
    fn stock(
        &self,
        conn: &mut Connection,
        keys: &[ItemKey],
        except: Option<AllocationKey>,
    ) -> Result<HashMap<ItemKey, Stock>> {
        // stock of the allocation that is about to be changed counts as free
        let own = except.map_or_else(Fragment::new, |allocation| {
            fragment!(
                " + (SELECT COALESCE(CAST(SUM(x.quantity) AS BIGINT), 0) FROM {} x JOIN {} y ON y.id = x.line \
                 JOIN {} z ON z.id = y.\"order\" WHERE x.item = s.id AND x.id = {allocation} AND {})",
                self.table.name,
                self.order_type.lines.name,
                self.order_type.table.name,
                self.claims
            )
        });
        let unfit = (1_i64..).zip(self.conditions).map(|(n, (sql, _))| fragment!("WHEN NOT ({sql}) THEN {n} "));
        let unfit = Fragment::join(unfit, "");
        let from = fragment!(
            "FROM (SELECT s.id, s.quantity - {SET_ASIDE}{own} AS free, s.serial, CASE {unfit}ELSE 0 END AS unfit, s.part, \
             p.tree_path FROM stock_stockitem s JOIN part_part p ON p.id = s.part WHERE s.id IN ({{keys}})) x"
        );
        let found = selected::among::<FoundStock>(conn, &from, keys)?.into_iter().map(|found| {
            let reason = usize::try_from(found.unfit).unwrap_or(0).checked_sub(1);
            let stock = Stock {
                free: found.free.max(Quantity::ZERO),
                serialised: !found.serial.trim().is_empty(),
                unfit: reason.and_then(|at| self.conditions.get(at)).map_or("", |(_, message)| message),
                part: found.part,
                family: found.family,
            };
            (found.id, stock)
        });
        Ok(found.collect())
    }

    /// The part of each of these lines, as far as they are lines of the order.
    fn parts(
        &self,
        conn: &mut Connection,
        order: OrderKey,
        lines: &[LineKey],
    ) -> Result<HashMap<LineKey, Option<PartKey>>> {
        let from = fragment!("FROM {} l WHERE l.id IN ({{keys}})", self.order_type.lines.name);
        let found = selected::among::<FoundLine>(conn, &from, lines)?.into_iter();
        Ok(found.filter(|line| line.order == order).map(|line| (line.id, line.part)).collect())
    }

    /// The part of a line of the order.
    ///
    /// # Errors
    /// 400 on `line_item`.
    pub(crate) fn part_of(&self, conn: &mut Connection, order: OrderKey, line: LineKey) -> Result<PartKey> {
        let part = self.parts(conn, order, &[line])?.get(&line).copied();
        let part = part.ok_or_else(|| Error::field("line_item", NO_LINE))?;
        part.ok_or_else(|| Error::field("line_item", NO_PART))
    }

    /// Whether all of these are lines of the order.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn are_lines_of(&self, conn: &mut Connection, order: OrderKey, lines: &[LineKey]) -> Result<bool> {
        let found = self.parts(conn, order, lines)?;
        Ok(lines.iter().all(|line| found.contains_key(line)))
    }

    /// What speaks against requests, each taken after the ones before it. Nothing is written; `except` is an
    /// allocation whose stock counts as free, because it is about to be changed. As many statements for many
    /// requests as for one.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn faults(
        &self,
        conn: &mut Connection,
        order: OrderKey,
        requests: &[AllocationRequest],
        except: Option<AllocationKey>,
    ) -> Result<Vec<Fault>> {
        let items: Vec<ItemKey> = requests.iter().map(|w| w.item).collect();
        let mut stock = self.stock(conn, &items, except)?;
        let parts = self.parts(conn, order, &requests.iter().map(|w| w.line).collect::<Vec<_>>())?;
        let barred = (self.barred)(conn, &items)?;
        let mut faults = Vec::new();
        for (i, requested) in requests.iter().enumerate() {
            let part = parts.get(&requested.line).copied();
            let found = fault(requested, part, stock.get_mut(&requested.item), barred.get(&requested.item).copied());
            faults.extend(found.map(|(field, message)| (i, field, message)));
        }
        Ok(faults)
    }

    /// Refuses a change of an allocation of the order to another item or quantity that is not possible.
    ///
    /// # Errors
    /// 400 on `item`, `line_item` or `quantity`.
    pub(crate) fn check_change(&self, conn: &mut Connection, order: OrderKey, change: &Change) -> Result<()> {
        if !change.is_changed("item") && !change.is_changed("quantity") {
            return Ok(());
        }
        let requested = AllocationRequest {
            line: change.key("line").unwrap_or_default(),
            item: change.key("item").unwrap_or_default(),
            quantity: change.quantity("quantity").unwrap_or_default(),
        };
        match self.faults(conn, order, &[requested], change.id.map(AllocationKey::from_id))?.pop() {
            Some((_, "stock_item", message)) => Err(Error::field("item", message)),
            Some((_, field, message)) => Err(Error::field(field, message)),
            None => Ok(()),
        }
    }

    /// Sets the pieces of a line's part with these serial numbers aside.
    ///
    /// # Errors
    /// 400 on `line_item` or `serial_numbers`, with the numbers that are not there or not free.
    pub(crate) fn serials(
        &self,
        conn: &mut Connection,
        order: OrderKey,
        line: LineKey,
        serials: &[String],
        more: More,
    ) -> Result<()> {
        let part = self.part_of(conn, order, line)?;
        // the piece, and whether it is in stock
        let mut pieces: HashMap<String, (ItemKey, bool)> = HashMap::new();
        let texts = conn.backend().texts("$3");
        let from = fragment!("FROM stock_stockitem s WHERE s.part = $1 AND s.quantity = $2 AND s.serial IN ({texts})");
        let params = [part.into(), Quantity::ONE.into(), Value::texts(serials)];
        for piece in selected::all::<Piece>(conn, &from, &params)? {
            pieces.entry(piece.serial).or_insert((piece.id, piece.is_in_stock));
        }
        let refuse = |numbers: Vec<&str>, why: &str| match numbers.is_empty() {
            true => Ok(()),
            false => Err(Error::field("serial_numbers", format!("{why}: {}.", numbers.join(", ")))),
        };
        let found: Vec<Option<(ItemKey, bool)>> = serials.iter().map(|s| pieces.get(s).copied()).collect();
        let missing = serials.iter().zip(&found).filter(|(_, piece)| piece.is_none());
        refuse(missing.map(|(s, _)| s.as_str()).collect(), "Stock items with these serial numbers do not exist")?;
        let found: Vec<(ItemKey, bool)> = found.into_iter().flatten().collect();
        let requests: Vec<AllocationRequest> =
            found.iter().map(|(item, _)| AllocationRequest { line, item: *item, quantity: Quantity::ONE }).collect();
        let taken: HashSet<usize> = self.faults(conn, order, &requests, None)?.iter().map(|(i, ..)| *i).collect();
        let unavailable = (0..serials.len()).filter(|i| taken.contains(i) || !found[*i].1);
        refuse(unavailable.map(|i| serials[i].as_str()).collect(), "These serial numbers are not available")?;
        (self.insert)(conn, &requests, more)
    }
}

selected! {
    /// A piece with a serial number.
    struct Piece {
        serial: String = "s.serial",
        id: ItemKey = "s.id",
        is_in_stock: bool = sql!("CASE WHEN ", IN_STOCK, " THEN TRUE ELSE FALSE END"),
    }
}

/// What speaks against one requested; where nothing does, its stock is no longer free. Quantities are looked at
/// first: what is wrong with them is wrong with any stock.
fn fault(
    requested: &AllocationRequest,
    part: Option<Option<PartKey>>,
    stock: Option<&mut Stock>,
    barred: Option<&str>,
) -> Option<(&'static str, String)> {
    let no = |field, message: &str| Some((field, message.to_owned()));
    let Some(part) = part else { return no("line_item", NO_LINE) };
    let Some(part) = part else { return no("line_item", NO_PART) };
    let Some(stock) = stock else { return no("stock_item", "This stock item does not exist.") };
    if !requested.quantity.is_positive() {
        return no("quantity", "Quantity must be greater than zero.");
    }
    if let Some(why) = barred {
        return no("stock_item", why);
    }
    if stock.serialised && requested.quantity != Quantity::ONE {
        return no("quantity", "Quantity must be 1 for an item with a serial number.");
    }
    if requested.quantity > stock.free {
        let left = stock.free.to_string();
        let left = left.trim_end_matches('0').trim_end_matches('.');
        return Some(("quantity", format!("Only {left} available.")));
    }
    if !stock.unfit.is_empty() {
        return no("stock_item", stock.unfit);
    }
    if stock.part != part && !stock.family.contains(&format!("/{part}/")) {
        return no("stock_item", "Stock item must match the part of the line.");
    }
    stock.free -= requested.quantity;
    None
}
