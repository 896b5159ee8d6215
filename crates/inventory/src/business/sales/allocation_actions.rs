//! Allocation actions of sales orders.

use ironwood_base::{Error, Quantity, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::segments::{concat, count};
use ironwood_rest::view::{BOOL, Field, INT, TEXT, Type, View, input};
use serde_json::json;

use super::allocation_rules::{ALLOCATION_RULES, check_shipment};
use super::auto_allocation::{AllocationOptions, allocate_automatically};
use crate::business::order::allocation_api::{self, ByItem, BySerial};
use crate::business::order::allocation_rules::{AllocationRequest, More};
use crate::business::order::order_type::SALES;
use crate::business::order::states;
use crate::business::stock::shortage;
use crate::schema::keys::*;
use crate::schema::sales::{LINE, SHIPMENT};
use crate::schema::stock::LOCATION;

const SHIPMENT_FIELD: Field =
    input("shipment", INT).links(&SHIPMENT).nullable().help("A shipment of this order that has not been shipped yet.");

static ALLOCATION_ITEM: View = View::plain("SalesOrderShipmentAllocationItem", &allocation_api::item_fields(&LINE));
static ALLOCATION: View =
    View::plain("SalesOrderShipmentAllocation", &[allocation_api::requests_field(&ALLOCATION_ITEM), SHIPMENT_FIELD]);

/// `POST /api/order/so/{id}/allocate/`.
pub(crate) static ALLOCATE: Action = action(
    Method::Post,
    "/api/order/so/{id}/allocate/",
    "order_so_allocate_create",
    Access::Table("order_salesorder"),
    |ctx, args| allocation_api::by_item::<AllocateRequest>(ctx, args, &ALLOCATION_RULES),
)
.request(Shape::Object(&ALLOCATION))
.response(201, Shape::Object(&ALLOCATION))
.help("Allocates stock items to lines of a sales order.");

const SERIALS_SEGMENTS: &[&[Field]] = &[&allocation_api::serials_fields(&LINE), &[SHIPMENT_FIELD]];
static SERIALS_FIELDS: [Field; count(SERIALS_SEGMENTS)] = concat(SERIALS_SEGMENTS);
static SERIALS: View = View::plain("SalesOrderSerialAllocation", &SERIALS_FIELDS);

request! {
    struct ItemRequest of ALLOCATION_ITEM {
        line_item: SalesLineKey,
        stock_item: ItemKey,
        quantity: Quantity,
    } without []
}

request! {
    struct AllocateRequest of ALLOCATION {
        items: Vec<ItemRequest>,
        shipment: Option<ShipmentKey>,
    } without []
}

request! {
    struct SerialsRequest of SERIALS {
        line_item: SalesLineKey,
        quantity: i64,
        serial_numbers: String,
        shipment: Option<ShipmentKey>,
    } without []
}

impl From<AllocateRequest> for ByItem {
    fn from(request: AllocateRequest) -> Self {
        let requested = |row: ItemRequest| AllocationRequest {
            line: row.line_item.general(),
            item: row.stock_item,
            quantity: row.quantity,
        };
        ByItem { items: request.items.into_iter().map(requested).collect(), more: More::Shipment(request.shipment) }
    }
}

impl From<SerialsRequest> for BySerial {
    fn from(request: SerialsRequest) -> Self {
        BySerial {
            line: request.line_item.general(),
            quantity: request.quantity,
            serial_numbers: request.serial_numbers,
            more: More::Shipment(request.shipment),
        }
    }
}

/// `POST /api/order/so/{id}/allocate-serials/`.
pub(crate) static ALLOCATE_SERIALS: Action = action(
    Method::Post,
    "/api/order/so/{id}/allocate-serials/",
    "order_so_allocate_serials_create",
    Access::Table("order_salesorder"),
    |ctx, args| allocation_api::by_serial::<SerialsRequest>(ctx, args, &ALLOCATION_RULES),
)
.request(Shape::Object(&SERIALS))
.response(201, Shape::Object(&SERIALS))
.help("Allocates stock items with these serial numbers to a line of a sales order.");

const SORTINGS: &[(&str, &str)] = &[
    ("updated", "Oldest update first"),
    ("-updated", "Latest update first"),
    ("quantity", "Smallest quantity first"),
    ("-quantity", "Largest quantity first"),
    ("expiry_date", "Earliest expiry first"),
];
const SERIALISED: &[(&str, &str)] =
    &[("any", "With or without serial number"), ("serialized", "With serial number"), ("unserialized", "Without")];

static AUTOMATIC: View = View::plain(
    "SalesOrderAutoAllocation",
    &[
        input("location", INT)
            .label("Source Location")
            .links(&LOCATION)
            .nullable()
            .help("Only use stock in this location and below."),
        input("exclude_location", INT).links(&LOCATION).nullable().help("Do not use stock in this location and below."),
        SHIPMENT_FIELD,
        input("interchangeable", BOOL)
            .label("Interchangeable Stock")
            .default("true")
            .help("Allow a line to be filled from several stock items."),
        input("stock_sort_by", TEXT)
            .label("Stock Priority")
            .choices(SORTINGS)
            .default("\"updated\"")
            .help("Order in which stock is allocated."),
        input("serialized_stock", TEXT)
            .choices(SERIALISED)
            .default("\"any\"")
            .help("Allocate stock with serial numbers, without, or both."),
        input("line_items", Type::Ints).links(&LINE).help("Lines to allocate. If empty, all lines of the order."),
    ],
);

request! {
    struct AutomaticRequest of AUTOMATIC {
        location: Option<LocationKey>,
        exclude_location: Option<LocationKey>,
        shipment: Option<ShipmentKey>,
        interchangeable: bool,
        stock_sort_by: String,
        serialized_stock: String,
        line_items: Vec<SalesLineKey>,
    } without []
}

/// `POST /api/order/so/{id}/auto-allocate/`.
pub(crate) static AUTO_ALLOCATE: Action = action(
    Method::Post,
    "/api/order/so/{id}/auto-allocate/",
    "order_so_auto_allocate_create",
    Access::Table("order_salesorder"),
    automatically,
)
.request(Shape::Object(&AUTOMATIC))
.response(200, Shape::Object(&shortage::VIEW))
.help(
    "Allocates available stock to the lines of a sales order. Reports the allocated quantities and the reasons for \
    any shortage.",
);

fn automatically(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let standing = states::current_state(ctx.conn, &SALES, args)?;
    let order: SalesOrderKey = standing.id.of_kind();
    let request = AutomaticRequest::read(ctx)?;
    let shipment = request.shipment;
    if let Some(shipment) = shipment {
        check_shipment(ctx.conn, order, shipment)?;
    }
    let lines = request.line_items;
    let of_any_kind: Vec<LineKey> = lines.iter().map(|line| line.general()).collect();
    if !ALLOCATION_RULES.are_lines_of(ctx.conn, standing.id, &of_any_kind)? {
        return Err(Error::field("line_items", "Some of these lines do not belong to the order."));
    }
    allocation_api::refuse_closed(standing)?;
    let options = AllocationOptions {
        location: request.location,
        exclude_location: request.exclude_location,
        interchangeable: request.interchangeable,
        sort: request.stock_sort_by,
        serialised: match request.serialized_stock.as_str() {
            "serialized" => Some(true),
            "unserialized" => Some(false),
            _ => None,
        },
        lines,
    };
    let (lines, supply) = allocate_automatically(ctx.conn, order, &options, shipment)?;
    shortage::answer(ctx, "order.auto_allocate", &json!({"order": order}), &lines, &supply)
}
