//! Tables: stock and where it is.

use ironwood_base::key::{Any, Record};
use ironwood_base::status::{HistoryCode, StockStatus};
use ironwood_base::{Key, Money, Quantity};
use ironwood_rest::row;
use ironwood_rest::table::Default::{Changed, Int, Now};
use ironwood_rest::table::OnDelete::{Cascade, Protect, SetNull};
use ironwood_rest::table::{
    PATH, Table, currency, date, file, flag, int, json, link, money, natural, quantity, text, time, url,
};

use super::in_stock::in_stock_condition;
use crate::schema::build::{self, BuildKey};
use crate::schema::company::{self, CompanyKey, SupplierPartKey};
use crate::schema::part::{self, PartKey};
use crate::schema::purchasing::{self, PurchaseOrderKey};
use crate::schema::sales::{self, SalesOrderKey};
use crate::schema::tallies;
use crate::schema::users::{self, OwnerKey, UserKey};

/// Kinds of stock locations.
pub static LOCATION_TYPE: Table = Table::new("stock_stocklocationtype", "stock.stocklocationtype").columns(&[
    text("name", 100),
    text("description", 250).blank(),
    text("icon", 100).blank(),
    json("metadata").null().filled("{}"),
]);

/// Places where stock is kept, in a tree.
pub static LOCATION: Table = Table::new("stock_stocklocation", "stock.stocklocation")
    .label("Stock location")
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
        json("metadata").null().filled("{}"),
    ])
    .indexes(&[&["name"], &["pathstring"], &["barcode_hash"]])
    .tree("parent", "name", "pathstring")
    .searched(&["name", "description", "pathstring"]);

/// Stock: a quantity of a part, or one piece with a serial number.
pub static ITEM: Table = Table::new("stock_stockitem", "stock.stockitem")
    .label("Stock item")
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
        natural("status").default(Int(StockStatus::OK.key())),
        natural("status_custom_key").null(),
        money("purchase_price").null(),
        currency("purchase_price_currency"),
        link("owner", &users::OWNER, SetNull).null(),
        time("updated").null().default(Changed),
        text("notes", 50_000).null().blank().markdown().searched_if("search_notes", "{notes}"),
        text("barcode_data", 500).blank(),
        text("barcode_hash", 128).blank(),
        json("metadata").null().filled("{}"),
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
    .searched(&["serial", "batch"])
    .counted(&[&tallies::STOCK, &tallies::STOCK_BY_LOCATION])
    .grouped(&tallies::STOCK_BY_PART);

row! {
    /// A stock item with everything an action may read or change.
    pub struct Item in ITEM {
        /// The item that this one was split from.
        pub parent: Option<ItemKey>,
        pub part: PartKey,
        pub supplier_part: Option<SupplierPartKey>,
        pub location: Option<LocationKey>,
        pub packaging: Option<String>,
        /// The item that this one is installed in.
        pub belongs_to: Option<ItemKey>,
        pub customer: Option<CompanyKey>,
        pub serial: Option<String>,
        pub serial_int: i64,
        /// Where the serial number is unique, see `stock::serial`; the ledger fills it in.
        pub serial_space: Option<i64>,
        pub link: String,
        pub batch: Option<String>,
        pub quantity: Quantity,
        /// The build order that made it, or is making it.
        pub build: Option<BuildKey>,
        pub consumed_by: Option<BuildKey>,
        pub is_building: bool,
        pub purchase_order: Option<PurchaseOrderKey>,
        pub sales_order: Option<SalesOrderKey>,
        pub expiry_date: Option<String>,
        pub stocktake_date: Option<String>,
        pub stocktake_user: Option<UserKey>,
        pub delete_on_deplete: bool,
        pub status: StockStatus,
        pub status_custom_key: Option<i64>,
        pub purchase_price: Option<Money>,
        pub purchase_price_currency: String,
        pub owner: Option<OwnerKey>,
        pub notes: Option<String>,
        pub metadata: Option<String>,
    } without [creation_date, updated, barcode_data, barcode_hash]
}

/// What happened to stock items.
pub static TRACKING: Table = Table::new("stock_stockitemtracking", "stock.stockitemtracking")
    .columns(&[
        int("tracking_type").default(Int(0)),
        link("item", &ITEM, SetNull).null(),
        link("part", &part::PART, Cascade).null(),
        time("date").default(Now),
        text("notes", 512).null().blank().searched_if("search_notes", "{notes}"),
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
    .searched(&["notes"])
    .counted(&[&tallies::HISTORY]);

row! {
    /// An entry of the stock history. The database fills in `item_key` and `ended`.
    pub struct Entry in TRACKING {
        pub tracking_type: HistoryCode,
        pub item: Option<ItemKey>,
        /// `None`: the entry is about the item alone.
        pub part: Option<PartKey>,
        pub notes: Option<String>,
        pub user: Option<UserKey>,
        pub deltas: Option<String>,
        pub after_part: Option<Key<Any>>,
        pub after_location: Option<Key<Any>>,
        pub after_stock: Option<Quantity>,
    } without [date, item_key, ended]
}

/// Results of tests of stock items.
pub static TEST_RESULT: Table = Table::new("stock_stockitemtestresult", "stock.stockitemtestresult")
    .label("Test result")
    .columns(&[
        link("stock_item", &ITEM, Cascade),
        link("template", &part::TEST_TEMPLATE, Cascade),
        flag("result", false),
        text("value", 500).blank(),
        file("attachment").blank(),
        text("notes", 500).blank().searched_if("search_notes", "{notes}"),
        link("user", &users::USER, SetNull).null(),
        text("test_station", 500).blank(),
        time("started_datetime").null(),
        time("finished_datetime").null(),
        time("date").default(Now),
        json("metadata").null().filled("{}"),
    ])
    .indexes(&[&["date"]])
    .index_where(&[(&["attachment"], "\"attachment\" <> ''")]);

/// What locations are.
#[derive(Debug)]
pub enum Location {}

impl Record for Location {
    const TABLE: &'static str = LOCATION.name;
}

/// The key of a stock item.
pub type ItemKey = Key<Item>;
/// The key of a location.
pub type LocationKey = Key<Location>;
