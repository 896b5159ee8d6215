//! Types of records that can have attachments, parameters, notes, tags, and barcodes.

use ironwood_rest::table::Table;

use crate::schema::build::BUILD;
use crate::schema::company::{COMPANY, MANUFACTURER_PART, SUPPLIER_PART};
use crate::schema::part::{CATEGORY, PART};
use crate::schema::purchasing::ORDER as PURCHASE_ORDER;
use crate::schema::returns::ORDER as RETURN_ORDER;
use crate::schema::sales::{ORDER as SALES_ORDER, SHIPMENT};
use crate::schema::stock::{ITEM, LOCATION};
use crate::schema::transfer::ORDER as TRANSFER_ORDER;

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
        self.table.model()
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

/// Tables of records that have attachments.
pub static ATTACHED_TO: &[&Table] = &[
    &PART,
    &COMPANY,
    &MANUFACTURER_PART,
    &SUPPLIER_PART,
    &ITEM,
    &BUILD,
    &PURCHASE_ORDER,
    &SALES_ORDER,
    &SHIPMENT,
    &RETURN_ORDER,
    &TRANSFER_ORDER,
];

/// Tables of records that have parameters.
pub static PARAMETERS_OF: &[&Table] = &[
    &PART,
    &CATEGORY,
    &COMPANY,
    &MANUFACTURER_PART,
    &SUPPLIER_PART,
    &LOCATION,
    &BUILD,
    &PURCHASE_ORDER,
    &SALES_ORDER,
    &SHIPMENT,
    &RETURN_ORDER,
    &TRANSFER_ORDER,
];

/// Tables of records that have notes, and images in them.
pub static NOTES_OF: &[&Table] = &[
    &PART,
    &COMPANY,
    &MANUFACTURER_PART,
    &SUPPLIER_PART,
    &ITEM,
    &BUILD,
    &PURCHASE_ORDER,
    &SALES_ORDER,
    &SHIPMENT,
    &RETURN_ORDER,
    &TRANSFER_ORDER,
];

/// Tables of all these records, which may have tags and of which messages tell.
pub static TAGGED: &[&Table] = &[
    &PART,
    &CATEGORY,
    &COMPANY,
    &MANUFACTURER_PART,
    &SUPPLIER_PART,
    &ITEM,
    &LOCATION,
    &BUILD,
    &PURCHASE_ORDER,
    &SALES_ORDER,
    &SHIPMENT,
    &RETURN_ORDER,
    &TRANSFER_ORDER,
];

/// Models whose records have parameters, as clients choose them.
pub static WITH_PARAMETERS: &[(&str, &str)] = &[
    ("build.build", "Build order"),
    ("company.company", "Company"),
    ("company.manufacturerpart", "Manufacturer part"),
    ("company.supplierpart", "Supplier part"),
    ("order.purchaseorder", "Purchase order"),
    ("order.returnorder", "Return order"),
    ("order.salesorder", "Sales order"),
    ("order.salesordershipment", "Shipment"),
    ("order.transferorder", "Transfer order"),
    ("part.part", "Part"),
    ("part.partcategory", "Part category"),
    ("stock.stocklocation", "Stock location"),
];

/// The same, and none for all of them.
pub static WITH_PARAMETERS_OR_ALL: &[(&str, &str)] = &[
    ("", "All types of records"),
    WITH_PARAMETERS[0],
    WITH_PARAMETERS[1],
    WITH_PARAMETERS[2],
    WITH_PARAMETERS[3],
    WITH_PARAMETERS[4],
    WITH_PARAMETERS[5],
    WITH_PARAMETERS[6],
    WITH_PARAMETERS[7],
    WITH_PARAMETERS[8],
    WITH_PARAMETERS[9],
    WITH_PARAMETERS[10],
    WITH_PARAMETERS[11],
];

/// Models whose records have attachments, as clients choose them.
pub static WITH_ATTACHMENTS: &[(&str, &str)] = &[
    ("build", "Build order"),
    ("company", "Company"),
    ("manufacturerpart", "Manufacturer part"),
    ("supplierpart", "Supplier part"),
    ("purchaseorder", "Purchase order"),
    ("returnorder", "Return order"),
    ("salesorder", "Sales order"),
    ("salesordershipment", "Shipment"),
    ("transferorder", "Transfer order"),
    ("part", "Part"),
    ("stockitem", "Stock item"),
];

/// The carrier of that name, with or without its application (`part.part`, `part`), letters in any case.
pub fn find(name: &str) -> Option<&'static Carrier> {
    CARRIERS.iter().find(|c| c.table.record.eq_ignore_ascii_case(name) || c.short().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_carriers_are_listed() {
        let listed = |which: fn(&Carrier) -> bool| -> Vec<&str> {
            CARRIERS.iter().filter(|c| which(c)).map(|c| c.table.name).collect()
        };
        let names = |tables: &[&Table]| -> Vec<String> { tables.iter().map(|t| t.name.to_owned()).collect() };
        let has_notes = |c: &Carrier| c.table.column("notes").is_some_and(|column| column.markdown);
        assert_eq!(names(ATTACHED_TO), listed(|c| c.attachments));
        assert_eq!(names(PARAMETERS_OF), listed(|c| c.parameters));
        assert_eq!(names(NOTES_OF), listed(has_notes));
        assert_eq!(names(TAGGED), listed(|_| true));
    }

    #[test]
    fn what_clients_choose_from_is_what_there_is() {
        let mut of: Vec<&str> = CARRIERS.iter().filter(|c| c.parameters).map(|c| c.table.record).collect();
        of.sort_unstable();
        assert_eq!(WITH_PARAMETERS.iter().map(|(name, _)| *name).collect::<Vec<_>>(), of);
        assert_eq!(WITH_PARAMETERS_OR_ALL[1..], *WITH_PARAMETERS);
        let mut of: Vec<&str> = CARRIERS.iter().filter(|c| c.attachments).map(Carrier::short).collect();
        let mut chosen: Vec<&str> = WITH_ATTACHMENTS.iter().map(|(name, _)| *name).collect();
        of.sort_unstable();
        chosen.sort_unstable();
        assert_eq!(chosen, of);
    }
}
