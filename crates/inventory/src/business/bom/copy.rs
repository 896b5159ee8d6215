//! Copies the lines of one assembly to another.

use std::collections::{HashMap, HashSet};

use ironwood_base::status::BuildStatus;
use ironwood_base::{Error, Result};
use ironwood_rest::bulk::{self, Replacement, instead};
use ironwood_rest::context::Context;
use ironwood_rest::row;
use ironwood_store::{Connection, sql};

use super::{cycle, lines, rules};
use crate::business::part::pricing::watch;
use crate::platform::state;
use crate::schema::bom::{BomItem, SUBSTITUTE};
use crate::schema::keys::{BomItemKey, PartKey};

/// How lines are copied.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// The assembly's own lines go first.
    pub remove_existing: bool,
    /// Lines that the other assembly inherits are copied as well, unless this one inherits them, too.
    pub include_inherited: bool,
    /// Lines that cannot be used here are left out, instead of refusing all.
    pub skip_invalid: bool,
    pub copy_substitutes: bool,
}

/// Copies the lines of `from` to `to`; gives how many. Copies are not validated.
///
/// # Errors
/// [`Error::Invalid`] where a line cannot be used in that assembly, or the assembly is locked.
pub(crate) fn copy(ctx: &mut Context<'_>, from: PartKey, to: PartKey, options: Options) -> Result<usize> {
    if from == to {
        return Ok(0);
    }
    rules::check_lock(ctx, to, false)?;
    let sql = "SELECT 1 FROM part_bomitem WHERE part = $1 AND inherited LIMIT 1";
    let was_inherited = ctx.conn.one(sql, &[to.into()])?.is_some();
    if options.remove_existing {
        if was_inherited {
            rules::check_lock(ctx, to, true)?;
        }
        ctx.conn.execute("DELETE FROM part_bomitem WHERE part = $1", &[to.into()])?;
    }
    let mut chosen = lines::for_part(ctx.conn, from)?;
    if !options.include_inherited {
        chosen.retain(|line| line.part == from);
    }
    // what this assembly inherits already is not copied
    let above: HashSet<PartKey> = lines::templates_above(ctx.conn, to)?.into_iter().collect();
    chosen.retain(|line| !(line.inherited && above.contains(&line.part)));
    let (mut bad, mut good) = (HashSet::new(), HashSet::new());
    for line in &chosen {
        if !good.contains(&line.sub_part) && !bad.contains(&line.sub_part) {
            let fits = !cycle::contains(ctx.conn, line.sub_part, to)?;
            if fits {
                good.insert(line.sub_part)
            } else {
                bad.insert(line.sub_part)
            };
        }
    }
    if !bad.is_empty() && !options.skip_invalid {
        return Err(Error::field(
            "sub_part",
            "Some of these components cannot be used, because they contain this part.",
        ));
    }
    chosen.retain(|line| good.contains(&line.sub_part) && (line.quantity.is_whole() || !line.trackable));
    if chosen.iter().any(|line| line.inherited) {
        rules::check_lock(ctx, to, true)?;
    }
    let keys = row::reserve::<BomItem>(ctx.conn, chosen.len())?;
    let pairs: Vec<(BomItemKey, BomItemKey)> = keys.iter().copied().zip(chosen.iter().map(|line| line.id)).collect();
    insert(ctx.conn, &pairs, to, options.copy_substitutes)?;
    if chosen.iter().any(|line| line.trackable) {
        let sql = "UPDATE part_part SET trackable = TRUE WHERE id = $1 AND NOT trackable";
        ctx.conn.execute(sql, &[to.into()])?;
    }
    let inherited = was_inherited || chosen.iter().any(|line| line.inherited);
    let parts = lines::assemblies(ctx.conn, to, inherited)?;
    let snapshot = state::snapshot(ctx)?;
    watch::changed(ctx.conn, &snapshot.settings, &parts)?;
    if has_open_builds(ctx.conn, &parts)? {
        for key in &keys {
            crate::business::build::lines::bom_item_changed(ctx.conn, *key)?;
        }
    }
    rules::recheck(ctx, parts)?;
    Ok(chosen.len())
}

/// Writes copies: pairs of a new line's key and the key of the line that it is made after.
fn insert(
    conn: &mut Connection,
    pairs: &[(BomItemKey, BomItemKey)],
    part: PartKey,
    with_substitutes: bool,
) -> Result<()> {
    let originals: Vec<BomItemKey> = pairs.iter().map(|(_, old)| *old).collect();
    let originals: HashMap<BomItemKey, BomItem> =
        row::many(conn, &originals)?.into_iter().map(|line: BomItem| (line.id, line)).collect();
    let copies = pairs.iter().filter_map(|(new, old)| {
        // nobody has signed a copy off, and what others keep about the original stays with it
        Some(BomItem {
            id: *new,
            part,
            checksum: String::new(),
            validated: false,
            metadata: Some("{}".into()),
            ..originals.get(old)?.clone()
        })
    });
    let copies: Vec<BomItem> = copies.collect();
    row::insert::<BomItem>(conn, &copies)?;
    if !with_substitutes {
        return Ok(());
    }
    let pairs: Vec<(BomItemKey, BomItemKey)> = pairs.iter().map(|(new, old)| (*old, *new)).collect();
    bulk::copy(conn, &SUBSTITUTE, "bom_item", &pairs, AS_COPIED, OTHER_ASSEMBLIES)
}

/// What others keep about the original stays with it.
const AS_COPIED: &[Replacement] = &[instead(&SUBSTITUTE, "metadata", "'{}'")];
/// An assembly is no substitute in itself.
const OTHER_ASSEMBLIES: &str = "o.part <> (SELECT n.part FROM part_bomitem n WHERE n.id = v.column2)";

fn has_open_builds(conn: &mut Connection, parts: &[PartKey]) -> Result<bool> {
    let mut any = false;
    let sql =
        sql!("SELECT b.id FROM build_build b WHERE b.part IN ({keys}) AND b.status IN (", [..BuildStatus::OPEN], ")");
    conn.of_keys(sql, parts, |_| any = true)?;
    Ok(any)
}
