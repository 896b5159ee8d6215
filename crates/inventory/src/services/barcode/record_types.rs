//! Types of records that have barcodes.

use crate::schema::record_type::{self, Has, RecordType, with};

/// How many there are.
pub(super) const COUNT: usize = record_type::count(Has::Barcode);

/// The type of that name (`part`): so it is called in requests, answers, and JSON barcodes.
pub(crate) fn by_model(model: &str) -> Option<&'static RecordType> {
    with(Has::Barcode).find(|one| one.table.model() == model)
}

/// The type with these two letters.
pub(crate) fn by_code(code: &str) -> Option<&'static RecordType> {
    with(Has::Barcode).find(|one| one.barcode == code)
}

/// The names of all types, joined by commas.
pub(crate) fn models() -> String {
    with(Has::Barcode).map(|one| one.table.model()).collect::<Vec<_>>().join(", ")
}
