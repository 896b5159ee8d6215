//! Copies the lines of one assembly to another.

use std::collections::HashSet;

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_store::Value;

use super::{cycle, lines, rules};
use crate::stock::kernel::{ONE, each_lot};

/// How lines are copied.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The assembly's own lines go first.
    pub remove_existing: bool,
    /// Lines that the other assembly inherits are copied as well, unless this one inherits them, too.
    pub include_inherited: bool,
    /// Lines that cannot be used here are left out, instead of refusing all.
    pub skip_invalid: bool,
    pub copy_substitutes: bool,
}

const COLUMNS: &str = "sub_part, raw_amount, quantity, optional, consumable, setup_quantity, attrition, \
    rounding_multiple, reference, note, inherited, allow_variants";

/// Copies the lines of `from` to `to`; gives how many. Copies are not signed off.
///
/// # Errors
/// [`Error::Invalid`] where a line cannot be used in that assembly, or the assembly is locked.
pub fn copy(ctx: &mut Context<'_>, from: i64, to: i64, options: Options) -> Result<usize> {
    if from == to {
        return Ok(0);
    }
    rules::check_lock(ctx, to, false)?;
    let own = ctx.conn.rows("SELECT id, inherited FROM part_bomitem WHERE part = $1", &[Value::Int(to)])?;
    let was_inherited = own.iter().any(|row| row.bool(1));
    if options.remove_existing {
        if was_inherited {
            rules::check_lock(ctx, to, true)?;
        }
        ctx.conn.execute("DELETE FROM part_bomitem WHERE part = $1", &[Value::Int(to)])?;
    }
    let mut chosen = lines::for_part(ctx.conn, from)?;
    if !options.include_inherited {
        chosen.retain(|line| line.part == from);
    }
    // what this assembly inherits already is not copied
    let above: HashSet<i64> = lines::templates_above(ctx.conn, to)?.into_iter().collect();
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
        return Err(Error::field("sub_part", "A part of that assembly cannot be used here: it contains this one."));
    }
    chosen.retain(|line| good.contains(&line.sub_part) && !(line.trackable && line.quantity % ONE != 0));
    if chosen.iter().any(|line| line.inherited) {
        rules::check_lock(ctx, to, true)?;
    }
    let keys = ctx.conn.reserve_keys("part_bomitem", chosen.len())?;
    // one row at a time, because rows hold long texts; the substitutes by one statement for each line
    for (line, key) in chosen.iter().zip(&keys) {
        let sql = format!(
            "INSERT INTO part_bomitem (id, part, {COLUMNS}, checksum, validated, metadata) \
             SELECT $1, $2, {COLUMNS}, '', FALSE, '{{}}' FROM part_bomitem WHERE id = $3"
        );
        ctx.conn.execute(&sql, &[Value::Int(*key), Value::Int(to), Value::Int(line.id)])?;
    }
    if options.copy_substitutes {
        let sources: Vec<i64> = chosen.iter().map(|line| line.id).collect();
        let mut found: Vec<(i64, i64)> = Vec::new();
        let sql = "SELECT bom_item, part FROM part_bomitemsubstitute WHERE bom_item IN ({keys}) ORDER BY id";
        each_lot(ctx.conn, sql, &sources, |row| found.push((row.int(0), row.int(1))))?;
        for (source, part) in found {
            let Some(at) = sources.iter().position(|s| *s == source) else { continue };
            let sql = "INSERT INTO part_bomitemsubstitute (bom_item, part, metadata) VALUES ($1, $2, '{}')";
            ctx.conn.execute(sql, &[Value::Int(keys[at]), Value::Int(part)])?;
        }
    }
    if chosen.iter().any(|line| line.trackable) {
        let sql = "UPDATE part_part SET trackable = TRUE WHERE id = $1 AND NOT trackable";
        ctx.conn.execute(sql, &[Value::Int(to)])?;
    }
    let inherited = was_inherited || chosen.iter().any(|line| line.inherited);
    let parts = lines::assemblies(ctx.conn, to, inherited)?;
    rules::recheck(ctx, parts)?;
    Ok(chosen.len())
}
