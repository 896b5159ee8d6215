//! How many rows lie in each node of a tree: kept, so that lists of nodes need not count them.
//!
//! Each row counts for its own node alone, whose path stands beside the number: what lies in a node and below it is the
//! sum over a range of paths, which one index has. SQLite's triggers change the number. In PostgreSQL, where writers of
//! one node would wait for each other, they note changes, which a job adds to the numbers; the view gives both.

use ironwood_base::Result;
use ironwood_rest::table::Default::{Int, Text};
use ironwood_rest::table::{Table, int, text};
use ironwood_store::{Backend, Connection, Fragment, fragment};

/// Rows that lie in the nodes of a tree.
#[derive(Debug, Clone, Copy)]
pub struct Contents {
    /// The numbers, under the keys of the nodes.
    pub kept: &'static Table,
    /// Changes that are not added yet; only used in PostgreSQL.
    pub changes: &'static Table,
    /// The view over both.
    pub view: &'static str,
    pub nodes: &'static str,
    pub rows: &'static str,
    /// The column of the rows that names their node.
    pub column: &'static str,
}

macro_rules! kept {
    ($name:literal) => {
        Table::new($name, "")
            .unlogged("kept numbers of rows that are logged")
            .columns(&[text("path", 0).blank().default(Text("")).record(""), int("number").default(Int(0)).record("")])
            .indexes(&[&["path", "number"]])
    };
}
macro_rules! changes {
    ($name:literal) => {
        Table::new($name, "")
            .unlogged("changes of kept numbers")
            .columns(&[int("node").index().record(""), int("number").default(Int(0)).record("")])
    };
}

pub static LOCATION_KEPT: Table = kept!("ironwood_location_content");
pub static LOCATION_CHANGES: Table = changes!("ironwood_location_content_change");
pub static CATEGORY_KEPT: Table = kept!("ironwood_category_content");
pub static CATEGORY_CHANGES: Table = changes!("ironwood_category_content_change");

/// All that is kept.
pub static CONTENTS: &[Contents] = &[
    Contents {
        kept: &LOCATION_KEPT,
        changes: &LOCATION_CHANGES,
        view: "ironwood_location_contents",
        nodes: "stock_stocklocation",
        rows: "stock_stockitem",
        column: "location",
    },
    Contents {
        kept: &CATEGORY_KEPT,
        changes: &CATEGORY_CHANGES,
        view: "ironwood_category_contents",
        nodes: "part_partcategory",
        rows: "part_part",
        column: "category",
    },
];

/// SQL over a row of the tree: how many rows lie in it and everywhere below.
macro_rules! in_and_below {
    ($view:literal) => {
        ironwood_store::sql!(
            "(SELECT COALESCE(CAST(SUM(k.number) AS BIGINT), 0) FROM ",
            $view,
            " k WHERE k.path >= {tree_path} AND k.path < {tree_end})"
        )
    };
}
pub(crate) use in_and_below;

impl Contents {
    /// Each node with the number of its rows.
    fn live(&self) -> Fragment {
        let Contents { nodes, rows, column, .. } = self;
        fragment!(
            "SELECT n.id, n.tree_path, COALESCE(r.number, 0) AS number FROM {nodes} n LEFT JOIN \
             (SELECT \"{column}\" AS node, COUNT(*) AS number FROM {rows} WHERE \"{column}\" IS NOT NULL \
             GROUP BY \"{column}\") r ON r.node = n.id"
        )
    }

    /// The statements that make all numbers anew.
    pub fn renewal(&self) -> [Fragment; 3] {
        let (kept, changes) = (self.kept.name, self.changes.name);
        [
            fragment!("DELETE FROM {changes}"),
            fragment!("DELETE FROM {kept}"),
            fragment!("INSERT INTO {kept} (id, path, number) {}", self.live()),
        ]
    }

    /// Adds the oldest noted changes to the numbers.
    ///
    /// # Errors
    /// Those of the database.
    pub fn add_changes(&self, conn: &mut Connection, most: i64) -> Result<()> {
        if conn.backend() == Backend::Sqlite {
            return Ok(());
        }
        let (kept, changes) = (self.kept.name, self.changes.name);
        let sql = fragment!(
            "WITH gone AS (DELETE FROM {changes} WHERE id IN (SELECT id FROM {changes} ORDER BY id LIMIT $1 \
             FOR UPDATE SKIP LOCKED) RETURNING *), sums AS (SELECT node, SUM(number) AS number FROM gone GROUP BY node) \
             UPDATE {kept} k SET number = k.number + sums.number FROM sums WHERE k.id = sums.node"
        );
        conn.execute(&sql, &[most.into()]).map(drop)
    }
}

/// Nodes that are named for each number that is wrong.
const SHOWN: usize = 10;

/// Nodes whose kept numbers are wrong, a line each.
///
/// # Errors
/// Those of the database.
pub fn check(conn: &mut Connection) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for contents in CONTENTS {
        let (nodes, rows, kept) = (contents.nodes, contents.rows, contents.kept.name);
        let sql = fragment!(
            "SELECT l.id, COALESCE(CAST(v.number AS TEXT), 'missing'), CAST(l.number AS TEXT) FROM ({}) l \
             LEFT JOIN {kept} k ON k.id = l.id \
             LEFT JOIN (SELECT id, CAST(SUM(number) AS BIGINT) AS number FROM {} GROUP BY id) v ON v.id = l.id \
             WHERE v.id IS NULL OR v.number <> l.number OR k.path <> l.tree_path ORDER BY l.id LIMIT {}",
            contents.live(),
            contents.view,
            SHOWN + 1
        );
        for (i, row) in conn.rows(&sql, &[])?.iter().enumerate() {
            lines.push(if i == SHOWN {
                format!("{nodes}: more rows with a wrong number of {rows}")
            } else {
                let (was, is) = (row.text(1), row.text(2));
                format!(
                    "{nodes} {}: the number of {rows} is {was} and should be {is}, or its path is wrong",
                    row.int(0)
                )
            });
        }
    }
    Ok(lines)
}

/// Makes all numbers anew.
///
/// # Errors
/// Those of the database.
pub fn renew(conn: &mut Connection) -> Result<()> {
    for sql in CONTENTS.iter().flat_map(Contents::renewal) {
        conn.execute(&sql, &[])?;
    }
    Ok(())
}
