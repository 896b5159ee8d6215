//! Finds cycles in references between rows.

use std::collections::{HashMap, HashSet};

use ironwood_base::Result;
use ironwood_rest::below;
use ironwood_rest::selected;
use ironwood_rest::selected::Selected;
use ironwood_rest::table::{ColumnType, Table};
use ironwood_store::{AsSql, fragment, sql};

use super::Report;

/// Links within a table: an item in an item, a part that is a revision of a part. (The parents of trees are
/// seen by their paths.)
pub(super) fn of_links(report: &mut Report<'_>, table: &Table) -> Result<()> {
    for column in table.columns {
        let ColumnType::Link(target, _) = column.kind else { continue };
        if target.name != table.name || table.tree.is_some_and(|tree| tree.parent == column.name) {
            continue;
        }
        let (column_name, table_name) = (column.name, table.name);
        let from = fragment!(
            "FROM (SELECT id AS origin, \"{column_name}\" AS target FROM {table_name} \
             WHERE \"{column_name}\" IS NOT NULL) e"
        );
        let found = circles(&edges(report, &from)?);
        report.note(table.name, &found, &format!("{} forms a cycle", column.name));
    }
    Ok(())
}

/// Assemblies that are in themselves, at any depth, inherited lines counted.
pub(super) fn of_assemblies(report: &mut Report<'_>) -> Result<()> {
    let from = sql!(
        "FROM (SELECT m.part AS origin, m.sub_part AS target FROM part_bomitem m \
         UNION SELECT v.id, m.sub_part FROM part_bomitem m JOIN part_part a ON a.id = m.part JOIN part_part v ON ",
        below!("v", "a"),
        " WHERE m.inherited) e"
    );
    let found = circles(&edges(report, from)?);
    report.note("part_part", &found, "its bill of materials forms a cycle");
    Ok(())
}

selected! {
    /// A row and the row that it links to.
    struct Edge {
        origin: i64 = "e.origin",
        target: i64 = "e.target",
    }
}

fn edges(report: &mut Report<'_>, from: impl AsSql) -> Result<Vec<(i64, i64)>> {
    let mut edges = Vec::new();
    report.conn.query(&fragment!("SELECT {} {from}", Edge::COLUMNS), &[], |row| {
        let Edge { origin, target } = Edge::read(row);
        edges.push((origin, target));
        Ok(())
    })?;
    Ok(edges)
}

/// The nodes from which a way along the edges leads back to them, sorted: those of the strongly connected
/// components of more than one node, and those with an edge to themselves.
fn circles(edges: &[(i64, i64)]) -> Vec<i64> {
    let mut forward: HashMap<i64, Vec<i64>> = HashMap::new();
    let mut back: HashMap<i64, Vec<i64>> = HashMap::new();
    for (from, to) in edges {
        forward.entry(*from).or_default().push(*to);
        back.entry(*to).or_default().push(*from);
    }
    let none: &[i64] = &[];
    let next =
        |of: &HashMap<i64, Vec<i64>>, node: i64, at: usize| of.get(&node).map_or(none, Vec::as_slice).get(at).copied();
    // Kosaraju: nodes in the order in which everything behind them is done, then the way back from the last one
    let mut done = Vec::new();
    let mut seen: HashSet<i64> = HashSet::new();
    for start in forward.keys() {
        if !seen.insert(*start) {
            continue;
        }
        let mut way = vec![(*start, 0)];
        while let Some((node, at)) = way.pop() {
            match next(&forward, node, at) {
                Some(below) => {
                    way.push((node, at + 1));
                    if seen.insert(below) {
                        way.push((below, 0));
                    }
                }
                None => done.push(node),
            }
        }
    }
    let mut taken: HashSet<i64> = HashSet::new();
    let mut found: Vec<i64> = edges.iter().filter(|(from, to)| from == to).map(|(node, _)| *node).collect();
    for root in done.into_iter().rev() {
        if !taken.insert(root) {
            continue;
        }
        let mut together = vec![root];
        let mut at = 0;
        while at < together.len() {
            let above = back.get(&together[at]).map_or(none, Vec::as_slice);
            let new: Vec<i64> = above.iter().copied().filter(|node| taken.insert(*node)).collect();
            together.extend(new);
            at += 1;
        }
        if together.len() > 1 {
            found.extend(together);
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::circles;

    #[test]
    fn only_what_leads_back_to_itself_is_in_a_circle() {
        assert_eq!(circles(&[]), [0; 0]);
        assert_eq!(circles(&[(1, 2), (2, 3), (1, 3)]), [0; 0]);
        assert_eq!(circles(&[(1, 1), (2, 1)]), [1]);
        // between two circles, before and behind them nothing is wrong
        let edges = [(9, 1), (1, 2), (2, 1), (2, 5), (5, 6), (6, 7), (7, 8), (8, 6), (8, 10)];
        assert_eq!(circles(&edges), [1, 2, 6, 7, 8]);
    }
}
