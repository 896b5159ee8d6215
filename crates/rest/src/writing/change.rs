//! Reads and writes rows that are made or changed.

use ironwood_base::{Error, Result};
use ironwood_store::{Connection, Fragment, OwnedRow, Value, ValueRef, fragment};
use std::collections::HashMap;

use crate::input::Input;
use crate::table::{Column, ColumnType, Default, PATH, Table};
use crate::tree;
use crate::values::now_as;
pub use crate::values::{Change, default_value};

/// Columns with their new values.
type Sets = Vec<(&'static str, Value)>;

impl Change {
    /// A new row: what is not given gets its default.
    pub fn create(table: &'static Table, input: Input) -> Self {
        let mut new: HashMap<&'static str, Value> = table
            .columns
            .iter()
            .filter(|c| c.stored())
            .filter_map(|c| default_value(c).map(|value| (c.name, value)))
            .collect();
        let named = input.columns.iter().map(|(name, _)| *name).collect();
        new.extend(input.columns);
        Change { table, id: None, old: HashMap::new(), new, named, extra: input.extra, files: input.files }
    }

    /// A change of a row.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the row is not there.
    pub fn update(conn: &mut Connection, table: &'static Table, id: impl Into<i64>, input: Input) -> Result<Self> {
        let id = id.into();
        let old = load(conn, table, id)?.ok_or(Error::NotFound)?;
        Ok(Change {
            table,
            id: Some(id),
            old,
            named: input.columns.iter().map(|(name, _)| *name).collect(),
            new: input.columns.into_iter().collect(),
            extra: input.extra,
            files: input.files,
        })
    }

    /// The same change of several rows, which are read by one statement.
    ///
    /// # Errors
    /// [`Error::NotFound`] where one of them is not there.
    pub fn update_many(conn: &mut Connection, table: &'static Table, ids: &[i64], input: &Input) -> Result<Vec<Self>> {
        let columns: Vec<&'static Column> = table.columns.iter().filter(|c| c.stored()).collect();
        let names: Vec<Fragment> = columns.iter().map(|c| fragment!("\"{}\"", c.name)).collect();
        let sql = fragment!("SELECT {}, id FROM {} WHERE id IN ({{keys}})", Fragment::join(&names, ", "), table.name);
        let mut found: HashMap<i64, HashMap<&'static str, Value>> = HashMap::with_capacity(ids.len());
        conn.of_keys(&sql, ids, |row| {
            let row = row.to_owned();
            found.insert(row.int(columns.len()), named_values(&row, &columns));
        })?;
        let one = |id: &i64| {
            Ok(Change {
                table,
                id: Some(*id),
                old: found.remove(id).ok_or(Error::NotFound)?,
                named: input.columns.iter().map(|(name, _)| *name).collect(),
                new: input.columns.iter().cloned().collect(),
                extra: input.extra.clone(),
                files: HashMap::new(),
            })
        };
        ids.iter().map(one).collect()
    }

    /// Writes changes of rows of one table, which is no tree: one statement for all rows in which the same
    /// columns get the same values.
    ///
    /// # Errors
    /// What the database refuses, by field.
    pub fn write_many(conn: &mut Connection, changes: &mut [Change]) -> Result<()> {
        let mut groups: Vec<(Sets, Vec<i64>)> = Vec::new();
        for change in changes.iter_mut() {
            change.complete();
            let (Some(id), sets) = (change.id, change.sets()) else { continue };
            match groups.iter_mut().find(|(of_group, _)| *of_group == sets) {
                Some((_, ids)) => ids.push(id),
                None => groups.push((sets, vec![id])),
            }
        }
        let Some(table) = changes.first().map(|change| change.table) else { return Ok(()) };
        for (sets, ids) in groups.into_iter().filter(|(sets, _)| !sets.is_empty()) {
            let places: Vec<Fragment> =
                sets.iter().enumerate().map(|(i, (name, _))| fragment!("\"{name}\" = ${}", i + 2)).collect();
            let keys = conn.backend().keys("$1");
            let sql = fragment!("UPDATE {} SET {} WHERE id IN ({keys})", table.name, Fragment::join(&places, ", "));
            let params: Vec<Value> =
                std::iter::once(Value::keys(&ids)).chain(sets.into_iter().map(|(_, value)| value)).collect();
            conn.execute(&sql, &params)?;
        }
        Ok(())
    }

    /// Writes the row; gives its key. Columns whose value did not change are left out.
    ///
    /// # Errors
    /// What the database refuses, by field; a cycle in a tree.
    pub fn write(&mut self, conn: &mut Connection) -> Result<i64> {
        self.complete();
        if self.table.tree.is_some() {
            tree::check_parent(conn, self)?;
        }
        let id = match self.id {
            None => self.insert(conn)?,
            Some(id) => {
                self.rewrite(conn, id)?;
                id
            }
        };
        self.id = Some(id);
        if self.table.tree.is_some() {
            tree::place(conn, self, id)?;
        }
        Ok(id)
    }

    /// Gives columns what follows from others being changed.
    fn complete(&mut self) {
        for column in self.table.columns.iter().filter(|c| c.default == Default::Changed) {
            if self.is_new() || self.new.keys().any(|k| self.is_changed(k)) {
                self.new.insert(column.name, now_as(column.kind));
            }
        }
        for column in self.table.columns.iter().filter(|c| !c.filled.is_empty()) {
            if self.get(column.name) == &Value::Null {
                self.new.insert(column.name, Value::Text(column.filled.into()));
            }
        }
    }

    fn insert(&self, conn: &mut Connection) -> Result<i64> {
        let mut names = Vec::with_capacity(self.new.len());
        let mut params = Vec::with_capacity(self.new.len());
        for column in self.table.columns {
            if let Some(value) = self.new.get(column.name) {
                params.push(value.clone());
                names.push(fragment!("\"{}\"", column.name));
            }
        }
        let sql = if params.is_empty() {
            fragment!("INSERT INTO {} DEFAULT VALUES RETURNING id", self.table.name)
        } else {
            let (names, places) = (Fragment::join(&names, ", "), Fragment::parameters(1..=params.len()));
            fragment!("INSERT INTO {} ({names}) VALUES ({places}) RETURNING id", self.table.name)
        };
        conn.one(&sql, &params)?.map(|row| row.int(0)).ok_or_else(|| Error::Internal("no key for a new row".into()))
    }

    /// The columns whose values change.
    fn sets(&self) -> Sets {
        let changed = self.table.columns.iter().filter(|column| self.is_changed(column.name));
        changed.filter_map(|column| Some((column.name, self.new.get(column.name)?.clone()))).collect()
    }

    fn rewrite(&self, conn: &mut Connection, id: i64) -> Result<()> {
        let sets = self.sets();
        if sets.is_empty() {
            return Ok(());
        }
        let places: Vec<Fragment> =
            sets.iter().enumerate().map(|(i, (name, _))| fragment!("\"{name}\" = ${}", i + 1)).collect();
        let sql = fragment!(
            "UPDATE {} SET {} WHERE id = ${}",
            self.table.name,
            Fragment::join(&places, ", "),
            sets.len() + 1
        );
        let params: Vec<Value> = sets.into_iter().map(|(_, value)| value).chain([Value::Int(id)]).collect();
        conn.execute(&sql, &params)?;
        Ok(())
    }
}

/// All stored columns of a row by name.
///
/// # Errors
/// Those of the database.
pub fn load(conn: &mut Connection, table: &'static Table, id: i64) -> Result<Option<HashMap<&'static str, Value>>> {
    let columns: Vec<&'static Column> = table.columns.iter().filter(|c| c.stored()).collect();
    let mut names: Vec<Fragment> = columns.iter().map(|c| fragment!("\"{}\"", c.name)).collect();
    if table.tree.is_some() && table.column(PATH).is_none() {
        names.push(PATH.into());
    }
    let sql = fragment!("SELECT {} FROM {} WHERE id = $1", Fragment::join(&names, ", "), table.name);
    let Some(row) = conn.one(&sql, &[Value::Int(id)])? else { return Ok(None) };
    Ok(Some(named_values(&row, &columns)))
}

fn named_values(row: &OwnedRow, columns: &[&'static Column]) -> HashMap<&'static str, Value> {
    columns.iter().enumerate().map(|(i, c)| (c.name, typed(row, i, c.kind))).collect()
}

// SQLite has no truth values of its own: they come back as integers.
fn typed(row: &OwnedRow, i: usize, kind: ColumnType) -> Value {
    match (row.get(i), kind) {
        (ValueRef::Int(v), ColumnType::Bool) => Value::Bool(v != 0),
        (ValueRef::Int(v), _) => Value::Int(v),
        (ValueRef::Bool(v), _) => Value::Bool(v),
        (ValueRef::Real(v), _) => Value::Real(v),
        (ValueRef::Text(v), _) => Value::Text(v.to_owned()),
        (ValueRef::Bytes(v), _) => Value::Bytes(v.to_vec()),
        (ValueRef::Null, _) => Value::Null,
    }
}
