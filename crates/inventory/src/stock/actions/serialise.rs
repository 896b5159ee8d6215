//! Giving serial numbers to pieces of an item.

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::form;
use ironwood_rest::http::Answer;
use ironwood_rest::resource::{Action, Args, Shape};
use ironwood_rest::table::Kind;
use ironwood_rest::view::{INT, TEXT, Type, View, input};
use ironwood_store::Value;

use super::super::kernel::{Ledger, ONE, read_serials};
use super::super::tables::LOCATION;
use super::super::{item, owner};

static VIEW: View = View::plain(
    "SerializeStockItem",
    &[
        input("quantity", Type::Of(Kind::Int { min: 0, max: i64::MAX })).required().help("How many pieces."),
        input("serial_numbers", TEXT).required().help("Their serial numbers, as in `1-10, 15, 20+5, ~`."),
        input("destination", INT).links(&LOCATION).required().label("Location").help("Where they are then."),
        input("notes", TEXT).max(512).help("What the history says of it."),
    ],
);

pub(super) static SERIALISE: Action = super::on_item("/api/stock/{id}/serialize/", "stock_serialize_create", serialise)
    .request(Shape::Object(&VIEW))
    .response(201, Shape::List(&item::VIEW))
    .help("Makes items with serial numbers out of an item.");

fn serialise(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let id = super::key(args)?;
    let sql =
        "SELECT p.id, p.trackable, s.quantity FROM stock_stockitem s JOIN part_part p ON p.id = s.part WHERE s.id = $1";
    let row = ctx.conn.one(sql, &[Value::Int(id)])?.ok_or(Error::NotFound)?;
    let (part, trackable, there) = (row.int(0), row.bool(1), row.int(2));
    let form = form::read(ctx, &VIEW)?;
    let pieces = form.int("quantity").unwrap_or(0);
    if pieces.checked_mul(ONE).is_none_or(|wanted| wanted > there) {
        return Err(Error::field("quantity", "There is not that much of it."));
    }
    if !trackable {
        return Err(Error::non_field("Items of this part have no serial numbers."));
    }
    owner::check_items(ctx, &[id])?;
    let destination = form.int("destination").unwrap_or_default();
    let pieces = usize::try_from(pieces).unwrap_or(0);
    let serials = read_serials(ctx.conn, part, form.text("serial_numbers"), pieces)?;
    let mut ledger = Ledger::open(ctx.conn, ctx.caller.id().unwrap_or(0), &[id])?;
    ledger
        .check_location(destination)
        .map_err(|_| Error::field("destination", "A structural location holds no stock."))?;
    let new = ledger.serialise(id, &serials, Some(destination), form.text("notes"))?;
    ledger.close()?;
    super::made(ctx, &new)
}
