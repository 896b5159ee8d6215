//! Conditions on trees: the rows from one row on downwards, or above it.

use ironwood_base::Result;
use ironwood_store::{AsSql, Backend, Connection, Fragment, Value, fragment};

use super::Query;
use crate::selected;
use crate::statement::{Below, Tree};
use crate::subtree;
use crate::table::{PATH, PATH_END, Table};

/// Stand in conditions for the keys of the tree with that number, downwards and upwards.
const BELOW: &str = "\u{2}";

const ABOVE: &str = "\u{3}";

fn tree_mark(direction: &'static str, number: usize) -> Fragment {
    fragment!("{direction}{number}{direction}")
}

selected! {
    /// Where the paths of a tree begin and end.
    struct Bounds {
        path: String = PATH,
        end: String = PATH_END,
    }
}

impl Query<'_> {
    /// Only rows for which a template holds, in which `{value}` stands for the key of a row, `{below}` for the keys of
    /// that row and of all below it in its tree, and `{above}` for those of all above it: `{location} IN {below}`.
    pub fn and_tree(&mut self, template: impl AsSql, table: &'static Table, key: impl Into<i64>) {
        self.among_tree(Tree { template: template.to_fragment(), table, key: key.into(), optional: false });
    }

    /// As [`Query::and_tree`], but all rows where there is no row with that key. The template has no `{value}`.
    pub fn and_known_tree(&mut self, template: impl AsSql, table: &'static Table, key: impl Into<i64>) {
        self.among_tree(Tree { template: template.to_fragment(), table, key: key.into(), optional: true });
    }

    fn among_tree(&mut self, tree: Tree) {
        let (below, above) = (tree_mark(BELOW, self.trees.len()), tree_mark(ABOVE, self.trees.len()));
        let (key, name) = (tree.key, tree.table.name);
        let marked = tree.template.replace("{below}", below).replace("{above}", above);
        if marked != tree.template {
            if let Some(asking) = &self.asking {
                // the keys say which rows are below which
                self.hidden |= asking.is_hidden(fragment!("FROM {name}").text(), self.table, self.caller);
            }
            self.trees.push(tree);
        }
        if marked.text().contains("{value}") { self.and_value(&marked, key) } else { self.and(&marked) }
    }

    /// Reads where the trees of the conditions begin and end.
    ///
    /// # Errors
    /// Those of the database.
    pub fn read_trees(&mut self, conn: &mut Connection) -> Result<()> {
        let trees = std::mem::take(&mut self.trees);
        let mut known: Vec<(&str, i64, Option<Bounds>)> = Vec::new();
        for (number, tree) in trees.into_iter().enumerate() {
            let (name, key) = (tree.table.name, tree.key);
            let found = match known.iter().find(|(table, of, _)| *table == name && *of == key) {
                Some((.., bounds)) => bounds.clone(),
                None => {
                    let from = fragment!("FROM {name} WHERE id = $1");
                    let bounds: Option<Bounds> = selected::first(conn, &from, &[Value::Int(key)])?;
                    known.push((name, key, bounds.clone()));
                    bounds
                }
            };
            for direction in [BELOW, ABOVE] {
                let mark = tree_mark(direction, number);
                if !self.conditions.iter().any(|condition| condition.text().contains(mark.text())) {
                    continue;
                }
                let mut bounds = None;
                let keys = match &found {
                    Some(Bounds { path, end }) if direction == BELOW => {
                        let (from, end) = (self.bind(path.as_str()), self.bind(end.as_str()));
                        bounds = Some((self.params.len() - 1, self.params.len()));
                        fragment!(
                            "(SELECT v.id FROM {name} v WHERE {})",
                            subtree::at_or_below("v.tree_path", from, end)
                        )
                    }
                    Some(Bounds { path, .. }) => {
                        let above: Vec<i64> = path.split('/').filter_map(|key| key.parse().ok()).collect();
                        let above = self.bind(Value::keys(&above));
                        fragment!("({})", self.backend.keys(above))
                    }
                    None => "(SELECT CAST(NULL AS BIGINT) WHERE 1 = 0)".into(),
                };
                let all = tree.optional && found.is_none();
                for condition in self.conditions.iter_mut().filter(|condition| condition.text().contains(mark.text())) {
                    *condition = if all { "1 = 1".into() } else { condition.replace(mark.text(), &keys) };
                    if tree.optional && !all && self.backend == Backend::Sqlite {
                        // most of all rows may be below: SQLite, which holds any tree for small, would gather and sort
                        // them, where it can walk along the order of the list
                        condition.push(fragment!(" OR NOT EXISTS (SELECT 1 FROM {name} n WHERE n.id = {key})"));
                    }
                    if let Some(bounds) = bounds.take() {
                        let (template, condition) = (tree.template.clone(), condition.clone());
                        self.below.push(Below { template, condition, bounds });
                    }
                }
            }
        }
        Ok(())
    }
}
