//! Followers of parts.

use std::collections::BTreeSet;

use ironwood_base::Result;
use ironwood_rest::at_or_below;
use ironwood_store::{Connection, sql};

use crate::schema::keys::{PartKey, UserKey};

/// Active users who follow one of these parts, a template above it, or a category that it is in; ascending.
pub(crate) fn of(conn: &mut Connection, parts: &[PartKey]) -> Result<Vec<UserKey>> {
    let sql = sql!(
        "SELECT u.id FROM auth_user u WHERE u.is_active AND u.id IN (\
               SELECT s.\"user\" FROM part_part p JOIN part_part a ON ",
        at_or_below!("p", "a"),
        " \
               JOIN part_partstar s ON s.part = a.id WHERE p.id IN ({keys}) \
               UNION SELECT s.\"user\" FROM part_part p JOIN part_partcategory c ON c.id = p.category \
               JOIN part_partcategory a ON ",
        at_or_below!("c", "a"),
        " \
               JOIN part_partcategorystar s ON s.category = a.id WHERE p.id IN ({keys}))"
    );
    let mut users: BTreeSet<UserKey> = BTreeSet::new();
    conn.of_keys(sql, parts, |row| {
        users.insert(row.cell(0));
    })?;
    Ok(users.into_iter().collect())
}
