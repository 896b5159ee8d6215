//! Tables: bills of materials.

use ironwood_base::{Attrition, Key, Quantity};
use ironwood_rest::row;
use ironwood_rest::table::Default::Int;
use ironwood_rest::table::OnDelete::Cascade;
use ironwood_rest::table::{Table, decimal, flag, json, link, natural, quantity, text};

use crate::schema::part::{self, PartKey};

/// Lines of bills of materials.
pub static BOM_ITEM: Table = Table::new("part_bomitem", "part.bomitem")
    .label("BOM line")
    .columns(&[
        link("part", &part::PART, Cascade).only("assembly"),
        link("sub_part", &part::PART, Cascade).only("component"),
        text("raw_amount", 25),
        quantity("quantity").default(Int(1)),
        // the line needs so many times its quantity: lengths that are cut from stock
        natural("piece_count").range(1, 1_000_000).default(Int(1)).check("{} >= 1").sparse(),
        flag("optional", false),
        flag("consumable", false),
        quantity("setup_quantity").default(Int(0)),
        decimal("attrition", 6, 3).default(Int(0)).check("{} >= 0 AND {} <= 100000"),
        quantity("rounding_multiple").null(),
        text("reference", 5000).blank(),
        text("note", 500).blank(),
        text("checksum", 128).blank(),
        flag("validated", false),
        flag("inherited", false),
        flag("allow_variants", false),
        json("metadata").null().filled("{}"),
    ])
    .searched(&["reference"]);

row! {
    /// A line of a bill of materials.
    pub struct BomItem in BOM_ITEM {
        pub part: PartKey,
        pub sub_part: PartKey,
        pub raw_amount: String,
        pub quantity: Quantity,
        pub piece_count: i64,
        pub optional: bool,
        pub consumable: bool,
        pub setup_quantity: Quantity,
        pub attrition: Attrition,
        pub rounding_multiple: Option<Quantity>,
        pub reference: String,
        pub note: String,
        pub checksum: String,
        pub validated: bool,
        pub inherited: bool,
        pub allow_variants: bool,
        pub metadata: Option<String>,
    } without []
}

/// Parts that may take the place of a line's part.
pub static SUBSTITUTE: Table = Table::new("part_bomitemsubstitute", "part.bomitemsubstitute")
    .columns(&[
        link("bom_item", &BOM_ITEM, Cascade),
        link("part", &part::PART, Cascade).only("component"),
        json("metadata").null().filled("{}"),
    ])
    .unique(&[&["part", "bom_item"]]);

/// The key of a line of a bill of materials.
pub type BomItemKey = Key<BomItem>;
