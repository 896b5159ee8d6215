//! Settings of machines: their own, and those of their drivers.

use ironwood_base::{Error, Result};
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::request;
use ironwood_rest::request::{Request, Sent};
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::selected;
use ironwood_rest::view::{BOOL, INT, TEXT, Type, View, value};
use ironwood_store::Connection;
use serde_json::{Value as Json, json};

use super::driver::{self, Driver, MACHINE_SETTINGS, Setting, Values};
use super::status;

/// What is shown in the place of a secret that is set.
const HIDDEN: &str = "***";

static VIEW: View = View::plain(
    "MachineSetting",
    &[
        value("pk", INT).label("ID"),
        value("key", TEXT),
        value("value", TEXT).nullable().writable().help("The value. Passwords are not shown."),
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
        value("config_type", TEXT).help("`M`: a setting of the machine. `D`: a setting of its driver."),
    ],
);

selected! {
    /// A setting of a machine as it is stored.
    struct StoredSetting {
        id: i64 = "s.id",
        key: String = "s.key",
        value: String = "s.value",
        config_type: String = "s.config_type",
    }
}

selected! {
    /// A machine as it is stored.
    struct StoredMachine {
        id: i64 = "id",
        driver: String = "driver",
    }
}

/// The values of a machine's settings, defaults included.
///
/// # Errors
/// Those of the database.
pub(crate) fn values(conn: &mut Connection, machine: &str, driver: &Driver) -> Result<Values> {
    let mut values = Values::default();
    for setting in driver.settings.iter().chain(MACHINE_SETTINGS) {
        values.0.insert(setting.key.to_owned(), setting.default.to_owned());
    }
    let from =
        "FROM machine_machinesetting s JOIN machine_machineconfig m ON m.id = s.machine_config WHERE m.uuid = $1";
    let stored: Vec<StoredSetting> = selected::all(conn, from, &[machine.into()])?;
    // an empty text stands for the default of a choice
    let given = stored.into_iter().filter(|setting| !setting.value.is_empty());
    values.0.extend(given.map(|setting| (setting.key, setting.value)));
    Ok(values)
}

/// A machine: the key of its row, and its driver, if there is one.
struct Found {
    id: i64,
    uuid: String,
    driver: Option<&'static Driver>,
}

fn machine(ctx: &mut Context<'_>, args: &Args) -> Result<Found> {
    let uuid = args.first().cloned().unwrap_or_default();
    let from = "FROM machine_machineconfig WHERE uuid = $1";
    let stored: Option<StoredMachine> = selected::first(ctx.conn, from, &[uuid.as_str().into()])?;
    let StoredMachine { id, driver } = stored.ok_or(Error::NotFound)?;
    Ok(Found { id, driver: driver::find(&driver), uuid })
}

impl Found {
    /// The settings with their kinds.
    fn settings(&self) -> impl Iterator<Item = (&'static str, &'static Setting)> {
        let own = MACHINE_SETTINGS.iter().map(|setting| ("M", setting));
        own.chain(self.driver.map_or(&[][..], |driver| driver.settings).iter().map(|setting| ("D", setting)))
    }

    fn shown(&self, ctx: &mut Context<'_>) -> Result<Vec<Json>> {
        let from = "FROM machine_machinesetting s WHERE s.machine_config = $1";
        let rows: Vec<StoredSetting> = selected::all(ctx.conn, from, &[self.id.into()])?;
        Ok(self
            .settings()
            .map(|(kind, setting)| {
                let row = rows.iter().find(|row| row.key == setting.key && row.config_type == kind);
                let value = row.map_or(setting.default, |row| row.value.as_str());
                let value = if setting.secret && !value.is_empty() { HIDDEN } else { value };
                let choices: Vec<Json> =
                    setting.choices.iter().map(|(value, name)| json!({"value": value, "display_name": name})).collect();
                let related = !setting.model.is_empty();
                json!({
                    "pk": row.map_or(0, |row| row.id), "key": setting.key, "value": value, "name": setting.name,
                    "description": setting.description,
                    "type": if related { "related field" } else { setting.kind },
                    "choices": choices, "model_name": related.then_some(setting.model), "model_filters": null,
                    "api_url": related.then_some("/api/stock/location/"), "typ": "machine_config",
                    "units": "", "required": setting.required, "confirm": false, "confirm_text": "",
                    "config_type": kind,
                })
            })
            .collect())
    }
}

const VIEWED: Access = Access::Right("machine_machineconfig", Permission::View);
const CHANGED: Access = Access::Right("machine_machineconfig", Permission::Change);

/// `GET /api/machine/{id}/settings/`.
pub(super) static SETTINGS: Action =
    action(Method::Get, "/api/machine/{id}/settings/", "machine_settings_list", VIEWED, |ctx, args| {
        let found = machine(ctx, args)?;
        Ok(Answer::json(200, &Json::Array(found.shown(ctx)?)))
    })
    .response(200, Shape::List(&VIEW))
    .help("Settings of a machine and of its driver.");

/// `GET /api/machine/{id}/settings/{config_type}/{key}/`.
pub(super) static SETTING: Action =
    action(Method::Get, "/api/machine/{id}/settings/{config_type}/{key}/", "machine_settings_retrieve", VIEWED, one)
        .response(200, Shape::Object(&VIEW))
        .help("A setting of a machine.");

/// `PUT /api/machine/{id}/settings/{config_type}/{key}/`.
pub(super) static SETTING_PUT: Action =
    action(Method::Put, "/api/machine/{id}/settings/{config_type}/{key}/", "machine_settings_update", CHANGED, change)
        .request(Shape::Object(&VIEW))
        .response(200, Shape::Object(&VIEW))
        .help("Changes a setting of a machine.");

/// `PATCH /api/machine/{id}/settings/{config_type}/{key}/`.
pub(super) static SETTING_PATCH: Action = action(
    Method::Patch,
    "/api/machine/{id}/settings/{config_type}/{key}/",
    "machine_settings_partial_update",
    CHANGED,
    change,
)
.request(Shape::Object(&VIEW))
.response(200, Shape::Object(&VIEW))
.help("Changes a setting of a machine.");

fn wanted(found: &Found, args: &Args) -> Result<(&'static str, &'static Setting)> {
    let [kind, key] = [1, 2].map(|at| args.get(at).map_or("", String::as_str));
    let fits = |(of, setting): &(&'static str, &'static Setting)| *of == kind && setting.key.eq_ignore_ascii_case(key);
    found.settings().find(fits).ok_or(Error::NotFound)
}

fn one(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let found = machine(ctx, args)?;
    let (kind, setting) = wanted(&found, args)?;
    let shown = found.shown(ctx)?.into_iter().find(|row| row["key"] == setting.key && row["config_type"] == kind);
    Ok(Answer::json(200, &shown.unwrap_or_default()))
}

request! {
    struct SettingRequest of VIEW {
        value: Sent<String>,
    } without []
}

fn change(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let found = machine(ctx, args)?;
    let (kind, setting) = wanted(&found, args)?;
    if let Some(value) = SettingRequest::read(ctx)?.value.change() {
        let value = value.unwrap_or_default().trim().to_owned();
        // what stands for a secret leaves it as it is
        if !(setting.secret && value == HIDDEN) {
            check(ctx.conn, setting, &value).map_err(|why| Error::field("value", why))?;
            let sql = "INSERT INTO machine_machinesetting (machine_config, config_type, key, value) VALUES ($1, $2, $3, $4) \
                       ON CONFLICT (machine_config, config_type, key) DO UPDATE SET value = excluded.value";
            ctx.conn.execute(sql, &[found.id.into(), kind.into(), setting.key.into(), value.into()])?;
            status::forget(&found.uuid);
        }
    }
    one(ctx, args)
}

/// Checks a value of a setting.
///
/// # Errors
/// What is wrong with it, for the user.
pub(super) fn check(conn: &mut Connection, setting: &Setting, value: &str) -> std::result::Result<(), String> {
    if value.chars().count() > 2_000 || value.chars().any(char::is_control) {
        return Err("Enter one line of up to 2,000 characters.".into());
    }
    if value.is_empty() {
        return if setting.required { Err("A value is required.".into()) } else { Ok(()) };
    }
    if !setting.choices.is_empty() && !setting.choices.iter().any(|(known, _)| *known == value) {
        return Err("Select one of the choices.".into());
    }
    if setting.kind == "integer" {
        let (least, most) = setting.limits;
        if !value.parse::<i64>().is_ok_and(|number| (least..=most).contains(&number)) {
            return Err(format!("Enter a whole number from {least} to {most}."));
        }
    }
    if setting.model == "stock.stocklocation" {
        let there = match value.parse::<i64>() {
            Ok(key) => conn.one("SELECT 1 FROM stock_stocklocation WHERE id = $1", &[key.into()]),
            Err(_) => Ok(None),
        };
        if !matches!(there, Ok(Some(_))) {
            return Err("This location does not exist.".into());
        }
    }
    Ok(())
}
