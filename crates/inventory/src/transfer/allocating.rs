//! Actions that set stock aside for transfer orders.

use ironwood_base::error::Fields;
use ironwood_base::{Error, Result, decimal, serial};
use ironwood_rest::context::Context;
use ironwood_rest::form::{self, RowFaults};
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::table::Kind;
use ironwood_rest::view::{INT, TEXT, Type, View, input};
use serde_json::{Value as Json, json};

use super::allocate::{self, Wish};
use super::tables::LINE;
use crate::order::kind::TRANSFER;
use crate::order::states::{self, Standing, is_open};
use crate::stock::serial::{latest, next_after};
use crate::stock::tables::ITEM;

fn refuse_closed(order: Standing) -> Result<()> {
    if is_open(order.status) { Ok(()) } else { Err(Error::non_field("Stock is allocated to open orders only.")) }
}

static WISH: View = View::plain(
    "TransferOrderAllocationItem",
    &[
        input("line_item", INT).links(&LINE).required().help("The line of the order."),
        input("stock_item", INT).links(&ITEM).required().help("The stock item."),
        input("quantity", Type::Of(Kind::Decimal { places: 5, digits: 15 }))
            .as_text()
            .required()
            .help("How much of it."),
    ],
);
static WISHES: View = View::plain(
    "TransferOrderLineItemAllocation",
    &[input("items", Type::List(&WISH)).required().help("What is set aside.")],
);

/// `POST /api/order/transfer-order/{id}/allocate/`.
pub static ALLOCATE: Action = action(
    Method::Post,
    "/api/order/transfer-order/{id}/allocate/",
    "order_transfer_order_allocate_create",
    Access::Table("order_transferorder"),
    by_item,
)
.request(Shape::Object(&WISHES))
.response(201, Shape::Object(&WISHES))
.help("Sets stock items aside for lines of a transfer order.");

fn by_item(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let order = states::standing(ctx.conn, &TRANSFER, args)?;
    let form = form::read(ctx, &WISHES)?;
    let wishes: Vec<Wish> = form
        .rows("items")
        .iter()
        .map(|row| {
            let value = |name: &str| row.int(name).unwrap_or(0);
            Wish { line: value("line_item"), item: value("stock_item"), quantity: value("quantity") }
        })
        .collect();
    if wishes.is_empty() {
        return Err(Error::non_field("Nothing is named that could be allocated."));
    }
    refuse_closed(order)?;
    let mut faults = RowFaults::new("items", wishes.len());
    for (row, field, message) in allocate::faults(ctx.conn, order.id, &wishes, None)? {
        faults.add(row, field, message);
    }
    faults.check()?;
    allocate::write(ctx.conn, &wishes)?;
    let items: Vec<Json> = wishes
        .iter()
        .map(|wish| {
            let quantity = decimal::to_string(wish.quantity, decimal::QUANTITY);
            json!({"line_item": wish.line, "stock_item": wish.item, "quantity": quantity})
        })
        .collect();
    Ok(Answer::json(201, &json!({"items": items})))
}

/// Most pieces in one request.
const MOST: i64 = serial::MOST as i64;

static SERIALS: View = View::plain(
    "TransferOrderSerialAllocation",
    &[
        input("line_item", INT).links(&LINE).required().help("The line of the order."),
        input("quantity", Type::Of(Kind::Int { min: 1, max: MOST })).required().help("How many pieces."),
        input("serial_numbers", TEXT).required().help("Their serial numbers, as in `1-10, 15`."),
    ],
);

/// `POST /api/order/transfer-order/{id}/allocate-serials/`.
pub static ALLOCATE_SERIALS: Action = action(
    Method::Post,
    "/api/order/transfer-order/{id}/allocate-serials/",
    "order_transfer_order_allocate_serials_create",
    Access::Table("order_transferorder"),
    by_serial,
)
.request(Shape::Object(&SERIALS))
.response(201, Shape::Object(&SERIALS))
.help("Sets pieces with these serial numbers aside for a line of a transfer order.");

fn by_serial(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let order = states::standing(ctx.conn, &TRANSFER, args)?;
    let form = form::read(ctx, &SERIALS)?;
    let line = form.int("line_item").unwrap_or(0);
    let part = allocate::part_of(ctx.conn, order.id, line)?;
    refuse_closed(order)?;
    let quantity = form.int("quantity").unwrap_or(0);
    let next = next_after(latest(ctx.conn, part)?.as_deref());
    let pieces = usize::try_from(quantity).unwrap_or(0);
    let serials = serial::parse(form.text("serial_numbers"), pieces, &next).map_err(|faults| {
        let mut fields = Fields::new();
        faults.iter().for_each(|fault| fields.add("serial_numbers", fault));
        Error::Invalid(fields)
    })?;
    allocate::serials(ctx.conn, order.id, line, &serials)?;
    Ok(Answer::json(
        201,
        &json!({"line_item": line, "quantity": quantity, "serial_numbers": form.text("serial_numbers")}),
    ))
}
