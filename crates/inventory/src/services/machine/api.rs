//! Machines in the API.

use std::collections::HashMap;

use ironwood_base::error::Fields;
use ironwood_base::status::PrinterStatus;
use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::resource::{
    Access, Action, Condition, NO_RULES, Resource, Rules, Shape, action, filter, flag_filter, free_action, sort,
};
use ironwood_rest::view::{BOOL, INT, JSON, TEXT, Type, View, col, filled, sql, value};
use serde_json::{Value as Json, json};

use super::driver::{self, DRIVERS as DRIVER_LIST, Driver};
use super::printing::{self, LABEL_PRINTER};
use super::status::{self, Seen};
use crate::platform::state::Inventory;
use crate::platform::users::secret::{hex, random};
use crate::schema::machine::MACHINE as TABLE;

static VIEW: View = View::new(
    "MachineConfig",
    &TABLE,
    &[
        sql("pk", TEXT, "{uuid}").label("Id"),
        col("name").help("Name of the machine."),
        col("machine_type").help("Type of machine."),
        col("driver").help("Driver of the machine."),
        filled("initialized", BOOL, STATE, |ctx, all| state(ctx, all, |found| json!(found.usable))),
        col("active").help("Whether the machine is enabled."),
        filled("status", INT, STATE, |ctx, all| state(ctx, all, |found| json!(found.seen.status.key()))),
        sql("status_model", TEXT, "'LabelPrinterStatus'").nullable(),
        filled("status_text", TEXT, STATE, |ctx, all| state(ctx, all, |found| json!(found.seen.text))),
        filled("machine_errors", Type::Texts, STATE, |ctx, all| state(ctx, all, |found| json!(found.seen.errors))),
        filled("is_driver_available", BOOL, STATE, |ctx, all| state(ctx, all, |found| json!(found.has_driver))),
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
            filter("driver", Condition::Where(TEXT, "{driver} = {value}")),
            filter("machine_type", Condition::Where(TEXT, "{machine_type} = {value}")),
        ])
        .search(&["{name}"])
        .sorts(&[
            sort("name", &["{name}"]),
            sort("machine_type", &["{machine_type}"]),
            sort("driver", &["{driver}"]),
            sort("active", &["{active}"]),
        ])
        .rules(Rules { check, ..NO_RULES })
        .help("Machines such as label printers.")
};

/// What the state of a machine is worked out from.
const STATE: &str = "{uuid} || ' ' || {driver} || ' ' || CASE WHEN {active} THEN '1' ELSE '0' END";

/// The state of a machine.
struct State {
    has_driver: bool,
    usable: bool,
    seen: Seen,
}

/// A value of the state of machines, by what [`STATE`] gives of each.
fn state(_: &mut Context<'_>, all: &[&str], value: fn(&State) -> Json) -> Result<HashMap<String, Vec<u8>>> {
    let of = |text: &&str| {
        let mut parts = text.split(' ');
        let (uuid, driver) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let has_driver = driver::find(driver).is_some();
        let usable = has_driver && parts.next() == Some("1");
        let nothing = || Seen { status: PrinterStatus::default(), text: "No driver".into(), errors: Vec::new() };
        let seen = if has_driver { status::of(uuid) } else { nothing() };
        ((*text).to_owned(), value(&State { has_driver, usable, seen }).to_string().into_bytes())
    };
    Ok(all.iter().map(of).collect())
}

fn check(_: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let mut faults = Fields::new();
    if change.is_changed("machine_type") && change.text("machine_type") != LABEL_PRINTER {
        faults.add("machine_type", format!("Unknown type of machine. Use {LABEL_PRINTER}."));
    }
    if change.is_changed("driver") && driver::find(change.text("driver")).is_none() {
        let known: Vec<&str> = DRIVER_LIST.iter().map(|driver| driver.slug).collect();
        faults.add("driver", format!("Unknown driver. Use one of: {}.", known.join(", ")));
    }
    if !change.is_new() && (change.is_changed("machine_type") || change.is_changed("driver")) {
        faults.add("driver", "The driver of a machine cannot be changed. Add another machine.");
    }
    faults.check()?;
    if change.is_new() {
        change.set("uuid", new_uuid()?);
    } else {
        status::forget(change.text("uuid"));
    }
    Ok(())
}

/// A random UUID (version 4, RFC 9562).
fn new_uuid() -> Result<String> {
    let mut bytes = random::<16>()?;
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = hex(&bytes);
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    Ok(parts.join("-"))
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

/// `GET /api/machine/types/`.
pub(super) static TYPES: Action =
    action(Method::Get, "/api/machine/types/", "machine_types_list", Access::SignedIn, |_, _| {
        let types = json!([{
            "slug": LABEL_PRINTER, "name": "Label printer", "description": "Prints labels for all types of records.",
            "provider_file": "", "provider_plugin": null, "is_builtin": true,
        }]);
        Ok(Answer::json(200, &types))
    })
    .response(200, Shape::List(&TYPE_VIEW))
    .help("Types of machines.");

/// `GET /api/machine/drivers/`.
pub(super) static DRIVERS: Action =
    action(Method::Get, "/api/machine/drivers/", "machine_drivers_list", Access::SignedIn, |ctx, _| {
        let wanted = ctx.request.param("machine_type").unwrap_or(LABEL_PRINTER);
        let shown = |driver: &&Driver| {
            json!({
                "slug": driver.slug, "name": driver.name, "description": driver.description, "provider_file": "",
                "provider_plugin": null, "is_builtin": true, "machine_type": LABEL_PRINTER, "driver_errors": [],
            })
        };
        let drivers: Vec<Json> = DRIVER_LIST.iter().filter(|_| wanted == LABEL_PRINTER).map(shown).collect();
        Ok(Answer::json(200, &Json::Array(drivers)))
    })
    .params(&[("machine_type", TEXT, "Only drivers for this type of machine.")])
    .response(200, Shape::List(&DRIVER_VIEW))
    .help("Drivers of machines.");

static STATUS_VIEW: View = View::plain("MachineRegistryStatus", &[value("registry_errors", Type::Any)]);

/// `GET /api/machine/status/`.
pub(super) static STATUS: Action =
    action(Method::Get, "/api/machine/status/", "machine_status_retrieve", Access::SignedIn, |_, _| {
        Ok(Answer::json(200, &json!({"registry_errors": []})))
    })
    .response(200, Shape::Object(&STATUS_VIEW))
    .help("Errors reported by drivers.");

static RESTART_VIEW: View = View::plain("MachineRestart", &[value("ok", BOOL)]);

/// `POST /api/machine/{id}/restart/`.
pub(super) static RESTART: Action = free_action(
    Method::Post,
    "/api/machine/{id}/restart/",
    "machine_restart_create",
    Access::Right("machine_machineconfig", Permission::Change),
    |outside, args| {
        let key = args.first().cloned().unwrap_or_default();
        let inventory = Inventory::of(outside.domain)?;
        let wanted = key.clone();
        let there = inventory.db.read(move |conn| {
            conn.one("SELECT 1 FROM machine_machineconfig WHERE uuid = $1", &[wanted.as_str().into()])
        })?;
        there.ok_or(Error::NotFound)?;
        status::forget(&key);
        printing::probe(inventory, &key)?;
        Ok(Answer::json(200, &json!({"ok": true})))
    },
)
.response(200, Shape::Object(&RESTART_VIEW))
.help("Checks again whether a machine can be reached, and updates its status.");
