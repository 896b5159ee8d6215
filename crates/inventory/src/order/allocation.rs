//! Setting stock aside for lines of orders that give stock away: what speaks against it, and writing it.

use std::collections::{HashMap, HashSet};

use ironwood_base::{Error, Result, decimal};
use ironwood_rest::change::Change;
use ironwood_rest::form::Form;
use ironwood_rest::table::Table;
use ironwood_store::{Connection, Value};

use super::kind::Kind;
use crate::stock::available::{IN_STOCK, SET_ASIDE};
use crate::stock::kernel::ONE;

/// How orders of one kind set stock aside.
pub struct Allotment {
    pub kind: &'static Kind,
    /// The allocations: `line`, `item`, `quantity`, and what [`Allotment::more`] gives.
    pub table: &'static Table,
    /// SQL: the allocation `x` of an order in the state `z.status` still claims its stock.
    pub claims: &'static str,
    /// SQL over a stock item `s` and its part `p` that has to hold, and what is said where it does not.
    pub conditions: &'static [(&'static str, &'static str)],
    /// Which of these items the settings keep from being given away, and why.
    pub barred: fn(&mut Connection, &[i64]) -> Result<Barred>,
    /// Further columns of allocations from a form for an order; refuses what does not belong together.
    pub more: fn(&mut Connection, i64, &Form) -> Result<More>,
}

/// Items that must not be given away, with what is said of them.
pub type Barred = HashMap<i64, &'static str>;

/// Further columns of an allocation, which are shown in answers.
pub type More = Vec<(&'static str, Option<i64>)>;

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
    /// Why nothing of it can be set aside; empty: it can.
    unfit: &'static str,
    part: i64,
    /// Keys of the part and the templates above it.
    family: String,
}

const NO_LINE: &str = "This is no line of the order.";
const NO_PART: &str = "This line has no part.";

impl Allotment {
    fn stock(&self, conn: &mut Connection, keys: &[i64], except: Option<i64>) -> Result<HashMap<i64, Stock>> {
        // stock of the allocation that is about to be changed counts as free
        let own = except.map_or_else(String::new, |allocation| {
            format!(
                " + (SELECT COALESCE(CAST(SUM(x.quantity) AS BIGINT), 0) FROM {} x JOIN {} y ON y.id = x.line \
                 JOIN {} z ON z.id = y.\"order\" WHERE x.item = s.id AND x.id = {allocation} AND {})",
                self.table.name, self.kind.lines.name, self.kind.table.name, self.claims
            )
        });
        let unfit: String =
            (1..).zip(self.conditions).map(|(n, (sql, _))| format!("WHEN NOT ({sql}) THEN {n} ")).collect();
        let sql = format!(
            "SELECT s.id, s.quantity - {SET_ASIDE}{own}, COALESCE(s.serial, ''), CASE {unfit}ELSE 0 END, s.part, \
             p.tree_path FROM stock_stockitem s JOIN part_part p ON p.id = s.part WHERE s.id IN ({{keys}})"
        );
        let mut found = HashMap::with_capacity(keys.len());
        conn.of_keys(&sql, keys, |row| {
            let reason = usize::try_from(row.int(3)).unwrap_or(0).checked_sub(1).and_then(|at| self.conditions.get(at));
            let stock = Stock {
                free: row.int(1).max(0),
                serialised: !row.text(2).trim().is_empty(),
                unfit: reason.map_or("", |(_, message)| message),
                part: row.int(4),
                family: row.text(5).to_owned(),
            };
            found.insert(row.int(0), stock);
        })?;
        Ok(found)
    }

    /// The part of each of these lines, as far as they are lines of the order.
    fn parts(&self, conn: &mut Connection, order: i64, lines: &[i64]) -> Result<HashMap<i64, Option<i64>>> {
        let sql = format!("SELECT l.id, l.part, l.\"order\" FROM {} l WHERE l.id IN ({{keys}})", self.kind.lines.name);
        let mut found = HashMap::with_capacity(lines.len());
        conn.of_keys(&sql, lines, |row| {
            if row.int(2) == order {
                found.insert(row.int(0), row.opt_int(1));
            }
        })?;
        Ok(found)
    }

    /// The part of a line of the order.
    ///
    /// # Errors
    /// 400 on `line_item`.
    pub fn part_of(&self, conn: &mut Connection, order: i64, line: i64) -> Result<i64> {
        let part = self.parts(conn, order, &[line])?.get(&line).copied();
        let part = part.ok_or_else(|| Error::field("line_item", NO_LINE))?;
        part.ok_or_else(|| Error::field("line_item", NO_PART))
    }

    /// Whether all of these are lines of the order.
    ///
    /// # Errors
    /// Those of the database.
    pub fn are_lines_of(&self, conn: &mut Connection, order: i64, lines: &[i64]) -> Result<bool> {
        let found = self.parts(conn, order, lines)?;
        Ok(lines.iter().all(|line| found.contains_key(line)))
    }

    /// What speaks against wishes, each taken after the ones before it. Nothing is written; `except` is an
    /// allocation whose stock counts as free, because it is about to be changed. As many statements for many
    /// wishes as for one.
    ///
    /// # Errors
    /// Those of the database.
    pub fn faults(
        &self,
        conn: &mut Connection,
        order: i64,
        wishes: &[Wish],
        except: Option<i64>,
    ) -> Result<Vec<Fault>> {
        let items: Vec<i64> = wishes.iter().map(|w| w.item).collect();
        let mut stock = self.stock(conn, &items, except)?;
        let parts = self.parts(conn, order, &wishes.iter().map(|w| w.line).collect::<Vec<_>>())?;
        let barred = (self.barred)(conn, &items)?;
        let mut faults = Vec::new();
        for (i, wish) in wishes.iter().enumerate() {
            let part = parts.get(&wish.line).copied();
            let found = fault(wish, part, stock.get_mut(&wish.item), barred.get(&wish.item).copied());
            faults.extend(found.map(|(field, message)| (i, field, message)));
        }
        Ok(faults)
    }

    /// Refuses a change of an allocation of the order to another item or quantity that is not possible.
    ///
    /// # Errors
    /// 400 on `item`, `line_item` or `quantity`.
    pub fn check_change(&self, conn: &mut Connection, order: i64, change: &Change) -> Result<()> {
        if !change.is_changed("item") && !change.is_changed("quantity") {
            return Ok(());
        }
        let key = |column: &str| change.int(column).unwrap_or(0);
        let wish = Wish { line: key("line"), item: key("item"), quantity: key("quantity") };
        match self.faults(conn, order, &[wish], change.id)?.pop() {
            Some((_, "stock_item", message)) => Err(Error::field("item", message)),
            Some((_, field, message)) => Err(Error::field(field, message)),
            None => Ok(()),
        }
    }

    /// Writes allocations that were found to be possible.
    ///
    /// # Errors
    /// Those of the database.
    pub fn write(&self, conn: &mut Connection, wishes: &[Wish], more: &[(&'static str, Option<i64>)]) -> Result<()> {
        let names: String = more.iter().map(|(name, _)| format!(", {name}")).collect();
        let shared: String = (1..=more.len()).map(|n| format!(", ${n}")).collect();
        for lot in wishes.chunks(200) {
            let mut params: Vec<Value> = more.iter().map(|(_, value)| (*value).into()).collect();
            let mut places = Vec::with_capacity(lot.len());
            for wish in lot {
                let n = params.len();
                places.push(format!("(${}, ${}, ${}{shared})", n + 1, n + 2, n + 3));
                params.extend([wish.line, wish.item, wish.quantity].map(Value::Int));
            }
            let sql =
                format!("INSERT INTO {} (line, item, quantity{names}) VALUES {}", self.table.name, places.join(", "));
            conn.execute(&sql, &params)?;
        }
        Ok(())
    }

    /// Sets the pieces of a line's part with these serial numbers aside.
    ///
    /// # Errors
    /// 400 on `line_item` or `serial_numbers`, with the numbers that are not there or not free.
    pub fn serials(
        &self,
        conn: &mut Connection,
        order: i64,
        line: i64,
        serials: &[String],
        more: &[(&'static str, Option<i64>)],
    ) -> Result<()> {
        let part = self.part_of(conn, order, line)?;
        // the piece, and whether it is in stock
        let mut pieces: HashMap<String, (i64, bool)> = HashMap::new();
        let sql = format!(
            "SELECT s.serial, s.id, CASE WHEN {IN_STOCK} THEN 1 ELSE 0 END FROM stock_stockitem s \
             WHERE s.part = $1 AND s.quantity = $2 AND s.serial IN ({})",
            conn.backend().texts("$3")
        );
        for row in conn.rows(&sql, &[Value::Int(part), Value::Int(ONE), Value::texts(serials)])? {
            pieces.entry(row.text(0).to_owned()).or_insert((row.int(1), row.int(2) == 1));
        }
        let refuse = |numbers: Vec<&str>, why: &str| match numbers.is_empty() {
            true => Ok(()),
            false => Err(Error::field("serial_numbers", format!("{why}: {}.", numbers.join(", ")))),
        };
        let found: Vec<Option<(i64, bool)>> = serials.iter().map(|s| pieces.get(s).copied()).collect();
        let missing = serials.iter().zip(&found).filter(|(_, piece)| piece.is_none());
        refuse(missing.map(|(s, _)| s.as_str()).collect(), "There are no items with these serial numbers")?;
        let found: Vec<(i64, bool)> = found.into_iter().flatten().collect();
        let wishes: Vec<Wish> = found.iter().map(|(item, _)| Wish { line, item: *item, quantity: ONE }).collect();
        let taken: HashSet<usize> = self.faults(conn, order, &wishes, None)?.iter().map(|(i, ..)| *i).collect();
        let unavailable = (0..serials.len()).filter(|i| taken.contains(i) || !found[*i].1);
        refuse(unavailable.map(|i| serials[i].as_str()).collect(), "These serial numbers are not available")?;
        self.write(conn, &wishes, more)
    }
}

/// What speaks against one wish; where nothing does, its stock is no longer free. Quantities are looked at
/// first: what is wrong with them is wrong with any stock.
fn fault(
    wish: &Wish,
    part: Option<Option<i64>>,
    stock: Option<&mut Stock>,
    barred: Option<&str>,
) -> Option<(&'static str, String)> {
    let no = |field, message: &str| Some((field, message.to_owned()));
    let Some(part) = part else { return no("line_item", NO_LINE) };
    let Some(part) = part else { return no("line_item", NO_PART) };
    let Some(stock) = stock else { return no("stock_item", "There is no such stock item.") };
    if wish.quantity <= 0 {
        return no("quantity", "A quantity above zero is needed here.");
    }
    if let Some(why) = barred {
        return no("stock_item", why);
    }
    if stock.serialised && wish.quantity != ONE {
        return no("quantity", "What has a serial number is one piece.");
    }
    if wish.quantity > stock.free {
        let left = decimal::to_string(stock.free, decimal::QUANTITY);
        let left = left.trim_end_matches('0').trim_end_matches('.');
        return Some(("quantity", format!("No more than {left} of it is available.")));
    }
    if !stock.unfit.is_empty() {
        return no("stock_item", stock.unfit);
    }
    if stock.part != part && !stock.family.contains(&format!("/{part}/")) {
        return no("stock_item", "This is stock of another part than the line's.");
    }
    stock.free -= wish.quantity;
    None
}
