//! How the server is set up: its options and where their values came from, and switches for features that are
//! tried out. Values are not shown, because some are secret.

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::view::{TEXT, TIME, Type, View, value};
use serde_json::{Value as Json, json};

use crate::platform::state::Inventory;
pub use crate::platform::state::{ConfigOption, Source};

static VIEW: View = View::plain(
    "Config",
    &[
        value("key", TEXT).help("Name of the option."),
        value("env_var", TEXT).nullable().help("Environment variable of the option."),
        value("config_key", TEXT).nullable().help("Name in the configuration file."),
        value("source", TEXT).help("Source of the value."),
        value("accessed", TIME).help("Time at which the option was read."),
    ],
);

fn shown(inventory: &Inventory) -> impl Iterator<Item = Json> + '_ {
    inventory.setup.iter().map(|option| {
        json!({
            "key": option.variable, "env_var": option.variable, "config_key": option.name,
            "source": option.source.name(), "accessed": inventory.started.as_ref(),
        })
    })
}

/// `GET /api/admin/config/`.
pub(super) static CONFIG: Action =
    action(Method::Get, "/api/admin/config/", "admin_config_list", Access::Superuser, |ctx, _| {
        let rows: Vec<Json> = shown(Inventory::of(ctx.domain)?).collect();
        Ok(Answer::json(200, &Json::Array(rows)))
    })
    .response(200, Shape::List(&VIEW))
    .help("Options of the server and the sources of their values.");

/// `GET /api/admin/config/{key}/`.
pub(super) static CONFIG_ONE: Action =
    action(Method::Get, "/api/admin/config/{key}/", "admin_config_retrieve", Access::Superuser, |ctx, args| {
        let key = args.first().map(String::as_str).unwrap_or_default();
        let row = shown(Inventory::of(ctx.domain)?).find(|row| row["key"] == key || row["config_key"] == key);
        Ok(Answer::json(200, &row.ok_or(Error::NotFound)?))
    })
    .response(200, Shape::Object(&VIEW))
    .help("An option of the server.");

static FLAG_VIEW: View =
    View::plain("Flag", &[value("key", TEXT), value("state", TEXT), value("conditions", Type::Any).nullable()]);

/// Switches that clients ask for; nothing here is tried out, so all are off.
const FLAGS: &[&str] = &["EXPERIMENTAL", "NEXT_GEN"];

fn flag(key: &str) -> Json {
    json!({"key": key, "state": "False", "conditions": null})
}

/// `GET /api/flags/`.
pub(super) static FLAG_LIST: Action = action(Method::Get, "/api/flags/", "flags_list", Access::SignedIn, |_, _| {
    Ok(Answer::json(200, &FLAGS.iter().map(|key| flag(key)).collect()))
})
.response(200, Shape::List(&FLAG_VIEW))
.help("Feature flags for experimental features.");

/// `GET /api/flags/{key}/`.
pub(super) static FLAG: Action = action(Method::Get, "/api/flags/{key}/", "flags_retrieve", Access::SignedIn, one_flag)
    .response(200, Shape::Object(&FLAG_VIEW))
    .help("A feature flag.");

fn one_flag(_: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let key = args.first().filter(|key| FLAGS.contains(&key.as_str())).ok_or(Error::NotFound)?;
    Ok(Answer::json(200, &flag(key)))
}
