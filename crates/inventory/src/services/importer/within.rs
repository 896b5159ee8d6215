//! Rows that name a record which an earlier row of the same file makes: a category below another one, a variant
//! of a template.
//!
//! Until that row is a record, the value stays the text that the file has.

use std::collections::HashMap;

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::selected;
use ironwood_store::fragment;
use serde_json::{Map, Value as Json};

use super::file::is_empty;
use super::models::{self, Importable, Model};
use super::state::Session;
use crate::platform::file_rules::FileRow;
use crate::platform::output::sheet::text_of;

/// Most rows, one named by the other, that are made to try one.
pub(super) const DEEPEST: usize = 100;

/// Whether a field leads to records of the kind that the file brings.
pub(super) fn is_own(model: &Model, field: &Importable) -> bool {
    field.target().is_some_and(|target| target.name == model.resource.view.table.name)
}

/// Fields of a model that lead to records of its own kind.
pub(super) fn own_fields(model: &'static Model) -> impl Iterator<Item = &'static str> {
    let view = model.resource.view;
    let own = |target: &ironwood_rest::table::Table| target.name == view.table.name;
    view.fields.iter().filter(move |f| f.writable && f.target(view.table).is_some_and(own)).map(|f| f.name)
}

/// Whether a row still names another one by a text.
pub(super) fn is_waiting(model: &'static Model, values: &Map<String, Json>) -> bool {
    own_fields(model).any(|name| values.get(name).is_some_and(|value| value.is_string() && !is_empty(value)))
}

/// What the rows of a file are called.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<String, Vec<usize>>);

/// Which row a text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    Row(usize),
    None,
    Several,
}

selected! {
    /// A row of a tree with all names above it.
    struct Above {
        id: i64 = "t.id",
        names: String = "t.names",
    }
}

impl Names {
    /// Reads the names of rows in the order of the file. Rows of trees are called by their names from the top
    /// down, too. One statement at most.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn of(ctx: &mut Context<'_>, session: &Session, rows: &[&Map<String, Json>]) -> Result<Self> {
        let table = session.model.resource.view.table;
        let mut names = Names::default();
        let tree = table.tree.filter(|tree| !tree.names.is_empty());
        let mut above: HashMap<i64, String> = HashMap::new();
        if let Some(tree) = tree {
            let keys: Vec<i64> = rows.iter().filter_map(|row| row.get(tree.parent)?.as_i64()).collect();
            let (column, table) = (tree.names, table.name);
            let from = fragment!("FROM (SELECT id, \"{column}\" AS names FROM {table} WHERE id IN ({{keys}})) t");
            let found: Vec<Above> = selected::among(ctx.conn, &from, &keys)?;
            above.extend(found.into_iter().map(|row| (row.id, row.names)));
        }
        let mut paths: Vec<String> = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let text = |name: &str| row.get(name).filter(|value| !is_empty(value)).map(text_of);
            let mut called: Vec<String> = models::names_of(table).iter().filter_map(|column| text(column)).collect();
            if let Some(tree) = tree {
                let own = text(tree.order).unwrap_or_default();
                let way = match row.get(tree.parent) {
                    Some(Json::String(parent)) if !parent.trim().is_empty() => match names.before(parent, at) {
                        Named::Row(parent) => paths.get(parent).cloned(),
                        _ => Some(parent.trim().to_owned()),
                    },
                    Some(parent) => parent.as_i64().and_then(|key| above.get(&key).cloned()),
                    None => None,
                };
                let path = way.map_or_else(|| own.clone(), |way| format!("{way}/{}", own.trim()));
                called.push(path.clone());
                paths.push(path);
            }
            called.iter_mut().for_each(|name| *name = name.trim().to_owned());
            called.sort_unstable();
            called.dedup();
            called.into_iter().for_each(|name| names.0.entry(name).or_default().push(at));
        }
        Ok(names)
    }

    /// The row before the one at this place that a text names.
    pub(crate) fn before(&self, text: &str, at: usize) -> Named {
        let mut found = self.0.get(text.trim()).into_iter().flatten().copied().filter(|row| *row < at);
        match (found.next(), found.next()) {
            (None, _) => Named::None,
            (Some(row), None) => Named::Row(row),
            _ => Named::Several,
        }
    }
}

/// Names of the rows of a session.
///
/// # Errors
/// Those of the database.
pub(super) fn names_of_rows(ctx: &mut Context<'_>, session: &Session, rows: &[FileRow]) -> Result<Names> {
    let values: Vec<&Map<String, Json>> = rows.iter().map(|row| &row.values).collect();
    Names::of(ctx, session, &values)
}

/// That the row which is named is no record yet.
pub(super) fn not_yet(field: &str) -> Error {
    Error::field(field, "This value refers to another row of the file, which must be imported first.")
}

/// That it would take too many rows to try this one.
pub(super) fn too_deep(field: &str) -> Error {
    Error::field(field, "This row depends on too many rows that have not been imported yet.")
}
