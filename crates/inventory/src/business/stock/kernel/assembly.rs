//! Installing stock items in assemblies and consuming them in builds, and the reverse.

use ironwood_base::status::HistoryCode;
use ironwood_base::{Error, Quantity, Result};

use super::item::Item;
use super::ledger::{Deltas, Ledger};
use super::{With, number};
use crate::schema::keys::*;

impl Ledger<'_> {
    /// Installs a quantity of an item in another item (both must have been read), for a build or just so.
    /// Gives the key of what is installed.
    ///
    /// # Errors
    /// 400 on `quantity` where there is not that much.
    pub(crate) fn install(
        &mut self,
        key: ItemKey,
        quantity: Quantity,
        assembly: ItemKey,
        build: Option<BuildKey>,
        notes: &str,
    ) -> Result<ItemKey> {
        self.item(assembly)?;
        if key == assembly {
            return Err(Error::field("stock_item", "An item cannot be installed in itself."));
        }
        let part = self.split(key, quantity, None, &With::default())?;
        let item = self.item_mut(part)?;
        item.belongs_to = Some(assembly);
        item.location = None;
        if build.is_some() {
            item.consumed_by = build;
        }
        let mut deltas = Deltas::new();
        deltas.insert("stockitem".into(), assembly.into());
        deltas.insert("quantity".into(), number(quantity));
        if let Some(build) = build {
            deltas.insert("buildorder".into(), build.into());
        }
        self.record(part, HistoryCode::INSTALLED_INTO_ASSEMBLY, deltas, notes)?;
        let mut deltas = Deltas::new();
        deltas.insert("stockitem".into(), part.into());
        deltas.insert("quantity".into(), number(quantity));
        self.record(assembly, HistoryCode::INSTALLED_CHILD_ITEM, deltas, notes)?;
        Ok(part)
    }

    /// Takes an item out of the assembly that it is installed in, to a location.
    ///
    /// # Errors
    /// 400 where it is not installed, or cannot be there.
    pub(crate) fn uninstall(&mut self, key: ItemKey, location: Option<LocationKey>, notes: &str) -> Result<()> {
        if let Some(location) = location {
            self.check_location(location)?;
        }
        let item = self.item(key)?;
        let quantity = item.quantity;
        let assembly =
            item.belongs_to.ok_or_else(|| Error::field("item", "This stock item is not installed in another one."))?;
        self.load(&[assembly])?;
        let mut deltas = Deltas::new();
        deltas.insert("stockitem".into(), key.into());
        deltas.insert("quantity".into(), number(quantity));
        self.record(assembly, HistoryCode::REMOVED_CHILD_ITEM, deltas, notes)?;
        let mut deltas = Deltas::new();
        deltas.insert("stockitem".into(), assembly.into());
        deltas.insert("quantity".into(), number(quantity));
        if let Some(location) = location {
            deltas.insert("location".into(), location.into());
        }
        self.record(key, HistoryCode::REMOVED_FROM_ASSEMBLY, deltas, notes)?;
        let item = self.item_mut(key)?;
        item.belongs_to = None;
        item.consumed_by = None;
        item.location = location;
        Ok(())
    }

    /// A build uses a quantity of an item up. Gives the key of what is consumed; it stays as an item of no
    /// location.
    ///
    /// # Errors
    /// 400 on `quantity` where there is not that much.
    pub(crate) fn consume(
        &mut self,
        key: ItemKey,
        quantity: Quantity,
        build: BuildKey,
        notes: &str,
    ) -> Result<ItemKey> {
        let used = self.split(key, quantity, None, &With::notes(notes))?;
        let item = self.item_mut(used)?;
        item.consumed_by = Some(build);
        item.location = None;
        let mut deltas = Deltas::new();
        deltas.insert("buildorder".into(), build.into());
        deltas.insert("quantity".into(), number(quantity));
        self.record(used, HistoryCode::BUILD_CONSUMED, deltas, notes)?;
        Ok(used)
    }

    /// Makes an item one of another part of the same family.
    ///
    /// # Errors
    /// As [`Ledger::item`]. Which parts it can become is for the caller to ask.
    pub(crate) fn convert(&mut self, key: ItemKey, part: PartKey, notes: &str) -> Result<()> {
        let item = Item { part, ..self.item(key)?.clone() };
        let space = self.space_of(&item)?;
        *self.item_mut(key)? = Item { serial_space: space, ..item };
        let mut deltas = Deltas::new();
        deltas.insert("part".into(), part.into());
        self.record(key, HistoryCode::CONVERTED_TO_VARIANT, deltas, notes)
    }
}
