//! Build orders, their lines and allocations as the actions see them.

use std::collections::HashMap;

use ironwood_base::status::BuildStatus;
use ironwood_base::{Error, Quantity, Result};
use ironwood_rest::bulk::{self, Assignment};
use ironwood_rest::resource::Args;
use ironwood_rest::selected;
use ironwood_store::{Connection, fragment, sql};

use crate::schema::build;
use crate::schema::keys::*;

selected! {
    /// A build order.
    pub struct Order {
        pub id: BuildKey = "b.id",
        pub part: PartKey = "b.part",
        pub status: BuildStatus = "b.status",
        /// Whole pieces.
        pub quantity: i64 = "b.quantity",
        /// Whole pieces.
        pub completed: i64 = "b.completed",
        pub destination: Option<LocationKey> = "b.destination",
        pub take_from: Option<LocationKey> = "b.take_from",
    }
}

impl Order {
    /// Whether it is neither complete nor cancelled.
    pub(crate) fn is_open(&self) -> bool {
        BuildStatus::OPEN.contains(&self.status)
    }
}

/// The build order of that key, locked where the database locks rows: whatever changes its stock takes turns.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) fn order(conn: &mut Connection, id: BuildKey) -> Result<Order> {
    let end = conn.backend().for_update("b");
    selected::first(conn, &fragment!("FROM build_build b WHERE b.id = $1{end}"), &[id.into()])?.ok_or(Error::NotFound)
}

/// The build order that an address names.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) fn named(conn: &mut Connection, args: &Args) -> Result<Order> {
    let id = args.first().and_then(|a| a.parse().ok()).ok_or(Error::NotFound)?;
    order(conn, id)
}

selected! {
    /// A line of a build order.
    pub struct Line {
        pub id: BuildLineKey = "l.id",
        pub build: BuildKey = "l.build",
        pub bom_item: BomItemKey = "l.bom_item",
        pub part: PartKey = "m.sub_part",
        /// What one piece takes.
        pub each: Quantity = "m.quantity * m.piece_count",
        pub quantity: Quantity = "l.quantity",
        pub consumed: Quantity = "l.consumed",
        pub allocated: Quantity = "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM build_builditem a \
            WHERE a.build_line = l.id)",
        /// The line or its part is consumed without being counted.
        pub consumable: bool = "(m.consumable OR p.consumable)",
        pub optional: bool = "m.optional",
        /// Its part is tracked: it is installed into outputs.
        pub trackable: bool = "p.trackable",
        /// Variants of its part may take its place.
        pub allow_variants: bool = "m.allow_variants",
    }
}

impl Line {
    /// What is still needed, whether allocated or not.
    pub(crate) fn required(&self) -> Quantity {
        (self.quantity - self.consumed).max(Quantity::ZERO)
    }

    /// What is still needed and not allocated.
    pub(crate) fn missing(&self) -> Quantity {
        (self.required() - self.allocated).max(Quantity::ZERO)
    }
}

const LINES: &str = "FROM build_buildline l JOIN part_bomitem m ON m.id = l.bom_item JOIN part_part p ON p.id = m.sub_part \
    WHERE ";

/// All lines of a build order.
pub(crate) fn lines(conn: &mut Connection, build: BuildKey) -> Result<Vec<Line>> {
    selected::all(conn, sql!(LINES, "l.build = $1 ORDER BY l.id"), &[build.into()])
}

/// Lines by their keys.
pub(crate) fn lines_of(conn: &mut Connection, keys: &[BuildLineKey]) -> Result<HashMap<BuildLineKey, Line>> {
    let found = selected::among::<Line>(conn, sql!(LINES, "l.id IN ({keys})"), keys)?;
    Ok(found.into_iter().map(|line| (line.id, line)).collect())
}

selected! {
    /// Stock that is allocated for a line.
    pub struct Allocation {
        pub id: BuildAllocationKey = "a.id",
        pub line: BuildLineKey = "a.build_line",
        pub build: BuildKey = "l.build",
        pub stock_item: ItemKey = "a.stock_item",
        pub quantity: Quantity = "a.quantity",
        pub install_into: Option<ItemKey> = "a.install_into",
        /// The part of the stock is tracked.
        pub trackable: bool = "p.trackable",
        /// The stock is being made itself.
        pub in_production: bool = "s.is_building",
    }
}

const ALLOCATIONS: &str = "FROM build_builditem a JOIN build_buildline l ON l.id = a.build_line JOIN stock_stockitem s \
    ON s.id = a.stock_item JOIN part_part p ON p.id = s.part WHERE ";

/// Which allocations.
#[derive(Debug, Clone, Copy)]
pub(crate) enum By<'k> {
    Key(&'k [BuildAllocationKey]),
    Line(&'k [BuildLineKey]),
    Output(&'k [ItemKey]),
}

/// Allocations by their own keys, those of their lines or those of the outputs that they go into, in the
/// order of their keys.
pub(crate) fn allocations(conn: &mut Connection, by: By<'_>) -> Result<Vec<Allocation>> {
    let mut found: Vec<Allocation> = match by {
        By::Key(keys) => selected::among(conn, sql!(ALLOCATIONS, "a.id IN ({keys}) ORDER BY a.id"), keys),
        By::Line(keys) => selected::among(conn, sql!(ALLOCATIONS, "a.build_line IN ({keys}) ORDER BY a.id"), keys),
        By::Output(keys) => selected::among(conn, sql!(ALLOCATIONS, "a.install_into IN ({keys}) ORDER BY a.id"), keys),
    }?;
    found.sort_by_key(|a| a.id);
    found.dedup_by_key(|a| a.id);
    Ok(found)
}

/// All allocations of a build order, in the order of their keys.
pub(crate) fn allocations_of(conn: &mut Connection, build: BuildKey) -> Result<Vec<Allocation>> {
    selected::all(conn, sql!(ALLOCATIONS, "l.build = $1 ORDER BY a.id"), &[build.into()])
}

/// How much of each allocation there is.
pub(crate) const ALLOCATED: Assignment = bulk::set(&build::ALLOCATION, build::Allocation::quantity);
/// How much of each line is required.
pub(crate) const REQUIRED: Assignment = bulk::set(&build::LINE, build::Line::quantity);
/// The consumed quantity of each line.
pub(crate) const CONSUMED: Assignment = bulk::set(&build::LINE, build::Line::consumed);
/// The additional consumed quantity of each line.
pub(crate) const MORE_CONSUMED: Assignment = bulk::add(&build::LINE, build::Line::consumed);

/// Deletes allocations.
pub(crate) fn delete_allocations(conn: &mut Connection, keys: &[BuildAllocationKey]) -> Result<()> {
    conn.execute_keys("DELETE FROM build_builditem WHERE id IN ({keys})", keys).map(|_| ())
}
