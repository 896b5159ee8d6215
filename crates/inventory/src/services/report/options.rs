//! What OPTIONS tells of a request to print labels: the fields of the chosen printing plugin, and the machines that can
//! be chosen, the one used last first.

use ironwood_base::Result;
use ironwood_rest::context::Context;
use ironwood_rest::options;
use ironwood_rest::view::View;
use ironwood_store::Connection;
use serde_json::{Map, Value as Json, json};

use crate::platform::settings::{self, OwnSettings, keys};
use crate::schema::keys::{UserKey, caller_key};
use crate::schema::stock::LOCATION;
use crate::services::machine;

/// Fields of every request.
const ALWAYS: &[&str] = &["template", "plugin", "items"];
/// What prints labels into a file; used where a request names nothing.
pub(crate) const PLAIN: &str = "inventreelabel";
/// What prints labels on sheets.
pub(crate) const SHEETS: &str = "inventreelabelsheet";
/// What prints labels on a machine.
pub(crate) const MACHINES: &str = "inventreelabelmachine";
/// Fields of requests to print sheets.
const OF_SHEETS: &[&str] = &["page_size", "landscape", "skip", "border", "margin", "gap", "columns", "rows"];
/// Setting of a user: keys of the machines that they printed on, the last one first.
const LAST_USED: keys::Key<str, keys::User> = keys::LAST_USED_PRINTING_MACHINES;
/// Most machines that are remembered.
const REMEMBERED: usize = 10;

/// The fields of a request, by the `plugin` in the query.
pub(super) fn fields(ctx: &mut Context<'_>, view: &'static View) -> Result<Map<String, Json>> {
    let mut all = options::accepted(ctx, view)?;
    let plugin = ctx.request.param("plugin").unwrap_or_default().to_owned();
    all.retain(|name, _| {
        let name = name.as_str();
        let is_of_machines = matches!(name, "machine" | "driver_options");
        ALWAYS.contains(&name)
            || (plugin == SHEETS && OF_SHEETS.contains(&name))
            || (plugin == MACHINES && is_of_machines)
    });
    if plugin == MACHINES {
        let printers = printers(ctx)?;
        if let Some(Json::Object(field)) = all.get_mut("machine") {
            field.insert("type".into(), "choice".into());
            field.insert("required".into(), true.into());
            field.insert("default".into(), printers.first().map_or(Json::Null, |(key, _)| key.as_str().into()));
            let choices = printers.iter().map(|(key, name)| json!({"value": key, "display_name": name}));
            field.insert("choices".into(), choices.collect());
        }
        // those of the machine in the query, else of the one that is chosen at first
        let first = printers.first().map_or("", |(key, _)| key.as_str());
        let chosen = ctx.request.param("machine").filter(|key| !key.is_empty()).unwrap_or(first).to_owned();
        let children = Json::Object(machine::request::describe(ctx, &chosen)?);
        if let Some(Json::Object(field)) = all.get_mut("driver_options") {
            // `child` is where other clients look for them
            let child = json!({"type": "nested object", "children": children});
            field.insert("children".into(), children);
            field.insert("type".into(), "dependent field".into());
            field.insert("depends_on".into(), json!(["machine"]));
            field.insert("child".into(), child);
        }
    }
    Ok(all)
}

/// Keys and names of the machines that can print, those that the user printed on lately first.
fn printers(ctx: &mut Context<'_>) -> Result<Vec<(String, String)>> {
    let lately = last_used(ctx.conn, caller_key(ctx))?;
    let shows_places = ctx.caller.sees(LOCATION.name);
    let mut all = machine::printers(ctx.conn, shows_places)?;
    let rank = |key: &str| lately.iter().position(|used| used == key).unwrap_or(usize::MAX);
    all.sort_by_key(|(key, _)| rank(key));
    if let Some((key, name)) = all.first_mut()
        && lately.contains(key)
    {
        name.push_str(" (last used)");
    }
    Ok(all)
}

fn last_used(conn: &mut Connection, user: UserKey) -> Result<Vec<String>> {
    let settings = OwnSettings::load(conn, user)?;
    let text = settings.text(LAST_USED);
    Ok(text.split(',').map(str::trim).filter(|key| !key.is_empty()).map(str::to_owned).collect())
}

/// Remembers that the user printed on a machine.
pub(super) fn remember(ctx: &mut Context<'_>, machine: &str) -> Result<()> {
    let user = caller_key(ctx);
    let mut keys = last_used(ctx.conn, user)?;
    if keys.first().is_some_and(|key| key == machine) {
        return Ok(());
    }
    keys.retain(|key| key != machine);
    keys.insert(0, machine.to_owned());
    keys.truncate(REMEMBERED);
    settings::set_user(ctx.conn, user, LAST_USED.name(), &keys.join(","))?;
    Ok(())
}
