//! Machines in the API.

use ironwood_base::error::Fields;
use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::{Act, Context};
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::resource::{
    Access, Action, Args, NO_RULES, Resource, Rules, Shape, Test, action, filter, flag_filter, order,
};
use ironwood_rest::view::{BOOL, INT, JSON, TEXT, Type, View, col, sql, value};
use serde_json::json;

use super::tables::MACHINE as TABLE;

static VIEW: View = View::new(
    "MachineConfig",
    &TABLE,
    &[
        sql("pk", TEXT, "{uuid}").label("Id"),
        col("name").help("Name of the machine."),
        col("machine_type").help("Type of machine."),
        col("driver").help("Driver of the machine."),
        sql("initialized", BOOL, "FALSE"),
        col("active").help("Whether the machine is enabled."),
        sql("status", INT, "0"),
        sql("status_model", TEXT, "NULL").nullable(),
        sql("status_text", TEXT, "'No driver'"),
        sql("machine_errors", Type::Texts, "'[]'"),
        sql("is_driver_available", BOOL, "FALSE"),
        sql("restart_required", BOOL, "FALSE"),
        sql("properties", JSON, "'[]'"),
    ],
);

/// Machines.
pub(super) static MACHINES: Resource = Resource {
    key: "uuid",
    ..Resource::new("/api/machine/", "machine", &VIEW)
        .filters(&[
            flag_filter("active", "{active}", "NOT {active}"),
            filter("driver", Test::Where(TEXT, "{driver} = {value}")),
            filter("machine_type", Test::Where(TEXT, "{machine_type} = {value}")),
        ])
        .search(&["{name}"])
        .order(&[
            order("name", &["{name}"]),
            order("machine_type", &["{machine_type}"]),
            order("driver", &["{driver}"]),
            order("active", &["{active}"]),
        ])
        .rules(Rules { check, ..NO_RULES })
        .help("Machines, such as label printers. No drivers are available yet.")
};

fn check(_: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let mut faults = Fields::new();
    if change.is_changed("machine_type") {
        faults.add("machine_type", "This machine type does not exist.");
    }
    if change.is_changed("driver") {
        faults.add("driver", "This driver does not exist.");
    }
    faults.check()
}

static TYPE_VIEW: View = View::plain(
    "MachineType",
    &[
        value("slug", TEXT),
        value("name", TEXT),
        value("description", TEXT),
        value("provider_file", TEXT),
        value("provider_plugin", Type::Any).nullable(),
        value("is_builtin", BOOL),
    ],
);

static DRIVER_VIEW: View = View::plain(
    "MachineDriver",
    &[
        value("slug", TEXT),
        value("name", TEXT),
        value("description", TEXT),
        value("provider_file", TEXT),
        value("provider_plugin", Type::Any).nullable(),
        value("is_builtin", BOOL),
        value("machine_type", TEXT),
        value("driver_errors", Type::Texts),
    ],
);

fn nothing(_: &mut Context<'_>, _: &Args) -> Result<Answer> {
    Ok(Answer::json(200, &json!([])))
}

/// `GET /api/machine/types/`.
pub(super) static TYPES: Action =
    action(Method::Get, "/api/machine/types/", "machine_types_list", Access::SignedIn, nothing)
        .response(200, Shape::List(&TYPE_VIEW))
        .help("Machine types. Always empty.");

/// `GET /api/machine/drivers/`.
pub(super) static DRIVERS: Action =
    action(Method::Get, "/api/machine/drivers/", "machine_drivers_list", Access::SignedIn, nothing)
        .response(200, Shape::List(&DRIVER_VIEW))
        .help("Machine drivers. Always empty.");

static STATUS_VIEW: View = View::plain("MachineRegistryStatus", &[value("registry_errors", Type::Any)]);

/// `GET /api/machine/status/`.
pub(super) static STATUS: Action =
    action(Method::Get, "/api/machine/status/", "machine_status_retrieve", Access::SignedIn, |_, _| {
        Ok(Answer::json(200, &json!({"registry_errors": []})))
    })
    .response(200, Shape::Object(&STATUS_VIEW))
    .help("Errors reported by drivers.");

fn there(ctx: &mut Context<'_>, args: &Args) -> Result<()> {
    let key = args.first().map(String::as_str).unwrap_or_default();
    let row = ctx.conn.one("SELECT 1 FROM machine_machineconfig WHERE uuid = $1", &[key.into()])?;
    row.map(|_| ()).ok_or(Error::NotFound)
}

static RESTART_VIEW: View = View::plain("MachineRestart", &[value("ok", BOOL)]);

/// `POST /api/machine/{id}/restart/`.
pub(super) static RESTART: Action = action(
    Method::Post,
    "/api/machine/{id}/restart/",
    "machine_restart_create",
    Access::Right("machine_machineconfig", Act::Change),
    |ctx, args| {
        there(ctx, args)?;
        Err(Error::non_field("This machine has no driver and cannot run."))
    },
)
.writes(false)
.response(200, Shape::Object(&RESTART_VIEW))
.help("Restarts a machine.");

static SETTING_VIEW: View = View::plain(
    "MachineSetting",
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
        value("config_type", TEXT),
    ],
);

/// `GET /api/machine/{id}/settings/`.
pub(super) static SETTINGS: Action = action(
    Method::Get,
    "/api/machine/{id}/settings/",
    "machine_settings_list",
    Access::Right("machine_machineconfig", Act::View),
    |ctx, args| {
        there(ctx, args)?;
        nothing(ctx, args)
    },
)
.response(200, Shape::List(&SETTING_VIEW))
.help("Settings of a machine, defined by its driver.");
