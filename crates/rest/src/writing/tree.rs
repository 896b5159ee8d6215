//! Trees: a link to the parent, and a path of keys kept with it in the same transaction.

use ironwood_base::{Error, Result};
use ironwood_store::{Connection, Fragment, Value, fragment, sql};

use crate::selected;
use crate::table::{PATH, TREE_ID, Table, Tree};
use crate::values::Change;

/// Most characters of the joined names.
const NAMES: usize = 250;
/// Deepest tree.
const DEPTH: usize = 100;

/// The paths that lie in the tree below (and at) a row: from `path` (inclusive) up to this text
/// (exclusive), in byte order.
pub fn path_end(path: &str) -> String {
    // '0' follows '/' in byte order
    format!("{}0", path.strip_suffix('/').unwrap_or(path))
}

/// The joined names as they are kept: the middle is left out where they are too long.
pub fn join_names(names: &[String]) -> String {
    let joined = names.join("/");
    let characters: Vec<char> = joined.chars().collect();
    if characters.len() <= NAMES {
        return joined;
    }
    let half = NAMES / 2 - 2;
    let left: String = characters[..half].iter().collect();
    let right: String = characters[characters.len() - half..].iter().collect();
    format!("{left}...{right}")
}

fn path_of(conn: &mut Connection, table: &Table, id: i64) -> Result<Option<String>> {
    let sql = fragment!("SELECT {PATH} FROM {} WHERE id = $1", table.name);
    Ok(conn.one(&sql, &[Value::Int(id)])?.map(|row| row.text(0).to_owned()))
}

/// Refuses a parent that lies below the row itself, and a tree that gets too deep.
///
/// # Errors
/// 400 on the parent where it does not exist, lies below the row itself, or lies too deep; those of the database.
pub fn check_parent(conn: &mut Connection, change: &mut Change) -> Result<()> {
    let Some(tree) = change.table.tree else { return Ok(()) };
    if change.is_new() && !change.is_given(PATH) {
        change.set(PATH, "");
    }
    let Some(parent) = change.int(tree.parent).filter(|_| change.is_changed(tree.parent)) else { return Ok(()) };
    let Some(path) = path_of(conn, change.table, parent)? else {
        return Err(Error::field(tree.parent, "This record does not exist."));
    };
    if change.id.is_some_and(|id| path.contains(&format!("/{id}/"))) {
        return Err(Error::field(tree.parent, "A record cannot be moved below itself."));
    }
    if path.matches('/').count() > DEPTH {
        return Err(Error::field(tree.parent, "This tree is nested too deeply."));
    }
    Ok(())
}

/// Sets the path (and the joined names) of a row that was written, and of all rows below it where
/// it moved or was renamed.
///
/// # Errors
/// As [`rebuild`].
pub fn place(conn: &mut Connection, change: &Change, id: i64) -> Result<()> {
    let Some(tree) = change.table.tree else { return Ok(()) };
    // names that were imported without their path get it when the row is next written
    let unnamed = !tree.names.is_empty() && change.text(tree.names).is_empty();
    let renamed = !tree.names.is_empty() && change.is_changed(tree.order);
    if change.old(PATH) == &Value::Null || change.is_changed(tree.parent) || renamed || unnamed {
        rebuild(conn, change.table, tree, id)?;
    }
    Ok(())
}

/// Number of the tree that a new root gets.
fn next_tree(conn: &mut Connection, table: &Table) -> Result<i64> {
    let sql = fragment!("SELECT COALESCE(MAX({TREE_ID}), 0) + 1 FROM {}", table.name);
    Ok(conn.one(&sql, &[])?.map_or(1, |row| row.int(0)))
}

selected! {
    /// A row of a tree.
    struct Node {
        parent: Option<i64> = "n.parent",
        name: String = "n.name",
        path: String = sql!("n.", PATH),
        tree: i64 = sql!("n.", TREE_ID),
    }
}

selected! {
    /// A row below another one.
    struct Child {
        id: i64 = "n.id",
        name: String = "n.name",
    }
}

/// Computes the paths of a row and of everything below it again from the parent links.
///
/// # Errors
/// [`Error::NotFound`] where the row or its parent does not exist; those of the database.
pub fn rebuild(conn: &mut Connection, table: &'static Table, tree: Tree, id: i64) -> Result<()> {
    let node = |conn: &mut Connection, id: i64| -> Result<Node> {
        let from = fragment!(
            "FROM (SELECT id, \"{}\" AS parent, \"{}\" AS name, {PATH}, {TREE_ID} FROM {}) n WHERE n.id = $1",
            tree.parent,
            tree.order,
            table.name
        );
        selected::first(conn, &from, &[Value::Int(id)])?.ok_or(Error::NotFound)
    };
    let own = node(conn, id)?;
    // a row that was a root before, and still is, keeps the number of its tree
    let was_root = own.path.matches('/').count() == 2;
    let (above, number, mut names) = match own.parent {
        None if was_root && own.tree > 0 => ("/".to_owned(), own.tree, Vec::new()),
        None => ("/".to_owned(), next_tree(conn, table)?, Vec::new()),
        Some(parent) => {
            let Node { path, tree: number, .. } = node(conn, parent)?;
            let names = if tree.names.is_empty() { Vec::new() } else { names_along(conn, table, tree, &path)? };
            (path, number, names)
        }
    };
    names.push(own.name);
    let mut open = vec![(id, format!("{above}{id}/"), names)];
    while let Some((id, path, names)) = open.pop() {
        if names.len() > DEPTH || path.matches('/').count() > DEPTH + 2 {
            return Err(Error::field(tree.parent, "This tree is nested too deeply."));
        }
        let shown = if tree.names.is_empty() { Fragment::new() } else { fragment!(", \"{}\" = $4", tree.names) };
        let sql = fragment!("UPDATE {} SET {PATH} = $1, {TREE_ID} = $2{shown} WHERE id = $3", table.name);
        let mut params = vec![path.as_str().into(), Value::Int(number), Value::Int(id)];
        if !tree.names.is_empty() {
            params.push(join_names(&names).into());
        }
        conn.execute(&sql, &params)?;
        let from = fragment!(
            "FROM (SELECT id, \"{}\" AS name FROM {} WHERE \"{}\" = $1) n",
            tree.order,
            table.name,
            tree.parent
        );
        for Child { id, name } in selected::all(conn, &from, &[Value::Int(id)])? {
            let mut below = names.clone();
            below.push(name);
            open.push((id, format!("{path}{id}/"), below));
        }
    }
    Ok(())
}

fn names_along(conn: &mut Connection, table: &Table, tree: Tree, path: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let sql = fragment!("SELECT \"{}\" FROM {} WHERE id = $1", tree.order, table.name);
    for id in path.split('/').filter_map(|id| id.parse::<i64>().ok()) {
        if let Some(row) = conn.one(&sql, &[Value::Int(id)])? {
            names.push(row.text(0).to_owned());
        }
    }
    Ok(names)
}
