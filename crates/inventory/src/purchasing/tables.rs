//! Tables: purchase orders.

use ironwood_rest::table::Default::Int;
use ironwood_rest::table::OnDelete::{Cascade, SetNull};
use ironwood_rest::table::{
    Table, currency, date, decimal, int, json, link, money, natural, quantity, text, time, url,
};

use crate::build::tables as build;
use crate::common::tables as common;
use crate::company::tables as company;
use crate::stock::tables as stock;
use crate::users::tables as users;

/// Purchase orders.
pub static ORDER: Table = Table::new("order_purchaseorder", "order.purchaseorder")
    .columns(&[
        text("reference", 64).unique(),
        natural("status").default(Int(10)),
        natural("status_custom_key").null(),
        link("supplier", &company::COMPANY, SetNull).only("is_supplier").null(),
        text("supplier_reference", 64).blank(),
        link("received_by", &users::USER, SetNull).null(),
        date("complete_date").null(),
        link("destination", &stock::LOCATION, SetNull).null(),
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

/// Parts on purchase orders.
pub static LINE: Table = Table::new("order_purchaseorderlineitem", "order.purchaseorderlineitem").columns(&[
    link("order", &ORDER, Cascade),
    link("part", &company::SUPPLIER_PART, SetNull).null(),
    decimal("received", 15, 5).default(Int(0)),
    money("purchase_price").null(),
    currency("purchase_price_currency"),
    link("build_order", &build::BUILD, SetNull).only("external").null(),
    link("destination", &stock::LOCATION, SetNull).null(),
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

/// What else is paid on purchase orders.
pub static EXTRA_LINE: Table = Table::new("order_purchaseorderextraline", "order.purchaseorderextraline").columns(&[
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
