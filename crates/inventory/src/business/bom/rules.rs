//! Rules of lines of bills of materials.

use std::collections::BTreeSet;

use ironwood_base::error::Fields;
use ironwood_base::{Error, Quantity, Result, key};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::row;
use ironwood_store::{Connection, Value};

use super::{amount, checksum, cycle, lines};
use crate::business::stock::kernel::is_in_range;
use crate::platform::settings::keys;
use crate::platform::state;
use crate::schema::bom::BomItem;
use crate::schema::keys::{AnyKey, BomItemKey, PartKey};
use crate::schema::part::PART;

/// Refuses to touch the lines of an assembly that is locked, or whose locked variants inherit the line.
pub(super) fn check_lock(ctx: &mut Context<'_>, part: PartKey, inherited: bool) -> Result<()> {
    if !state::snapshot(ctx)?.settings.bool(keys::PART_ENABLE_LOCKING) {
        return Ok(());
    }
    let parts = lines::assemblies(ctx.conn, part, inherited)?;
    if let Some(assembly) = locked(ctx.conn, &parts)?.into_iter().min_by_key(|assembly| *assembly != part) {
        if assembly == part {
            return Err(Error::non_field("The assembly is locked. Its bill of materials cannot be edited."));
        }
        return Err(Error::non_field("This line is inherited by a locked variant and cannot be edited."));
    }
    Ok(())
}

fn locked(conn: &mut Connection, parts: &[PartKey]) -> Result<Vec<PartKey>> {
    let mut found = Vec::new();
    let sql = "SELECT id FROM part_part WHERE locked AND id IN ({keys})";
    conn.of_keys(sql, parts, |row| found.push(row.cell(0)))?;
    Ok(found)
}

row! {
    /// The component of a line.
    struct Used in PART as PartKey {
        units: Option<String>,
        trackable: bool,
    } without [..]
}

/// Before a line is made or changed.
pub(super) fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let snapshot = state::snapshot(ctx)?;
    let (Some(part), Some(sub_part)) = (change.key(BomItem::part), change.key(BomItem::sub_part)) else {
        return Err(Error::field("sub_part", "Must be the ID of a part."));
    };
    let used = row::one::<Used>(ctx.conn, sub_part)?.ok_or(Error::NotFound)?;
    let allow_zero = snapshot.settings.bool(keys::PART_BOM_ALLOW_ZERO_QUANTITY);
    set_quantity(ctx.conn, change, used.units.as_deref().unwrap_or_default(), allow_zero)?;
    let pieces = change.int(BomItem::piece_count).unwrap_or(1);
    let total = change.quantity(BomItem::quantity).unwrap_or_default().checked_mul(pieces);
    if !total.is_some_and(is_in_range) {
        return Err(Error::field("piece_count", "Quantity is too large."));
    }
    let mut fields = Fields::new();
    for (column, most) in
        [(BomItem::attrition, 100_000), (BomItem::setup_quantity, i64::MAX), (BomItem::rounding_multiple, i64::MAX)]
    {
        if change.int(column).is_some_and(|value| value < 0 || value > most) {
            fields.add(column, if most == 100_000 { "Must be between 0 and 100." } else { "Must not be negative." });
        }
    }
    if used.trackable && change.quantity(BomItem::quantity).is_some_and(|quantity| !quantity.is_whole()) {
        fields.add("quantity", "Quantity must be a whole number for a trackable component.");
    }
    if (change.is_changed(BomItem::part) || change.is_changed(BomItem::sub_part))
        && cycle::contains(ctx.conn, sub_part, part)?
    {
        fields.add(
            "sub_part",
            "This part cannot be used here, because it contains the assembly or belongs to the same part family.",
        );
    }
    fields.check()?;
    check_lock(ctx, part, change.flag(BomItem::inherited))?;
    if !change.is_new() {
        let was_inherited = change.old(BomItem::inherited) == &Value::Bool(true);
        let old = change.old_key(BomItem::part).unwrap_or(part);
        if old != part || (was_inherited && !change.flag(BomItem::inherited)) {
            check_lock(ctx, old, was_inherited)?;
        }
    }
    if used.trackable {
        // what is made from trackable parts has to be trackable itself
        let sql = "UPDATE part_part SET trackable = TRUE WHERE id = $1 AND NOT trackable";
        ctx.conn.execute(sql, &[part.into()])?;
    }
    let sum = checksum::of_change(ctx.conn, snapshot.name_format(), change)?;
    let signed = change.text(BomItem::checksum);
    let valid = !signed.is_empty() && signed == sum;
    change.set(BomItem::validated, valid);
    Ok(())
}

/// The amount says how much is needed; a plain quantity stands for it where no amount is given.
fn set_quantity(conn: &mut Connection, change: &mut Change, units: &str, allow_zero: bool) -> Result<()> {
    if !change.is_given(BomItem::raw_amount) && change.is_given(BomItem::quantity) {
        let quantity = change.quantity(BomItem::quantity).unwrap_or_default();
        change.set(BomItem::raw_amount, short(quantity));
    } else if change.text(BomItem::raw_amount).is_empty() {
        let known = change.quantity(BomItem::quantity).filter(|_| !change.is_new());
        change.set(BomItem::raw_amount, known.map_or_else(|| amount::DEFAULT.to_owned(), short));
    }
    let quantity = amount::quantity(conn, change.text(BomItem::raw_amount), units)?
        .map_err(|message| Error::field("raw_amount", message))?;
    if quantity.is_negative() || (quantity.is_zero() && !allow_zero) {
        let least = if allow_zero { "Must not be negative." } else { "Must be greater than zero." };
        return Err(Error::field("raw_amount", least));
    }
    if !is_in_range(quantity) {
        return Err(Error::field("raw_amount", "Quantity is too large."));
    }
    change.set(BomItem::quantity, quantity);
    Ok(())
}

/// A quantity without needless places.
fn short(quantity: Quantity) -> String {
    quantity.to_string().trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// After a line was made or changed.
pub(super) fn saved(ctx: &mut Context<'_>, change: &Change, id: AnyKey) -> Result<()> {
    crate::business::build::lines::bom_item_changed(ctx.conn, id.of_kind())?;
    let is_new = change.old(BomItem::part) == &Value::Null;
    if !is_new && !checksum::HASHED.iter().any(|column| change.is_changed(column)) {
        return Ok(());
    }
    let mut parts =
        lines::assemblies(ctx.conn, change.key(BomItem::part).unwrap_or_default(), change.flag(BomItem::inherited))?;
    if let Some(old) = change.old_key(BomItem::part) {
        parts.extend(lines::assemblies(ctx.conn, old, change.old(BomItem::inherited) == &Value::Bool(true))?);
    }
    recheck(ctx, parts)
}

/// After a part (with its variants) moved to another family: what it inherits is not the same any more.
///
/// # Errors
/// 400 on `variant_of` where an assembly would be inside itself.
pub(crate) fn family_changed(ctx: &mut Context<'_>, part: PartKey) -> Result<()> {
    if cycle::family_is_inside_itself(ctx.conn, part)? {
        return Err(Error::field("variant_of", "An assembly of this part family would contain itself."));
    }
    let parts = lines::assemblies(ctx.conn, part, true)?;
    recheck(ctx, parts)
}

/// Looks again at the bills of materials of these parts.
pub(super) fn recheck(ctx: &mut Context<'_>, mut parts: Vec<PartKey>) -> Result<()> {
    parts.sort_unstable();
    parts.dedup();
    let snapshot = state::snapshot(ctx)?;
    checksum::recheck(ctx.conn, snapshot.name_format(), &parts)
}

/// Before lines are deleted.
pub(super) fn delete(ctx: &mut Context<'_>, ids: &[AnyKey]) -> Result<bool> {
    let keys: Vec<BomItemKey> = key::of_kind(ids);
    let lines = lines::by_key(ctx.conn, &keys)?;
    // lines of one bill of materials are looked at together
    let bills: BTreeSet<(PartKey, bool)> = lines.values().map(|line| (line.part, line.inherited)).collect();
    let mut parts = Vec::new();
    for (part, inherited) in bills {
        check_lock(ctx, part, inherited)?;
        parts.extend(lines::assemblies(ctx.conn, part, inherited)?);
    }
    ctx.conn.execute_keys("DELETE FROM part_bomitem WHERE id IN ({keys})", &keys)?;
    recheck(ctx, parts)?;
    Ok(false)
}
