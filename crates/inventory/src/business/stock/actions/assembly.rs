//! Installing, uninstalling, and converting stock items.

use ironwood_base::{Error, Quantity, Result};
use ironwood_rest::below;
use ironwood_rest::context::Context;
use ironwood_rest::http::Answer;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Action, Args, Shape};
use ironwood_rest::table::ColumnType;
use ironwood_rest::view::{INT, TEXT, Type, View, input};
use ironwood_rest::{request, row};
use ironwood_store::{Connection, sql};

use super::super::kernel::Ledger;
use super::super::owner;
use crate::business::bom::lines;
use crate::platform::settings::keys;
use crate::schema::keys::*;
use crate::schema::part::PART;
use crate::schema::stock::{ITEM, LOCATION};

static INSTALL_VIEW: View = View::plain(
    "InstallStockItem",
    &[
        input("stock_item", INT).links(&ITEM).required().help("Stock item to install."),
        input("quantity", Type::Of(ColumnType::Int { min: 1, max: i64::MAX }))
            .label("Quantity to Install")
            .default("1")
            .help("Quantity to install."),
        input("note", TEXT).max(512).help("Note to record in the stock history."),
    ],
);

request! {
    struct InstallRequest of INSTALL_VIEW {
        stock_item: ItemKey,
        quantity: i64,
        note: String,
    } without []
}

pub(super) static INSTALL: Action = super::on_item("/api/stock/{id}/install/", "stock_install_create", install)
    .request(Shape::Object(&INSTALL_VIEW))
    .response(201, Shape::Object(&INSTALL_VIEW))
    .help("Installs a stock item in this one.");

/// Whether the bill of materials of a part asks for a part: by itself, as a variant where these are
/// allowed, or as a substitute; in lines of its own or inherited ones.
fn asks_for(conn: &mut Connection, part: PartKey, wanted: PartKey) -> Result<bool> {
    let lines: Vec<BomItemKey> = lines::for_part(conn, part)?.iter().map(|line| line.id).collect();
    Ok(lines::allowed_parts(conn, &lines)?.values().any(|parts| parts.contains(&wanted)))
}

fn install(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let assembly = super::key(args)?;
    let sql = "SELECT part FROM stock_stockitem WHERE id = $1";
    let part = ctx.conn.one(sql, &[assembly.into()])?.ok_or(Error::NotFound)?.cell(0);
    let (request, form) = InstallRequest::read_form(ctx)?;
    let key = request.stock_item;
    owner::check_items(ctx, &[assembly, key])?;
    let by_bom = crate::platform::state::snapshot(ctx)?.settings.bool(keys::STOCK_ENFORCE_BOM_INSTALLATION);
    let user = caller_key(ctx);
    let mut ledger = Ledger::open(ctx.conn, user, &[assembly, key])?;
    let item = ledger.item(key)?;
    let wanted = item.part;
    if !item.is_in_stock() {
        return Err(Error::field("stock_item", "This stock item is not in stock."));
    }
    if by_bom && !asks_for(ledger.conn, part, wanted)? {
        return Err(Error::field("stock_item", "Part must be in the bill of materials."));
    }
    let quantity = Quantity::whole(request.quantity);
    let quantity =
        quantity.ok_or_else(|| Error::field("quantity", "Quantity must not exceed the available quantity."))?;
    check_circle(ledger.conn, key, assembly)?;
    ledger.install(key, quantity, assembly, None, &request.note)?;
    ledger.close()?;
    Ok(Answer::json(201, &form.echo(&INSTALL_VIEW)))
}

/// Refuses to install an item in something that is itself inside of it.
fn check_circle(conn: &mut Connection, item: ItemKey, assembly: ItemKey) -> Result<()> {
    let sql = "WITH RECURSIVE above(id) AS (SELECT CAST($1 AS BIGINT) UNION SELECT s.belongs_to FROM stock_stockitem s \
               JOIN above a ON a.id = s.id WHERE s.belongs_to IS NOT NULL) SELECT 1 FROM above WHERE id = $2";
    match conn.one(sql, &[assembly.into(), item.into()])? {
        None => Ok(()),
        Some(_) => Err(Error::field("stock_item", "An item cannot be installed in itself.")),
    }
}

static UNINSTALL_VIEW: View = View::plain(
    "UninstallStockItem",
    &[
        input("location", INT).links(&LOCATION).required().help("Destination location."),
        input("note", TEXT).max(512).label("Notes").help("Note to record in the stock history."),
    ],
);

request! {
    struct UninstallRequest of UNINSTALL_VIEW {
        location: LocationKey,
        note: String,
    } without []
}

pub(super) static UNINSTALL: Action = super::on_item("/api/stock/{id}/uninstall/", "stock_uninstall_create", uninstall)
    .request(Shape::Object(&UNINSTALL_VIEW))
    .response(201, Shape::Object(&UNINSTALL_VIEW))
    .help("Uninstalls this stock item from the item that it is installed in.");

fn uninstall(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let key = super::key(args)?;
    let sql = "SELECT 1 FROM stock_stockitem WHERE id = $1";
    ctx.conn.one(sql, &[key.into()])?.ok_or(Error::NotFound)?;
    let (request, form) = UninstallRequest::read_form(ctx)?;
    owner::check_items(ctx, &[key])?;
    let user = caller_key(ctx);
    let mut ledger = Ledger::open(ctx.conn, user, &[key])?;
    if ledger.item(key)?.belongs_to.is_none() {
        return Err(Error::non_field("This stock item is not installed in another one."));
    }
    ledger.uninstall(key, Some(request.location), &request.note)?;
    ledger.close()?;
    Ok(Answer::json(201, &form.echo(&UNINSTALL_VIEW)))
}

static CONVERT_VIEW: View =
    View::plain("ConvertStockItem", &[input("part", INT).links(&PART).required().help("New part.")]);

request! {
    struct ConvertRequest of CONVERT_VIEW {
        part: PartKey,
    } without []
}

pub(super) static CONVERT: Action = super::on_item("/api/stock/{id}/convert/", "stock_convert_create", convert)
    .request(Shape::Object(&CONVERT_VIEW))
    .response(201, Shape::Object(&CONVERT_VIEW))
    .help("Converts this stock item to another part of its family: a variant, the template, or a sibling.");

/// The name by which a part can become another: active, not virtual, below it, directly above it, or
/// below the same template.
const CONVERTIBLE: &str = sql!(
    "SELECT w.name FROM part_part p JOIN part_part w ON w.id = $2 WHERE p.id = $1 AND w.id <> p.id \
    AND w.active AND NOT w.virtual AND ((",
    below!("w", "p"),
    ") \
    OR w.id = p.variant_of OR w.variant_of = p.variant_of)"
);

row! {
    /// A stock item that is to become one of another part.
    struct ConvertedItem in ITEM as ItemKey {
        part: PartKey,
        supplier_part: Option<SupplierPartKey>,
        serial: Option<String>,
    } without [..]
}

fn convert(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let key = super::key(args)?;
    let item = row::one::<ConvertedItem>(ctx.conn, key)?.ok_or(Error::NotFound)?;
    let (request, form) = ConvertRequest::read_form(ctx)?;
    let part = request.part;
    let refuse = || Error::field("part", "This stock item cannot be converted to this part.");
    let found = ctx.conn.one(CONVERTIBLE, &[item.part.into(), part.into()])?.ok_or_else(refuse)?;
    let name = found.text(0).to_owned();
    if item.supplier_part.is_some() {
        return Err(Error::non_field("A stock item with a supplier part cannot be converted to another part."));
    }
    if let Some(serial) = item.serial.filter(|serial| !serial.is_empty()) {
        let doubled = "SELECT 1 FROM stock_stockitem WHERE part = $1 AND serial = $2";
        if ctx.conn.one(doubled, &[part.into(), serial.into()])?.is_some() {
            return Err(Error::field("part", "The part already has a stock item with this serial number."));
        }
    }
    owner::check_items(ctx, &[key])?;
    let user = caller_key(ctx);
    let mut ledger = Ledger::open(ctx.conn, user, &[key])?;
    ledger.convert(key, part, &format!("Converted to part: {name}"))?;
    ledger.close()?;
    Ok(Answer::json(201, &form.echo(&CONVERT_VIEW)))
}
