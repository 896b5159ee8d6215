//! The one definition of "in stock".

/// There is some of the item, and it is not installed, sold, consumed or given to a customer. `$open` and
/// `$close` stand around the names of its columns: `"s."` and `""`, or `"{"` and `"}"` in templates.
macro_rules! on_hand {
    ($open:literal, $close:literal) => {
        ironwood_store::sql!(
            $open,
            "quantity",
            $close,
            " > 0 AND ",
            $open,
            "sales_order",
            $close,
            " IS NULL AND ",
            $open,
            "belongs_to",
            $close,
            " IS NULL AND ",
            $open,
            "customer",
            $close,
            " IS NULL AND ",
            $open,
            "consumed_by",
            $close,
            " IS NULL"
        )
    };
}

/// The item's status says that it may be used.
macro_rules! usable {
    ($open:literal, $close:literal) => {
        ironwood_store::sql!($open, "status", $close, " IN (", [..ironwood_base::status::StockStatus::AVAILABLE], ")")
    };
}

/// The item is in stock: on hand, not still being made, and usable. This is the only definition; views,
/// filters, totals and actions are made from it.
macro_rules! in_stock_condition {
    ($open:literal, $close:literal) => {
        ironwood_store::sql!(
            $crate::schema::in_stock::on_hand!($open, $close),
            " AND NOT ",
            $open,
            "is_building",
            $close,
            " AND ",
            $crate::schema::in_stock::usable!($open, $close)
        )
    };
    () => {
        $crate::schema::in_stock::in_stock_condition!("s.", "")
    };
}

pub(crate) use {in_stock_condition, on_hand, usable};
