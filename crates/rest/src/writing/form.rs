//! What an action is asked to do: a body checked against the view that describes it, lists of objects
//! inside of it included.
//!
//! Links are checked for the whole body by one statement for each table, however many rows name them.

use std::collections::{BTreeMap, BTreeSet};

use ironwood_base::error::{Fields, MOST_ROWS, NON_FIELD};
use ironwood_base::{Error, Money, Quantity, Result, decimal};
use ironwood_store::{Connection, Fragment, Value, fragment};
use serde_json::{Map, Value as Json};

use crate::context::Context;
use crate::input::{self, RawObject};
use crate::table::{ColumnType, Table};
use crate::view::{Field, Type, View};

/// Checked values of one object. Decimals are kept in their scaled form.
#[derive(Debug, Clone, Default)]
pub struct Form {
    values: Map<String, Json>,
    rows: BTreeMap<&'static str, Vec<Form>>,
}

impl Form {
    /// Whether the field was given, be it as null.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name) || self.rows.contains_key(name)
    }

    /// A quantity.
    pub fn quantity(&self, name: &str) -> Option<Quantity> {
        self.int(name).map(Quantity::from_scaled)
    }

    /// An amount of money.
    pub fn money(&self, name: &str) -> Option<Money> {
        self.int(name).map(Money::from_scaled)
    }

    /// A whole number, the key of a row, or a decimal in its scaled form.
    pub fn int(&self, name: &str) -> Option<i64> {
        self.values.get(name).and_then(Json::as_i64)
    }

    /// A truth value.
    pub fn flag(&self, name: &str, default: bool) -> bool {
        self.values.get(name).and_then(Json::as_bool).unwrap_or(default)
    }

    /// A text; empty where none was given.
    pub fn text(&self, name: &str) -> &str {
        self.values.get(name).and_then(Json::as_str).unwrap_or_default()
    }

    /// A list of keys.
    pub fn ints(&self, name: &str) -> Vec<i64> {
        self.values
            .get(name)
            .and_then(Json::as_array)
            .map_or_else(Vec::new, |list| list.iter().filter_map(Json::as_i64).collect())
    }

    /// A value of any form.
    pub fn json(&self, name: &str) -> &Json {
        self.values.get(name).unwrap_or(&Json::Null)
    }

    /// A list of objects.
    pub fn rows(&self, name: &str) -> &[Form] {
        self.rows.get(name).map_or(&[], Vec::as_slice)
    }

    /// The values as a serialiser gives them back: what was given, else the field's default, else null where
    /// the field may be null. Decimals are texts with all their places.
    pub fn echo(&self, view: &'static View) -> Json {
        let mut out = Map::new();
        for field in view.fields.iter().filter(|f| f.writable) {
            let below = match field.wire(view.table) {
                Type::Object(view) => self.object(field.name).map(|form| form.echo(view)),
                Type::List(view) => {
                    self.rows.get(field.name).map(|rows| Json::Array(rows.iter().map(|form| form.echo(view)).collect()))
                }
                _ => self.values.get(field.name).cloned(),
            };
            let shown = match (below, field.wire(view.table)) {
                (Some(Json::Number(n)), Type::Of(ColumnType::Decimal { places, .. })) => {
                    n.as_i64().map(|n| Json::String(decimal::to_string(n, places)))
                }
                (Some(value), _) => Some(value),
                (None, _) if !field.default.is_empty() => serde_json::from_str(field.default).ok(),
                (None, _) => field.may_be_null(view.table).then_some(Json::Null),
            };
            if let Some(value) = shown {
                out.insert(field.name.to_owned(), value);
            }
        }
        Json::Object(out)
    }

    /// An object.
    pub fn object(&self, name: &str) -> Option<&Form> {
        self.rows(name).first()
    }
}

/// Reads the body of the request as what the view describes.
///
/// # Errors
/// [`ironwood_base::Error::Invalid`] naming every field that is refused; those of rows stand below their list, in the
/// rows' order.
pub fn read(ctx: &mut Context<'_>, view: &'static View) -> Result<Form> {
    let given = RawObject::read(&ctx.request.body)?;
    check(ctx, view, &given)
}

/// Reads the body of the request as far as it can be used, and what is wrong with the rest: for actions
/// that tell a client everything at once.
///
/// # Errors
/// Where the body is no object; those of the database.
pub fn read_partly(ctx: &mut Context<'_>, view: &'static View) -> Result<(Form, Fields)> {
    let given = RawObject::read(&ctx.request.body)?;
    check_partly(ctx, view, &given)
}

/// Checks an object against a view of accepted fields.
///
/// # Errors
/// As [`read`].
pub fn check(ctx: &mut Context<'_>, view: &'static View, given: &RawObject) -> Result<Form> {
    let (form, faults) = check_partly(ctx, view, given)?;
    faults.check()?;
    Ok(form)
}

fn check_partly(ctx: &mut Context<'_>, view: &'static View, given: &RawObject) -> Result<(Form, Fields)> {
    let mut object = Object::take(view, &given.values, given.form, ctx.limits.bulk);
    let mut wanted = LinkedKeys::default();
    object.want(&mut wanted);
    let found = wanted.find(ctx.conn)?;
    object.settle_links(&found);
    object.settle_choices(ctx, &mut ChoiceLists::default())?;
    Ok(object.finish())
}

/// An object on its way to a [`Form`].
struct Object {
    view: &'static View,
    values: Map<String, Json>,
    faults: Fields,
    below: Vec<Below>,
}

/// Objects below a field.
struct Below {
    field: &'static Field,
    /// Whether it is one object and not a list.
    single: bool,
    objects: Vec<Object>,
}

impl Object {
    fn take(view: &'static View, given: &Map<String, Json>, as_form: bool, most: usize) -> Self {
        let mut object = Object { view, values: Map::new(), faults: Fields::new(), below: Vec::new() };
        for field in view.fields.iter().filter(|f| f.writable) {
            let Some(value) = given.get(field.name) else {
                if field.is_required(view.table) {
                    object.faults.add(field.name, "This field is required.");
                }
                continue;
            };
            match object.value(field, value, as_form, most) {
                Ok(Some(value)) => {
                    object.values.insert(field.name.to_owned(), value);
                }
                Ok(None) => {}
                Err(message) => object.faults.add(field.name, message),
            }
        }
        object
    }

    fn value(
        &mut self,
        field: &'static Field,
        value: &Json,
        as_form: bool,
        most: usize,
    ) -> std::result::Result<Option<Json>, String> {
        let table = self.view.table;
        let kind = field.wire(table);
        let null = field.may_be_null(table);
        let empty = value.as_str().is_some_and(str::is_empty) && !matches!(kind, Type::Texts);
        if !matches!(kind, Type::Of(_)) && (value.is_null() || (empty && (as_form || null))) {
            return match () {
                () if null => Ok(Some(Json::Null)),
                () if as_form && !field.is_required(table) => Ok(None),
                () => Err("This field may not be null.".into()),
            };
        }
        match kind {
            Type::Of(_) => Ok(input::single(field, table, value, as_form)?.map(|read| match read {
                // decimals stay in their scaled form
                Value::Int(number) => Json::from(number),
                Value::Bool(flag) => Json::Bool(flag),
                Value::Text(text) => Json::String(text),
                Value::Real(real) => Json::from(real),
                Value::Null | Value::Bytes(_) => Json::Null,
            })),
            Type::Texts => input::texts(value, most).map(Some),
            Type::Ints => input::keys(value, most).map(Some),
            Type::Object(view) => match value {
                Json::Object(given) => {
                    let objects = vec![Object::take(view, given, as_form, most)];
                    self.below.push(Below { field, single: true, objects });
                    Ok(None)
                }
                _ => Err("Must be an object.".into()),
            },
            Type::List(view) => match value {
                Json::Array(list) if list.len() > most => Err(input::TOO_MANY.into()),
                Json::Array(list) => {
                    let objects = list.iter().map(|item| Object::of_list(view, item, most)).collect();
                    self.below.push(Below { field, single: false, objects });
                    Ok(None)
                }
                _ => Err("Must be a list.".into()),
            },
            Type::Map(_) if !value.is_object() => Err("Must be an object.".into()),
            Type::Map(_) | Type::Any => Ok(Some(value.clone())),
        }
    }

    fn of_list(view: &'static View, item: &Json, most: usize) -> Self {
        match item {
            Json::Object(given) => Object::take(view, given, false, most),
            _ => {
                let mut faults = Fields::new();
                faults.add(NON_FIELD, "Must be an object.");
                Object { view, values: Map::new(), faults, below: Vec::new() }
            }
        }
    }

    /// The links that were given: field, linked table, condition on what may be chosen, keys.
    fn links(&self) -> Vec<(&'static Field, &'static Table, Vec<i64>)> {
        let mut links = Vec::new();
        for field in self.view.fields.iter().filter(|f| f.writable) {
            let Some(target) = field.target(self.view.table) else { continue };
            match self.values.get(field.name) {
                Some(Json::Number(key)) => links.push((field, target, key.as_i64().into_iter().collect())),
                Some(Json::Array(keys)) => {
                    links.push((field, target, keys.iter().filter_map(Json::as_i64).collect()));
                }
                _ => {}
            }
        }
        links
    }

    fn want(&self, wanted: &mut LinkedKeys) {
        for (_, target, keys) in self.links() {
            wanted.0.entry(target.name).or_default().extend(keys);
        }
        self.below.iter().flat_map(|b| &b.objects).for_each(|object| object.want(wanted));
    }

    fn settle_links(&mut self, found: &BTreeMap<&'static str, BTreeSet<i64>>) {
        for (field, target, keys) in self.links() {
            let there = found.get(target.name);
            if let Some(key) = keys.iter().find(|key| !there.is_some_and(|there| there.contains(key))) {
                self.faults.add(field.name, format!("Record {key} does not exist."));
            }
        }
        self.below.iter_mut().flat_map(|b| &mut b.objects).for_each(|object| object.settle_links(found));
    }

    /// Values of lists that the domain keeps.
    fn settle_choices(&mut self, ctx: &mut Context<'_>, lists: &mut ChoiceLists) -> Result<()> {
        for field in self.view.fields.iter().filter(|f| f.writable && !f.chosen_from.is_empty()) {
            let shown = match self.values.get(field.name) {
                None | Some(Json::Null) => continue,
                Some(Json::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            };
            let blank = shown.is_empty() && !field.is_required(self.view.table);
            if !blank && !lists.of(ctx, field.chosen_from)?.contains(&shown) {
                self.faults.add(field.name, "Select a valid choice.");
            }
        }
        for object in self.below.iter_mut().flat_map(|b| &mut b.objects) {
            object.settle_choices(ctx, lists)?;
        }
        Ok(())
    }

    fn finish(self) -> (Form, Fields) {
        let Object { values, mut faults, below, .. } = self;
        let mut form = Form { values, rows: BTreeMap::new() };
        for Below { field, single, objects } in below {
            let mut list = Vec::with_capacity(objects.len());
            let mut rows = Vec::with_capacity(objects.len());
            let mut any = false;
            for object in objects {
                let (row, below) = object.finish();
                any |= !below.is_empty();
                list.push(below.json());
                rows.push(row);
            }
            if any {
                faults.nest(field.name, if single { list.swap_remove(0) } else { Json::Array(list) });
            }
            form.rows.insert(field.name, rows);
        }
        (form, faults)
    }
}

/// Lists that the domain keeps, each read once for a body.
#[derive(Default)]
struct ChoiceLists(BTreeMap<&'static str, BTreeSet<String>>);

impl ChoiceLists {
    fn of(&mut self, ctx: &mut Context<'_>, list: &'static str) -> Result<&BTreeSet<String>> {
        if !self.0.contains_key(list) {
            let values = ctx.domain.choices(ctx.conn, list)?.into_iter().map(|(value, _)| value).collect();
            self.0.insert(list, values);
        }
        Ok(self.0.entry(list).or_default())
    }
}

/// Keys that a body names, by table.
#[derive(Default)]
struct LinkedKeys(BTreeMap<&'static str, BTreeSet<i64>>);

impl LinkedKeys {
    fn find(self, conn: &mut Connection) -> Result<BTreeMap<&'static str, BTreeSet<i64>>> {
        let mut found = BTreeMap::new();
        for (table, keys) in self.0 {
            let keys: Vec<i64> = keys.into_iter().collect();
            let mut there = BTreeSet::new();
            for chunk in keys.chunks(2_000) {
                let sql =
                    fragment!("SELECT id FROM {table} WHERE id IN ({})", Fragment::numbers(chunk.iter().copied()));
                conn.query(&sql, &[], |row| {
                    there.insert(row.int(0));
                    Ok(())
                })?;
            }
            found.insert(table, there);
        }
        Ok(found)
    }
}

/// Faults of single rows of a list, found by the rules of an action: `{"items": [{…}, {}]}`.
#[derive(Debug)]
pub struct RowFaults {
    list: &'static str,
    rows: Vec<Fields>,
    /// How many rows have faults: only those of the first ones are kept.
    faulty: usize,
}

impl RowFaults {
    /// No faults yet in a list of so many rows.
    pub fn new(list: &'static str, rows: usize) -> Self {
        RowFaults { list, rows: vec![Fields::new(); rows], faulty: 0 }
    }

    /// Adds a message to a field of a row.
    pub fn add(&mut self, row: usize, field: &str, message: impl Into<String>) {
        if let Some(fields) = self.of(row) {
            fields.add(field, message);
        }
    }

    /// The faults of a row, where they are kept.
    fn of(&mut self, row: usize) -> Option<&mut Fields> {
        let fields = self.rows.get_mut(row)?;
        if fields.is_empty() {
            if self.faulty >= MOST_ROWS {
                return None;
            }
            self.faulty += 1;
        }
        Some(fields)
    }

    /// Adds what an error says of a row; messages on the field `from` are put on `to`.
    ///
    /// # Errors
    /// The error itself where it is none of input.
    pub fn take(&mut self, row: usize, error: Error, [from, to]: [&str; 2]) -> Result<()> {
        let Error::Invalid(fields) = error else { return Err(error) };
        if let (Json::Object(messages), Some(below)) = (fields.json(), self.of(row)) {
            for (field, list) in messages {
                let field = if field == from { to } else { field.as_str() };
                match list {
                    Json::Array(list) if list.iter().all(Json::is_string) => {
                        list.iter().filter_map(Json::as_str).for_each(|message| below.add(field, message));
                    }
                    nested => below.nest(field, nested),
                }
            }
        }
        Ok(())
    }

    /// Whether any row has a fault.
    pub fn any(&self) -> bool {
        self.rows.iter().any(|fields| !fields.is_empty())
    }

    /// Whether that row has a fault already.
    pub fn has(&self, row: usize) -> bool {
        self.rows.get(row).is_some_and(|fields| !fields.is_empty())
    }

    /// Puts the messages below their list, where there are any and the list has none yet.
    pub fn put(self, fields: &mut Fields) {
        if !self.rows.iter().all(Fields::is_empty) && !fields.has(self.list) {
            fields.nest(self.list, Json::Array(self.rows.iter().map(Fields::json).collect()));
        }
    }

    /// `Err` with all messages, or `Ok` where there are none.
    ///
    /// # Errors
    /// [`ironwood_base::Error::Invalid`] with all messages, where there are any.
    pub fn check(self) -> Result<()> {
        let mut fields = Fields::new();
        self.put(&mut fields);
        fields.check()
    }
}
