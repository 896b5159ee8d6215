//! Tables: purchase orders.

use ironwood_rest::table::Default::Int;
use ironwood_rest::table::OnDelete::{Cascade, SetNull};
use ironwood_rest::table::{Table, currency, date, decimal, link, money, text};

use crate::schema::build;
use crate::schema::company;
use crate::schema::order;
use crate::schema::stock;
use crate::schema::users;

/// Purchase orders.
pub static ORDER: Table = Table::new("order_purchaseorder", "order.purchaseorder")
    .columns(&order::order::<8, 28>([
        link("supplier", &company::COMPANY, SetNull).only("is_supplier").null(),
        text("supplier_reference", 64).blank(),
        link("received_by", &users::USER, SetNull).null(),
        date("complete_date").null(),
        link("destination", &stock::LOCATION, SetNull).null(),
        money("total_price").null(),
        currency("total_price_currency"),
        text("order_currency", 3).null().blank(),
    ]))
    .indexes(order::ORDER_INDEXES)
    .searched(&["reference", "description", "supplier_reference"]);

/// Parts on purchase orders.
pub static LINE: Table = Table::new("order_purchaseorderlineitem", "order.purchaseorderlineitem")
    .columns(&order::line::<7, 17>([
        link("order", &ORDER, Cascade),
        link("part", &company::SUPPLIER_PART, SetNull).null(),
        decimal("received", 15, 5).default(Int(0)),
        money("purchase_price").null(),
        currency("purchase_price_currency"),
        link("build_order", &build::BUILD, SetNull).only("external").null(),
        link("destination", &stock::LOCATION, SetNull).null(),
    ]))
    .searched(&["reference"]);

/// What else is paid on purchase orders.
pub static EXTRA_LINE: Table =
    Table::new("order_purchaseorderextraline", "order.purchaseorderextraline").columns(&order::extra_line(&ORDER));
