//! Labels and reports, and the records that they are made of.

use ironwood_rest::table::Table;

use crate::schema::build::{BUILD, LINE};
use crate::schema::company::COMPANY;
use crate::schema::part::PART;
use crate::schema::purchasing::ORDER as PURCHASE_ORDER;
use crate::schema::report::{LABEL, REPORT};
use crate::schema::returns::ORDER as RETURN_ORDER;
use crate::schema::sales::{ORDER as SALES_ORDER, SHIPMENT};
use crate::schema::stock::{ITEM, LOCATION};
use crate::schema::transfer::ORDER as TRANSFER_ORDER;

/// Labels or reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Label,
    Report,
}

impl Kind {
    /// The table of the templates.
    pub(crate) fn table(self) -> &'static Table {
        match self {
            Kind::Label => &LABEL,
            Kind::Report => &REPORT,
        }
    }

    /// What an output of this kind is called in the API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Label => "label",
            Kind::Report => "report",
        }
    }
}

/// The kinds of records that labels and reports are made of.
pub(crate) static KINDS: &[(&str, &str)] = &[
    ("build", "Build order"),
    ("buildline", "Build order line"),
    ("company", "Company"),
    ("purchaseorder", "Purchase order"),
    ("returnorder", "Return order"),
    ("salesorder", "Sales order"),
    ("salesordershipment", "Shipment"),
    ("transferorder", "Transfer order"),
    ("part", "Part"),
    ("stockitem", "Stock item"),
    ("stocklocation", "Stock location"),
];

static TABLES: &[&Table] = &[
    &BUILD,
    &LINE,
    &COMPANY,
    &PURCHASE_ORDER,
    &RETURN_ORDER,
    &SALES_ORDER,
    &SHIPMENT,
    &TRANSFER_ORDER,
    &PART,
    &ITEM,
    &LOCATION,
];

/// The table of a kind of records.
pub(crate) fn table_of(kind: &str) -> Option<&'static Table> {
    TABLES.iter().copied().find(|table| table.model() == kind)
}
