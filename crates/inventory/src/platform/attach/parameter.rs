//! Parameters of records: values that templates allow, with their magnitude in the template's unit.

use std::collections::BTreeMap;
use std::sync::Arc;

use ironwood_base::unit::Units;
use ironwood_base::{Error, Result, clock};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Condition, Delete, NO_RULES, Operations, Resource, Rules, filter, flag_filter, sort};
use ironwood_rest::select::truth;
use ironwood_rest::selected;
use ironwood_rest::view::{INT, TEXT};
use ironwood_store::{Connection, Value, fragment};

use crate::platform::common::parameter::{VIEW, around};
use crate::platform::common::{contenttype, unit};
use crate::platform::settings::Settings;
use crate::platform::settings::keys;
use crate::schema::common::PARAMETER_TEMPLATE;
use crate::schema::keys::{AnyKey, ParameterTemplateKey, SelectionListKey};
use crate::schema::users::USER;

/// Parameters of records of every kind.
pub(crate) static PARAMETER: Resource = Resource::new("/api/parameter/", "parameter", &VIEW)
    .operations(Operations::ALL.bulk_create().bulk_delete())
    .filters(&[
        filter("model_id", Condition::Where(INT, "{model_id} = {value}")),
        filter("model_type", Condition::Custom(TEXT, by_model)),
        filter("template", Condition::Link(&PARAMETER_TEMPLATE, "{template} = {value}")),
        filter("updated_by", Condition::Link(&USER, "{updated_by} = {value}")),
        flag_filter("enabled", "{template.enabled}", "NOT {template.enabled}"),
    ])
    .search(&["{data}", "{template.name}", "{template.description}", "{template.units}"])
    .sorts(&[
        sort("name", &["{template.name}"]),
        sort("data", &["{data_numeric}", "{data}"]),
        sort("units", &["{template.units}"]),
        sort("template", &["{template}"]),
        sort("updated", &["{updated}"]),
        sort("updated_by", &["{updated_by}"]),
    ])
    .rules(Rules { check, delete: Delete::Many(delete), ..NO_RULES })
    .help("Parameter values of records.");

fn by_model(query: &mut Query<'_>, text: &str) -> Result<()> {
    let model = contenttype::find(text).ok_or_else(|| Error::non_field("This model does not exist."))?;
    query.and_value("{model_type} = {value}", model);
    Ok(())
}

/// Values of a list joined by commas.
pub(super) fn listed(choices: &str) -> impl Iterator<Item = &str> {
    choices.split(',').map(str::trim).filter(|choice| !choice.is_empty())
}

/// What a template says about the values of its parameters.
pub(crate) struct Template {
    units: Arc<Units>,
    unit: String,
    checkbox: bool,
    choices: Vec<String>,
    unique: i64,
}

selected! {
    /// What a template says, as it is stored.
    struct StoredTemplate {
        units: String = "units",
        checkbox: bool = "checkbox",
        choices: String = "choices",
        selectionlist: Option<SelectionListKey> = "selectionlist",
        unique: i64 = "\"unique\"",
    }
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none of that key.
    pub(crate) fn load(conn: &mut Connection, template: ParameterTemplateKey) -> Result<Self> {
        let from = "FROM common_parametertemplate WHERE id = $1";
        let stored: StoredTemplate = selected::first(conn, from, &[template.into()])?.ok_or(Error::NotFound)?;
        let choices = match stored.selectionlist {
            None => listed(&stored.choices).map(str::to_owned).collect(),
            Some(list) => {
                let sql = "SELECT value FROM common_selectionlistentry WHERE list = $1 AND active ORDER BY id";
                conn.rows(sql, &[list.into()])?.iter().map(|entry| entry.text(0).to_owned()).collect()
            }
        };
        Ok(Template {
            units: unit::load(conn)?,
            unit: stored.units.trim().to_owned(),
            checkbox: stored.checkbox,
            choices,
            unique: stored.unique,
        })
    }
}

/// The magnitude of a value in its template's unit; `None` where it is no quantity.
pub(crate) fn numeric(template: &Template, data: &str) -> Option<f64> {
    if template.checkbox {
        return Some(f64::from(u8::from(is_ticked(data))));
    }
    if template.unit.is_empty() {
        return data.trim().parse::<f64>().ok().filter(|n| n.is_finite());
    }
    template.units.convert(data, &template.unit).ok()?.to_f64()
}

/// Why a value cannot stand where the template asks for a quantity, as far as the settings insist on it;
/// `None` where it can.
pub(crate) fn unit_fault(conn: &mut Connection, template: ParameterTemplateKey, data: &str) -> Result<Option<String>> {
    let template = Template::load(conn, template)?;
    if template.unit.is_empty() || !Settings::load(conn)?.bool(keys::PARAMETER_ENFORCE_UNITS) {
        return Ok(None);
    }
    let fault = template.units.convert(data, &template.unit).err();
    Ok(fault.map(|why| format!("This is not a quantity in {}. {why}", template.unit)))
}

fn is_ticked(data: &str) -> bool {
    truth(data).unwrap_or(false)
}

/// Parameters of a locked part stay as they are.
fn unlocked(ctx: &mut Context<'_>, model: &str, records: &[AnyKey]) -> Result<()> {
    if model != "part.part" {
        return Ok(());
    }
    let mut locked = false;
    ctx.conn.of_keys("SELECT id FROM part_part WHERE locked AND id IN ({keys})", records, |_| locked = true)?;
    if locked && Settings::load(ctx.conn)?.bool(keys::PART_ENABLE_LOCKING) {
        return Err(Error::non_field("Part is locked. Its parameters cannot be edited."));
    }
    Ok(())
}

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let model = change.text("model_type").to_owned();
    let record: AnyKey = change.key("model_id").unwrap_or_default();
    let template: ParameterTemplateKey = change.key("template").unwrap_or_default();
    if let (Value::Text(old), Some(old_record)) = (change.old("model_type").clone(), change.old_key("model_id")) {
        unlocked(ctx, &old, &[old_record])?;
    }
    unlocked(ctx, &model, &[record])?;
    let sql = "SELECT 1 FROM common_parameter WHERE model_type = $1 AND model_id = $2 AND template = $3 AND id <> $4";
    let own = Value::Int(change.id.unwrap_or(0));
    let params = [model.as_str().into(), record.into(), template.into(), own];
    if ctx.conn.one(sql, &params)?.is_some() {
        return Err(Error::non_field("This record already has this parameter."));
    }
    set_value(ctx.conn, change, &model)?;
    change.set("updated", clock::now());
    change.set("updated_by", ctx.caller.id());
    Ok(())
}

/// Checks the value against the template and calculates its number.
fn set_value(conn: &mut Connection, change: &mut Change, model: &str) -> Result<()> {
    let key: ParameterTemplateKey = change.key("template").unwrap_or_default();
    let template = Template::load(conn, key)?;
    let data = change.text("data").to_owned();
    let refuse = |message: String| Error::field("data", message);
    if !template.choices.is_empty() && !template.choices.contains(&data) {
        return Err(refuse("Select a valid choice.".into()));
    }
    let number = numeric(&template, &data);
    if !template.unit.is_empty()
        && Settings::load(conn)?.bool(keys::PARAMETER_ENFORCE_UNITS)
        && let Err(why) = template.units.convert(&data, &template.unit)
    {
        return Err(refuse(format!("This is not a quantity in {}. {why}", template.unit)));
    }
    if template.checkbox {
        change.set("data", if is_ticked(&data) { "True" } else { "False" });
    }
    change.set("data_numeric", number.map_or(Value::Null, Value::Real));
    if template.unique != 0 {
        let own = Value::Int(change.id.unwrap_or(0));
        let mut params = vec![key.into(), own];
        let same = match number.filter(|_| !template.unit.is_empty()) {
            // 1k and 1000 are the same
            Some(number) => {
                params.extend(around(number).map(Value::Real));
                "p.data_numeric >= $3 AND p.data_numeric <= $4".into()
            }
            None => {
                params.push(data.as_str().into());
                conn.backend().equals_fold("p.data", "$3")
            }
        };
        let mut sql = fragment!("SELECT 1 FROM common_parameter p WHERE p.template = $1 AND p.id <> $2 AND {same}");
        if template.unique == 1 {
            params.push(model.into());
            sql.push(fragment!(" AND p.model_type = ${}", params.len()));
        }
        if conn.one(&fragment!("{sql} LIMIT 1"), &params)?.is_some() {
            return Err(refuse("Value must be unique. Another record already has it.".into()));
        }
    }
    Ok(())
}

selected! {
    /// A record that has a parameter.
    struct Described {
        model: String = "model_type",
        record: AnyKey = "model_id",
    }
}

fn delete(ctx: &mut Context<'_>, ids: &[AnyKey]) -> Result<bool> {
    let mut of_model: BTreeMap<String, Vec<AnyKey>> = BTreeMap::new();
    for found in selected::among::<Described>(ctx.conn, "FROM common_parameter WHERE id IN ({keys})", ids)? {
        of_model.entry(found.model).or_default().push(found.record);
    }
    for (model, records) in of_model {
        unlocked(ctx, &model, &records)?;
    }
    Ok(true)
}
