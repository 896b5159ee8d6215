//! Serializing stock items.

use ironwood_base::{Error, Quantity, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::Answer;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Action, Args, Shape};
use ironwood_rest::table::ColumnType;
use ironwood_rest::view::{INT, TEXT, Type, View, input};
use ironwood_rest::{request, selected};

use super::super::kernel::{Ledger, read_serials};
use super::super::{item, owner};
use crate::schema::keys::*;
use crate::schema::stock::LOCATION;

static VIEW: View = View::plain(
    "SerializeStockItem",
    &[
        input("quantity", Type::Of(ColumnType::Int { min: 0, max: i64::MAX })).required().help("Number of units."),
        input("serial_numbers", TEXT).required().help("Serial numbers, such as `1-10, 15, 20+5, ~`."),
        input("destination", INT).links(&LOCATION).required().label("Location").help("Destination location."),
        input("notes", TEXT).max(512).help("Note to record in the stock history."),
    ],
);

request! {
    struct SerialiseRequest of VIEW {
        quantity: i64,
        serial_numbers: String,
        destination: LocationKey,
        notes: String,
    } without []
}

pub(super) static SERIALISE: Action = super::on_item("/api/stock/{id}/serialize/", "stock_serialize_create", serialise)
    .request(Shape::Object(&VIEW))
    .response(201, Shape::List(&item::VIEW))
    .help("Serializes a stock item: creates items with serial numbers from its quantity.");

selected! {
    /// A stock item that is to get serial numbers.
    struct SerializableItem {
        part: PartKey = "p.id",
        trackable: bool = "p.trackable",
        there: Quantity = "s.quantity",
    }
}

fn serialise(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let id = super::key(args)?;
    let from = "FROM stock_stockitem s JOIN part_part p ON p.id = s.part WHERE s.id = $1";
    let SerializableItem { part, trackable, there } =
        selected::first(ctx.conn, from, &[id.into()])?.ok_or(Error::NotFound)?;
    let request = SerialiseRequest::read(ctx)?;
    let (pieces, destination) = (request.quantity, request.destination);
    if Quantity::whole(pieces).is_none_or(|wanted| wanted > there) {
        return Err(Error::field("quantity", "Quantity must not exceed the available quantity."));
    }
    if !trackable {
        return Err(Error::non_field("Part must be trackable for stock items with serial numbers."));
    }
    owner::check_items(ctx, &[id])?;
    let pieces = usize::try_from(pieces).unwrap_or(0);
    let serials = read_serials(ctx.conn, part, &request.serial_numbers, pieces)?;
    let user = caller_key(ctx);
    let mut ledger = Ledger::open(ctx.conn, user, &[id])?;
    ledger
        .check_location(destination)
        .map_err(|_| Error::field("destination", "A structural location cannot hold stock."))?;
    let new = ledger.serialise(id, &serials, Some(destination), &request.notes)?;
    ledger.close()?;
    super::made(ctx, &new)
}
