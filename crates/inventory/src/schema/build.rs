//! Tables: build orders.

use ironwood_base::status::BuildStatus;
use ironwood_base::{Key, Quantity};
use ironwood_rest::row;
use ironwood_rest::table::Default::{Int, Now};
use ironwood_rest::table::OnDelete::{Cascade, SetNull};
use ironwood_rest::table::{PATH, Table, date, flag, int, json, link, natural, quantity, text, url};

use crate::schema::bom::{self, BomItemKey};
use crate::schema::common::{self, ProjectCodeKey};
use crate::schema::part::{self, PartKey};
use crate::schema::sales::{self, SalesOrderKey};
use crate::schema::stock::{self, ItemKey, LocationKey};
use crate::schema::users::{self, OwnerKey, UserKey};

/// Build orders, in a tree.
pub static BUILD: Table = Table::new("build_build", "build.build")
    .label("Build order")
    .columns(&[
        text("reference", 64).unique(),
        text("title", 100).blank(),
        link("parent", &BUILD, SetNull).null(),
        link("part", &part::PART, Cascade).only("assembly"),
        link("sales_order", &sales::ORDER, SetNull).null(),
        link("take_from", &stock::LOCATION, SetNull).null(),
        flag("external", false),
        link("destination", &stock::LOCATION, SetNull).null(),
        natural("quantity").range(1, i64::MAX).default(Int(1)),
        natural("completed").default(Int(0)),
        natural("status").default(Int(BuildStatus::PENDING.key())),
        natural("status_custom_key").null(),
        text("batch", 100).null().blank(),
        date("creation_date").default(Now),
        date("start_date").null(),
        date("target_date").null(),
        date("completion_date").null(),
        link("completed_by", &users::USER, SetNull).null(),
        link("issued_by", &users::USER, SetNull).null(),
        link("responsible", &users::OWNER, SetNull).null(),
        url("link", 2000).blank(),
        natural("priority").default(Int(0)),
        link("project_code", &common::PROJECT_CODE, SetNull).null(),
        int("reference_int").default(Int(0)),
        text(PATH, 0).blank().record(""),
        natural("tree_id").default(Int(0)),
        text("notes", 50_000).null().blank().markdown().searched_if("search_notes", "{notes}"),
        text("barcode_data", 500).blank(),
        text("barcode_hash", 128).blank(),
        json("metadata").null().filled("{}"),
    ])
    .indexes(&[&["reference_int"], &["status"], &["target_date"], &["barcode_hash"]])
    .tree("parent", "reference", "")
    .searched(&["reference", "title"]);

row! {
    /// A build order.
    pub struct Build in BUILD {
        pub reference: String,
        pub title: String,
        pub parent: Option<BuildKey>,
        pub part: PartKey,
        pub sales_order: Option<SalesOrderKey>,
        pub take_from: Option<LocationKey>,
        pub external: bool,
        pub destination: Option<LocationKey>,
        /// Whole pieces.
        pub quantity: i64,
        /// Whole pieces.
        pub completed: i64,
        pub status: BuildStatus,
        pub status_custom_key: Option<i64>,
        pub batch: Option<String>,
        pub start_date: Option<String>,
        pub target_date: Option<String>,
        pub completion_date: Option<String>,
        pub completed_by: Option<UserKey>,
        pub issued_by: Option<UserKey>,
        pub responsible: Option<OwnerKey>,
        pub link: String,
        pub priority: i64,
        pub project_code: Option<ProjectCodeKey>,
        pub reference_int: i64,
        pub notes: Option<String>,
        pub metadata: Option<String>,
    } without [creation_date, tree_path, tree_id, barcode_data, barcode_hash]
}

/// What a build order needs of each line of its bill of materials.
pub static LINE: Table = Table::new("build_buildline", "build.buildline")
    .label("Build order line")
    .columns(&[
        link("build", &BUILD, Cascade),
        link("bom_item", &bom::BOM_ITEM, Cascade),
        quantity("quantity").default(Int(1)),
        quantity("consumed").default(Int(0)),
    ])
    .unique(&[&["build", "bom_item"]]);

row! {
    /// A line of a build order.
    pub struct Line in LINE {
        pub build: BuildKey,
        pub bom_item: BomItemKey,
        pub quantity: Quantity,
        pub consumed: Quantity,
    } without []
}

/// Stock that is allocated for build orders.
pub static ALLOCATION: Table = Table::new("build_builditem", "build.builditem")
    .columns(&[
        link("build_line", &LINE, Cascade).null(),
        link("stock_item", &stock::ITEM, Cascade).only("sales_order IS NULL AND belongs_to IS NULL"),
        quantity("quantity").default(Int(1)),
        link("install_into", &stock::ITEM, SetNull).only("is_building").null(),
        json("metadata").null().filled("{}"),
    ])
    .unique(&[&["build_line", "stock_item", "install_into"]]);

row! {
    /// Stock that is allocated for a line of a build order.
    pub struct Allocation in ALLOCATION {
        pub build_line: Option<BuildLineKey>,
        pub stock_item: ItemKey,
        pub quantity: Quantity,
        pub install_into: Option<ItemKey>,
        pub metadata: Option<String>,
    } without []
}

/// The key of a build order.
pub type BuildKey = Key<Build>;
/// The key of a line of a build order.
pub type BuildLineKey = Key<Line>;
/// The key of an allocation for a build order.
pub type BuildAllocationKey = Key<Allocation>;
