//! What is told of a part: stock, allocations, requirements, from the totals that are kept ([`super::kept`]).

/// A kept total (see [`super::kept`]) of the part with that SQL for its key; 0 for none.
macro_rules! kept {
    ($name:literal, $part:expr) => {
        ironwood_store::sql!(
            "COALESCE((SELECT kept.",
            $name,
            " FROM ironwood_part_totals kept WHERE kept.id = ",
            $part,
            "), 0)"
        )
    };
}
/// The sum of `$each`, SQL over a part `v`, over the parts of a family: from `$path` up to `$end`,
/// with (`at_or_below`) or without (`below`) the part itself. Each part is summed by itself: joined, its stock would tempt PostgreSQL to walk through all
/// parts, because it cannot know how few there are in a family.
macro_rules! of_family {
    ($each:expr, $range:ident, $path:expr, $end:expr) => {
        ironwood_store::sql!(
            "(SELECT COALESCE(CAST(SUM(",
            $each,
            ") AS BIGINT), 0) FROM part_part v WHERE ",
            ironwood_rest::$range!("v.tree_path", $path, $end),
            ")"
        )
    };
}
/// Stock of the part itself: `$part` is SQL for its key.
macro_rules! in_stock {
    ($part:expr) => {
        $crate::business::part::totals::kept!("in_stock", $part)
    };
}
/// Stock of it in external locations: `$part` is SQL for its key.
macro_rules! external_stock {
    ($part:expr) => {
        $crate::business::part::totals::kept!("external_stock", $part)
    };
}
/// What open build orders are making of it: `$part` is SQL for its key.
macro_rules! building {
    ($part:expr) => {
        $crate::business::part::totals::kept!("building", $part)
    };
}
/// What open purchase orders are still to bring: `$part` is SQL for its key.
macro_rules! on_order {
    ($part:expr) => {
        $crate::business::part::totals::kept!("on_order", $part)
    };
}
/// Stock allocated for open sales orders and not yet shipped: `$part` is SQL for its key.
macro_rules! allocated_to_sales {
    ($part:expr) => {
        $crate::business::part::totals::kept!("allocated_to_sales", $part)
    };
}
/// Stock allocated for open build orders: `$part` is SQL for its key.
macro_rules! allocated_to_builds {
    ($part:expr) => {
        $crate::business::part::totals::kept!("allocated_to_builds", $part)
    };
}

use crate::schema::totals::{high_stock, low_stock};
use ironwood_store::sql;

pub(crate) use {
    allocated_to_builds, allocated_to_sales, building, external_stock, in_stock, kept, of_family, on_order,
};

/// Stock of the part itself.
pub(crate) const IN_STOCK: &str = "{totals:in_stock}";
/// Stock of its variants.
pub(crate) const VARIANT_STOCK: &str = "{totals:total_in_stock} - {totals:in_stock}";
/// Stock of the part and its variants.
pub(crate) const TOTAL_IN_STOCK: &str = "{totals:total_in_stock}";
/// Stock of it in external locations.
pub(crate) const EXTERNAL_STOCK: &str = "{totals:external_stock}";
/// What open build orders are making of it.
pub(crate) const BUILDING: &str = "COALESCE({totals:building}, 0)";
/// What open build orders are still to make of it.
pub(crate) const SCHEDULED: &str = "{totals:scheduled}";
/// What open purchase orders are still to bring; quantities of packs count what is in them.
pub(crate) const ON_ORDER: &str = "COALESCE({totals:on_order}, 0)";
/// Stock allocated for open sales orders and not yet shipped.
pub(crate) const ALLOCATED_TO_SALES: &str = "{totals:allocated_to_sales}";
/// Stock allocated for open build orders.
pub(crate) const ALLOCATED_TO_BUILDS: &str = "{totals:allocated_to_builds}";
/// What open build orders still need of it, in whole parts.
pub(crate) const WHOLE_REQUIRED_FOR_BUILDS: &str = sql!("{totals:required_for_builds}", " / 100000");
/// What open sales orders still need of it, in whole parts.
pub(crate) const WHOLE_REQUIRED_FOR_SALES: &str = sql!("{totals:required_for_sales}", " / 100000");
/// Stock that is not allocated for anything.
pub(crate) const UNALLOCATED: &str = sql!(
    "GREATEST(",
    "{totals:total_in_stock}",
    " - ",
    "{totals:allocated_to_sales}",
    " - ",
    "{totals:allocated_to_builds}",
    ", 0)"
);
/// There is less than the least that should be there.
pub(crate) const LOW_STOCK: &str = low_stock!("{totals:", "}");
/// There is at least what should be there.
pub(crate) const NOT_LOW_STOCK: &str = sql!("NOT (", low_stock!("{totals:", "}"), ")");
/// There is more than the most that should be there.
pub(crate) const HIGH_STOCK: &str = high_stock!("{totals:", "}");
/// There is no more than what should be there.
pub(crate) const NOT_HIGH_STOCK: &str = sql!("NOT (", high_stock!("{totals:", "}"), ")");
/// There is some of it.
pub(crate) const HAS_STOCK: &str = sql!("{totals:in_stock}", " > 0");
/// There is none of it.
pub(crate) const NOT_HAS_STOCK: &str = sql!("{totals:in_stock}", " <= 0");
/// There is some of it.
pub(crate) const HAS_UNALLOCATED: &str = sql!(
    "GREATEST(",
    "{totals:total_in_stock}",
    " - ",
    "{totals:allocated_to_sales}",
    " - ",
    "{totals:allocated_to_builds}",
    ", 0) > 0"
);
/// There is none of it.
pub(crate) const NOT_HAS_UNALLOCATED: &str = sql!(
    "GREATEST(",
    "{totals:total_in_stock}",
    " - ",
    "{totals:allocated_to_sales}",
    " - ",
    "{totals:allocated_to_builds}",
    ", 0) <= 0"
);
/// There is some of it.
pub(crate) const IS_ON_ORDER: &str = sql!("{totals:on_order}", " > 0");
/// There is none of it.
pub(crate) const NOT_IS_ON_ORDER: &str = sql!("{totals:on_order}", " <= 0");
/// Stock items are known, but nothing is left.
pub(crate) const DEPLETED: &str = "({totals:in_stock} = 0 AND {totals:items} > 0)";
/// Something is left, or nothing ever was.
pub(crate) const NOT_DEPLETED: &str = "NOT ({totals:in_stock} = 0 AND {totals:items} > 0)";
/// Build orders need more than is allocated for them.
pub(crate) const NEEDED_FOR_BUILDS: &str = sql!("{totals:required_for_builds}", " > ", "{totals:allocated_to_builds}");
/// What build orders need is allocated for them.
pub(crate) const NOT_NEEDED_FOR_BUILDS: &str =
    sql!("{totals:required_for_builds}", " <= ", "{totals:allocated_to_builds}");
