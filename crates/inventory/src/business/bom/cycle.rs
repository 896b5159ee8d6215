//! Prevents cycles in bills of materials.

use std::collections::HashSet;

use ironwood_base::Result;
use ironwood_rest::selected;
use ironwood_rest::selected::Selected;
use ironwood_store::{Connection, sql};

use super::lines;
use crate::schema::keys::PartKey;

selected! {
    /// A part and its family.
    struct InFamily {
        id: PartKey = "id",
        family: i64 = "tree_id",
    }
}

selected! {
    /// A part in an assembly.
    struct Use {
        assembly: PartKey = "m.part",
        sub_part: PartKey = "m.sub_part",
    }
}

/// Whether a part may not be part of an assembly: it is of the assembly's own family (template, variants),
/// or something of that family is in it, however deep, counting lines that are inherited from templates.
/// Two statements for each level.
///
/// # Errors
/// Those of the database.
pub(crate) fn contains(conn: &mut Connection, sub_part: PartKey, assembly: PartKey) -> Result<bool> {
    let Some(family) = conn.one("SELECT tree_id FROM part_part WHERE id = $1", &[assembly.into()])? else {
        return Ok(false);
    };
    let family = family.int(0);
    let mut seen: HashSet<PartKey> = HashSet::from([sub_part]);
    let mut level = vec![sub_part];
    while !level.is_empty() {
        let mut meets = false;
        for part in selected::among::<InFamily>(conn, "FROM part_part WHERE id IN ({keys})", &level)? {
            meets |= part.id == assembly || part.family == family;
        }
        if meets {
            return Ok(true);
        }
        let below = lines::for_parts(conn, &level)?;
        level = below.values().flatten().map(|line| line.sub_part).filter(|part| seen.insert(*part)).collect();
        level.sort_unstable();
    }
    Ok(false)
}

/// Whether any assembly of the family that a part is in would be inside itself, as things stand now: to
/// be asked after a part has moved to another family. Reads the lines of that family only.
///
/// # Errors
/// Those of the database.
pub(crate) fn family_is_inside_itself(conn: &mut Connection, part: PartKey) -> Result<bool> {
    let sql = sql!(
        "SELECT DISTINCT ",
        Use::COLUMNS,
        " FROM part_bomitem m JOIN part_part a ON a.id = m.part \
         WHERE a.tree_id = (SELECT p.tree_id FROM part_part p WHERE p.id = $1)"
    );
    for Use { assembly, sub_part } in selected::read_all(conn, sql, &[part.into()])? {
        if contains(conn, sub_part, assembly)? {
            return Ok(true);
        }
    }
    Ok(false)
}
