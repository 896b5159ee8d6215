//! Converts cells of a file to values of fields.

use std::collections::{BTreeSet, HashMap};

use ironwood_base::Result;
use ironwood_base::error::Fields;
use ironwood_rest::context::Context;
use ironwood_rest::table::ColumnType;
use ironwood_rest::view::Type;
use serde_json::{Map, Value as Json};

use super::file::is_empty;
use super::file::notation::Notation;
use super::lookup::{Found, Lookup};
use super::models::{AMOUNTS_WITH_UNITS, Importable};
use super::state::{Mapped, Session};
use super::within::{self, Named, Names};
use crate::platform::output::sheet::text_of;

/// Values of a row, and what is wrong with them.
#[derive(Debug, Default)]
pub(crate) struct Extracted {
    pub data: Map<String, Json>,
    pub faults: Fields,
    /// What is odd about them, although they can be used.
    pub warnings: Fields,
    /// Signs of currencies that stand beside amounts, by the fields of the amounts.
    pub(super) signs: Vec<(String, String)>,
}

/// Values of rows from their cells by column, links resolved with a few statements for all rows.
///
/// # Errors
/// [`ironwood_base::Error::Invalid`] on `field_filters`; those of the database.
pub(crate) fn rows(
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
                _ => match plain(field, cell, &session.format.notation) {
                    Ok((value, currency)) => {
                        currency.into_iter().for_each(|sign| row.signs.push((name.to_owned(), sign)));
                        Some(value)
                    }
                    Err(message) => {
                        row.faults.add(name, message);
                        Some(cell.clone())
                    }
                },
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
    for (row, cells) in all.iter_mut().zip(cells) {
        let has_cell = |field: &str| {
            let mapped = mapping.iter().find(|m| m.field == field && !m.column.is_empty());
            let at = mapped.and_then(|m| columns.iter().position(|c| *c == m.column));
            at.and_then(|at| cells.get(at)).is_some_and(|cell| !is_empty(cell))
        };
        currencies(row, session, fields, &has_cell);
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

/// What an empty cell means; `None`: nothing is said of the field.
fn empty(field: &Importable, update: bool) -> Option<Json> {
    let (view, described) = field.field?;
    let null = described.may_be_null(view.table);
    match described.wire(view.table) {
        Type::Of(ColumnType::Bool) => (!update).then_some(Json::Bool(false)),
        Type::Of(ColumnType::Text | ColumnType::Url | ColumnType::Email | ColumnType::Link(..)) => Some(Json::from("")),
        _ if field.target().is_some() => Some(Json::from("")),
        _ if null => Some(Json::Null),
        _ if update || !field.is_required() => None,
        _ => Some(Json::from("")),
    }
}

/// Puts the currencies that stand beside amounts into the fields that hold them.
fn currencies(row: &mut Extracted, session: &Session, fields: &[Importable], has_cell: &dyn Fn(&str) -> bool) {
    for (amount, sign) in std::mem::take(&mut row.signs) {
        let field = format!("{amount}_currency");
        if !fields.iter().any(|f| f.name == field) || sign.is_empty() {
            row.warnings.add(&amount, "The currency symbol of this amount was ignored.");
            continue;
        }
        let present = row.data.get(&field).or_else(|| session.defaults.get(&field)).map(text_of).unwrap_or_default();
        let code = match sign.as_str() {
            "$" if DOLLARS.contains(&present.as_str()) => present.clone(),
            "$" => "USD".to_owned(),
            code => code.to_owned(),
        };
        if code == present {
            continue;
        }
        if session.overrides.contains_key(&field) || has_cell(&field) {
            row.faults.add(&amount, format!("This amount is in {code}, but the currency of the row is {present}."));
        } else {
            row.data.insert(field, code.into());
        }
    }
}

/// Currencies that `$` may stand for.
const DOLLARS: [&str; 9] = ["USD", "AUD", "CAD", "NZD", "HKD", "SGD", "TWD", "MXN", "BRL"];

/// The value that a cell stands for, as far as the cell alone tells it, and the sign of the currency beside
/// it.
fn plain(field: &Importable, cell: &Json, notation: &Notation) -> std::result::Result<(Json, Option<String>), String> {
    let plain = |value: Json| Ok((value, None));
    let Some((view, described)) = field.field else { return plain(cell.clone()) };
    if let Some(Json::Array(choices)) = field.info.get("choices") {
        let message = || format!("\"{}\" is not a valid choice.", shortened(&text_of(cell)));
        return plain(choice(choices, cell).ok_or_else(message)?);
    }
    let Json::String(text) = cell else {
        return plain(match described.wire(view.table) {
            Type::Of(ColumnType::Bool) => truth(cell),
            _ => cell.clone(),
        });
    };
    let kept = shortened(text);
    match described.wire(view.table) {
        Type::Of(ColumnType::Bool) => plain(truth(cell)),
        Type::Of(ColumnType::Date | ColumnType::Time) => {
            let day = matches!(described.wire(view.table), Type::Of(ColumnType::Date));
            let order = notation.dates.name();
            let date = notation.date(text).ok_or_else(|| format!("\"{kept}\" is not a date in the format {order}."))?;
            plain(Json::from(if day { date.get(..10).unwrap_or(&date) } else { date.as_str() }))
        }
        Type::Of(ColumnType::Decimal { .. } | ColumnType::Int { .. } | ColumnType::Real)
            if field.target().is_none() =>
        {
            let found = if described.money {
                notation.amount(text).map(|amount| (amount.number, amount.currency))
            } else {
                notation.number(text).map(|number| (number, None))
            };
            let sign = notation.decimal;
            let (number, currency) =
                found.ok_or_else(|| format!("\"{kept}\" is not a number with the decimal separator \"{sign}\"."))?;
            Ok((Json::from(number), currency))
        }
        _ if AMOUNTS_WITH_UNITS.contains(&described.name) => {
            plain(notation.quantity(text).map_or_else(|| cell.clone(), Json::from))
        }
        _ => plain(cell.clone()),
    }
}

/// So much of a text as a message shows.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut shown: String = text.trim().chars().take(SHOWN).collect();
    if text.trim().chars().count() > SHOWN {
        shown.push('…');
    }
    shown
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
fn choice(choices: &[Json], cell: &Json) -> Option<Json> {
    let text = text_of(cell);
    let text = text.trim();
    let value = |choice: &Json| choice.get("value").cloned().unwrap_or_default();
    let shown = |choice: &Json| choice.get("display_name").map(text_of).unwrap_or_default();
    choices
        .iter()
        .find(|c| text_of(&value(c)) == text)
        .or_else(|| choices.iter().find(|c| shown(c) == text))
        .or_else(|| choices.iter().find(|c| shown(c).to_lowercase() == text.to_lowercase()))
        .map(value)
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
        // a name of a row of the file goes before a key, as all names do
        let unnamed = matches!(found, Found::None | Found::Key(_)) && by != Some("pk");
        let named = match names.filter(|_| unnamed) {
            Some((names, first)) => names.before(&text, first + at),
            None => Named::None,
        };
        let message = "This value is the name of one record and the ID of another. The name was used. Choose the \
            lookup field \"pk\" to use IDs.";
        match (found, named) {
            (_, Named::Several) | (Found::Several, _) => {
                row.faults.add(name, "More than one record matches. Use its ID, or choose another lookup field.");
            }
            (found, Named::Row(_)) => {
                if found != Found::None {
                    row.warnings.add(name, message);
                }
                *value = Json::from(text);
            }
            (found, Named::None) => match found.key() {
                Some(key) => {
                    if matches!(found, Found::NameNotKey(_)) {
                        row.warnings.add(name, message);
                    }
                    *value = Json::from(key);
                }
                None => row.faults.add(name, "No record matches."),
            },
        }
    }
    Ok(())
}

/// Resolves names in values that a client gave in the place of the file's; `names` are those of the file's rows
/// and the place of this one.
///
/// # Errors
/// As [`rows`].
pub(crate) fn given(
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
    fn choices_by_value_or_label() {
        let choices = [json!({"value": 10, "display_name": "OK"}), json!({"value": 55, "display_name": "Damaged"})];
        assert_eq!(choice(&choices, &json!("10")), Some(json!(10)));
        assert_eq!(choice(&choices, &json!(" damaged ")), Some(json!(55)));
        assert_eq!(choice(&choices, &json!("x")), None);
        assert_eq!(truth(&json!("Yes")), json!(true));
        assert_eq!(truth(&json!("maybe")), json!("maybe"));
    }
}
