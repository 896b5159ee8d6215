//! Stock items with serial numbers.

use ironwood_base::error::Fields;
use ironwood_base::status::HistoryCode;
use ironwood_base::{Error, Quantity, Result, serial};
use ironwood_rest::selected;
use ironwood_store::{Connection, Fragment, Value, fragment};

use super::item::Item;
use super::ledger::{Deltas, Ledger};
use super::number;
use super::spaces::{latest, next_after, space};
use crate::schema::keys::*;

/// How a message on serial numbers that are taken begins.
pub(crate) const TAKEN: &str = "These serial numbers are already in use";

selected! {
    /// A serial number, and the number by which it is sorted where an item has it.
    struct SerialNumber {
        text: String = "t.value",
        number: Option<i64> = "t.number",
    }
}

/// Which of these serial numbers are taken within the family of a part, or anywhere where the server
/// keeps one space of them, by items other than `except`; sorted as serial numbers are.
///
/// # Errors
/// Those of the database.
pub(crate) fn conflicts(
    conn: &mut Connection,
    part: PartKey,
    serials: &[String],
    except: &[ItemKey],
) -> Result<Vec<String>> {
    let space = space(conn, part)?;
    // each number is looked up by itself: where the numbers of a space are not yet in the statistics, a
    // planner would rather read the whole space for every lot of them
    let others =
        if except.is_empty() { Fragment::new() } else { fragment!(" AND s.id NOT IN ({})", conn.backend().keys("$3")) };
    let from = fragment!(
        "FROM (SELECT w.value, (SELECT s.serial_int FROM stock_stockitem s WHERE s.serial_space = $1 \
         AND s.serial = w.value{others}) AS number FROM ({}) w) t",
        conn.backend().texts("$2")
    );
    let mut params = vec![Value::Int(space), Value::texts(serials)];
    if !except.is_empty() {
        params.push(Value::keys(except));
    }
    let looked_up: Vec<SerialNumber> = selected::all(conn, &from, &params)?;
    let mut found: Vec<(i64, String)> =
        looked_up.into_iter().filter_map(|serial| Some((serial.number?, serial.text))).collect();
    found.sort();
    found.dedup_by(|a, b| a.1 == b.1);
    Ok(found.into_iter().map(|(_, serial)| serial).collect())
}

/// Reads serial numbers as people type them, for so many pieces (whole ones) of a part. None of them may
/// be taken.
///
/// # Errors
/// 400 on `serial_numbers` with every fault, and with the list of those that are taken.
pub(crate) fn read_serials(conn: &mut Connection, part: PartKey, text: &str, pieces: usize) -> Result<Vec<String>> {
    let latest = latest(conn, part)?;
    let next = next_after(latest.as_deref());
    let refuse = |faults: Vec<String>| {
        let mut fields = Fields::new();
        faults.iter().for_each(|fault| fields.add("serial_numbers", fault));
        Error::Invalid(fields)
    };
    let serials = serial::parse(text, pieces, &next).map_err(refuse)?;
    let taken = conflicts(conn, part, &serials, &[])?;
    if taken.is_empty() { Ok(serials) } else { Err(refuse(vec![format!("{TAKEN}: {}", taken.join(", "))])) }
}

impl Ledger<'_> {
    /// New items, each one piece with its serial number, like `model` in everything else. Gives their
    /// keys. That the serial numbers are free is for [`read_serials`] or [`conflicts`] to say; the
    /// database refuses doubles. History entries are for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn create_serialised(&mut self, model: &Item, serials: &[String]) -> Result<Vec<ItemKey>> {
        self.expect_new(serials.len())?;
        let mut keys = Vec::with_capacity(serials.len());
        for serial in serials {
            keys.push(self.insert(Item {
                serial: Some(serial.clone()),
                serial_int: serial::sort_key(serial),
                quantity: Quantity::ONE,
                ..model.clone()
            })?);
        }
        Ok(keys)
    }

    /// A new item with its entry in the history (`CREATED`, or what `code` says): quantity, status,
    /// location and `refs`.
    ///
    /// # Errors
    /// As [`Ledger::insert`].
    pub(crate) fn create(&mut self, item: Item, code: HistoryCode, with: &super::With) -> Result<ItemKey> {
        let key = self.insert(item)?;
        self.record_new(key, code, with)?;
        Ok(key)
    }

    /// The first history entry of an item that was made.
    ///
    /// # Errors
    /// As [`Ledger::item`].
    pub(crate) fn record_new(&mut self, key: ItemKey, code: HistoryCode, with: &super::With) -> Result<()> {
        let item = self.item(key)?;
        let mut deltas = Deltas::new();
        deltas.insert("status".into(), with.status.unwrap_or(item.status.key()).into());
        deltas.insert("quantity".into(), number(item.quantity));
        if let Some(location) = item.location {
            deltas.insert("location".into(), location.into());
        }
        with.put_refs(&mut deltas);
        self.record(key, code, deltas, &with.notes)
    }

    /// Turns so many pieces of an item into items with these serial numbers, at a location or where it is.
    /// Gives the keys of the new items.
    ///
    /// # Errors
    /// 400 on `quantity` where there are not that many, on `item` for one that has a serial number.
    pub(crate) fn serialise(
        &mut self,
        key: ItemKey,
        serials: &[String],
        location: Option<LocationKey>,
        notes: &str,
    ) -> Result<Vec<ItemKey>> {
        let pieces = i64::try_from(serials.len()).ok().and_then(Quantity::whole);
        if let Some(location) = location {
            self.check_location(location)?;
        }
        let item = self.item(key)?.clone();
        if item.is_serialised() {
            return Err(Error::field("item", "This stock item already has a serial number."));
        }
        let Some(quantity) = pieces.filter(|quantity| *quantity <= item.quantity) else {
            return Err(Error::field("quantity", "Quantity must not exceed the available quantity."));
        };
        let model = Item {
            parent: Some(key),
            location: location.or(item.location),
            stocktake_date: None,
            stocktake_user: None,
            metadata: None,
            ..item
        };
        let keys = self.create_serialised(&model, serials)?;
        for (new, serial) in keys.iter().zip(serials) {
            let mut deltas = Deltas::new();
            deltas.insert("quantity".into(), 1.into());
            if let Some(location) = location {
                deltas.insert("location".into(), location.into());
            }
            self.record(*new, HistoryCode::SPLIT_FROM_PARENT, deltas, notes)?;
            let mut deltas = Deltas::new();
            deltas.insert("serial".into(), serial.as_str().into());
            if let Some(location) = location {
                deltas.insert("location".into(), location.into());
            }
            self.record(*new, HistoryCode::ASSIGNED_SERIAL, deltas, notes)?;
            self.tests.push((key, *new));
        }
        self.take(key, quantity, HistoryCode::STOCK_SERIALIZED, &super::With::notes(notes))?;
        Ok(keys)
    }
}
