//! Records as templates see them: the row of a table, with its columns, the rows that it links to, what the API
//! shows of it, and a few names more.

use std::any::Any;
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use ironwood_base::status::{self, StatusClass};
use ironwood_rest::select;
use ironwood_rest::table::{Column, ColumnType, Table};
use ironwood_store::Value as Stored;
use ironwood_store::{Fragment, fragment};
use ironwood_template::{Failure, Object, Value};
use serde_json::{Map as JsonMap, Value as Json};

use super::convert;
use super::names::{self, Meaning};
use super::rows::RowSet;
use super::source::{Source, seen_rows};
use crate::platform::settings::keys;

/// What a lookup gives.
pub(crate) type Looked<T> = Result<T, Failure>;

/// Links of one column of a batch: the rows that they lead to, by key.
type Links = Rc<HashMap<i64, Rc<Record>>>;

/// Rows that were read together. What one of them looks up is read for all of them by one statement.
pub(crate) struct Batch {
    pub source: Rc<Source>,
    pub table: &'static Table,
    columns: Vec<&'static Column>,
    ids: Vec<i64>,
    cells: Vec<Vec<Stored>>,
    links: RefCell<HashMap<&'static str, Links>>,
    shown: OnceCell<HashMap<i64, JsonMap<String, Json>>>,
}

/// One row.
pub(crate) struct Record {
    pub batch: Rc<Batch>,
    place: usize,
}

/// The columns of a table that templates may read.
pub(crate) fn readable(table: &'static Table) -> impl Iterator<Item = &'static Column> {
    table.columns.iter().filter(|column| column.stored() && !column.secret)
}

impl Batch {
    /// Rows by their keys, in this order; those that the caller may not see are left out.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub(crate) fn load(source: &Rc<Source>, table: &'static Table, keys: &[i64]) -> Looked<Vec<Rc<Record>>> {
        if keys.is_empty() || !source.sees(table) {
            return Ok(Vec::new());
        }
        let columns: Vec<&'static Column> = readable(table).collect();
        let names: Fragment = columns.iter().map(|column| fragment!(", t.\"{}\"", column.name)).collect();
        let sql = fragment!("SELECT t.id{names} FROM {} t WHERE t.id IN ({{keys}})", table.name);
        let (wanted, width) = (keys.to_vec(), columns.len());
        let mut found = source.look(move |ctx| {
            let mut query = seen_rows(ctx, table);
            query.and_keys("{id}", &wanted);
            let seen = query.keys(ctx.conn)?;
            let mut rows: HashMap<i64, Vec<Stored>> = HashMap::with_capacity(seen.len());
            ctx.conn.of_keys(&sql, &seen, |row| {
                rows.insert(row.int(0), (1..=width).map(|at| row.get(at).to_owned()).collect());
            })?;
            Ok(rows)
        })?;
        let (mut ids, mut cells) = (Vec::new(), Vec::new());
        for key in keys {
            if let Some(row) = found.remove(key) {
                ids.push(*key);
                cells.push(row);
            }
        }
        let (links, shown) = (RefCell::default(), OnceCell::new());
        let batch = Rc::new(Batch { source: source.clone(), table, columns, ids, cells, links, shown });
        Ok((0..batch.ids.len()).map(|place| Rc::new(Record { batch: batch.clone(), place })).collect())
    }

    /// The rows that a link leads to, for all rows of the batch.
    fn linked(&self, column: &'static Column, target: &'static Table) -> Looked<Links> {
        if let Some(links) = self.links.borrow().get(column.name) {
            return Ok(links.clone());
        }
        let at = self.columns.iter().position(|known| known.name == column.name);
        let key = |row: &Vec<Stored>| at.and_then(|at| row.get(at)).and_then(|value| value.borrow().as_int());
        let mut keys: Vec<i64> = self.cells.iter().filter_map(key).collect();
        keys.sort_unstable();
        keys.dedup();
        let rows = Batch::load(&self.source, target, &keys)?;
        let links: Links = Rc::new(rows.into_iter().map(|row| (row.id(), row)).collect());
        self.links.borrow_mut().insert(column.name, links.clone());
        Ok(links)
    }

    /// What the API shows of all rows of the batch.
    fn shown(&self) -> Looked<&HashMap<i64, JsonMap<String, Json>>> {
        if let Some(shown) = self.shown.get() {
            return Ok(shown);
        }
        let found = match self.source.registry().list_of(self.table) {
            None => HashMap::new(),
            Some(resource) => {
                let ids = self.ids.clone();
                let rows = self.source.look(move |ctx| select::rows_with_totals(ctx, resource.row_view(), &ids))?;
                let read = |bytes: &[u8]| match serde_json::from_slice(bytes) {
                    Ok(Json::Object(map)) => map,
                    _ => JsonMap::new(),
                };
                rows.iter().map(|(id, bytes)| (*id, read(bytes))).collect()
            }
        };
        Ok(self.shown.get_or_init(|| found))
    }
}

impl Record {
    /// Its key.
    pub(crate) fn id(&self) -> i64 {
        self.batch.ids.get(self.place).copied().unwrap_or_default()
    }

    /// Its table.
    pub(crate) fn table(&self) -> &'static Table {
        self.batch.table
    }

    /// Where its values come from.
    pub(crate) fn source(&self) -> &Rc<Source> {
        &self.batch.source
    }

    /// Whether it is a row of that table.
    pub(crate) fn is(&self, table: &Table) -> bool {
        self.table().name == table.name
    }

    /// The record behind a value, if it is one.
    pub(crate) fn of(value: &Value) -> Option<&Record> {
        match value {
            Value::Object(object) => object.as_any().downcast_ref(),
            _ => None,
        }
    }

    fn cell(&self, name: &str) -> Option<&Stored> {
        let at = self.batch.columns.iter().position(|column| column.name == name)?;
        self.batch.cells.get(self.place)?.get(at)
    }

    /// The whole number in a column.
    pub(crate) fn int(&self, column: &str) -> Option<i64> {
        self.cell(column).and_then(|value| value.borrow().as_int())
    }

    /// The text in a column; empty where there is none.
    pub(crate) fn string(&self, column: &str) -> &str {
        match self.cell(column) {
            Some(Stored::Text(text)) => text,
            _ => "",
        }
    }

    /// The row that a link leads to.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(crate) fn follow(&self, column: &str) -> Looked<Option<Rc<Record>>> {
        let Some(found) = self.table().column(column) else { return Ok(None) };
        match (found.kind, self.int(column)) {
            (ColumnType::Link(target, _), Some(key)) => Ok(self.batch.linked(found, target)?.get(&key).cloned()),
            _ => Ok(None),
        }
    }

    /// The value of a column; `None` where there is no such column for the caller.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(crate) fn column(&self, name: &str) -> Looked<Option<Value>> {
        let table = self.table();
        let found = table.columns.iter().find(|c| c.name == name || (!c.record.is_empty() && c.record == name));
        let Some(column) = found.filter(|column| !column.secret) else { return Ok(None) };
        let caller = self.source().caller();
        if column.private && !caller.sees_private(table.name) && caller.id() != Some(self.id()) {
            return Ok(Some(Value::text("")));
        }
        let source = self.source();
        if let ColumnType::Many { link, own, other, target } = column.kind {
            return Ok(Some(RowSet::through(source, target, [link, own, other], self.id())));
        }
        let Some(cell) = self.cell(column.name) else { return Ok(None) };
        if let ColumnType::Link(target, _) = column.kind {
            let Some(key) = cell.borrow().as_int() else { return Ok(Some(Value::None)) };
            let linked = self.batch.linked(column, target)?.get(&key).cloned();
            return Ok(Some(linked.map_or(Value::None, |row| Value::Object(row))));
        }
        if let (ColumnType::Decimal { places, .. }, Stored::Int(amount)) = (column.kind, cell)
            && let Some(currency) = self.currency_of(column.name)?
        {
            return Ok(Some(Value::Money(convert::of_column(*amount, places), currency.into())));
        }
        Ok(Some(convert::stored(column, cell, source.now.time_zone())))
    }

    /// The currency of an amount, which stands in a column beside it; `None` for other numbers.
    fn currency_of(&self, column: &str) -> Looked<Option<String>> {
        let beside = format!("{column}_currency");
        if self.table().column(&beside).is_none() {
            return Ok(None);
        }
        let own = self.string(&beside);
        Ok(Some(
            if own.is_empty() { self.source().settings.text(keys::INVENTREE_DEFAULT_CURRENCY) } else { own }.to_owned(),
        ))
    }

    /// What the API shows under a name.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(crate) fn shown(&self, name: &str) -> Looked<Option<Value>> {
        let shown = self.batch.shown()?;
        Ok(shown.get(&self.id()).and_then(|fields| fields.get(name)).map(convert::of_json))
    }

    /// The value under a name, or under names joined by dots; nothing where there is none.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(crate) fn get(&self, path: &str) -> Looked<Value> {
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        let mut value = self.attribute(first)?.unwrap_or_default();
        for name in rest.split('.').filter(|name| !name.is_empty()) {
            value = value.lookup(name)?.unwrap_or_default();
        }
        Ok(value)
    }

    /// What a name of [`names`] means here.
    fn meant(&self, meaning: &Meaning) -> Looked<Value> {
        match meaning {
            Meaning::Column(name) => Ok(self.column(name)?.unwrap_or_default()),
            Meaning::Shown(name) => Ok(self.shown(name)?.unwrap_or_default()),
            Meaning::Path(path) => self.get(path),
            Meaning::Rows(rows) => Ok(RowSet::related(self.source(), rows, self)),
            Meaning::Made(make) => make(self),
        }
    }
}

impl Object for Record {
    fn attribute(&self, name: &str) -> Result<Option<Value>, Failure> {
        if matches!(name, "pk" | "id") {
            return Ok(Some(Value::Int(self.id())));
        }
        if let Some(meaning) = names::find(self.table(), name) {
            return self.meant(meaning).map(Some);
        }
        if let Some(value) = self.column(name)? {
            return Ok(Some(value));
        }
        if let Some(name) = name.strip_suffix("_id")
            && let Some(ColumnType::Link(..)) = self.table().column(name).map(|column| column.kind)
        {
            return Ok(Some(self.column(name)?.map_or(Value::None, |linked| match Record::of(&linked) {
                Some(row) => Value::Int(row.id()),
                None => Value::None,
            })));
        }
        if let Some(name) = name.strip_prefix("get_").and_then(|name| name.strip_suffix("_display")) {
            return self.display(name).map(Some);
        }
        if let Some(rows) = names::rows_of(self.table(), name) {
            return Ok(Some(RowSet::related(self.source(), &rows, self)));
        }
        self.shown(name)
    }

    fn text(&self) -> Result<String, Failure> {
        names::text_of(self)
    }

    fn truth(&self) -> Result<bool, Failure> {
        Ok(true)
    }

    fn identity(&self) -> Option<(Rc<str>, i64)> {
        Some((self.table().name.into(), self.id()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Record {
    /// The states that a column holds one of, if it holds states.
    fn states(&self, name: &str) -> Option<&'static StatusClass> {
        let view = self.source().registry().list_of(self.table())?.row_view();
        status::class(view.fields.iter().find(|field| field.name == name)?.chosen_from)
    }

    /// The label of the value of a column that has choices.
    fn display(&self, name: &str) -> Looked<Value> {
        let Some(column) = self.table().column(name).filter(|column| !column.secret) else { return Ok(Value::None) };
        if column.choices.is_empty() {
            if let (Some(class), Some(key)) = (self.states(name), self.int(name)) {
                return Ok(class.find(key).map_or(Value::Int(key), |state| Value::text(state.label)));
            }
            return Ok(match self.shown(&format!("{name}_text"))? {
                Some(text) if !text.is_none() => text,
                _ => self.column(name)?.unwrap_or_default(),
            });
        }
        let own = self.column(name)?.unwrap_or_default().to_text()?;
        let label = column.choices.iter().find(|(value, _)| *value == own).map_or(own.as_str(), |(_, label)| label);
        Ok(Value::text(label))
    }
}
