//! Allocation actions of transfer orders.

use std::collections::HashMap;

use ironwood_base::Quantity;
use ironwood_base::status::TransferOrderStatus;
use ironwood_rest::http::Method;
use ironwood_rest::request;
use ironwood_rest::resource::{Access, Action, Shape, action};
use ironwood_rest::row::{self, TableRow};
use ironwood_rest::view::View;
use ironwood_store::sql;

use crate::business::order::allocating::{self, ByItem, BySerial};
use crate::business::order::allocation::{AllocationRequest, Allotment, More};
use crate::business::order::order_type::TRANSFER;
use crate::business::stock::available::MOVABLE;
use crate::schema::keys::*;
use crate::schema::transfer::{ALLOCATION, Allocation, LINE};

/// How transfer orders set stock aside: whatever can be moved, in any condition.
pub(crate) static ALLOTMENT: Allotment = Allotment {
    kind: &TRANSFER,
    table: &ALLOCATION,
    claims: sql!("z.status IN (", [..TransferOrderStatus::OPEN], ")"),
    conditions: &[
        (MOVABLE, "This stock item is not in stock."),
        ("NOT p.virtual", "A virtual part cannot have stock."),
    ],
    barred: |_, _| Ok(HashMap::new()),
    check: |_, _, _| Ok(()),
    insert: |conn, requests, _| {
        let row = |request: &AllocationRequest| Allocation {
            line: request.line,
            item: request.item.id(),
            quantity: request.quantity,
            ..Allocation::fresh()
        };
        let rows: Vec<Allocation> = requests.iter().map(row).collect();
        row::insert::<Allocation>(conn, &rows)
    },
};

static WISH: View = View::plain("TransferOrderAllocationItem", &allocating::wish_fields(&LINE));
static WISHES: View = View::plain("TransferOrderLineItemAllocation", &[allocating::requests_field(&WISH)]);
static SERIALS: View = View::plain("TransferOrderSerialAllocation", &allocating::serials_fields(&LINE));

request! {
    struct WishRequest of WISH {
        line_item: i64,
        stock_item: ItemKey,
        quantity: Quantity,
    } without []
}

request! {
    struct WishesRequest of WISHES {
        items: Vec<WishRequest>,
    } without []
}

request! {
    struct SerialsRequest of SERIALS {
        line_item: i64,
        quantity: i64,
        serial_numbers: String,
    } without []
}

impl From<WishesRequest> for ByItem {
    fn from(request: WishesRequest) -> Self {
        let requested =
            |row: WishRequest| AllocationRequest { line: row.line_item, item: row.stock_item, quantity: row.quantity };
        ByItem { items: request.items.into_iter().map(requested).collect(), more: More::Nothing }
    }
}

impl From<SerialsRequest> for BySerial {
    fn from(request: SerialsRequest) -> Self {
        BySerial {
            line: request.line_item,
            quantity: request.quantity,
            serial_numbers: request.serial_numbers,
            more: More::Nothing,
        }
    }
}

/// `POST /api/order/transfer-order/{id}/allocate/`.
pub(crate) static ALLOCATE: Action = action(
    Method::Post,
    "/api/order/transfer-order/{id}/allocate/",
    "order_transfer_order_allocate_create",
    Access::Table("order_transferorder"),
    |ctx, args| allocating::by_item::<WishesRequest>(ctx, args, &ALLOTMENT),
)
.request(Shape::Object(&WISHES))
.response(201, Shape::Object(&WISHES))
.help("Allocates stock items to lines of a transfer order.");

/// `POST /api/order/transfer-order/{id}/allocate-serials/`.
pub(crate) static ALLOCATE_SERIALS: Action = action(
    Method::Post,
    "/api/order/transfer-order/{id}/allocate-serials/",
    "order_transfer_order_allocate_serials_create",
    Access::Table("order_transferorder"),
    |ctx, args| allocating::by_serial::<SerialsRequest>(ctx, args, &ALLOTMENT),
)
.request(Shape::Object(&SERIALS))
.response(201, Shape::Object(&SERIALS))
.help("Allocates stock items with these serial numbers to a line of a transfer order.");
