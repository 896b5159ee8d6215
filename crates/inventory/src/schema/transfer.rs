//! Tables: transfer orders.

use ironwood_base::Quantity;
use ironwood_rest::row;
use ironwood_rest::table::Default::Int;
use ironwood_rest::table::OnDelete::{Cascade, SetNull};
use ironwood_rest::table::{Table, date, flag, link, quantity};

use crate::schema::order::{self, line_row, order_row};
use crate::schema::part;
use crate::schema::stock;

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
        pub take_from: Option<i64>,
        pub destination: Option<i64>,
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
        pub order: i64,
        pub part: Option<i64>,
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
        pub line: i64,
        pub item: i64,
        pub quantity: Quantity,
    } without []
}
