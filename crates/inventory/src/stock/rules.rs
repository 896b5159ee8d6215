//! Rules of stock items.

use ironwood_base::error::Fields;
use ironwood_base::{Error, Result, clock, decimal, serial};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_store::{Connection, Value};
use serde_json::{Map, Value as Json};

use super::history;

/// One whole piece.
const ONE: i64 = decimal::scale(decimal::QUANTITY);

/// Before an item is made or changed.
pub(super) fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let mut fields = Fields::new();
    if change.int("quantity").is_some_and(|q| q < 0) {
        fields.add("quantity", "A quantity cannot be negative.");
    }
    if let Some(location) = change.int("location").filter(|_| change.is_changed("location")) {
        let sql = "SELECT structural FROM stock_stocklocation WHERE id = $1";
        if ctx.conn.one(sql, &[Value::Int(location)])?.is_some_and(|row| row.bool(0)) {
            fields.add("location", "A structural location holds no stock.");
        }
    }
    check_part(ctx.conn, change, &mut fields)?;
    check_status(ctx.conn, change, &mut fields)?;
    check_serial(ctx.conn, change, &mut fields)?;
    fields.check()
}

fn check_part(conn: &mut Connection, change: &mut Change, fields: &mut Fields) -> Result<()> {
    let Some(part) = change.int("part").filter(|_| change.is_new() || change.is_changed("part")) else { return Ok(()) };
    let sql = "SELECT virtual, is_template, default_expiry, default_location, active FROM part_part WHERE id = $1";
    let Some(row) = conn.one(sql, &[Value::Int(part)])? else { return Ok(()) };
    if row.bool(0) {
        fields.add("part", "There is no stock of a virtual part.");
    }
    if change.is_new() {
        let days = row.int(2);
        if days > 0 && change.get("expiry_date") == &Value::Null {
            change.set("expiry_date", clock::days_from_today(days));
        }
        if change.get("batch") == &Value::Null {
            change.set("batch", "");
        }
    }
    if let Some(supplier_part) = change.int("supplier_part").filter(|_| change.is_changed("supplier_part")) {
        let sql = "SELECT part FROM company_supplierpart WHERE id = $1";
        if conn.one(sql, &[Value::Int(supplier_part)])?.is_some_and(|row| row.int(0) != part) {
            fields.add("supplier_part", "This supplier's part is another part.");
        }
    }
    Ok(())
}

/// A status of an administrator stands for a built-in one.
fn check_status(conn: &mut Connection, change: &mut Change, fields: &mut Fields) -> Result<()> {
    if let Some(custom) = change.int("status_custom_key").filter(|_| change.is_changed("status_custom_key")) {
        let sql = "SELECT logical_key FROM common_inventreecustomuserstatemodel WHERE reference_status = 'StockStatus' AND key = $1";
        match conn.one(sql, &[Value::Int(custom)])? {
            Some(row) => change.set("status", row.int(0)),
            None if ironwood_base::status::STOCK_STATUS.find(custom).is_some() => change.set("status", custom),
            None => fields.add("status_custom_key", "There is no such status."),
        }
    } else if change.is_changed("status") && !change.is_new() {
        let status = change.int("status");
        change.set("status_custom_key", status);
    }
    Ok(())
}

fn check_serial(conn: &mut Connection, change: &mut Change, fields: &mut Fields) -> Result<()> {
    let text = change.text("serial").to_owned();
    if !change.is_new() && change.is_changed("serial") {
        let was = matches!(change.old("serial"), Value::Text(t) if !t.is_empty());
        if was {
            fields.add("serial", "A serial number that is given is not changed.");
            return Ok(());
        }
    }
    if !change.is_changed("serial") {
        return Ok(());
    }
    if text.is_empty() {
        change.set("serial", Value::Null);
        change.set("serial_int", 0);
        return Ok(());
    }
    if change.int("quantity").is_some_and(|q| q != ONE) {
        fields.add("quantity", "What has a serial number is one piece.");
    }
    let part = change.int("part").unwrap_or(0);
    if !taken(conn, part, std::slice::from_ref(&text), change.id)?.is_empty() {
        fields.add("serial", "This serial number is taken.");
    }
    change.set("serial_int", serial::sort_key(&text));
    Ok(())
}

/// Which of these serial numbers are taken within the family of a part.
pub fn taken(conn: &mut Connection, part: i64, serials: &[String], except: Option<i64>) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for chunk in serials.chunks(500) {
        let places: Vec<String> = (0..chunk.len()).map(|i| format!("${}", i + 3)).collect();
        let sql = format!(
            "SELECT DISTINCT s.serial FROM stock_stockitem s JOIN part_part p ON p.id = s.part \
             WHERE p.tree_id = (SELECT q.tree_id FROM part_part q WHERE q.id = $1) AND s.id <> $2 AND s.serial IN ({})",
            places.join(", ")
        );
        let mut params = vec![Value::Int(part), Value::Int(except.unwrap_or(0))];
        params.extend(chunk.iter().map(|s| Value::Text(s.clone())));
        found.extend(conn.rows(&sql, &params)?.iter().map(|row| row.text(0).to_owned()));
    }
    Ok(found)
}

/// After an item was made or changed: its history.
pub(super) fn saved(ctx: &mut Context<'_>, change: &Change, id: i64) -> Result<()> {
    let user = ctx.user();
    let mut deltas = Map::new();
    let made = change.old("part") == &Value::Null;
    if made {
        deltas.insert("quantity".into(), history::quantity(change.int("quantity").unwrap_or(ONE)));
        deltas.insert("status".into(), change.int("status").unwrap_or(10).into());
        if let Some(location) = change.int("location") {
            deltas.insert("location".into(), location.into());
        }
        let serial = change.text("serial");
        if !serial.is_empty() {
            deltas.insert("serial".into(), serial.into());
        }
        return history::add(ctx.conn, id, "CREATED", user, deltas, "");
    }
    if change.is_changed("quantity") {
        deltas.insert("quantity".into(), history::quantity(change.int("quantity").unwrap_or(0)));
    }
    for column in ["status", "location"] {
        if change.is_changed(column) {
            deltas.insert(column.into(), change.int(column).map_or(Json::Null, Json::from));
        }
    }
    for column in ["batch", "serial", "expiry_date", "packaging"] {
        if change.is_changed(column) {
            deltas.insert(column.into(), change.text(column).into());
        }
    }
    if deltas.is_empty() { Ok(()) } else { history::add(ctx.conn, id, "EDITED", user, deltas, "") }
}

/// Before an item is deleted.
pub(super) fn delete(ctx: &mut Context<'_>, id: i64) -> Result<bool> {
    let row =
        ctx.conn.one("SELECT serial FROM stock_stockitem WHERE id = $1", &[Value::Int(id)])?.ok_or(Error::NotFound)?;
    let serialised = row.opt_text(0).is_some_and(|s| !s.is_empty());
    let snapshot = crate::app::snapshot(ctx)?;
    if serialised && !snapshot.settings.bool("STOCK_ALLOW_DELETE_SERIALIZED") {
        return Err(Error::non_field("Stock with a serial number cannot be deleted."));
    }
    Ok(true)
}
