//! What stock sales orders can allocate, and how.

use std::collections::HashMap;

use ironwood_base::status::SalesOrderStatus;
use ironwood_base::{Error, Result};
use ironwood_rest::row;
use ironwood_rest::row::TableRow;
use ironwood_store::{Connection, sql};

use crate::business::order::allocation_rules::{AllocationRequest, AllocationRules};
use crate::business::order::order_type::SALES;
use crate::business::stock::available::IN_STOCK;
use crate::business::stock::{expiry, tested};
use crate::platform::settings;
use crate::platform::settings::keys;
use crate::schema::keys::*;
use crate::schema::sales::{ALLOCATION, Allocation, SHIPMENT};

/// How sales orders set stock aside.
pub(crate) static ALLOCATION_RULES: AllocationRules = AllocationRules {
    order_type: &SALES,
    table: &ALLOCATION,
    claims: sql!(
        "z.status IN (",
        [..SalesOrderStatus::OPEN],
        ") AND NOT EXISTS (SELECT 1 FROM order_salesordershipment w \
             WHERE w.id = x.shipment AND w.shipment_date IS NOT NULL)"
    ),
    conditions: &[
        (IN_STOCK, "This stock item is not in stock."),
        ("p.salable AND NOT p.virtual", "Part must be salable."),
    ],
    barred,
    check: |conn, order, more| {
        more.shipment().map_or(Ok(()), |shipment| check_shipment(conn, order.of_kind(), shipment))
    },
    insert: |conn, requests, more| {
        let row = |request: &AllocationRequest| Allocation {
            line: request.line.of_kind(),
            shipment: more.shipment(),
            item: request.item,
            quantity: request.quantity,
            ..Allocation::fresh()
        };
        let rows: Vec<Allocation> = requests.iter().map(row).collect();
        row::insert::<Allocation>(conn, &rows)
    },
};

/// Which of these items have expired, or not passed the tests that they need, where the settings speak
/// against selling such.
pub(super) fn barred(conn: &mut Connection, items: &[ItemKey]) -> Result<HashMap<ItemKey, &'static str>> {
    let mut found = expiry::barred(conn, items, expiry::ALLOW_SALE)?;
    if settings::get_bool(conn, keys::SALESORDER_BLOCK_INCOMPLETE_ITEM_TESTS)? {
        let untested = tested::failing(conn, items)?;
        found.extend(untested.into_iter().map(|item| (item, "This stock item has not passed all required tests.")));
    }
    Ok(found)
}

row! {
    /// A shipment that stock is to be allocated to.
    struct Target in SHIPMENT as ShipmentKey {
        order: SalesOrderKey,
        shipment_date: Option<String>,
    } without [..]
}

/// A shipment that stock of the order can be allocated to: one of its own that was not sent.
///
/// # Errors
/// 400 on `shipment`.
pub(crate) fn check_shipment(conn: &mut Connection, order: SalesOrderKey, shipment: ShipmentKey) -> Result<()> {
    match row::one::<Target>(conn, shipment)? {
        None => Err(Error::field("shipment", "This shipment does not exist.")),
        Some(target) if target.shipment_date.is_some() => {
            Err(Error::field("shipment", "This shipment has already been shipped."))
        }
        Some(target) if target.order != order => {
            Err(Error::field("shipment", "This shipment belongs to another order."))
        }
        Some(_) => Ok(()),
    }
}
