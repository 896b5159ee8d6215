//! The tables of the database, one file for each area.

pub mod bom;
pub mod build;
pub mod changelog;
pub mod common;
pub mod company;
pub mod exchange;
pub mod importer;
pub mod in_stock;
pub(crate) mod keys;
pub mod machine;
pub mod notify;
pub mod order;
pub mod part;
pub mod plugin;
pub mod purchasing;
pub mod record_type;
pub mod report;
pub mod returns;
pub mod sales;
pub mod stock;
pub mod system;
pub mod tallies;
pub mod totals;
pub mod transfer;
pub mod users;
pub mod versions;

use ironwood_rest::table::Table;

/// Every table of the database, in the order in which they can be made: links lead to tables before,
/// but for those of [`SELECTION_LIST`](common::SELECTION_LIST).
pub static TABLES: &[&Table] = &[
    &users::USER,
    &users::GROUP,
    &users::USER_GROUPS,
    &users::RULESET,
    &users::OWNER,
    &users::PROFILE,
    &users::TOKEN,
    &users::SESSION,
    &plugin::CONFIG,
    &plugin::SETTING,
    &plugin::USER_SETTING,
    &common::SETTING,
    &common::USER_SETTING,
    &common::PROJECT_CODE,
    &common::CUSTOM_UNIT,
    &common::CUSTOM_STATE,
    &common::ATTACHMENT,
    &common::NOTES_IMAGE,
    &common::SELECTION_LIST,
    &common::SELECTION_ENTRY,
    &common::PARAMETER_TEMPLATE,
    &common::PARAMETER,
    &common::TAG,
    &common::TAGGED,
    &common::DATA_OUTPUT,
    &common::BARCODE_SCAN,
    &stock::LOCATION_TYPE,
    &stock::LOCATION,
    &part::CATEGORY,
    &part::PART,
    &part::CATEGORY_PARAMETER,
    &part::RELATED,
    &part::TEST_TEMPLATE,
    &part::PART_STAR,
    &part::CATEGORY_STAR,
    &part::SALE_PRICE,
    &part::INTERNAL_PRICE,
    &part::PRICING,
    &part::STOCKTAKE,
    &totals::KEPT,
    &totals::CHANGES,
    &tallies::LOCATION_KEPT,
    &tallies::LOCATION_CHANGES,
    &tallies::CATEGORY_KEPT,
    &tallies::CATEGORY_CHANGES,
    &tallies::STOCK_KEPT,
    &tallies::STOCK_CHANGES,
    &tallies::PART_KEPT,
    &tallies::PART_CHANGES,
    &tallies::HISTORY_KEPT,
    &tallies::HISTORY_CHANGES,
    &bom::BOM_ITEM,
    &bom::SUBSTITUTE,
    &company::COMPANY,
    &company::CONTACT,
    &company::ADDRESS,
    &company::MANUFACTURER_PART,
    &company::SUPPLIER_PART,
    &company::SUPPLIER_PRICE,
    &sales::ORDER,
    &build::BUILD,
    &purchasing::ORDER,
    &purchasing::LINE,
    &purchasing::EXTRA_LINE,
    &stock::ITEM,
    &stock::TRACKING,
    &stock::TEST_RESULT,
    &sales::LINE,
    &sales::EXTRA_LINE,
    &sales::SHIPMENT,
    &sales::ALLOCATION,
    &returns::ORDER,
    &returns::LINE,
    &returns::EXTRA_LINE,
    &transfer::ORDER,
    &transfer::LINE,
    &transfer::ALLOCATION,
    &build::LINE,
    &build::ALLOCATION,
    &notify::ENTRY,
    &notify::MESSAGE,
    &notify::NEWS,
    &notify::WEBHOOK,
    &notify::WEBHOOK_MESSAGE,
    &notify::EMAIL_THREAD,
    &notify::EMAIL,
    &exchange::BACKEND,
    &exchange::RATE,
    &importer::SESSION,
    &importer::COLUMN_MAP,
    &importer::ROW,
    &machine::MACHINE,
    &machine::SETTING,
    &report::LABEL,
    &report::REPORT,
    &report::SNIPPET,
    &report::ASSET,
    &system::ERROR,
    &system::JOB,
    &system::SCHEDULE,
    &system::LEFTOVER,
    &system::IDEMPOTENCY,
    &system::META,
    &versions::VERSION,
    &changelog::TRANSACTION,
    &changelog::CHANGE,
    &changelog::COLUMNS,
    &changelog::STATE,
];

/// The table of a model in the records format (`part.part`).
pub fn table_by_record(model: &str) -> Option<&'static Table> {
    TABLES.iter().copied().find(|table| !model.is_empty() && table.record == model)
}

/// The table of that name in the database (`part_part`).
pub fn table_by_name(name: &str) -> Option<&'static Table> {
    TABLES.iter().copied().find(|table| table.name == name)
}

#[cfg(test)]
mod keys_tests;
#[cfg(test)]
mod mechanisms_tests;
#[cfg(test)]
mod states_tests;
