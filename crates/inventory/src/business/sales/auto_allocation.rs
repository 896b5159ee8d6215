//! Automatic allocation of stock to sales orders.

use std::collections::{BTreeMap, HashMap};

use ironwood_base::{Quantity, Result};
use ironwood_rest::at_or_below;
use ironwood_rest::selected;
use ironwood_store::{Connection, Fragment, fragment, sql};

use super::allocation_rules::{ALLOCATION_RULES, barred};
use crate::business::order::allocation_rules::{AllocationRequest, More};
use crate::business::stock::available::{IN_STOCK, SET_ASIDE};
use crate::business::stock::shortage::{OpenLine, Supply};
use crate::schema::keys::*;

/// What automatic allocation takes, and in which order.
#[derive(Debug, Clone, Default)]
pub(crate) struct AllocationOptions {
    /// Only stock here or below.
    pub location: Option<LocationKey>,
    /// No stock here or below.
    pub exclude_location: Option<LocationKey>,
    /// Whether one line may be filled from several items.
    pub interchangeable: bool,
    /// `updated`, `-updated`, `quantity`, `-quantity` or `expiry_date`.
    pub sort: String,
    /// `Some(true)`: only pieces with serial numbers; `Some(false)`: only others.
    pub serialised: Option<bool>,
    /// Only these lines; empty: all.
    pub lines: Vec<SalesLineKey>,
}

selected! {
    /// A line that wants stock.
    struct LineInNeed {
        line: SalesLineKey = "l.id",
        part: PartKey = "l.part",
        open: Quantity = "l.quantity - GREATEST((SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) \
            FROM order_salesorderallocation a WHERE a.line = l.id), l.shipped)",
    }
}

selected! {
    /// Stock that is free.
    struct Free {
        part: PartKey = "s.part",
        item: ItemKey = "s.id",
        quantity: Quantity = sql!("s.quantity - ", SET_ASIDE),
    }
}

/// Allocates free stock to all lines of an order that want some: stock of the lines' own parts, never
/// more than what is still to be sent. Gives what came of each line.
///
/// # Errors
/// Those of the database.
pub(crate) fn allocate_automatically(
    conn: &mut Connection,
    order: SalesOrderKey,
    options: &AllocationOptions,
    shipment: Option<ShipmentKey>,
) -> Result<(Vec<OpenLine>, Supply)> {
    let from = "FROM order_salesorderlineitem l JOIN part_part p ON p.id = l.part \
                WHERE l.\"order\" = $1 AND NOT p.virtual ORDER BY l.id";
    let mut in_need: Vec<LineInNeed> = selected::all(conn, from, &[order.into()])?;
    in_need.retain(|in_need| {
        in_need.open.is_positive() && (options.lines.is_empty() || options.lines.contains(&in_need.line))
    });
    let mut parts: Vec<PartKey> = in_need.iter().map(|in_need| in_need.part).collect();
    parts.sort_unstable();
    parts.dedup();
    let mut shelves = free_stock(conn, &parts, options)?;
    let mut requests = Vec::new();
    let mut open: Vec<OpenLine> = in_need
        .iter()
        .map(|in_need| OpenLine {
            line: in_need.line.general(),
            part: in_need.part,
            parts: vec![in_need.part],
            open: in_need.open,
            allocated: Quantity::ZERO,
            passed_over: None,
        })
        .collect();
    for (i, LineInNeed { line, part, open: mut quantity }) in in_need.into_iter().enumerate() {
        let line = line.general();
        let Some(shelf) = shelves.get_mut(&part) else { continue };
        if !options.interchangeable && shelf.len() > 1 {
            let whole = shelf.iter_mut().find(|(_, free)| *free >= quantity);
            if let Some((item, free)) = whole {
                *free -= quantity;
                open[i].allocated = quantity;
                requests.push(AllocationRequest { line, item: *item, quantity });
            } else {
                open[i].passed_over =
                    Some("No single stock item has enough available. Set `interchangeable` to combine several.");
            }
            continue;
        }
        for (item, free) in shelf.iter_mut().filter(|(_, free)| free.is_positive()) {
            let taken = quantity.min(*free);
            *free -= taken;
            quantity -= taken;
            open[i].allocated += taken;
            requests.push(AllocationRequest { line, item: *item, quantity: taken });
            if quantity.is_zero() {
                break;
            }
        }
    }
    (ALLOCATION_RULES.insert)(conn, &requests, More::Shipment(shipment))?;
    let mut taken: HashMap<PartKey, Quantity> = HashMap::new();
    for line in &open {
        *taken.entry(line.part).or_default() += line.allocated;
    }
    let supply = Supply::load(conn, &open, &taken)?;
    Ok((open, supply))
}

/// Free stock of parts, as a choice wants it: item and what is free of it.
fn free_stock(
    conn: &mut Connection,
    parts: &[PartKey],
    options: &AllocationOptions,
) -> Result<HashMap<PartKey, Vec<(ItemKey, Quantity)>>> {
    let order = match options.sort.as_str() {
        "-updated" => "s.updated DESC NULLS LAST",
        "quantity" => "s.quantity ASC",
        "-quantity" => "s.quantity DESC",
        "expiry_date" => "s.expiry_date ASC NULLS LAST",
        _ => "s.updated ASC NULLS FIRST",
    };
    let mut conditions = vec![Fragment::from(IN_STOCK), "s.part IN ({keys})".into(), "p.salable".into()];
    let below = |location: LocationKey| {
        fragment!(
            "SELECT l.id FROM stock_stocklocation l JOIN stock_stocklocation a ON a.id = {location} \
             WHERE {at_or_below}",
            at_or_below = at_or_below!("l", "a")
        )
    };
    if let Some(location) = options.location {
        conditions.push(fragment!("s.location IN ({})", below(location)));
    }
    if let Some(location) = options.exclude_location {
        conditions.push(fragment!("(s.location IS NULL OR s.location NOT IN ({}))", below(location)));
    }
    match options.serialised {
        Some(true) => {
            conditions.push(fragment!("COALESCE(s.serial, '') <> '' AND s.quantity = {}", Quantity::ONE.scaled()))
        }
        Some(false) => conditions.push("COALESCE(s.serial, '') = ''".into()),
        None => {}
    }
    let from = fragment!(
        "FROM stock_stockitem s JOIN part_part p ON p.id = s.part WHERE {} ORDER BY s.part, {order}, s.id",
        Fragment::join(&conditions, " AND ")
    );
    let mut found: BTreeMap<PartKey, Vec<(ItemKey, Quantity)>> = BTreeMap::new();
    for free in selected::among::<Free>(conn, &from, parts)? {
        found.entry(free.part).or_default().push((free.item, free.quantity));
    }
    let keys: Vec<ItemKey> = found.values().flatten().map(|(item, _)| *item).collect();
    let barred = barred(conn, &keys)?;
    Ok(found
        .into_iter()
        .map(|(part, shelf)| (part, shelf.into_iter().filter(|(item, _)| !barred.contains_key(item)).collect()))
        .collect())
}
