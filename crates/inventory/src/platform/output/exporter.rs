//! Exporters, which build tables from lists. Their names are those that clients know.

use std::collections::HashSet;

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::Request;
use ironwood_rest::list;
use ironwood_rest::options::label;
use ironwood_rest::resource::Resource;
use ironwood_rest::select::truth;
use ironwood_rest::table::ColumnType;
use ironwood_rest::view::{BOOL, Field, Show, Type, View, input};
use serde_json::{Map, Value as Json};

use super::sheet::{Sheet, without_zeros};

/// Makes tables of some lists. An area that has one of its own describes it beside its lists;
/// [`crate::installation::registry::EXPORTERS`] has them all.
pub(crate) struct Exporter {
    /// Name that requests give.
    pub name: &'static str,
    /// Name for people.
    pub label: &'static str,
    /// Which lists it makes tables of.
    pub takes: fn(&Resource) -> bool,
    /// What may be said about the table.
    pub options: Option<&'static View>,
    /// The table of a list that it takes.
    pub sheet: fn(&mut Context<'_>, &'static Resource) -> Result<Sheet>,
}

impl Exporter {
    /// Refuses options that can be read neither as yes nor as no.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the first of them.
    pub(crate) fn check_options(&self, ctx: &Context<'_>) -> Result<()> {
        for field in self.options.into_iter().flat_map(|view| view.fields) {
            let given = ctx.request.param(field.name).filter(|text| !text.trim().is_empty());
            if let (Some(text), Some(Type::Of(ColumnType::Bool))) = (given, field.kind) {
                list::read_param(BOOL, field.name, text)?;
            }
        }
        Ok(())
    }

    /// Whether an option is on: as the request says, or by default.
    pub(crate) fn says(&self, ctx: &Context<'_>, option: &str) -> bool {
        let default = self.options.and_then(|view| view.field(option)).is_some_and(|field| field.default == "true");
        ctx.request.param(option).and_then(truth).unwrap_or(default)
    }
}

/// An option of an exporter that is on unless the request says otherwise.
pub(crate) const fn on(name: &'static str) -> Field {
    input(name, BOOL).default("true")
}

/// An option of an exporter that is off unless the request says otherwise.
pub(crate) const fn off(name: &'static str) -> Field {
    input(name, BOOL).default("false")
}

/// All fields of a list, as they are.
pub(crate) static PLAIN: Exporter = Exporter {
    name: "inventree-exporter",
    label: "Plain list",
    takes: |_| true,
    options: None,
    sheet: |ctx, resource| Ok(plain(resource.view, &rows(ctx, resource, &[])?)),
};

/// A list with a column for each parameter.
pub(crate) static PARAMETERS: Exporter = Exporter {
    name: "parameter-exporter",
    label: "List with parameters",
    takes: |resource| resource.view.field("parameters").is_some(),
    options: Some(&OF_PARAMETERS),
    sheet: |ctx, resource| {
        let only_enabled = PARAMETERS.says(ctx, "export_exclude_inactive_parameters");
        Ok(with_parameters(resource.view, &rows(ctx, resource, &["parameters"])?, only_enabled))
    },
};

static OF_PARAMETERS: View = View::plain(
    "ParameterExportOptions",
    &[on("export_exclude_inactive_parameters").label("Exclude inactive").help("Only parameters of enabled templates.")],
);

/// All rows of a list, with the fields that these parameters switch on.
///
/// # Errors
/// Those of the list.
pub(crate) fn rows(
    ctx: &mut Context<'_>,
    resource: &'static Resource,
    with: &[&str],
) -> Result<Vec<Map<String, Json>>> {
    let mut request: Request = ctx.request.clone();
    request.query.extend(with.iter().map(|name| ((*name).to_owned(), "true".to_owned())));
    let mut inner = Context::new(ctx.conn, ctx.caller, &request, ctx.domain, ctx.registry, ctx.limits);
    let bytes = list::all_rows(&mut inner, resource)?;
    serde_json::from_slice(&bytes).map_err(|error| Error::Internal(format!("rows: {error}")))
}

/// Names of the columns that every table of a list has.
pub(crate) fn headings(view: &'static View) -> Vec<String> {
    let is_value = |field: &&Field| !matches!(field.wire(view.table), Type::Object(_) | Type::List(_));
    view.fields.iter().filter(|f| matches!(f.show, Show::Always)).filter(is_value).map(label).collect()
}

/// A column: its name, and the way to its value.
struct Column {
    name: String,
    path: Vec<&'static str>,
    /// Whether the value is a decimal, which some views show as a text.
    is_decimal: bool,
}

/// Columns for the fields that are in the rows; those of shown objects stand by themselves.
fn columns(view: &'static View, first: Option<&Map<String, Json>>, path: &[&'static str], prefix: &str) -> Vec<Column> {
    let mut all = Vec::new();
    for field in view.fields.iter().filter(|f| f.shown()) {
        if first.is_some_and(|row| !row.contains_key(field.name)) {
            continue;
        }
        let name = format!("{prefix}{}", label(field));
        let path: Vec<&'static str> = path.iter().copied().chain([field.name]).collect();
        match field.wire(view.table) {
            Type::Object(inner) if path.len() < 3 => {
                let inside = first.and_then(|row| row.get(field.name)).and_then(Json::as_object);
                all.extend(columns(inner, inside, &path, &format!("{name}.")));
            }
            Type::List(_) => {}
            wire => {
                all.push(Column { name, path, is_decimal: matches!(wire, Type::Of(ColumnType::Decimal { .. })) });
            }
        }
    }
    all
}

/// The cell of a column: decimals are numbers, also where the view shows them as texts with all places.
fn cell(row: &Map<String, Json>, column: &Column) -> Json {
    let found = value(row, &column.path);
    match &found {
        Json::String(text) if column.is_decimal => match without_zeros(text).parse() {
            Ok(number) => Json::Number(number),
            Err(_) => found,
        },
        _ => found,
    }
}

fn value(row: &Map<String, Json>, path: &[&str]) -> Json {
    let Some((first, rest)) = path.split_first() else { return Json::Null };
    match row.get(*first) {
        Some(Json::Object(inner)) if !rest.is_empty() => value(inner, rest),
        Some(found) if rest.is_empty() => found.clone(),
        _ => Json::Null,
    }
}

/// Fields shown in every row are looked for in a row in which no inner object is missing.
fn plain(view: &'static View, rows: &[Map<String, Json>]) -> Sheet {
    let full = rows.iter().max_by_key(|row| row.values().filter(|v| v.is_object()).count());
    let columns = columns(view, full.or(Some(&Map::new())).filter(|r| !r.is_empty()), &[], "");
    Sheet {
        rows: rows.iter().map(|row| columns.iter().map(|c| cell(row, c)).collect()).collect(),
        columns: columns.into_iter().map(|c| c.name).collect(),
    }
}

fn with_parameters(view: &'static View, rows: &[Map<String, Json>], only_enabled: bool) -> Sheet {
    let mut sheet = plain(view, rows);
    let given = |row: &Map<String, Json>| -> Vec<(String, Json)> {
        let list = row.get("parameters").and_then(Json::as_array).cloned().unwrap_or_default();
        list.iter()
            .filter_map(|p| {
                let template = p.get("template_detail")?;
                if only_enabled && template.get("enabled") == Some(&Json::Bool(false)) {
                    return None;
                }
                let units = template.get("units").and_then(Json::as_str).filter(|u| !u.is_empty());
                let name = template.get("name")?.as_str()?;
                let name = units.map_or_else(|| name.to_owned(), |units| format!("{name} [{units}]"));
                Some((name, p.get("data").cloned().unwrap_or(Json::Null)))
            })
            .collect()
    };
    let mut names: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    for (name, _) in rows.iter().flat_map(given) {
        if seen.insert(name.clone()) {
            names.push(name);
        }
    }
    for (cells, row) in sheet.rows.iter_mut().zip(rows) {
        let values = given(row);
        cells.extend(names.iter().map(|n| values.iter().find(|(v, _)| v == n).map_or(Json::Null, |(_, v)| v.clone())));
    }
    sheet.columns.extend(names);
    sheet
}
