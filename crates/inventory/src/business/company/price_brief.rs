//! A price break inside of a supplier part.

use ironwood_rest::view::{Field, INT, View, col, pk, sql};

use crate::schema::company::SUPPLIER_PRICE as TABLE;

pub(super) const FIELDS: [Field; 7] = [
    pk(),
    col("part").help("Supplier part."),
    col("quantity").described_required().help("Minimum quantity for this price."),
    col("price").money().required().mandatory().help("Price per pack."),
    col("price_currency").label("Currency").currency(),
    sql("supplier", INT, "{part.supplier}").option_type("field"),
    col("updated").read_only(),
];

/// A price inside of a supplier's part.
pub(crate) static BRIEF: View = View::new("SupplierPriceBreakBrief", &TABLE, &FIELDS);
