//! Types of records that can have attachments, parameters, notes, tags, and barcodes, and of which labels and reports are
//! made. All lists of such types derive from this one, but for the fields of `barcode::link`.

use ironwood_base::status::same;
use ironwood_rest::table::Table;

use crate::schema::build::{BUILD, LINE as BUILD_LINE};
use crate::schema::company::{COMPANY, MANUFACTURER_PART, SUPPLIER_PART};
use crate::schema::part::{CATEGORY, PART};
use crate::schema::purchasing::ORDER as PURCHASE_ORDER;
use crate::schema::returns::ORDER as RETURN_ORDER;
use crate::schema::sales::{ORDER as SALES_ORDER, SHIPMENT};
use crate::schema::stock::{ITEM, LOCATION};
use crate::schema::transfer::ORDER as TRANSFER_ORDER;

/// What records of a type may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Has {
    Attachments,
    Parameters,
    /// Notes, and images in them.
    Notes,
    /// Tags. Messages tell of such records.
    Tags,
    /// Labels and reports that are made of them.
    Documents,
    Barcode,
}

/// A type of record, and what its records may have.
#[derive(Debug)]
pub struct RecordType {
    pub table: &'static Table,
    /// Where its list is in the API.
    pub api: &'static str,
    /// The two letters that stand for it in short barcodes; empty: its records have none.
    pub barcode: &'static str,
    attachments: bool,
    parameters: bool,
    tags: bool,
    documents: bool,
}

impl RecordType {
    const fn new(table: &'static Table, api: &'static str) -> Self {
        RecordType { table, api, barcode: "", attachments: false, parameters: false, tags: true, documents: false }
    }
    const fn attachments(mut self) -> Self {
        self.attachments = true;
        self
    }
    const fn parameters(mut self) -> Self {
        self.parameters = true;
        self
    }
    const fn documents(mut self) -> Self {
        self.documents = true;
        self
    }
    const fn barcode(mut self, letters: &'static str) -> Self {
        self.barcode = letters;
        self
    }
    const fn untagged(mut self) -> Self {
        self.tags = false;
        self
    }

    /// Whether records of the type may have that.
    pub const fn has(&self, what: Has) -> bool {
        match what {
            Has::Attachments => self.attachments,
            Has::Parameters => self.parameters,
            Has::Notes => has_notes(self.table),
            Has::Tags => self.tags,
            Has::Documents => self.documents,
            Has::Barcode => !self.barcode.is_empty(),
        }
    }
}

/// Whether a table has notes: a column of that name in Markdown.
const fn has_notes(table: &Table) -> bool {
    let mut i = 0;
    while i < table.columns.len() {
        if same(table.columns[i].name, "notes") {
            return table.columns[i].markdown;
        }
        i += 1;
    }
    false
}

/// All of them, in the order of their names in records: the order in which clients see them.
pub static RECORD_TYPES: &[RecordType] = &[
    RecordType::new(&BUILD, "/api/build/").attachments().parameters().documents().barcode("BO"),
    RecordType::new(&BUILD_LINE, "/api/build/line/").documents().untagged(),
    RecordType::new(&COMPANY, "/api/company/").attachments().parameters().documents(),
    RecordType::new(&MANUFACTURER_PART, "/api/company/part/manufacturer/").attachments().parameters().barcode("MP"),
    RecordType::new(&SUPPLIER_PART, "/api/company/part/").attachments().parameters().barcode("SP"),
    RecordType::new(&PURCHASE_ORDER, "/api/order/po/").attachments().parameters().documents().barcode("PO"),
    RecordType::new(&RETURN_ORDER, "/api/order/ro/").attachments().parameters().documents().barcode("RO"),
    RecordType::new(&SALES_ORDER, "/api/order/so/").attachments().parameters().documents().barcode("SO"),
    RecordType::new(&SHIPMENT, "/api/order/so/shipment/").attachments().parameters().documents().barcode("SS"),
    RecordType::new(&TRANSFER_ORDER, "/api/order/transfer-order/").attachments().parameters().documents().barcode("TO"),
    RecordType::new(&PART, "/api/part/").attachments().parameters().documents().barcode("PA"),
    RecordType::new(&CATEGORY, "/api/part/category/").parameters(),
    RecordType::new(&ITEM, "/api/stock/").attachments().documents().barcode("SI"),
    RecordType::new(&LOCATION, "/api/stock/location/").parameters().documents().barcode("SL"),
];

/// How many types have that.
pub const fn count(what: Has) -> usize {
    let (mut i, mut count) = (0, 0);
    while i < RECORD_TYPES.len() {
        count += RECORD_TYPES[i].has(what) as usize;
        i += 1;
    }
    count
}

const fn tables<const N: usize>(what: Has) -> [&'static Table; N] {
    let mut tables = [RECORD_TYPES[0].table; N];
    let (mut i, mut at) = (0, 0);
    while i < RECORD_TYPES.len() {
        if RECORD_TYPES[i].has(what) {
            tables[at] = RECORD_TYPES[i].table;
            at += 1;
        }
        i += 1;
    }
    tables
}

/// Names and labels, as clients choose from them: with their application (`part.part`), or without (`part`).
const fn choices<const N: usize>(what: Has, in_full: bool) -> [(&'static str, &'static str); N] {
    let tables: [&Table; N] = tables(what);
    let mut choices = [("", ""); N];
    let mut i = 0;
    while i < N {
        choices[i] = (if in_full { tables[i].record } else { tables[i].model() }, tables[i].label);
        i += 1;
    }
    choices
}

/// Tables of records that have attachments.
pub static ATTACHED_TO: &[&Table] = &tables::<{ count(Has::Attachments) }>(Has::Attachments);
/// Tables of records that have parameters.
pub static PARAMETERS_OF: &[&Table] = &tables::<{ count(Has::Parameters) }>(Has::Parameters);
/// Tables of records that have notes.
pub static NOTES_OF: &[&Table] = &tables::<{ count(Has::Notes) }>(Has::Notes);
/// Tables of records that have tags.
pub static TAGGED: &[&Table] = &tables::<{ count(Has::Tags) }>(Has::Tags);

/// Models whose records have attachments, as clients choose them.
pub static WITH_ATTACHMENTS: &[(&str, &str)] = &choices::<{ count(Has::Attachments) }>(Has::Attachments, false);
/// Models whose records have labels and reports, as clients choose them.
pub static WITH_DOCUMENTS: &[(&str, &str)] = &choices::<{ count(Has::Documents) }>(Has::Documents, false);
/// Models whose records have parameters, as clients choose them.
pub static WITH_PARAMETERS: &[(&str, &str)] = &choices::<{ count(Has::Parameters) }>(Has::Parameters, true);
/// The same, and none for all of them.
pub static WITH_PARAMETERS_OR_ALL: &[(&str, &str)] = &{
    const COUNT: usize = count(Has::Parameters);
    let each: [(&str, &str); COUNT] = choices(Has::Parameters, true);
    let mut all = [("", "All types of records"); COUNT + 1];
    let mut i = 0;
    while i < COUNT {
        all[i + 1] = each[i];
        i += 1;
    }
    all
};

/// The types whose records may have that.
pub fn with(what: Has) -> impl Iterator<Item = &'static RecordType> {
    RECORD_TYPES.iter().filter(move |one| one.has(what))
}

/// The type of the rows of a table.
pub fn of(table: &Table) -> Option<&'static RecordType> {
    RECORD_TYPES.iter().find(|one| one.table.name == table.name)
}

/// The type of that name, with or without its application (`part.part`, `part`), letters in any case.
pub fn find(name: &str) -> Option<&'static RecordType> {
    RECORD_TYPES
        .iter()
        .find(|one| one.table.record.eq_ignore_ascii_case(name) || one.table.model().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_sorted_and_have_labels() {
        assert!(RECORD_TYPES.is_sorted_by_key(|one| one.table.record));
        for one in RECORD_TYPES {
            assert!(!one.table.label.is_empty(), "{}", one.table.record);
            assert_eq!(one.has(Has::Barcode), one.table.column("barcode_hash").is_some(), "{}", one.table.record);
        }
        assert_eq!(WITH_ATTACHMENTS[0], ("build", "Build order"));
        assert_eq!(WITH_PARAMETERS_OR_ALL[1..], *WITH_PARAMETERS);
        assert_eq!(find("PART.part").map(|one| one.api), Some("/api/part/"));
    }

    #[test]
    fn the_list_of_each_type_is_in_the_api() {
        let registry = crate::installation::app::the_registry();
        for one in RECORD_TYPES {
            let resource = registry.resources.iter().find(|resource| resource.path == one.api).unwrap();
            assert_eq!(resource.view.table.name, one.table.name, "{}", one.api);
        }
    }
}
