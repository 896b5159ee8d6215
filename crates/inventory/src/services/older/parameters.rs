//! Parameters of parts and of manufacturer parts, and their templates. Today all are below
//! `/api/parameter/`.

use ironwood_base::{Error, Key, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::http::Method;
use ironwood_rest::input::RawObject;
use ironwood_rest::registry::check_access;
use ironwood_rest::resource::{Condition, Resource, Rules, filter, sort};
use ironwood_rest::view::{TEXT, View, col, col_as, nested, pk, sql};
use ironwood_rest::write;
use ironwood_store::{Value, fragment};
use serde_json::{Value as Json, json};

use crate::platform::attach::parameter::PARAMETER;
use crate::platform::attach::template::TEMPLATE;
use crate::platform::common::parameter::TEMPLATE_VIEW;
use crate::platform::users::view::BRIEF as USER;
use crate::schema::common::{PARAMETER as TABLE, PARAMETER_TEMPLATE};
use crate::schema::company::MANUFACTURER_PART;
use crate::schema::keys::ParameterTemplateKey;
use crate::schema::part::PART;

pub(super) static TEMPLATES: Resource = Resource {
    path: "/api/part/parameter/template/",
    id: "part_parameter_template",
    deprecated: true,
    help: "Parameter templates. Use /api/parameter/template/ instead.",
    ..TEMPLATE
};

static OF_PART_VIEW: View = View::new(
    "PartParameter",
    &TABLE,
    &[
        pk(),
        col_as("part", "model_id").links(&PART).help("Part."),
        col("template").help("Parameter template."),
        nested("template_detail", "template", &TEMPLATE_VIEW).on("template_detail", true),
        col("data").help("Value."),
        col("data_numeric").help("Numeric value in the unit of the parameter."),
        col("note").help("Note about the value."),
        col("updated").read_only(),
        col("updated_by").read_only(),
        nested("updated_by_detail", "updated_by", &USER).on("updated_by_detail", true),
    ],
);

pub(super) static OF_PART: Resource = Resource {
    path: "/api/part/parameter/",
    id: "part_parameter",
    view: &OF_PART_VIEW,
    filters: &[
        filter("part", Condition::Link(&PART, "{model_id} = {value}")),
        filter("template", Condition::Link(&PARAMETER_TEMPLATE, "{template} = {value}")),
    ],
    fixed: &[("model_type", "part.part")],
    deprecated: true,
    help: "Parameters of parts. Use /api/parameter/ instead.",
    ..PARAMETER
};

static OF_MANUFACTURER_PART_VIEW: View = View::new(
    "ManufacturerPartParameter",
    &TABLE,
    &[
        pk(),
        col_as("manufacturer_part", "model_id").links(&MANUFACTURER_PART).help("Manufacturer part."),
        sql("name", TEXT, "{template.name}").writable().required().max(100).help("Name of the parameter."),
        col_as("value", "data").help("Value."),
        sql("units", TEXT, "{template.units}").writable().optional().max(100).help("Unit of the value."),
    ],
);

pub(super) static OF_MANUFACTURER_PART: Resource = Resource {
    path: "/api/company/part/manufacturer/parameter/",
    id: "company_part_manufacturer_parameter",
    view: &OF_MANUFACTURER_PART_VIEW,
    filters: &[
        filter("manufacturer_part", Condition::Link(&MANUFACTURER_PART, "{model_id} = {value}")),
        filter("name", Condition::Where(TEXT, "{template.name} = {value}")),
        filter("value", Condition::Where(TEXT, "{data} = {value}")),
        filter("units", Condition::Where(TEXT, "{template.units} = {value}")),
    ],
    sorts: &[sort("name", &["{template.name}"]), sort("value", &["{data}"])],
    rules: Rules { check, ..PARAMETER.rules },
    fixed: &[("model_type", "company.manufacturerpart")],
    deprecated: true,
    help: "Parameters of manufacturer parts, by name. Use /api/parameter/ instead.",
    ..PARAMETER
};

/// The name stands for the template of that name, which is made where there is none yet.
fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let text = |name: &str| change.extra.get(name).and_then(Json::as_str).map(|text| text.trim().to_owned());
    let (name, units) = (text("name"), text("units"));
    if let Some(name) = name {
        if name.is_empty() {
            return Err(Error::field("name", "This field may not be blank."));
        }
        let template = template_of(ctx, &name, units.as_deref().unwrap_or_default())?;
        change.set("template", template);
    }
    if let (Some(units), Some(template)) = (units, change.int("template")) {
        let sql = "SELECT units FROM common_parametertemplate WHERE id = $1";
        let own = ctx.conn.one(sql, &[Value::Int(template)])?.map(|row| row.text(0).to_owned()).unwrap_or_default();
        if units != own {
            let unit = if own.is_empty() { "no unit".to_owned() } else { format!("the unit {own}") };
            return Err(Error::field("units", format!("This parameter has {unit}.")));
        }
    }
    (PARAMETER.rules.check)(ctx, change)
}

fn template_of(ctx: &mut Context<'_>, name: &str, units: &str) -> Result<ParameterTemplateKey> {
    let sql =
        fragment!("SELECT id FROM common_parametertemplate WHERE {}", ctx.conn.backend().equals_fold("name", "$1"));
    if let Some(row) = ctx.conn.one(&sql, &[name.into()])? {
        return Ok(row.cell(0));
    }
    check_access(ctx.caller, TEMPLATE.access, Method::Post)?;
    let fields = json!({"name": name, "units": units});
    write::create(ctx, &TEMPLATE, RawObject::object(fields.as_object().unwrap_or(&serde_json::Map::new())))
        .map(Key::from_id)
}
