//! What is there of the parts of a line, and how many assemblies that is enough for: one definition
//! for lists and functions.
//!
//! Stock counts as available that is in stock and not set aside for open sales orders or builds.
//! Stock of variants and substitutes counts for what can be built, whether or not the line allows
//! variants: it is there, and the planner decides.

use std::collections::{HashMap, HashSet};

use ironwood_base::{Result, decimal};
use ironwood_rest::context::Facts;
use ironwood_store::{Connection, ValueRef};

use super::lines::{self, Fraction, Line};
use crate::part::totals::{
    allocated_to_builds, allocated_to_sales, building, external_stock, in_stock, of_family, on_order,
};
use crate::stock::available::in_stock_condition;

/// Stock of a part that is not set aside: `$part` is SQL for its key.
macro_rules! available {
    ($part:expr) => {
        concat!(
            "GREATEST(",
            in_stock!($part),
            " - ",
            allocated_to_sales!($part),
            " - ",
            allocated_to_builds!($part),
            ", 0)"
        )
    };
}

/// What is set aside of the stock of the part `v`, in the table and by the column with these names. CROSS JOIN:
/// from the stock, and never through all allocations, however few.
macro_rules! set_aside_of_stock {
    ($table:literal, $item:literal) => {
        concat!(
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

/// The same of all its variants together: `$path` and `$end` are SQL for the bounds of its tree.
macro_rules! variants_available {
    ($path:expr, $end:expr) => {
        concat!(
            "GREATEST(",
            of_family!(
                concat!(
                    in_stock!("v.id"),
                    " - ",
                    set_aside_of_stock!("order_salesorderallocation", "item"),
                    " - ",
                    set_aside_of_stock!("build_builditem", "stock_item")
                ),
                ">",
                $path,
                $end
            ),
            ", 0)"
        )
    };
}

/// The same of all substitutes of a line together: `$line` is SQL for its key.
macro_rules! substitutes_available {
    ($line:expr) => {
        concat!(
            "GREATEST((SELECT COALESCE(CAST(SUM(",
            in_stock!("u.part"),
            " - ",
            allocated_to_sales!("u.part"),
            " - ",
            allocated_to_builds!("u.part"),
            ") AS BIGINT), 0) FROM part_bomitemsubstitute u WHERE u.bom_item = ",
            $line,
            "), 0)"
        )
    };
}

/// Stock of the line's part that is not set aside.
pub const AVAILABLE: &str = available!("{sub_part}");
/// The same of its variants.
pub const VARIANTS: &str = variants_available!("{sub_part.tree_path}", "{sub_part.tree_end}");
/// The same of the line's substitutes.
pub const SUBSTITUTES: &str = substitutes_available!("{id}");
/// [`AVAILABLE`] as a value of the part itself.
pub const OF_PART: &str = available!("{id}");
/// [`VARIANTS`] as a value of the part itself.
pub const OF_VARIANTS: &str = variants_available!("{tree_path}", "{tree_end}");
/// Stock of the line's part in external locations.
pub const EXTERNAL: &str = external_stock!("{sub_part}");
/// What is on order of it.
pub const ON_ORDER: &str = on_order!("{sub_part}");
/// What is being made of it.
pub const BUILDING: &str = building!("{sub_part}");
/// There is available stock of the line's part.
pub const HAS_AVAILABLE: &str = concat!(available!("{sub_part}"), " > 0");
/// There is none.
pub const NOT_AVAILABLE: &str = concat!(available!("{sub_part}"), " = 0");
/// Some of the line's part is on order.
pub const IS_ON_ORDER: &str = concat!(on_order!("{sub_part}"), " > 0");
/// None is.
pub const NOT_ON_ORDER: &str = concat!(on_order!("{sub_part}"), " <= 0");

/// All that is available to a line.
const ALL: &str = concat!(
    available!("{sub_part}"),
    " + ",
    variants_available!("{sub_part.tree_path}", "{sub_part.tree_end}"),
    " + ",
    substitutes_available!("{id}")
);

/// What [`write_can_build`] reads.
pub const CAN_BUILD_FROM: &[&str] = &[ALL, "{setup_quantity}", "{quantity} * {piece_count}", "{attrition}"];

/// By which lists are sorted for [`write_can_build`]: near enough for that.
pub const CAN_BUILD_ORDER: &str = concat!(
    "CASE WHEN {quantity} <= 0 THEN 0.0 ELSE CAST(GREATEST(",
    available!("{sub_part}"),
    " + ",
    variants_available!("{sub_part.tree_path}", "{sub_part.tree_end}"),
    " + ",
    substitutes_available!("{id}"),
    " - {setup_quantity}, 0) AS DOUBLE PRECISION) / (CAST({quantity} * {piece_count} AS DOUBLE PRECISION) * (100000 + {attrition})) END"
);

/// Digits behind the point of the number of assemblies that a line is enough for.
const PLACES: u8 = 9;

/// Writes for how many assemblies what is there is enough, parts of one included.
pub fn write_can_build(out: &mut Vec<u8>, values: &[ValueRef<'_>], _: &Facts<'_>) {
    let int = |i: usize| values.get(i).and_then(|v| v.as_int()).unwrap_or(0);
    let scaled = Fraction::buildable(int(0), int(1), int(2), int(3)).map_or(0, |f| f.scaled(PLACES));
    decimal::write_short(out, scaled, PLACES);
}

const OF_PARTS: &str = concat!(
    "SELECT p.id, ",
    available!("p.id"),
    " + ",
    variants_available!("p.tree_path", "p.tree_end"),
    " FROM part_part p WHERE p.id IN ({keys})"
);
const OF_SUBSTITUTES: &str = concat!(
    "SELECT m.id, ",
    substitutes_available!("m.id"),
    " FROM part_bomitem m WHERE m.id IN ({keys}) AND EXISTS \
     (SELECT 1 FROM part_bomitemsubstitute x WHERE x.bom_item = m.id)"
);

/// How many whole assemblies could be made from what is there, by the part; 0 where there is no bill of
/// materials. Virtual and consumable parts do not count. The number of statements depends on how many
/// different parts are looked at not on how many lines there are.
///
/// # Errors
/// Those of the database.
pub fn can_build(conn: &mut Connection, parts: &[i64]) -> Result<HashMap<i64, i64>> {
    let counts = |line: &&Line| !line.is_virtual && !line.consumable;
    let assemblies = lines::for_parts(conn, parts)?;
    let distinct = |key: fn(&Line) -> i64| -> Vec<i64> {
        let keys: HashSet<i64> = assemblies.values().flatten().filter(counts).map(key).collect();
        keys.into_iter().collect()
    };
    let (sub_parts, line_keys) = (distinct(|line| line.sub_part), distinct(|line| line.id));
    let mut own: HashMap<i64, i64> = HashMap::with_capacity(sub_parts.len());
    conn.of_keys(OF_PARTS, &sub_parts, |row| {
        own.insert(row.int(0), row.int(1));
    })?;
    let mut others: HashMap<i64, i64> = HashMap::new();
    conn.of_keys(OF_SUBSTITUTES, &line_keys, |row| {
        others.insert(row.int(0), row.int(1));
    })?;
    let stock = |line: &Line| {
        own.get(&line.sub_part).copied().unwrap_or(0).saturating_add(others.get(&line.id).copied().unwrap_or(0))
    };
    Ok(parts
        .iter()
        .map(|part| {
            let lines = assemblies.get(part).into_iter().flatten().filter(counts);
            let least = lines.map(|line| line.buildable(stock(line)).map_or(0, Fraction::whole)).min();
            (*part, least.unwrap_or(0))
        })
        .collect())
}
