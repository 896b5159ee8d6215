//! The one definition of "available".

use std::collections::HashMap;

use crate::schema::keys::*;
use ironwood_base::{Quantity, Result};
use ironwood_rest::selected;
use ironwood_rest::selected::Selected;
use ironwood_store::{Connection, sql};

/// All that lines of sales orders and builds claim of the item with that SQL for its key, as the list of
/// stock shows it.
macro_rules! claimed {
    ($key:expr) => {
        ironwood_store::sql!(
            "((SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM order_salesorderallocation a WHERE a.item = ",
            $key,
            ") + (SELECT COALESCE(CAST(SUM(b.quantity) AS BIGINT), 0) FROM build_builditem b WHERE b.stock_item = ",
            $key,
            "))"
        )
    };
}

/// What is allocated of the item with the alias `s`, see [`SET_ASIDE`].
macro_rules! set_aside {
    () => {
        ironwood_store::sql!(
            "((SELECT COALESCE(CAST(SUM(b.quantity) AS BIGINT), 0) FROM build_builditem b WHERE b.stock_item = s.id \
    AND (SELECT d.status FROM build_buildline n JOIN build_build d ON d.id = n.build WHERE n.id = b.build_line) \
    IN (",
            [..ironwood_base::status::BuildStatus::OPEN],
            ")) \
    + (SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM order_salesorderallocation a \
    JOIN order_salesorderlineitem l ON l.id = a.line JOIN order_salesorder o ON o.id = l.\"order\" \
    LEFT JOIN order_salesordershipment h ON h.id = a.shipment \
    WHERE a.item = s.id AND o.status IN (",
            [..ironwood_base::status::SalesOrderStatus::OPEN],
            ") AND h.shipment_date IS NULL) \
    + (SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM order_transferorderallocation a \
    JOIN order_transferorderlineitem l ON l.id = a.line JOIN order_transferorder o ON o.id = l.\"order\" \
    WHERE a.item = s.id AND o.status IN (",
            [..ironwood_base::status::TransferOrderStatus::OPEN],
            ")))"
        )
    };
}

pub(crate) use crate::schema::in_stock::{in_stock_condition, on_hand, usable};
pub(crate) use {claimed, set_aside};

/// Conditions under which the stock item with the alias `s` is in stock: there is some of it, it is
/// not installed, sold, consumed or being made, and its status says that it may be used.
pub(crate) const IN_STOCK: &str = in_stock_condition!("s.", "");

/// The same for a row of the stock list itself.
pub(crate) const ROW_IN_STOCK: &str = sql!("(", in_stock_condition!("{", "}"), ")");

/// The item with the alias `s` is on hand, whatever its status, and not still being made.
pub(crate) const MOVABLE: &str = sql!(on_hand!("s.", ""), " AND NOT s.is_building");

/// All that is claimed of a row of the stock list.
pub(crate) const CLAIMED: &str = claimed!("{id}");

/// What is allocated of the item with the alias `s`: for open builds, for open sales orders as far as it is
/// not shipped, for open transfer orders.
pub(crate) const SET_ASIDE: &str = set_aside!();

selected! {
    /// The unallocated quantity of an item.
    struct Free {
        item: ItemKey = "s.id",
        quantity: Quantity = sql!("s.quantity - ", SET_ASIDE),
    }
}

/// How much of each item is neither allocated nor gone: its quantity less [`SET_ASIDE`], never below
/// zero. One statement. Unknown keys are left out.
///
/// # Errors
/// Those of the database.
pub(crate) fn unallocated(conn: &mut Connection, keys: &[ItemKey]) -> Result<HashMap<ItemKey, Quantity>> {
    let mut found = HashMap::with_capacity(keys.len());
    let sql = sql!("SELECT ", Free::COLUMNS, " FROM stock_stockitem s WHERE s.id IN ({keys})");
    conn.of_keys(sql, keys, |row| {
        let Free { item, quantity } = Free::read(row);
        found.insert(item, quantity.max(Quantity::ZERO));
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use ironwood_base::Key;
    use ironwood_base::status::StockStatus;
    use ironwood_store::Fragment;

    use super::super::kernel::Item;
    use super::*;
    use crate::testing::on_each_server;

    /// What SQL and what the actions call in stock is the same, for every kind of item.
    #[test]
    fn the_condition_in_sql_and_that_of_the_actions_agree() {
        let statuses: Vec<String> = StockStatus::AVAILABLE.iter().map(StockStatus::to_string).collect();
        assert_eq!(usable!("", ""), format!("status IN ({})", statuses.join(", ")));
        on_each_server(|server| {
            server.write(|conn| {
                let sql = format!(
                    "SELECT CASE WHEN {IN_STOCK} THEN 1 ELSE 0 END FROM (SELECT CAST($1 AS BIGINT) AS quantity, \
                     CAST($2 AS BIGINT) AS sales_order, CAST($3 AS BIGINT) AS belongs_to, CAST($4 AS BIGINT) AS customer, \
                     CAST($5 AS BIGINT) AS consumed_by, CAST($6 AS BOOLEAN) AS is_building, CAST($7 AS BIGINT) AS status) s"
                );
                for bits in 0..64_i64 {
                    for status in [10, 50, 55, 60, 65, 70, 75, 85] {
                        let set = |bit: i64| (bits >> bit & 1 == 1).then_some(7);
                        let item = Item {
                            quantity: Quantity::from_scaled(if set(0).is_some() { 1 } else { 0 }),
                            sales_order: set(1).map(Key::from_id),
                            belongs_to: set(2).map(Key::from_id),
                            customer: set(3).map(Key::from_id),
                            consumed_by: set(4).map(Key::from_id),
                            is_building: set(5).is_some(),
                            status: StockStatus::from_key(status),
                            ..Item::new(Key::from_id(1), Quantity::ONE)
                        };
                        let params = [
                            item.quantity.into(),
                            item.sales_order.into(),
                            item.belongs_to.into(),
                            item.customer.into(),
                            item.consumed_by.into(),
                            item.is_building.into(),
                            item.status.into(),
                        ];
                        let holds = conn.one(Fragment::generated(&sql), &params)?.map_or(-1, |row| row.int(0));
                        assert_eq!(holds == 1, item.is_in_stock(), "{item:?}");
                    }
                }
                Ok(())
            });
        });
    }
}
