//! Numbers of rows that are kept, so that lists need not count them: of the rows in each node of a tree, and of those
//! for which the usual filters hold.
//!
//! Each is described once, as a [`Tally`]. A row counts in one cell: that of its node, where the rows lie in a tree,
//! and of its state, which says which of the facts hold. What lies in a node and below it is a sum over a range of paths,
//! which one index has; what a filter leaves is a sum over the few states with its bit.
//!
//! SQLite's triggers change the number of a cell. In PostgreSQL, where writers of one cell would wait for each other,
//! they note changes, which a job adds to the numbers; the view gives both.

use std::collections::BTreeSet;

use ironwood_base::Result;
use ironwood_rest::selected;
use ironwood_rest::table::Default::{Int, Text};
use ironwood_rest::table::{Counted, Grouped, Table, int, text};
use ironwood_store::{AsSql, Backend, Connection, Fragment, fragment, sql};

use super::in_stock::in_stock_condition;

/// Rows that are counted.
#[derive(Debug, Clone, Copy)]
pub struct Tally {
    /// The numbers. The key of a cell follows from its node and its state.
    pub kept: &'static Table,
    /// Changes that are not added yet; only used in PostgreSQL.
    pub changes: &'static Table,
    /// What lists ask, of the view over both.
    pub counted: &'static Counted,
    pub rows: &'static str,
    /// The tree in whose nodes the rows lie, and the column that names the node.
    pub nodes: Option<(&'static str, &'static str)>,
    /// The state of a row as a template over it, where the facts are not to be asked as lists ask them.
    pub state: Option<&'static str>,
}

macro_rules! kept {
    ($name:literal, by node) => {
        Table::new($name, "")
            .unlogged("kept numbers of rows that are logged")
            .columns(&[
                text("path", 0).blank().default(Text("")).record(""),
                int("state").default(Int(0)).record(""),
                int("number").default(Int(0)).record(""),
            ])
            .indexes(&[&["path", "state", "number"]])
    };
    ($name:literal) => {
        Table::new($name, "")
            .unlogged("kept numbers of rows that are logged")
            // the key is the state
            .columns(&[int("number").default(Int(0)).record("")])
    };
}
macro_rules! changes {
    ($name:literal, by node) => {
        Table::new($name, "").unlogged("changes of kept numbers").columns(&[
            int("node").index().record(""),
            int("state").default(Int(0)).record(""),
            int("number").default(Int(0)).record(""),
        ])
    };
    ($name:literal) => {
        Table::new($name, "")
            .unlogged("changes of kept numbers")
            .columns(&[int("state").default(Int(0)).record(""), int("number").default(Int(0)).record("")])
    };
}

pub static LOCATION_KEPT: Table = kept!("ironwood_location_content", by node);
pub static LOCATION_CHANGES: Table = changes!("ironwood_location_content_change", by node);
pub static CATEGORY_KEPT: Table = kept!("ironwood_category_content", by node);
pub static CATEGORY_CHANGES: Table = changes!("ironwood_category_content_change", by node);
pub static STOCK_KEPT: Table = kept!("ironwood_stock_tally");
pub static STOCK_CHANGES: Table = changes!("ironwood_stock_tally_change");
pub static PART_KEPT: Table = kept!("ironwood_part_tally");
pub static PART_CHANGES: Table = changes!("ironwood_part_tally_change");
pub static HISTORY_KEPT: Table = kept!("ironwood_history_tally");
pub static HISTORY_CHANGES: Table = changes!("ironwood_history_tally_change");

const IN_STOCK: (&str, &str) =
    (sql!("(", in_stock_condition!("{", "}"), ")"), sql!("NOT (", in_stock_condition!("{", "}"), ")"));

/// Stock by location.
pub static STOCK_BY_LOCATION: Counted =
    Counted { numbers: "ironwood_location_contents", below: "{location} IN {below}", facts: &[IN_STOCK] };
/// Stock.
pub static STOCK: Counted = Counted {
    numbers: "ironwood_stock_tallies",
    below: "",
    facts: &[
        IN_STOCK,
        ("{is_building}", "NOT {is_building}"),
        ("{consumed_by} IS NOT NULL", "{consumed_by} IS NULL"),
        ("{belongs_to} IS NOT NULL", "{belongs_to} IS NULL"),
        ("{customer} IS NOT NULL", "{customer} IS NULL"),
        ("{quantity} <= 0", "{quantity} > 0"),
        ("COALESCE({serial}, '') <> ''", "COALESCE({serial}, '') = ''"),
    ],
};
/// Stock by part, see `schema::totals`.
pub static STOCK_BY_PART: Grouped = Grouped { link: "part", numbers: &[("", "items"), (IN_STOCK.0, "items_in_stock")] };
/// Parts by category.
pub static PARTS_BY_CATEGORY: Counted = Counted {
    numbers: "ironwood_category_contents",
    below: "{category} IN {below}",
    facts: &[("{active}", "NOT {active}")],
};
/// The stock history.
pub static HISTORY: Counted = Counted { numbers: "ironwood_history_tallies", below: "", facts: &[] };

/// Flags of parts, each with a bit. They stand beside the totals of a part, in one number.
macro_rules! part_flags {
    ($($bit:literal $name:literal)*) => {
        /// The flags of a part as a number, over a row of it.
        pub const PART_STATE: &str = concat!("0" $(, " + CASE WHEN {", $name, "} THEN ", $bit, " ELSE 0 END")*);
        const PART_FACTS: &[(&str, &str)] = &[
            $((concat!("{", $name, "}"), concat!("NOT {", $name, "}")),)*
            ("{totals:in_stock} > 0", "{totals:in_stock} <= 0"),
        ];
    };
}
part_flags! {
    1 "active" 2 "assembly" 4 "component" 8 "is_template" 16 "locked" 32 "purchaseable" 64 "salable" 128 "testable"
    256 "trackable" 512 "virtual"
}

/// The flags of a part, beside its totals, and that it is in stock.
const PART_STATE_IN_STOCK: &str = "{state} + CASE WHEN {in_stock} > 0 THEN 1024 ELSE 0 END";

/// Parts, by what stands beside their totals.
pub static PARTS: Counted = Counted { numbers: "ironwood_part_tallies", below: "", facts: PART_FACTS };

/// All that is kept.
pub static TALLIES: &[Tally] = &[
    Tally {
        kept: &LOCATION_KEPT,
        changes: &LOCATION_CHANGES,
        counted: &STOCK_BY_LOCATION,
        rows: "stock_stockitem",
        nodes: Some(("stock_stocklocation", "location")),
        state: None,
    },
    Tally {
        kept: &CATEGORY_KEPT,
        changes: &CATEGORY_CHANGES,
        counted: &PARTS_BY_CATEGORY,
        rows: "part_part",
        nodes: Some(("part_partcategory", "category")),
        state: None,
    },
    Tally {
        kept: &STOCK_KEPT,
        changes: &STOCK_CHANGES,
        counted: &STOCK,
        rows: "stock_stockitem",
        nodes: None,
        state: None,
    },
    Tally {
        kept: &PART_KEPT,
        changes: &PART_CHANGES,
        counted: &PARTS,
        rows: "ironwood_part_total",
        nodes: None,
        state: Some(PART_STATE_IN_STOCK),
    },
    Tally {
        kept: &HISTORY_KEPT,
        changes: &HISTORY_CHANGES,
        counted: &HISTORY,
        rows: "stock_stockitemtracking",
        nodes: None,
        state: None,
    },
];

/// SQL over a row of the tree: how many rows lie in it and everywhere below.
macro_rules! in_and_below {
    ($view:literal) => {
        ironwood_store::sql!(
            "(SELECT COALESCE(CAST(SUM(k.number) AS BIGINT), 0) FROM ",
            $view,
            " k WHERE ",
            ironwood_rest::at_or_below!("k.path", "{tree_path}", "{tree_end}"),
            ")"
        )
    };
}
pub(crate) use in_and_below;

/// A template over the row with that name as SQL.
pub fn of_row(template: &'static str, row: &'static str) -> Fragment {
    Fragment::fill(template, |name, out| {
        if let Some(column) = Fragment::name(name) {
            out.push(fragment!("{row}.{column}"));
        }
    })
}

impl Tally {
    /// The facts as conditions over a row, each with its number in a state.
    fn facts(&self) -> impl Iterator<Item = (&'static str, i64)> {
        self.counted.facts.iter().enumerate().map(|(bit, (holds, _))| (*holds, 1 << bit))
    }

    /// SQL of the state of a row.
    pub fn state(&self, row: &'static str) -> Fragment {
        if let Some(state) = self.state {
            return of_row(state, row);
        }
        let bits = self.facts().map(|(holds, bit)| fragment!("CASE WHEN {} THEN {bit} ELSE 0 END", of_row(holds, row)));
        let state = Fragment::join(bits, " + ");
        if state.is_empty() { "0".into() } else { state }
    }

    /// The columns that the state of a row is made of.
    pub fn columns(&self) -> BTreeSet<&'static str> {
        let templates: Vec<&str> = match self.state {
            Some(state) => vec![state],
            None => self.facts().map(|(holds, _)| holds).collect(),
        };
        let names = templates.into_iter().flat_map(|template| template.split('{').skip(1));
        names.filter_map(|rest| rest.split('}').next()).collect()
    }

    /// How many states there may be.
    pub fn states(&self) -> i64 {
        1 << self.counted.facts.len()
    }

    /// SQL of the key of the cell of a node and a state.
    pub fn cell(&self, node: impl AsSql, state: impl AsSql) -> Fragment {
        match self.nodes {
            Some(_) => fragment!("{node} * {} + {state}", self.states()),
            None => state.to_fragment(),
        }
    }

    /// All cells with rows: key, path where there are nodes, state and number.
    fn live(&self) -> Fragment {
        let (rows, state) = (self.rows, self.state("r"));
        match self.nodes {
            Some((nodes, column)) => fragment!(
                "SELECT {} AS id, n.tree_path AS path, r.state, r.number FROM {nodes} n JOIN (SELECT r.\"{column}\" AS node, \
                 {state} AS state, COUNT(*) AS number FROM {rows} r WHERE r.\"{column}\" IS NOT NULL GROUP BY 1, 2) r \
                 ON r.node = n.id",
                self.cell("n.id", "r.state")
            ),
            None => {
                fragment!("SELECT {state} AS id, {state} AS state, COUNT(*) AS number FROM {rows} r GROUP BY 1, 2")
            }
        }
    }

    /// The columns of a cell besides its key.
    pub fn names(&self) -> &'static str {
        if self.nodes.is_some() { "path, state, number" } else { "number" }
    }

    /// The statements that make all numbers anew.
    pub fn renewal(&self) -> [Fragment; 3] {
        let (kept, changes) = (self.kept.name, self.changes.name);
        [
            fragment!("DELETE FROM {changes}"),
            fragment!("DELETE FROM {kept}"),
            fragment!("INSERT INTO {kept} (id, {0}) SELECT id, {0} FROM ({1}) l", self.names(), self.live()),
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
        let (by, path, from) = match self.nodes {
            Some((nodes, _)) => {
                ("node, state", "n.tree_path, s.state, ", fragment!("sums s JOIN {nodes} n ON n.id = s.node"))
            }
            None => ("state", "", Fragment::from("sums s")),
        };
        let sql = fragment!(
            "WITH gone AS (DELETE FROM {changes} WHERE id IN (SELECT id FROM {changes} ORDER BY id LIMIT $1 \
             FOR UPDATE SKIP LOCKED) RETURNING *), sums AS (SELECT {by}, CAST(SUM(number) AS BIGINT) AS number FROM gone \
             GROUP BY {by}) INSERT INTO {kept} AS k (id, {}) SELECT {}, {path}s.number FROM {from} \
             WHERE s.number <> 0 ON CONFLICT (id) DO UPDATE SET number = k.number + EXCLUDED.number",
            self.names(),
            self.cell("n.id", "s.state")
        );
        conn.execute(&sql, &[most.into()]).map(drop)
    }

    /// [`WrongNumber`] from its FROM on: cells whose numbers are wrong; at most so many.
    fn wrong(&self, most: usize) -> Fragment {
        let (kept, view) = (self.kept.name, self.counted.numbers);
        let (path, same_path) = match self.nodes {
            Some(_) => (", path", " AND l.path = v.path"),
            None => ("", ""),
        };
        let moved = match self.nodes {
            // a cell without rows may have any path
            Some((nodes, _)) => fragment!(
                " UNION ALL SELECT k.id, -1, k.number FROM {kept} k LEFT JOIN {nodes} n ON n.id = k.id / {} \
                 WHERE n.tree_path IS NULL OR n.tree_path <> k.path",
                self.states()
            ),
            None => Fragment::new(),
        };
        fragment!(
            "FROM (SELECT COALESCE(l.id, v.state) AS id, COALESCE(v.number, 0) AS was, COALESCE(l.number, 0) AS should FROM (SELECT MIN(c.id) AS id, c.state{path}, \
             CAST(SUM(c.number) AS BIGINT) AS number FROM ({}) c GROUP BY c.state{path}) l FULL JOIN \
             (SELECT state{path}, CAST(SUM(number) AS BIGINT) AS number FROM {view} GROUP BY state{path}) v \
             ON l.state = v.state{same_path} WHERE COALESCE(v.number, 0) <> COALESCE(l.number, 0){moved}) w ORDER BY w.id LIMIT {most}",
            self.live()
        )
    }
}

selected! {
    /// A number that is kept and wrong.
    pub(super) struct WrongNumber {
        pub(super) id: i64 = "w.id",
        pub(super) was: String = "CAST(w.was AS TEXT)",
        pub(super) should: String = "CAST(w.should AS TEXT)",
    }
}

/// Cells that are named for each tally that is wrong.
const SHOWN: usize = 10;

/// Kept numbers that are wrong, a line each.
///
/// # Errors
/// Those of the database.
pub fn check(conn: &mut Connection) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for tally in TALLIES {
        let (rows, kept) = (tally.rows, tally.kept.name);
        let wrong: Vec<WrongNumber> = selected::all(conn, tally.wrong(SHOWN + 1), &[])?;
        for (i, WrongNumber { id, was, should }) in wrong.into_iter().enumerate() {
            lines.push(if i == SHOWN {
                format!("{kept}: more wrong numbers of {rows}")
            } else {
                format!("{kept} {id}: the number of {rows} is {was} and should be {should}, or its path is wrong")
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
    for sql in TALLIES.iter().flat_map(Tally::renewal) {
        conn.execute(&sql, &[])?;
    }
    Ok(())
}
