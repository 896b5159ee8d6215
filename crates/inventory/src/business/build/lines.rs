//! Creates build lines from the bill of materials and keeps them up to date.

use std::collections::{HashMap, HashSet};

use ironwood_base::status::BuildStatus;
use ironwood_base::{Error, Quantity, Result};
use ironwood_rest::at_or_below;
use ironwood_rest::bulk;
use ironwood_rest::row;
use ironwood_rest::row::TableRow;
use ironwood_rest::selected;
use ironwood_store::{Connection, Fragment, fragment, sql};

use super::load;
use crate::business::bom::lines as bom;
use crate::business::stock::kernel::is_in_range;
use crate::schema::build::{BUILD, Line};
use crate::schema::keys::*;

/// Most pieces of one build order.
pub(crate) const MOST: i64 = 0x7fff_ffff;

/// A number of pieces as a quantity.
fn counted(pieces: i64) -> Result<Quantity> {
    Quantity::whole(pieces).ok_or_else(|| Error::field("quantity", "Quantity is out of range."))
}

/// What a line needs: within what its column holds.
fn required(line: &bom::Line, pieces: i64) -> Result<Quantity> {
    let required = line.required(counted(pieces)?)?;
    if !is_in_range(required) {
        return Err(Error::field("quantity", "The required quantity of a part is too large."));
    }
    Ok(required)
}

row! {
    /// What a build order makes, and how many pieces of it.
    struct BuiltQuantity in BUILD as BuildKey {
        part: PartKey,
        quantity: i64,
    } without [..]
}

fn made(conn: &mut Connection, build: BuildKey) -> Result<BuiltQuantity> {
    row::one(conn, build)?.ok_or(Error::NotFound)
}

/// Gives a build order a line for each line of its bill of materials that has none yet; virtual parts need
/// none.
///
/// # Errors
/// 400 where a line needs more than can be counted.
pub(crate) fn make(conn: &mut Connection, build: BuildKey) -> Result<()> {
    let BuiltQuantity { part, quantity: pieces, .. } = made(conn, build)?;
    let sql = "SELECT bom_item FROM build_buildline WHERE build = $1";
    let there: HashSet<BomItemKey> = conn.rows(sql, &[build.into()])?.iter().map(|row| row.cell(0)).collect();
    let mut rows = Vec::new();
    for bom_line in bom::for_part(conn, part)? {
        if !bom_line.is_virtual && !there.contains(&bom_line.id) {
            rows.push(line(build, bom_line.id, required(&bom_line, pieces)?));
        }
    }
    row::insert::<Line>(conn, &rows)
}

/// A new line.
fn line(build: BuildKey, bom_item: BomItemKey, quantity: Quantity) -> Line {
    Line { build, bom_item, quantity, ..Line::fresh() }
}

/// Calculates again what the lines of a build order need.
///
/// # Errors
/// 400 where a line needs more than can be counted.
pub(crate) fn refresh(conn: &mut Connection, build: BuildKey) -> Result<()> {
    let pieces = made(conn, build)?.quantity;
    let lines = load::lines(conn, build)?;
    let keys: Vec<BomItemKey> = lines.iter().map(|l| l.bom_item).collect();
    let bom_lines = bom::by_key(conn, &keys)?;
    let mut changed = Vec::new();
    for line in &lines {
        let Some(item) = bom_lines.get(&line.bom_item) else { continue };
        let quantity = required(item, pieces)?;
        if quantity != line.quantity {
            changed.push((line.id, quantity));
        }
    }
    bulk::update_one(conn, load::REQUIRED, changed)
}

/// A line of a bill of materials was made or changed: open build orders of its assemblies follow.
///
/// # Errors
/// 400 where a build order needs more than can be counted.
pub(crate) fn bom_item_changed(conn: &mut Connection, bom_item: BomItemKey) -> Result<()> {
    let bom_line = bom::one(conn, bom_item)?;
    let assemblies = bom::assemblies(conn, bom_line.part, bom_line.inherited)?;
    let from = sql!("FROM build_build b WHERE b.part IN ({keys}) AND b.status IN (", [..BuildStatus::OPEN], ")");
    let mut builds: Vec<OpenBuild> = selected::among(conn, from, &assemblies)?;
    if builds.is_empty() {
        return Ok(());
    }
    if bom_line.is_virtual {
        let keys = Fragment::numbers(builds.iter().map(|build| build.id));
        let sql = fragment!("DELETE FROM build_buildline WHERE bom_item = $1 AND build IN ({keys})");
        conn.execute(&sql, &[bom_item.into()])?;
        return Ok(());
    }
    let there = row::matching::<Line>(conn, "t.bom_item = $1", &[bom_item.into()])?;
    let there: HashMap<BuildKey, Line> = there.into_iter().map(|line| (line.build, line)).collect();
    let (mut made, mut changed) = (Vec::new(), Vec::new());
    builds.sort_unstable_by_key(|build| build.id);
    for OpenBuild { id: build, quantity: pieces } in builds {
        let quantity = required(&bom_line, pieces)?;
        match there.get(&build) {
            None => made.push(line(build, bom_item, quantity)),
            Some(line) if line.quantity != quantity => changed.push((line.id, quantity)),
            Some(_) => {}
        }
    }
    bulk::update_one(conn, load::REQUIRED, changed)?;
    row::insert::<Line>(conn, &made)
}

selected! {
    /// A build order that is open.
    struct OpenBuild {
        id: BuildKey = "b.id",
        quantity: i64 = "b.quantity",
    }
}

/// Where a part is kept: its own default location, or that of its category, or of the nearest category
/// above that has one.
pub(crate) fn default_location(conn: &mut Connection, part: PartKey) -> Result<Option<LocationKey>> {
    let sql = sql!(
        "SELECT COALESCE(p.default_location, (SELECT a.default_location FROM part_partcategory c \
               JOIN part_partcategory a ON ",
        at_or_below!("c", "a"),
        " \
               WHERE c.id = p.category AND a.default_location IS NOT NULL ORDER BY LENGTH(a.tree_path) DESC LIMIT 1)) \
               FROM part_part p WHERE p.id = $1"
    );
    Ok(conn.one(sql, &[part.into()])?.and_then(|row| row.cell(0)))
}
