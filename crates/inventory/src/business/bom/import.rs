//! Lines of bills of materials from a file, with their levels: a line belongs to the part of the last
//! line above it that stands one level higher, as [`super::export`] writes them. Substitutes of a line stand
//! in columns of their own; a line that is there already keeps those that it has.

use std::collections::HashSet;

use ironwood_base::{Error, Key, Result};
use ironwood_rest::change;
use ironwood_rest::context::Context;
use ironwood_rest::http::Method;
use ironwood_rest::input::{self, Mode, RawObject};
use ironwood_rest::registry::check_access;
use ironwood_rest::table::{ColumnType, OnDelete};
use ironwood_rest::view::{Field, INT, Type, View, input as given};
use ironwood_rest::write;
use ironwood_store::Value;
use serde_json::{Map, Value as Json, json};

use super::substitute::SUBSTITUTE;
use super::{amount, item, lines};
use crate::platform::file_rules::{FileRow, FileRules};
use crate::schema::bom::BOM_ITEM;
use crate::schema::keys::{AnyKey, BomItemKey, PartKey};
use crate::schema::part::PART;

/// Deepest level.
const DEEPEST: i64 = 1_000;
/// Name of the field with the level.
const LEVEL: &str = "level";

/// Fields for substitutes: as many as a file may bring for one line.
const SUBSTITUTES: [&str; 10] = [
    "substitute_1",
    "substitute_2",
    "substitute_3",
    "substitute_4",
    "substitute_5",
    "substitute_6",
    "substitute_7",
    "substitute_8",
    "substitute_9",
    "substitute_10",
];

const LEVEL_FIELD: Field =
    given(LEVEL, INT).label("BOM Level").help("Level of the line. 1 for lines of the top-level assembly.");

static FIELDS: [Field; 1 + SUBSTITUTES.len()] = {
    let mut fields = [LEVEL_FIELD; 1 + SUBSTITUTES.len()];
    let mut i = 0;
    while i < SUBSTITUTES.len() {
        fields[i + 1] = given(SUBSTITUTES[i], Type::Of(ColumnType::Link(&PART, OnDelete::Cascade)))
            .nullable()
            .help("Substitute part.");
        i += 1;
    }
    fields
};

static OF_FILES: View = View::plain("BomFile", &FIELDS);

/// How the lines of a file make a bill of materials.
pub(crate) static RULES: FileRules = FileRules { fields: &OF_FILES, arrange, is_there, made: substitutes };

fn number(value: Option<&Json>) -> Option<i64> {
    let value = value?;
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

fn key<T>(value: Option<&Json>) -> Option<Key<T>> {
    number(value).map(Key::from_id)
}

/// For each row the one that it belongs to, where levels are given. Rows of the topmost level belong to none.
fn above(rows: &[FileRow]) -> Vec<Option<usize>> {
    let level = |row: &FileRow| number(row.values.get(LEVEL)).filter(|l| (0..=DEEPEST).contains(l));
    let top = rows.iter().filter_map(level).min();
    let mut open: Vec<(i64, usize)> = Vec::new();
    rows.iter()
        .enumerate()
        .map(|(at, row)| {
            let level = level(row)?;
            while open.last().is_some_and(|(above, _)| *above >= level) {
                open.pop();
            }
            let parent = open.last().filter(|(above, _)| above + 1 == level && Some(level) > top).map(|(_, at)| *at);
            open.push((level, at));
            parent
        })
        .collect()
}

fn is_given(value: Option<&Json>) -> bool {
    value.is_some_and(|value| !value.is_null() && value.as_str().is_none_or(|text| !text.trim().is_empty()))
}

fn arrange(rows: &mut [FileRow]) {
    let top = rows.iter().filter_map(|row| number(row.values.get(LEVEL))).filter(|l| *l >= 0).min();
    let above = above(rows);
    for at in 0..rows.len() {
        rows[at].above = above[at];
        let named = rows[at].values.get(LEVEL).cloned();
        if !is_given(named.as_ref()) {
            if top.is_some() {
                rows[at].faults.add(LEVEL, "Level is required, because other lines have one.");
            }
            continue;
        }
        let Some(level) = number(named.as_ref()).filter(|l| (0..=DEEPEST).contains(l)) else {
            rows[at].faults.add(LEVEL, "Must be a whole number. 1 for lines of the top-level assembly.");
            continue;
        };
        if Some(level) == top {
            continue;
        }
        let Some(parent) = above[at] else {
            rows[at].faults.add(LEVEL, "No line above is one level higher.");
            continue;
        };
        match rows[parent].values.get("sub_part").and_then(Json::as_i64) {
            Some(assembly) => drop(rows[at].values.insert("part".into(), assembly.into())),
            None => {
                rows[at].values.remove("part");
                rows[at].faults.add("part", "The component of the line above is unknown.");
            }
        }
    }
}

/// What makes two lines of a file the same.
fn same(a: &Map<String, Json>, b: &Map<String, Json>) -> bool {
    let of = |row: &Map<String, Json>| -> Vec<(String, Json)> {
        let mut all: Vec<(String, Json)> = row
            .iter()
            .filter(|(name, value)| !matches!(name.as_str(), "part" | "note" | LEVEL) && is_given(Some(value)))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        all.sort_by(|(a, _), (b, _)| a.cmp(b));
        all
    };
    of(a) == of(b)
}

fn same_place(a: &Map<String, Json>, b: &Map<String, Json>) -> bool {
    let reference = |row: &Map<String, Json>| row.get("reference").and_then(Json::as_str).unwrap_or("").to_owned();
    number(a.get("sub_part")) == number(b.get("sub_part")) && reference(a) == reference(b)
}

/// An assembly that the file has in several places, or that is there already, gets each of its lines
/// once: as many as the place with the most of them has. Lines of an assembly that says otherwise are
/// refused.
fn is_there(ctx: &mut Context<'_>, rows: &[FileRow], at: usize) -> Result<bool> {
    let row = &rows[at];
    if !is_given(row.values.get(LEVEL)) {
        return Ok(false);
    }
    let Some(assembly) = key(row.values.get("part")) else { return Ok(false) };
    // rows of the same place in the file that are lines by now
    let done: Vec<&FileRow> = rows
        .iter()
        .filter(|other| other.complete && other.above == row.above && key(other.values.get("part")) == Some(assembly))
        .collect();
    let mut values = row.values.clone();
    RULES.fields.fields.iter().for_each(|field| drop(values.remove(field.name)));
    let Ok(wanted) = input::check(ctx.conn, &item::VIEW, RawObject::object(&values), Mode::Whole) else {
        return Ok(false);
    };
    let sub_part: PartKey = key(values.get("sub_part")).unwrap_or_default();
    let sql = "SELECT units FROM part_part WHERE id = $1";
    let units = ctx.conn.one(sql, &[sub_part.into()])?.map(|row| row.text(0).to_owned()).unwrap_or_default();
    let raw = wanted.columns.iter().find(|(name, _)| *name == "raw_amount").map(|(_, value)| value.clone());
    let raw = match raw {
        Some(Value::Text(text)) if !text.is_empty() => text,
        _ => amount::DEFAULT.to_owned(),
    };
    let Ok(quantity) = amount::quantity(ctx.conn, &raw, &units)? else { return Ok(false) };
    let (mut alike, mut in_place) = (0, 0);
    let candidates: HashSet<BomItemKey> = lines::for_part(ctx.conn, assembly)?
        .into_iter()
        .filter(|line| line.sub_part == sub_part)
        .map(|line| line.id)
        .collect();
    let reference = values.get("reference").and_then(Json::as_str).unwrap_or("").trim().to_owned();
    for id in candidates {
        let Some(line) = change::load(ctx.conn, &BOM_ITEM, id.id())? else { continue };
        if !equal(line.get("reference"), &Value::Text(reference.clone())) {
            continue;
        }
        in_place += 1;
        let as_wanted = wanted
            .columns
            .iter()
            .filter(|(name, _)| !matches!(*name, "part" | "sub_part" | "raw_amount" | "quantity" | "note"))
            .all(|(name, value)| equal(line.get(name), value));
        if as_wanted && line.get("quantity") == Some(&Value::from(quantity)) {
            alike += 1;
        }
    }
    if alike > done.iter().filter(|other| same(&other.values, &row.values)).count() {
        return Ok(true);
    }
    if row.above.is_some() && in_place > done.iter().filter(|other| same_place(&other.values, &row.values)).count() {
        return Err(Error::field("sub_part", "The assembly already uses this component in a different way."));
    }
    Ok(false)
}

/// Adds the substitutes of a row to its line; those that the line has already stay.
fn substitutes(ctx: &mut Context<'_>, row: &Map<String, Json>, line: AnyKey) -> Result<()> {
    let sql = "SELECT part FROM part_bomitemsubstitute WHERE bom_item = $1";
    let mut there: HashSet<PartKey> = ctx.conn.rows(sql, &[line.into()])?.iter().map(|row| row.cell(0)).collect();
    for name in SUBSTITUTES {
        let value = row.get(name);
        if !is_given(value) {
            continue;
        }
        let part = key(value).ok_or_else(|| Error::field(name, "This part does not exist."))?;
        if !there.insert(part) {
            continue;
        }
        check_access(ctx.caller, SUBSTITUTE.access, Method::Post)?;
        let body = json!({"bom_item": line, "part": part});
        let values = body.as_object().cloned().unwrap_or_default();
        // what is wrong is wrong with the column of the file
        write::create(ctx, &SUBSTITUTE, RawObject::object(&values)).map_err(|error| match error {
            Error::Invalid(faults) => {
                let text =
                    faults.json().as_object().and_then(|f| f.values().next()?.get(0)?.as_str().map(str::to_owned));
                Error::field(name, text.unwrap_or_else(|| "This part cannot be used as a substitute.".into()))
            }
            other => other,
        })?;
    }
    Ok(())
}

fn equal(a: Option<&Value>, b: &Value) -> bool {
    let none = |value: &Value| matches!(value, Value::Null) || matches!(value, Value::Text(text) if text.is_empty());
    match a {
        Some(a) => a == b || (none(a) && none(b)),
        None => none(b),
    }
}
