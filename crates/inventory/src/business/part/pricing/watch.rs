//! Marks parts for recalculation when the sources of their prices change.
//!
//! Rows that the engine writes come here by themselves; actions that write by statements of their own
//! (receiving, completing orders) call [`changed`].

use ironwood_base::key::{self, Record};
use ironwood_base::status::{PurchaseOrderStatus, SalesOrderStatus};
use ironwood_base::{Key, Result};
use ironwood_rest::at_or_below;
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::table::Table;
use ironwood_store::{AsSql, Connection, Value, fragment, sql};

use super::{engine, mark};
use crate::platform::settings::Settings;
use crate::platform::settings::keys;
use crate::platform::state;
use crate::schema::keys::*;

/// The prices of these parts are to be calculated again, unless the settings say that nothing is
/// calculated by itself.
pub(crate) fn changed(conn: &mut Connection, settings: &Settings, parts: &[PartKey]) -> Result<()> {
    if parts.is_empty() || !settings.bool(keys::PRICING_AUTO_UPDATE) {
        return Ok(());
    }
    let mut parts = parts.to_vec();
    parts.sort_unstable();
    parts.dedup();
    mark(conn, settings, &parts)
}

/// [`changed`] where no settings are at hand.
pub(crate) fn note(conn: &mut Connection, parts: &[PartKey]) -> Result<()> {
    if parts.is_empty() {
        return Ok(());
    }
    let settings = Settings::load(conn)?;
    changed(conn, &settings, parts)
}

/// An order is complete: what was paid for its parts counts from now on.
pub(crate) fn order_done(conn: &mut Connection, table: &str, order: OrderKey) -> Result<()> {
    let parts = match table {
        "order_purchaseorder" => keys_of(
            conn,
            &[order],
            "SELECT DISTINCT s.part FROM order_purchaseorderlineitem l JOIN company_supplierpart s ON s.id = l.part \
                 WHERE l.\"order\" IN ({keys})",
        )?,
        // what variants are sold for counts for the templates above them, too
        "order_salesorder" => keys_of(
            conn,
            &[order],
            sql!(
                "SELECT DISTINCT a.id FROM order_salesorderlineitem l JOIN part_part v ON v.id = l.part \
                 JOIN part_part a ON ",
                at_or_below!("v", "a"),
                " WHERE l.\"order\" IN ({keys})"
            ),
        )?,
        _ => Vec::new(),
    };
    note(conn, &parts)
}

/// A setting was changed: where prices depend on it, all are to be calculated again.
pub(crate) fn setting_changed(conn: &mut Connection, key: &str) -> Result<()> {
    let display = [
        keys::PRICING_DECIMAL_PLACES.name(),
        keys::PRICING_DECIMAL_PLACES_MIN.name(),
        keys::PRICING_UPDATE_DAYS.name(),
        keys::PRICING_AUTO_UPDATE.name(),
    ];
    let others = [
        keys::PART_INTERNAL_PRICE.name(),
        keys::PART_BOM_USE_INTERNAL_PRICE.name(),
        keys::INVENTREE_DEFAULT_CURRENCY.name(),
    ];
    if (key.starts_with("PRICING_") && !display.contains(&key)) || others.contains(&key) {
        super::mark_all(conn)?;
    }
    Ok(())
}

/// The values that a link had and has.
fn both<T>(change: &Change, column: &str) -> Vec<Key<T>> {
    change.old_key(column).into_iter().chain(change.key(column)).collect()
}

/// First column of a statement over `IN ({keys})`.
fn keys_of<T, O: Record>(conn: &mut Connection, keys: &[Key<T>], sql: impl AsSql) -> Result<Vec<Key<O>>> {
    let mut found = Vec::new();
    conn.of_keys(sql, keys, |row| found.extend(row.cell::<Option<Key<O>>>(0)))?;
    Ok(found)
}

fn of_supplier_parts(conn: &mut Connection, supplier_parts: &[SupplierPartKey]) -> Result<Vec<PartKey>> {
    keys_of(conn, supplier_parts, "SELECT part FROM company_supplierpart WHERE id IN ({keys})")
}

/// Assemblies, with the variants that inherit from them.
fn with_heirs(conn: &mut Connection, assemblies: &[PartKey]) -> Result<Vec<PartKey>> {
    keys_of(
        conn,
        assemblies,
        sql!("SELECT v.id FROM part_part a JOIN part_part v ON ", at_or_below!("v", "a"), " WHERE a.id IN ({keys})"),
    )
}

fn of_lines(conn: &mut Connection, lines: &[BomItemKey]) -> Result<Vec<PartKey>> {
    let owners: Vec<PartKey> = keys_of(conn, lines, "SELECT part FROM part_bomitem WHERE id IN ({keys})")?;
    with_heirs(conn, &owners)
}

fn any(change: &Change, columns: &[&str]) -> bool {
    columns.iter().any(|column| change.is_changed(column))
}

/// After the engine wrote rows.
pub(crate) fn written(ctx: &mut Context<'_>, changes: &[Change]) -> Result<()> {
    let mut parts = Vec::new();
    for change in changes {
        parts.extend(concerned(ctx, change)?);
    }
    if parts.is_empty() {
        return Ok(());
    }
    parts.sort_unstable();
    parts.dedup();
    let snapshot = state::snapshot(ctx)?;
    changed(ctx.conn, &snapshot.settings, &parts)
}

/// The parts whose prices depend on what was changed in a row.
fn concerned(ctx: &mut Context<'_>, change: &Change) -> Result<Vec<PartKey>> {
    let conn = &mut *ctx.conn;
    let id = PartKey::from_id(change.id.unwrap_or_default());
    let parts = match change.table.name {
        "part_partsellpricebreak" | "part_partinternalpricebreak" => both(change, "part"),
        "company_supplierpricebreak" => of_supplier_parts(conn, &both(change, "part"))?,
        "company_supplierpart"
            if !change.old("part").eq(&Value::Null)
                && any(change, &["part", "pack_quantity", "pack_quantity_native"]) =>
        {
            both(change, "part")
        }
        "part_bomitem"
            if any(change, &["part", "sub_part", "quantity", "piece_count", "inherited", "allow_variants"]) =>
        {
            with_heirs(conn, &both(change, "part"))?
        }
        "part_bomitemsubstitute" => of_lines(conn, &both(change, "bom_item"))?,
        "stock_stockitem" if any(change, &["part", "purchase_price", "purchase_price_currency"]) => {
            let priced = [change.get("purchase_price"), change.old("purchase_price")];
            if priced.iter().all(|price| **price == Value::Null) { Vec::new() } else { both(change, "part") }
        }
        "part_part" if !change.old("name").eq(&Value::Null) => {
            if any(change, &["active", "trackable", "variant_of"]) {
                let settings = state::snapshot(ctx)?;
                if settings.settings.bool(keys::PRICING_AUTO_UPDATE) {
                    engine::mark_above(ctx.conn, &settings.settings, &[id], &[])?;
                }
            }
            if any(change, &["purchaseable", "assembly", "is_template", "variant_of"]) {
                [vec![id], both(change, "variant_of")].concat()
            } else {
                Vec::new()
            }
        }
        "order_purchaseorderlineitem" if any(change, &["purchase_price", "purchase_price_currency", "part"]) => {
            let sql =
                sql!("SELECT 1 FROM order_purchaseorder WHERE id = $1 AND status = ", [PurchaseOrderStatus::COMPLETE]);
            match conn.one(sql, &[change.int("order").into()])? {
                Some(_) => of_supplier_parts(conn, &both(change, "part"))?,
                None => Vec::new(),
            }
        }
        "order_salesorderlineitem" if any(change, &["sale_price", "sale_price_currency", "part"]) => {
            let sql = sql!("SELECT 1 FROM order_salesorder WHERE id = $1 AND status = ", [SalesOrderStatus::COMPLETE]);
            if conn.one(sql, &[change.int("order").into()])?.is_some() { both(change, "part") } else { Vec::new() }
        }
        _ => Vec::new(),
    };
    Ok(parts)
}

/// Before the engine deletes rows.
pub(crate) fn deleting(ctx: &mut Context<'_>, table: &'static Table, rows: &[AnyKey]) -> Result<()> {
    let conn = &mut *ctx.conn;
    let own = fragment!("SELECT part FROM {} WHERE id IN ({{keys}})", table.name);
    let parts = match table.name {
        "part_partsellpricebreak" | "part_partinternalpricebreak" | "company_supplierpart" => {
            keys_of(conn, rows, &own)?
        }
        "stock_stockitem" => {
            keys_of(conn, rows, "SELECT part FROM stock_stockitem WHERE id IN ({keys}) AND purchase_price IS NOT NULL")?
        }
        "company_supplierpricebreak" => {
            let supplier_parts: Vec<SupplierPartKey> = keys_of(conn, rows, &own)?;
            of_supplier_parts(conn, &supplier_parts)?
        }
        "part_bomitem" => of_lines(conn, &key::of_kind(rows))?,
        "part_bomitemsubstitute" => {
            let lines: Vec<BomItemKey> =
                keys_of(conn, rows, "SELECT bom_item FROM part_bomitemsubstitute WHERE id IN ({keys})")?;
            of_lines(conn, &lines)?
        }
        _ => return Ok(()),
    };
    if parts.is_empty() {
        return Ok(());
    }
    let snapshot = state::snapshot(ctx)?;
    changed(ctx.conn, &snapshot.settings, &parts)
}
