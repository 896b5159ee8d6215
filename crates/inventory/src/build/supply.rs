//! What a line of a build order needs, what it has, and what there is for it: SQL over the line's row.
//!
//! Where lines are asked for by build order, only stock counts that lies where the order takes it from.

use crate::part::totals::{building, of_family, on_order};
use crate::stock::available::{claimed, in_stock_condition};

/// The stock item with the alias `s` lies where the build order takes stock from, if that is asked for.
macro_rules! in_reach {
    () => {
        "({?build} IS NULL OR {build.take_from} IS NULL OR EXISTS (SELECT 1 FROM stock_stocklocation w \
        WHERE w.id = s.location AND w.tree_path >= {build.take_from.tree_path} AND w.tree_path < \
        {build.take_from.tree_end}))"
    };
}

/// Stock items with the alias `s` of the line's part.
macro_rules! own {
    () => {
        "s.part = {bom_item.sub_part}"
    };
}

/// Stock items with the alias `s` of substitutes.
macro_rules! of_substitutes {
    () => {
        "s.part IN (SELECT u.part FROM part_bomitemsubstitute u WHERE u.bom_item = {bom_item})"
    };
}

/// Stock that fulfils a condition on `s` and is in stock.
macro_rules! stock {
    ($condition:expr) => {
        concat!(
            "(SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s WHERE ",
            $condition,
            " AND ",
            in_stock_condition!(),
            ")"
        )
    };
}

/// What open sales orders claim of stock that fulfils a condition on `s`.
macro_rules! for_sales {
    ($condition:expr) => {
        concat!(
            "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM stock_stockitem s \
            JOIN order_salesorderallocation a ON a.item = s.id JOIN order_salesorderlineitem n ON n.id = a.line \
            JOIN order_salesorder o ON o.id = n.\"order\" LEFT JOIN order_salesordershipment h ON h.id = a.shipment \
            WHERE o.status IN (10, 15, 20, 25) AND h.shipment_date IS NULL AND ",
            $condition,
            ")"
        )
    };
}

/// What open build orders claim of stock that fulfils a condition on `s`.
macro_rules! for_builds {
    ($condition:expr) => {
        concat!(
            "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM stock_stockitem s \
            JOIN build_builditem a ON a.stock_item = s.id JOIN build_buildline n ON n.id = a.build_line \
            JOIN build_build b ON b.id = n.build WHERE b.status IN (10, 20, 25) AND ",
            $condition,
            ")"
        )
    };
}

macro_rules! allocated {
    () => {
        "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM build_builditem a WHERE a.build_line = {id})"
    };
}

macro_rules! available {
    () => {
        concat!(
            "GREATEST(",
            stock!(concat!(own!(), " AND ", in_reach!())),
            " - ",
            for_sales!(concat!(own!(), " AND ", in_reach!())),
            " - ",
            for_builds!(concat!(own!(), " AND ", in_reach!())),
            ", 0)"
        )
    };
}

macro_rules! substitutes {
    () => {
        concat!(
            "GREATEST(",
            stock!(concat!(of_substitutes!(), " AND ", in_reach!())),
            " - ",
            for_sales!(of_substitutes!()),
            " - ",
            for_builds!(of_substitutes!()),
            ", 0)"
        )
    };
}

macro_rules! variants {
    () => {
        concat!(
            "GREATEST(",
            of_family!(
                concat!(
                    "(SELECT SUM(s.quantity - ",
                    claimed!("s.id"),
                    ") FROM stock_stockitem s WHERE s.part = v.id AND ",
                    in_stock_condition!(),
                    " AND ",
                    in_reach!(),
                    ")"
                ),
                ">",
                "{bom_item.sub_part.tree_path}",
                "{bom_item.sub_part.tree_end}"
            ),
            ", 0)"
        )
    };
}

macro_rules! supplied {
    () => {
        concat!("{consumed} + ", allocated!(), " + ", available!(), " + ", substitutes!(), " + ", variants!())
    };
}

/// What is set aside for the line.
pub const ALLOCATED: &str = allocated!();
/// What open build orders are making of the part.
pub const IN_PRODUCTION: &str = building!("{bom_item.sub_part}");
/// What open build orders are still to make of it.
pub const SCHEDULED: &str = "((SELECT COALESCE(CAST(SUM(GREATEST(b.quantity - b.completed, 0)) AS BIGINT), 0) \
    FROM build_build b WHERE b.part = {bom_item.sub_part} AND b.status IN (10, 20, 25)) * 100000)";
/// What open purchase orders are still to bring of it.
pub const ON_ORDER: &str = on_order!("{bom_item.sub_part}");
/// Stock of the part that no order and no build claims.
pub const AVAILABLE: &str = available!();
/// Stock of it in external locations.
pub const EXTERNAL: &str = concat!(
    "(SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s JOIN stock_stocklocation x \
    ON x.id = s.location WHERE x.external AND ",
    own!(),
    " AND ",
    in_stock_condition!(),
    " AND ",
    in_reach!(),
    ")"
);
/// Stock of its substitutes that no order and no build claims.
pub const SUBSTITUTES: &str = substitutes!();
/// Stock of its variants that is not set aside.
pub const VARIANTS: &str = variants!();
/// Something is on order.
pub const IS_ON_ORDER: &str = concat!(on_order!("{bom_item.sub_part}"), " > 0");
/// Nothing is on order.
pub const NOT_ON_ORDER: &str = concat!(on_order!("{bom_item.sub_part}"), " = 0");
/// What is used up, set aside and there is enough.
pub const IS_AVAILABLE: &str = concat!("{quantity} <= ", supplied!());
/// It is not enough.
pub const NOT_AVAILABLE: &str = concat!("{quantity} > ", supplied!());
/// All that is still needed is set aside.
pub const IS_ALLOCATED: &str = concat!(allocated!(), " >= {quantity} - {consumed}");
/// Less than what is still needed is set aside.
pub const NOT_ALLOCATED: &str = concat!(allocated!(), " < {quantity} - {consumed}");
