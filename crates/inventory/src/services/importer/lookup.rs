//! Looks up the records that cells refer to, by ID or by name.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ironwood_base::{Error, Result};
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::input;
use ironwood_rest::list;
use ironwood_rest::query::Query;
use ironwood_rest::resource::Resource;
use ironwood_rest::selected;
use ironwood_rest::table::Table;
use ironwood_store::{Fragment, fragment, sql};
use serde_json::{Map, Value as Json};

use super::models;
use crate::platform::settings::name_format::NameParts;
use crate::platform::state;

/// Texts of one statement.
const LOT: usize = 400;

/// What a text leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// The row with this name.
    Name(i64),
    /// The row with this name; another one has this key.
    NameNotKey(i64),
    /// The row with this key, which is no one's name.
    Key(i64),
    None,
    /// Several rows have this name.
    Several,
}

impl Found {
    /// The row's key.
    pub(crate) fn key(self) -> Option<i64> {
        match self {
            Found::Name(key) | Found::NameNotKey(key) | Found::Key(key) => Some(key),
            Found::None | Found::Several => None,
        }
    }
}

/// The number that a text is: as numbers are written, not `0082`, which is a name.
fn number(text: &str, any: bool) -> Option<i64> {
    let text = text.trim();
    text.parse().ok().filter(|number: &i64| any || number.to_string() == text)
}

selected! {
    /// A row with the text of a column.
    struct Named {
        id: i64 = "t.id",
        name: String = "t.name",
    }
}

selected! {
    /// The columns that make up the full name of a part.
    struct PartNames<'r> {
        id: i64 = "id",
        name: &'r str = "name",
        ipn: &'r str = "\"IPN\"",
        revision: &'r str = "revision",
        description: &'r str = "description",
    }
}

/// How the texts of a field are looked up.
#[derive(Debug, Clone)]
pub(crate) struct Lookup<'a> {
    pub table: &'static Table,
    /// `pk` or a column; `None`: the key and all columns by which people name the rows.
    pub by: Option<&'a str>,
    /// Filters of the linked rows' list, by name.
    pub filters: Option<&'a Map<String, Json>>,
}

impl Lookup<'_> {
    /// Looks up many texts with a few statements. Names go before keys, and are looked up only for callers
    /// who may view the rows.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `field_filters`; those of the database.
    pub(crate) fn find(&self, ctx: &mut Context<'_>, texts: &BTreeSet<String>) -> Result<HashMap<String, Found>> {
        let mut keys: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
        let mut by_key: HashMap<&str, i64> = HashMap::new();
        let mut several: BTreeSet<&str> = BTreeSet::new();
        let may_view = ctx.caller.may(self.table.name, Permission::View);
        let by = |name: &str| self.by.is_none_or(|by| by == name);
        let all: Vec<&str> = texts.iter().map(String::as_str).collect();
        if by("pk") {
            let any = self.by.is_some();
            let numbers: Vec<(i64, &str)> = all.iter().filter_map(|t| Some((number(t, any)?, *t))).collect();
            for lot in numbers.chunks(LOT) {
                let there: BTreeSet<i64> = self.keys_of(ctx, lot)?.into_iter().collect();
                by_key.extend(lot.iter().filter(|(key, _)| there.contains(key)).map(|(key, text)| (*text, *key)));
            }
        }
        for column in models::names_of(self.table).iter().filter(|c| may_view && by(c)) {
            let mut named: HashMap<String, Vec<i64>> = HashMap::new();
            for lot in all.chunks(LOT) {
                for Named { id: key, name } in self.named(ctx, column, lot)? {
                    named.entry(name).or_default().push(key);
                }
            }
            for text in &all {
                match named.get(text.trim()).map(Vec::as_slice) {
                    Some([one]) => {
                        keys.entry(text).or_default().insert(*one);
                    }
                    Some([_, ..]) => {
                        several.insert(text);
                    }
                    _ => {}
                }
            }
        }
        let mut found: HashMap<String, Found> = HashMap::new();
        for text in &all {
            let named = keys.get(text);
            let what = match (named.and_then(|keys| keys.first()), by_key.get(text)) {
                _ if several.contains(text) || named.is_some_and(|keys| keys.len() > 1) => Found::Several,
                (Some(name), Some(key)) if name != key => Found::NameNotKey(*name),
                (Some(name), _) => Found::Name(*name),
                (None, Some(key)) => Found::Key(*key),
                (None, None) => Found::None,
            };
            found.insert((*text).to_owned(), what);
        }
        if self.table.name == "part_part" && self.by.is_none() && may_view {
            self.by_full_name(ctx, &mut found)?;
        }
        Ok(found)
    }

    fn query<'q>(&self, ctx: &mut Context<'q>) -> Result<Query<'q>> {
        let resource = ctx
            .registry
            .resources
            .iter()
            .find(|r| r.view.table.name == self.table.name && r.operations.list && r.operations.retrieve);
        let snapshot = if resource.is_some_and(|r| r.uses_snapshot) { Some(ctx.snapshot()?) } else { None };
        let mut query = match resource {
            Some(resource) => Query::of(ctx, resource),
            None => Query::new(ctx.conn.backend(), ctx.request, ctx.caller, self.table),
        };
        query.snapshot = snapshot;
        if let Some(filters) = self.filters {
            narrow(&mut query, resource.copied(), filters)?;
            query.read_trees(ctx.conn)?;
        }
        Ok(query)
    }

    fn keys_of(&self, ctx: &mut Context<'_>, numbers: &[(i64, &str)]) -> Result<Vec<i64>> {
        let keys: Vec<i64> = numbers.iter().map(|(key, _)| *key).collect();
        let mut query = self.query(ctx)?;
        query.and_keys("{id}", &keys);
        query.keys(ctx.conn)
    }

    fn named(&self, ctx: &mut Context<'_>, column: &'static str, texts: &[&str]) -> Result<Vec<Named>> {
        let mut query = self.query(ctx)?;
        let places: Vec<Fragment> = texts.iter().map(|text| query.bind(text.trim())).collect();
        query.and(&fragment!("{{{column}}} IN ({})", Fragment::join(&places, ",")));
        let keys = query.keys(ctx.conn)?;
        let table = self.table.name;
        let from = fragment!("FROM (SELECT id, \"{column}\" AS name FROM {table} WHERE id IN ({{keys}})) t");
        selected::among(ctx.conn, &from, &keys)
    }

    /// What is no name may still be the full name of a part.
    fn by_full_name(&self, ctx: &mut Context<'_>, found: &mut HashMap<String, Found>) -> Result<()> {
        let open: BTreeSet<String> =
            found.iter().filter(|(_, what)| **what == Found::None).map(|(text, _)| text.clone()).collect();
        // a full name has more in it than its name
        let open: Vec<&String> = open.iter().filter(|text| text.trim().contains(char::is_whitespace)).collect();
        if open.is_empty() {
            return Ok(());
        }
        let snapshot = state::snapshot(ctx)?;
        let mut named: HashMap<String, Vec<i64>> = HashMap::new();
        ctx.conn.query(sql!("SELECT ", PartNames::COLUMNS, " FROM part_part"), &[], |row| {
            let PartNames { id, name, ipn, revision, description } = PartNames::read(row);
            let parts = NameParts { name, ipn, revision, description };
            // most parts are none of those that are looked for, and a name is dear to put together
            if open.len() > 200 || open.iter().any(|text| text.contains(parts.name)) {
                named.entry(snapshot.name_format().full_name(parts)).or_default().push(id);
            }
            Ok(())
        })?;
        for text in open {
            let Some(keys) = named.get(text.trim()) else { continue };
            let numbers: Vec<(i64, &str)> = keys.iter().map(|key| (*key, "")).collect();
            let what = match self.keys_of(ctx, &numbers)?.as_slice() {
                [] => Found::None,
                [one] => Found::Name(*one),
                _ => Found::Several,
            };
            found.insert(text.clone(), what);
        }
        Ok(())
    }
}

fn fault(name: &str, message: &str) -> Error {
    let name: String = name.chars().take(40).collect();
    Error::field("field_filters", format!("{name}: {message}"))
}

/// Filters of a list, or values of columns.
fn narrow(query: &mut Query<'_>, resource: Option<&'static Resource>, filters: &Map<String, Json>) -> Result<()> {
    for (name, value) in filters {
        let text = match value {
            Json::String(text) => text.clone(),
            Json::Bool(_) | Json::Number(_) => value.to_string(),
            _ => return Err(fault(name, "Must be a string, a number, or a Boolean.")),
        };
        let filter = resource.and_then(|r| r.filters.iter().find(|f| f.name == name));
        if let Some(filter) = filter {
            list::apply(query, filter, &text).map_err(|_| fault(name, "This value cannot be used."))?;
            continue;
        }
        let column = query.table.column(name).filter(|c| c.stored());
        let column = column.ok_or_else(|| fault(name, "Unknown filter."))?;
        let value =
            input::scalar(column.kind, 0, true, value).map_err(|_| fault(name, "This value cannot be used."))?;
        query.and_value(fragment!("{{{}}} = {{value}}", column.name), value);
    }
    Ok(())
}

/// Refuses filters that could not be used later.
///
/// # Errors
/// [`Error::Invalid`] on `field_filters`.
pub(crate) fn check_filters(ctx: &mut Context<'_>, table: &'static Table, filters: &Map<String, Json>) -> Result<()> {
    let lookup = Lookup { table, by: None, filters: Some(filters) };
    let mut query = lookup.query(ctx)?;
    query.and("{id} = 0");
    query
        .check_links(ctx.conn)
        .map_err(|_| Error::field("field_filters", "A filter refers to a record that does not exist."))?;
    query.keys(ctx.conn).map(|_| ())
}
