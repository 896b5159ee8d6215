//! Settings that assign a company to each vendor whose labels can be read.

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::input::RawObject;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_store::Connection;
use serde_json::{Value as Json, json};

use super::label::{VENDORS, Vendor};
use super::supplier::{self, put_setting, setting, vendor};
use crate::schema::keys::CompanyKey;
use crate::services::plugin::api::SETTING;

const PATH: &str = "/api/plugins/{plugin}/settings/{key}/";

/// `GET /api/plugins/{plugin}/settings/{key}/`.
pub(super) static GET: Action =
    action(Method::Get, PATH, "plugins_settings_retrieve", Access::SignedIn, |ctx, args| {
        let vendor = named(args)?;
        shown(ctx.conn, vendor).map(|row| Answer::json(200, &row))
    })
    .response(200, Shape::Object(&SETTING))
    .help("A plugin setting: the company whose labels the plugin reads.");

/// `PUT /api/plugins/{plugin}/settings/{key}/`.
pub(super) static PUT: Action = action(Method::Put, PATH, "plugins_settings_update", Access::StaffWrites, change)
    .request(Shape::Object(&SETTING))
    .response(200, Shape::Object(&SETTING))
    .help("Changes a plugin setting.");

/// `PATCH /api/plugins/{plugin}/settings/{key}/`.
pub(super) static PATCH: Action =
    action(Method::Patch, PATH, "plugins_settings_partial_update", Access::StaffWrites, change)
        .request(Shape::Object(&SETTING))
        .response(200, Shape::Object(&SETTING))
        .help("Changes a plugin setting.");

fn named(args: &Args) -> Result<&'static Vendor> {
    let [slug, key] = args.as_slice() else { return Err(Error::NotFound) };
    vendor(slug).filter(|_| key == supplier::SETTING).ok_or(Error::NotFound)
}

/// The settings of all plug-ins that read labels, as the API shows them.
///
/// # Errors
/// Those of the database.
pub(crate) fn all(conn: &mut Connection) -> Result<Vec<Json>> {
    VENDORS.iter().map(|vendor| shown(conn, vendor)).collect()
}

fn shown(conn: &mut Connection, vendor: &Vendor) -> Result<Json> {
    let sql = "SELECT s.id FROM plugin_pluginconfig c \
               JOIN plugin_pluginsetting s ON s.plugin = c.id AND s.key = $2 WHERE c.key = $1";
    let stored = conn.one(sql, &[vendor.slug.into(), supplier::SETTING.into()])?.map(|row| row.int(0));
    let key = match stored {
        Some(key) => key,
        // one that was never set has no row yet
        None => {
            let last = conn.one("SELECT COALESCE(MAX(id), 0) FROM plugin_pluginsetting", &[])?.map_or(0, |r| r.int(0));
            let place = VENDORS.iter().position(|other| other.slug == vendor.slug).unwrap_or_default();
            last + 1 + i64::try_from(place).unwrap_or_default()
        }
    };
    Ok(json!({
        "pk": key, "key": supplier::SETTING, "value": setting(conn, vendor.slug)?.unwrap_or_default(),
        "name": "Supplier",
        "description": format!("Company whose labels are read as labels of {}.", vendor.company),
        "type": "related field", "choices": [], "model_name": "company.company",
        "model_filters": {"is_supplier": true}, "api_url": "/api/company/", "typ": "plugin", "units": "",
        "required": false, "confirm": false, "confirm_text": "", "plugin": vendor.slug, "read_only": false,
    }))
}

fn change(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let vendor = named(args)?;
    let given = RawObject::read(&ctx.request.body)?;
    let text = match given.values.get("value") {
        None => return Err(Error::field("value", "This field is required.")),
        Some(Json::Null) => String::new(),
        Some(Json::String(text)) => text.trim().to_owned(),
        Some(Json::Number(number)) => number.to_string(),
        Some(_) => return Err(Error::field("value", "Must be the ID of a company.")),
    };
    if !text.is_empty() {
        let key: CompanyKey = text.parse().map_err(|_| Error::field("value", "Must be the ID of a company."))?;
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
