//! Custom physical units, and a list of all units.

use std::sync::{Arc, Mutex, PoisonError};

use ironwood_base::error::{Fields, NON_FIELD};
use ironwood_base::unit::{UnitError, Units};
use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::resource::{Access, Action, Args, Delete, NO_RULES, Resource, Rules, Shape, action, sort};
use ironwood_rest::view::{TEXT, Type, View, col, pk, value};
use ironwood_store::Value;
use serde_json::{Map, Value as Json, json};

use crate::lists;
use crate::platform::common::unit::{self, AddedUnit};
use crate::schema::common::CUSTOM_UNIT as TABLE;
use crate::schema::keys::AnyKey;

static VIEW: View = View::new(
    "CustomUnit",
    &TABLE,
    &[
        pk(),
        col("name").help("Name of the unit."),
        col("symbol").help("Symbol of the unit."),
        col("definition").help("Definition in terms of other units (`12 inch`)."),
    ],
);

/// Units that were added to the common ones.
pub(crate) static UNIT: Resource = Resource::new("/api/units/", "units", &VIEW)
    .access(Access::StaffWrites)
    .sorts(&[
        sort("pk", &["{id}"]),
        sort("name", &["{name}"]),
        sort("symbol", &["{symbol}"]),
        sort("definition", &["{definition}"]),
    ])
    .rules(Rules { check, saved, delete: Delete::Many(delete), ..NO_RULES })
    .help("Custom physical units.");

fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|c| c.is_alphabetic() || c == '_') && letters.all(|c| c.is_alphanumeric() || c == '_')
}

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let own = change.id.unwrap_or(0);
    let (name, symbol) = (change.text("name").to_owned(), change.text("symbol").to_owned());
    let definition = change.text("definition").to_owned();
    let mut fields = Fields::new();
    if !is_name(&name) {
        fields.add("name", "Name must consist of letters, digits, and underscores, and must not begin with a digit.");
    }
    if !symbol.is_empty() && change.is_changed("symbol") {
        let sql = "SELECT 1 FROM common_customunit WHERE symbol = $1 AND id <> $2";
        if ctx.conn.one(sql, &[symbol.as_str().into(), Value::Int(own)])?.is_some() {
            fields.add("symbol", "Another unit already has this symbol.");
        }
    }
    fields.check()?;
    let others = unit::added(ctx.conn, own)?;
    let mut all = others.clone();
    all.push(AddedUnit { name, symbol, definition });
    if let Err(why) = unit::with(&all) {
        // what was wrong before is not the fault of this one
        let is_own = unit::with(&others).is_ok() || matches!(why, UnitError::Cycle(_));
        let own_units = unit::with(&all[others.len()..]);
        if is_own || own_units.is_err() {
            return Err(Error::field("definition", why.to_string()));
        }
    }
    Ok(())
}

/// What is kept in the unit follows it.
fn saved(ctx: &mut Context<'_>, change: &Change, id: AnyKey) -> Result<()> {
    let mut before = unit::added(ctx.conn, id.id())?;
    let old = |column: &str| match change.old(column) {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    if let (Some(name), Some(definition)) = (old("name"), old("definition")) {
        before.push(AddedUnit { name, symbol: old("symbol").unwrap_or_default(), definition });
    }
    let field = if change.is_changed("definition") { "definition" } else { "name" };
    lists::units_changed(ctx, &before, field)
}

/// A unit that is in use stays.
fn delete(ctx: &mut Context<'_>, ids: &[AnyKey]) -> Result<bool> {
    let before = unit::added(ctx.conn, 0)?;
    ctx.conn.execute_keys("DELETE FROM common_customunit WHERE id IN ({keys})", ids)?;
    lists::units_changed(ctx, &before, NON_FIELD)?;
    Ok(false)
}

static ABOUT: View = View::plain(
    "AllUnitListResponse",
    &[
        value("default_system", TEXT).writable().required(),
        value("available_systems", Type::Texts).writable().required(),
        value("available_units", Type::Any).writable().required().option_type("nested object"),
    ],
);

/// Units, and the answer that lists them.
type Listed = Option<(Arc<Units>, Vec<u8>)>;

/// The answer that was made last: units seldom change.
static LISTED: Mutex<Listed> = Mutex::new(None);

/// All units that quantities can be given in.
pub(crate) static ALL: Action = action(Method::Get, "/api/units/all/", "units_all_retrieve", Access::SignedIn, all)
    .response(200, Shape::Object(&ABOUT))
    .help("All available units.");

fn all(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let units = unit::load(ctx.conn)?;
    let mut listed = LISTED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((of, body)) = listed.as_ref()
        && Arc::ptr_eq(of, &units)
    {
        return Ok(Answer::json_bytes(200, body.clone()));
    }
    let mut available = Map::new();
    for about in units.all() {
        available.insert(
            about.name.to_owned(),
            json!({
                "name": about.name, "is_alias": about.is_alias,
                "compatible_units": about.compatible, "isdimensionless": about.is_dimensionless,
            }),
        );
    }
    let body = json!({
        "default_system": "mks",
        "available_systems": ["Planck", "SI", "US", "atomic", "cgs", "imperial", "mks"],
        "available_units": Json::Object(available),
    });
    let body = body.to_string().into_bytes();
    *listed = Some((units, body.clone()));
    Ok(Answer::json_bytes(200, body))
}
