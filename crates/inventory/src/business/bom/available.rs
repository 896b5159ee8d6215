//! What is there of the parts of a line, and how many assemblies that is enough for, made from [`super::usable`].

use std::collections::{HashMap, HashSet};

use ironwood_base::amount::Assemblies;
use ironwood_base::requirement::{Ratio, Requirement};
use ironwood_base::{Attrition, Quantity, Result};
use ironwood_rest::context::Facts;
use ironwood_rest::selected;
use ironwood_rest::selected::Selected;
use ironwood_store::{Cell, Connection, ValueRef, sql};

use super::lines::{self, Line};
use super::usable::{free_own, free_substitutes, free_variants};
use crate::business::part::totals::{building, external_stock, on_order};
use crate::schema::keys::{BomItemKey, PartKey};

/// Free stock of the part of a row of the list.
macro_rules! own {
    () => {
        free_own!("{sub_part.", "}")
    };
}

/// The same of its variants, where the line allows them (`$allows`).
macro_rules! variants {
    ($allows:literal) => {
        free_variants!("{sub_part.", "}", $allows)
    };
    () => {
        variants!("{allow_variants}")
    };
}

/// The same of the substitutes of the row.
macro_rules! substitutes {
    () => {
        free_substitutes!("{id}", "{sub_part.", "}", "{allow_variants}")
    };
}

/// Free stock of the line's part.
pub(crate) const AVAILABLE: &str = own!();
/// The same of its variants, whether the line allows them or not: clients show it beside the choice to allow them.
pub(crate) const VARIANTS: &str = variants!("TRUE");
/// The same of the line's substitutes.
pub(crate) const SUBSTITUTES: &str = substitutes!();
/// Stock of the line's part in external locations.
pub(crate) const EXTERNAL: &str = external_stock!("{sub_part}");
/// What is on order of it.
pub(crate) const ON_ORDER: &str = on_order!("{sub_part}");
/// What is being made of it.
pub(crate) const BUILDING: &str = building!("{sub_part}");
/// There is available stock of the line's part.
pub(crate) const HAS_AVAILABLE: &str = sql!(own!(), " > 0");
/// There is none.
pub(crate) const NOT_AVAILABLE: &str = sql!(own!(), " = 0");
/// Some of the line's part is on order.
pub(crate) const IS_ON_ORDER: &str = sql!(on_order!("{sub_part}"), " > 0");
/// None is.
pub(crate) const NOT_ON_ORDER: &str = sql!(on_order!("{sub_part}"), " <= 0");

/// All that is available to a line.
const ALL: &str = sql!(own!(), " + ", variants!(), " + ", substitutes!());

/// What [`write_can_build`] reads.
pub(crate) const CAN_BUILD_FROM: &[&str] = &[ALL, "{setup_quantity}", "{quantity} * {piece_count}", "{attrition}"];

/// By which lists are sorted for [`write_can_build`]: near enough for that.
pub(crate) const CAN_BUILD_ORDER: &str = sql!(
    "CASE WHEN {quantity} <= 0 THEN 0.0 ELSE CAST(GREATEST(",
    own!(),
    " + ",
    variants!(),
    " + ",
    substitutes!(),
    " - {setup_quantity}, 0) AS DOUBLE PRECISION) / (CAST({quantity} * {piece_count} AS DOUBLE PRECISION) * (100000 + {attrition})) END"
);

/// Writes for how many assemblies what is there is enough, parts of one included.
pub(crate) fn write_can_build(out: &mut Vec<u8>, values: &[ValueRef<'_>], _: &Facts<'_>) {
    let value = |i: usize| values.get(i).copied().unwrap_or(ValueRef::Null);
    let requirement = Requirement {
        setup_quantity: Quantity::read(value(1)),
        quantity: Quantity::read(value(2)),
        attrition: Attrition::read(value(3)),
        rounding_multiple: None,
    };
    let enough_for = requirement.buildable(Quantity::read(value(0)));
    enough_for.map_or(Assemblies::ZERO, Ratio::amount).write_short(out);
}

selected! {
    /// What a line can use.
    struct Free {
        line: BomItemKey = "m.id",
        quantity: Quantity = sql!(
            free_own!("p.", ""),
            " + ",
            free_variants!("p.", "", "m.allow_variants"),
            " + ",
            free_substitutes!("m.id", "p.", "", "m.allow_variants")
        ),
    }
}

const OF_LINES: &str =
    sql!("SELECT ", Free::COLUMNS, " FROM part_bomitem m JOIN part_part p ON p.id = m.sub_part WHERE m.id IN ({keys})");

/// How much each of these lines can use: free stock of all parts that it takes, by the line's key.
///
/// # Errors
/// Those of the database.
pub(crate) fn of_lines(conn: &mut Connection, lines: &[BomItemKey]) -> Result<HashMap<BomItemKey, Quantity>> {
    let mut stock: HashMap<BomItemKey, Quantity> = HashMap::with_capacity(lines.len());
    conn.of_keys(OF_LINES, lines, |row| {
        let Free { line, quantity } = Free::read(row);
        stock.insert(line, quantity);
    })?;
    Ok(stock)
}

/// How many whole assemblies could be made from what is there, by the part; 0 where there is no bill of
/// materials. Virtual and consumable parts do not count. A few statements, however many parts there are.
///
/// # Errors
/// Those of the database.
pub(crate) fn can_build(conn: &mut Connection, parts: &[PartKey]) -> Result<HashMap<PartKey, i64>> {
    let counts = |line: &&Line| !line.is_virtual && !line.consumable;
    let assemblies = lines::for_parts(conn, parts)?;
    let keys: HashSet<BomItemKey> = assemblies.values().flatten().filter(counts).map(|line| line.id).collect();
    let stock = of_lines(conn, &keys.into_iter().collect::<Vec<_>>())?;
    let stock = |line: &Line| stock.get(&line.id).copied().unwrap_or_default();
    Ok(parts
        .iter()
        .map(|part| {
            let lines = assemblies.get(part).into_iter().flatten().filter(counts);
            let least = lines.map(|line| line.buildable(stock(line)).map_or(0, Ratio::whole)).min();
            (*part, least.unwrap_or(0))
        })
        .collect())
}
