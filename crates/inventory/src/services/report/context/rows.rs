//! Lists of records as templates see them: rows of a table, read when they are needed, which can be filtered and
//! sorted.

use std::any::Any;
use std::cell::OnceCell;
use std::rc::Rc;

use ironwood_base::Result;
use ironwood_rest::context::Context;
use ironwood_rest::query::Query;
use ironwood_rest::table::Table;
use ironwood_store::{Fragment, fragment};
use ironwood_template::{Failure, Object, Value};

use super::names::{Link, Rows};
use super::record::{Batch, Looked, Record};
use super::source::{Source, seen_rows};
use crate::services::report::filters::{self, Filters};

/// Most rows of one list: more than anybody prints, and few enough to be held.
const MOST_ROWS: usize = 20_000;
/// Most names that a list is sorted by.
const MOST_SORTINGS: usize = 8;

/// Which rows, in which order.
#[derive(Debug, Clone)]
struct Selection {
    table: &'static Table,
    /// Templates in which `{value}` stands for the key.
    conditions: Vec<(Fragment, i64)>,
    keys: Option<Vec<i64>>,
    filters: Vec<Filters>,
    /// Templates, and whether the order is descending.
    order: Vec<(Fragment, bool)>,
    reversed: bool,
    /// Whether there is none that the caller may see.
    none: bool,
}

/// A list of records.
pub(crate) struct RowSet {
    source: Rc<Source>,
    selection: Selection,
    rows: OnceCell<Rc<Vec<Value>>>,
}

impl Selection {
    fn of(table: &'static Table, none: bool) -> Self {
        let (conditions, keys, filters) = (Vec::new(), None, Vec::new());
        Selection { table, conditions, keys, filters, order: Vec::new(), reversed: false, none }
    }

    fn query<'c>(&self, ctx: &Context<'c>) -> Query<'c> {
        let mut query = seen_rows(ctx, self.table);
        for (condition, key) in &self.conditions {
            query.and_value(condition, *key);
        }
        if let Some(keys) = &self.keys {
            query.and_keys("{id}", keys);
        }
        self.filters.iter().for_each(|filters| filters.narrow(&mut query));
        query
    }

    fn keys(&self, ctx: &mut Context<'_>) -> Result<Vec<i64>> {
        if self.none {
            return Ok(Vec::new());
        }
        let mut query = self.query(ctx);
        for (template, down) in &self.order {
            query.order_by(template, *down != self.reversed);
        }
        query.order_by("{id}", self.reversed);
        let found = query.keys(ctx.conn)?;
        match (&self.keys, self.order.is_empty()) {
            // rows that were named are in the order in which they were
            (Some(keys), true) => {
                let found: std::collections::HashSet<i64> = found.into_iter().collect();
                let mut keys: Vec<i64> = keys.iter().copied().filter(|key| found.contains(key)).collect();
                if self.reversed {
                    keys.reverse();
                }
                Ok(keys)
            }
            _ => Ok(found),
        }
    }

    fn count(&self, ctx: &mut Context<'_>) -> Result<u64> {
        if self.none { Ok(0) } else { self.query(ctx).count(ctx.conn) }
    }
}

impl RowSet {
    fn value(source: &Rc<Source>, selection: Selection) -> Value {
        Value::Object(Rc::new(RowSet { source: source.clone(), selection, rows: OnceCell::new() }))
    }

    /// All rows of a table that the caller may see.
    pub(crate) fn all(source: &Rc<Source>, table: &'static Table) -> Value {
        RowSet::value(source, Selection::of(table, !source.sees(table)))
    }

    /// These rows of a table, in this order.
    pub(crate) fn of_keys(source: &Rc<Source>, table: &'static Table, keys: Vec<i64>) -> Value {
        let selection = Selection { keys: Some(keys), ..Selection::of(table, !source.sees(table)) };
        RowSet::value(source, selection)
    }

    /// The rows that a link table joins to a record.
    pub(crate) fn through(source: &Rc<Source>, table: &'static Table, link: [&'static str; 3], key: i64) -> Value {
        let [link, own, other] = link;
        let condition = fragment!("{{id}} IN (SELECT m.\"{other}\" FROM {link} m WHERE m.\"{own}\" = {{value}})");
        let selection = Selection { conditions: vec![(condition, key)], ..Selection::of(table, !source.sees(table)) };
        RowSet::value(source, selection)
    }

    /// The rows that belong to a record.
    pub(crate) fn related(source: &Rc<Source>, rows: &Rows, owner: &Record) -> Value {
        let mut selection = Selection::of(rows.table, !source.sees(rows.table));
        let id = owner.id();
        match rows.link {
            Link::Column(column) => selection.conditions.push((fragment!("{{t}}.\"{column}\" = {{value}}"), id)),
            Link::Generic { model, key, short } => {
                let kind = if short { owner.table().model() } else { owner.table().record };
                let condition = fragment!("{{t}}.\"{model}\" = '{kind}' AND {{t}}.\"{key}\" = {{value}}");
                selection.conditions.push((condition, id));
            }
            Link::Where(template) => {
                let record = owner.table().record;
                selection.conditions.push((
                    Fragment::from(template).replace("{own}", owner.table().name).replace("{record}", record),
                    id,
                ));
            }
        }
        selection.order = rows.order.iter().map(|template| (Fragment::from(*template), false)).collect();
        RowSet::value(source, selection)
    }

    /// The list behind a value, if it is one.
    pub(crate) fn of(value: &Value) -> Option<&RowSet> {
        match value {
            Value::Object(object) => object.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// The rows for which conditions hold, as `part__active` and its value.
    ///
    /// # Errors
    /// Where a condition is not understood, or looks at what the caller may not see.
    pub(crate) fn filtered(&self, conditions: &[(Rc<str>, Value)]) -> Looked<Value> {
        let mut selection = self.selection.clone();
        for (name, value) in conditions {
            let (name, text) = condition_of(name, value)?;
            let filters = Filters::one(&name, &text, selection.table, self.source.registry())
                .map_err(|why| Failure::new(format!("{name}: {why}")))?;
            if !filters.is_for(self.source.caller()) {
                let message = format!("{name}: you need permission to view the records that this condition looks at.");
                return Err(Failure::new(message));
            }
            selection.filters.push(filters);
        }
        Ok(RowSet::value(&self.source, selection))
    }

    /// The rows in another order: names such as `-part__name`.
    ///
    /// # Errors
    /// Where a name is not understood, or looks at what the caller may not see.
    pub(crate) fn ordered(&self, names: &[String]) -> Looked<Value> {
        if names.len() > MOST_SORTINGS {
            return Err(Failure::new(format!("Name up to {MOST_SORTINGS} fields to sort by.")));
        }
        let mut selection = Selection { order: Vec::new(), ..self.selection.clone() };
        for name in names {
            let (plain, down) = name.strip_prefix('-').map_or((name.as_str(), false), |rest| (rest, true));
            let (template, through) = filters::sorting(plain, selection.table, self.source.registry())
                .map_err(|why| Failure::new(format!("{plain}: {why}")))?;
            if !through.iter().all(|table| self.source.caller().sees(table)) {
                let message = format!("{plain}: you need permission to view the records that this sorting looks at.");
                return Err(Failure::new(message));
            }
            selection.order.push((template, down));
        }
        Ok(RowSet::value(&self.source, selection))
    }

    fn rows(&self) -> Looked<Rc<Vec<Value>>> {
        if let Some(rows) = self.rows.get() {
            return Ok(rows.clone());
        }
        let selection = self.selection.clone();
        let keys = self.source.look(move |ctx| selection.keys(ctx))?;
        if keys.len() > MOST_ROWS {
            let message = format!("The list has more than {MOST_ROWS} rows. Filter it first.");
            return Err(Failure { message, limit: true });
        }
        let rows = Batch::load(&self.source, self.selection.table, &keys)?;
        let rows = Rc::new(rows.into_iter().map(|row| Value::Object(row)).collect::<Vec<Value>>());
        Ok(self.rows.get_or_init(|| rows).clone())
    }

    fn count(&self) -> Looked<i64> {
        if let Some(rows) = self.rows.get() {
            return Ok(i64::try_from(rows.len()).unwrap_or(i64::MAX));
        }
        let selection = self.selection.clone();
        let count = self.source.look(move |ctx| selection.count(ctx))?;
        Ok(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// The first row, in the order of the list or from its end.
    fn end(&self, last: bool) -> Looked<Value> {
        if let Some(rows) = self.rows.get() {
            return Ok(if last { rows.last() } else { rows.first() }.cloned().unwrap_or_default());
        }
        let mut selection = self.selection.clone();
        selection.reversed ^= last;
        let first = self.source.look(move |ctx| Ok(selection.keys(ctx)?.first().copied()))?;
        let row = first.map(|key| Batch::load(&self.source, self.selection.table, &[key])).transpose()?;
        Ok(row.and_then(|rows| rows.into_iter().next()).map_or(Value::None, |row| Value::Object(row)))
    }
}

/// A condition as the filters of templates are written: its name and its value as text.
fn condition_of(name: &str, value: &Value) -> Looked<(String, String)> {
    let text = |value: &Value| -> Looked<String> {
        Ok(match value {
            Value::Bool(value) => value.to_string(),
            Value::Money(amount, _) => amount.to_string(),
            Value::Date(day) => day.to_string(),
            Value::DateTime(at) => at.timestamp().to_string(),
            other => match Record::of(other) {
                Some(record) => record.id().to_string(),
                None => other.to_text()?,
            },
        })
    };
    if value.is_none() {
        return Ok((format!("{name}__isnull"), "true".into()));
    }
    let list = match value {
        Value::Text(_) => None,
        value if Record::of(value).is_some() => None,
        value => value.elements()?,
    };
    let Some(list) = list else { return Ok((name.to_owned(), text(value)?)) };
    let texts = list.iter().map(text).collect::<Looked<Vec<String>>>()?;
    Ok((name.to_owned(), serde_json::Value::from(texts).to_string()))
}

impl Object for RowSet {
    fn attribute(&self, name: &str) -> std::result::Result<Option<Value>, Failure> {
        Ok(Some(match name {
            "all" | "distinct" => RowSet::value(&self.source, self.selection.clone()),
            "reverse" => {
                let mut selection = self.selection.clone();
                selection.reversed ^= true;
                RowSet::value(&self.source, selection)
            }
            "count" => Value::Int(self.count()?),
            "exists" => Value::Bool(self.count()? > 0),
            "first" => self.end(false)?,
            "last" => self.end(true)?,
            _ => return Ok(None),
        }))
    }

    fn text(&self) -> std::result::Result<String, Failure> {
        let texts: Looked<Vec<String>> = self.rows()?.iter().map(Value::to_text).collect();
        Ok(texts?.join(", "))
    }

    fn elements(&self) -> std::result::Result<Option<Rc<Vec<Value>>>, Failure> {
        self.rows().map(Some)
    }

    fn truth(&self) -> std::result::Result<bool, Failure> {
        Ok(self.count()? > 0)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
