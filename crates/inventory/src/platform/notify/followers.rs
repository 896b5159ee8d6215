//! Followers of parts.

use std::collections::BTreeSet;

use ironwood_base::Result;
use ironwood_rest::at_or_below;
use ironwood_store::{Connection, sql};

/// Active users who follow one of these parts, a template above it, or a category that it is in; ascending.
pub(crate) fn of(conn: &mut Connection, parts: &[i64]) -> Result<Vec<i64>> {
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
    let mut users = BTreeSet::new();
    conn.of_keys(sql, parts, |row| {
        users.insert(row.int(0));
    })?;
    Ok(users.into_iter().collect())
}
