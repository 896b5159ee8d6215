//! Which stock a line of a bill of materials can use, and how much of it is free: the one definition, as SQL, from
//! which lists, filters, totals and automatic allocation are made.
//!
//! A line uses stock of its own part, of its substitutes and, where it allows variants, of the variants of all of
//! these. All of them are trackable if and only if the line's part is, active, and not virtual. Each part counts
//! once: as the line's own, else as a variant, else as a substitute. What is free of an item is its quantity less
//! what is allocated of it ([`crate::business::stock::available::SET_ASIDE`]), never below zero.

use ironwood_rest::selected;
use ironwood_rest::selected::Selected;
use ironwood_store::sql;

use crate::schema::keys::{BomItemKey, PartKey};

/// A part with this alias can be taken from without being asked for.
macro_rules! fit {
    ($part:literal) => {
        ironwood_store::sql!($part, ".active AND NOT ", $part, ".virtual")
    };
}

/// Free stock of the part with that SQL for its key. `$condition` is a further condition on the stock item `s`. Without one,
/// items are only looked at where anything of the part is allocated.
macro_rules! free_stock {
    ($part:expr) => {
        ironwood_store::sql!(
            "COALESCE((SELECT CASE WHEN k.allocated_to_sales = 0 AND k.allocated_to_builds = 0 \
             AND k.allocated_to_transfers = 0 THEN k.in_stock ELSE ",
            $crate::business::bom::usable::free_stock!("k.id", "TRUE"),
            " END FROM ironwood_part_totals k WHERE k.id = ",
            $part,
            "), 0)"
        )
    };
    ($part:expr, $condition:expr) => {
        ironwood_store::sql!(
            "(SELECT COALESCE(CAST(SUM(GREATEST(s.quantity - ",
            $crate::business::stock::available::set_aside!(),
            ", 0)) AS BIGINT), 0) FROM stock_stockitem s WHERE s.part = ",
            $part,
            " AND ",
            $crate::schema::in_stock::in_stock_condition!(),
            " AND ",
            $condition,
            ")"
        )
    };
}

/// Free stock of the line's own part; `$sub` is the SQL of a column of that part before its name, `$end` after it.
macro_rules! free_own {
    ($sub:literal, $end:literal $(, $condition:expr)?) => {
        ironwood_store::sql!(
            "(CASE WHEN ",
            $sub,
            "active",
            $end,
            " AND NOT ",
            $sub,
            "virtual",
            $end,
            " THEN ",
            $crate::business::bom::usable::free_stock!(ironwood_store::sql!($sub, "id", $end) $(, $condition)?),
            " ELSE 0 END)"
        )
    };
}

/// Free stock of the variants of the line's part, where the line allows them (`$allows`).
macro_rules! free_variants {
    ($sub:literal, $end:literal, $allows:expr $(, $condition:expr)?) => {
        ironwood_store::sql!(
            "(CASE WHEN ",
            $allows,
            " THEN ",
            $crate::business::part::totals::of_family!(
                ironwood_store::sql!(
                    "CASE WHEN v.trackable = ",
                    $sub,
                    "trackable",
                    $end,
                    " AND ",
                    $crate::business::bom::usable::fit!("v"),
                    " THEN ",
                    $crate::business::bom::usable::free_stock!("v.id" $(, $condition)?),
                    " ELSE 0 END"
                ),
                below,
                ironwood_store::sql!($sub, "tree_path", $end),
                ironwood_store::sql!($sub, "tree_end", $end)
            ),
            " ELSE 0 END)"
        )
    };
}

/// Free stock of the substitutes of the line with the key `$line`, and of their variants where it allows them, as
/// far as they are not the line's own part or its variants.
macro_rules! free_substitutes {
    ($line:expr, $sub:literal, $end:literal, $allows:expr $(, $condition:expr)?) => {
        ironwood_store::sql!(
            // most lines have none
            "(CASE WHEN EXISTS (SELECT 1 FROM part_bomitemsubstitute u WHERE u.bom_item = ",
            $line,
            ") THEN (SELECT COALESCE(CAST(SUM(",
            $crate::business::bom::usable::free_stock!("w.id" $(, $condition)?),
            // what is asked of a part stands in both halves: joined afterwards, PostgreSQL would read all parts for them
            ") AS BIGINT), 0) FROM (SELECT p.id, p.active, p.virtual, p.trackable, p.tree_path \
             FROM part_bomitemsubstitute u JOIN part_part p ON p.id = u.part WHERE u.bom_item = ",
            $line,
            " UNION SELECT v.id, v.active, v.virtual, v.trackable, v.tree_path \
             FROM part_bomitemsubstitute u JOIN part_part q ON q.id = u.part \
             JOIN part_part v ON ", ironwood_rest::below!("v", "q"), " WHERE u.bom_item = ",
            $line,
            " AND ",
            $allows,
            ") w WHERE ",
            $crate::business::bom::usable::fit!("w"),
            " AND w.trackable = ",
            $sub,
            "trackable",
            $end,
            " AND w.id <> ",
            $sub,
            "id",
            $end,
            " AND NOT (",
            $allows,
            " AND ",
            ironwood_rest::below!(
                "w.tree_path",
                ironwood_store::sql!($sub, "tree_path", $end),
                ironwood_store::sql!($sub, "tree_end", $end)
            ),
            ")) ELSE 0 END)"
        )
    };
}

selected! {
    /// A line, and a part that it can use.
    pub(super) struct Pair {
        pub(super) line: BomItemKey = "m.id",
        pub(super) part: PartKey = "f.id",
    }
}

/// Pairs of a line's key and a part that it can use, for the lines `m` that fulfil a condition; `$fit` is a condition
/// on the part `f`.
macro_rules! pairs {
    ($lines:expr, $fit:expr) => {
        ironwood_store::sql!(
            "SELECT ",
            $crate::business::bom::usable::Pair::COLUMNS,
            " FROM part_bomitem m JOIN part_part f ON f.id = m.sub_part WHERE ",
            $lines,
            " AND ",
            $fit,
            " UNION SELECT ",
            $crate::business::bom::usable::Pair::COLUMNS,
            " FROM part_bomitem m JOIN part_part s ON s.id = m.sub_part \
             JOIN part_part f ON ",
            ironwood_rest::below!("f", "s"),
            " \
             WHERE m.allow_variants AND f.trackable = s.trackable AND ",
            $lines,
            " AND ",
            $fit,
            " UNION SELECT ",
            $crate::business::bom::usable::Pair::COLUMNS,
            " FROM part_bomitemsubstitute u JOIN part_bomitem m ON m.id = u.bom_item \
             JOIN part_part s ON s.id = m.sub_part JOIN part_part f ON f.id = u.part \
             WHERE f.trackable = s.trackable AND ",
            $lines,
            " AND ",
            $fit,
            " UNION SELECT ",
            $crate::business::bom::usable::Pair::COLUMNS,
            " FROM part_bomitemsubstitute u JOIN part_bomitem m ON m.id = u.bom_item \
             JOIN part_part s ON s.id = m.sub_part JOIN part_part w ON w.id = u.part \
             JOIN part_part f ON ",
            ironwood_rest::below!("f", "w"),
            " \
             WHERE m.allow_variants AND f.trackable = s.trackable AND ",
            $lines,
            " AND ",
            $fit
        )
    };
}

pub(crate) use {fit, free_own, free_stock, free_substitutes, free_variants};

/// Pairs of a line's key (of `{keys}`) and a part whose stock it may use where that is asked for: inactive parts
/// included.
pub(crate) const ALLOWED: &str = pairs!("m.id IN ({keys})", "TRUE");

/// The stock item in a list is one that the line of a filter's value can use.
pub(crate) const STOCK_FOR_LINE: &str = sql!(
    "{part} IN (SELECT y.part FROM (SELECT 0 AS line, 0 AS part WHERE FALSE UNION ",
    pairs!("m.id = {value}", fit!("f")),
    ") y)"
);
