//! Exact totals of lines and orders.
//!
//! The total of a line is quantity times price less the discount, rounded half away from zero to the places
//! of money; the total of an order is the sum of its lines' totals in the order's currency. Only what is in
//! another currency is converted, line by line.

use ironwood_base::{Discount, Error, Money, Quantity, Result};
use ironwood_rest::context::Facts;
use ironwood_rest::selected;
use ironwood_rest::view::Sql;
use ironwood_store::{Cell, Connection, ValueRef, fragment};

use super::order_type::OrderType;
use crate::platform::exchange::rates::Rates;
use crate::platform::settings;
use crate::platform::settings::keys;
use crate::schema::keys::OrderKey;

/// What makes the total of a line of a table with these columns: quantity, discount, price.
pub(crate) const LINE_FACTORS: &[Sql] = &["{quantity}", "{discount}", "{price}"];

/// Writes the total of a line from quantity, discount and price; null where there is no price.
pub(crate) fn write_line(out: &mut Vec<u8>, values: &[ValueRef<'_>], _: &Facts<'_>) {
    let value = |i: usize| values.get(i).copied().unwrap_or(ValueRef::Null);
    let price = Option::<Money>::read(value(2)).filter(|price| !price.is_zero());
    let total = price.and_then(|price| price.total(Quantity::read(value(0)), Discount::read(value(1))));
    match total {
        Some(total) => total.write_short(out),
        None => out.extend_from_slice(b"null"),
    }
}

/// The currency of an order: its own, that of its company, or that of the server.
pub(crate) fn currency(conn: &mut Connection, order_type: &OrderType, order: OrderKey) -> Result<String> {
    let sql = fragment!(
        "SELECT COALESCE(NULLIF(o.order_currency, ''), NULLIF(c.currency, '')) FROM {} o \
         LEFT JOIN company_company c ON c.id = o.\"{}\" WHERE o.id = $1",
        order_type.table.name,
        order_type.company
    );
    let own = conn.one(&sql, &[order.into()])?.and_then(|row| row.opt_text(0).map(str::to_owned));
    match own {
        Some(code) => Ok(code),
        None => settings::get_text(conn, keys::INVENTREE_DEFAULT_CURRENCY),
    }
}

selected! {
    /// A line with a price.
    struct Priced {
        quantity: Quantity = "x.quantity",
        discount: Discount = "x.discount",
        price: Money = "x.price",
        currency: String = "x.price_currency",
    }
}

/// Calculates the total of an order and keeps it; there is none where a rate is missing. For kinds without
/// prices this does nothing.
///
/// # Errors
/// 400 where the total is out of range.
pub(crate) fn update(conn: &mut Connection, order_type: &OrderType, order: OrderKey) -> Result<()> {
    if order_type.price.is_empty() {
        return Ok(());
    }
    let currency = currency(conn, order_type, order)?;
    let mut priced = fragment!(
        "SELECT l.quantity, l.discount, l.\"{price}\" AS price, l.\"{price}_currency\" AS price_currency FROM {lines} l \
         WHERE l.\"order\" = $1 AND l.\"{price}\" IS NOT NULL",
        price = order_type.price,
        lines = order_type.lines.name
    );
    if let Some(extra) = order_type.extra_lines {
        priced.push(fragment!(
            " UNION ALL SELECT e.quantity, e.discount, e.price, e.price_currency FROM {} e \
             WHERE e.\"order\" = $1 AND e.price IS NOT NULL",
            extra.name
        ));
    }
    let mut lines: Vec<Priced> = selected::all(conn, &fragment!("FROM ({priced}) x"), &[order.into()])?;
    lines.retain(|line| !line.price.is_zero());
    let foreign = lines.iter().any(|line| line.currency != currency);
    let rates = if foreign { Rates::load(conn)? } else { Rates::default() };
    let out_of_range = || Error::non_field("The order total is out of range.");
    let mut total = Some(Money::ZERO);
    for line in &lines {
        let price = line.price.total(line.quantity, line.discount).ok_or_else(out_of_range)?;
        let from = if line.currency.is_empty() { &currency } else { &line.currency };
        total = match (total, rates.convert(price.in_currency(from), &currency)) {
            (Some(sum), Some(line)) => Some(sum.checked_add(line).ok_or_else(out_of_range)?),
            _ => None,
        };
    }
    // a refund may outweigh everything else: the order then costs nothing
    let total = total.map(|sum| sum.max(Money::ZERO));
    conn.execute(
        &fragment!("UPDATE {} SET total_price = $2, total_price_currency = $3 WHERE id = $1", order_type.table.name),
        &[order.into(), total.into(), currency.into()],
    )?;
    Ok(())
}
