//! Allocation actions of transfer orders.

use ironwood_base::Quantity;
use ironwood_rest::http::Method;
use ironwood_rest::request;
use ironwood_rest::resource::{Access, Action, Shape, action};
use ironwood_rest::view::View;

use super::allocation_rules::ALLOCATION_RULES;
use crate::business::order::allocation_api::{self, ByItem, BySerial};
use crate::business::order::allocation_rules::{AllocationRequest, More};
use crate::schema::keys::*;
use crate::schema::transfer::LINE;

static ALLOCATION_ITEM: View = View::plain("TransferOrderAllocationItem", &allocation_api::item_fields(&LINE));
static ALLOCATION: View =
    View::plain("TransferOrderLineItemAllocation", &[allocation_api::requests_field(&ALLOCATION_ITEM)]);
static SERIALS: View = View::plain("TransferOrderSerialAllocation", &allocation_api::serials_fields(&LINE));

request! {
    struct ItemRequest of ALLOCATION_ITEM {
        line_item: TransferLineKey,
        stock_item: ItemKey,
        quantity: Quantity,
    } without []
}

request! {
    struct AllocateRequest of ALLOCATION {
        items: Vec<ItemRequest>,
    } without []
}

request! {
    struct SerialsRequest of SERIALS {
        line_item: TransferLineKey,
        quantity: i64,
        serial_numbers: String,
    } without []
}

impl From<AllocateRequest> for ByItem {
    fn from(request: AllocateRequest) -> Self {
        let requested = |row: ItemRequest| AllocationRequest {
            line: row.line_item.general(),
            item: row.stock_item,
            quantity: row.quantity,
        };
        ByItem { items: request.items.into_iter().map(requested).collect(), more: More::Nothing }
    }
}

impl From<SerialsRequest> for BySerial {
    fn from(request: SerialsRequest) -> Self {
        BySerial {
            line: request.line_item.general(),
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
    |ctx, args| allocation_api::by_item::<AllocateRequest>(ctx, args, &ALLOCATION_RULES),
)
.request(Shape::Object(&ALLOCATION))
.response(201, Shape::Object(&ALLOCATION))
.help("Allocates stock items to lines of a transfer order.");

/// `POST /api/order/transfer-order/{id}/allocate-serials/`.
pub(crate) static ALLOCATE_SERIALS: Action = action(
    Method::Post,
    "/api/order/transfer-order/{id}/allocate-serials/",
    "order_transfer_order_allocate_serials_create",
    Access::Table("order_transferorder"),
    |ctx, args| allocation_api::by_serial::<SerialsRequest>(ctx, args, &ALLOCATION_RULES),
)
.request(Shape::Object(&SERIALS))
.response(201, Shape::Object(&SERIALS))
.help("Allocates stock items with these serial numbers to a line of a transfer order.");
