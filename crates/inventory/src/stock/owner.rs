//! Owners: where the setting `STOCK_OWNERSHIP_CONTROL` is on, only they change stock and locations.

use std::collections::BTreeSet;

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_store::Value;

/// The owner of the nearest location, from the one with the alias `l` upwards, that has one.
const OF_LOCATION: &str = "(SELECT a.owner FROM stock_stocklocation a WHERE a.owner IS NOT NULL \
    AND SUBSTR(l.tree_path, 1, LENGTH(a.tree_path)) = a.tree_path ORDER BY LENGTH(a.tree_path) DESC LIMIT 1)";

/// Whether the caller is measured by ownership at all.
fn is_measured(ctx: &mut Context<'_>) -> Result<bool> {
    Ok(!ctx.caller.is_superuser() && crate::app::snapshot(ctx)?.settings.bool("STOCK_OWNERSHIP_CONTROL"))
}

/// A condition: the caller is that owner, or in the group that is.
fn is_caller(ctx: &Context<'_>, owner: &str) -> String {
    let user = ctx.user();
    format!(
        "{owner} IN (SELECT o.id FROM users_owner o WHERE (o.owner_type = 'auth.user' AND o.owner_id = {user}) \
         OR (o.owner_type = 'auth.group' AND o.owner_id IN \
         (SELECT g.\"group\" FROM auth_user_groups g WHERE g.\"user\" = {user})))"
    )
}

/// Those of the items that the caller may not change because somebody else owns them, or owns the place
/// where they are in stock. One statement.
///
/// # Errors
/// Those of the database.
pub fn foreign(ctx: &mut Context<'_>, items: &[i64]) -> Result<BTreeSet<i64>> {
    let mut found = BTreeSet::new();
    if !is_measured(ctx)? {
        return Ok(found);
    }
    let in_stock = super::available::IN_STOCK;
    let owner = format!("COALESCE(s.owner, CASE WHEN {in_stock} THEN {OF_LOCATION} END)");
    let own = is_caller(ctx, &owner);
    let sql = format!(
        "SELECT s.id FROM stock_stockitem s LEFT JOIN stock_stocklocation l ON l.id = s.location \
         WHERE s.id IN ({{keys}}) AND {owner} IS NOT NULL AND NOT {own}"
    );
    ctx.conn.of_keys(&sql, items, |row| {
        found.insert(row.int(0));
    })?;
    Ok(found)
}

/// What is said of stock that somebody else owns.
pub const FOREIGN: &str = "Only its owner may change this stock.";

/// Refuses to change items that somebody else owns.
///
/// # Errors
/// 403.
pub fn check_items(ctx: &mut Context<'_>, items: &[i64]) -> Result<()> {
    if foreign(ctx, items)?.is_empty() { Ok(()) } else { Err(Error::Denied(FOREIGN.into())) }
}

/// Refuses to change a location that somebody else owns, or that is in one.
///
/// # Errors
/// 403.
pub fn check_location(ctx: &mut Context<'_>, location: i64) -> Result<()> {
    if !is_measured(ctx)? {
        return Ok(());
    }
    let own = is_caller(ctx, OF_LOCATION);
    let sql =
        format!("SELECT 1 FROM stock_stocklocation l WHERE l.id = $1 AND {OF_LOCATION} IS NOT NULL AND NOT {own}");
    match ctx.conn.one(&sql, &[Value::Int(location)])? {
        None => Ok(()),
        Some(_) => Err(Error::Denied("Only its owner may change this location.".into())),
    }
}
