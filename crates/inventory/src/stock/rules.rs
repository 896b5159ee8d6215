//! Rules of stock items.

use ironwood_base::error::Fields;
use ironwood_base::{Error, Result, serial};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_store::{Connection, Value};
use serde_json::{Map, Value as Json};

use super::kernel::{self, ONE};
use super::{batch, history, owner};

/// Before an item is made or changed.
pub(super) fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    if let Some(id) = change.id {
        owner::check_items(ctx, &[id])?;
    }
    let mut fields = Fields::new();
    if change.is_new() && !change.is_given("batch") {
        let code = batch::default_code(ctx.conn)?;
        change.set("batch", code);
    }
    if change.int("quantity").is_some_and(|q| q < 0) {
        fields.add("quantity", "A quantity cannot be negative.");
    }
    if let Some(location) = change.int("location").filter(|_| change.is_changed("location")) {
        let sql = "SELECT structural FROM stock_stocklocation WHERE id = $1";
        if ctx.conn.one(sql, &[Value::Int(location)])?.is_some_and(|row| row.bool(0)) {
            fields.add("location", "A structural location holds no stock.");
        }
    }
    if change.id.is_some() && change.int("belongs_to") == change.id {
        fields.add("belongs_to", "An item cannot be installed in itself.");
    }
    check_part(ctx.conn, change, &mut fields)?;
    check_build(ctx.conn, change, &mut fields)?;
    check_status(ctx.conn, change, &mut fields)?;
    let edit_serials = crate::state::snapshot(ctx)?.settings.bool("STOCK_ALLOW_EDIT_SERIAL");
    check_serial(ctx.conn, change, edit_serials, &mut fields)?;
    fields.check()
}

fn check_part(conn: &mut Connection, change: &mut Change, fields: &mut Fields) -> Result<()> {
    let Some(part) = change.int("part") else { return Ok(()) };
    let of_interest = ["part", "quantity", "supplier_part"].iter().any(|column| change.is_changed(column));
    if !of_interest {
        return Ok(());
    }
    let sql = "SELECT virtual, trackable FROM part_part WHERE id = $1";
    let Some(row) = conn.one(sql, &[Value::Int(part)])? else { return Ok(()) };
    if row.bool(0) {
        fields.add("part", "There is no stock of a virtual part.");
    }
    if row.bool(1) && change.int("quantity").is_some_and(|q| q % ONE != 0) {
        fields.add("quantity", "Pieces of this part are tracked: only whole ones can be counted.");
    }
    if let Some(supplier_part) = change.int("supplier_part") {
        let sql = "SELECT part FROM company_supplierpart WHERE id = $1";
        if conn.one(sql, &[Value::Int(supplier_part)])?.is_some_and(|row| row.int(0) != part) {
            fields.add("supplier_part", "This supplier's part is another part.");
        }
    }
    Ok(())
}

/// What is being made names its build, and a build makes its own part, or one that its part can become.
fn check_build(conn: &mut Connection, change: &Change, fields: &mut Fields) -> Result<()> {
    let build = change.int("build");
    if change.flag("is_building") && build.is_none() {
        fields.add("build", "What is being made has to name its build order.");
    }
    let changed = change.is_changed("build") || change.is_changed("part");
    let (Some(build), Some(part)) = (build.filter(|_| changed), change.int("part")) else { return Ok(()) };
    let sql = "SELECT 1 FROM build_build b JOIN part_part p ON p.id = b.part JOIN part_part w ON w.id = $2 \
               WHERE b.id = $1 AND (w.id = p.id OR (w.active AND NOT w.virtual \
               AND (SUBSTR(w.tree_path, 1, LENGTH(p.tree_path)) = p.tree_path \
               OR w.id = p.variant_of OR w.variant_of = p.variant_of)))";
    if conn.one(sql, &[Value::Int(build), Value::Int(part)])?.is_none() {
        fields.add("build", "This build order makes another part.");
    }
    Ok(())
}

/// A status of an administrator stands for a built-in one. The last one given counts: `status_custom_key`,
/// else `status`; either may be any of both kinds.
fn check_status(conn: &mut Connection, change: &mut Change, fields: &mut Fields) -> Result<()> {
    let given = |column: &str| change.int(column).filter(|s| *s != 0 && change.is_given(column));
    let custom = given("status_custom_key");
    let Some(wanted) =
        custom.or_else(|| given("status").filter(|_| change.is_named("status") || change.is_changed("status")))
    else {
        return Ok(());
    };
    let field = if custom.is_some() { "status_custom_key" } else { "status" };
    if ironwood_base::status::STOCK_STATUS.find(wanted).is_some() {
        change.set("status", wanted);
        change.set("status_custom_key", Value::Null);
        return Ok(());
    }
    let sql = "SELECT logical_key FROM common_inventreecustomuserstatemodel WHERE reference_status = 'StockStatus' AND key = $1";
    match conn.one(sql, &[Value::Int(wanted)])? {
        Some(row) => {
            change.set("status", row.int(0));
            change.set("status_custom_key", wanted);
        }
        None => fields.add(field, "There is no such status."),
    }
    Ok(())
}

fn check_serial(conn: &mut Connection, change: &mut Change, edit: bool, fields: &mut Fields) -> Result<()> {
    let text = change.text("serial").to_owned();
    if change.is_changed("serial") {
        let was = matches!(change.old("serial"), Value::Text(t) if !t.is_empty());
        if was && !edit {
            fields.add("serial", "The serial number of an item is not changed.");
            return Ok(());
        }
        if text.is_empty() {
            change.set("serial", Value::Null);
            change.set("serial_int", 0);
            change.set("serial_space", Value::Null);
            return Ok(());
        }
    }
    if text.is_empty() {
        return Ok(());
    }
    match change.int("quantity") {
        Some(0) => change.set("quantity", ONE),
        Some(quantity) if quantity != ONE => {
            fields.add("quantity", "What has a serial number is one piece.");
            fields.add("serial", "Only one piece can have a serial number.");
            return Ok(());
        }
        _ => {}
    }
    change.set("delete_on_deplete", false);
    if change.is_changed("serial") || change.is_changed("part") {
        let part = change.int("part").unwrap_or(0);
        if !kernel::conflicts(conn, part, std::slice::from_ref(&text), change.id)?.is_empty() {
            fields.add("serial", "This serial number is taken.");
        }
        change.set("serial_int", serial::sort_key(&text));
        change.set("serial_space", super::serial::space(conn, part)?);
    }
    Ok(())
}

/// What a change may say of an item by which it comes into stock or leaves it, and how the history names it.
const TOLD: &[(&str, &str)] = &[
    ("part", "part"),
    ("customer", "customer"),
    ("sales_order", "salesorder"),
    ("belongs_to", "stockitem"),
    ("consumed_by", "buildorder"),
];

/// After an item was made or changed: its history. Of a change it tells what stock depends on: status,
/// quantity, location, part, and who has it; of an item without any history, that it is there.
pub(super) fn saved(ctx: &mut Context<'_>, change: &Change, id: i64) -> Result<()> {
    let user = ctx.user();
    let number = |column: &str| change.int(column).map_or(Json::Null, Json::from);
    let mut deltas = Map::new();
    let made = change.old("part") == &Value::Null;
    let first = !made && !has_history(ctx.conn, id)?;
    if made || first {
        deltas.insert("status".into(), number("status"));
        deltas.insert("quantity".into(), history::quantity(change.int("quantity").unwrap_or(ONE)));
        if let Some(location) = change.int("location") {
            deltas.insert("location".into(), location.into());
        }
        return history::add(ctx.conn, id, "CREATED", user, deltas, "");
    }
    if change.is_changed("status") {
        let shown = change.int("status_custom_key").map_or_else(|| number("status"), Json::from);
        let old = |column: &str| match change.old(column) {
            Value::Int(value) => Json::from(*value),
            _ => Json::Null,
        };
        let old_custom = old("status_custom_key");
        deltas.insert("status".into(), shown);
        deltas.insert("status_logical".into(), number("status"));
        deltas.insert("old_status".into(), if old_custom.is_null() { old("status") } else { old_custom });
        deltas.insert("old_status_logical".into(), old("status"));
    }
    if change.is_changed("quantity") {
        deltas.insert("quantity".into(), history::quantity(change.int("quantity").unwrap_or(0)));
    }
    if change.is_changed("location") {
        deltas.insert("location".into(), number("location"));
    }
    for (column, told) in TOLD {
        if change.is_changed(column) {
            deltas.insert((*told).into(), number(column));
        }
    }
    if change.is_changed("is_building") {
        deltas.insert("is_building".into(), change.flag("is_building").into());
    }
    if deltas.is_empty() { Ok(()) } else { history::add(ctx.conn, id, "EDITED", user, deltas, "") }
}

fn has_history(conn: &mut Connection, id: i64) -> Result<bool> {
    let sql = "SELECT 1 FROM stock_stockitemtracking WHERE item = $1 LIMIT 1";
    Ok(conn.one(sql, &[Value::Int(id)])?.is_some())
}

/// Before items are deleted. What was split from them counts as split from their own parents.
pub(super) fn delete(ctx: &mut Context<'_>, ids: &[i64]) -> Result<bool> {
    owner::check_items(ctx, ids)?;
    if !crate::state::snapshot(ctx)?.settings.bool("STOCK_ALLOW_DELETE_SERIALIZED") {
        let mut serialised = false;
        let sql = "SELECT s.id FROM stock_stockitem s WHERE s.id IN ({keys}) AND s.serial <> ''";
        ctx.conn.of_keys(sql, ids, |_| serialised = true)?;
        if serialised {
            return Err(Error::non_field("Stock with a serial number cannot be deleted."));
        }
    }
    kernel::delete(ctx.conn, ids)?;
    Ok(false)
}
