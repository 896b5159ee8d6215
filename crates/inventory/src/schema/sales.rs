//! Tables: sales orders.

use ironwood_base::key::KindOf;
use ironwood_base::{Key, Money, Quantity};
use ironwood_rest::row;
use ironwood_rest::table::Default::{Int, Text};
use ironwood_rest::table::OnDelete::{Cascade, SetNull};
use ironwood_rest::table::{Table, currency, date, json, link, money, quantity, text, url};

use crate::schema::company::{self, AddressKey, CompanyKey};
use crate::schema::order::{self, AnyAllocation, AnyLine, extra_line_row, line_row, order_row};
use crate::schema::part::{self, PartKey};
use crate::schema::stock::{self, ItemKey};
use crate::schema::users::{self, UserKey};

/// Sales orders.
pub static ORDER: Table = Table::new("order_salesorder", "order.salesorder")
    .label("Sales order")
    .columns(&order::order::<7, 27>([
        link("customer", &company::COMPANY, SetNull).only("is_customer").null(),
        text("customer_reference", 64).blank(),
        date("shipment_date").null(),
        link("shipped_by", &users::USER, SetNull).null(),
        money("total_price").null(),
        currency("total_price_currency"),
        text("order_currency", 3).null().blank(),
    ]))
    .indexes(order::ORDER_INDEXES)
    .searched(&["reference", "description", "customer_reference"]);

order_row! {
    /// A sales order.
    pub struct Order in ORDER {
        pub customer: Option<CompanyKey>,
        pub customer_reference: String,
        pub shipment_date: Option<String>,
        pub shipped_by: Option<UserKey>,
        pub total_price: Option<Money>,
        pub total_price_currency: String,
        pub order_currency: Option<String>,
    }
}

/// Parts on sales orders.
pub static LINE: Table = Table::new("order_salesorderlineitem", "order.salesorderlineitem")
    .label("Sales order line")
    .columns(&order::line::<5, 15>([
        link("order", &ORDER, Cascade),
        link("part", &part::PART, SetNull).only("salable").null(),
        money("sale_price").null(),
        currency("sale_price_currency"),
        quantity("shipped").default(Int(0)),
    ]))
    .searched(&["reference"]);

line_row! {
    /// A line of a sales order.
    pub struct Line in LINE {
        pub order: SalesOrderKey,
        pub part: Option<PartKey>,
        pub sale_price: Option<Money>,
        pub sale_price_currency: String,
        pub shipped: Quantity,
    }
}

/// What else is charged on sales orders.
pub static EXTRA_LINE: Table = Table::new("order_salesorderextraline", "order.salesorderextraline")
    .label("Sales order extra line")
    .columns(&order::extra_line(&ORDER));

extra_line_row! {
    /// What else is paid on a sales order.
    pub struct ExtraLine in EXTRA_LINE of SalesOrderKey;
}

/// Parcels of sales orders.
pub static SHIPMENT: Table = Table::new("order_salesordershipment", "order.salesordershipment")
    .label("Shipment")
    .columns(&[
        link("order", &ORDER, Cascade),
        link("shipment_address", &company::ADDRESS, SetNull).null(),
        date("shipment_date").null(),
        date("delivery_date").null(),
        link("checked_by", &users::USER, SetNull).null(),
        text("reference", 100).default(Text("1")),
        text("tracking_number", 100).blank(),
        text("invoice_number", 100).blank(),
        url("link", 2000).blank(),
        text("notes", 50_000).null().blank().markdown().searched_if("search_notes", "{notes}"),
        text("barcode_data", 500).blank(),
        text("barcode_hash", 128).blank(),
        json("metadata").null().filled("{}"),
    ])
    .unique(&[&["order", "reference"]])
    .indexes(&[&["barcode_hash"]])
    .searched(&["reference", "tracking_number", "invoice_number"]);

row! {
    /// A parcel of a sales order.
    pub struct Shipment in SHIPMENT {
        pub order: SalesOrderKey,
        pub shipment_address: Option<AddressKey>,
        pub shipment_date: Option<String>,
        pub delivery_date: Option<String>,
        pub checked_by: Option<UserKey>,
        pub reference: String,
        pub tracking_number: String,
        pub invoice_number: String,
        pub link: String,
        pub notes: Option<String>,
        pub barcode_data: String,
        pub barcode_hash: String,
        pub metadata: Option<String>,
    } without []
}

/// Stock that is allocated for sales orders.
pub static ALLOCATION: Table = Table::new("order_salesorderallocation", "order.salesorderallocation").columns(&[
    link("line", &LINE, Cascade),
    link("shipment", &SHIPMENT, Cascade).null(),
    link("item", &stock::ITEM, Cascade).only("sales_order IS NULL AND belongs_to IS NULL AND part IN (SELECT p.id FROM part_part p WHERE p.salable AND NOT p.virtual)"),
    quantity("quantity").default(Int(1)),
]);

row! {
    /// Stock that is allocated for a line of a sales order.
    pub struct Allocation in ALLOCATION {
        pub line: SalesLineKey,
        pub shipment: Option<ShipmentKey>,
        pub item: ItemKey,
        pub quantity: Quantity,
    } without []
}

impl KindOf<AnyLine> for Line {}
impl KindOf<AnyAllocation> for Allocation {}

/// The key of a sales order.
pub type SalesOrderKey = Key<Order>;
/// The key of a line of a sales order.
pub type SalesLineKey = Key<Line>;
/// The key of a shipment.
pub type ShipmentKey = Key<Shipment>;
/// The key of an allocation for a sales order.
pub type SalesAllocationKey = Key<Allocation>;
