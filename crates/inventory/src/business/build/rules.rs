//! Rules of build orders, their lines and allocations.

use ironwood_base::error::Fields;
use ironwood_base::status::BuildStatus;
use ironwood_base::{Error, Quantity, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::{row, selected};
use ironwood_store::{Connection, Value, sql};

use super::lines;
use super::load;
use super::notice::{self, Event};
use super::view::DUPLICATE;
use crate::business::bom::lines::allowed_parts;
use crate::business::order::{duplicate, project_code, reference};
use crate::business::stock::available::SET_ASIDE;
use crate::platform::settings;
use crate::platform::settings::keys;
use crate::schema::build as tables;
use crate::schema::build::{Allocation, Build};
use crate::schema::keys::*;
use crate::schema::part::PART;
use crate::schema::stock::{Item, Location};

/// Before a build order is made or changed.
pub(super) fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    reference::check(ctx.conn, reference::series_of(&tables::BUILD)?, change)?;
    let mut fields = Fields::new();
    if !change.is_new() && change.is_changed(Build::part) {
        fields.add("part", "The part of a build order cannot be changed.");
    }
    if change.is_changed(Build::quantity) && change.int(Build::quantity).is_some_and(|q| q > lines::MOST) {
        fields.add("quantity", format!("A build order can be for at most {} units.", lines::MOST));
    }
    check_part(ctx.conn, change, &mut fields)?;
    let (start, target) = (change.text(Build::start_date), change.text(Build::target_date));
    if !start.is_empty() && !target.is_empty() && start > target {
        fields.add("target_date", "Target date must be after the start date.");
    }
    if change.int(Build::responsible).is_none() && settings::get_bool(ctx.conn, keys::BUILDORDER_REQUIRE_RESPONSIBLE)? {
        fields.add("responsible", "Responsible is required.");
    }
    check_destination(ctx.conn, change, &mut fields)?;
    project_code::check(ctx.conn, change, &mut fields)?;
    fields.check()?;
    duplicate::options(ctx.conn, change, &DUPLICATE)?;
    if change.is_new() {
        if ctx.caller.id().is_some() {
            change.set(Build::issued_by, ctx.user());
        }
        if let (None, Some(part)) = (change.int(Build::destination), change.key(Build::part)) {
            let location = lines::default_location(ctx.conn, part)?;
            change.set(Build::destination, location);
        }
    }
    Ok(())
}

/// What is done is put into a location that holds stock.
fn check_destination(conn: &mut Connection, change: &Change, fields: &mut Fields) -> Result<()> {
    let Some(location) = change.key::<Location>(Build::destination).filter(|_| change.is_changed(Build::destination))
    else {
        return Ok(());
    };
    let sql = "SELECT structural FROM stock_stocklocation WHERE id = $1";
    if conn.one(sql, &[location.into()])?.is_some_and(|row| row.bool(0)) {
        fields.add("destination", "A structural location cannot hold stock.");
    }
    Ok(())
}

row! {
    /// A part that is to be built.
    struct Built in PART as PartKey {
        active: bool,
        locked: bool,
        bom_validated: bool,
        purchaseable: bool,
    } without [..]
}

/// What settings ask of the part that is built.
fn check_part(conn: &mut Connection, change: &Change, fields: &mut Fields) -> Result<()> {
    let Some(part) = change.key(Build::part) else { return Ok(()) };
    let Some(part) = row::one::<Built>(conn, part)? else { return Ok(()) };
    if change.is_new() {
        for (setting, holds, message) in [
            (
                keys::BUILDORDER_REQUIRE_VALID_BOM,
                part.bom_validated,
                "The bill of materials of this part must be validated.",
            ),
            (keys::BUILDORDER_REQUIRE_ACTIVE_PART, part.active, "Part must be active."),
            (keys::BUILDORDER_REQUIRE_LOCKED_PART, part.locked, "Part must be locked."),
        ] {
            if !holds && settings::get_bool(conn, setting)? {
                fields.add("part", message);
            }
        }
    }
    if change.flag(Build::external) && !part.purchaseable {
        fields.add("external", "Part must be purchaseable for an external build order.");
    }
    Ok(())
}

/// After a build order was made or changed: its lines, what is copied.
pub(super) fn saved(ctx: &mut Context<'_>, change: &Change, id: AnyKey) -> Result<()> {
    let build: BuildKey = id.of_kind();
    if change.old(Build::part) != &Value::Null {
        return lines::refresh(ctx.conn, build);
    }
    lines::make(ctx.conn, build)?;
    if let Some(options) = duplicate::options(ctx.conn, change, &DUPLICATE)?.filter(|o| o.parameters) {
        duplicate::copy_parameters(ctx.conn, &tables::BUILD, options.original, build.general())?;
    }
    notice::send(ctx, build, Event::Created)
}

/// Before a build order is deleted: it has to be cancelled. What hangs on it goes with it.
pub(super) fn delete(ctx: &mut Context<'_>, id: AnyKey) -> Result<bool> {
    let order = load::order(ctx.conn, id.of_kind())?;
    if order.status != BuildStatus::CANCELLED {
        return Err(Error::non_field("A build order must be cancelled before it can be deleted."));
    }
    Ok(true)
}

/// Before a line is changed; the bill of materials makes lines.
pub(super) fn check_line(_: &mut Context<'_>, change: &mut Change) -> Result<()> {
    if change.is_new() {
        return Err(Error::non_field("Build lines are created from the bill of materials."));
    }
    Ok(())
}

selected! {
    /// Stock that is to be allocated.
    struct Allocated {
        part: PartKey = "s.part",
        serial: String = "s.serial",
        trackable: bool = "p.trackable",
        free: Quantity = sql!("s.quantity - ", SET_ASIDE),
    }
}

/// Before an allocation is made or changed: stock that fits its line, tracked stock for an output, and no
/// more than there is.
pub(super) fn check_allocation(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let Some(stock) = change.key::<Item>(Allocation::stock_item) else { return Ok(()) };
    let from = "FROM stock_stockitem s JOIN part_part p ON p.id = s.part WHERE s.id = $1";
    let Some(item) = selected::first::<Allocated>(ctx.conn, from, &[stock.into()])? else { return Ok(()) };
    let line = match change.key(Allocation::build_line) {
        Some(key) => load::lines_of(ctx.conn, &[key])?.remove(&key),
        None => None,
    };
    let Some(line) = line else {
        return Err(Error::field("stock_item", "This stock does not match a build line."));
    };
    if item.trackable && change.int(Allocation::install_into).is_none() {
        return Err(Error::non_field("Build output is required for tracked stock."));
    }
    // what the allocation holds so far is its own
    let own = match (change.old_key(Allocation::stock_item), change.old(Allocation::quantity)) {
        (Some(old), Value::Int(quantity)) if old == stock => Quantity::from_scaled(*quantity),
        _ => Quantity::ZERO,
    };
    let quantity = change.quantity(Allocation::quantity).unwrap_or(Quantity::ONE);
    let mut fields = Fields::new();
    if !quantity.is_positive() {
        fields.add("quantity", "Quantity must be greater than zero.");
    } else if !item.serial.is_empty() && quantity != Quantity::ONE {
        fields.add("quantity", "Quantity must be 1 for an item with a serial number.");
    } else if quantity > item.free.saturating_add(own) && quantity > own {
        fields.add("quantity", "The available quantity is too small.");
    }
    if !allowed_parts(ctx.conn, &[line.bom_item])?.get(&line.bom_item).is_some_and(|parts| parts.contains(&item.part)) {
        fields.add("stock_item", "Stock item must match the part of the line.");
    }
    fields.check()
}
