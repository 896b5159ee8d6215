//! Plug-ins in the API: what is built in, and those of a migrated database, which do not run here.

use std::collections::HashMap;

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::form;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::list::{self, read_param};
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::selected;
use ironwood_rest::view::{BOOL, INT, TEXT, Type, View, input, value};
use ironwood_store::{Connection, Value};
use serde_json::{Value as Json, json};

use super::built_in;
use crate::services::barcode;

static VIEW: View = View::plain(
    "PluginConfig",
    &[
        value("pk", INT).label("ID"),
        value("key", TEXT),
        value("name", TEXT).nullable(),
        value("package_name", TEXT).nullable(),
        value("active", BOOL),
        value("meta", Type::Any).help("Description, author, and version."),
        value("mixins", Type::Any).help("Capabilities of the plugin."),
        value("is_builtin", BOOL),
        value("is_sample", BOOL),
        value("is_installed", BOOL),
        value("is_package", BOOL),
        value("is_mandatory", BOOL),
    ],
);

const FLAGS: &[(&str, &str)] = &[
    ("active", "active"),
    ("builtin", "is_builtin"),
    ("installed", "is_installed"),
    ("mandatory", "is_mandatory"),
    ("sample", "is_sample"),
];

/// `GET /api/plugins/`.
pub(super) static LIST: Action =
    action(Method::Get, "/api/plugins/", "plugins_list", Access::SignedIn, |ctx, _| listed(ctx))
        .params(&[
            ("active", BOOL, "Only active (or inactive) plugins."),
            ("builtin", BOOL, "Only built-in plugins (or only others)."),
            ("installed", BOOL, "Only installed plugins (or only others)."),
            ("mandatory", BOOL, "Only mandatory plugins (or only others)."),
            ("sample", BOOL, "Only sample plugins (or only others)."),
            ("mixin", TEXT, "Only plugins with this capability."),
            ("limit", INT, "Maximum number of results per page."),
            ("offset", INT, "Number of records to skip."),
            ("ordering", TEXT, "`key`, `name`, or `active`. Prefix with `-` for descending order."),
            ("search", TEXT, "Text contained in the key or the name."),
        ])
        .response(200, Shape::Page(&VIEW))
        .help("Plugins: the built-in ones, and those of a migrated database, which do not run on this server.");

selected! {
    /// A plugin as it is stored.
    struct Stored {
        id: i64 = "id",
        key: String = "\"key\"",
        name: Option<String> = "name",
        package_name: Option<String> = "package_name",
    }
}

fn rows(conn: &mut Connection) -> Result<Vec<Json>> {
    let stored: Vec<Stored> = selected::all(conn, "FROM plugin_pluginconfig ORDER BY id", &[])?;
    let last = stored.last().map_or(0, |row| row.id);
    let keys: HashMap<&str, i64> = stored.iter().map(|row| (row.key.as_str(), row.id)).collect();
    let own = built_in::all();
    let mut rows: Vec<Json> = Vec::with_capacity(stored.len() + own.len());
    for (place, one) in own.iter().enumerate() {
        let mixins: serde_json::Map<String, Json> =
            one.mixins.iter().map(|name| ((*name).to_owned(), json!({"key": name, "human_name": name}))).collect();
        let beyond = last + 1 + i64::try_from(place).unwrap_or_default();
        rows.push(json!({
            "pk": keys.get(one.key).copied().unwrap_or(beyond), "key": one.key, "name": one.name,
            "package_name": null, "active": true,
            "meta": {
                "author": crate::platform::server::NAME, "description": one.description, "version": crate::platform::server::VERSION,
                "slug": one.key, "human_name": one.name, "pub_date": null, "website": null, "license": null,
                "package_path": null, "settings_url": null,
            },
            "mixins": mixins, "is_builtin": true, "is_sample": false, "is_installed": true, "is_package": false,
            "is_mandatory": true,
        }));
    }
    for row in stored.iter().filter(|row| own.iter().all(|one| one.key != row.key)) {
        rows.push(json!({
            "pk": row.id, "key": row.key, "name": row.name, "package_name": row.package_name,
            "active": false, "meta": {}, "mixins": {}, "is_builtin": false, "is_sample": false,
            "is_installed": false, "is_package": row.package_name.as_ref().is_some_and(|name| !name.is_empty()),
            "is_mandatory": false,
        }));
    }
    rows.sort_by_key(|row| row["pk"].as_i64());
    Ok(rows)
}

fn listed(ctx: &mut Context<'_>) -> Result<Answer> {
    let mut rows = rows(ctx.conn)?;
    for (param, field) in FLAGS {
        let Some(text) = ctx.request.param(param).filter(|text| !text.trim().is_empty()) else { continue };
        let wanted = matches!(read_param(BOOL, param, text)?, Value::Bool(true));
        rows.retain(|row| row[*field] == wanted);
    }
    if let Some(mixin) = ctx.request.param("mixin").map(str::trim).filter(|mixin| !mixin.is_empty()) {
        rows.retain(|row| row["mixins"].get(mixin).is_some());
    }
    Ok(list::of_rows(ctx, rows, &["key", "name"], &["key", "name", "active"]))
}

fn found(ctx: &mut Context<'_>, args: &Args) -> Result<Json> {
    let key = args.first().map(String::as_str).unwrap_or_default();
    rows(ctx.conn)?.into_iter().find(|row| row["key"] == key).ok_or(Error::NotFound)
}

/// `GET /api/plugins/{plugin}/`.
pub(super) static ONE: Action =
    action(Method::Get, "/api/plugins/{plugin}/", "plugins_retrieve", Access::SignedIn, |ctx, args| {
        Ok(Answer::json(200, &found(ctx, args)?))
    })
    .response(200, Shape::Object(&VIEW))
    .help("A plugin.");

static STATUS_VIEW: View =
    View::plain("PluginRegistryStatus", &[value("active_plugins", INT), value("registry_errors", Type::Any)]);

/// `GET /api/plugins/status/`.
pub(super) static STATUS: Action =
    action(Method::Get, "/api/plugins/status/", "plugins_status_retrieve", Access::Superuser, |ctx, _| {
        let active = rows(ctx.conn)?.iter().filter(|row| row["active"] == true).count();
        Ok(Answer::json(200, &json!({"active_plugins": active, "registry_errors": []})))
    })
    .response(200, Shape::Object(&STATUS_VIEW))
    .help("Number of active plugins, and plugins that could not be loaded.");

static ADMIN_VIEW: View = View::plain(
    "PluginAdminDetail",
    &[value("source", TEXT).label("Source File").nullable(), value("context", Type::Any).nullable()],
);

/// `GET /api/plugins/{plugin}/admin/`.
pub(super) static ADMIN: Action =
    action(Method::Get, "/api/plugins/{plugin}/admin/", "plugins_admin_retrieve", Access::Staff, |ctx, args| {
        found(ctx, args)?;
        Ok(Answer::json(200, &json!({"source": null, "context": null})))
    })
    .response(200, Shape::Object(&ADMIN_VIEW))
    .help("Administration page of the plugin. Not available.");

/// A setting of a plug-in.
pub(crate) static SETTING: View = View::plain(
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
        value("read_only", BOOL).label("Override"),
    ],
);

static USER_SETTING_VIEW: View = View::plain(
    "PluginUserSetting",
    &[
        value("pk", INT).label("ID"),
        value("key", TEXT),
        value("value", TEXT).nullable(),
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
        value("user", INT),
    ],
);

/// `GET /api/plugins/settings/`.
pub(super) static SETTINGS: Action =
    action(Method::Get, "/api/plugins/settings/", "plugins_settings_list_all", Access::SignedIn, all_settings)
        .params(&[
            ("plugin__active", BOOL, "Only settings of active (or inactive) plugins."),
            ("plugin__key", TEXT, "Only settings of this plugin."),
            ("limit", INT, "Maximum number of results per page."),
            ("offset", INT, "Number of records to skip."),
        ])
        .response(200, Shape::Page(&SETTING))
        .help("Settings of all plugins: the company whose labels each barcode plugin reads.");

fn all_settings(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let mut rows = barcode::settings::all(ctx.conn)?;
    if let Some(text) = ctx.request.param("plugin__active").filter(|text| !text.trim().is_empty()) {
        // what is built in is always active
        let wanted = matches!(read_param(BOOL, "plugin__active", text)?, Value::Bool(true));
        rows.retain(|_| wanted);
    }
    if let Some(key) = ctx.request.param("plugin__key").map(str::trim).filter(|key| !key.is_empty()) {
        rows.retain(|row| row["plugin"] == key);
    }
    Ok(list::of_rows(ctx, rows, &[], &[]))
}

/// `GET /api/plugins/{plugin}/settings/`.
pub(super) static ONES_SETTINGS: Action =
    action(Method::Get, "/api/plugins/{plugin}/settings/", "plugins_settings_list", Access::SignedIn, |ctx, args| {
        let key = found(ctx, args)?["key"].clone();
        let mut rows = barcode::settings::all(ctx.conn)?;
        rows.retain(|row| row["plugin"] == key);
        Ok(Answer::json(200, &Json::from(rows)))
    })
    .response(200, Shape::List(&SETTING))
    .help("Settings of a plugin.");

/// `GET /api/plugins/{plugin}/user-settings/`.
pub(super) static ONES_USER_SETTINGS: Action = action(
    Method::Get,
    "/api/plugins/{plugin}/user-settings/",
    "plugins_user_settings_list",
    Access::SignedIn,
    |ctx, args| {
        found(ctx, args)?;
        Ok(Answer::json(200, &json!([])))
    },
)
.response(200, Shape::List(&USER_SETTING_VIEW))
.help("Settings of a plugin for the signed-in user.");

static FEATURE_VIEW: View = View::plain(
    "PluginUIFeature",
    &[
        value("plugin_name", TEXT),
        value("feature_type", TEXT),
        value("key", TEXT).label("Feature Label"),
        value("title", TEXT).label("Feature Title"),
        value("description", TEXT).label("Feature Description"),
        value("icon", TEXT).label("Feature Icon"),
        value("options", Type::Any).label("Feature Options"),
        value("context", Type::Any).label("Feature Context"),
        value("source", TEXT).label("Feature Source (javascript)"),
    ],
);

/// `GET /api/plugins/ui/features/{feature}/`.
pub(super) static FEATURES: Action =
    action(Method::Get, "/api/plugins/ui/features/{feature}/", "plugins_ui_features_list", Access::SignedIn, |_, _| {
        Ok(Answer::json(200, &json!([])))
    })
    .response(200, Shape::List(&FEATURE_VIEW))
    .help("Plugin features in the web interface. Always empty.");

static INSTALL_VIEW: View = View::plain(
    "PluginConfigInstall",
    &[
        input("url", TEXT).label("Source URL").always(),
        input("packagename", TEXT).label("Package Name").always(),
        input("version", TEXT).always(),
        input("confirm", BOOL).label("Confirm plugin installation").required().always(),
    ],
);

/// `POST /api/plugins/install/`.
pub(super) static INSTALL: Action =
    action(Method::Post, "/api/plugins/install/", "plugins_install_create", Access::Superuser, |ctx, _| {
        form::read(ctx, &INSTALL_VIEW)?;
        Err(Error::non_field("Plugins cannot be installed on this server."))
    })
    .writes(false)
    .request(Shape::Object(&INSTALL_VIEW))
    .response(201, Shape::Object(&INSTALL_VIEW))
    .help("Installs a plugin. Not supported by this server.");

static RELOAD_VIEW: View = View::plain(
    "PluginReload",
    &[
        input("full_reload", BOOL).always().default("false"),
        input("force_reload", BOOL).always().default("false"),
        input("collect_plugins", BOOL).always().default("false"),
    ],
);

/// `POST /api/plugins/reload/`.
pub(super) static RELOAD: Action =
    action(Method::Post, "/api/plugins/reload/", "plugins_reload_create", Access::Superuser, |ctx, _| {
        let form = form::read(ctx, &RELOAD_VIEW)?;
        Ok(Answer::json(201, &form.echo(&RELOAD_VIEW)))
    })
    .writes(false)
    .request(Shape::Object(&RELOAD_VIEW))
    .response(201, Shape::Object(&RELOAD_VIEW))
    .help("Reloads all plugins. Built-in plugins are always loaded.");

static ACTIVATE_VIEW: View =
    View::plain("PluginActivate", &[input("active", BOOL).label("Activate Plugin").always().default("true")]);

request! {
    struct ActivateRequest of ACTIVATE_VIEW {
        active: bool,
    } without []
}

const fn activate(method: Method, id: &'static str) -> Action {
    action(method, "/api/plugins/{plugin}/activate/", id, Access::Superuser, |ctx, args| {
        let row = found(ctx, args)?;
        let wanted = ActivateRequest::read(ctx)?.active;
        match (wanted == (row["active"] == true), row["is_builtin"] == true) {
            (true, _) => Ok(Answer::json(200, &json!({"active": wanted}))),
            (_, true) => Err(Error::field("active", "A built-in plugin cannot be deactivated.")),
            _ => Err(Error::field("active", "This plugin does not run on this server.")),
        }
    })
    .writes(false)
    .request(Shape::Object(&ACTIVATE_VIEW))
    .response(200, Shape::Object(&ACTIVATE_VIEW))
    .help("Activates or deactivates a plugin.")
}

pub(super) static ACTIVATE_PUT: Action = activate(Method::Put, "plugins_activate_update");
pub(super) static ACTIVATE_PATCH: Action = activate(Method::Patch, "plugins_activate_partial_update");

static UNINSTALL_VIEW: View = View::plain(
    "PluginUninstall",
    &[input("delete_config", BOOL).label("Delete configuration").always().default("true")],
);

request! {
    struct UninstallRequest of UNINSTALL_VIEW {
        delete_config: bool,
    } without []
}

const fn uninstall(method: Method, id: &'static str) -> Action {
    action(method, "/api/plugins/{plugin}/uninstall/", id, Access::Superuser, remove)
        .request(Shape::Object(&UNINSTALL_VIEW))
        .response(200, Shape::Object(&UNINSTALL_VIEW))
        .help("Removes a plugin of a migrated database. Built-in plugins are kept.")
}

pub(super) static UNINSTALL_PUT: Action = uninstall(Method::Put, "plugins_uninstall_update");
pub(super) static UNINSTALL_PATCH: Action = uninstall(Method::Patch, "plugins_uninstall_partial_update");

fn remove(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let (request, form) = UninstallRequest::read_form(ctx)?;
    if request.delete_config {
        forget(ctx, args)?;
    } else {
        found(ctx, args)?;
    }
    Ok(Answer::json(200, &form.echo(&UNINSTALL_VIEW)))
}

fn forget(ctx: &mut Context<'_>, args: &Args) -> Result<()> {
    let row = found(ctx, args)?;
    if row["is_builtin"] == true {
        return Err(Error::non_field("A built-in plugin cannot be removed."));
    }
    let sql = "DELETE FROM plugin_pluginconfig WHERE id = $1";
    ctx.conn.execute(sql, &[Value::Int(row["pk"].as_i64().unwrap_or_default())]).map(|_| ())
}

/// `DELETE /api/plugins/{plugin}/`.
pub(super) static DELETE: Action =
    action(Method::Delete, "/api/plugins/{plugin}/", "plugins_destroy", Access::Superuser, |ctx, args| {
        forget(ctx, args)?;
        Ok(Answer::empty())
    })
    .no_content()
    .help("Removes a plugin of a migrated database. Built-in plugins are kept.");
