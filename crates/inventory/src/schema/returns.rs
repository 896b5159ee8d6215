//! Tables: return orders.

use ironwood_base::key::KindOf;
use ironwood_base::status::ReturnOutcome;
use ironwood_base::{Key, Money};
use ironwood_rest::table::Default::Int;
use ironwood_rest::table::OnDelete::{Cascade, SetNull};
use ironwood_rest::table::{Table, currency, date, link, money, natural, text};

use crate::schema::company::{self, CompanyKey};
use crate::schema::order::{self, AnyLine, extra_line_row, line_row, order_row};
use crate::schema::stock::{self, ItemKey};

/// Return orders.
pub static ORDER: Table = Table::new("order_returnorder", "order.returnorder")
    .label("Return order")
    .columns(&order::order::<6, 26>([
        link("customer", &company::COMPANY, SetNull).only("is_customer").null(),
        text("customer_reference", 64).blank(),
        date("complete_date").null(),
        money("total_price").null(),
        currency("total_price_currency"),
        text("order_currency", 3).null().blank(),
    ]))
    .indexes(order::ORDER_INDEXES)
    .searched(&["reference", "description", "customer_reference"]);

order_row! {
    /// A return order.
    pub struct Order in ORDER {
        pub customer: Option<CompanyKey>,
        pub customer_reference: String,
        pub complete_date: Option<String>,
        pub total_price: Option<Money>,
        pub total_price_currency: String,
        pub order_currency: Option<String>,
    }
}

/// Stock items on return orders.
pub static LINE: Table = Table::new("order_returnorderlineitem", "order.returnorderlineitem")
    .label("Return order line")
    .columns(&order::line::<7, 17>([
        link("order", &ORDER, Cascade),
        link("item", &stock::ITEM, Cascade),
        date("received_date").null(),
        natural("outcome").default(Int(ReturnOutcome::PENDING.key())),
        natural("outcome_custom_key").null(),
        money("price").null(),
        currency("price_currency"),
    ]))
    .unique(&[&["order", "item"]])
    .searched(&["reference"]);

line_row! {
    /// A line of a return order.
    pub struct Line in LINE {
        pub order: ReturnOrderKey,
        pub item: ItemKey,
        pub received_date: Option<String>,
        pub outcome: ReturnOutcome,
        pub outcome_custom_key: Option<i64>,
        pub price: Option<Money>,
        pub price_currency: String,
    }
}

/// What else is charged on return orders.
pub static EXTRA_LINE: Table = Table::new("order_returnorderextraline", "order.returnorderextraline")
    .label("Return order extra line")
    .columns(&order::extra_line(&ORDER));

extra_line_row! {
    /// What else is paid on a return order.
    pub struct ExtraLine in EXTRA_LINE of ReturnOrderKey;
}

impl KindOf<AnyLine> for Line {}

/// The key of a return order.
pub type ReturnOrderKey = Key<Order>;
/// The key of a line of a return order.
pub type ReturnLineKey = Key<Line>;
