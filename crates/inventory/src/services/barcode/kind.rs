//! Types of records that have barcodes.

use ironwood_rest::table::Table;

use crate::schema::build::BUILD;
use crate::schema::company::{MANUFACTURER_PART, SUPPLIER_PART};
use crate::schema::part::PART;
use crate::schema::purchasing::ORDER as PURCHASE_ORDER;
use crate::schema::returns::ORDER as RETURN_ORDER;
use crate::schema::sales::{ORDER as SALES_ORDER, SHIPMENT};
use crate::schema::stock::{ITEM, LOCATION};
use crate::schema::transfer::ORDER as TRANSFER_ORDER;

/// One kind of record.
#[derive(Debug)]
pub(crate) struct Kind {
    pub table: &'static Table,
    /// Its name in requests, answers and JSON barcodes.
    pub label: &'static str,
    /// Its two letters in short barcodes.
    pub code: &'static str,
    /// Where its list is in the API.
    pub api: &'static str,
}

const fn kind(table: &'static Table, label: &'static str, code: &'static str, api: &'static str) -> Kind {
    Kind { table, label, code, api }
}

/// All of them, in the order in which they are looked through.
pub(crate) static KINDS: &[Kind] = &[
    kind(&BUILD, "build", "BO", "/api/build/"),
    kind(&MANUFACTURER_PART, "manufacturerpart", "MP", "/api/company/part/manufacturer/"),
    kind(&SUPPLIER_PART, "supplierpart", "SP", "/api/company/part/"),
    kind(&PURCHASE_ORDER, "purchaseorder", "PO", "/api/order/po/"),
    kind(&RETURN_ORDER, "returnorder", "RO", "/api/order/ro/"),
    kind(&SALES_ORDER, "salesorder", "SO", "/api/order/so/"),
    kind(&SHIPMENT, "salesordershipment", "SS", "/api/order/so/shipment/"),
    kind(&TRANSFER_ORDER, "transferorder", "TO", "/api/order/transfer-order/"),
    kind(&PART, "part", "PA", "/api/part/"),
    kind(&ITEM, "stockitem", "SI", "/api/stock/"),
    kind(&LOCATION, "stocklocation", "SL", "/api/stock/location/"),
];

/// The kind of that name.
pub(crate) fn by_label(label: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|k| k.label == label)
}

/// The kind with these two letters.
pub(crate) fn by_code(code: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|k| k.code == code)
}

/// The names of all kinds, joined by commas.
pub(crate) fn labels() -> String {
    KINDS.iter().map(|k| k.label).collect::<Vec<_>>().join(", ")
}
