//! Parameter templates: the definition and the valid values of a parameter.

use ironwood_base::error::Fields;
use ironwood_base::{Error, Result};
use ironwood_rest::at_or_below;
use ironwood_rest::bulk;
use ironwood_rest::change::Change;
use ironwood_rest::confirm::Usage;
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::query::Query;
use ironwood_rest::registry::permission_of;
use ironwood_rest::resource::{Access, Condition, NO_RULES, Resource, Rules, filter, flag_filter, sort};
use ironwood_rest::selected;
use ironwood_rest::table::ColumnType;
use ironwood_rest::view::{INT, REAL, TEXT};
use ironwood_store::{AsSql, Connection, Fragment, Value, fragment};

use super::parameter::{self, Template, listed};
use crate::platform::common::parameter::TEMPLATE_VIEW;
use crate::platform::common::{contenttype, unit};
use crate::schema::common::PARAMETER;
use crate::schema::keys::{AnyKey, ParameterTemplateKey};
use crate::schema::record_type::PARAMETERS_OF;
use crate::schema::table_by_record;

const OF_ONE: &str = "EXISTS (SELECT 1 FROM common_parameter p WHERE p.template = {id}";

/// Templates of parameters.
pub(crate) static TEMPLATE: Resource = Resource::new("/api/parameter/template/", "parameter_template", &TEMPLATE_VIEW)
    .access(Access::ReadOrAny(PARAMETERS_OF))
    .guard(|ctx, id| permit(ctx, permission_of(ctx.request.method), OF_TEMPLATE, id))
    .in_use(in_use_by)
    .filters(&[
        filter("name", Condition::Where(TEXT, "{name} = {value}")),
        filter("units", Condition::Where(TEXT, "{units} = {value}")),
        flag_filter("checkbox", "{checkbox}", "NOT {checkbox}"),
        flag_filter("enabled", "{enabled}", "NOT {enabled}"),
        filter("unique", Condition::Custom(INT, by_uniqueness)),
        flag_filter("has_choices", "{choices} <> ''", "{choices} = ''"),
        flag_filter("has_units", "{units} <> ''", "{units} = ''"),
        filter("model_type", Condition::Custom(TEXT, |query, text| by_model(query, text, "")))
            .help("Templates for this type of record only."),
        filter("for_model", Condition::Custom(TEXT, |query, text| by_model(query, text, " OR {model_type} IS NULL")))
            .help("Templates that this type of record can use."),
        filter("exists_for_model", Condition::Custom(TEXT, in_use)).help("Templates used by records of this type."),
        filter("exists_for_model_id", Condition::Custom(REAL, in_use_of_one))
            .help("Templates used by this record or a record below it."),
        filter("exists_for_related_model", Condition::Noted(TEXT)).help("A relation of these records (`category`)."),
        filter("exists_for_related_model_id", Condition::Custom(REAL, in_use_of_related))
            .help("Templates used by records with this related record."),
    ])
    .search(&["{name}", "{description}"])
    .sorts(&[sort("name", &["{name}"]), sort("units", &["{units}"]), sort("checkbox", &["{checkbox}"])])
    .rules(Rules { check, saved, ..NO_RULES })
    .help(
        "Parameter templates. Requires the matching permission (add, change, or delete) for the model of the template \
        and for all types of records that use it. For a template without a model, the permission for any type of \
        record that can have parameters is enough.",
    );

/// Models of the records whose rights a template has: its own, and those of records that have the parameter.
const OF_TEMPLATE: &str = "SELECT model_type FROM common_parametertemplate WHERE id = $1 AND model_type IS NOT NULL \
    UNION SELECT model_type FROM common_parameter WHERE template = $1";

/// Refuses what the caller may not do with records of all models that a statement finds for a key.
pub(super) fn permit(ctx: &mut Context<'_>, permission: Permission, models: impl AsSql, key: AnyKey) -> Result<()> {
    let models = ctx.conn.rows(models, &[key.into()])?;
    models.iter().try_for_each(|row| permit_model(ctx, permission, row.text(0)))
}

fn permit_model(ctx: &Context<'_>, permission: Permission, model: &str) -> Result<()> {
    match PARAMETERS_OF.iter().find(|table| table.record == model) {
        Some(table) if !ctx.caller.may(table.name, permission) => Err(Error::denied()),
        _ => Ok(()),
    }
}

fn in_use_by(ctx: &mut Context<'_>, ids: &[AnyKey]) -> Result<Vec<Usage>> {
    let mut count = |table: &'static str| -> Result<i64> {
        let mut rows = 0;
        let sql = fragment!("SELECT COUNT(*) FROM {table} WHERE template IN ({{keys}})");
        ctx.conn.of_keys(&sql, ids, |row| rows += row.int(0))?;
        Ok(rows)
    };
    Ok(vec![
        Usage::new(count("common_parameter")?, ["parameter", "parameters"], "be deleted"),
        Usage::new(
            count("part_partcategoryparametertemplate")?,
            ["default value of a part category", "default values of part categories"],
            "be deleted",
        ),
    ])
}

fn by_uniqueness(query: &mut Query<'_>, text: &str) -> Result<()> {
    let number: i64 = text
        .trim()
        .parse()
        .ok()
        .filter(|n| (0..=2).contains(n))
        .ok_or_else(|| Error::field("unique", "Select a valid choice."))?;
    query.and_value("{unique} = {value}", number);
    Ok(())
}

fn by_model(query: &mut Query<'_>, text: &str, or: impl AsSql) -> Result<()> {
    let model = contenttype::find(text).ok_or_else(|| Error::non_field("This model does not exist."))?;
    query.and_value(&fragment!("{{model_type}} = {{value}}{or}"), model);
    Ok(())
}

fn base_model(text: &str) -> Result<&'static str> {
    contenttype::find(text).ok_or_else(|| Error::field("exists_for_model", "This model does not exist."))
}

fn key(name: &str, text: &str) -> Result<i64> {
    let number: Option<f64> = text.trim().parse().ok().filter(|n: &f64| n.is_finite());
    let number = number.ok_or_else(|| Error::field(name, "Must be a number."))?;
    // 3.5 is a number, but the key of nothing
    Ok(if number.fract() == 0.0 { number as i64 } else { 0 })
}

fn given<'q>(query: &'q Query<'_>, name: &str) -> &'q str {
    query.request.param(name).map_or("", str::trim)
}

fn in_use(query: &mut Query<'_>, text: &str) -> Result<()> {
    let model = base_model(text)?;
    if given(query, "exists_for_model_id").is_empty() {
        query.and_value(&fragment!("{OF_ONE} AND p.model_type = {{value}})"), model);
    }
    Ok(())
}

fn in_use_of_one(query: &mut Query<'_>, text: &str) -> Result<()> {
    const NAME: &str = "exists_for_model_id";
    let id = key(NAME, text)?;
    let model = base_model(given(query, "exists_for_model"))?;
    let table = table_by_record(model).ok_or_else(|| Error::field("exists_for_model", "This model does not exist."))?;
    query.must_exist(table, id, NAME);
    let rows = if table.tree.is_some() { below(table.name, id) } else { fragment!("({id})") };
    query.and_value(&fragment!("{OF_ONE} AND p.model_type = {{value}} AND p.model_id IN {rows})"), model);
    Ok(())
}

/// Keys of a row of a tree and of all rows below it.
fn below(table: &'static str, id: i64) -> Fragment {
    fragment!("(SELECT d.id FROM {table} d JOIN {table} a ON a.id = {id} WHERE {})", at_or_below!("d", "a"))
}

fn in_use_of_related(query: &mut Query<'_>, text: &str) -> Result<()> {
    let id = key("exists_for_related_model_id", text)?;
    let (base, link) = (given(query, "exists_for_model"), given(query, "exists_for_related_model"));
    if link.is_empty() {
        return Err(Error::field("exists_for_model", "Enter a model and one of its relations."));
    }
    let model = base_model(base)?;
    let refuse = || Error::field("exists_for_related_model", "These records have no such relation.");
    let table = table_by_record(model).ok_or_else(refuse)?;
    let column = table.column(link).ok_or_else(refuse)?;
    let ColumnType::Link(target, _) = column.kind else { return Err(refuse()) };
    let rows = if target.tree.is_some() { below(target.name, id) } else { fragment!("({id})") };
    query.and_value(
        &fragment!(
            "{OF_ONE} AND p.model_type = {{value}} AND p.model_id IN \
             (SELECT m.id FROM {} m WHERE m.\"{}\" IN {rows}))",
            table.name,
            column.name
        ),
        model,
    );
    Ok(())
}

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    permit_model(ctx, if change.is_new() { Permission::Add } else { Permission::Change }, change.text("model_type"))?;
    let mut fields = Fields::new();
    let choices: Vec<&str> = listed(change.text("choices")).collect();
    if change.flag("checkbox") {
        if !change.text("units").trim().is_empty() {
            fields.add("units", "A checkbox parameter cannot have units.");
        }
        if !choices.is_empty() {
            fields.add("choices", "A checkbox parameter cannot have choices.");
        }
    }
    if (1..choices.len()).any(|at| choices[..at].contains(&choices[at])) {
        fields.add("choices", "Choices must be unique.");
    }
    if change.is_changed("name") {
        let same = ctx.conn.backend().equals_fold("name", "$1");
        let sql = fragment!("SELECT 1 FROM common_parametertemplate WHERE {same} AND id <> $2");
        let own = Value::Int(change.id.unwrap_or(0));
        if ctx.conn.one(&sql, &[change.text("name").into(), own])?.is_some() {
            fields.add(
                "name",
                "A parameter template with this name already exists. Upper and lower case are not distinguished.",
            );
        }
    }
    fields.check()?;
    unit::check(ctx.conn, change, "units")
}

/// What the numbers of its parameters mean has changed: they are calculated again.
fn saved(ctx: &mut Context<'_>, change: &Change, id: AnyKey) -> Result<()> {
    let changed = ["units", "checkbox"].iter().any(|c| change.old(c) != change.get(c));
    let is_new = change.old("name") == &Value::Null;
    if is_new || !changed { Ok(()) } else { rebuild(ctx.conn, id.of_kind()) }
}

/// Parameters that are read and written by one statement.
const AT_ONCE: usize = 500;

selected! {
    /// The value of a parameter.
    struct Stored {
        id: i64 = "id",
        data: String = "data",
    }
}

/// Calculates the numbers of all parameters of a template.
///
/// # Errors
/// Those of the database.
pub(crate) fn rebuild(conn: &mut Connection, key: ParameterTemplateKey) -> Result<()> {
    let template = Template::load(conn, key)?;
    let from = fragment!("FROM common_parameter WHERE template = $1 AND id > $2 ORDER BY id LIMIT {AT_ONCE}");
    let mut last = 0;
    loop {
        let rows: Vec<Stored> = selected::all(conn, &from, &[key.into(), Value::Int(last)])?;
        let Some(end) = rows.last().map(|row| row.id) else { return Ok(()) };
        last = end;
        let numbers = rows.iter().map(|row| (row.id, parameter::numeric(&template, &row.data)));
        bulk::update_one(conn, const { bulk::set(&PARAMETER, "data_numeric") }, numbers)?;
    }
}
