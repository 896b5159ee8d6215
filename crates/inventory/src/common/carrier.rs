//! The kinds of records that carry attachments, parameters, notes, tags and barcodes.

use ironwood_rest::table::Table;

use crate::build::tables::BUILD;
use crate::company::tables::{COMPANY, MANUFACTURER_PART, SUPPLIER_PART};
use crate::part::tables::{CATEGORY, PART};
use crate::purchasing::tables::ORDER as PURCHASE_ORDER;
use crate::returns::tables::ORDER as RETURN_ORDER;
use crate::sales::tables::{ORDER as SALES_ORDER, SHIPMENT};
use crate::stock::tables::{ITEM, LOCATION};
use crate::transfer::tables::ORDER as TRANSFER_ORDER;

/// One kind of record, and what it may carry.
#[derive(Debug)]
pub struct Carrier {
    pub table: &'static Table,
    pub attachments: bool,
    pub parameters: bool,
    pub barcode: bool,
}

impl Carrier {
    /// Name without the application (`stockitem`).
    pub fn short(&self) -> &'static str {
        self.table.record.rsplit('.').next().unwrap_or_default()
    }
}

const fn carrier(table: &'static Table, [attachments, parameters, barcode]: [bool; 3]) -> Carrier {
    Carrier { table, attachments, parameters, barcode }
}

/// All of them. Each may have tags as well.
pub static CARRIERS: &[Carrier] = &[
    carrier(&PART, [true, true, true]),
    carrier(&CATEGORY, [false, true, false]),
    carrier(&COMPANY, [true, true, false]),
    carrier(&MANUFACTURER_PART, [true, true, true]),
    carrier(&SUPPLIER_PART, [true, true, true]),
    carrier(&ITEM, [true, false, true]),
    carrier(&LOCATION, [false, true, true]),
    carrier(&BUILD, [true, true, true]),
    carrier(&PURCHASE_ORDER, [true, true, true]),
    carrier(&SALES_ORDER, [true, true, true]),
    carrier(&SHIPMENT, [true, true, true]),
    carrier(&RETURN_ORDER, [true, true, true]),
    carrier(&TRANSFER_ORDER, [true, true, true]),
];

/// The carrier of that name, with or without its application (`part.part`, `part`), letters in any case.
pub fn find(name: &str) -> Option<&'static Carrier> {
    CARRIERS.iter().find(|c| c.table.record.eq_ignore_ascii_case(name) || c.short().eq_ignore_ascii_case(name))
}
