//! Actions that set stock aside for sales orders.

use ironwood_base::error::Fields;
use ironwood_base::{Error, Result, decimal, serial};
use ironwood_rest::context::Context;
use ironwood_rest::form::{self, RowFaults};
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::table::Kind;
use ironwood_rest::view::{BOOL, Field, INT, TEXT, Type, View, input};
use serde_json::{Value as Json, json};

use super::allocate::{self, Choice, Wish};
use super::tables::{LINE, SHIPMENT};
use super::task;
use crate::order::kind::SALES;
use crate::order::states::{self, Standing, is_open};
use crate::stock::serial::{latest, next_after};
use crate::stock::tables::{ITEM, LOCATION};

const SHIPMENT_FIELD: Field =
    input("shipment", INT).links(&SHIPMENT).nullable().help("A shipment of the order that has not been sent.");

/// The order that an address names; what is closed takes no stock.
fn open_order(ctx: &mut Context<'_>, args: &Args) -> Result<Standing> {
    states::standing(ctx.conn, &SALES, args)
}

fn refuse_closed(order: Standing) -> Result<()> {
    if is_open(order.status) { Ok(()) } else { Err(Error::non_field("Stock is allocated to open orders only.")) }
}

static WISH: View = View::plain(
    "SalesOrderShipmentAllocationItem",
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
    "SalesOrderShipmentAllocation",
    &[input("items", Type::List(&WISH)).required().help("What is set aside."), SHIPMENT_FIELD],
);

/// `POST /api/order/so/{id}/allocate/`.
pub static ALLOCATE: Action = action(
    Method::Post,
    "/api/order/so/{id}/allocate/",
    "order_so_allocate_create",
    Access::Table("order_salesorder"),
    by_item,
)
.request(Shape::Object(&WISHES))
.response(201, Shape::Object(&WISHES))
.help("Sets stock items aside for lines of a sales order.");

fn by_item(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let order = open_order(ctx, args)?;
    let form = form::read(ctx, &WISHES)?;
    let wishes: Vec<Wish> = form
        .rows("items")
        .iter()
        .map(|row| {
            let value = |name: &str| row.int(name).unwrap_or(0);
            Wish { line: value("line_item"), item: value("stock_item"), quantity: value("quantity") }
        })
        .collect();
    let shipment = form.int("shipment");
    if let Some(shipment) = shipment {
        allocate::check_shipment(ctx.conn, order.id, shipment)?;
    }
    if wishes.is_empty() {
        return Err(Error::non_field("Nothing is named that could be allocated."));
    }
    refuse_closed(order)?;
    let mut faults = RowFaults::new("items", wishes.len());
    for (row, field, message) in allocate::faults(ctx.conn, order.id, &wishes, None)? {
        faults.add(row, field, message);
    }
    faults.check()?;
    allocate::write(ctx.conn, &wishes, shipment)?;
    let items: Vec<Json> = wishes
        .iter()
        .map(|wish| {
            let quantity = decimal::to_string(wish.quantity, decimal::QUANTITY);
            json!({"line_item": wish.line, "stock_item": wish.item, "quantity": quantity})
        })
        .collect();
    Ok(Answer::json(201, &json!({"items": items, "shipment": shipment})))
}

/// Most pieces in one request.
const MOST: i64 = serial::MOST as i64;

static SERIALS: View = View::plain(
    "SalesOrderSerialAllocation",
    &[
        input("line_item", INT).links(&LINE).required().help("The line of the order."),
        input("quantity", Type::Of(Kind::Int { min: 1, max: MOST })).required().help("How many pieces."),
        input("serial_numbers", TEXT).required().help("Their serial numbers, as in `1-10, 15`."),
        SHIPMENT_FIELD,
    ],
);

/// `POST /api/order/so/{id}/allocate-serials/`.
pub static ALLOCATE_SERIALS: Action = action(
    Method::Post,
    "/api/order/so/{id}/allocate-serials/",
    "order_so_allocate_serials_create",
    Access::Table("order_salesorder"),
    by_serial,
)
.request(Shape::Object(&SERIALS))
.response(201, Shape::Object(&SERIALS))
.help("Sets pieces with these serial numbers aside for a line of a sales order.");

fn by_serial(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let order = open_order(ctx, args)?;
    let form = form::read(ctx, &SERIALS)?;
    let (line, shipment) = (form.int("line_item").unwrap_or(0), form.int("shipment"));
    let part = allocate::part_of(ctx.conn, order.id, line)?;
    if let Some(shipment) = shipment {
        allocate::check_shipment(ctx.conn, order.id, shipment)?;
    }
    refuse_closed(order)?;
    let quantity = form.int("quantity").unwrap_or(0);
    let next = next_after(latest(ctx.conn, part)?.as_deref());
    let serials = serial::parse(form.text("serial_numbers"), usize::try_from(quantity).unwrap_or(0), &next).map_err(
        |faults| {
            let mut fields = Fields::new();
            faults.iter().for_each(|fault| fields.add("serial_numbers", fault));
            Error::Invalid(fields)
        },
    )?;
    allocate::serials(ctx.conn, order.id, line, &serials, shipment)?;
    let mut answer = json!({"line_item": line, "quantity": quantity, "serial_numbers": form.text("serial_numbers")});
    if form.has("shipment") {
        answer["shipment"] = shipment.into();
    }
    Ok(Answer::json(201, &answer))
}

const SORTINGS: &[(&str, &str)] = &[
    ("updated", "Oldest change first"),
    ("-updated", "Newest change first"),
    ("quantity", "Small quantities first"),
    ("-quantity", "Large quantities first"),
    ("expiry_date", "What expires first"),
];
const SERIALISED: &[(&str, &str)] =
    &[("any", "With or without serial number"), ("serialized", "With serial number"), ("unserialized", "Without")];

static AUTOMATIC: View = View::plain(
    "SalesOrderAutoAllocation",
    &[
        input("location", INT).links(&LOCATION).nullable().help("Only stock here, or further below."),
        input("exclude_location", INT).links(&LOCATION).nullable().help("No stock from here, or further below."),
        SHIPMENT_FIELD,
        input("interchangeable", BOOL).default("true").help("A line may be filled from several items."),
        input("stock_sort_by", TEXT).choices(SORTINGS).default("\"updated\"").help("Which stock goes first."),
        input("serialized_stock", TEXT)
            .choices(SERIALISED)
            .default("\"any\"")
            .help("Stock with or without serial numbers."),
        input("line_items", Type::Ints).links(&LINE).help("Only these lines of the order."),
    ],
);

/// `POST /api/order/so/{id}/auto-allocate/`.
pub static AUTO_ALLOCATE: Action = action(
    Method::Post,
    "/api/order/so/{id}/auto-allocate/",
    "order_so_auto_allocate_create",
    Access::Table("order_salesorder"),
    automatically,
)
.request(Shape::Object(&AUTOMATIC))
.response(200, Shape::Object(&task::VIEW))
.help("Sets free stock aside for the lines of a sales order.");

fn automatically(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let order = open_order(ctx, args)?;
    let form = form::read(ctx, &AUTOMATIC)?;
    let shipment = form.int("shipment");
    if let Some(shipment) = shipment {
        allocate::check_shipment(ctx.conn, order.id, shipment)?;
    }
    let lines = form.ints("line_items");
    if !allocate::are_lines_of(ctx.conn, order.id, &lines)? {
        return Err(Error::field("line_items", "Some of these are no lines of the order."));
    }
    refuse_closed(order)?;
    let choice = Choice {
        location: form.int("location"),
        exclude_location: form.int("exclude_location"),
        interchangeable: form.flag("interchangeable", true),
        sort: form.text("stock_sort_by").to_owned(),
        serialised: match form.text("serialized_stock") {
            "serialized" => Some(true),
            "unserialized" => Some(false),
            _ => None,
        },
        lines,
    };
    allocate::automatically(ctx.conn, order.id, &choice, shipment)?;
    Ok(task::done())
}
