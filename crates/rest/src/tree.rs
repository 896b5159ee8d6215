//! Trees: a link to the parent, and a path of keys kept with it in the same transaction.

use ironwood_base::{Error, Result};
use ironwood_store::{Connection, Value};

use crate::change::Change;
use crate::table::{PATH, Table, Tree};

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

/// SQL condition: the path `below` lies in the tree of the path `above`, or is it.
pub fn is_below(below: &str, above: &str) -> String {
    format!("({below} >= {above} AND {below} < SUBSTR({above}, 1, LENGTH({above}) - 1) || '0')")
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
    let sql = format!("SELECT {PATH} FROM {} WHERE id = $1", table.name);
    Ok(conn.one(&sql, &[Value::Int(id)])?.map(|row| row.text(0).to_owned()))
}

/// Refuses a parent that lies below the row itself, and a tree that gets too deep.
pub fn check_parent(conn: &mut Connection, change: &mut Change) -> Result<()> {
    let Some(tree) = change.table.tree else { return Ok(()) };
    if change.is_new() && !change.is_given(PATH) {
        change.set(PATH, "");
    }
    let Some(parent) = change.int(tree.parent).filter(|_| change.is_changed(tree.parent)) else { return Ok(()) };
    let Some(path) = path_of(conn, change.table, parent)? else {
        return Err(Error::field(tree.parent, "There is no such row."));
    };
    if change.id.is_some_and(|id| path.contains(&format!("/{id}/"))) {
        return Err(Error::field(tree.parent, "A row cannot be moved below itself."));
    }
    if path.matches('/').count() > DEPTH {
        return Err(Error::field(tree.parent, "This tree is too deep."));
    }
    Ok(())
}

/// Sets the path (and the joined names) of a row that was written, and of all rows below it where
/// it moved or was renamed.
pub fn place(conn: &mut Connection, change: &Change, id: i64) -> Result<()> {
    let Some(tree) = change.table.tree else { return Ok(()) };
    if change.old(PATH) == &Value::Null
        || change.is_changed(tree.parent)
        || (!tree.names.is_empty() && change.is_changed(tree.order))
    {
        rebuild(conn, change.table, tree, id)?;
    }
    Ok(())
}

/// Computes the paths of a row and of everything below it anew from the parent links.
pub fn rebuild(conn: &mut Connection, table: &'static Table, tree: Tree, id: i64) -> Result<()> {
    let sql = format!("SELECT \"{}\", \"{}\" FROM {} WHERE id = $1", tree.parent, tree.order, table.name);
    let Some(row) = conn.one(&sql, &[Value::Int(id)])? else { return Err(Error::NotFound) };
    let (parent, name) = (row.opt_int(0), row.opt_text(1).unwrap_or_default().to_owned());
    let (above, mut names) = match parent {
        None => ("/".to_owned(), Vec::new()),
        Some(parent) => {
            let path = path_of(conn, table, parent)?.unwrap_or_else(|| "/".to_owned());
            let names = if tree.names.is_empty() { Vec::new() } else { names_along(conn, table, tree, &path)? };
            (path, names)
        }
    };
    names.push(name);
    let mut open = vec![(id, format!("{above}{id}/"), names)];
    while let Some((id, path, names)) = open.pop() {
        if names.len() > DEPTH || path.matches('/').count() > DEPTH + 2 {
            return Err(Error::field(tree.parent, "This tree is too deep."));
        }
        if tree.names.is_empty() {
            let sql = format!("UPDATE {} SET {PATH} = $1 WHERE id = $2", table.name);
            conn.execute(&sql, &[path.as_str().into(), Value::Int(id)])?;
        } else {
            let sql = format!("UPDATE {} SET {PATH} = $1, \"{}\" = $2 WHERE id = $3", table.name, tree.names);
            conn.execute(&sql, &[path.as_str().into(), join_names(&names).into(), Value::Int(id)])?;
        }
        let sql = format!("SELECT id, \"{}\" FROM {} WHERE \"{}\" = $1", tree.order, table.name, tree.parent);
        for child in conn.rows(&sql, &[Value::Int(id)])? {
            let mut below = names.clone();
            below.push(child.opt_text(1).unwrap_or_default().to_owned());
            open.push((child.int(0), format!("{path}{}/", child.int(0)), below));
        }
    }
    Ok(())
}

fn names_along(conn: &mut Connection, table: &Table, tree: Tree, path: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let sql = format!("SELECT \"{}\" FROM {} WHERE id = $1", tree.order, table.name);
    for id in path.split('/').filter_map(|id| id.parse::<i64>().ok()) {
        if let Some(row) = conn.one(&sql, &[Value::Int(id)])? {
            names.push(row.text(0).to_owned());
        }
    }
    Ok(names)
}
