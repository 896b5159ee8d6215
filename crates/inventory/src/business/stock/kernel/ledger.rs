//! The ledger: stock items are read once, changed in memory, and written in bulk.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ironwood_base::status::{HistoryCode, STOCK_STATUS, SalesOrderStatus, StockStatus, TransferOrderStatus};
use ironwood_base::{Error, Key, Quantity, Result};
use ironwood_rest::bulk::{self, Assignment};
use ironwood_rest::row;
use ironwood_rest::selected;
use ironwood_store::{Connection, Value, sql};
use serde_json::{Map, Value as Json};

use super::super::batch;
use super::item::Item;
use super::spaces;
use crate::platform::common::custom_state;
use crate::platform::settings::Settings;
use crate::platform::settings::keys;
use crate::schema::keys::*;
use crate::schema::stock;

/// What a history entry says of a change.
pub(crate) type Deltas = Map<String, Json>;

/// What the stock of a moment counts of an item.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct CountedStock {
    part: PartKey,
    location: Option<LocationKey>,
    /// What of it is in stock.
    stock: Quantity,
}

impl CountedStock {
    fn of(item: &Item) -> Self {
        let stock = if item.is_in_stock() { item.quantity } else { Quantity::ZERO };
        CountedStock { part: item.part, location: item.location, stock }
    }
}

selected! {
    /// Whether the pieces of a part are tracked.
    struct Tracked {
        id: PartKey = "id",
        trackable: bool = "trackable",
    }
}

/// Stock items of one action. Functions change them in memory and note what happened; [`Ledger::close`]
/// writes all of it, in a number of statements that hardly depends on how many items there are.
#[must_use = "nothing is written before it is closed"]
pub(crate) struct Ledger<'c> {
    pub conn: &'c mut Connection,
    /// Who does it, 0 for no one.
    user: UserKey,
    items: BTreeMap<ItemKey, Item>,
    before: BTreeMap<ItemKey, Item>,
    made: BTreeSet<ItemKey>,
    /// Items whose quantity fell to nothing.
    pub(super) depleted: BTreeSet<ItemKey>,
    pub(super) gone: BTreeSet<ItemKey>,
    /// Test results go with a part that is split off: from, to.
    pub(super) tests: Vec<(ItemKey, ItemKey)>,
    entries: Vec<stock::Entry>,
    reserved: Vec<ItemKey>,
    states: Option<HashMap<i64, StockStatus>>,
    /// What new items begin with: whether they go when consumed, their batch.
    fresh: Option<(bool, String)>,
    places: HashMap<LocationKey, bool>,
    /// Where the serial numbers of parts are unique.
    spaces: HashMap<PartKey, i64>,
    /// Whether pieces of parts are tracked, as far as that was asked.
    tracked: HashMap<PartKey, bool>,
    /// Names of customers.
    pub(super) customers: HashMap<CompanyKey, String>,
    /// Items of which nothing is allocated any more.
    pub(super) freed: Vec<ItemKey>,
    /// Items that have taken over others.
    pub(super) merged: Vec<(ItemKey, Vec<ItemKey>)>,
    /// Items looked at for others installed in them, and those that have some.
    pub(super) looked_at: BTreeSet<ItemKey>,
    pub(super) holders: BTreeSet<ItemKey>,
    /// Items that get a barcode.
    barcodes: Vec<(ItemKey, [String; 2])>,
    bare: bool,
}

impl<'c> Ledger<'c> {
    /// Reads items for a user to change them. A key that leads to nothing
    /// is found out by [`Ledger::item`].
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn open(conn: &'c mut Connection, user: UserKey, keys: &[ItemKey]) -> Result<Self> {
        let mut ledger = Ledger {
            conn,
            user,
            items: BTreeMap::new(),
            before: BTreeMap::new(),
            made: BTreeSet::new(),
            depleted: BTreeSet::new(),
            gone: BTreeSet::new(),
            tests: Vec::new(),
            entries: Vec::new(),
            reserved: Vec::new(),
            states: None,
            fresh: None,
            places: HashMap::new(),
            spaces: HashMap::new(),
            tracked: HashMap::new(),
            customers: HashMap::new(),
            freed: Vec::new(),
            merged: Vec::new(),
            looked_at: BTreeSet::new(),
            holders: BTreeSet::new(),
            barcodes: Vec::new(),
            bare: false,
        };
        ledger.load(keys)?;
        Ok(ledger)
    }

    /// Reads further items.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn load(&mut self, keys: &[ItemKey]) -> Result<()> {
        let missing: Vec<ItemKey> = keys.iter().copied().filter(|k| !self.items.contains_key(k)).collect();
        for item in row::lock::<Item>(self.conn, &missing)? {
            self.before.insert(item.id, item.clone());
            self.items.insert(item.id, item);
        }
        Ok(())
    }

    /// An item as it stands now.
    ///
    /// # Errors
    /// 400 where there is no such item, or it was not read.
    pub(crate) fn item(&self, key: ItemKey) -> Result<&Item> {
        let there = self.items.get(&key).filter(|_| !self.gone.contains(&key));
        there.ok_or_else(|| Error::field("item", format!("Stock item {key} does not exist.")))
    }

    /// All items that were read or made.
    pub(crate) fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.values()
    }

    /// An item, to change it. Its quantity is changed by the functions for that.
    ///
    /// # Errors
    /// As [`Ledger::item`].
    pub(crate) fn item_mut(&mut self, key: ItemKey) -> Result<&mut Item> {
        let there = self.items.get_mut(&key).filter(|_| !self.gone.contains(&key));
        there.ok_or_else(|| Error::field("item", format!("Stock item {key} does not exist.")))
    }

    /// Nothing is filled in for its own sake: history entries without notes have none at all then, instead
    /// of an empty text, and items without metadata stay without.
    pub(crate) fn leave_bare(&mut self) {
        self.bare = true;
    }

    /// Who does it, 0 for no one.
    pub(crate) fn user(&self) -> UserKey {
        self.user
    }

    /// Says that so many items will be made: their keys are then got by one statement.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn expect_new(&mut self, count: usize) -> Result<()> {
        let more = count.saturating_sub(self.reserved.len());
        let mut keys: Vec<ItemKey> = row::reserve::<Item>(self.conn, more)?;
        // taken from the end
        keys.reverse();
        keys.append(&mut self.reserved);
        self.reserved = keys;
        Ok(())
    }

    /// A new item of a part as the settings want it (`STOCK_DELETE_DEPLETED_DEFAULT`,
    /// `STOCK_BATCH_CODE_TEMPLATE`), for [`Ledger::create`].
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn fresh(&mut self, part: PartKey, quantity: Quantity) -> Result<Item> {
        if self.fresh.is_none() {
            let settings = Settings::load(self.conn)?;
            let batch = batch::render(settings.text(keys::STOCK_BATCH_CODE_TEMPLATE), &Map::new());
            self.fresh = Some((settings.bool(keys::STOCK_DELETE_DEPLETED_DEFAULT), batch));
        }
        let (delete_on_deplete, batch) = self.fresh.clone().unwrap_or_default();
        Ok(Item { delete_on_deplete, batch: Some(batch), ..Item::new(part, quantity) })
    }

    /// Adds an item; gives its key, which is the final one. It is written with all others.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn insert(&mut self, mut item: Item) -> Result<ItemKey> {
        self.check_whole(item.part, item.quantity)?;
        self.expect_new(1)?;
        let key = self.reserved.pop().unwrap_or_default();
        item.id = key;
        item.serial_space = self.space_of(&item)?;
        self.made.insert(key);
        self.items.insert(key, item);
        Ok(key)
    }

    /// Refuses a broken quantity of a part whose pieces are tracked. Asks the database only about broken ones.
    ///
    /// # Errors
    /// 400 on `quantity`.
    pub(crate) fn check_whole(&mut self, part: PartKey, quantity: Quantity) -> Result<()> {
        if quantity.is_whole() {
            return Ok(());
        }
        if !self.tracked.contains_key(&part) {
            let parts: BTreeSet<PartKey> = self.items().map(|item| item.part).chain([part]).collect();
            let parts: Vec<PartKey> = parts.into_iter().collect();
            let known: Vec<Tracked> = selected::among(self.conn, "FROM part_part WHERE id IN ({keys})", &parts)?;
            self.tracked.extend(known.into_iter().map(|part| (part.id, part.trackable)));
        }
        match self.tracked.get(&part) {
            Some(true) => Err(Error::field("quantity", "Quantity must be a whole number for a trackable part.")),
            _ => Ok(()),
        }
    }

    /// Where the serial number of an item is unique.
    pub(super) fn space_of(&mut self, item: &Item) -> Result<Option<i64>> {
        if item.serial.as_deref().is_none_or(str::is_empty) {
            return Ok(None);
        }
        if let Some(space) = self.spaces.get(&item.part) {
            return Ok(Some(*space));
        }
        let space = spaces::space(self.conn, item.part)?;
        self.spaces.insert(item.part, space);
        Ok(Some(space))
    }

    /// Notes what happened to an item; `code` says what kind of change it was.
    ///
    /// # Errors
    /// As [`Ledger::item`].
    pub(crate) fn record(&mut self, key: ItemKey, code: HistoryCode, deltas: Deltas, notes: &str) -> Result<()> {
        let part = Some(self.item(key)?.part);
        self.enter(key, part, code, deltas, notes);
        Ok(())
    }

    /// [`Ledger::record`] for an entry that stands in the history of the item, not in that of its part.
    ///
    /// # Errors
    /// As [`Ledger::item`].
    pub(crate) fn record_for_item(
        &mut self,
        key: ItemKey,
        code: HistoryCode,
        deltas: Deltas,
        notes: &str,
    ) -> Result<()> {
        self.item(key)?;
        self.enter(key, None, code, deltas, notes);
        Ok(())
    }

    fn enter(&mut self, key: ItemKey, part: Option<PartKey>, code: HistoryCode, deltas: Deltas, notes: &str) {
        let notes: String = notes.chars().take(512).collect();
        self.entries.push(stock::Entry {
            tracking_type: code,
            item: Some(key),
            part,
            notes: (!self.bare || !notes.is_empty()).then_some(notes),
            user: self.user.known(),
            deltas: Some(Json::Object(deltas).to_string()),
            ..stock::Entry::default()
        });
    }

    /// The built-in status behind a status: an administrator's own one stands for it.
    ///
    /// # Errors
    /// 400 on `status` where there is no such status.
    pub(crate) fn logical_status(&mut self, status: i64) -> Result<StockStatus> {
        if let Some(status) = StockStatus::find(status) {
            return Ok(status);
        }
        if self.states.is_none() {
            self.states = Some(custom_state::built_in(self.conn, &STOCK_STATUS)?);
        }
        let found = self.states.as_ref().and_then(|s| s.get(&status)).copied();
        found.ok_or_else(|| Error::field("status", "This status does not exist."))
    }

    /// Gives an item a status, built-in or an administrator's own, and adds to `deltas` what changed.
    ///
    /// # Errors
    /// 400 on `status` where there is no such status.
    pub(crate) fn set_status(&mut self, key: ItemKey, status: i64, deltas: &mut Deltas) -> Result<()> {
        let logical = self.logical_status(status)?;
        let item = self.item_mut(key)?;
        if item.status.key() == status || item.status_custom_key == Some(status) {
            return Ok(());
        }
        let (old, old_shown) = (item.status, item.shown_status());
        item.status = logical;
        item.status_custom_key = (logical.key() != status).then_some(status);
        deltas.insert("status".into(), status.into());
        deltas.insert("status_logical".into(), logical.key().into());
        deltas.insert("old_status".into(), old_shown.into());
        deltas.insert("old_status_logical".into(), old.key().into());
        Ok(())
    }

    /// Refuses a location that is not there, or is structural.
    ///
    /// # Errors
    /// 400 on `location`.
    pub(crate) fn check_location(&mut self, location: LocationKey) -> Result<()> {
        let structural = match self.places.get(&location) {
            Some(structural) => *structural,
            None => {
                let sql = "SELECT structural FROM stock_stocklocation WHERE id = $1";
                let row = self.conn.one(sql, &[location.into()])?;
                let row = row.ok_or_else(|| Error::field("location", "This location does not exist."))?;
                let structural = row.bool(0);
                self.places.insert(location, structural);
                structural
            }
        };
        if structural { Err(Error::field("location", "A structural location cannot hold stock.")) } else { Ok(()) }
    }

    /// Links a barcode with its hash to an item. That it is free is for the caller to ask.
    ///
    /// # Errors
    /// As [`Ledger::item`].
    pub(crate) fn assign_barcode(&mut self, key: ItemKey, data: &str, hash: String) -> Result<()> {
        self.item(key)?;
        self.barcodes.push((key, [data.to_owned(), hash]));
        Ok(())
    }

    /// Writes everything: new items, changed ones, history; removes what is consumed. Gives the keys of the
    /// items that are no longer there.
    ///
    /// # Errors
    /// What the database refuses.
    pub(crate) fn close(mut self) -> Result<BTreeSet<ItemKey>> {
        self.write_new()?;
        self.write_changed()?;
        self.write_barcodes()?;
        self.copy_tests()?;
        self.free_allocations()?;
        self.move_allocations()?;
        self.write_history()?;
        self.remove()
    }

    fn write_new(&mut self) -> Result<()> {
        let made: Vec<&Item> = self.made.iter().filter_map(|key| self.items.get(key)).collect();
        let priced: Vec<PartKey> =
            made.iter().filter(|item| item.purchase_price.is_some()).map(|item| item.part).collect();
        row::insert::<Item>(self.conn, made)?;
        crate::business::part::pricing::watch::note(self.conn, &priced)
    }

    /// One statement for all items in which the same columns change.
    fn write_changed(&mut self) -> Result<()> {
        let (bare, gone) = (self.bare, &self.gone);
        let before = &self.before;
        for (key, after) in self.items.iter_mut().filter(|_| !bare) {
            // clients may count on an object once the server has written the row
            if before.get(key).is_some_and(|before| before != after) {
                after.metadata.get_or_insert_with(|| "{}".into());
            }
        }
        let changed = before.iter().filter(|(key, _)| !gone.contains(key));
        let changed = changed.filter_map(|(key, before)| Some((before, self.items.get(key)?)));
        row::update(self.conn, changed)
    }

    fn write_barcodes(&mut self) -> Result<()> {
        const CODE: &[Assignment] = &[bulk::set(&stock::ITEM, "barcode_data"), bulk::set(&stock::ITEM, "barcode_hash")];
        let rows: Vec<(ItemKey, Vec<Value>)> = self
            .barcodes
            .iter()
            .map(|(key, [data, hash])| (*key, vec![data.as_str().into(), hash.as_str().into()]))
            .collect();
        bulk::update(self.conn, CODE, &rows)
    }

    /// What was allocated of items that came back no longer is.
    fn free_allocations(&mut self) -> Result<()> {
        self.conn.execute_keys("DELETE FROM order_salesorderallocation WHERE item IN ({keys})", &self.freed)?;
        self.conn.execute_keys("DELETE FROM build_builditem WHERE stock_item IN ({keys})", &self.freed).map(|_| ())
    }

    fn copy_tests(&mut self) -> Result<()> {
        bulk::copy(self.conn, &stock::TEST_RESULT, "stock_item", &self.tests, &[], "")
    }

    /// An item of which less or more is in stock now, or elsewhere, and of which no one said so, gets an
    /// entry all the same: the stock of past days is calculated from them.
    fn complete_history(&mut self) {
        let recorded: BTreeSet<ItemKey> = self.entries.iter().filter_map(|entry| entry.item).collect();
        let unrecorded: Vec<(ItemKey, PartKey, Option<LocationKey>, Quantity)> = self
            .items
            .values()
            .filter(|item| !recorded.contains(&item.id) && !self.gone.contains(&item.id))
            .filter(|item| {
                self.before.get(&item.id).is_none_or(|before| CountedStock::of(before) != CountedStock::of(item))
            })
            .map(|item| (item.id, item.part, item.location, item.quantity))
            .collect();
        for (key, part, location, quantity) in unrecorded {
            let mut deltas = Deltas::new();
            deltas.insert("quantity".into(), super::number(quantity));
            deltas.insert("location".into(), location.into());
            self.enter(key, Some(part), HistoryCode::EDITED, deltas, "");
        }
    }

    fn write_history(&mut self) -> Result<()> {
        self.complete_history();
        let mut entries = std::mem::take(&mut self.entries);
        for entry in &mut entries {
            let after = entry.item.and_then(|item| self.items.get(&item)).map(CountedStock::of).unwrap_or_default();
            entry.after_part = Some(after.part.general());
            entry.after_location = after.location.map(Key::general);
            entry.after_stock = Some(after.stock);
        }
        row::insert::<stock::Entry>(self.conn, &entries)
    }

    /// Items that are to go, and those of which nothing is left and nothing else depends. Their history
    /// stays, linked to the part alone.
    fn remove(&mut self) -> Result<BTreeSet<ItemKey>> {
        let mut keys: Vec<ItemKey> = self.gone.iter().copied().collect();
        let empty: Vec<ItemKey> = self
            .depleted
            .iter()
            .copied()
            .filter(|key| self.items.get(key).is_some_and(|i| i.quantity.is_zero() && i.delete_on_deplete))
            .collect();
        self.conn.of_keys(REMOVABLE, &empty, |row| keys.push(row.cell(0)))?;
        keys.sort_unstable();
        keys.dedup();
        delete(self.conn, &keys)?;
        Ok(keys.into_iter().collect())
    }
}

/// Items that may be deleted when nothing is left of them: nothing is installed in them, and no order,
/// build or return speaks of them.
const REMOVABLE: &str = sql!(
    "SELECT s.id FROM stock_stockitem s WHERE s.id IN ({keys}) AND s.sales_order IS NULL \
    AND NOT EXISTS (SELECT 1 FROM stock_stockitem i WHERE i.belongs_to = s.id) \
    AND NOT EXISTS (SELECT 1 FROM build_builditem b WHERE b.stock_item = s.id) \
    AND NOT EXISTS (SELECT 1 FROM order_salesorderallocation a JOIN order_salesorderlineitem l ON l.id = a.line \
    JOIN order_salesorder o ON o.id = l.\"order\" LEFT JOIN order_salesordershipment h ON h.id = a.shipment \
    WHERE a.item = s.id AND o.status IN (",
    [..SalesOrderStatus::OPEN],
    ") AND h.shipment_date IS NULL) \
    AND NOT EXISTS (SELECT 1 FROM order_transferorderallocation a JOIN order_transferorderlineitem l ON l.id = a.line \
    JOIN order_transferorder o ON o.id = l.\"order\" WHERE a.item = s.id AND o.status IN (",
    [..TransferOrderStatus::OPEN],
    ")) \
    AND NOT EXISTS (SELECT 1 FROM order_returnorderlineitem r WHERE r.item = s.id)"
);

/// Deletes items. What was split from them counts as split from their own parents; their history stays,
/// linked to the part alone, and tells until when they were there.
///
/// # Errors
/// What the database refuses.
pub(crate) fn delete(conn: &mut Connection, keys: &[ItemKey]) -> Result<()> {
    // a parent that goes as well hands on to its own parent
    let orphans = "WITH RECURSIVE up(child, above) AS (SELECT c.id, p.parent FROM stock_stockitem c \
         JOIN stock_stockitem p ON p.id = c.parent WHERE c.parent IN ({keys}) AND c.id NOT IN ({keys}) \
         UNION ALL SELECT up.child, p.parent FROM up JOIN stock_stockitem p ON p.id = up.above \
         WHERE up.above IN ({keys})) \
         UPDATE stock_stockitem SET parent = (SELECT u.above FROM up u WHERE u.child = stock_stockitem.id \
         AND (u.above IS NULL OR u.above NOT IN ({keys})) LIMIT 1) WHERE id IN (SELECT u.child FROM up u)";
    conn.execute_keys(orphans, keys)?;
    conn.execute_keys("DELETE FROM stock_stockitem WHERE id IN ({keys})", keys).map(|_| ())
}
