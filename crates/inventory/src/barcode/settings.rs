//! Which company acts as a supplier whose labels can be read: one setting for each vendor.

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::input::Given;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::view::{BOOL, INT, TEXT, Type, View, input, value};
use ironwood_store::Connection;
use serde_json::{Value as Json, json};

use super::label::Vendor;
use super::supplier::{SETTING, put_setting, setting, vendor};

static VIEW: View = View::plain(
    "PluginSetting",
    &[
        value("pk", INT).label("ID"),
        value("key", TEXT),
        input("value", TEXT).always().required().nullable().max(2000).option_type("field"),
        value("name", TEXT),
        value("description", TEXT),
        value("type", TEXT),
        value("choices", Type::Any),
        value("model_name", TEXT).nullable(),
        value("model_filters", Type::Any),
        value("api_url", TEXT).nullable(),
        value("typ", TEXT),
        value("units", TEXT),
        value("required", BOOL),
        value("confirm", BOOL),
        value("confirm_text", TEXT),
        value("plugin", TEXT),
        value("read_only", BOOL),
    ],
);

const PATH: &str = "/api/plugins/{plugin}/settings/{key}/";

/// `GET /api/plugins/{plugin}/settings/{key}/`.
pub(super) static GET: Action =
    action(Method::Get, PATH, "plugins_settings_retrieve", Access::SignedIn, |ctx, args| {
        let vendor = named(args)?;
        shown(ctx.conn, vendor).map(|row| Answer::json(200, &row))
    })
    .response(200, Shape::Object(&VIEW))
    .help("A setting of a plug-in: the company whose labels it reads.");

/// `PUT /api/plugins/{plugin}/settings/{key}/`.
pub(super) static PUT: Action = action(Method::Put, PATH, "plugins_settings_update", Access::StaffWrites, change)
    .request(Shape::Object(&VIEW))
    .response(200, Shape::Object(&VIEW))
    .help("Changes a setting of a plug-in.");

/// `PATCH /api/plugins/{plugin}/settings/{key}/`.
pub(super) static PATCH: Action =
    action(Method::Patch, PATH, "plugins_settings_partial_update", Access::StaffWrites, change)
        .request(Shape::Object(&VIEW))
        .response(200, Shape::Object(&VIEW))
        .help("Changes a setting of a plug-in.");

fn named(args: &Args) -> Result<&'static Vendor> {
    let [slug, key] = args.as_slice() else { return Err(Error::NotFound) };
    vendor(slug).filter(|_| key == SETTING).ok_or(Error::NotFound)
}

/// The settings of a plug-in that reads labels, as the API shows them.
///
/// # Errors
/// Those of the database.
pub fn shown(conn: &mut Connection, vendor: &Vendor) -> Result<Json> {
    let sql = "SELECT s.id FROM plugin_pluginsetting s JOIN plugin_pluginconfig c ON c.id = s.plugin \
               WHERE c.key = $1 AND s.key = $2";
    let key = conn.one(sql, &[vendor.slug.into(), SETTING.into()])?.map(|row| row.int(0));
    Ok(json!({
        "pk": key, "key": SETTING, "value": setting(conn, vendor.slug)?.unwrap_or_default(), "name": "Supplier",
        "description": format!("The company whose labels are read as those of {}.", vendor.company),
        "type": "related field", "choices": [], "model_name": "company.company",
        "model_filters": {"is_supplier": true}, "api_url": "/api/company/", "typ": "plugin", "units": "",
        "required": false, "confirm": false, "confirm_text": "", "plugin": vendor.slug, "read_only": false,
    }))
}

fn change(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let vendor = named(args)?;
    let given = Given::read(&ctx.request.body)?;
    let text = match given.values.get("value") {
        None => return Err(Error::field("value", "This field is required.")),
        Some(Json::Null) => String::new(),
        Some(Json::String(text)) => text.trim().to_owned(),
        Some(Json::Number(number)) => number.to_string(),
        Some(_) => return Err(Error::field("value", "Enter the key of a company.")),
    };
    if !text.is_empty() {
        let key: i64 = text.parse().map_err(|_| Error::field("value", "Enter the key of a company."))?;
        let sql = "SELECT is_supplier FROM company_company WHERE id = $1";
        match ctx.conn.one(sql, &[key.into()])?.map(|row| row.bool(0)) {
            None => return Err(Error::field("value", format!("Company {key} does not exist."))),
            Some(false) => return Err(Error::field("value", "This company is not a supplier.")),
            Some(true) => {}
        }
    }
    put_setting(ctx.conn, vendor, &text)?;
    shown(ctx.conn, vendor).map(|row| Answer::json(200, &row))
}
