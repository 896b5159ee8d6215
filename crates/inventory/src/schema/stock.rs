//! Tables: stock and where it is.

use ironwood_rest::table::Default::{Changed, Int, Now};
use ironwood_rest::table::OnDelete::{Cascade, Protect, SetNull};
use ironwood_rest::table::{
    PATH, Table, currency, date, file, flag, int, json, link, money, natural, quantity, text, time, url,
};

use super::in_stock::in_stock_condition;
use crate::schema::build;
use crate::schema::company;
use crate::schema::part;
use crate::schema::purchasing;
use crate::schema::sales;
use crate::schema::users;

/// Kinds of stock locations.
pub static LOCATION_TYPE: Table = Table::new("stock_stocklocationtype", "stock.stocklocationtype").columns(&[
    text("name", 100),
    text("description", 250).blank(),
    text("icon", 100).blank(),
    json("metadata").null(),
]);

/// Places where stock is kept, in a tree.
pub static LOCATION: Table = Table::new("stock_stocklocation", "stock.stocklocation")
    .columns(&[
        text("custom_icon", 100).null().blank(),
        link("owner", &users::OWNER, SetNull).null(),
        flag("structural", false),
        flag("external", false),
        link("location_type", &LOCATION_TYPE, SetNull).null(),
        text("name", 100),
        text("description", 250).blank(),
        link("parent", &LOCATION, Protect).null(),
        text("pathstring", 250).blank(),
        text(PATH, 0).blank().record(""),
        natural("tree_id").default(Int(0)),
        text("barcode_data", 500).blank(),
        text("barcode_hash", 128).blank(),
        json("metadata").null(),
    ])
    .indexes(&[&["name"], &["pathstring"], &["barcode_hash"]])
    .tree("parent", "name", "pathstring")
    .searched(&["name", "description", "pathstring"]);

/// Stock: a quantity of a part, or one piece with a serial number.
pub static ITEM: Table = Table::new("stock_stockitem", "stock.stockitem")
    .columns(&[
        link("parent", &ITEM, SetNull).null(),
        link("part", &part::PART, Cascade).only("NOT virtual"),
        link("supplier_part", &company::SUPPLIER_PART, SetNull).null(),
        link("location", &LOCATION, Protect).null(),
        text("packaging", 50).null().blank(),
        link("belongs_to", &ITEM, Cascade).null(),
        link("customer", &company::COMPANY, SetNull).only("is_customer").null(),
        text("serial", 100).null().blank(),
        int("serial_int").default(Int(0)),
        // where the serial number is unique, see `stock::serial`
        int("serial_space").null().record(""),
        url("link", 2000).blank(),
        text("batch", 100).null().blank(),
        quantity("quantity").default(Int(1)),
        link("build", &build::BUILD, SetNull).null(),
        link("consumed_by", &build::BUILD, Cascade).null(),
        flag("is_building", false),
        link("purchase_order", &purchasing::ORDER, SetNull).null(),
        link("sales_order", &sales::ORDER, SetNull).null(),
        date("expiry_date").null(),
        date("stocktake_date").null(),
        link("stocktake_user", &users::USER, SetNull).null(),
        time("creation_date").null().default(Now),
        flag("delete_on_deplete", true),
        natural("status").default(Int(10)),
        natural("status_custom_key").null(),
        money("purchase_price").null(),
        currency("purchase_price_currency"),
        link("owner", &users::OWNER, SetNull).null(),
        time("updated").null().default(Changed),
        text("notes", 50_000).null().blank().markdown(),
        text("barcode_data", 500).blank(),
        text("barcode_hash", 128).blank(),
        json("metadata").null(),
    ])
    .unique_where(&[(&["serial_space", "serial"], "serial_space IS NOT NULL")])
    // what is in stock is counted and summed without its rows; an index over the status alone would draw
    // SQLite away from it, most items being of one status
    .index_where(&[
        (&["part", "quantity"], in_stock_condition!("", "")),
        (&["updated", "quantity"], in_stock_condition!("", "")),
        // for the latest number of a space alone; where one number of a space is looked up, this index must not
        // be a choice: PostgreSQL would read the whole space while its statistics do not know the space yet
        (&["serial_space", "serial_int"], "serial_int > 0"),
    ])
    .indexes(&[
        &["part", "location"],
        &["serial"],
        &["serial_int"],
        &["batch"],
        &["expiry_date"],
        &["updated"],
        &["stocktake_date"],
        &["creation_date"],
        &["barcode_hash"],
    ])
    .searched(&["serial", "batch"]);

/// What happened to stock items.
pub static TRACKING: Table = Table::new("stock_stockitemtracking", "stock.stockitemtracking")
    .columns(&[
        int("tracking_type").default(Int(0)),
        link("item", &ITEM, SetNull).null(),
        link("part", &part::PART, Cascade).null(),
        time("date").default(Now),
        text("notes", 512).null().blank(),
        link("user", &users::USER, SetNull).null(),
        json("deltas").null(),
        // whose entry it was, and until when, where the item is deleted: the stock of past days counts it
        int("item_key").null().index().record(""),
        time("ended").null().record(""),
        // what of the item was in stock from then on, of which part and where, see `stock::past`; not known
        // of entries from elsewhere
        int("after_part").null().record(""),
        int("after_location").null().index().record(""),
        quantity("after_stock").null().record(""),
    ])
    .indexes(&[&["item", "date"], &["part", "date"], &["date"], &["tracking_type"]])
    .searched(&["notes"]);

/// Results of tests of stock items.
pub static TEST_RESULT: Table = Table::new("stock_stockitemtestresult", "stock.stockitemtestresult")
    .columns(&[
        link("stock_item", &ITEM, Cascade),
        link("template", &part::TEST_TEMPLATE, Cascade),
        flag("result", false),
        text("value", 500).blank(),
        file("attachment").blank(),
        text("notes", 500).blank(),
        link("user", &users::USER, SetNull).null(),
        text("test_station", 500).blank(),
        time("started_datetime").null(),
        time("finished_datetime").null(),
        time("date").default(Now),
        json("metadata").null(),
    ])
    .indexes(&[&["date"]])
    .index_where(&[(&["attachment"], "\"attachment\" <> ''")]);
