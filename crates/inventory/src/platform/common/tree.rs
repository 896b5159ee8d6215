//! Functionality shared by categories and locations: tree filters, and deleting nodes.

use ironwood_base::{Error, Result};
use ironwood_rest::at_or_below;
use ironwood_rest::list::whole;
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Condition, Filter, filter};
use ironwood_rest::select::truth;
use ironwood_rest::selected;
use ironwood_rest::table::{PATH, Table};
use ironwood_rest::tree;
use ironwood_rest::view::TEXT;
use ironwood_store::{Connection, Value, fragment};

use crate::schema::keys::AnyKey;

/// How many rows lie above a row.
pub(crate) const LEVEL: &str = "(LENGTH({tree_path}) - LENGTH(REPLACE({tree_path}, '/', '')) - 2)";
pub(crate) const LEVEL_IS: &str = "(LENGTH({tree_path}) - LENGTH(REPLACE({tree_path}, '/', '')) - 2) = {value}";
pub(crate) const LEVEL_AT_MOST: &str = "(LENGTH({tree_path}) - LENGTH(REPLACE({tree_path}, '/', '')) - 2) <= {value}";
/// Neither the row `{value}` nor anything below it.
pub(crate) const NOT_IN_TREE: &str = "{tree_path} NOT LIKE '%/' || CAST({value} AS TEXT) || '/%'";

fn says(query: &Query<'_>, name: &str) -> bool {
    query.request.param(name).and_then(truth).unwrap_or(false)
}

/// The filter `parent`: directly below a row, or everywhere below it with `cascade`.
pub(crate) fn by_parent(query: &mut Query<'_>, text: &str) -> Result<()> {
    if matches!(text.trim().to_ascii_lowercase().as_str(), "null" | "none") {
        if !says(query, "cascade") {
            query.and("{parent} IS NULL");
        }
        return Ok(());
    }
    let parent = whole("parent", text)?;
    let table = query.table;
    query.must_exist(table, parent, "parent");
    if says(query, "cascade") {
        query.and_tree("{id} <> {value} AND {id} IN {below}", table, parent);
    } else {
        query.and_value("{parent} = {value}", parent);
    }
    if let Some(depth) = query.request.param("depth").map(|d| whole("depth", d)).transpose()? {
        let path = fragment!("(SELECT p.{PATH} FROM {} p WHERE p.id = {{value}})", table.name);
        let level = fragment!("(LENGTH({path}) - LENGTH(REPLACE({path}, '/', '')) - 2)");
        query.and_value(&fragment!("{LEVEL} <= {level} + {depth}"), parent);
    }
    Ok(())
}

/// The filter `depth` where no `parent` is given: down to this level.
pub(crate) fn by_depth(query: &mut Query<'_>, text: &str) -> Result<()> {
    let depth = whole("depth", text)?;
    if query.request.param("parent").is_none_or(|p| p.trim().is_empty()) {
        query.and_value(LEVEL_AT_MOST, depth);
    }
    Ok(())
}

/// The filters `cascade` and `top_level`.
pub(crate) fn by_level(query: &mut Query<'_>) -> Result<()> {
    let cascade = query.request.param("cascade").and_then(truth);
    let top = query.request.param("top_level").and_then(truth);
    let parent = query.request.param("parent").is_some_and(|p| !p.trim().is_empty());
    if (top == Some(true) && cascade != Some(true)) || (cascade == Some(false) && (!parent || top == Some(true))) {
        query.and("{parent} IS NULL");
    }
    Ok(())
}

/// Condition on the level of a row, for the filter `max_level`.
pub(crate) fn by_max_level(query: &mut Query<'_>, text: &str) -> Result<()> {
    query.and_value(LEVEL_AT_MOST, whole("max_level", text)?);
    Ok(())
}

/// What is needed to draw a tree in which something was found, or in which a row is to be seen: with `search`
/// all rows above those that were found; with `expand_to` (a key) this row, those beside it and those above.
pub(crate) fn widen(query: &mut Query<'_>) -> Result<()> {
    let table = query.table;
    if query.request.param("search").is_some_and(|text| !text.trim().is_empty()) {
        query.with_ancestors();
    }
    let parent = table.tree.map_or("parent", |shape| shape.parent);
    // a key of nothing opens nothing
    if let Some(key) = query.request.param("expand_to").and_then(|key| key.trim().parse::<i64>().ok()) {
        query.or(&fragment!(
            "EXISTS (SELECT 1 FROM {} s WHERE s.id = {key} AND (({is_above}) \
             OR s.\"{parent}\" = {{{parent}}} OR (s.\"{parent}\" IS NULL AND {{{parent}}} IS NULL)))",
            table.name,
            is_above = at_or_below!("s.tree_path", "{tree_path}", "{tree_end}")
        ));
    }
    Ok(())
}

/// The parameter `expand_to`, which [`widen`] reads.
pub(crate) const EXPAND_TO: Filter =
    filter("expand_to", Condition::Noted(TEXT)).help("Also include this record, its ancestors, and their siblings.");

/// What lies in the nodes of a tree: rows of this table, linked by this column.
pub(crate) struct Contents {
    pub table: &'static str,
    pub column: &'static str,
}

selected! {
    /// Where a node is.
    struct Node {
        path: String = "n.path",
        parent: Option<AnyKey> = "n.parent",
    }
}

/// Deletes a node. Its children and contents move to its parent, or are deleted, too.
pub(crate) fn delete(
    conn: &mut Connection,
    table: &'static Table,
    contents: &Contents,
    key: AnyKey,
    with_children: bool,
    with_contents: bool,
) -> Result<()> {
    let Some(shape) = table.tree else { return Err(Error::Internal(format!("{} is no tree", table.name))) };
    let (own, table_name) = (shape.parent, table.name);
    let from = fragment!("FROM (SELECT {PATH} AS path, \"{own}\" AS parent FROM {table_name} WHERE id = $1) n");
    let node: Option<Node> = selected::first(conn, &from, &[key.into()])?;
    let Node { path, parent } = node.ok_or(Error::NotFound)?;
    let end = tree::path_end(&path);
    let (contents_table, column) = (contents.table, contents.column);
    // the nodes whose contents are concerned: this one, and those below if they go as well
    let nodes = if with_children {
        fragment!("(SELECT n.id FROM {} n WHERE {})", table.name, at_or_below!("n.tree_path", "$1", "$2"))
    } else {
        fragment!("(SELECT n.id FROM {} n WHERE n.{PATH} = $1 AND n.{PATH} < $2)", table.name)
    };
    let range = [Value::Text(path), Value::Text(end)];
    if with_contents {
        conn.execute(&fragment!("DELETE FROM {contents_table} WHERE \"{column}\" IN {nodes}"), &range)?;
    } else {
        let target = parent.map_or("NULL".into(), |p| fragment!("{p}"));
        let sql = fragment!("UPDATE {contents_table} SET \"{column}\" = {target} WHERE \"{column}\" IN {nodes}");
        conn.execute(&sql, &range)?;
    }
    if with_children {
        let sql = fragment!("DELETE FROM {} WHERE {}", table.name, at_or_below!(PATH, "$1", "$2"));
        conn.execute(&sql, &range)?;
        return Ok(());
    }
    let sql = fragment!("SELECT id FROM {} WHERE \"{}\" = $1", table.name, shape.parent);
    let children: Vec<i64> = conn.rows(&sql, &[key.into()])?.iter().map(|row| row.int(0)).collect();
    for child in children {
        let sql = fragment!("UPDATE {} SET \"{}\" = $1 WHERE id = $2", table.name, shape.parent);
        conn.execute(&sql, &[parent.into(), Value::Int(child)])?;
        tree::rebuild(conn, table, shape, child)?;
    }
    conn.execute(&fragment!("DELETE FROM {} WHERE id = $1", table.name), &[key.into()])?;
    Ok(())
}
