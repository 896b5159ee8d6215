//! Parts nested in other records.

use ironwood_rest::below;
use ironwood_rest::view::{BOOL, INT, MONEY, TEXT, View, col, made, pk, sql};
use ironwood_store::sql;

use super::name::{FROM, write_full_name, write_thumbnail};
use crate::schema::part::{CATEGORY, PART};

/// Default location of the part's category, or of the nearest category above it that has one.
pub(crate) const CATEGORY_LOCATION: &str = sql!(
    "COALESCE({category.default_location}, (SELECT c.default_location \
    FROM part_partcategory c WHERE ",
    below!("{category.tree_path}", "c.tree_path", "c.tree_end"),
    " \
    AND c.default_location IS NOT NULL AND c.parent IS NOT NULL ORDER BY LENGTH(c.tree_path) DESC LIMIT 1))"
);
/// Lowest and highest price, calculated in the background.
pub(crate) const PRICE_MIN: &str = "(SELECT p.overall_min FROM part_partpricing p WHERE p.part = {id})";
pub(crate) const PRICE_MAX: &str = "(SELECT p.overall_max FROM part_partpricing p WHERE p.part = {id})";
/// SQL for the moment at which the prices of a part (`$part` is SQL for its key) were calculated. A row
/// that waits and has no prices yet is dated, too, but nothing has been calculated then.
macro_rules! prices_updated {
    ($part:literal) => {
        ironwood_store::sql!(
            "(SELECT p.updated FROM part_partpricing p WHERE p.part = ",
            $part,
            " AND NOT (p.scheduled_for_update AND p.overall_min IS NULL AND p.overall_max IS NULL))"
        )
    };
}
pub(crate) use prices_updated;

/// When they were calculated.
pub(crate) const PRICE_UPDATED: &str = prices_updated!("{id}");

/// A part in a few words.
pub(crate) static BRIEF: View = View::new(
    "PartBrief",
    &PART,
    &[
        pk(),
        col("IPN"),
        col("barcode_hash").read_only(),
        sql("category_default_location", INT, "CAST(NULL AS BIGINT)").nullable(),
        col("default_location"),
        col("default_expiry"),
        col("name"),
        col("revision").default("\"\""),
        made("full_name", TEXT, FROM, write_full_name).option_type("field"),
        col("description"),
        col("image").read_only().nullable(),
        made("thumbnail", TEXT, &["{image}"], write_thumbnail),
        col("active"),
        col("locked"),
        col("assembly"),
        col("component"),
        col("minimum_stock").as_text(),
        col("is_template"),
        col("variant_of"),
        col("purchaseable"),
        col("salable"),
        col("testable"),
        col("trackable"),
        col("virtual"),
        col("consumable"),
        col("units").default("\"\""),
        sql("pricing_min", MONEY, PRICE_MIN).money().nullable().on("pricing", true),
        sql("pricing_max", MONEY, PRICE_MAX).money().nullable().on("pricing", true),
    ],
);

/// A category inside of a part: without its totals.
pub(crate) static CATEGORY_BRIEF: View = View::new(
    "CategoryBrief",
    &CATEGORY,
    &[
        pk(),
        col("name"),
        col("description"),
        col("default_location"),
        col("default_keywords"),
        sql("level", INT, crate::platform::common::tree::LEVEL),
        col("parent"),
        sql("part_count", INT, "CAST(NULL AS BIGINT)").nullable(),
        sql("subcategories", INT, "CAST(NULL AS BIGINT)").nullable(),
        col("pathstring").read_only(),
        sql(
            "starred",
            BOOL,
            "EXISTS (SELECT 1 FROM part_partcategorystar s WHERE s.category = {id} AND s.\"user\" = {user})",
        )
        .option_type("field"),
        col("structural"),
        col("icon").blank_for_null(),
        sql("parent_default_location", INT, "CAST(NULL AS BIGINT)").nullable(),
    ],
);

/// One step on the way to a part's category.
pub(crate) static STEP: View = View::new("CategoryStep", &CATEGORY, &[pk(), col("name").read_only()]);
