//! Companies and their parts as other records show them.

use ironwood_rest::context::Facts;
use ironwood_rest::select::write_text;
use ironwood_rest::view::{QUANTITY, TEXT, View, col, made, pk, sql};
use ironwood_store::ValueRef;

use super::tables::{COMPANY, SUPPLIER_PART};
use crate::app::Snapshot;
use crate::part::name::write_thumbnail;

/// A company in a few words.
pub static COMPANY_BRIEF: View = View::new(
    "CompanyBrief",
    &COMPANY,
    &[
        pk(),
        col("active"),
        col("name"),
        col("description"),
        col("image").read_only().nullable(),
        made("thumbnail", TEXT, &["{image}"], write_thumbnail),
        made("currency", TEXT, &["{currency}"], write_currency),
        col("tax_id"),
    ],
);

/// The company's currency, or that of the server.
pub fn write_currency(out: &mut Vec<u8>, values: &[ValueRef<'_>], facts: &Facts<'_>) {
    let own = values.first().and_then(|v| v.as_text()).filter(|code| !code.is_empty());
    let code = own.or_else(|| Snapshot::of(facts).map(|s| s.settings.text("INVENTREE_DEFAULT_CURRENCY")));
    write_text(out, code.unwrap_or_default());
}

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
