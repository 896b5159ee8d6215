//! Companies and their parts, nested in other records.

use ironwood_rest::view::{QUANTITY, TEXT, View, col, pk, sql};

use super::supplier_part::DUPLICATE;
use crate::schema::company::SUPPLIER_PART;

/// A supplier's part inside of a stock item: described like the part itself, so that forms made from it
/// are the same.
pub(crate) static SUPPLIER_PART_BRIEF: View = View::new(
    "SupplierPartBrief",
    &SUPPLIER_PART,
    &[
        pk(),
        col("available").read_only(),
        col("availability_updated").read_only(),
        col("description"),
        DUPLICATE,
        sql("in_stock", QUANTITY, "CAST(NULL AS BIGINT)").nullable(),
        sql("on_order", QUANTITY, "CAST(NULL AS BIGINT)").nullable(),
        col("link"),
        col("active"),
        col("primary"),
        col("manufacturer_part"),
        sql("MPN", TEXT, "{manufacturer_part.MPN}").nullable(),
        col("note"),
        col("barcode_hash").read_only(),
        col("packaging"),
        col("pack_quantity"),
        col("pack_quantity_native").read_only(),
        col("part"),
        col("SKU"),
        col("supplier"),
        col("updated").read_only(),
        col("notes"),
    ],
);
