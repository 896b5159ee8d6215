//! From the cells of a file to the values of fields.

use std::collections::{BTreeSet, HashMap};

use ironwood_base::Result;
use ironwood_base::error::Fields;
use ironwood_rest::context::Context;
use ironwood_rest::table::Kind;
use ironwood_rest::view::Type;
use serde_json::{Map, Value as Json};

use super::lookup::{Found, Lookup};
use super::models::Importable;
use super::state::{Mapped, Session};
use super::within::{self, Named, Names};
use crate::output::sheet::text_of;

/// Values of a row, and what is wrong with them.
#[derive(Debug, Default)]
pub struct Extracted {
    pub data: Map<String, Json>,
    pub faults: Fields,
}

/// Values of rows from their cells by column, links resolved with a few statements for all rows.
///
/// # Errors
/// [`ironwood_base::Error::Invalid`] on `field_filters`; those of the database.
pub fn rows(
    ctx: &mut Context<'_>,
    session: &Session,
    fields: &[Importable],
    mapping: &[Mapped],
    columns: &[String],
    cells: &[&[Json]],
) -> Result<Vec<Extracted>> {
    let mut all: Vec<Extracted> = cells.iter().map(|_| Extracted::default()).collect();
    let mut own: Vec<(&Importable, Option<&str>)> = Vec::new();
    for mapped in mapping {
        let name = mapped.field.as_str();
        let Some(field) = fields.iter().find(|f| f.name == name) else { continue };
        if let Some(value) = session.overrides.get(name) {
            all.iter_mut().for_each(|row| {
                row.data.insert(name.to_owned(), value.clone());
            });
            continue;
        }
        let default = session.defaults.get(name).filter(|value| !value.is_null());
        let Some(at) = columns.iter().position(|c| !mapped.column.is_empty() && *c == mapped.column) else {
            if let Some(default) = session.defaults.get(name) {
                all.iter_mut().for_each(|row| {
                    row.data.insert(name.to_owned(), default.clone());
                });
            }
            continue;
        };
        for (row, cells) in all.iter_mut().zip(cells) {
            let cell = cells.get(at).unwrap_or(&Json::Null);
            let value = match default {
                Some(default) if is_empty(cell) => Some(default.clone()),
                _ if is_empty(cell) => empty(field, session.update),
                _ => Some(plain(field, cell)),
            };
            if let Some(value) = value {
                row.data.insert(name.to_owned(), value);
            }
        }
        if within::is_own(session.model, field) {
            // what rows are called is known once everything else is read
            own.push((field, mapped.lookup.as_deref()));
        } else if field.target().is_some() {
            resolve(ctx, session, field, mapped.lookup.as_deref(), &mut all, None)?;
        }
    }
    if !own.is_empty() {
        let values: Vec<&Map<String, Json>> = all.iter().map(|row| &row.data).collect();
        let names = Names::of(ctx, session, &values)?;
        for (field, by) in own {
            resolve(ctx, session, field, by, &mut all, Some((&names, 0)))?;
        }
    }
    Ok(all)
}

pub(super) fn is_empty(cell: &Json) -> bool {
    cell.is_null() || cell.as_str().is_some_and(|text| text.trim().is_empty())
}

/// What an empty cell means; `None`: nothing is said of the field.
fn empty(field: &Importable, update: bool) -> Option<Json> {
    let (view, described) = field.field?;
    let null = described.may_be_null(view.table);
    match described.wire(view.table) {
        Type::Of(Kind::Bool) => (!update).then_some(Json::Bool(false)),
        Type::Of(Kind::Text | Kind::Url | Kind::Email | Kind::Link(..)) => Some(Json::from("")),
        _ if field.target().is_some() => Some(Json::from("")),
        _ if null => Some(Json::Null),
        _ if update || !field.is_required() => None,
        _ => Some(Json::from("")),
    }
}

/// The value that a cell stands for, as far as the cell alone tells it.
fn plain(field: &Importable, cell: &Json) -> Json {
    let Some((view, described)) = field.field else { return cell.clone() };
    if let Some(Json::Array(choices)) = field.info.get("choices") {
        return choice(choices, cell);
    }
    match described.wire(view.table) {
        Type::Of(Kind::Bool) => truth(cell),
        Type::Of(Kind::Date) => cell.as_str().and_then(date).map_or_else(|| cell.clone(), Json::from),
        _ => cell.clone(),
    }
}

fn truth(cell: &Json) -> Json {
    let text = text_of(cell).trim().to_ascii_lowercase();
    match text.as_str() {
        "1" | "y" | "yes" | "t" | "true" | "ok" | "on" => Json::Bool(true),
        "0" | "n" | "no" | "none" | "f" | "false" | "off" => Json::Bool(false),
        _ => cell.clone(),
    }
}

/// A value, or what people read for it, letters in any case.
fn choice(choices: &[Json], cell: &Json) -> Json {
    let text = text_of(cell);
    let text = text.trim();
    let value = |choice: &Json| choice.get("value").cloned().unwrap_or_default();
    let shown = |choice: &Json| choice.get("display_name").map(text_of).unwrap_or_default();
    choices
        .iter()
        .find(|c| text_of(&value(c)) == text)
        .or_else(|| choices.iter().find(|c| shown(c) == text))
        .or_else(|| choices.iter().find(|c| shown(c).to_lowercase() == text.to_lowercase()))
        .map_or_else(|| cell.clone(), value)
}

/// `YYYY-MM-DD` of a date in one of the forms that spreadsheets write: the year first, or the day
/// first, or, where that cannot be, the month first.
fn date(text: &str) -> Option<String> {
    let text = text.trim();
    let parts: Vec<&str> = text.split(['-', '/']).collect();
    let [first, second, third] = parts.as_slice() else { return None };
    let number = |part: &str| part.parse::<u32>().ok().filter(|_| part.bytes().all(|b| b.is_ascii_digit()));
    let of = |year: &str, month: u32, day: u32| {
        ironwood_base::clock::parse_date(&format!("{year}-{month:02}-{day:02}")).filter(|_| year.len() == 4)
    };
    if first.len() == 4 {
        return of(first, number(second)?, number(third)?);
    }
    if !text.contains('/') {
        return None;
    }
    let (a, b) = (number(first)?, number(second)?);
    of(third, b, a).or_else(|| of(third, a, b))
}

/// Puts keys in the place of the texts that name linked rows. Where rows of the file may be meant, what these
/// are called is given, with the place of the first of the rows: then a text that names an earlier one stays.
fn resolve(
    ctx: &mut Context<'_>,
    session: &Session,
    field: &Importable,
    by: Option<&str>,
    rows: &mut [Extracted],
    names: Option<(&Names, usize)>,
) -> Result<()> {
    let Some(table) = field.target() else { return Ok(()) };
    let name = field.name.as_str();
    let texts: BTreeSet<String> =
        rows.iter().filter_map(|row| row.data.get(name)).filter(|v| !is_empty(v)).map(text_of).collect();
    let filters = session.filters.get(name).and_then(Json::as_object);
    let found: HashMap<String, Found> = Lookup { table, by, filters }.find(ctx, &texts)?;
    for (at, row) in rows.iter_mut().enumerate() {
        let Some(value) = row.data.get_mut(name).filter(|v| !is_empty(v)) else { continue };
        let text = text_of(value);
        let found = found.get(&text).copied().unwrap_or(Found::None);
        let named = match names.filter(|_| found == Found::None && by != Some("pk")) {
            Some((names, first)) => names.before(&text, first + at),
            None => Named::None,
        };
        match (found, named) {
            (Found::One(key), _) => *value = Json::from(key),
            (Found::Several, _) | (_, Named::Several) => {
                row.faults.add(name, "This names more than one row: use its key, or choose what it is looked up by.");
            }
            (_, Named::Row(_)) => *value = Json::from(text),
            _ => row.faults.add(name, "This names no row."),
        }
    }
    Ok(())
}

/// Resolves names in values that a client gave in the place of the file's; `names` are those of the file's rows
/// and the place of this one.
///
/// # Errors
/// As [`rows`].
pub fn given(
    ctx: &mut Context<'_>,
    session: &Session,
    fields: &[Importable],
    row: &mut Extracted,
    names: (&Names, usize),
) -> Result<()> {
    for field in fields.iter().filter(|f| f.target().is_some()) {
        if row.data.get(&field.name).is_some_and(Json::is_string) {
            let by = session.mapping.iter().find(|m| m.field == field.name).and_then(|m| m.lookup.clone());
            let names = within::is_own(session.model, field).then_some(names);
            resolve(ctx, session, field, by.as_deref(), std::slice::from_mut(row), names)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dates_in_the_forms_of_spreadsheets() {
        for (text, meant) in [
            ("2026-11-24", Some("2026-11-24")),
            ("2026/1/2", Some("2026-01-02")),
            ("24/11/2026", Some("2026-11-24")),
            ("11/24/2026", Some("2026-11-24")),
            ("3/4/2026", Some("2026-04-03")),
            ("24-11-2026", None),
            ("31/31/2026", None),
            ("1/2/26", None),
            ("soon", None),
        ] {
            assert_eq!(date(text).as_deref(), meant, "{text}");
        }
    }

    #[test]
    fn choices_by_value_or_label() {
        let choices = [json!({"value": 10, "display_name": "OK"}), json!({"value": 55, "display_name": "Damaged"})];
        assert_eq!(choice(&choices, &json!("10")), json!(10));
        assert_eq!(choice(&choices, &json!(" damaged ")), json!(55));
        assert_eq!(choice(&choices, &json!("x")), json!("x"));
        assert_eq!(truth(&json!("Yes")), json!(true));
        assert_eq!(truth(&json!("maybe")), json!("maybe"));
    }
}
