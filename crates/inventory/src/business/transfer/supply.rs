//! What is there of the part of a transfer order's line, as SQL over the part. What is only to be moved stays available.

use crate::business::part::totals::{allocated_to_builds, allocated_to_sales, in_stock, of_family};
use crate::business::stock::available::in_stock_condition;
use ironwood_store::sql;

/// What is allocated of the stock of the part `v`, in the table and by the column with these names. CROSS JOIN:
/// from the stock, and never through all allocations, however few.
macro_rules! set_aside_of_stock {
    ($table:literal, $item:literal) => {
        sql!(
            "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM stock_stockitem s CROSS JOIN ",
            $table,
            " a WHERE s.part = v.id AND a.",
            $item,
            " = s.id AND ",
            in_stock_condition!(),
            ")"
        )
    };
}

/// Stock of the part that no sales order and no build claims.
pub(crate) const AVAILABLE: &str = sql!(
    "GREATEST(",
    in_stock!("{id}"),
    " - ",
    allocated_to_sales!("{id}"),
    " - ",
    allocated_to_builds!("{id}"),
    ", 0)"
);
/// The same of its variants.
pub(crate) const VARIANTS: &str = sql!(
    "GREATEST(",
    of_family!(
        sql!(
            in_stock!("v.id"),
            " - ",
            set_aside_of_stock!("order_salesorderallocation", "item"),
            " - ",
            set_aside_of_stock!("build_builditem", "stock_item")
        ),
        below,
        "{tree_path}",
        "{tree_end}"
    ),
    ", 0)"
);
