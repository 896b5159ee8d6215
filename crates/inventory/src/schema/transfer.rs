//! Tables: transfer orders.

use ironwood_base::key::KindOf;
use ironwood_base::{Key, Quantity};
use ironwood_rest::row;
use ironwood_rest::table::Default::Int;
use ironwood_rest::table::OnDelete::{Cascade, SetNull};
use ironwood_rest::table::{Table, date, flag, link, quantity};

use crate::schema::order::{self, AnyAllocation, AnyLine, line_row, order_row};
use crate::schema::part::{self, PartKey};
use crate::schema::stock::{self, ItemKey, LocationKey};

/// Transfer orders: stock that moves between locations.
pub static ORDER: Table = Table::new("order_transferorder", "order.transferorder")
    .label("Transfer order")
    .columns(&order::order::<4, 24>([
        link("take_from", &stock::LOCATION, SetNull).null(),
        link("destination", &stock::LOCATION, SetNull).null(),
        flag("consume", false),
        date("complete_date").null(),
    ]))
    .indexes(order::ORDER_INDEXES)
    .searched(&["reference", "description"]);

order_row! {
    /// A transfer order.
    pub struct Order in ORDER {
        pub take_from: Option<LocationKey>,
        pub destination: Option<LocationKey>,
        pub consume: bool,
        pub complete_date: Option<String>,
    }
}

/// Parts on transfer orders.
pub static LINE: Table = Table::new("order_transferorderlineitem", "order.transferorderlineitem")
    .label("Transfer order line")
    .columns(&order::line::<3, 13>([
        link("order", &ORDER, Cascade),
        link("part", &part::PART, SetNull).null(),
        quantity("transferred").default(Int(0)),
    ]))
    .searched(&["reference"]);

line_row! {
    /// A line of a transfer order.
    pub struct Line in LINE {
        pub order: TransferOrderKey,
        pub part: Option<PartKey>,
        pub transferred: Quantity,
    }
}

/// Stock that is allocated for transfer orders.
pub static ALLOCATION: Table = Table::new("order_transferorderallocation", "order.transferorderallocation").columns(&[
    link("line", &LINE, Cascade),
    link("item", &stock::ITEM, Cascade).only(
        "sales_order IS NULL AND belongs_to IS NULL AND part IN (SELECT p.id FROM part_part p WHERE NOT p.virtual)",
    ),
    quantity("quantity").default(Int(1)),
]);

row! {
    /// Stock that is allocated for a line of a transfer order.
    pub struct Allocation in ALLOCATION {
        pub line: TransferLineKey,
        pub item: ItemKey,
        pub quantity: Quantity,
    } without []
}

impl KindOf<AnyLine> for Line {}
impl KindOf<AnyAllocation> for Allocation {}

/// The key of a transfer order.
pub type TransferOrderKey = Key<Order>;
/// The key of a line of a transfer order.
pub type TransferLineKey = Key<Line>;
/// The key of an allocation for a transfer order.
pub type TransferAllocationKey = Key<Allocation>;
