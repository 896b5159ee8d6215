//! Tables: companies and what they sell.

use ironwood_base::key::Record;
use ironwood_base::{BaseCost, Key, Money, PackSize, Quantity, SupplierStock};
use ironwood_rest::row;
use ironwood_rest::table::Default::{Changed, Int};
use ironwood_rest::table::OnDelete::Cascade;
use ironwood_rest::table::{Table, currency, decimal, email, flag, image, json, link, money, natural, text, time, url};

use crate::schema::part::{self, PartKey};

/// Suppliers, manufacturers and customers.
pub static COMPANY: Table = Table::new("company_company", "company.company")
    .label("Company")
    .columns(&[
        text("name", 100),
        text("description", 500).blank(),
        url("website", 2000).blank(),
        text("phone", 50).blank(),
        email("email", 254).null().blank(),
        text("contact", 100).blank(),
        url("link", 2000).blank(),
        flag("active", true),
        flag("is_customer", false),
        flag("is_supplier", true),
        flag("is_manufacturer", false),
        text("currency", 3).blank(),
        text("tax_id", 50).blank(),
        image("image").blank(),
        text("notes", 50_000).null().blank().markdown().searched_if("search_notes", "{notes}"),
        json("metadata").null().filled("{}"),
    ])
    .unique(&[&["name", "email"]])
    .indexes(&[&["name"]])
    .index_where(&[(&["image"], "\"image\" <> ''")])
    .searched(&["name", "description", "website", "tax_id"]);

/// People at a company.
pub static CONTACT: Table = Table::new("company_contact", "company.contact").label("Contact").columns(&[
    link("company", &COMPANY, Cascade),
    text("name", 100),
    text("phone", 100).blank(),
    email("email", 254).blank(),
    text("role", 100).blank(),
    json("metadata").null().filled("{}"),
]);

/// Addresses of a company.
pub static ADDRESS: Table = Table::new("company_address", "company.address").label("Address").columns(&[
    link("company", &COMPANY, Cascade),
    text("title", 100),
    flag("primary", false),
    text("line1", 50).blank(),
    text("line2", 50).blank(),
    text("postal_code", 10).blank(),
    text("postal_city", 50).blank(),
    text("province", 50).blank(),
    text("country", 50).blank(),
    text("shipping_notes", 100).blank(),
    text("internal_shipping_notes", 100).blank(),
    url("link", 2000).blank(),
]);

/// Parts as their manufacturers call them.
pub static MANUFACTURER_PART: Table = Table::new("company_manufacturerpart", "company.manufacturerpart")
    .label("Manufacturer part")
    .columns(&[
        link("part", &part::PART, Cascade).only("purchaseable"),
        link("manufacturer", &COMPANY, Cascade).only("is_manufacturer").null(),
        text("MPN", 100).null(),
        url("link", 2000).null().blank(),
        text("description", 250).null().blank(),
        text("notes", 50_000).null().blank().markdown().searched_if("search_notes", "{notes}"),
        text("barcode_data", 500).blank(),
        text("barcode_hash", 128).blank(),
        json("metadata").null().filled("{}"),
    ])
    .unique(&[&["part", "manufacturer", "MPN"]])
    .indexes(&[&["MPN"], &["barcode_hash"]])
    .searched(&["MPN", "description"]);

/// Parts as suppliers sell them.
pub static SUPPLIER_PART: Table = Table::new("company_supplierpart", "company.supplierpart")
    .label("Supplier part")
    .columns(&[
        link("part", &part::PART, Cascade).only("purchaseable"),
        link("supplier", &COMPANY, Cascade).only("is_supplier"),
        text("SKU", 100),
        flag("active", true),
        flag("primary", false),
        link("manufacturer_part", &MANUFACTURER_PART, Cascade).null(),
        url("link", 2000).null().blank(),
        text("description", 250).null().blank(),
        text("note", 100).null().blank(),
        decimal("base_cost", 10, 3).not_negative().default(Int(0)),
        text("packaging", 50).null().blank(),
        text("pack_quantity", 25).blank(),
        decimal("pack_quantity_native", 20, 10).null().default(Int(1)),
        natural("multiple").range(1, i64::MAX).default(Int(1)),
        decimal("available", 10, 3).not_negative().default(Int(0)),
        time("availability_updated").null(),
        time("updated").null().default(Changed),
        text("notes", 50_000).null().blank().markdown().searched_if("search_notes", "{notes}"),
        text("barcode_data", 500).blank(),
        text("barcode_hash", 128).blank(),
        json("metadata").null().filled("{}"),
    ])
    .unique(&[&["part", "supplier", "SKU"]])
    .indexes(&[&["SKU"], &["barcode_hash"]])
    .searched(&["SKU", "description"]);

row! {
    /// A part as a supplier sells it.
    pub struct SupplierPart in SUPPLIER_PART {
        pub part: PartKey,
        pub supplier: CompanyKey,
        pub SKU: String,
        pub active: bool,
        pub primary: bool,
        pub manufacturer_part: Option<ManufacturerPartKey>,
        pub link: Option<String>,
        pub description: Option<String>,
        pub note: Option<String>,
        pub base_cost: BaseCost,
        pub packaging: Option<String>,
        pub pack_quantity: String,
        /// How much of the part is in a pack.
        pub pack_quantity_native: Option<PackSize>,
        pub multiple: i64,
        pub available: SupplierStock,
        pub availability_updated: Option<String>,
        pub notes: Option<String>,
        pub metadata: Option<String>,
    } without [updated, barcode_data, barcode_hash]
}

/// Prices of suppliers, by quantity.
pub static SUPPLIER_PRICE: Table = Table::new("company_supplierpricebreak", "company.supplierpricebreak")
    .label("Supplier price break")
    .columns(&[
        link("part", &SUPPLIER_PART, Cascade),
        decimal("quantity", 15, 5).default(Int(1)).check("{} >= 100000"),
        money("price").null(),
        currency("price_currency"),
        time("updated").null().default(Changed),
    ])
    .unique(&[&["part", "quantity"]]);

row! {
    /// A price of a supplier, from a quantity on.
    pub struct SupplierPrice in SUPPLIER_PRICE {
        pub part: SupplierPartKey,
        pub quantity: Quantity,
        pub price: Option<Money>,
        pub price_currency: String,
    } without [updated]
}

/// What companies are.
#[derive(Debug)]
pub enum Company {}

impl Record for Company {
    const TABLE: &'static str = COMPANY.name;
}

/// What contacts at companies are.
#[derive(Debug)]
pub enum Contact {}

impl Record for Contact {
    const TABLE: &'static str = CONTACT.name;
}

/// What addresses of companies are.
#[derive(Debug)]
pub enum Address {}

impl Record for Address {
    const TABLE: &'static str = ADDRESS.name;
}

/// What manufacturer parts are.
#[derive(Debug)]
pub enum ManufacturerPart {}

impl Record for ManufacturerPart {
    const TABLE: &'static str = MANUFACTURER_PART.name;
}

/// The key of a supplier, manufacturer, or customer.
pub type CompanyKey = Key<Company>;
/// The key of a supplier part.
pub type SupplierPartKey = Key<SupplierPart>;
/// The key of a contact.
pub type ContactKey = Key<Contact>;
/// The key of an address.
pub type AddressKey = Key<Address>;
/// The key of a manufacturer part.
pub type ManufacturerPartKey = Key<ManufacturerPart>;
