//! Addresses of companies.

use ironwood_rest::view::{View, col, pk};

use super::tables::ADDRESS as TABLE;

/// An address inside of other records.
pub static BRIEF: View = View::new(
    "AddressBrief",
    &TABLE,
    &[
        pk(),
        col("line1"),
        col("line2"),
        col("postal_code"),
        col("postal_city"),
        col("province"),
        col("country"),
        col("shipping_notes"),
        col("internal_shipping_notes"),
    ],
);
