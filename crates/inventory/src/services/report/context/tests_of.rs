//! Tests of stock items: their templates, results, and what is installed in an item.

use std::collections::HashSet;
use std::rc::Rc;

use ironwood_base::Result;
use ironwood_rest::context::Context;
use ironwood_store::{Value as Stored, fragment};
use ironwood_template::{Map, Value};

use super::record::{Looked, Record};
use super::rows::RowSet;
use crate::schema::stock::ITEM;

/// How deep items are installed in each other at the most.
const DEEPEST: usize = 20;
/// Most items that are installed in one, at all depths.
const MOST_INSTALLED: usize = 10_000;

/// Templates of tests by their keys.
pub(super) fn templates(part: &Record) -> Looked<Value> {
    let list = part.get("test_templates")?.elements()?.unwrap_or_default();
    let mut map = Map::new();
    for template in list.iter() {
        if let Some(found) = Record::of(template) {
            map.insert(Rc::from(found.string("key")), template.clone());
        }
    }
    Ok(Value::Map(Rc::new(map)))
}

/// The items that are installed in an item, and in those.
pub(super) fn installed(item: &Record) -> Looked<Value> {
    let id = item.id();
    let keys = item.source().look(move |ctx| installed_keys(ctx, id))?;
    Ok(RowSet::of_keys(item.source(), &ITEM, keys))
}

fn installed_keys(ctx: &mut Context<'_>, id: i64) -> Result<Vec<i64>> {
    let (mut all, mut known, mut level) = (Vec::new(), HashSet::from([id]), vec![id]);
    for _ in 0..DEEPEST {
        let keys = Stored::keys(&level);
        let sql = fragment!(
            "SELECT t.id FROM stock_stockitem t WHERE t.belongs_to IN ({}) ORDER BY t.id",
            ctx.conn.backend().keys("$1")
        );
        level = ctx.conn.rows(&sql, &[keys])?.iter().map(|row| row.int(0)).filter(|key| known.insert(*key)).collect();
        all.extend(&level);
        if level.is_empty() || all.len() > MOST_INSTALLED {
            break;
        }
    }
    Ok(all)
}

/// The latest result of each test of an item, by the key of the test.
pub(super) fn own_results(item: &Record) -> Looked<Value> {
    results_of(item).map(|map| Value::Map(Rc::new(map)))
}

fn results_of(item: &Record) -> Looked<Map> {
    let list = item.get("test_results")?;
    let list = match RowSet::of(&list) {
        Some(rows) => rows.ordered(&["date".to_owned()])?.elements()?.unwrap_or_default(),
        None => Rc::default(),
    };
    let mut map = Map::new();
    for result in list.iter() {
        if let Some(found) = Record::of(result) {
            let key = found.get("template.key")?.to_text()?;
            // the latest one, in the place of the first
            map.insert(Rc::from(key), result.clone());
        }
    }
    Ok(map)
}

/// The latest results of an item and of what is installed in it; its own come first.
pub(super) fn all_results(item: &Record) -> Looked<Map> {
    let mut map = results_of(item)?;
    let inside = installed(item)?.elements()?.unwrap_or_default();
    for item in inside.iter().filter_map(Record::of) {
        for (key, result) in results_of(item)? {
            map.entry(key).or_insert(result);
        }
    }
    Ok(map)
}

/// Keys of the tests of an item: those that are required, the others, and those that there are results of.
pub(super) fn keys(item: &Record) -> Looked<Vec<Value>> {
    let part = item.get("part")?;
    let templates = match Record::of(&part) {
        Some(part) => part.get("test_templates")?.elements()?.unwrap_or_default(),
        None => Rc::default(),
    };
    let mut keys: Vec<String> = Vec::new();
    for required in [1, 0] {
        let these = templates.iter().filter_map(Record::of).filter(|found| found.int("required") == Some(required));
        keys.extend(these.map(|found| found.string("key").to_owned()));
    }
    for key in all_results(item)?.keys() {
        keys.push(key.to_string());
    }
    let mut seen = HashSet::new();
    keys.retain(|key| seen.insert(key.clone()));
    Ok(keys.into_iter().map(Value::text).collect())
}
