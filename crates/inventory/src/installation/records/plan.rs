//! Import plan of each table, calculated once.

use std::collections::HashMap;

use ironwood_rest::table::{Column, ColumnType, PATH, Table};
use ironwood_store::{Backend, Value};

use super::batch::Batch;
use super::keys::Keys;
use super::legacy;

/// Where the value of a record's field goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// Into the row: index into [`Plan::columns`]. The flag says that the name is an older one.
    Column(usize, bool),
    /// Into a link table: index into [`Plan::many`].
    Many(usize),
    /// The text of a token: sealed, into the columns [`TOKEN`].
    Token,
    /// Nowhere: it is computed from others.
    Derived,
}

/// The columns that keep a token: found by its hash, given out again from the sealed form.
pub(super) const TOKEN: [&str; 2] = ["key_hash", "key_sealed"];
/// Nested-set numbers, as the reference keeps them for trees.
const NESTED: [&str; 4] = ["lft", "rght", "tree_id", "level"];

pub(super) struct Plan {
    pub(super) table: &'static Table,
    /// Columns of the row but the key and the tree path, in the order of the row's values, where
    /// the key is first and the tree path last.
    pub(super) columns: Vec<&'static Column>,
    /// For links, the index of the plan linked to.
    pub(super) linked: Vec<Option<usize>>,
    pub(super) many: Vec<Many>,
    pub(super) fields: HashMap<&'static str, Target>,
    pub(super) natural: Vec<usize>,
    /// Whether the natural key stands in the place of the key: records of this model have a text
    /// for a key.
    pub(super) text_key: bool,
    /// Keys by natural key.
    pub(super) naturals: HashMap<String, i64>,
    pub(super) keys: Keys,
    pub(super) tree: Option<TreePlan>,
    pub(super) token: Option<[usize; 2]>,
    pub(super) rows: Batch,
    pub(super) taken: u64,
}

pub(super) struct Many {
    pub(super) column: &'static Column,
    pub(super) target: usize,
    pub(super) rows: Batch,
}

/// The rows of a tree table seen so far.
pub(super) struct TreePlan {
    pub(super) parent: usize,
    /// Column with a row's own name.
    pub(super) name: usize,
    /// Column with the names from the root down.
    pub(super) names: Option<usize>,
    pub(super) rows: HashMap<i64, (Option<i64>, Box<str>)>,
}

impl TreePlan {
    /// The rows from the root down to this one; `Ok(None)` where one is not there yet, `Err` with
    /// the circle where they form one.
    pub(super) fn chain(&self, key: i64) -> Result<Option<Vec<i64>>, Vec<i64>> {
        let mut chain = vec![key];
        let mut at = key;
        loop {
            match self.rows.get(&at) {
                None => return Ok(None),
                Some((None, _)) => break,
                Some((Some(parent), _)) => at = *parent,
            }
            chain.push(at);
            if chain.len() > self.rows.len() + 1 {
                let start = chain.iter().position(|key| *key == at).unwrap_or(0);
                let end =
                    chain.iter().skip(start + 1).position(|key| *key == at).map_or(chain.len(), |i| start + i + 2);
                return Err(chain[start..end].to_vec());
            }
        }
        chain.reverse();
        Ok(Some(chain))
    }
}

/// `/1/5/9/`
pub(super) fn path(chain: &[i64]) -> String {
    let mut path = String::from("/");
    for key in chain {
        path.push_str(&key.to_string());
        path.push('/');
    }
    path
}

/// A plan for each table that is part of records.
pub(super) fn plans(tables: &[&'static Table], backend: Backend) -> Vec<Plan> {
    let tables: Vec<&'static Table> = tables.iter().copied().filter(|table| !table.record.is_empty()).collect();
    let index: HashMap<&str, usize> = tables.iter().enumerate().map(|(i, table)| (table.name, i)).collect();
    tables.iter().map(|table| plan(table, &index, backend)).collect()
}

fn plan(table: &'static Table, index: &HashMap<&str, usize>, backend: Backend) -> Plan {
    let mut columns = Vec::new();
    let mut linked = Vec::new();
    let mut many = Vec::new();
    let mut fields = HashMap::new();
    for column in table.columns.iter().filter(|column| column.name != PATH) {
        let target = match column.kind {
            ColumnType::Many { link, own, other, target } => {
                // a link to a table that is no part of records cannot be in a record
                let Some(&target) = index.get(target.name) else { continue };
                many.push(Many { column, target, rows: Batch::new(link, &[own, other], backend) });
                |_| Target::Many(0)
            }
            ColumnType::Link(to, _) => {
                linked.push(index.get(to.name).copied());
                columns.push(column);
                |old| Target::Column(0, old)
            }
            _ => {
                linked.push(None);
                columns.push(column);
                |old| Target::Column(0, old)
            }
        };
        let place = |old| match target(old) {
            Target::Column(_, old) => Target::Column(columns.len() - 1, old),
            _ => Target::Many(many.len() - 1),
        };
        if !column.record.is_empty() {
            fields.insert(column.record, place(false));
        }
        for alias in column.aliases {
            fields.entry(*alias).or_insert(place(true));
        }
        for (old, new) in legacy::renamed(table.record) {
            if new == column.record {
                fields.entry(old).or_insert(place(true));
            }
        }
    }
    let find = |name: &str| columns.iter().position(|column| column.name == name);
    let tree = table.tree.and_then(|tree| {
        Some(TreePlan {
            parent: find(tree.parent)?,
            name: find(tree.order)?,
            names: find(tree.names),
            rows: HashMap::new(),
        })
    });
    // stock items were such a tree once
    if tree.is_some() || table.record == "stock.stockitem" {
        for name in NESTED {
            fields.entry(name).or_insert(Target::Derived);
        }
    }
    let token = match TOKEN.map(find) {
        [Some(hash), Some(sealed)] => Some([hash, sealed]),
        _ => None,
    };
    if token.is_some() {
        fields.insert("key", Target::Token);
    }
    let natural: Vec<usize> = table.natural_key.iter().filter_map(|name| find(name)).collect();
    let text_key = natural.len() == 1 && columns[natural[0]].record.is_empty();
    let mut names = vec!["id"];
    names.extend(columns.iter().map(|column| column.name));
    if tree.is_some() {
        names.push(PATH);
    }
    let rows = Batch::new(table.name, &names, backend);
    Plan {
        table,
        columns,
        linked,
        many,
        fields,
        natural,
        text_key,
        naturals: HashMap::new(),
        keys: Keys::default(),
        tree,
        token,
        rows,
        taken: 0,
    }
}

impl Plan {
    /// The natural key of a row.
    pub(super) fn natural_key(&self, values: &[Value]) -> Option<String> {
        (!self.natural.is_empty())
            .then(|| super::values::natural_key_of(self.natural.iter().map(|i| values[i + 1].borrow())))
    }
}
