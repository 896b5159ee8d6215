//! What a line of a build order needs, what it has, and what there is for it: SQL over the line's row.
//!
//! Where lines are asked for by build order, only stock counts that lies where the order takes it from.

use crate::business::bom::usable::{free_own, free_substitutes, free_variants};
use crate::business::part::totals::{building, on_order};
use crate::business::stock::available::in_stock_condition;
use ironwood_base::status::BuildStatus;
use ironwood_store::sql;

/// The stock item with the alias `s` lies where the build order takes stock from, if that is asked for.
macro_rules! in_reach {
    () => {
        ironwood_store::sql!(
            "({?build} IS NULL OR {build.take_from} IS NULL OR EXISTS (SELECT 1 FROM stock_stocklocation w \
        WHERE w.id = s.location AND ",
            ironwood_rest::at_or_below!("w.tree_path", "{build.take_from.tree_path}", "{build.take_from.tree_end}"),
            "))"
        )
    };
}

/// Stock items with the alias `s` of the line's part.
macro_rules! own {
    () => {
        "s.part = {bom_item.sub_part}"
    };
}

macro_rules! allocated {
    () => {
        "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM build_builditem a WHERE a.build_line = {id})"
    };
}

macro_rules! available {
    () => {
        free_own!("{bom_item.sub_part.", "}", in_reach!())
    };
}

macro_rules! substitutes {
    () => {
        free_substitutes!("{bom_item}", "{bom_item.sub_part.", "}", "{bom_item.allow_variants}", in_reach!())
    };
}

macro_rules! variants {
    ($allows:literal) => {
        free_variants!("{bom_item.sub_part.", "}", $allows, in_reach!())
    };
    () => {
        variants!("{bom_item.allow_variants}")
    };
}

macro_rules! supplied {
    () => {
        sql!("{consumed} + ", allocated!(), " + ", available!(), " + ", substitutes!(), " + ", variants!())
    };
}

/// What is allocated for the line.
pub(crate) const ALLOCATED: &str = allocated!();
/// What open build orders are making of the part.
pub(crate) const IN_PRODUCTION: &str = building!("{bom_item.sub_part}");
/// What open build orders are still to make of it.
pub(crate) const SCHEDULED: &str = sql!(
    "((SELECT COALESCE(CAST(SUM(GREATEST(b.quantity - b.completed, 0)) AS BIGINT), 0) \
    FROM build_build b WHERE b.part = {bom_item.sub_part} AND b.status IN (",
    [..BuildStatus::OPEN],
    ")) * 100000)"
);
/// What open purchase orders are still to bring of it.
pub(crate) const ON_ORDER: &str = on_order!("{bom_item.sub_part}");
/// Free stock of the part.
pub(crate) const AVAILABLE: &str = available!();
/// Stock of it in external locations.
pub(crate) const EXTERNAL: &str = sql!(
    "(SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s JOIN stock_stocklocation x \
    ON x.id = s.location WHERE x.external AND ",
    own!(),
    " AND ",
    in_stock_condition!(),
    " AND ",
    in_reach!(),
    ")"
);
/// Free stock of the line's substitutes.
pub(crate) const SUBSTITUTES: &str = substitutes!();
/// Free stock of the part's variants, whether the line allows them or not.
pub(crate) const VARIANTS: &str = variants!("TRUE");
/// Something is on order.
pub(crate) const IS_ON_ORDER: &str = sql!(on_order!("{bom_item.sub_part}"), " > 0");
/// Nothing is on order.
pub(crate) const NOT_ON_ORDER: &str = sql!(on_order!("{bom_item.sub_part}"), " = 0");
/// What is consumed, allocated and there is enough.
pub(crate) const IS_AVAILABLE: &str = sql!("{quantity} <= ", supplied!());
/// It is not enough.
pub(crate) const NOT_AVAILABLE: &str = sql!("{quantity} > ", supplied!());
/// All that is still needed is allocated.
pub(crate) const IS_ALLOCATED: &str = sql!(allocated!(), " >= {quantity} - {consumed}");
/// Less than what is still needed is allocated.
pub(crate) const NOT_ALLOCATED: &str = sql!(allocated!(), " < {quantity} - {consumed}");
