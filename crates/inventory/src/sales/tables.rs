//! Tables: sales orders.

use ironwood_rest::table::Default::{Int, Text};
use ironwood_rest::table::OnDelete::{Cascade, SetNull};
use ironwood_rest::table::{
    Table, currency, date, decimal, int, json, link, money, natural, quantity, text, time, url,
};

use crate::common::tables as common;
use crate::company::tables as company;
use crate::part::tables as part;
use crate::stock::tables as stock;
use crate::users::tables as users;

/// Sales orders.
pub static ORDER: Table = Table::new("order_salesorder", "order.salesorder")
    .columns(&[
        text("reference", 64).unique(),
        link("customer", &company::COMPANY, SetNull).only("is_customer").null(),
        natural("status").default(Int(10)),
        natural("status_custom_key").null(),
        text("customer_reference", 64).blank(),
        date("shipment_date").null(),
        link("shipped_by", &users::USER, SetNull).null(),
        money("total_price").null(),
        currency("total_price_currency"),
        text("order_currency", 3).null().blank(),
        text("description", 250).blank(),
        link("project_code", &common::PROJECT_CODE, SetNull).null(),
        url("link", 2000).blank(),
        date("start_date").null(),
        date("target_date").null(),
        date("creation_date").null(),
        link("created_by", &users::USER, SetNull).null(),
        date("issue_date").null(),
        time("updated_at").null(),
        link("responsible", &users::OWNER, SetNull).null(),
        link("contact", &company::CONTACT, SetNull).null(),
        link("address", &company::ADDRESS, SetNull).null(),
        int("reference_int").default(Int(0)),
        text("notes", 50_000).null().blank().markdown(),
        text("barcode_data", 500).blank(),
        text("barcode_hash", 128).blank(),
        json("metadata").null(),
    ])
    .indexes(&[&["reference_int"], &["status"], &["target_date"], &["creation_date"], &["barcode_hash"]]);

/// Parts on sales orders.
pub static LINE: Table = Table::new("order_salesorderlineitem", "order.salesorderlineitem").columns(&[
    link("order", &ORDER, Cascade),
    link("part", &part::PART, SetNull).only("salable").null(),
    money("sale_price").null(),
    currency("sale_price_currency"),
    quantity("shipped").default(Int(0)),
    quantity("quantity").default(Int(1)),
    decimal("discount", 5, 2).default(Int(0)).check("{} >= 0 AND {} <= 10000"),
    text("line", 20).blank(),
    int("line_int").default(Int(0)),
    text("reference", 100).blank(),
    text("notes", 500).blank(),
    url("link", 2000).blank(),
    date("target_date").null(),
    link("project_code", &common::PROJECT_CODE, SetNull).null(),
    json("metadata").null(),
]);

/// What else is charged on sales orders.
pub static EXTRA_LINE: Table = Table::new("order_salesorderextraline", "order.salesorderextraline").columns(&[
    link("order", &ORDER, Cascade),
    text("description", 250).blank(),
    json("context").null(),
    decimal("price", 19, 6).null(),
    currency("price_currency"),
    quantity("quantity").default(Int(1)),
    decimal("discount", 5, 2).default(Int(0)).check("{} >= 0 AND {} <= 10000"),
    text("line", 20).blank(),
    int("line_int").default(Int(0)),
    text("reference", 100).blank(),
    text("notes", 500).blank(),
    url("link", 2000).blank(),
    date("target_date").null(),
    link("project_code", &common::PROJECT_CODE, SetNull).null(),
    json("metadata").null(),
]);

/// Parcels of sales orders.
pub static SHIPMENT: Table = Table::new("order_salesordershipment", "order.salesordershipment")
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
        text("notes", 50_000).null().blank().markdown(),
        text("barcode_data", 500).blank(),
        text("barcode_hash", 128).blank(),
        json("metadata").null(),
    ])
    .unique(&[&["order", "reference"]])
    .indexes(&[&["barcode_hash"]]);

/// Stock that is set aside for sales orders.
pub static ALLOCATION: Table = Table::new("order_salesorderallocation", "order.salesorderallocation").columns(&[
    link("line", &LINE, Cascade),
    link("shipment", &SHIPMENT, Cascade).null(),
    link("item", &stock::ITEM, Cascade).only("sales_order IS NULL AND belongs_to IS NULL AND part IN (SELECT p.id FROM part_part p WHERE p.salable AND NOT p.virtual)"),
    quantity("quantity").default(Int(1)),
]);
