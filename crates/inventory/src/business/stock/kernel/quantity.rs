//! Counting, adding, removing, splitting, and moving.

use ironwood_base::status::HistoryCode;
use ironwood_base::{Error, Quantity, Result, clock};

use super::item::{Item, is_in_range};
use super::ledger::{Deltas, Ledger};
use super::{With, number};
use crate::schema::keys::*;

/// What is found when stock is counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Count {
    pub quantity: Quantity,
    /// Where it was found, if that is to be noted.
    pub location: Option<LocationKey>,
}

fn positive(quantity: Quantity) -> Result<()> {
    if quantity.is_positive() { Ok(()) } else { Err(Error::field("quantity", "Quantity must be greater than zero.")) }
}

impl Ledger<'_> {
    fn loose(&self, key: ItemKey) -> Result<&Item> {
        let item = self.item(key)?;
        if item.is_serialised() {
            return Err(Error::field("item", "The quantity of an item with a serial number cannot be changed."));
        }
        Ok(item)
    }

    pub(super) fn set_quantity(&mut self, key: ItemKey, quantity: Quantity) -> Result<()> {
        if !is_in_range(quantity) {
            return Err(Error::field("quantity", "Quantity is out of range."));
        }
        let part = self.item(key)?.part;
        self.check_whole(part, quantity)?;
        let item = self.item_mut(key)?;
        let fell = quantity.is_zero() && !item.quantity.is_zero();
        item.quantity = quantity;
        if fell {
            self.depleted.insert(key);
        }
        Ok(())
    }

    /// Batch and packaging, where they are given.
    fn put_fields(&mut self, key: ItemKey, with: &With, deltas: &mut Deltas) -> Result<()> {
        let item = self.item_mut(key)?;
        if let Some(batch) = &with.batch {
            item.batch = Some(batch.clone());
            deltas.insert("batch".into(), batch.as_str().into());
        }
        if let Some(packaging) = &with.packaging {
            item.packaging = Some(packaging.clone());
            deltas.insert("packaging".into(), packaging.as_str().into());
        }
        Ok(())
    }

    fn put_status(&mut self, key: ItemKey, with: &With, deltas: &mut Deltas) -> Result<()> {
        match with.status {
            Some(status) => self.set_status(key, status, deltas),
            None => Ok(()),
        }
    }

    /// Takes a quantity out of stock. `code` is the history code, `STOCK_REMOVE` where someone just
    /// takes it. An item of which nothing is left is deleted at the end if it says so.
    ///
    /// # Errors
    /// 400 on `quantity` where there is not that much, on `item` for one with a serial number.
    pub(crate) fn take(&mut self, key: ItemKey, quantity: Quantity, code: HistoryCode, with: &With) -> Result<()> {
        positive(quantity)?;
        let there = self.loose(key)?.quantity;
        if quantity > there {
            return Err(Error::field("quantity", "Quantity must not exceed the available quantity."));
        }
        let mut deltas = Deltas::new();
        self.put_status(key, with, &mut deltas)?;
        with.put_refs(&mut deltas);
        self.set_quantity(key, there - quantity)?;
        deltas.insert("removed".into(), number(quantity));
        deltas.insert("quantity".into(), number(there - quantity));
        self.put_fields(key, with, &mut deltas)?;
        self.record(key, code, deltas, &with.notes)
    }

    /// Adds a quantity.
    ///
    /// # Errors
    /// 400 on `quantity` where it becomes too much, on `item` for one with a serial number.
    pub(crate) fn add(&mut self, key: ItemKey, quantity: Quantity, with: &With) -> Result<()> {
        positive(quantity)?;
        let sum = self.loose(key)?.quantity.saturating_add(quantity);
        if !is_in_range(sum) {
            return Err(Error::field("quantity", "Quantity is out of range."));
        }
        let mut deltas = Deltas::new();
        self.put_status(key, with, &mut deltas)?;
        with.put_refs(&mut deltas);
        self.set_quantity(key, sum)?;
        deltas.insert("added".into(), number(quantity));
        deltas.insert("quantity".into(), number(sum));
        self.put_fields(key, with, &mut deltas)?;
        self.record(key, HistoryCode::STOCK_ADD, deltas, &with.notes)
    }

    /// Sets the quantity to what was counted; the count is noted even where nothing changes.
    ///
    /// # Errors
    /// 400 on `quantity` below zero or out of range, or other than one for an item with a serial number.
    pub(crate) fn count(&mut self, key: ItemKey, count: Count, with: &With) -> Result<()> {
        if !is_in_range(count.quantity) {
            return Err(Error::field("quantity", "Quantity is out of range."));
        }
        if let Some(location) = count.location {
            self.check_location(location)?;
        }
        let (serialised, there, place) = {
            let item = self.item(key)?;
            (item.is_serialised(), item.quantity, item.location)
        };
        if serialised && count.quantity != Quantity::ONE {
            return Err(Error::field("quantity", "Quantity must be 1 for an item with a serial number."));
        }
        let mut deltas = Deltas::new();
        self.put_status(key, with, &mut deltas)?;
        if let Some(location) = count.location.filter(|l| Some(*l) != place) {
            self.item_mut(key)?.location = Some(location);
            deltas.insert("location".into(), location.into());
            deltas.insert("old_location".into(), place.into());
        }
        self.put_fields(key, with, &mut deltas)?;
        let changed = !deltas.is_empty() || serialised || count.quantity != there;
        with.put_refs(&mut deltas);
        if changed {
            let user = self.user().known();
            let item = self.item_mut(key)?;
            item.stocktake_date = Some(clock::today());
            item.stocktake_user = user;
        }
        if !serialised {
            self.set_quantity(key, count.quantity)?;
        }
        deltas.insert("quantity".into(), number(count.quantity));
        self.record(key, HistoryCode::STOCK_COUNT, deltas, &with.notes)
    }

    /// Splits a quantity off: a new item with everything that the old one has, but for its barcode.
    /// Gives its key; the item itself where the quantity is all of it. Both get a history entry.
    ///
    /// # Errors
    /// 400 on `quantity` where there is not that much, on `item` for one with a serial number.
    pub(crate) fn split(
        &mut self,
        key: ItemKey,
        quantity: Quantity,
        location: Option<LocationKey>,
        with: &With,
    ) -> Result<ItemKey> {
        positive(quantity)?;
        let there = self.item(key)?.quantity;
        if quantity == there {
            return Ok(key);
        }
        let item = self.loose(key)?.clone();
        if quantity > there {
            return Err(Error::field("quantity", "Quantity must not exceed the available quantity."));
        }
        if let Some(status) = with.status {
            self.logical_status(status)?;
        }
        self.check_whole(item.part, there - quantity)?;
        let new = self.insert(Item { parent: Some(key), quantity, location: location.or(item.location), ..item })?;
        let mut deltas = Deltas::new();
        deltas.insert("stockitem".into(), key.into());
        with.put_refs(&mut deltas);
        self.put_status(new, with, &mut deltas)?;
        self.put_fields(new, with, &mut deltas)?;
        if let Some(location) = location {
            deltas.insert("location".into(), location.into());
        }
        deltas.insert("quantity".into(), number(quantity));
        self.record(new, HistoryCode::SPLIT_FROM_PARENT, deltas, &with.notes)?;
        self.tests.push((key, new));

        let mut deltas = Deltas::new();
        deltas.insert("stockitem".into(), new.into());
        with.put_person(&mut deltas);
        if let Some(location) = location {
            deltas.insert("location".into(), location.into());
        }
        self.set_quantity(key, there - quantity)?;
        deltas.insert("removed".into(), number(quantity));
        deltas.insert("quantity".into(), number(there - quantity));
        self.record(key, HistoryCode::SPLIT_CHILD_ITEM, deltas, &with.notes)?;
        Ok(new)
    }

    /// Moves a quantity of an item to a location; a part of it becomes an item of its own. Gives the key
    /// of what has moved. Whether the item is in stock is for the caller to ask.
    ///
    /// # Errors
    /// 400 on `quantity` where there is not that much, on `location` where it cannot be there.
    pub(crate) fn transfer(
        &mut self,
        key: ItemKey,
        quantity: Quantity,
        location: LocationKey,
        with: &With,
    ) -> Result<ItemKey> {
        positive(quantity)?;
        self.check_location(location)?;
        let item = self.item(key)?;
        let (there, same) = (item.quantity, item.location == Some(location));
        if quantity != there {
            return self.split(key, quantity, Some(location), with);
        }
        let mut deltas = Deltas::new();
        self.put_status(key, with, &mut deltas)?;
        deltas.insert("quantity".into(), number(quantity));
        if !same {
            deltas.insert("location".into(), location.into());
        }
        with.put_refs(&mut deltas);
        self.put_fields(key, with, &mut deltas)?;
        self.item_mut(key)?.location = Some(location);
        let code = if same { HistoryCode::STOCK_UPDATE } else { HistoryCode::STOCK_MOVE };
        self.record(key, code, deltas, &with.notes)?;
        Ok(key)
    }
}
