//! Tables: parts and their categories.

use ironwood_base::key::Record;
use ironwood_base::{Key, Money, Quantity, StockLevel};
use ironwood_rest::row;
use ironwood_rest::table::Default::{Changed, Int, Now, Text};
use ironwood_rest::table::OnDelete::{Cascade, Protect, SetNull};
use ironwood_rest::table::{
    PATH, Table, currency, date, decimal, flag, image, int, json, link, money, natural, text, time, url,
};

use super::{tallies, totals};
use crate::schema::common;
use crate::schema::stock::{self, LocationKey};
use crate::schema::users::{self, OwnerKey, UserKey};

/// Categories of parts, in a tree.
pub static CATEGORY: Table = Table::new("part_partcategory", "part.partcategory")
    .label("Part category")
    .columns(&[
        link("default_location", &stock::LOCATION, SetNull).null(),
        flag("structural", false),
        text("default_keywords", 250).null().blank(),
        text("icon", 100).null().blank().record("_icon"),
        text("name", 100),
        text("description", 250).blank(),
        link("parent", &CATEGORY, Protect).null(),
        text("pathstring", 250).blank(),
        text(PATH, 0).blank().record(""),
        natural("tree_id").default(Int(0)),
        json("metadata").null().filled("{}"),
    ])
    .indexes(&[&["name"], &["pathstring"]])
    .tree("parent", "name", "pathstring")
    .searched(&["name", "description", "pathstring"]);

/// Parts: what is bought, made, kept and sold. Variants of a template form a tree below it.
pub static PART: Table = Table::new("part_part", "part.part")
    .label("Part")
    .columns(&[
        text("name", 100),
        flag("is_template", false),
        link("variant_of", &PART, SetNull).only("is_template").null(),
        text("description", 250).blank(),
        text("keywords", 250).null().blank(),
        link("category", &CATEGORY, Protect).null(),
        text("IPN", 100).null().blank(),
        text("revision", 100).null().blank(),
        link("revision_of", &PART, SetNull).null(),
        url("link", 2000).null().blank(),
        link("default_location", &stock::LOCATION, SetNull).null(),
        natural("default_expiry").default(Int(0)),
        decimal("minimum_stock", 19, 6).not_negative().default(Int(0)),
        decimal("maximum_stock", 19, 6).not_negative().default(Int(0)),
        text("units", 20).null().blank().default(Text("")),
        flag("assembly", false),
        flag("component", true),
        flag("trackable", false),
        flag("testable", false),
        flag("purchaseable", true),
        flag("salable", false),
        flag("active", true),
        flag("locked", false),
        flag("virtual", false),
        flag("consumable", false),
        flag("bom_validated", false),
        text("bom_checksum", 128).blank(),
        link("bom_checked_by", &users::USER, SetNull).null(),
        date("bom_checked_date").null(),
        date("creation_date").null().default(Now),
        link("creation_user", &users::USER, SetNull).null(),
        link("responsible_owner", &users::OWNER, SetNull).null(),
        money("base_cost").default(Int(0)),
        natural("multiple").range(1, i64::MAX).default(Int(1)),
        image("image").blank(),
        text(PATH, 0).blank().record(""),
        natural("tree_id").default(Int(0)),
        text("notes", 50_000).null().blank().markdown().searched_if("search_notes", "{notes}"),
        text("barcode_data", 500).blank(),
        text("barcode_hash", 128).blank(),
        json("metadata").null().filled("{}"),
    ])
    .unique(&[&["name", "IPN", "revision"]])
    .indexes(&[&["name"], &["IPN"], &["active"], &["creation_date"], &["barcode_hash"]])
    .index_where(&[(&["image"], "\"image\" <> ''")])
    .tree("variant_of", "name", "")
    .searched(&["name", "description", "IPN", "revision", "keywords"])
    .companion(totals::COMPANION)
    .counted(&[&tallies::PARTS, &tallies::PARTS_BY_CATEGORY]);

row! {
    /// A part.
    pub struct Part in PART {
        pub name: String,
        pub is_template: bool,
        pub variant_of: Option<PartKey>,
        pub description: String,
        pub keywords: Option<String>,
        pub category: Option<CategoryKey>,
        pub IPN: Option<String>,
        pub revision: Option<String>,
        pub revision_of: Option<PartKey>,
        pub link: Option<String>,
        pub default_location: Option<LocationKey>,
        /// Days until its stock expires, 0: it does not.
        pub default_expiry: i64,
        pub minimum_stock: StockLevel,
        pub maximum_stock: StockLevel,
        pub units: Option<String>,
        pub assembly: bool,
        pub component: bool,
        pub trackable: bool,
        pub testable: bool,
        pub purchaseable: bool,
        pub salable: bool,
        pub active: bool,
        pub locked: bool,
        pub r#virtual: bool,
        pub consumable: bool,
        pub bom_validated: bool,
        pub bom_checksum: String,
        pub bom_checked_by: Option<UserKey>,
        pub bom_checked_date: Option<String>,
        pub creation_user: Option<UserKey>,
        pub responsible_owner: Option<OwnerKey>,
        pub base_cost: Money,
        pub multiple: i64,
        pub image: String,
        pub notes: Option<String>,
        pub metadata: Option<String>,
    } without [creation_date, tree_path, tree_id, barcode_data, barcode_hash]
}

/// Parameters that the parts of a category get.
pub static CATEGORY_PARAMETER: Table =
    Table::new("part_partcategoryparametertemplate", "part.partcategoryparametertemplate")
        .label("Category parameter")
        .columns(&[
            link("category", &CATEGORY, Cascade),
            link("template", &common::PARAMETER_TEMPLATE, Cascade),
            text("default_value", 500).blank(),
            json("metadata").null().filled("{}"),
        ])
        .unique(&[&["category", "template"]]);

/// Pairs of parts that have to do with each other.
pub static RELATED: Table = Table::new("part_partrelated", "part.partrelated")
    .columns(&[
        link("part_1", &PART, Cascade),
        link("part_2", &PART, Cascade),
        text("note", 500).blank(),
        json("metadata").null().filled("{}"),
    ])
    .unique(&[&["part_1", "part_2"]]);

/// Tests that the stock items of a part go through.
pub static TEST_TEMPLATE: Table =
    Table::new("part_parttesttemplate", "part.parttesttemplate").label("Test template").columns(&[
        link("part", &PART, Cascade).only("testable"),
        text("test_name", 100),
        text("key", 100).blank(),
        text("description", 100).null(),
        flag("enabled", true),
        flag("required", true),
        flag("requires_value", false),
        flag("requires_attachment", false),
        text("choices", 5000).blank(),
        json("metadata").null().filled("{}"),
    ]);

row! {
    /// A test that the stock items of a part go through.
    pub struct TestTemplate in TEST_TEMPLATE {
        pub part: PartKey,
        pub test_name: String,
        pub key: String,
        pub description: Option<String>,
        pub enabled: bool,
        pub required: bool,
        pub requires_value: bool,
        pub requires_attachment: bool,
        pub choices: String,
        pub metadata: Option<String>,
    } without []
}

/// Followers of a part.
pub static PART_STAR: Table = Table::new("part_partstar", "part.partstar")
    .columns(&[link("part", &PART, Cascade), link("user", &users::USER, Cascade)])
    .unique(&[&["part", "user"]]);

row! {
    /// A follower of a part.
    pub struct PartStar in PART_STAR {
        pub part: PartKey,
        pub user: UserKey,
    } without []
}

/// Followers of a category.
pub static CATEGORY_STAR: Table = Table::new("part_partcategorystar", "part.partcategorystar")
    .columns(&[link("category", &CATEGORY, Cascade), link("user", &users::USER, Cascade)])
    .unique(&[&["category", "user"]]);

row! {
    /// A follower of a category.
    pub struct CategoryStar in CATEGORY_STAR {
        pub category: CategoryKey,
        pub user: UserKey,
    } without []
}

/// Prices for customers, by quantity.
pub static SALE_PRICE: Table = Table::new("part_partsellpricebreak", "part.partsellpricebreak")
    .label("Sale price break")
    .columns(&[
        link("part", &PART, Cascade).only("salable"),
        decimal("quantity", 15, 5).default(Int(1)).check("{} >= 100000"),
        money("price").null(),
        currency("price_currency"),
        time("updated").null().default(Changed),
    ])
    .unique(&[&["part", "quantity"]]);

/// Prices within the company, by quantity.
pub static INTERNAL_PRICE: Table = Table::new("part_partinternalpricebreak", "part.partinternalpricebreak")
    .label("Internal price break")
    .columns(&[
        link("part", &PART, Cascade),
        decimal("quantity", 15, 5).default(Int(1)).check("{} >= 100000"),
        money("price").null(),
        currency("price_currency"),
        time("updated").null().default(Changed),
    ])
    .unique(&[&["part", "quantity"]]);

const WORKED_OUT: &str = "calculated in the background from what is logged";

/// The range of prices of a part, calculated in the background.
pub static PRICING: Table = Table::new("part_partpricing", "part.partpricing")
    .columns(&[
        text("currency", 10).blank().unlogged(WORKED_OUT),
        flag("scheduled_for_update", false).unlogged(WORKED_OUT),
        link("part", &PART, Cascade).unique(),
        money("bom_cost_min").null().unlogged(WORKED_OUT),
        currency("bom_cost_min_currency").unlogged(WORKED_OUT),
        money("bom_cost_max").null().unlogged(WORKED_OUT),
        currency("bom_cost_max_currency").unlogged(WORKED_OUT),
        money("purchase_cost_min").null().unlogged(WORKED_OUT),
        currency("purchase_cost_min_currency").unlogged(WORKED_OUT),
        money("purchase_cost_max").null().unlogged(WORKED_OUT),
        currency("purchase_cost_max_currency").unlogged(WORKED_OUT),
        money("internal_cost_min").null().unlogged(WORKED_OUT),
        currency("internal_cost_min_currency").unlogged(WORKED_OUT),
        money("internal_cost_max").null().unlogged(WORKED_OUT),
        currency("internal_cost_max_currency").unlogged(WORKED_OUT),
        money("supplier_price_min").null().unlogged(WORKED_OUT),
        currency("supplier_price_min_currency").unlogged(WORKED_OUT),
        money("supplier_price_max").null().unlogged(WORKED_OUT),
        currency("supplier_price_max_currency").unlogged(WORKED_OUT),
        money("variant_cost_min").null().unlogged(WORKED_OUT),
        currency("variant_cost_min_currency").unlogged(WORKED_OUT),
        money("variant_cost_max").null().unlogged(WORKED_OUT),
        currency("variant_cost_max_currency").unlogged(WORKED_OUT),
        money("override_min").null(),
        currency("override_min_currency"),
        money("override_max").null(),
        currency("override_max_currency"),
        money("overall_min").null().unlogged(WORKED_OUT),
        currency("overall_min_currency").unlogged(WORKED_OUT),
        money("overall_max").null().unlogged(WORKED_OUT),
        currency("overall_max_currency").unlogged(WORKED_OUT),
        money("sale_price_min").null().unlogged(WORKED_OUT),
        currency("sale_price_min_currency").unlogged(WORKED_OUT),
        money("sale_price_max").null().unlogged(WORKED_OUT),
        currency("sale_price_max_currency").unlogged(WORKED_OUT),
        money("sale_history_min").null().unlogged(WORKED_OUT),
        currency("sale_history_min_currency").unlogged(WORKED_OUT),
        money("sale_history_max").null().unlogged(WORKED_OUT),
        currency("sale_history_max_currency").unlogged(WORKED_OUT),
        time("updated").null().default(Changed).unlogged(WORKED_OUT),
    ])
    .indexes(&[&["scheduled_for_update"]]);

row! {
    /// What was in stock of a part on a day.
    pub struct Stocktake in STOCKTAKE {
        pub part: PartKey,
        pub item_count: i64,
        pub quantity: Quantity,
        pub date: String,
        pub cost_min: Option<Money>,
        pub cost_min_currency: String,
        pub cost_max: Option<Money>,
        pub cost_max_currency: String,
    } without []
}

/// What was in stock on a day.
pub static STOCKTAKE: Table = Table::new("part_partstocktake", "part.partstocktake")
    .columns(&[
        link("part", &PART, Cascade),
        int("item_count").default(Int(1)),
        decimal("quantity", 19, 5).not_negative(),
        date("date").default(Now),
        money("cost_min").null(),
        currency("cost_min_currency"),
        money("cost_max").null(),
        currency("cost_max_currency"),
    ])
    .indexes(&[&["date"]]);

/// What categories of parts are.
#[derive(Debug)]
pub enum Category {}

impl Record for Category {
    const TABLE: &'static str = CATEGORY.name;
}

/// What the calculated prices of a part are.
#[derive(Debug)]
pub enum Pricing {}

impl Record for Pricing {
    const TABLE: &'static str = PRICING.name;
}

/// The key of a part.
pub type PartKey = Key<Part>;
/// The key of a category of parts.
pub type CategoryKey = Key<Category>;
/// The key of the calculated prices of a part.
pub type PricingKey = Key<Pricing>;
/// The key of a test template.
pub type TestTemplateKey = Key<TestTemplate>;
