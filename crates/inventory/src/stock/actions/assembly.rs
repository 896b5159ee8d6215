//! Installing items in others, taking them out, and making an item one of a variant.

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::form;
use ironwood_rest::http::Answer;
use ironwood_rest::resource::{Action, Args, Shape};
use ironwood_rest::table::Kind;
use ironwood_rest::view::{INT, TEXT, Type, View, input};
use ironwood_store::{Connection, Value};

use super::super::kernel::{Ledger, ONE};
use super::super::owner;
use super::super::tables::{ITEM, LOCATION};
use crate::bom::lines;
use crate::part::tables::PART;

static INSTALL_VIEW: View = View::plain(
    "InstallStockItem",
    &[
        input("stock_item", INT).links(&ITEM).required().help("What is installed."),
        input("quantity", Type::Of(Kind::Int { min: 1, max: i64::MAX }))
            .label("Quantity to Install")
            .default("1")
            .help("How many pieces of it."),
        input("note", TEXT).max(512).help("What the history says of it."),
    ],
);

pub(super) static INSTALL: Action = super::on_item("/api/stock/{id}/install/", "stock_install_create", install)
    .request(Shape::Object(&INSTALL_VIEW))
    .response(201, Shape::Object(&INSTALL_VIEW))
    .help("Installs an item in this one.");

/// Whether the bill of materials of a part asks for a part: by itself, as a variant where these are
/// allowed, or as a substitute; in lines of its own or inherited ones.
fn asks_for(conn: &mut Connection, part: i64, wanted: i64) -> Result<bool> {
    let lines: Vec<i64> = lines::for_part(conn, part)?.iter().map(|line| line.id).collect();
    Ok(lines::allowed_parts(conn, &lines)?.values().any(|parts| parts.contains(&wanted)))
}

fn install(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let assembly = super::key(args)?;
    let sql = "SELECT part FROM stock_stockitem WHERE id = $1";
    let part = ctx.conn.one(sql, &[Value::Int(assembly)])?.ok_or(Error::NotFound)?.int(0);
    let form = form::read(ctx, &INSTALL_VIEW)?;
    let key = form.int("stock_item").unwrap_or_default();
    owner::check_items(ctx, &[assembly, key])?;
    let by_bom = crate::state::snapshot(ctx)?.settings.bool("STOCK_ENFORCE_BOM_INSTALLATION");
    let user = ctx.user();
    let mut ledger = Ledger::open(ctx.conn, user, &[assembly, key])?;
    let item = ledger.item(key)?;
    let wanted = item.part;
    if !item.is_in_stock() {
        return Err(Error::field("stock_item", "This item is not in stock."));
    }
    if by_bom && !asks_for(ledger.conn, part, wanted)? {
        return Err(Error::field("stock_item", "The bill of materials does not ask for this part."));
    }
    let quantity = form.int("quantity").unwrap_or(1).checked_mul(ONE);
    let quantity = quantity.ok_or_else(|| Error::field("quantity", "There is not that much of it."))?;
    check_circle(ledger.conn, key, assembly)?;
    ledger.install(key, quantity, assembly, None, form.text("note"))?;
    ledger.close()?;
    Ok(Answer::json(201, &form.echo(&INSTALL_VIEW)))
}

/// Refuses to install an item in something that is itself inside of it.
fn check_circle(conn: &mut Connection, item: i64, assembly: i64) -> Result<()> {
    let sql = "WITH RECURSIVE above(id) AS (SELECT CAST($1 AS BIGINT) UNION SELECT s.belongs_to FROM stock_stockitem s \
               JOIN above a ON a.id = s.id WHERE s.belongs_to IS NOT NULL) SELECT 1 FROM above WHERE id = $2";
    match conn.one(sql, &[Value::Int(assembly), Value::Int(item)])? {
        None => Ok(()),
        Some(_) => Err(Error::field("stock_item", "An item cannot be installed in itself.")),
    }
}

static UNINSTALL_VIEW: View = View::plain(
    "UninstallStockItem",
    &[
        input("location", INT).links(&LOCATION).required().help("Where the item is then."),
        input("note", TEXT).max(512).label("Notes").help("What the history says of it."),
    ],
);

pub(super) static UNINSTALL: Action = super::on_item("/api/stock/{id}/uninstall/", "stock_uninstall_create", uninstall)
    .request(Shape::Object(&UNINSTALL_VIEW))
    .response(201, Shape::Object(&UNINSTALL_VIEW))
    .help("Takes this item out of the one that it is installed in.");

fn uninstall(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let key = super::key(args)?;
    let sql = "SELECT 1 FROM stock_stockitem WHERE id = $1";
    ctx.conn.one(sql, &[Value::Int(key)])?.ok_or(Error::NotFound)?;
    let form = form::read(ctx, &UNINSTALL_VIEW)?;
    owner::check_items(ctx, &[key])?;
    let user = ctx.user();
    let mut ledger = Ledger::open(ctx.conn, user, &[key])?;
    if ledger.item(key)?.belongs_to.is_none() {
        return Err(Error::non_field("This item is not installed in another one."));
    }
    ledger.uninstall(key, form.int("location"), form.text("note"))?;
    ledger.close()?;
    Ok(Answer::json(201, &form.echo(&UNINSTALL_VIEW)))
}

static CONVERT_VIEW: View =
    View::plain("ConvertStockItem", &[input("part", INT).links(&PART).required().help("The part that it becomes.")]);

pub(super) static CONVERT: Action = super::on_item("/api/stock/{id}/convert/", "stock_convert_create", convert)
    .request(Shape::Object(&CONVERT_VIEW))
    .response(201, Shape::Object(&CONVERT_VIEW))
    .help("Makes this item one of another part of the family: a variant, the template, or a sibling.");

/// The name by which a part can become another: active, not virtual, below it, directly above it, or
/// below the same template.
const CONVERTIBLE: &str = "SELECT w.name FROM part_part p JOIN part_part w ON w.id = $2 WHERE p.id = $1 AND w.id <> p.id \
    AND w.active AND NOT w.virtual AND (SUBSTR(w.tree_path, 1, LENGTH(p.tree_path)) = p.tree_path \
    OR w.id = p.variant_of OR w.variant_of = p.variant_of)";

fn convert(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let key = super::key(args)?;
    let sql = "SELECT part, supplier_part, COALESCE(serial, '') FROM stock_stockitem WHERE id = $1";
    let row = ctx.conn.one(sql, &[Value::Int(key)])?.ok_or(Error::NotFound)?;
    let (from, bought, serial) = (row.int(0), row.opt_int(1).is_some(), row.text(2).to_owned());
    let form = form::read(ctx, &CONVERT_VIEW)?;
    let part = form.int("part").unwrap_or_default();
    let refuse = || Error::field("part", "An item of its part cannot become one of this part.");
    let found = ctx.conn.one(CONVERTIBLE, &[Value::Int(from), Value::Int(part)])?.ok_or_else(refuse)?;
    let name = found.text(0).to_owned();
    if bought {
        return Err(Error::non_field("An item of a supplier's part cannot become one of another part."));
    }
    if !serial.is_empty() {
        let doubled = "SELECT 1 FROM stock_stockitem WHERE part = $1 AND serial = $2";
        if ctx.conn.one(doubled, &[Value::Int(part), serial.into()])?.is_some() {
            return Err(Error::field("part", "The part has an item with this serial number."));
        }
    }
    owner::check_items(ctx, &[key])?;
    let user = ctx.user();
    let mut ledger = Ledger::open(ctx.conn, user, &[key])?;
    ledger.convert(key, part, &format!("Converted to part: {name}"))?;
    ledger.close()?;
    Ok(Answer::json(201, &form.echo(&CONVERT_VIEW)))
}
