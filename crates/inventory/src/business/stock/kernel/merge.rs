//! Merging stock items.

use std::collections::BTreeSet;

use ironwood_base::amount::Exact;
use ironwood_base::status::HistoryCode;
use ironwood_base::{Error, Money, Quantity, Result};
use ironwood_store::{Fragment, Value, fragment};

use super::item::{Item, is_in_range};
use super::ledger::{Deltas, Ledger};
use super::{With, number};
use crate::schema::keys::*;

/// In what the items that are merged may differ.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Allowances {
    pub suppliers: bool,
    pub status: bool,
}

/// Why an item cannot be merged at all.
pub(crate) fn unfit_for_merge(item: &Item) -> Option<&'static str> {
    Some(match item {
        _ if item.sales_order.is_some() => "This stock item is allocated to a sales order.",
        _ if item.belongs_to.is_some() => "This stock item is installed in another one.",
        _ if item.customer.is_some() => "This stock item is with a customer.",
        _ if item.consumed_by.is_some() => "This stock item was consumed by a build.",
        _ if item.is_building => "This stock item is still in production.",
        _ if item.is_serialised() => "Stock items with serial numbers cannot be merged.",
        _ => return None,
    })
}

impl Ledger<'_> {
    /// Why two items cannot become one, as far as their rows tell.
    ///
    /// # Errors
    /// 400 with the reason; see [`Ledger::item`].
    pub(crate) fn check_merge(&self, target: ItemKey, other: ItemKey, allow: Allowances) -> Result<()> {
        let (a, b) = (self.item(target)?, self.item(other)?);
        let why = match () {
            () if target == other => Some("A stock item cannot be merged with itself."),
            () if unfit_for_merge(a).is_some() => unfit_for_merge(a),
            () if unfit_for_merge(b).is_some() => unfit_for_merge(b),
            () if a.part != b.part => Some("Stock items must be of the same part."),
            () if a.supplier_part != b.supplier_part && !allow.suppliers => {
                Some("Stock items must be from the same supplier.")
            }
            () if a.status != b.status && !allow.status => Some("Stock items must have the same status."),
            () => None,
        };
        why.map_or(Ok(()), |why| Err(Error::non_field(why)))
    }

    /// Merges items into `target`, which takes over their quantities and what is allocated of them; its
    /// price becomes the mean of their prices, weighted by quantity, as far as they are in one currency.
    /// The others are deleted. `moved` is added to the history entry.
    ///
    /// # Errors
    /// As [`Ledger::check_merge`]; 400 where something is installed in one of them.
    pub(crate) fn merge(
        &mut self,
        target: ItemKey,
        others: &[ItemKey],
        location: Option<LocationKey>,
        allow: Allowances,
        with: &With,
        moved: Deltas,
    ) -> Result<()> {
        for other in others {
            self.check_merge(target, *other, allow)?;
        }
        let mut keys = others.to_vec();
        keys.push(target);
        if self.any_holds(&keys)? {
            return Err(Error::non_field("One of these stock items has other items installed in it."));
        }
        let portions: Vec<(ItemKey, Quantity)> =
            others.iter().map(|o| Ok((*o, self.item(*o)?.quantity))).collect::<Result<_>>()?;
        let parents: Vec<(ItemKey, Option<ItemKey>)> =
            others.iter().map(|o| Ok((*o, self.item(*o)?.parent))).collect::<Result<_>>()?;
        self.absorb(target, &portions, location, with, moved)?;
        self.merged.push((target, others.to_vec()));
        let item = self.item_mut(target)?;
        if let Some((_, above)) = parents.iter().find(|(key, _)| Some(*key) == item.parent) {
            item.parent = above.filter(|above| *above != target && !others.contains(above));
        }
        for other in others {
            self.gone.insert(*other);
        }
        Ok(())
    }

    /// Adds a quantity of an item to another one, which takes it over as in a merge; the rest stays what it
    /// is. Both get a history entry.
    ///
    /// # Errors
    /// As [`Ledger::check_merge`]; 400 on `quantity` where there is not that much.
    pub(crate) fn pour(
        &mut self,
        key: ItemKey,
        quantity: Quantity,
        target: ItemKey,
        location: Option<LocationKey>,
        with: &With,
        moved: Deltas,
    ) -> Result<()> {
        self.check_merge(target, key, Allowances::default())?;
        if !is_in_range(self.item(target)?.quantity.saturating_add(quantity)) {
            return Err(Error::field("quantity", "Quantity is out of range."));
        }
        let source = With { person: with.person, ..With::notes(&with.notes) }.and("stockitem", target);
        self.take(key, quantity, HistoryCode::SPLIT_CHILD_ITEM, &source)?;
        self.absorb(target, &[(key, quantity)], location, with, moved)
    }

    /// Adds quantities of other items to `target`.
    fn absorb(
        &mut self,
        target: ItemKey,
        portions: &[(ItemKey, Quantity)],
        location: Option<LocationKey>,
        with: &With,
        moved: Deltas,
    ) -> Result<()> {
        let own = (target, self.item(target)?.quantity);
        let mut sum = Quantity::ZERO;
        let mut prices: Vec<(Money, Quantity)> = Vec::new();
        let mut currency: Option<String> = None;
        for (key, quantity) in std::iter::once(&own).chain(portions) {
            let item = self.item(*key)?;
            if *key != target {
                sum = sum.saturating_add(*quantity);
            }
            if let Some(price) = item.purchase_price.filter(|p| !p.is_zero())
                && *currency.get_or_insert_with(|| item.purchase_price_currency.clone()) == item.purchase_price_currency
            {
                prices.push((price, *quantity));
            }
        }
        let total = own.1.saturating_add(sum);
        self.set_quantity(target, total)?;
        let mut deltas = Deltas::new();
        deltas.insert("added".into(), number(sum));
        with.put_refs(&mut deltas);
        if let Some(location) = location {
            deltas.insert("location".into(), location.into());
        }
        deltas.extend(moved);
        deltas.insert("quantity".into(), number(total));
        let item = self.item_mut(target)?;
        if location.is_some() {
            item.location = location;
        }
        if let Some(price) = weighted_mean(&prices) {
            item.purchase_price = Some(price);
            item.purchase_price_currency = currency.unwrap_or_default();
        }
        self.record(target, HistoryCode::MERGED_STOCK_ITEMS, deltas, &with.notes)
    }

    /// Whether other items are installed in one of these. Asked once for all items at work.
    fn any_holds(&mut self, keys: &[ItemKey]) -> Result<bool> {
        if keys.iter().any(|key| !self.looked_at.contains(key)) {
            let all: Vec<ItemKey> =
                self.items().map(|item| item.id).filter(|key| !self.looked_at.contains(key)).collect();
            self.looked_at.extend(all.iter().copied());
            let holders = &mut self.holders;
            let sql = "SELECT DISTINCT i.belongs_to FROM stock_stockitem i WHERE i.belongs_to IN ({keys})";
            self.conn.of_keys(sql, &all, |row| {
                holders.insert(row.cell(0));
            })?;
        }
        Ok(keys.iter().any(|key| self.holders.contains(key)))
    }

    /// What was allocated of merged items is allocated of those that took them over. Most items have
    /// nothing allocated: one statement finds out which have.
    pub(super) fn move_allocations(&mut self) -> Result<()> {
        let merged = std::mem::take(&mut self.merged);
        let others: Vec<ItemKey> = merged.iter().flat_map(|(_, others)| others.iter().copied()).collect();
        let sql = "SELECT s.id FROM stock_stockitem s WHERE s.id IN ({keys}) \
                   AND (EXISTS (SELECT 1 FROM order_salesorderallocation a WHERE a.item = s.id) \
                   OR EXISTS (SELECT 1 FROM order_transferorderallocation a WHERE a.item = s.id) \
                   OR EXISTS (SELECT 1 FROM build_builditem a WHERE a.stock_item = s.id))";
        let mut claimed = BTreeSet::new();
        self.conn.of_keys(sql, &others, |row| {
            claimed.insert(row.cell::<ItemKey>(0));
        })?;
        for (target, others) in merged {
            if others.iter().any(|other| claimed.contains(other)) {
                self.move_allocations_to(target, &others)?;
                // it may be merged into another one in its turn
                claimed.insert(target);
            }
        }
        Ok(())
    }

    /// Twice allocated for the same line is once.
    fn move_allocations_to(&mut self, target: ItemKey, others: &[ItemKey]) -> Result<()> {
        let keys = Fragment::numbers(others.iter().chain([&target]).copied());
        let target = Value::from(target);
        for table in ["order_salesorderallocation", "order_transferorderallocation"] {
            let sql = fragment!("UPDATE {table} SET item = $1 WHERE item IN ({keys}) AND item <> $1");
            self.conn.execute(&sql, std::slice::from_ref(&target))?;
        }
        // one row for each line and output: the first takes over what the others hold
        let same = "COALESCE(o.build_line, 0) = COALESCE(build_builditem.build_line, 0) \
                    AND COALESCE(o.install_into, 0) = COALESCE(build_builditem.install_into, 0)";
        let sql = fragment!(
            "UPDATE build_builditem SET quantity = (SELECT CAST(SUM(o.quantity) AS BIGINT) FROM build_builditem o \
             WHERE o.stock_item IN ({keys}) AND {same}) WHERE stock_item IN ({keys})"
        );
        self.conn.execute(&sql, &[])?;
        let sql = fragment!(
            "DELETE FROM build_builditem WHERE stock_item IN ({keys}) AND EXISTS (SELECT 1 FROM build_builditem o \
             WHERE o.stock_item IN ({keys}) AND o.id < build_builditem.id AND {same})"
        );
        self.conn.execute(&sql, &[])?;
        let sql = fragment!("UPDATE build_builditem SET stock_item = $1 WHERE stock_item IN ({keys})");
        self.conn.execute(&sql, &[target])?;
        Ok(())
    }
}

/// Mean of prices by quantity, rounded half away from zero; `None` where there is nothing to weigh.
fn weighted_mean(prices: &[(Money, Quantity)]) -> Option<Money> {
    let total = prices.iter().fold(Exact::ZERO, |sum, (price, quantity)| sum.saturating_add(price.exact(*quantity)));
    let weight: Quantity = prices.iter().map(|(_, quantity)| *quantity).sum();
    if weight.is_positive() { total.per(weight) } else { None }
}

#[cfg(test)]
mod tests {
    use super::{Money, Quantity, weighted_mean};

    #[test]
    fn prices_are_weighted_by_quantity_and_rounded() {
        let mean = |prices: &[(i64, i64)]| {
            let typed = prices.iter().map(|(p, q)| (Money::from_scaled(*p), Quantity::from_scaled(*q)));
            weighted_mean(&typed.collect::<Vec<_>>()).map(Money::scaled)
        };
        assert_eq!(mean(&[(10_000_000, 100_000), (20_000_000, 300_000)]), Some(17_500_000));
        assert_eq!(mean(&[(1, 1), (2, 1)]), Some(2));
        assert_eq!(mean(&[(5, 0)]), None);
    }
}
