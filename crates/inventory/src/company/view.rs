//! Companies and their parts as other records show them.

use ironwood_rest::view::{QUANTITY, TEXT, View, col, pk, sql};

use super::tables::SUPPLIER_PART;

/// A supplier's part inside of a stock item.
pub static SUPPLIER_PART_BRIEF: View = View::new(
    "SupplierPartBrief",
    &SUPPLIER_PART,
    &[
        pk(),
        col("available").read_only(),
        col("availability_updated").read_only(),
        col("description").read_only(),
        sql("in_stock", QUANTITY, "CAST(NULL AS BIGINT)").nullable(),
        sql("on_order", QUANTITY, "CAST(NULL AS BIGINT)").nullable(),
        col("link").read_only(),
        col("active").read_only(),
        col("primary").read_only(),
        col("manufacturer_part").read_only(),
        sql("MPN", TEXT, "{manufacturer_part.MPN}").nullable(),
        col("note").read_only(),
        col("barcode_hash").read_only(),
        col("packaging").read_only(),
        col("pack_quantity").read_only(),
        col("pack_quantity_native").read_only(),
        col("part").read_only(),
        col("SKU").read_only(),
        col("supplier").read_only(),
        col("updated").read_only(),
        col("notes").read_only(),
    ],
);
