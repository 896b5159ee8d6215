//! Tables: transfer orders.

use ironwood_rest::table::Default::Int;
use ironwood_rest::table::OnDelete::{Cascade, SetNull};
use ironwood_rest::table::{Table, date, decimal, flag, int, json, link, natural, quantity, text, time, url};

use crate::common::tables as common;
use crate::company::tables as company;
use crate::part::tables as part;
use crate::stock::tables as stock;
use crate::users::tables as users;

/// Transfer orders: stock that moves between locations.
pub static ORDER: Table = Table::new("order_transferorder", "order.transferorder")
    .columns(&[
        text("reference", 64).unique(),
        natural("status").default(Int(10)),
        natural("status_custom_key").null(),
        link("take_from", &stock::LOCATION, SetNull).null(),
        link("destination", &stock::LOCATION, SetNull).null(),
        flag("consume", false),
        date("complete_date").null(),
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

/// Parts on transfer orders.
pub static LINE: Table = Table::new("order_transferorderlineitem", "order.transferorderlineitem").columns(&[
    link("order", &ORDER, Cascade),
    link("part", &part::PART, SetNull).null(),
    quantity("transferred").default(Int(0)),
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

/// Stock that is set aside for transfer orders.
pub static ALLOCATION: Table = Table::new("order_transferorderallocation", "order.transferorderallocation").columns(&[
    link("line", &LINE, Cascade),
    link("item", &stock::ITEM, Cascade).only(
        "sales_order IS NULL AND belongs_to IS NULL AND part IN (SELECT p.id FROM part_part p WHERE NOT p.virtual)",
    ),
    quantity("quantity").default(Int(1)),
]);
