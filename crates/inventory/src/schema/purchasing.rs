//! Tables: purchase orders.

use ironwood_base::key::KindOf;
use ironwood_base::{Key, Money, Quantity};
use ironwood_rest::table::Default::Int;
use ironwood_rest::table::OnDelete::{Cascade, SetNull};
use ironwood_rest::table::{Table, currency, date, decimal, link, money, text};

use crate::schema::build::{self, BuildKey};
use crate::schema::company::{self, CompanyKey, SupplierPartKey};
use crate::schema::order::{self, AnyLine, extra_line_row, line_row, order_row};
use crate::schema::stock::{self, LocationKey};
use crate::schema::users::{self, UserKey};

/// Purchase orders.
pub static ORDER: Table = Table::new("order_purchaseorder", "order.purchaseorder")
    .label("Purchase order")
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

order_row! {
    /// A purchase order.
    pub struct Order in ORDER {
        pub supplier: Option<CompanyKey>,
        pub supplier_reference: String,
        pub received_by: Option<UserKey>,
        pub complete_date: Option<String>,
        pub destination: Option<LocationKey>,
        pub total_price: Option<Money>,
        pub total_price_currency: String,
        pub order_currency: Option<String>,
    }
}

/// Parts on purchase orders.
pub static LINE: Table = Table::new("order_purchaseorderlineitem", "order.purchaseorderlineitem")
    .label("Purchase order line")
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

line_row! {
    /// A line of a purchase order.
    pub struct Line in LINE {
        pub order: PurchaseOrderKey,
        pub part: Option<SupplierPartKey>,
        pub received: Quantity,
        pub purchase_price: Option<Money>,
        pub purchase_price_currency: String,
        pub build_order: Option<BuildKey>,
        pub destination: Option<LocationKey>,
    }
}

/// What else is paid on purchase orders.
pub static EXTRA_LINE: Table = Table::new("order_purchaseorderextraline", "order.purchaseorderextraline")
    .label("Purchase order extra line")
    .columns(&order::extra_line(&ORDER));

extra_line_row! {
    /// What else is paid on a purchase order.
    pub struct ExtraLine in EXTRA_LINE of PurchaseOrderKey;
}

impl KindOf<AnyLine> for Line {}

/// The key of a purchase order.
pub type PurchaseOrderKey = Key<Order>;
/// The key of a line of a purchase order.
pub type PurchaseLineKey = Key<Line>;
