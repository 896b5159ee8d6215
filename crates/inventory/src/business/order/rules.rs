//! Rules shared by all order types and their lines.

use ironwood_base::error::Fields;
use ironwood_base::key::Any;
use ironwood_base::status::OrderStatus;
use ironwood_base::{Error, Result, clock};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::selected;
use ironwood_rest::selected::Selected;
use ironwood_rest::view::View;
use ironwood_store::{Connection, Value, fragment};

use super::order_type::OrderType;
use super::reference::Reference;
use super::{custom_state, duplicate, project_code, reference, total};
use crate::platform::settings;
use crate::schema::company::{Company, CompanyKey};
use crate::schema::keys::{AnyKey, OrderKey};

/// Before an order is made or changed. `options`: the form of its `duplicate` field.
///
/// # Errors
/// 400 naming the fields.
pub(crate) fn check(
    ctx: &mut Context<'_>,
    change: &mut Change,
    order_type: &OrderType,
    options: &'static View,
) -> Result<()> {
    if !change.is_new() && change.old("status") == change.get("status") && is_locked(ctx.conn, order_type, change)? {
        return Err(Error::field("reference", "This order is complete and can no longer be edited."));
    }
    reference::check(ctx.conn, reference::series_of(order_type.table)?, change)?;
    custom_state::check_custom(ctx.conn, change, order_type.states)?;
    let mut fields = Fields::new();
    check_company(ctx.conn, change, order_type, &mut fields)?;
    project_code::check(ctx.conn, change, &mut fields)?;
    let (start, target) = (change.text("start_date"), change.text("target_date"));
    if !start.is_empty() && !target.is_empty() && start > target {
        fields.add("start_date", "Start date must be before the target date.");
        fields.add("target_date", "Target date must be after the start date.");
    }
    if change.int("responsible").is_none() && settings::get_bool(ctx.conn, order_type.responsible_setting)? {
        fields.add("responsible", "Responsible is required.");
    }
    fields.check()?;
    duplicate::options(ctx.conn, change, options)?;
    if change.get("creation_date") == &Value::Null {
        change.set("creation_date", clock::today());
    }
    if change.is_new() && ctx.caller.id().is_some() {
        change.set("created_by", ctx.user());
    }
    change.set("updated_at", clock::now());
    Ok(())
}

fn is_locked(conn: &mut Connection, order_type: &OrderType, change: &Change) -> Result<bool> {
    Ok(change.old("status") == &Value::from(OrderStatus::COMPLETE)
        && !settings::get_bool(conn, order_type.edit_setting)?)
}

/// Contact and address belong to the company of the order.
fn check_company(conn: &mut Connection, change: &Change, order_type: &OrderType, fields: &mut Fields) -> Result<()> {
    let Some(company) = change.key::<Company>(order_type.company).filter(|_| !order_type.company.is_empty()) else {
        return Ok(());
    };
    for (column, table) in [("contact", "company_contact"), ("address", "company_address")] {
        let Some(key) = change.key::<Any>(column) else { continue };
        let sql = fragment!("SELECT company FROM {table} WHERE id = $1");
        if conn.one(&sql, &[key.into()])?.is_some_and(|row| row.cell::<CompanyKey>(0) != company) {
            fields.add(column, "This record belongs to a different company than the order.");
        }
    }
    Ok(())
}

/// After an order was made or changed: lines copied from another order, its total.
pub(crate) fn saved(
    ctx: &mut Context<'_>,
    change: &Change,
    order: OrderKey,
    order_type: &OrderType,
    options: &'static View,
) -> Result<()> {
    if change.old("reference") == &Value::Null
        && let Some(options) = duplicate::options(ctx.conn, change, options)?
    {
        duplicate::copy(ctx.conn, order_type, &options, order)?;
    }
    total::update(ctx.conn, order_type, order)
}

/// Refuses changes of lines of a complete order, unless the setting allows them.
///
/// # Errors
/// 400.
pub(crate) fn check_unlocked(conn: &mut Connection, order_type: &OrderType, order: OrderKey) -> Result<()> {
    let sql = fragment!("SELECT status FROM {} WHERE id = $1", order_type.table.name);
    let complete =
        conn.one(&sql, &[order.into()])?.is_some_and(|row| row.cell::<OrderStatus>(0) == OrderStatus::COMPLETE);
    if complete && !settings::get_bool(conn, order_type.edit_setting)? {
        return Err(Error::non_field("This order is complete. Its lines can no longer be edited."));
    }
    Ok(())
}

/// Before a line (of parts, or an extra one) is made or changed: its order is not locked; the number by
/// which lines are sorted.
///
/// # Errors
/// 400.
pub(crate) fn check_line(ctx: &mut Context<'_>, change: &mut Change, order_type: &OrderType) -> Result<()> {
    for order in [change.key("order"), old_order(change)].into_iter().flatten() {
        check_unlocked(ctx.conn, order_type, order)?;
    }
    if change.is_given("line") {
        let number: i64 = change.text("line").trim().parse().unwrap_or(0);
        change.set("line_int", number.clamp(-0x7fff_ffff, 0x7fff_ffff));
    }
    let mut fields = Fields::new();
    project_code::check(ctx.conn, change, &mut fields)?;
    fields.check()
}

fn old_order(change: &Change) -> Option<OrderKey> {
    change.old_key("order").filter(|_| change.is_changed("order"))
}

/// After a line was made or changed: the order's total.
pub(crate) fn saved_line(ctx: &mut Context<'_>, change: &Change, order_type: &OrderType) -> Result<()> {
    for order in [change.key("order"), old_order(change)].into_iter().flatten() {
        touch(ctx.conn, order_type, order)?;
    }
    Ok(())
}

/// A line of an order has changed: the order's total and its time of change.
pub(crate) fn touch(conn: &mut Connection, order_type: &OrderType, order: OrderKey) -> Result<()> {
    written(conn, order_type, order)?;
    total::update(conn, order_type, order)
}

/// Notes that an order was changed: its time of change, and what orders from older records may lack (the
/// day they were made, metadata, the number by which they are sorted).
pub(crate) fn written(conn: &mut Connection, order_type: &OrderType, order: OrderKey) -> Result<()> {
    let sql = fragment!(
        "UPDATE {} SET updated_at = $2, creation_date = COALESCE(creation_date, $3), \
         metadata = COALESCE(metadata, '{{}}') WHERE id = $1 RETURNING {}",
        order_type.table.name,
        Reference::COLUMNS
    );
    let params = [order.into(), clock::now().into(), clock::today().into()];
    let written: Option<Reference> = selected::read_first(conn, &sql, &params)?;
    let Some(Reference { reference, .. }) = written.filter(|written| written.number == 0) else { return Ok(()) };
    let pattern = reference::pattern(conn, reference::series_of(order_type.table)?)?;
    let sql = fragment!("UPDATE {} SET reference_int = $2 WHERE id = $1", order_type.table.name);
    conn.execute(&sql, &[order.into(), pattern.sort_key(&reference).into()])?;
    Ok(())
}

/// Deletes lines of the table with what belongs to them. As a rule of deletion it leaves nothing to do.
///
/// # Errors
/// 400 where an order is locked.
pub(crate) fn delete_lines(
    ctx: &mut Context<'_>,
    order_type: &OrderType,
    table: &'static str,
    ids: &[AnyKey],
) -> Result<bool> {
    let mut orders: Vec<OrderKey> = Vec::new();
    let sql = fragment!("SELECT DISTINCT l.\"order\" FROM {table} l WHERE l.id IN ({{keys}})");
    ctx.conn.of_keys(&sql, ids, |row| orders.push(row.cell(0)))?;
    orders.sort_unstable();
    for order in &orders {
        check_unlocked(ctx.conn, order_type, *order)?;
    }
    ctx.conn.execute_keys(&fragment!("DELETE FROM {table} WHERE id IN ({{keys}})"), ids)?;
    for order in orders {
        touch(ctx.conn, order_type, order)?;
    }
    Ok(false)
}
