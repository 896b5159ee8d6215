//! Parts that can be used for a line of a build order, in order of preference.

use std::collections::HashMap;

use ironwood_base::Result;
use ironwood_rest::row;
use ironwood_store::Connection;

use super::load::Line;
use crate::business::bom::lines::allowed_parts;
use crate::schema::keys::*;
use crate::schema::part::PART;

/// How near a part is to what the line asks for: stock of nearer parts is taken first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// The line's own part.
    Own,
    /// A variant of it, where the line allows variants.
    Variant,
    /// A substitute, or a variant of one.
    Substitute,
}

/// A part that may be used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    pub part: PartKey,
    pub rank: Rank,
    /// Active and not virtual: its stock may be chosen without being asked for.
    pub usable: bool,
}

row! {
    /// A part that may be used.
    struct EligiblePart in PART as PartKey {
        tree_path: String,
        active: bool,
        r#virtual: bool,
    } without [..]
}

/// The parts that may be used for each line, by the key of its line of the bill of materials, nearest first.
///
/// # Errors
/// Those of the database.
pub(crate) fn candidates(conn: &mut Connection, lines: &[Line]) -> Result<HashMap<BomItemKey, Vec<Candidate>>> {
    let bom_items: Vec<BomItemKey> = lines.iter().map(|l| l.bom_item).collect();
    let allowed = allowed_parts(conn, &bom_items)?;
    let mut keys: Vec<PartKey> = allowed.values().flatten().copied().chain(lines.iter().map(|l| l.part)).collect();
    keys.sort_unstable();
    keys.dedup();
    let parts: HashMap<PartKey, EligiblePart> =
        row::many::<EligiblePart>(conn, &keys)?.into_iter().map(|part| (part.id, part)).collect();
    let mut found = HashMap::with_capacity(lines.len());
    for line in lines {
        let own = parts.get(&line.part).map_or("", |part| part.tree_path.as_str());
        let mut list: Vec<Candidate> = Vec::new();
        for part in allowed.get(&line.bom_item).into_iter().flatten() {
            let Some(found) = parts.get(part) else { continue };
            let rank = match () {
                () if *part == line.part => Rank::Own,
                () if line.allow_variants && found.tree_path.starts_with(own) => Rank::Variant,
                () => Rank::Substitute,
            };
            list.push(Candidate { part: *part, rank, usable: found.active && !found.r#virtual });
        }
        list.sort_by_key(|c| (c.rank, c.part));
        found.insert(line.bom_item, list);
    }
    Ok(found)
}
