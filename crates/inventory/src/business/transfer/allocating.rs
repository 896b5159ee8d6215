//! Allocation actions of transfer orders.

use std::collections::HashMap;

use ironwood_rest::http::Method;
use ironwood_rest::resource::{Access, Action, Shape, action};
use ironwood_rest::view::View;

use crate::business::order::allocating;
use crate::business::order::allocation::Allotment;
use crate::business::order::kind::TRANSFER;
use crate::business::stock::available::MOVABLE;
use crate::schema::transfer::{ALLOCATION, LINE};

/// How transfer orders set stock aside: whatever can be moved, in any condition.
pub static ALLOTMENT: Allotment = Allotment {
    kind: &TRANSFER,
    table: &ALLOCATION,
    claims: "z.status IN (10, 20, 25)",
    conditions: &[
        (MOVABLE, "This stock item is not in stock."),
        ("NOT p.virtual", "A virtual part cannot have stock."),
    ],
    barred: |_, _| Ok(HashMap::new()),
    more: |_, _, _| Ok(Vec::new()),
};

static WISH: View = View::plain("TransferOrderAllocationItem", &allocating::wish_fields(&LINE));
static WISHES: View = View::plain("TransferOrderLineItemAllocation", &[allocating::requests_field(&WISH)]);
static SERIALS: View = View::plain("TransferOrderSerialAllocation", &allocating::serials_fields(&LINE));

/// `POST /api/order/transfer-order/{id}/allocate/`.
pub static ALLOCATE: Action = action(
    Method::Post,
    "/api/order/transfer-order/{id}/allocate/",
    "order_transfer_order_allocate_create",
    Access::Table("order_transferorder"),
    |ctx, args| allocating::by_item(ctx, args, &ALLOTMENT, &WISHES),
)
.request(Shape::Object(&WISHES))
.response(201, Shape::Object(&WISHES))
.help("Allocates stock items to lines of a transfer order.");

/// `POST /api/order/transfer-order/{id}/allocate-serials/`.
pub static ALLOCATE_SERIALS: Action = action(
    Method::Post,
    "/api/order/transfer-order/{id}/allocate-serials/",
    "order_transfer_order_allocate_serials_create",
    Access::Table("order_transferorder"),
    |ctx, args| allocating::by_serial(ctx, args, &ALLOTMENT, &SERIALS),
)
.request(Shape::Object(&SERIALS))
.response(201, Shape::Object(&SERIALS))
.help("Allocates stock items with these serial numbers to a line of a transfer order.");
